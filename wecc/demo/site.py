"""The sample operator's web site: a handful of pages, a sign-in without passwords, and identity tokens."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from datetime import date, datetime, timedelta, timezone
from urllib.parse import urlencode

import jwt
from quart import Quart, Response, g, redirect, render_template, request, session, url_for
from quart.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from wecc.demo import language as wording
from wecc.demo.catalog import NOTICES, PLANS, SPEEDS
from wecc.demo.customers import CUSTOMERS, Customer
from wecc.demo.key import IdentityKey
from wecc.demo.language import HTML_LANG, Language, Text
from wecc.demo.orders import CITIES, SLOTS, Order, first_day, last_day, read_order
from wecc.kernel.clock import Clock, SystemClock

TOKEN_LIFETIME_S = 300
ORDERS_KEPT = 500
LANGUAGE_COOKIE = "nanfang_lang"
CHINA = timezone(timedelta(hours=8))
_BY_ID = {customer.external_id: customer for customer in CUSTOMERS}


def identity_token(customer: Customer, center_id: str, key: IdentityKey, now_s: int) -> str:
    """A signed statement that the bearer is `customer`, good once and for TOKEN_LIFETIME_S.

    Source: 2.2-04.
    """
    claims = {
        "iss": "demo-site",
        "aud": center_id,
        "sub": customer.external_id,
        "name": customer.name.zh,
        "phone": customer.phone,
        "tiers": list(customer.tiers),
        "account_manager": customer.account_manager,
        "iat": now_s,
        "exp": now_s + TOKEN_LIFETIME_S,
        "jti": secrets.token_urlsafe(16),
    }
    return jwt.encode(claims, key.secret, algorithm="HS256", headers={"kid": key.kid})


def build_site(
    center_origin: str, center_id: str, identity_key: IdentityKey, *, clock: Clock | None = None
) -> Quart:
    """The site as an ASGI application that embeds center `center_id` from `center_origin`.

    `center_origin` is scheme, host and port, nothing after. Sessions and orders live in this one process
    and end with it.
    """
    clock = clock or SystemClock()
    site = Quart(__name__, static_folder="assets", static_url_path="/assets")
    site.secret_key = secrets.token_bytes(32)
    site.config.update(
        # Cookies know no port: a plain "session" would be shared with a center on the same host.
        SESSION_COOKIE_NAME="nanfang_session",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    _guard(site, center_origin)
    _speak(site)
    _show_pages(site, clock)
    _take_orders(site, clock)
    _keep_accounts(site, clock)

    @site.context_processor
    async def embed() -> dict[str, object]:
        return {"center_origin": center_origin, "center_id": center_id}

    @site.get("/wecc-token")
    async def wecc_token() -> ResponseReturnValue:
        customer = _signed_in()
        if customer is None:
            return {"error": "not signed in"}, 401
        token = identity_token(customer, center_id, identity_key, clock.now_ms() // 1000)
        return {"token": token, "expires_in_s": TOKEN_LIFETIME_S}

    return site


def _signed_in() -> Customer | None:
    return _BY_ID.get(session.get("customer", ""))


def _today(clock: Clock) -> date:
    return datetime.fromtimestamp(clock.now_ms() / 1000, CHINA).date()


def _guard(site: Quart, center_origin: str) -> None:
    """Nothing inline, nothing from elsewhere but the widget; no page is framed or kept."""
    policy = "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {center_origin}",
            "style-src 'self'",
            "img-src 'self' data:",
            f"frame-src {center_origin}",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )

    @site.after_request
    async def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _speak(site: Quart) -> None:
    """Chinese unless the visitor chose English; `?lang=` on any page chooses, and is remembered."""

    @site.before_request
    async def settle_language() -> ResponseReturnValue | None:
        asked = request.args.get("lang")
        g.language = "en" if (asked or request.cookies.get(LANGUAGE_COOKIE)) == "en" else "zh"
        if asked is None or request.method != "GET" or request.endpoint in {None, "static"}:
            return None
        # To the same page, without the switch in its address. The path is our own, never the client's.
        rest = urlencode([(key, value) for key, value in request.args.items(multi=True) if key != "lang"])
        response = redirect(url_for(str(request.endpoint)) + (f"?{rest}" if rest else ""), 303)
        response.set_cookie(LANGUAGE_COOKIE, g.language, max_age=365 * 86400, httponly=True, samesite="Lax")
        return response

    @site.context_processor
    async def words() -> dict[str, object]:
        language: Language = g.language

        def t(zh: str, en: str) -> str:
            return zh if language == "zh" else en

        others = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
        return {
            "t": t,
            "language": language,
            "html_lang": HTML_LANG[language],
            "switch_query": urlencode([*others, ("lang", "en" if language == "zh" else "zh")]),
        }

    for name in (
        wording.money,
        wording.price,
        wording.data_volume,
        wording.phone,
        wording.masked_phone,
        wording.long_date,
        wording.month,
    ):
        site.add_template_filter(name)


def _show_pages(site: Quart, clock: Clock) -> None:
    @site.context_processor
    async def frame() -> dict[str, object]:
        return {"customer": _signed_in(), "this_year": _today(clock).year}

    @site.get("/")
    async def home() -> str:
        return await render_template(
            "home.html",
            plans=[plan for plan in PLANS if plan.code in {"daily", "free", "home"}],
            speeds=SPEEDS,
            notices=[(_today(clock) - timedelta(days=notice.days_ago), notice) for notice in NOTICES],
        )

    @site.get("/plans")
    async def plans() -> str:
        return await render_template("plans.html", plans=PLANS)

    @site.errorhandler(HTTPException)
    async def failed(error: HTTPException) -> ResponseReturnValue:
        return await render_template("error.html", status=error.code), error.code or 500


def _take_orders(site: Quart, clock: Clock) -> None:
    orders: OrderedDict[str, Order] = OrderedDict()

    async def order_form(values: dict[str, str], errors: dict[str, Text]) -> str:
        return await render_template(
            "broadband.html",
            values=values,
            errors=errors,
            speeds=SPEEDS,
            cities=CITIES,
            slots=SLOTS,
            first_day=first_day(_today(clock)),
            last_day=last_day(_today(clock)),
        )

    @site.get("/broadband")
    async def broadband() -> str:
        values = {"speed": request.args.get("speed", "500"), "slot": "morning"}
        if customer := _signed_in():
            values |= {"name": customer.name.zh, "mobile": customer.phone}
        return await order_form(values, {})

    @site.post("/broadband")
    async def place_order() -> ResponseReturnValue:
        form = (await request.form).to_dict()
        order = read_order(form, _today(clock))
        if not isinstance(order, Order):
            return await order_form(form, order), 422
        reference = f"KD{_today(clock):%Y%m%d}{secrets.randbelow(10**6):06d}"
        orders[reference] = order
        while len(orders) > ORDERS_KEPT:
            orders.popitem(last=False)
        session["order"] = reference
        return redirect(url_for("order_placed"), 303)

    @site.get("/broadband/placed")
    async def order_placed() -> ResponseReturnValue:
        reference = session.get("order", "")
        if reference not in orders:
            return redirect(url_for("broadband"), 303)
        return await render_template("placed.html", reference=reference, order=orders[reference])


def _keep_accounts(site: Quart, clock: Clock) -> None:
    @site.get("/sign-in")
    async def sign_in() -> str:
        return await render_template("sign_in.html", customers=CUSTOMERS)

    @site.post("/sign-in")
    async def begin_session() -> ResponseReturnValue:
        chosen = (await request.form).get("customer", "")
        if chosen not in _BY_ID:
            return redirect(url_for("sign_in"), 303)
        session.clear()
        session["customer"] = chosen
        return redirect(url_for("account"), 303)

    @site.post("/sign-out")
    async def end_session() -> ResponseReturnValue:
        session.clear()
        return redirect(url_for("home"), 303)

    @site.get("/account")
    async def account() -> ResponseReturnValue:
        customer = _signed_in()
        if customer is None:
            return redirect(url_for("sign_in"), 303)
        first = _today(clock).replace(day=1)
        bills = []
        for bill in customer.bills:
            first = (first - timedelta(days=1)).replace(day=1)
            bills.append((first, bill))
        return await render_template("account.html", today=_today(clock), bills=bills)
