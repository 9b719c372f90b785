"""A supervisor mends the flow of a tier: a missing target is told by its line and not saved, a turn is played, the
mended flow is put in force for whoever begins now, what another one saved meanwhile is shown, and a flow that greets
nobody is deleted and brought back. Source: 2.3; issue, "Bad input".
"""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.deployment import Deployment
from tests.e2e.conftest import OpenBrowser
from tests.e2e.faces import ZH, VisitorPage, console_of

WAIT_MS = 20_000
SUPERVISOR = "2001"
ADMINISTRATOR = "9001"
FLOW = "神州行"
PLANS = "go: szx_plans"


class FlowsDesk:
    """The flows of a console, by what it says."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open(self) -> None:
        await self.page.get_by_role("navigation").get_by_role("button", name="流程", exact=True).click()
        await self.page.get_by_role("navigation", name="流程").get_by_role("link", name=FLOW).click()
        await expect(self.source).to_contain_text("flow: szx", timeout=WAIT_MS)

    @property
    def source(self) -> Locator:
        return self.page.get_by_role("textbox", name="流程 szx 的内容")

    async def find(self, text: str) -> None:
        """Select the first place where it stands."""
        await self.source.press("Control+Home")
        await self.source.press("Control+f")
        field = self.page.get_by_placeholder("查找")
        await field.fill(text)
        await field.press("Shift")  # it looks at what was written when a key comes up
        await field.press("Enter")
        await field.press("Escape")

    async def replace(self, text: str, by: str) -> None:
        await self.find(text)
        await self.page.keyboard.insert_text(by)

    async def view(self, name: str) -> None:
        await self.page.get_by_role("navigation", name="中间显示").get_by_role("link", name=name).click()

    async def says(self, text: str) -> None:
        await expect(self.page.get_by_role("status").get_by_text(text)).to_be_visible(timeout=WAIT_MS)

    async def sees(self, text: str | re.Pattern[str]) -> None:
        await expect(self.page.get_by_text(text).first).to_be_visible(timeout=WAIT_MS)


async def desk_of(open_browser: OpenBrowser, deployment: Deployment, login: str) -> FlowsDesk:
    console = await console_of(await open_browser(ZH), deployment, ZH, login)
    desk = FlowsDesk(console.page)
    await desk.open()
    return desk


async def test_a_flow_is_mended_played_saved_and_contested(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    first = await desk_of(open_browser, deployment, SUPERVISOR)
    second = await desk_of(open_browser, deployment, ADMINISTRATOR)

    await _break_a_target(first)
    await _mend_and_play(first)
    visitor = await _begin(open_browser, deployment)
    await _save(first)
    await _goes_on_as_it_began(visitor)
    await _greets(visitor)
    await _contest(second)
    await _restore(second)


async def test_a_flow_begins_with_a_form_and_another_is_deleted_and_brought_back(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    desk = await desk_of(open_browser, deployment, SUPERVISOR)
    await _begins_with_a_form(desk, open_browser, deployment)
    await _delete_and_bring_back(desk)


async def _break_a_target(desk: FlowsDesk) -> None:
    page = desk.page
    await desk.replace(PLANS, "go: szx_plan")
    problems = page.get_by_role("region", name="问题")
    broken = problems.get_by_role("button", name=re.compile("没有“szx_plan”这个节点"))
    await expect(broken).to_be_visible(timeout=WAIT_MS)
    await expect(broken).to_have_text(re.compile(r"第 27 行"))
    await expect(problems.get_by_role("button", name=re.compile("走不到“szx_plans”"))).to_be_visible()

    # The outline marks both; a click on a node goes to its line.
    outline = page.get_by_role("tabpanel", name="结构")
    await expect(outline.get_by_role("button", name=re.compile("szx_plans.*走不到"))).to_be_visible()
    await outline.get_by_role("button", name=re.compile("^migrate_form")).first.click()
    await expect(page.locator(".cm-activeLine")).to_contain_text("migrate_form:")

    await page.keyboard.press("Control+s")
    await desk.says("还有 1 个错误，没有保存")
    await expect(page.locator(".cm-activeLine")).to_contain_text("szx_plan")
    await desk.view("版本")
    await expect(page.get_by_role("button", name=re.compile("第 1 版"))).to_be_visible(timeout=WAIT_MS)
    await expect(page.get_by_role("button", name=re.compile("第 2 版"))).to_have_count(0)
    await desk.view("编辑")

    # What is not saved outlives a reload, and is asked about when one leaves.
    await page.reload()
    await expect(broken).to_be_visible(timeout=WAIT_MS)
    await page.get_by_role("navigation", name="流程").get_by_role("link", name="公共节点").click()
    await page.get_by_role("button", name="继续编辑").click()
    await expect(broken).to_be_visible()


async def _mend_and_play(desk: FlowsDesk) -> None:
    page = desk.page
    await desk.replace("go: szx_plan ", "go: szx_plans ")
    await expect(page.get_by_role("region", name="问题")).to_contain_text("没有问题", timeout=WAIT_MS)
    await expect(page.get_by_role("button", name="保存并启用")).to_have_count(0)  # all is as it was

    await desk.replace("用多少付多少", "用多少付多少，随时可查")
    await page.get_by_role("tab", name="试用").click()
    talk = page.get_by_role("log", name="试用的对话")
    await talk.get_by_role("button", name="套餐与流量").click()
    await expect(talk).to_contain_text("用多少付多少，随时可查", timeout=WAIT_MS)
    await page.get_by_label("以客户的身份写").fill("转人工")
    await page.get_by_label("以客户的身份写").press("Enter")
    await expect(talk).to_contain_text("客户要求人工", timeout=WAIT_MS)
    await expect(talk).to_contain_text("套餐与流量")
    await page.get_by_role("button", name="退回一步").click()
    await expect(talk).not_to_contain_text("客户要求人工", timeout=WAIT_MS)

    # Another wording, and the same turns are played again.
    await desk.replace("随时可查", "随时能查")
    await expect(talk).to_contain_text("用多少付多少，随时能查", timeout=WAIT_MS)


async def _save(desk: FlowsDesk) -> None:
    page = desk.page
    await desk.replace("idle_min: 20", "idle_min: 25")
    await desk.view("改动")
    await expect(page.get_by_role("figure")).to_contain_text("随时能查", timeout=WAIT_MS)
    await page.get_by_label("改了什么（选填）").fill("说清楚随时能查")
    await page.keyboard.press("Control+s")
    await desk.says("第 2 版已保存")
    await desk.view("版本")
    newest = page.get_by_role("listitem").filter(has_text="说清楚随时能查")
    await expect(newest.get_by_role("button", name=re.compile("第 2 版.*赵敏.*使用中"))).to_be_visible(
        timeout=WAIT_MS
    )


async def _begin(open_browser: OpenBrowser, deployment: Deployment) -> VisitorPage:
    visitor = VisitorPage(await (await open_browser(ZH)).new_page(), deployment, ZH)
    await visitor.sign_in("NF100007")
    await visitor.open_widget()
    await visitor.choose("号码与卡")
    await visitor.sees("您遇到了什么情况")
    return visitor


async def _goes_on_as_it_began(visitor: VisitorPage) -> None:
    await visitor.choose("返回主菜单")
    plans = visitor.panel.get_by_role("button", name="套餐与流量", exact=True)
    await expect(plans).to_have_count(2, timeout=WAIT_MS)  # of the greeting, and of the menu again
    await visitor.choose("套餐与流量")
    await visitor.sees(re.compile("用多少付多少"))
    await expect(visitor.panel.get_by_text("随时能查")).to_have_count(0)


async def _greets(visitor: VisitorPage) -> None:
    panel = visitor.panel
    await panel.get_by_role("button", name=ZH.menu, exact=True).click()
    await panel.get_by_role("menuitem", name="结束对话").click()
    await panel.get_by_role("alertdialog").get_by_role("button", name="结束对话").click()
    await visitor.choose("发起新的对话")
    await visitor.choose("套餐与流量")
    await visitor.sees(re.compile("随时能查"))


async def _contest(desk: FlowsDesk) -> None:
    page = desk.page
    await desk.replace("没有月租", "没有月租费")
    await desk.replace("您遇到了什么问题", "请问遇到了什么问题")
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page.get_by_role("heading", name="有人先保存了")).to_be_visible(timeout=WAIT_MS)
    await desk.sees(re.compile("赵敏.*保存了第 2 版"))
    difference = page.get_by_role("figure")
    await expect(difference).to_contain_text("没有月租费")
    await expect(difference).to_contain_text("随时能查")
    # Whose change it is; what only the other one changed can be taken over, and one goes on with the rest.
    await expect(difference.get_by_text("您和赵敏都改了")).to_be_visible()
    await expect(difference.get_by_text("您改的")).to_be_visible()
    theirs = difference.get_by_text("赵敏改的，您这里还是原来的")
    await expect(theirs).to_be_visible()
    await page.get_by_role("button", name="并入第 2 版的改动").click()
    await expect(theirs).to_have_count(0)
    await page.get_by_role("button", name="在我的上面继续编辑").click()
    await desk.says("您的改动现在基于第 2 版")
    await expect(desk.source).to_contain_text("idle_min: 25")
    await page.get_by_role("button", name="保存并启用").click()
    await desk.says("第 3 版已保存")
    outline = page.get_by_role("tabpanel", name="结构")
    await expect(outline.get_by_role("button", name=re.compile("没有月租费"))).to_be_visible(timeout=WAIT_MS)


async def _restore(desk: FlowsDesk) -> None:
    page = desk.page
    await desk.view("版本")
    await page.get_by_role("button", name=re.compile("第 2 版")).click()
    await page.get_by_role("button", name="恢复这一版").click()
    await desk.says("第 2 版已放进编辑器")
    await expect(page.get_by_role("figure")).to_contain_text("随时能查")
    await page.get_by_role("button", name="保存并启用").click()
    await desk.says("第 4 版已保存")


async def _begins_with_a_form(desk: FlowsDesk, open_browser: OpenBrowser, deployment: Deployment) -> None:
    await desk.replace("start: promotion", "start: migrate_form")
    await desk.page.get_by_role("button", name="保存并启用").click()
    await desk.says("第 2 版已保存")
    visitor = VisitorPage(await (await open_browser(ZH)).new_page(), deployment, ZH)
    await visitor.sign_in("NF100007")
    await visitor.open_widget()
    await visitor.panel.get_by_label("转入套餐").select_option("日常 59 元")
    await visitor.panel.get_by_label("神州行号码").fill("13800138000")
    await visitor.choose("提交")
    await visitor.sees("预约已收到")
    await expect(visitor.panel.locator("dl.filled")).to_contain_text("日常 59 元")


async def _delete_and_bring_back(desk: FlowsDesk) -> None:
    page = desk.page
    flows = page.get_by_role("navigation", name="流程")
    # What greets customers says first whom, and leads to where that is said.
    await page.get_by_role("button", name="删除流程").click()
    await desk.sees(re.compile("它接待：神州行"))
    await page.get_by_role("button", name="去改 tiers").click()
    await expect(page.locator(".cm-activeLine")).to_contain_text("tiers: [szx]")

    await page.get_by_role("button", name="新建流程", exact=True).click()
    await page.get_by_label("代码").fill("spare")
    await page.get_by_label("中文名").fill("春节备用")
    await page.get_by_label("英文名").fill("Spare")
    await page.get_by_role("button", name="开始编辑").click()
    await page.get_by_role("button", name="保存并启用").click()
    await desk.says("第 1 版已保存；它还不接待客户")
    await page.get_by_role("button", name="删除流程").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="删除流程").click()
    await desk.says("“春节备用”已删除")
    spare = flows.get_by_role("link", name=re.compile("春节备用"))
    await expect(spare).to_be_hidden(timeout=WAIT_MS)

    await flows.get_by_text("已删除（1）").click()
    await spare.click()
    await desk.sees(re.compile("赵敏.*删除了这个流程"))
    await page.get_by_role("button", name="恢复第 1 版").click()
    await page.get_by_role("button", name="保存并启用").click()
    await desk.says("第 3 版已保存")
    await expect(flows.get_by_text("已删除（1）")).to_have_count(0, timeout=WAIT_MS)
    await desk.view("版本")
    await desk.sees(re.compile("赵敏.*删除"))
