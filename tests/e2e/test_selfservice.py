"""Self-service before a person is needed. Source: 2.3, 2.4.3-04, 3.2.2-05, 3.2.3-02."""

from __future__ import annotations

import asyncio
import json
import urllib.parse
import urllib.request

import pytest
from playwright.async_api import Locator, expect

from tests.deployment import Deployment
from tests.e2e.conftest import OpenBrowser
from tests.e2e.faces import EN, ZH, VisitorPage, console_of

GREETING = "神州行自助服务随时可用"
ARTICLE = "PUK 码在哪里查，手机锁卡怎么解"


_READY_S = 60.0


@pytest.fixture(autouse=True)
async def index(deployment: Deployment) -> None:
    """The knowledge base answers: right after the start its index may still be built."""
    async with asyncio.timeout(_READY_S):
        while not await asyncio.to_thread(_finds_something, deployment):
            await asyncio.sleep(0.2)


def _finds_something(deployment: Deployment) -> bool:
    query = urllib.parse.urlencode({"q": "PUK", "center": "gd"})
    try:
        with urllib.request.urlopen(f"{deployment.origin}/api/v1/kb/search?{query}", timeout=5) as answer:
            return bool(json.load(answer)["results"])
    except OSError:
        return False


async def _customer(deployment: Deployment, open_browser: OpenBrowser, customer: str) -> VisitorPage:
    context = await open_browser(ZH)
    visitor = VisitorPage(await context.new_page(), deployment, ZH)
    await visitor.sign_in(customer)
    await visitor.open_widget()
    return visitor


def _bubbles(visitor: VisitorPage) -> Locator:
    return visitor.panel.locator(".bubble")


async def test_a_question_is_solved_without_a_person(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    visitor = await _customer(deployment, open_browser, "NF100007")
    await visitor.sees(GREETING)
    await visitor.choose("套餐与流量")
    await visitor.sees("神州行没有月租")
    # The first step can be read, but no more be chosen from
    await expect(visitor.panel.get_by_role("button", name="充值缴费")).to_be_disabled()
    await visitor.write("PUK码忘了卡被锁了怎么办")
    # Answered at once, or offered among others: that depends on how sure the search is
    await visitor.sees(ARTICLE)
    if await visitor.panel.get_by_role("button", name=ARTICLE, exact=True).count():
        await visitor.choose(ARTICLE)
    await visitor.sees("PIN 连续输错 3 次后需要 PUK 码")

    # The article opens within the panel; going back finds all as it was
    said = await _bubbles(visitor).all_inner_texts()
    await visitor.panel.locator(".article-card").last.click()
    article = visitor.panel.frame_locator(".help-view iframe")
    await expect(article.get_by_role("heading", name=ARTICLE)).to_be_visible(timeout=15_000)
    await visitor.panel.get_by_role("button", name="返回对话").click()
    assert await _bubbles(visitor).all_inner_texts() == said

    # So does a reload in the middle
    await visitor.page.reload()
    await visitor.sees("PIN 连续输错 3 次后需要 PUK 码")
    await expect(_bubbles(visitor)).to_have_text(said, use_inner_text=True)
    await visitor.choose("解决了")
    await visitor.sees("很高兴帮到您")
    await visitor.choose("没有了，谢谢")
    await visitor.sees("问题已解决，对话结束")
    await expect(visitor.panel.get_by_text("前面说过的都在")).to_have_count(0)


async def test_a_form_keeps_what_was_filled_in_and_becomes_a_message(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    visitor = await _customer(deployment, open_browser, "NF100007")
    await visitor.choose("转品牌享优惠")
    await visitor.choose("填表预约办理")
    phone = visitor.panel.get_by_label("神州行号码")
    await phone.fill("1380013800")
    await visitor.choose("提交")
    await visitor.sees("请填写完整的电话号码")
    await expect(visitor.panel.get_by_label("转入套餐")).to_be_focused()
    await visitor.page.reload()
    await expect(phone).to_have_value("1380013800", timeout=15_000)
    await visitor.panel.get_by_label("转入套餐").select_option("日常 59 元")
    await phone.fill("13800138000")
    await visitor.choose("提交")
    await visitor.sees("预约已收到")
    await expect(visitor.panel.locator("dl.filled")).to_contain_text("日常 59 元")
    await visitor.sees("已为您留言，前面说过的都在")


async def test_a_person_gets_all_that_was_said_and_a_vip_goes_straight_to_one(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    console = await console_of(await open_browser(ZH), deployment, ZH, "1003")
    await console.go_ready()
    vip = await _customer(deployment, open_browser, "NF100001")
    await vip.sees("全球通 VIP")
    await vip.write("我的账单不对")
    await console.accept()
    await vip.sees("陈思远 为您服务")
    await console.sees("我的账单不对")

    visitor = await _customer(deployment, open_browser, "NF100007")
    await visitor.choose("套餐与流量")
    await visitor.sees("神州行没有月租")
    await visitor.write("话费怎么这么高")
    await visitor.sees("没有找到合适的答案")
    await visitor.ask_for_a_person()
    await visitor.sees("已为您转接人工，前面说过的都在")
    await console.accept()
    await visitor.sees("陈思远 为您服务")
    await console.sees("话费怎么这么高")


async def test_the_keyboard_leads_through_a_flow(deployment: Deployment, open_browser: OpenBrowser) -> None:
    context = await open_browser(EN)
    visitor = VisitorPage(await context.new_page(), deployment, EN)
    await visitor.arrive()
    await visitor.open_widget()
    panel, keyboard = visitor.panel, visitor.page.keyboard
    option = panel.get_by_role("button", name="Number and card")
    await option.focus(timeout=15_000)
    await keyboard.press("Enter")
    back = panel.get_by_role("button", name="Back to the main menu")
    await expect(back).to_be_enabled(timeout=15_000)
    # From where he was, the next thing to reach is the new choices
    await keyboard.press("Tab")
    await expect(panel.locator(".options").last.get_by_role("button").first).to_be_focused()

    # Help opens over the chat; back is where it was opened from
    await panel.get_by_role("button", name="Browse help").press("Enter")
    await expect(panel.get_by_role("button", name="Back to the chat")).to_be_focused()
    await keyboard.press("Escape")
    await expect(panel.get_by_role("button", name="Browse help")).to_be_focused()

    # What help has no answer to is put to a person; only help itself may ask so
    await visitor.page.locator("iframe").evaluate(
        "frame => frame.contentWindow.postMessage({ type: 'wecc:ask', text: 'forged' }, '*')"
    )
    await panel.get_by_role("button", name="Browse help").press("Enter")
    help_page = panel.frame_locator(".help-view iframe")
    await help_page.get_by_role("searchbox").or_(help_page.get_by_role("combobox")).fill("xyzzy plugh")
    await help_page.get_by_role("button", name="Ask a person").first.click()
    await visitor.sees("xyzzy plugh")
    await visitor.sees(EN.nobody)
    await expect(panel.get_by_text("forged")).to_have_count(0)
