"""The story of an article: written, reviewed, published to two targets, edited by two at once, withdrawn."""

from __future__ import annotations

import re
import time
from urllib.parse import quote

from playwright.async_api import Locator, Page, expect

from tests.deployment import Deployment
from tests.e2e.conftest import OpenBrowser
from tests.e2e.faces import ZH, console_of

WAIT_MS = 20_000
EDITOR = "1003"
REVIEWER = "1002"
SECOND_EDITOR = "2001"
TITLE = "卫星短信怎么开通"
IN_OTHER_WORDS = "在荒山里没有信号还能不能给家里发短信"
QUESTIONS = "1. 手机能发卫星短信吗\n2、没信号怎么发短信\n- 手机能发卫星短信吗"


class KnowledgeDesk:
    """The knowledge place of a console, by what it says."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open(self) -> None:
        await self.page.get_by_role("button", name=re.compile("^知识")).click()
        await expect(self.page.get_by_role("heading", name="知识库")).to_be_visible(timeout=WAIT_MS)

    async def open_article(self, title: str, scope: str) -> None:
        await self.page.get_by_role("listbox", name="范围").get_by_role("option", name=scope).click()
        await self.page.get_by_role("option", name=title).click()
        await expect(self.page.get_by_role("heading", name=title).first).to_be_visible(timeout=WAIT_MS)

    async def tab(self, name: str) -> None:
        await self.page.get_by_role("tab", name=name).click()

    async def save(self) -> None:
        await self.page.get_by_role("button", name="保存为新版本").click()

    async def says(self, text: str) -> None:
        await expect(self.page.get_by_role("status").get_by_text(text)).to_be_visible(timeout=WAIT_MS)


async def desk_of(open_browser: OpenBrowser, deployment: Deployment, login: str) -> KnowledgeDesk:
    console = await console_of(await open_browser(ZH), deployment, ZH, login)
    desk = KnowledgeDesk(console.page)
    await desk.open()
    return desk


async def test_an_article_is_written_reviewed_published_contested_and_withdrawn(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    editor = await desk_of(open_browser, deployment, EDITOR)
    await _write(editor)
    await _submit(editor)

    reviewer = await desk_of(open_browser, deployment, REVIEWER)
    await _approve_and_publish(reviewer)

    visitor = await (await open_browser(ZH)).new_page()
    address = await _find_in_other_words(visitor, deployment)

    second = await desk_of(open_browser, deployment, SECOND_EDITOR)
    await _contest(editor, second)

    await _withdraw(reviewer)
    await _gone_everywhere(visitor, deployment, address)


async def test_by_keyboard_an_article_for_one_group_is_handed_in_and_judged(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    editor = await desk_of(open_browser, deployment, EDITOR)
    page = editor.page
    await page.get_by_role("button", name="写文章").click()
    await page.get_by_label("标题（标准问题）").fill(TITLE)
    await page.get_by_label("分类").last.select_option(label="手机业务 / 套餐与流量")
    await page.get_by_role("radio", name="座席").check()
    await page.get_by_role("checkbox", name="大客户座席群").check()
    await _press(page.get_by_role("button", name="保存草稿"))
    await expect(page.get_by_role("tab", name="版本 1")).to_be_visible(timeout=WAIT_MS)
    await _still_in(page, "article")
    await _press(page.get_by_role("button", name="提交审核"))
    await _still_in(page, "article")
    form = page.locator("form").filter(has_text="提交第 1 版审核")
    await form.get_by_role("checkbox", name="王建国").check()
    await _press(form.get_by_role("button", name="提交审核"))
    await expect(page.get_by_text("还没有回复")).to_be_visible(timeout=WAIT_MS)
    await _still_in(page, "article")

    # Wherever the reviewer is in the window he is told, and he sees for whom it is before he agrees.
    console = await console_of(await open_browser(ZH), deployment, ZH, REVIEWER)
    await expect(console.page.get_by_title("1 篇文章等您审核")).to_be_visible(timeout=WAIT_MS)
    reviewer = KnowledgeDesk(console.page)
    await reviewer.open()
    await reviewer.open_article(TITLE, "待我审核")
    await expect(reviewer.page.get_by_text("座席 · 大客户座席群")).to_be_visible(timeout=WAIT_MS)
    await reviewer.page.get_by_role("button", name="要求修改").click()
    await expect(reviewer.page.get_by_text("请写明要修改什么。")).to_be_visible(timeout=WAIT_MS)
    await _press(reviewer.page.get_by_role("button", name="同意", exact=True))
    await expect(reviewer.page.get_by_text("已通过审核，可以发布。")).to_be_visible(timeout=WAIT_MS)
    await _still_in(reviewer.page, "article")
    await expect(reviewer.page.get_by_title("1 篇文章等您审核")).to_have_count(0)


async def test_a_question_put_back_takes_its_draft_along_or_leaves_it(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    desk = await desk_of(open_browser, deployment, EDITOR)
    page = desk.page
    question = "怎么把套餐送给外星人"
    await page.request.get(f"{deployment.origin}/api/v1/kb/search?q={quote(question)}&place=help")
    await page.get_by_role("link", name="学习").click()
    row = page.locator(".gaps > li").filter(has_text=question)
    deadline_s = time.monotonic() + WAIT_MS / 1000
    while not await row.is_visible() and time.monotonic() < deadline_s:
        await page.reload()
        await expect(page.get_by_role("radio", name="待处理")).to_be_visible(timeout=WAIT_MS)
    for way, fate in (("放回，草稿移入回收站", "在回收站里"), ("放回，保留草稿", "保留不变")):
        await row.get_by_role("button", name="写文章").click()
        await row.get_by_label("放入分类").select_option(label="手机业务 › 套餐与流量")
        await row.get_by_role("button", name="写文章").last.click()
        await desk.says(f"已新建草稿《{question}》")
        await _press(page.get_by_role("button", name="放回待处理"))
        await page.get_by_role("alertdialog").get_by_role("button", name=way).click()
        await desk.says(f"已放回待处理，《{question}》{fate}")
        await _still_in(page, "form")
    await page.get_by_role("link", name="文章").click()
    for scope in ("草稿", "回收站"):
        await page.get_by_role("listbox", name="范围").get_by_role("option", name=f"{scope} 1").click()
        await expect(page.get_by_role("option", name=question)).to_have_count(1, timeout=WAIT_MS)


async def _press(button: Locator) -> None:
    """By keyboard."""
    await button.focus()
    await button.press("Enter")


async def _still_in(page: Page, pane: str) -> None:
    """The focus is where one works, though what had it is gone."""
    await expect(page.locator(f".kb-{pane}:focus-within, .kb-{pane}:focus")).to_have_count(1, timeout=WAIT_MS)


async def _write(desk: KnowledgeDesk) -> None:
    page = desk.page
    await page.get_by_role("button", name="写文章").click()
    await page.get_by_label("标题（标准问题）").fill(TITLE)
    body = page.get_by_label("正文", exact=True)
    await body.fill("## 开通\n\n| 资费 | 每月 |\n| --- | --- |\n| 卫星短信 | 10 元 |\n\n")
    preview = page.get_by_role("region", name="预览")
    await expect(preview.get_by_role("heading", name="开通")).to_be_visible(timeout=WAIT_MS)
    await expect(preview.get_by_role("cell", name="10 元")).to_be_visible(timeout=WAIT_MS)
    await page.get_by_label("相似问法").fill(QUESTIONS)
    await expect(page.get_by_text("1 行重复，不会保存")).to_be_visible(timeout=WAIT_MS)
    await page.get_by_label("分类").last.select_option(label="手机业务 / 套餐与流量")

    # What is not saved outlives a reload, and is asked about when one leaves.
    await page.reload()
    await expect(page.get_by_label("标题（标准问题）")).to_have_value(TITLE, timeout=WAIT_MS)
    await page.get_by_role("link", name="热点").click()
    await page.get_by_role("button", name="继续编辑").click()
    await expect(page.get_by_label("标题（标准问题）")).to_have_value(TITLE, timeout=WAIT_MS)

    await page.get_by_role("button", name="保存草稿").click()
    await expect(page.get_by_role("tab", name="版本 1")).to_be_visible(timeout=WAIT_MS)
    await expect(page.get_by_label("相似问法")).to_have_value(
        "手机能发卫星短信吗\n没信号怎么发短信", timeout=WAIT_MS
    )


async def _submit(desk: KnowledgeDesk) -> None:
    page = desk.page
    await page.get_by_role("button", name="提交审核").click()
    form = page.locator("form").filter(has_text="提交第 1 版审核")
    await expect(form.get_by_role("checkbox", name="王建国")).to_be_visible(timeout=WAIT_MS)
    await form.get_by_role("checkbox", name="王建国").check()
    await form.get_by_role("button", name="提交审核").click()
    await expect(page.get_by_text("还没有回复")).to_be_visible(timeout=WAIT_MS)


async def _approve_and_publish(desk: KnowledgeDesk) -> None:
    page = desk.page
    await desk.open_article(TITLE, "待我审核")
    for target in ("网上知识库", "座席知识库"):
        await page.get_by_role("checkbox", name=target).check()
    await page.get_by_role("button", name="同意").click()
    await page.get_by_role("button", name="发布", exact=True).click()
    form = page.locator("form").filter(has_text="发布第 1 版")
    await form.get_by_role("button", name="发布", exact=True).click()
    for target in ("网上知识库", "座席知识库"):
        await expect(page.get_by_role("row", name=target)).to_contain_text("线上第 1 版", timeout=WAIT_MS)


async def _find_in_other_words(page: Page, deployment: Deployment) -> str:
    """The article's address, once it is found."""
    found = page.locator("#list").get_by_role("link", name=TITLE)
    deadline_s = time.monotonic() + WAIT_MS / 1000
    while not await found.first.is_visible() and time.monotonic() < deadline_s:
        await page.goto(f"{deployment.origin}/help/gd?q={quote(IN_OTHER_WORDS)}")
    await found.first.click()
    await expect(page.locator("#document").get_by_role("heading", name=TITLE)).to_be_visible(timeout=WAIT_MS)
    await expect(page.locator("#document").get_by_role("cell", name="10 元")).to_be_visible()
    return page.url


