"""Customers help themselves: search in their own words, read, go back, find nothing, ask a person.

Source: 3.2.2-02, 05 … 08, 15 … 17, 5.4-04.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote

import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.deployment import Deployment, chosen_store, running
from tests.e2e.conftest import OpenBrowser
from tests.e2e.faces import EN, ZH, Words, watch
from tests.help.library import Library, token_of

PHONE = {"width": 390, "height": 844}
VIP = "NF100001"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One installation for all these stories: each brings articles of its own."""
    folder = tmp_path_factory.mktemp("help")
    with chosen_store() as store, running(folder / "own", store) as made:
        yield made


@dataclass(frozen=True)
class HelpPage:
    page: Page
    deployment: Deployment

    @property
    def search(self) -> Locator:
        return self.page.locator("#q")

    @property
    def rows(self) -> Locator:
        return self.page.locator("#list .row:visible")

    @property
    def heading(self) -> Locator:
        return self.page.locator("#document h1")

    async def open(self, path: str = "") -> None:
        await self.page.goto(f"{self.deployment.origin}/help/gd{path}")

    async def ask(self, text: str) -> None:
        await self.search.fill(text)
        await self.search.press("Enter")
        await expect(self.page.locator("#list-heading")).to_contain_text(text)

    async def list_scroll(self) -> float:
        return float(await self.page.evaluate("document.getElementById('list').scrollTop"))


async def help_page(
    open_browser: OpenBrowser,
    deployment: Deployment,
    words: Words = ZH,
    viewport: dict[str, int] | None = None,
) -> HelpPage:
    page = await (await open_browser(words)).new_page()
    if viewport is not None:
        await page.set_viewport_size({"width": viewport["width"], "height": viewport["height"]})
    return HelpPage(page, deployment)


async def stock(library: Library, name: str, subject: str, count: int) -> tuple[str, list[str]]:
    """A category with articles about a subject; the first answers a question in other words."""
    category = await library.category(name, f"{name} (en)")
    first = await library.publish(
        category,
        f"{subject}怎么申请搬到新地址",
        f"在网上申请{subject}移位，三天内上门。\n\n1. 填写新地址\n2. 选时间\n\n"
        + "\n\n".join(["注意事项。"] * 40),
        alternatives=[f"我要搬家了{subject}怎么办"],
    )
    titles = [f"{subject}第{n}个常见问题" for n in range(1, count)]
    more = [await library.publish_soon(category, title, "看这里。" + "细节。" * 60) for title in titles]
    for title, article_id in zip(titles, more, strict=True):
        await library.found(title, article_id)
    return category, [first, *more]


