"""The story of the first issue, in two real browsers and two languages. Source: 3.4.3-03."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.deployment import Deployment
from tests.e2e.conftest import OpenBrowser
from tests.e2e.faces import EN, ZH, VisitorPage, Words, console_of


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh-CN", "en"])
async def test_from_a_question_to_a_transcript(
    words: Words, deployment: Deployment, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    visitor = VisitorPage(await (await open_browser(words)).new_page(), deployment, words)
    await visitor.arrive()
    await visitor.open_widget()
    await visitor.ask_for_a_person()
    await visitor.write("我的宽带什么时候能装好？<b>急</b>")
    await visitor.sees(words.nobody)

    first = await console_of(await open_browser(words), deployment, words, "1003")
    await first.go_ready()
    await first.accept()
    await first.sees("我的宽带什么时候能装好？<b>急</b>")
    await first.write("您好，我来**帮您**查询。")
    await visitor.sees("陈思远")
    await expect(visitor.panel.locator("strong", has_text="帮您")).to_be_visible()

    # A picture from the visitor
    picture = tmp_path / "合同.png"
    Image.new("RGB", (320, 200), "#3355dd").save(picture)
    await visitor.attach(picture)
    await expect(visitor.panel.get_by_text("合同.png").first).to_be_visible()
    await visitor.write("这是我的合同")
    await first.sees("这是我的合同")
    await expect(first.page.locator("img[alt*='合同']").first).to_be_visible(timeout=15_000)

    # Both reload
    await visitor.page.reload()
    await visitor.sees("这是我的合同")
    await first.page.reload()
    await first.page.get_by_text("这是我的合同").first.click()
    await first.sees("这是我的合同")

    # The server is killed in between; both come back by themselves
    deployment.kill("web")
    await visitor.write("断线期间写的")
    await first.sees("断线期间写的")
    await first.write("收到，没有丢。")
    await visitor.sees("收到，没有丢。")
    await expect(visitor.messages("断线期间写的")).to_have_count(1)

    # A note the visitor never sees, then a transfer to a colleague
    second = await console_of(await open_browser(words), deployment, words, "1002")
    await second.go_ready()
    await first.page.keyboard.press("Alt+t")
    await first.page.get_by_text("王建国").last.click()
    await first.page.get_by_label(words.transfer_note).fill("客户催装，请接手")
    await first.page.get_by_role("button", name=re.compile(words.transfer_to)).click()
    await second.accept()
    await second.sees("客户催装，请接手")
    await second.write("您好，我是王建国，明天上午上门。")
    await visitor.sees("您好，我是王建国，明天上午上门。")
    await expect(visitor.panel.get_by_text("客户催装，请接手")).to_have_count(0)

    # The end, and something to keep
    await visitor.write("谢谢")
    await second.sees("谢谢")
    await second.write("不客气，再见！")
    await second.page.get_by_role("button", name=words.close, exact=True).click()
    await visitor.sees(words.closed)
    async with visitor.page.expect_download() as kept:
        await visitor.panel.get_by_role("button", name=words.widget_transcript).first.click()
    transcript = (await (await kept.value).path()).read_text(encoding="utf-8")
    assert "断线期间写的" in transcript
    assert "&lt;b&gt;急&lt;/b&gt;" in transcript
    assert "客户催装" not in transcript