async def _gone_everywhere(page: Page, deployment: Deployment, address: str) -> None:
    """From the withdrawal on: found by nobody, neither by search, nor in the tree, nor by its address."""
    await page.goto(f"{deployment.origin}/help/gd?q={quote(IN_OTHER_WORDS)}")
    await expect(page.locator("#list-heading")).to_be_visible(timeout=WAIT_MS)
    await expect(page.get_by_role("link", name=TITLE)).to_have_count(0)
    assert (await page.request.get(address)).status == 404
    completions = await page.request.get(f"{deployment.origin}/api/v1/kb/complete?q={quote(TITLE[:3])}")
    assert TITLE not in await completions.text()


async def _contest(first: KnowledgeDesk, second: KnowledgeDesk) -> None:
    await second.open_article(TITLE, "已发布")
    body = second.page.get_by_label("正文", exact=True)
    await expect(body).to_have_value(re.compile("10 元"), timeout=WAIT_MS)
    text = await body.input_value()
    await body.fill(text.replace("10 元", "12 元"))

    await first.tab("内容")
    await first.page.get_by_label("正文", exact=True).fill(text.replace("10 元", "15 元"))
    await first.save()
    await expect(first.page.get_by_role("tab", name="版本 2")).to_be_visible(timeout=WAIT_MS)

    await second.save()
    await expect(second.page.get_by_role("heading", name="别人同时保存了新版本")).to_be_visible(
        timeout=WAIT_MS
    )
    await expect(second.page.locator("del").get_by_text("15")).to_be_visible(timeout=WAIT_MS)
    await expect(second.page.locator("ins").get_by_text("12")).to_be_visible(timeout=WAIT_MS)
    await second.page.get_by_role("button", name="以我的为准保存").click()
    await expect(second.page.get_by_role("tab", name="版本 3")).to_be_visible(timeout=WAIT_MS)
    await expect(second.page.get_by_label("正文", exact=True)).to_have_value(
        text.replace("10 元", "12 元"), timeout=WAIT_MS
    )


async def _withdraw(desk: KnowledgeDesk) -> None:
    page = desk.page
    await desk.tab("发布")
    await page.get_by_role("button", name="撤回").click()
    form = page.locator("form").filter(has_text="撤回这篇文章？")
    await expect(form.get_by_text("马上就看不到")).to_be_visible(timeout=WAIT_MS)
    await form.get_by_role("button", name="撤回").click()
    for target in ("网上知识库", "座席知识库"):
        row = page.get_by_role("row", name=target)
        await expect(row).to_contain_text("已撤回", timeout=WAIT_MS)
        await expect(row).to_contain_text("读者看不到", timeout=WAIT_MS)
