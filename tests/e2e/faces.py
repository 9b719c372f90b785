"""The two faces as people use them: by what they read and press, in Chinese and in English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import BrowserContext, FrameLocator, Locator, Page, expect

from tests.deployment import Deployment


@dataclass(frozen=True)
class Words:
    """What the faces say in one language."""

    locale: str
    write: str
    send: str
    nobody: str
    menu: str
    person: str
    widget_transcript: str
    closed: str
    attach: str
    account: str
    password: str
    sign_in: str
    go_ready: str
    accept: str
    reply: str
    note: str
    transfer: str
    transfer_to: str
    transfer_note: str
    close: str
    ready: str
    verified: str
    contact: str
    save_contact: str
    contact_left: str
    contact_flaw: str
    message: str
    leave: str
    leave_go: str
    left: str
    pause: str


ZH = Words(
    locale="zh-CN",
    write="请输入您的问题",
    send="发送",
    nobody="现在没有客服在线",
    menu="更多",
    person="找人工",
    widget_transcript="下载对话记录",
    closed="客服结束了对话",
    attach="添加图片或文件",
    account="工号",
    password="密码",
    sign_in="登录",
    go_ready="开始接收请求",
    accept="接受",
    reply="回复",
    note="备注",
    transfer="转接",
    transfer_to="转接给",
    transfer_note="转接备注（可选）",
    close="结束会话",
    ready="就绪",
    verified="身份已核实",
    contact="手机号或邮箱（选填）",
    save_contact="提交",
    contact_left="可以联系到您：138****8000",
    contact_flaw="手机号应为 11 位，现在是 10 位",
    message="留言 · 无座席在线",
    leave="不想等？留言",
    leave_go="改为留言",
    left="已转为留言",
    pause="小休",
)
EN = Words(
    locale="en",
    write="How can we help?",
    send="Send",
    nobody="No agent is there right now",
    menu="More",
    person="Talk to a person",
    widget_transcript="Download transcript",
    closed="The agent ended the conversation",
    attach="Add a picture or file",
    account="Account",
    password="Password",
    sign_in="Sign in",
    go_ready="Go ready",
    accept="Accept",
    reply="Reply",
    note="Note",
    transfer="Transfer",
    transfer_to="Transfer to",
    transfer_note="Note (optional)",
    close="Close",
    ready="Ready",
    verified="Identity verified",
    contact="Phone or email (optional)",
    save_contact="Save",
    contact_left="We can reach you: 138****8000",
    contact_flaw="A mobile number has 11 digits, this one has 10",
    message="Message · nobody was there",
    leave="Rather not wait? Leave a message",
    leave_go="Leave a message",
    left="You left a message",
    pause="Break",
)


def watch(page: Page, complaints: list[str]) -> None:
    """Keep what a page complains about: errors, refused content (CSP), failed scripts."""
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))

    def said(kind: str, text: str) -> None:
        # A socket that is cut by a killed server, and "not signed in" at first, or a conflict, are no faults of the page.
        if kind == "error" and not re.search(r"WebSocket|ERR_CONNECTION|status of (401|409|503)", text):
            complaints.append(f"{page.url}: {text}")

    page.on("console", lambda message: said(message.type, message.text))


class VisitorPage:
    """A visitor on the sample operator's site."""

    def __init__(self, page: Page, deployment: Deployment, words: Words) -> None:
        self.page = page
        self.deployment = deployment
        self.words = words

    @property
    def panel(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    async def arrive(self, path: str = "/") -> None:
        lang = "zh" if self.words.locale == "zh-CN" else "en"
        await self.page.goto(f"{self.deployment.site}{path}?lang={lang}")

    async def sign_in(self, customer: str) -> None:
        """Become one of the sample customers, as the operator's own account page knows him."""
        await self.page.goto(f"{self.deployment.site}/sign-in")
        await self.page.locator(f"button[value={customer}]").click()
        await self.page.wait_for_url(lambda url: not url.endswith("/sign-in"))

    async def open_widget(self) -> None:
        await self.page.locator("wecc-widget").get_by_role("button").click()

    async def write(self, text: str) -> None:
        await self.panel.locator("textarea").fill(text)
        # A file on its way holds the message back.
        await expect(self.panel.get_by_role("button", name=self.words.send, exact=True)).to_be_enabled()
        await self.panel.locator("textarea").press("Enter")

    async def choose(self, label: str) -> None:
        """Press the newest quick reply of that name."""
        await self.panel.get_by_role("button", name=label, exact=True).last.click()

    async def ask_for_a_person(self) -> None:
        await self.panel.get_by_role("button", name=self.words.menu, exact=True).click()
        await self.panel.get_by_role("menuitem", name=self.words.person).click()

    async def attach(self, file: Path) -> None:
        await self.panel.locator("input[type=file]").set_input_files(file)

    async def sees(self, text: str | re.Pattern[str]) -> None:
        await expect(self.panel.get_by_text(text).last).to_be_visible(timeout=15_000)

    def messages(self, text: str) -> Locator:
        return self.panel.get_by_text(text, exact=True)


class ConsolePage:
    """An agent at the console."""

    def __init__(self, page: Page, deployment: Deployment, words: Words) -> None:
        self.page = page
        self.deployment = deployment
        self.words = words

    async def sign_in(self, login: str) -> None:
        words = self.words
        await self.page.goto(f"{self.deployment.origin}/console?center=gd")
        await self.page.get_by_label(words.account).fill(login)
        await self.page.get_by_label(words.password, exact=True).fill(f"wecc-{login}")
        await self.page.get_by_role("button", name=words.sign_in, exact=True).click()

    async def go_ready(self) -> None:
        await self.page.get_by_role("button", name=self.words.go_ready).click()

    async def accept(self) -> None:
        await self.page.get_by_role("button", name=re.compile(self.words.accept)).first.click()

    async def write(self, text: str) -> None:
        box = self.page.locator("textarea").last
        await box.fill(text)
        await box.press("Enter")

    async def sees(self, text: str | re.Pattern[str]) -> None:
        await expect(self.page.get_by_text(text).last).to_be_visible(timeout=15_000)


async def console_of(
    context: BrowserContext, deployment: Deployment, words: Words, login: str
) -> ConsolePage:
    console = ConsolePage(await context.new_page(), deployment, words)
    await console.sign_in(login)
    return console
