"""The integrator's signed word on who a visitor is, and everything that only looks like it. Source: 2.2-04, 3.4.1-01."""

from __future__ import annotations

import time

import jwt
import orjson
import pytest

from tests.clients import Refused, Visitor
from tests.live.integrator import Integrator, encoded
from tests.live.people import People
from wecc.identity.models import IdentityKey

pytestmark = pytest.mark.usefixtures("quiet_log")


async def refused(visitor: Visitor, token: str) -> str:
    with pytest.raises(Refused) as refusal:
        await visitor.ask("visitor:identify", token=token)
    assert refusal.value.code == "identity.token_invalid", refusal.value.code
    return str(refusal.value.data["reason"])


async def test_a_good_token_makes_a_customer(people: People, integrator: Integrator) -> None:
    visitor = await people.visitor(text="您好")
    view = await visitor.ask("visitor:identify", token=integrator.sign(sub="13800000000"))
    assert (view["is_verified"], view["name"], view["tier"], view["customer_id"]) == (
        True,
        "张伟",
        "vip",
        "13800000000",
    )
    await visitor.expect_event("identified", lambda e: e["body"]["tier"] == "vip")


async def test_forged_tokens_are_refused(people: People, integrator: Integrator) -> None:
    now_s = int(time.time())  # noqa: TID251
    sign, claims = integrator.sign, orjson.dumps(integrator.claims())
    kid = integrator.kid.encode()
    good = sign()
    head, payload, mac = good.split(".")
    forged = {
        "no algorithm": jwt.encode(integrator.claims(), None, algorithm="none", headers={"kid": integrator.kid}),
        "no signature": f"{head}.{payload}.",
        "another's payload": f"{head}.{encoded(claims).decode()}.{mac}",
        "a wrong secret": Integrator(integrator.kid, "x" * 43).sign(),
        "an empty secret": integrator.sign_raw(b'{"alg":"HS256","kid":""}', claims),
        "another algorithm": integrator.sign_raw(b'{"alg":"HS512","kid":"%s"}' % kid, claims),
        "RS256 signed as HS256": integrator.sign_raw(b'{"alg":"RS256","kid":"%s"}' % kid, claims),
        "an unknown key": sign({"kid": "other"}),
        "a path for a key": sign({"kid": "../../../../dev/null"}),
        "a huge key id": sign({"kid": "k" * 2000}),
        "no key id": integrator.sign_raw(b'{"alg":"HS256"}', claims),
        "a list for a key id": integrator.sign_raw(b'{"alg":"HS256","kid":["%s"]}' % kid, claims),
        "a header 2,000 deep": integrator.sign_raw(b"[" * 2000, claims),
        "a payload 1,500 deep": integrator.sign_raw(b'{"alg":"HS256","kid":"%s"}' % kid, b"[" * 1500),
        "a payload that is none": integrator.sign_raw(b'{"alg":"HS256","kid":"%s"}' % kid, b"\xff\xfe"),
        "a critical header": integrator.sign_raw(b'{"alg":"HS256","crit":["x"],"kid":"%s"}' % kid, claims),
        "expired": sign(exp=now_s - 60),
        "an hour's life": sign(exp=now_s + 3600),
        "endless life": sign(exp=1e300),
        "an end that is no number": integrator.sign_raw(
            b'{"alg":"HS256","kid":"%s"}' % kid, orjson.dumps(integrator.claims(exp=1)).replace(b'"exp":1', b'"exp":NaN')
        ),
        "an end in words": sign(exp="soon"),
        "no end": sign(exp=...),
        "another audience": sign(aud="hn"),
        "no audience": sign(aud=...),
        "no id": sign(jti=...),
        "an empty id": sign(jti=""),
        "a number for an id": sign(jti=7),
        "no subject": sign(sub=...),
        "an empty subject": sign(sub=""),
        "a list for a name": sign(name=["张伟"]),
        "a text for tiers": sign(tiers="vip"),
        "numbers for tiers": sign(tiers=[1]),
        "too many tiers": sign(tiers=["vip"] * 21),
        "too long a name": sign(name="x" * 101),
        "a line break in the subject": sign(sub="1\n2"),
        "NUL in the phone": sign(phone="\u0000"),
        "a lone surrogate": sign(sub="\ud800"),
        "not yet": sign(nbf=now_s + 3600),
        "not a token": "x" * 40,
        "five parts": good + ".x.y",
        "not ASCII": good[:-3] + "签名签",
    }  # fmt: skip
    visitor = await people.visitor()
    for name, token in forged.items():
        try:
            assert await refused(visitor, token), name
        except BaseException as error:
            error.add_note(name)
            raise
    assert not (await visitor.ask("visitor:resume"))["visitor"]["is_verified"]
    assert (await visitor.ask("visitor:identify", token=good))["is_verified"]


async def test_a_token_is_its_first_visitors_alone(people: People, integrator: Integrator) -> None:
    first, second = await people.visitor(), await people.visitor()
    token = integrator.sign()
    for _ in range(2):
        assert (await first.ask("visitor:identify", token=token))["is_verified"]
    assert await refused(second, token) == "used before"
    assert not (await second.ask("visitor:resume"))["visitor"]["is_verified"]


async def test_one_browser_does_not_become_two_people(people: People, integrator: Integrator) -> None:
    visitor = await people.visitor()
    await visitor.ask("visitor:identify", token=integrator.sign(sub="first"))
    assert await refused(visitor, integrator.sign(sub="second")) == "other customer"


async def test_a_key_taken_back_signs_no_more(people: People, integrator: Integrator) -> None:
    visitor = await people.visitor()
    token = integrator.sign()
    await IdentityKey.filter(kid=integrator.kid).update(is_active=False)
    assert await refused(visitor, token) == "unknown key"


async def test_unknown_tiers_count_for_nothing(people: People, integrator: Integrator) -> None:
    visitor = await people.visitor()
    view = await visitor.ask("visitor:identify", token=integrator.sign(tiers=["emperor", "szx", "prepaid"]))
    assert view["tier"] == "prepaid"


async def test_a_name_is_one_clean_line(people: People, integrator: Integrator) -> None:
    visitor = await people.visitor()
    view = await visitor.ask("visitor:identify", token=integrator.sign(name="张\u202e\r\n\x1b[31m 伟\u3000"))
    assert view["name"] == "张 [31m 伟"
