"""Takes the README's pictures of the faces from a running sample installation; five minutes.

Run from the project's root: `.venv/bin/python -m scripts.screenshots`; writes docs/images/.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.deployment import Deployment, running
from tests.e2e.conftest import CHROMIUM_ARGS, find_chromium
from tests.e2e.faces import EN, ZH, ConsolePage, VisitorPage, Words

IMAGES = Path("docs/images")

_QUESTIONS = (
    ("NF100001", "上个月的国际漫游费好像多扣了，能帮我查一下吗？"),
    ("NF100005", "充值 50 元，余额没有变化"),
    ("NF100006", "怎么查询本月流量？"),
    ("NF100003", "我想换成畅行套餐，什么时候生效？"),
)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as deployment:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
            await take(browser, deployment)
            await help_oneself(browser, deployment)
            await lead(browser, deployment)
            await browser.close()


async def visitor(
    browser: Browser, deployment: Deployment, words: Words, customer: str, **options: object
) -> VisitorPage:
    size = {"width": 1280, "height": 800}
    context = await browser.new_context(**{"locale": words.locale, "viewport": size, **options})  # type: ignore[arg-type]
    face = VisitorPage(await context.new_page(), deployment, words)
    await face.arrive()
    if customer:
        await face.sign_in(customer)
    return face


async def take(browser: Browser, deployment: Deployment) -> None:
    waiting = []
    for customer, question in _QUESTIONS:
        face = await visitor(browser, deployment, ZH, customer)
        await face.open_widget()
        await face.ask_for_a_person()
        await face.write(question)
        await face.sees(ZH.nobody)
        waiting.append(face)
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    console = ConsolePage(await context.new_page(), deployment, ZH)
    await console.sign_in("1003")
    await console.go_ready()
    for _ in range(2):
        await console.accept()
        await asyncio.sleep(0.6)
    await console.page.get_by_text("国际漫游费").first.click()
    await console.write("陈女士您好，我来帮您核对上个月的漫游账单，请稍等。")
    await waiting[0].sees("陈女士您好")
    await waiting[0].write("好的，**10 月 12 日**那笔 128 元。")
    await console.sees("128 元")
    found = "查到了：\n- 10 月 12 日 日本 数据漫游 *28 元/天* × 4 天\n- 语音 16 元\n\n"
    await console.write(found + "第 4 天是跨时区重复计费，我为您申请退回 28 元。")
    await waiting[0].sees("重复计费")
    await asyncio.sleep(1.5)
    await console.page.screenshot(path=IMAGES / "console.png")
    await waiting[0].page.screenshot(path=IMAGES / "widget.png")
    await console.page.set_viewport_size({"width": 1280, "height": 720})
    await asyncio.sleep(0.5)
    await console.page.screenshot(path=IMAGES / "console-1280.png")
    await console.page.set_viewport_size({"width": 390, "height": 844})
    await asyncio.sleep(0.5)
    await console.page.screenshot(path=IMAGES / "console-390.png")
    phone = await visitor(
        browser,
        deployment,
        EN,
        "",
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
    )
    await phone.open_widget()
    await phone.write("Is 5G included in the Daily plan?")
    await asyncio.sleep(1.5)
    await phone.page.screenshot(path=IMAGES / "widget-phone.png")


async def help_oneself(browser: Browser, deployment: Deployment) -> None:
    """The help page with an answer, and a flow in its editor."""
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.goto(f"{deployment.origin}/help/gd?q=手机被偷了怎么办")
    await page.get_by_text("最可能的答案").wait_for(timeout=60_000)
    await page.screenshot(path=IMAGES / "help.png")
    console = ConsolePage(await context.new_page(), deployment, ZH)
    await console.sign_in("2001")
    await console.page.evaluate("location.hash = '#/flows/szx'")
    await console.page.get_by_role("tab", name="试用").click()
    await asyncio.sleep(2)
    await console.page.screenshot(path=IMAGES / "flows.png")


async def lead(browser: Browser, deployment: Deployment) -> None:
    """What a supervisor sees: the floor in a rush, and the routing plan."""
    rush = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "wecc", "rush", "--minutes", "2", "--visitors-per-min", "75"),
        env=deployment.environment(),
        stdout=asyncio.subprocess.DEVNULL,
    )
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    console = ConsolePage(await context.new_page(), deployment, ZH)
    await console.sign_in("2001")
    await console.page.get_by_role("navigation").get_by_role("button", name="现场").click()
    await console.page.get_by_text("30 分钟").click()
    await asyncio.sleep(110)
    await console.page.screenshot(path=IMAGES / "floor.png")
    await console.page.get_by_role("navigation").get_by_role("button", name="路由").click()
    await console.page.get_by_text("先救还来得及的").first.click()
    await console.page.get_by_role("button", name="用昨天的话务试算").click()
    result = console.page.get_by_role("table").filter(has_text="神州行")
    await result.wait_for(timeout=60_000)
    await asyncio.sleep(0.5)
    await console.page.screenshot(path=IMAGES / "routing.png")
    await rush.wait()


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    asyncio.run(main())