async def test_search_read_and_back_as_it_was(deployment: Deployment, open_browser: OpenBrowser) -> None:
    async with Library(deployment) as library:
        _, articles = await stock(library, "木鱼业务", "木鱼宽带", 13)
    at = await help_page(open_browser, deployment)
    await at.open()
    await at.ask("家要搬了，木鱼宽带怎么处理")
    likely = at.page.locator(".answer")
    await expect(likely).to_contain_text("最可能的答案")
    await expect(likely.get_by_role("link", name="木鱼宽带怎么申请搬到新地址")).to_be_visible()
    await likely.get_by_role("button", name="解决了").click()
    await expect(likely.get_by_text("太好了，谢谢您告诉我们。")).to_be_focused()

    # Read one from further down, and another one beside it
    await at.ask("木鱼宽带")
    await expect(at.rows.nth(12)).to_be_attached()
    await at.page.evaluate("document.getElementById('list').scrollTop = 420")
    chosen = await at.rows.nth(5).get_attribute("data-article")
    await at.rows.nth(5).evaluate("row => row.click()")
    await expect(at.heading).to_be_focused()
    question = quote("木鱼宽带")
    await expect(at.page).to_have_url(f"{deployment.origin}/help/gd/articles/{chosen}?q={question}")
    await expect(at.page.locator(f"#list [data-article='{chosen}'].row")).to_have_attribute(
        "aria-current", "page"
    )
    other = at.page.locator(f"#list .row[data-article='{articles[0]}']")
    await other.click()
    await expect(at.heading).to_have_text("木鱼宽带怎么申请搬到新地址")
    await at.page.evaluate("document.getElementById('document').scrollTop = 300")

    # Search while reading: box and text are both there
    await expect(at.search).to_have_value("木鱼宽带")
    await at.ask("木鱼宽带第3个常见问题")
    await expect(at.page.locator("#document")).to_have_count(0)

    # Back: the document where it was, then the list, its scroll and the question
    await at.page.go_back()
    await expect(at.heading).to_have_text("木鱼宽带怎么申请搬到新地址")
    assert await at.page.evaluate("document.getElementById('document').scrollTop") == 300
    await at.page.go_back()
    await at.page.go_back()
    await expect(at.page.locator("#document")).to_have_count(0)
    await expect(at.search).to_have_value("木鱼宽带")
    assert await at.list_scroll() == pytest.approx(420, abs=1)
    await expect(at.page.locator(f"#list .row[data-article='{chosen}']")).to_be_focused()
    await at.page.go_forward()
    await expect(at.page.locator(f"#document[data-article='{chosen}']")).to_be_visible()

    # A deep link, and the tree open where the article is
    await at.open(f"/articles/{articles[0]}")
    await expect(at.heading).to_have_text("木鱼宽带怎么申请搬到新地址")
    await expect(at.page.locator("#tree [aria-current]")).to_contain_text("木鱼业务")
    await expect(at.rows).to_have_count(13)

    # On paper, the article alone
    await at.page.emulate_media(media="print")
    for pane in ("#top", "#tree", "#list", "#rating"):
        await expect(at.page.locator(pane)).to_be_hidden()
    await expect(at.heading).to_be_visible()
    await at.page.emulate_media(media="screen")

    # The other language, at the same place
    await at.page.get_by_role("link", name="English").click()
    await expect(at.page.locator("html")).to_have_attribute("lang", "en")
    await expect(at.page.locator("#tree [aria-current]")).to_contain_text("木鱼业务 (en)")
    await expect(at.heading).to_have_text("木鱼宽带怎么申请搬到新地址")
    await expect(at.page.get_by_text("Was this helpful?")).to_be_visible()


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh-CN", "en"])
async def test_without_script_the_same_way(words: Words, deployment: Deployment, browser: Browser) -> None:
    subject = f"纸鸢{words.locale[:2]}"
    async with Library(deployment) as library:
        category, articles = await stock(library, f"{subject}业务", subject, 4)
        await library.pin(articles[1], category_id=category)
    context = await browser.new_context(locale=words.locale, java_script_enabled=False)
    at = HelpPage(await context.new_page(), deployment)
    await at.open()
    await at.search.fill(f"我打算搬家，{subject}怎么办")
    await at.search.press("Enter")
    await at.page.locator("#answer-heading a").click()
    await expect(at.heading).to_have_text(f"{subject}怎么申请搬到新地址")
    await expect(at.search).to_have_value(f"我打算搬家，{subject}怎么办")
    yes = {"zh-CN": ("有帮助", "谢谢，很高兴能帮到您。"), "en": ("Yes", "Thank you, we are glad it helped.")}[
        words.locale
    ]
    await at.page.get_by_role("button", name=yes[0], exact=True).click()
    await expect(at.page.get_by_text(yes[1])).to_be_visible()
    await at.page.go_back()
    await at.page.go_back()
    await expect(at.page.locator(".answer")).to_be_visible()
    await at.page.locator("#tree a", has_text=f"{subject}业务").click()
    await expect(at.rows).to_have_count(4)
    await expect(at.page.locator("#side .hot-list")).to_contain_text(f"{subject}第1个常见问题")
    await expect(at.page.locator("[data-ask]")).to_have_count(1)
    await expect(at.page.locator("[data-ask]")).to_be_hidden()
    await context.close()


