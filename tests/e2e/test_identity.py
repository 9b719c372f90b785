"""A customer the operator's site vouches for, and one who signs out again. Source: 2.2-04, 2.3-03."""

from __future__ import annotations

from playwright.async_api import expect

from tests.deployment import Deployment
from tests.e2e.conftest import OpenBrowser
from tests.e2e.faces import ZH, VisitorPage, console_of


async def test_a_signed_in_customer_has_his_tier_and_leaves_nothing_behind(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    context = await open_browser(ZH)
    visitor = VisitorPage(await context.new_page(), deployment, ZH)
    await visitor.arrive()
    names = {cookie.get("name", "") for cookie in await context.cookies()}
    assert not [name for name in names if "wecc" in name], "no cookie of ours before the visitor acts"
    await visitor.sign_in("NF100001")
    await visitor.open_widget()
    await visitor.write("我想查一下积分")
    await visitor.sees(ZH.nobody)

    console = await console_of(await open_browser(ZH), deployment, ZH, "1003")
    await console.go_ready()
    await console.accept()
    await expect(console.page.get_by_role("heading", name="陈静仪")).to_be_visible(timeout=15_000)
    await expect(console.page.get_by_label(ZH.verified).first).to_be_visible()
    await console.sees("全球通VIP")
    await console.sees("NF100001")

    # He signs out; the next person at this browser starts afresh
    await visitor.page.get_by_role("button", name="退出", exact=True).click()
    await visitor.page.wait_for_url(f"{deployment.site}/**")
    await visitor.open_widget()
    await expect(visitor.panel.get_by_placeholder(ZH.write)).to_be_visible(timeout=15_000)
    await expect(visitor.panel.get_by_text("我想查一下积分")).to_have_count(0)
