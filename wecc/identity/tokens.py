"""The integrator's signed word on who a visitor is. Source: 2.2-04, 3.4.1-01."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from wecc.infra.wire import one_line
from wecc.kernel.errors import WeccError
from wecc.kernel.ids import CenterId

MAX_LIFE_S = 600
_LEEWAY_S = 5
_MIN_SECRET_CHARS = 32


class TokenInvalid(WeccError):
    """The identity token is not accepted; `data["reason"]` tells the integrator why."""

    code = "identity.token_invalid"
    status = 401
    sentence = "The identity token is not valid."


@dataclass(frozen=True, slots=True)
class Claims:
    customer: str
    name: str
    phone: str
    tiers: tuple[str, ...]
    account_manager: str
    """Sign-in name of the agent who looks after him. Source: 2.3-06."""
    token_id: str
    expires_ms: int


def read_token(token: str, keys: Mapping[str, str], center_id: CenterId, now_ms: int) -> Claims:
    """Verify a JWT (HS256 only) against the center's active keys (`kid` → secret).

    Raises: TokenInvalid. The lifetime from now is at most ten minutes; a token without a `jti` is refused.
    """
    try:
        kid = jwt.get_unverified_header(token).get("kid", "")
        secret = keys.get(kid if isinstance(kid, str) else "")
        if secret is None or len(secret) < _MIN_SECRET_CHARS:
            raise TokenInvalid(reason="unknown key")
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=center_id,
            options={"require": ["exp", "aud", "sub", "jti"], "verify_exp": False, "verify_iat": False},
        )
    except (jwt.PyJWTError, RecursionError) as error:
        raise TokenInvalid(reason=type(error).__name__) from error
    expires_s = claims["exp"]
    left_s = expires_s - now_ms / 1000 if isinstance(expires_s, (int, float)) else -_LEEWAY_S - 1
    if left_s < -_LEEWAY_S:
        raise TokenInvalid(reason="expired")
    if not left_s <= MAX_LIFE_S + _LEEWAY_S:  # NaN is not either
        raise TokenInvalid(reason="lives longer than ten minutes")
    tiers = claims.get("tiers", [])
    name = claims.get("name", "")
    texts = [claims["sub"], claims["jti"], claims.get("phone", ""), claims.get("account_manager", "")]
    if not isinstance(tiers, list) or not all(isinstance(t, str) for t in [name, *tiers, *texts]):
        raise TokenInvalid(reason="a claim has the wrong type")
    if (
        not all(texts[:2])
        or any(len(t) > 100 for t in [name, *tiers, *texts])
        or not all(t.isprintable() for t in [*tiers, *texts])
        or len(tiers) > 20
    ):
        raise TokenInvalid(reason="a claim is empty, too long or not printable")
    return Claims(
        customer=claims["sub"],
        name=one_line(name),
        phone=claims.get("phone", ""),
        tiers=tuple(tiers),
        account_manager=claims.get("account_manager", ""),
        token_id=claims["jti"],
        expires_ms=int(expires_s * 1000),
    )
