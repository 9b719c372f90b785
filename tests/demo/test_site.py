"""The sample site by its pages: both languages, the policy it runs under, and whom it vouches for."""

from __future__ import annotations

from html.parser import HTMLParser

import jwt
import pytest
from quart import Quart
from quart.typing import TestClientProtocol as Browser

from wecc.demo import CUSTOMERS, Customer, IdentityKey
from wecc.demo.site import build_site
from wecc.kernel.clock import VirtualClock

CENTER = "http://127.0.0.1:8000"
KEY = IdentityKey(kid="k1", secret="a secret of at least thirty-two bytes")
PAGES = ("/", "/plans", "/broadband", "/sign-in")
MEMBER_PAGES = (*PAGES, "/account")
ORDER = {
    "speed": "1000",
    "city": "zhuhai",
    "address": "香洲区情侣中路 8 号 3 栋 1201",
    "day": "2023-11-20",
    "slot": "evening",
    "name": "王小明",
    "mobile": "138 0000 0999",
    "email": "",
    "remarks": "<b>轻声</b>",
    "agree": "yes",
}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()  # 15 November 2023 in China


@pytest.fixture
def site(clock: VirtualClock) -> Quart:
    return build_site(CENTER, "gd", KEY, clock=clock)


@pytest.fixture
def browser(site: Quart) -> Browser:
    return site.test_client()


