"""What self-service leaves for the agent, and the knowledge base beside the conversation. Source: 2.4.3-04, 3.2.2-05."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.deployment import Deployment
from tests.e2e.conftest import OpenBrowser
from tests.e2e.faces import ZH, VisitorPage, console_of
from tests.e2e.test_selfservice import index

__all__ = ["index"]

QUESTION = "手机被偷了，卡要赶紧停掉"
READY_MS = 15_000


async def test_a_suggestion_is_inserted_taken_back_and_sent(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    visitor = VisitorPage(await (await open_browser(ZH)).new_page(), deployment, ZH)
    await visitor.sign_in("NF100007")
    await visitor.open_widget()
    await visitor.choose("套餐与流量")
    await visitor.sees("神州行没有月租")
    await visitor.write(QUESTION)
    await expect(visitor.panel.locator(".options").last).to_contain_text(
        re.compile("没|不"), timeout=READY_MS
    )
    await visitor.ask_for_a_person()

    console = await console_of(await open_browser(ZH), deployment, ZH, "1003")
    await console.go_ready()
    await console.accept()
    # In the thread, where it happened, and beside it, where it stays in sight
    card = console.page.locator(".thread .handed-over")
    await expect(card).to_contain_text("套餐与流量", timeout=READY_MS)
    await expect(card).to_contain_text(QUESTION)
    pane = console.page.locator(".assist")
    await expect(pane.locator(".handed-over")).to_contain_text(QUESTION)

    # Suggestions are for his question
    await expect(pane.locator(".assist-for")).to_contain_text(QUESTION, timeout=READY_MS)
    await expect(pane.locator(".assist-list")).to_contain_text("挂失")
    composer = console.page.locator("textarea").last
    await composer.fill("您好：")
    await console.page.keyboard.press("Alt+1")
    await expect(composer).to_have_value(re.compile("^您好：\n.*10086", re.DOTALL), timeout=READY_MS)
    inserted = await composer.input_value()
    await composer.press("Control+z")
    await expect(composer).to_have_value("您好：")

    # An article that is open is the one that is inserted
    await pane.locator(".assist-list .link").first.click()
    await expect(pane.locator(".assist-article h3")).to_be_visible(timeout=READY_MS)
    await expect(pane.locator(".assist-article ol").first).to_have_css("list-style-type", "decimal")
    await console.page.keyboard.press("Alt+1")
    await expect(composer).to_have_value(inserted, timeout=READY_MS)
    await expect(composer).to_be_focused()
    await composer.press("Enter")
    await expect(composer).to_have_value("")
    await visitor.sees(re.compile("您好："))
    await expect(visitor.panel.locator(".bubble").last).to_contain_text("10086")
