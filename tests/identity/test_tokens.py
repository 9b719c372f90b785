"""Reading an identity token, without I/O; the forgeries are in tests/live/test_identity_tokens.py."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecc.identity.tokens import TokenInvalid, read_token
from wecc.kernel.ids import CenterId

NOW_MS = 1_700_000_000_000
NOW_S = NOW_MS // 1000
OLD, NEW = "o" * 43, "n" * 43
KEYS = {"old": OLD, "new": NEW}
GD = CenterId("gd")


def token(kid: str = "new", secret: str = NEW, **changed: Any) -> str:
    claims = {"sub": "c1", "aud": "gd", "exp": NOW_S + 300, "jti": "t1", "tiers": ["vip"]} | changed
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": kid})


@pytest.mark.parametrize(("kid", "secret"), [("old", OLD), ("new", NEW)])
def test_two_keys_may_be_active(kid: str, secret: str) -> None:
    claims = read_token(token(kid, secret), KEYS, GD, NOW_MS)
    assert (claims.customer, claims.tiers, claims.token_id) == ("c1", ("vip",), "t1")
    assert claims.expires_ms == NOW_MS + 300_000


@pytest.mark.parametrize(("kid", "secret"), [("old", NEW), ("new", OLD), ("gone", NEW)])
def test_a_key_signs_only_for_itself(kid: str, secret: str) -> None:
    with pytest.raises(TokenInvalid):
        read_token(token(kid, secret), KEYS, GD, NOW_MS)


@pytest.mark.parametrize(
    ("exp", "is_good"),
    [
        (NOW_S - 6, False),
        (NOW_S - 5, True),
        (NOW_S, True),
        (NOW_S + 605, True),
        (NOW_S + 606, False),
        (True, False),
    ],
)
def test_a_token_lives_ten_minutes_at_most(exp: int, is_good: bool) -> None:
    if is_good:
        read_token(token(exp=exp), KEYS, GD, NOW_MS)
    else:
        with pytest.raises(TokenInvalid):
            read_token(token(exp=exp), KEYS, GD, NOW_MS)


def test_a_short_secret_is_no_key() -> None:
    with pytest.raises(TokenInvalid), pytest.warns(Warning, match="HMAC key"):
        read_token(token("weak", "short"), {"weak": "short"}, GD, NOW_MS)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=120),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(["sub", "aud", "exp", "jti", "name", "phone", "tiers", "nbf", "iat"]), json
    )
)
def test_claims_of_any_shape_are_read_or_refused(changed: dict[str, Any]) -> None:
    try:
        made = token(**changed)
    except (TypeError, ValueError):
        return  # not even signable
    try:
        claims = read_token(made, KEYS, GD, NOW_MS)
    except TokenInvalid:
        return
    assert claims.customer
    assert len(claims.name) <= 100


@given(st.text(min_size=1, max_size=200))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(TokenInvalid):
        read_token(text, KEYS, GD, NOW_MS)
