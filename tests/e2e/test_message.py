"""Nobody can chat now: a message is left, and answered where it was written. Source: 2.3-21, 2.3-23."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.deployment import Deployment
from tests.e2e.conftest import OpenBrowser
from tests.e2e.faces import EN, ZH, VisitorPage, Words, console_of


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh-CN", "en"])
async def test_a_message_to_nobody_is_answered_later(
    words: Words, deployment: Deployment, open_browser: OpenBrowser
) -> None:
    visitor = VisitorPage(await (await open_browser(words)).new_page(), deployment, words)
    await visitor.arrive()
    await visitor.open_widget()
    await visitor.ask_for_a_person()
    await visitor.write("我的宽带什么时候能装好？")
    await visitor.sees(words.nobody)

    # How to be reached: a slip is told, the corrected number is kept
    contact = visitor.panel.get_by_label(words.contact)
    save = visitor.panel.get_by_role("button", name=words.save_contact, exact=True)
    await contact.fill("1380013800")
    await save.click()
    await visitor.sees(words.contact_flaw)
    await contact.fill("13800138000")
    await save.click()
    await visitor.sees(words.contact_left)
    await visitor.write("急，麻烦尽快")

    # Still so after a reload
    await visitor.page.reload()
    await visitor.sees(words.nobody)
    await visitor.sees(words.contact_left)
    await expect(contact).to_have_count(0)

    agent = await console_of(await open_browser(words), deployment, words, "1003")
    await agent.go_ready()
    await agent.accept()
    await agent.sees(words.message)
    await expect(agent.page.get_by_text("13800138000")).to_have_count(2)  # in the log and beside it
    await agent.write("您好，明天上午上门安装。")
    await visitor.sees("您好，明天上午上门安装。")
    await expect(visitor.panel.get_by_text(words.nobody)).to_have_count(0)
    await expect(visitor.messages("急，麻烦尽快")).to_have_count(1)


async def test_who_would_wait_long_leaves_a_message(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    agent = await console_of(await open_browser(ZH), deployment, ZH, "1003")
    await agent.go_ready()
    visitor = VisitorPage(await (await open_browser(ZH)).new_page(), deployment, ZH)
    await visitor.arrive()
    await visitor.open_widget()
    await visitor.ask_for_a_person()
    await visitor.write("账单有一笔看不懂")
    await expect(agent.page.get_by_role("button", name=ZH.accept)).to_be_visible()

    # He pauses instead: the visitor waits for nobody, and would rather not
    await agent.page.get_by_role("button", name=ZH.ready).click()
    await agent.page.get_by_text(ZH.pause).click()
    await visitor.panel.get_by_role("button", name=ZH.leave).click()
    await visitor.panel.get_by_role("button", name=ZH.leave_go, exact=True).click()
    await visitor.sees(ZH.left)
    await expect(visitor.panel.get_by_label(ZH.contact)).to_be_visible()

    # And is answered when there is time
    await agent.page.get_by_role("button", name=ZH.go_ready).click()
    await agent.accept()
    await agent.write("这笔是上月的漫游费。")
    await visitor.sees("这笔是上月的漫游费。")
    await expect(visitor.panel.get_by_text(ZH.left)).to_have_count(0)