async def test_by_keyboard_alone(deployment: Deployment, open_browser: OpenBrowser) -> None:
    async with Library(deployment) as library:
        await stock(library, "竹笛业务", "竹笛专线", 3)
    at = await help_page(open_browser, deployment, EN)
    await at.open()
    keys = at.page.keyboard
    await keys.press("Tab")
    await expect(at.page.get_by_role("link", name="Skip to content")).to_be_focused()
    await keys.press("Enter")
    await expect(at.page.get_by_role("main")).to_be_focused()
    await keys.press("Shift+Tab")
    await keys.press("Shift+Tab")
    await keys.press("Shift+Tab")
    await expect(at.page.get_by_role("combobox")).to_be_focused()
    await keys.insert_text("竹笛专线")  # at once: suggestions for half of it would come later
    await expect(at.page.get_by_role("option").first).to_be_visible()
    await keys.press("ArrowDown")
    chosen = at.page.locator("[aria-selected=true]")
    name = await chosen.inner_text()
    assert await at.search.get_attribute("aria-activedescendant") == await chosen.get_attribute("id")
    await keys.press("Enter")
    await expect(at.heading).to_be_focused()
    await expect(at.page.get_by_role("option")).to_have_count(0)
    shown = await at.heading.inner_text()
    assert name == shown or "搬家" in name
    await at.page.go_back()
    await expect(at.page.locator("#document")).to_have_count(0)

    await at.search.focus()
    await keys.insert_text("竹笛专线怎么申请搬到新地址")
    await expect(at.page.get_by_role("option").first).to_be_visible()
    await keys.press("Escape")  # closes the suggestions, keeps the words
    await keys.press("Enter")
    await expect(at.page.locator("#told")).to_contain_text("result")
    await expect(at.search).to_be_focused()


async def test_a_rating_is_kept_and_a_withdrawn_article_says_so(
    deployment: Deployment, browser: Browser
) -> None:
    complaints: list[str] = []
    context = await browser.new_context(locale="zh-CN")
    context.on("page", lambda page: watch(page, complaints))
    at = HelpPage(await context.new_page(), deployment)
    async with Library(deployment) as library:
        category, articles = await stock(library, "陶埙业务", "陶埙短号", 3)
        await library.pin(articles[2])
        await at.open(f"/articles/{articles[0]}?category={category}")
        await at.page.get_by_role("button", name="没帮助").click()
        await at.page.get_by_label("您的意见").fill("没写多少钱")
        await at.page.get_by_role("button", name="提交").click()
        said = at.page.locator("#rating").get_by_text("我们会改进这篇文章")
        await expect(said).to_be_focused()
        await at.page.reload()
        await expect(said).to_be_visible()
        assert await library.remarks(articles[0]) == ["没写多少钱"]

        # Withdrawn while its link is still shown
        await at.page.locator(f"#list .row[data-article='{articles[1]}']").click()
        await expect(at.heading).to_have_text("陶埙短号第1个常见问题")
        await library.withdraw(articles[0])
        await at.page.locator(f"#list .row[data-article='{articles[0]}']").click()
        await expect(at.heading).to_have_text("这篇文章已经下线")
        await expect(at.page.locator("#document .hot-list")).to_contain_text("陶埙短号第2个常见问题")

        # Two steps back, the second before the first is done; nothing is shown from memory
        is_back = asyncio.Event()

        async def held(route: Route) -> None:
            await is_back.wait()
            await route.continue_()

        await at.page.route(f"**/articles/{articles[1]}?*", held)
        async with at.page.expect_request(f"**/articles/{articles[1]}?*"):
            await at.page.evaluate("history.back()")
        async with at.page.expect_response(f"**/articles/{articles[0]}?*"):
            await at.page.evaluate("history.back()")
        is_back.set()
        await expect(at.heading).to_have_text("这篇文章已经下线")
        await at.page.unroute_all(behavior="ignoreErrors")

        # Nor is what the browser itself kept, as it does when one comes back from another site
        await at.open(f"/articles/{articles[1]}")
        await expect(at.heading).to_have_text("陶埙短号第1个常见问题")
        await library.withdraw(articles[1])
        await at.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        await expect(at.heading).to_have_text("这篇文章已经下线")
    assert [c for c in complaints if "404" not in c] == []
    await context.close()


