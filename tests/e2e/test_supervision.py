"""A supervisor sees the floor, serves somebody out of turn, tries a policy on yesterday and puts it in force.

Source: 2.4.3-03, 2.4.3-05; issue, "Done when".
"""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.deployment import Deployment
from tests.e2e.conftest import OpenBrowser
from tests.e2e.faces import ZH, VisitorPage, console_of

SLOW_MS = 60_000
"""A replay takes seconds of processor time, on a busy test machine too."""


async def waiting_visitor(open_browser: OpenBrowser, deployment: Deployment, text: str) -> VisitorPage:
    visitor = VisitorPage(await (await open_browser(ZH)).new_page(), deployment, ZH)
    await visitor.arrive()
    await visitor.open_widget()
    await visitor.ask_for_a_person()
    await visitor.write(text)
    await visitor.sees(text)
    return visitor


async def go(page: Page, place: str) -> None:
    await page.get_by_role("navigation").get_by_role("button", name=place, exact=True).click()


async def test_the_floor_is_seen_and_steered(deployment: Deployment, open_browser: OpenBrowser) -> None:
    agent = await console_of(await open_browser(ZH), deployment, ZH, "1003")
    await agent.go_ready()
    supervisor = await console_of(await open_browser(ZH), deployment, ZH, "2001")
    page = supervisor.page
    await go(page, "现场")
    other = page.get_by_role("table", name="客户群").get_by_role("row", name=re.compile("他网及其他本地品牌"))
    await expect(other).to_contain_text("暂无请求")

    # One is offered, two wait: the row counts them as they come
    await waiting_visitor(open_browser, deployment, "第一位")
    await expect(agent.page.get_by_role("button", name=re.compile(ZH.accept))).to_be_visible()
    await waiting_visitor(open_browser, deployment, "第二位")
    last = await waiting_visitor(open_browser, deployment, "急事，家里断网")
    await expect(other.get_by_role("cell").nth(5)).to_have_text("2")

    # The second of them cannot wait
    await other.get_by_role("link").click()
    urgent = page.get_by_role("listitem").filter(has_text="急事，家里断网")
    await urgent.get_by_role("button", name="优先接入").click()
    await expect(urgent.get_by_text("已优先")).to_be_visible()
    thread = agent.page.get_by_role("log")
    await agent.accept()
    await expect(thread.get_by_text("第一位")).to_be_visible()
    await agent.accept()
    await expect(thread.get_by_text("急事，家里断网")).to_be_visible()
    await agent.write("我马上为您查询")
    await last.sees("我马上为您查询")
    await expect(other.get_by_role("cell").nth(5)).to_have_text("0")
    await expect(other).to_contain_text(re.compile("达标|接近"))


async def test_a_policy_is_tried_on_yesterday_and_put_in_force(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    supervisor = await console_of(await open_browser(ZH), deployment, ZH, "2001")
    page = supervisor.page
    await go(page, "路由")
    await expect(page.get_by_text("没有修改", exact=True)).to_be_visible()
    await page.get_by_text("先救还来得及的").first.click()
    await expect(page.get_by_text("1 处修改未保存")).to_be_visible()

    # What would it have done with yesterday's traffic?
    await page.get_by_role("button", name="用昨天的话务试算").click()
    result = page.get_by_role("table").filter(has_text="神州行")
    await expect(result).to_be_visible(timeout=SLOW_MS)
    await expect(result.get_by_role("row", name=re.compile("达标的客户群"))).to_contain_text("/ 8")

    await page.get_by_role("button", name="核对并保存").click()
    await page.get_by_role("button", name="保存并生效").click()
    await expect(page.get_by_text("第 2 版已生效").first).to_be_visible()
    await go(page, "现场")
    await expect(page.get_by_text("策略：差距优先，先救还来得及的").first).to_be_visible()