async def text_of(browser: Browser, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, path
    return await answer.get_data(as_text=True)


async def sign_in(browser: Browser, external_id: str) -> None:
    answer = await browser.post("/sign-in", form={"customer": external_id})
    assert answer.headers["Location"] == "/account"


class Markup(HTMLParser):
    """What of a page a strict policy cares about."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lang: str | None = None
        self.scripts: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        if tag == "html":
            self.lang = dict(attrs).get("lang")
        if tag == "script":
            self.scripts.append(dict(attrs))
        if tag == "style":
            self.inline.append("<style>")
        self.inline += [f"{tag} {name}" for name, _ in attrs if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self._open == "script" and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_speaks_both_languages_and_keeps_to_the_policy(
    browser: Browser, language: str
) -> None:
    await sign_in(browser, "NF100001")
    await browser.get(f"/?lang={language}")
    for path in (*MEMBER_PAGES, "/nowhere"):
        answer = await browser.get(path)
        page = await answer.get_data(as_text=True)
        markup = Markup(page)
        assert markup.lang == {"zh": "zh-CN", "en": "en"}[language]
        assert markup.inline == [], path
        embeds = [script for script in markup.scripts if script["src"] == f"{CENTER}/embed.js"]
        assert embeds == [{"async": None, "src": f"{CENTER}/embed.js", "data-center": "gd"}]
        assert page.count("embed.js") == 1
        assert answer.headers["Content-Security-Policy"] == (
            f"default-src 'self'; script-src 'self' {CENTER}; style-src 'self'; img-src 'self' data:; "
            f"frame-src {CENTER}; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_an_english_page_has_no_chinese_but_the_way_back(browser: Browser) -> None:
    await sign_in(browser, "NF100007")
    await browser.get("/?lang=en")
    for path in MEMBER_PAGES:
        page = (await text_of(browser, path)).replace("中文", "").replace("吴永福", "")
        assert not [mark for mark in page if "\u3000" <= mark <= "\u9fff" or "\uff00" <= mark <= "\uffef"], (
            path
        )


async def test_the_language_is_chinese_until_chosen_and_then_remembered(browser: Browser) -> None:
    assert Markup(await text_of(browser, "/plans")).lang == "zh-CN"
    answer = await browser.get("/broadband?lang=en&speed=1000")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/broadband?speed=1000")
    assert Markup(await text_of(browser, "/plans")).lang == "en"


async def test_switching_language_never_leads_off_the_site(browser: Browser) -> None:
    for path in ("//evil.example/?lang=en", "/?lang=en&_external=1&_scheme=https"):
        answer = await browser.get(path)
        assert not answer.headers.get("Location", "/").startswith(("//", "http"))


@pytest.mark.parametrize("name", ["site.css", "site.js", "mark.svg", "south.svg"])
async def test_assets_are_served_under_the_same_policy(browser: Browser, name: str) -> None:
    answer = await browser.get(f"/assets/{name}")
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_an_order_ends_in_a_confirmation_that_survives_a_reload(browser: Browser) -> None:
    answer = await browser.post("/broadband", form=ORDER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/broadband/placed")
    page = await text_of(browser, "/broadband/placed")
    assert "KD20231115" in page
    assert "珠海市香洲区情侣中路 8 号 3 栋 1201" in page
    assert "138 **** 0999" in page
    assert "&lt;b&gt;轻声&lt;/b&gt;" in page
    assert await text_of(browser, "/broadband/placed") == page


async def test_a_confirmation_is_shown_only_to_whom_ordered(site: Quart, browser: Browser) -> None:
    await browser.post("/broadband", form=ORDER)
    answer = await site.test_client().get("/broadband/placed")
    assert answer.headers["Location"] == "/broadband"


async def test_a_faulty_order_says_what_to_mend_and_keeps_the_rest(browser: Browser) -> None:
    answer = await browser.post("/broadband", form=ORDER | {"mobile": '1"23', "day": "2023-11-16"})
    page = await answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "手机号是 11 位数字" in page
    assert "还有 2 处需要修改" in page
    assert page.count('aria-invalid="true"') == 2
    assert 'value="1&#34;23"' in page
    assert 'value="香洲区情侣中路 8 号 3 栋 1201"' in page
    assert '<option value="zhuhai" selected>' in page
    assert 'value="1000" checked' in page


async def test_an_oversized_order_is_refused_with_a_page(browser: Browser) -> None:
    answer = await browser.post("/broadband", form=ORDER | {"remarks": "x" * 100_000})
    assert answer.status_code == 413
    assert "请返回上一页重试" in await answer.get_data(as_text=True)


async def test_the_form_knows_who_is_signed_in(browser: Browser) -> None:
    await sign_in(browser, "NF100008")
    page = await text_of(browser, "/broadband")
    assert 'value="苏晚"' in page
    assert 'value="13800000808"' in page


@pytest.mark.parametrize("customer", CUSTOMERS, ids=lambda customer: customer.external_id)
async def test_every_customer_has_an_account_page(browser: Browser, customer: Customer) -> None:
    await sign_in(browser, customer.external_id)
    page = await text_of(browser, "/account")
    assert customer.name.zh in page
    assert customer.phone not in page
    assert "2023年10月" in page
    assert "data-signed-in" in page


async def test_the_account_is_closed_to_strangers(browser: Browser) -> None:
    assert (await browser.get("/account")).headers["Location"] == "/sign-in"
    answer = await browser.post("/sign-in", form={"customer": "nobody"})
    assert answer.headers["Location"] == "/sign-in"


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser) -> None:
    answer = await browser.post("/sign-in", form={"customer": "NF100001"})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("nanfang_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_a_token_vouches_for_the_signed_in_customer(browser: Browser, clock: VirtualClock) -> None:
    await sign_in(browser, "NF100001")
    token = (await (await browser.get("/wecc-token")).get_json())["token"]
    assert jwt.get_unverified_header(token)["kid"] == "k1"
    claims = jwt.decode(
        token,
        KEY.secret,
        algorithms=["HS256"],
        audience="gd",
        issuer="demo-site",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["sub"] == "NF100001"
    assert claims["name"] == "陈静仪"
    assert claims["tiers"] == ["vip", "group_member"]
    assert claims["iat"] == clock.now_ms() // 1000
    assert 0 < claims["exp"] - claims["iat"] <= 300


async def test_no_two_tokens_are_the_same(browser: Browser) -> None:
    await sign_in(browser, "NF100005")
    ids = set()
    for _ in range(20):
        token = (await (await browser.get("/wecc-token")).get_json())["token"]
        ids.add(jwt.decode(token, options={"verify_signature": False})["jti"])
    assert len(ids) == 20


async def test_nobody_is_vouched_for_before_sign_in_or_after_sign_out(browser: Browser) -> None:
    assert (await browser.get("/wecc-token")).status_code == 401
    await sign_in(browser, "NF100001")
    assert (await browser.get("/wecc-token")).status_code == 200
    await browser.post("/sign-out")
    assert (await browser.get("/wecc-token")).status_code == 401
    assert "data-signed-in" not in await text_of(browser, "/")


def test_the_secret_stays_out_of_sight() -> None:
    assert KEY.secret not in repr(KEY)