async def test_a_vip_reads_what_others_do_not_even_see(
    deployment: Deployment, open_browser: OpenBrowser
) -> None:
    image = BytesIO()
    Image.new("RGB", (40, 30), "#336").save(image, "PNG")
    async with Library(deployment) as library:
        category = await library.category("古筝贵宾", "Guzheng VIP")
        picture = await library.picture(image.getvalue())
        vip = {"kind": "tiers", "codes": ["vip"]}
        body = f"专属经理办理。\n\n![候机室](file:{picture})"
        article = await library.publish(category, "古筝候机室预约", body, audience=vip, file_ids=[picture])
    stranger = await help_page(open_browser, deployment)
    await stranger.open("?q=古筝候机室预约")
    await expect(stranger.page.locator("#list-heading")).to_be_visible()
    await expect(stranger.page.locator(f"[data-article='{article}']")).to_have_count(0)
    await expect(stranger.page.locator("#tree")).not_to_contain_text("古筝贵宾")
    await stranger.search.fill("古筝")
    async with stranger.page.expect_response(lambda response: quote("古筝候") in response.url) as answered:
        await stranger.search.press("End")
        await stranger.search.type("候")
    assert "古筝" not in str((await (await answered.value).json())["completions"])

    at = await help_page(open_browser, deployment)
    await at.open()
    token = await token_of(VIP, deployment)
    await at.page.evaluate("token => localStorage.setItem('wecc:gd:token', token)", token)
    await at.open(f"?category={category}")
    await at.rows.first.click()
    await expect(at.heading).to_have_text("古筝候机室预约")
    picture_shown = at.page.get_by_role("img", name="候机室")
    await expect(picture_shown).to_have_js_property("naturalWidth", 40)
    assert "token" not in at.page.url
    assert await at.page.context.cookies() == []


async def test_a_person_is_one_press_away(deployment: Deployment, open_browser: OpenBrowser) -> None:
    at = await help_page(open_browser, deployment)
    await at.open()
    await at.search.fill("qwzx7 vvkj9")
    await at.search.press("Enter")
    await expect(at.page.locator("#list-heading")).to_have_text("没有找到“qwzx7 vvkj9”的相关内容")
    await at.page.locator(".nothing [data-ask]").click()
    await expect(at.page.frame_locator("iframe").locator("textarea")).to_be_visible(timeout=15_000)

    # Within the chat's own panel it tells the chat instead
    await at.open()
    await at.page.evaluate(
        """() => {
          const frame = document.createElement('iframe')
          frame.src = '/help/gd?embed=widget'
          document.body.append(frame)
          addEventListener('message', ({ data, origin }) => {
            if (origin === location.origin) document.body.dataset.heard = JSON.stringify(data)
          })
        }"""
    )
    inner = at.page.frame_locator("iframe")
    await expect(inner.locator("header .brand")).to_have_count(0)
    await inner.locator("#q").fill("qwzx7 vvkj9")
    await inner.locator("#q").press("Enter")
    ask = inner.locator(".nothing [data-ask]")
    await expect(ask).to_be_visible()  # not before the script is there
    await ask.evaluate("button => button.click()")
    await expect(at.page.locator("body")).to_have_attribute(
        "data-heard", '{"type":"wecc:ask","text":"qwzx7 vvkj9"}'
    )


async def test_on_a_phone_one_thing_at_a_time(deployment: Deployment, open_browser: OpenBrowser) -> None:
    async with Library(deployment) as library:
        category, _ = await stock(library, "二胡业务", "二胡套餐", 13)
        below = await library.category("二胡国际", "Erhu abroad", category)
        await library.publish(below, "二胡套餐在国外能用吗", "可以。")
    at = await help_page(open_browser, deployment, viewport=PHONE)
    await at.open()
    await at.page.locator("#tree a", has_text="二胡业务").click()
    await expect(at.page.locator("#tree")).to_be_hidden()
    await expect(at.page.locator(".below")).to_contain_text("二胡国际")
    await at.page.evaluate("window.scrollTo(0, 300)")
    await at.rows.nth(8).evaluate("row => row.click()")
    await expect(at.heading).to_be_visible()
    await expect(at.page.locator("#list")).to_be_hidden()
    assert await at.page.evaluate("scrollY") == 0
    assert await at.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    await at.page.locator("#document").get_by_role("link", name="返回").click()
    await expect(at.page.locator("#list")).to_be_visible()
    assert await at.page.evaluate("scrollY") == pytest.approx(300, abs=1)
    await at.page.locator("#list").get_by_role("link", name="返回").click()
    await expect(at.page.locator("#tree")).to_be_visible()
    assert at.page.url == f"{deployment.origin}/help/gd"
