"""An operator's own site, which knows who its visitors are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

import jwt

from wecc.kernel.ids import new_id


@dataclass(frozen=True)
class Integrator:
    """Who knows a key."""

    kid: str
    secret: str

    def claims(self, **changed: Any) -> dict[str, Any]:
        now_s = int(time.time())  # noqa: TID251  the integrator's own clock
        claims = {
            "sub": f"c{new_id()[-8:]}",
            "aud": "gd",
            "exp": now_s + 300,
            "jti": new_id(),
            "name": "张伟",
            "tiers": ["vip"],
        }
        return {k: v for k, v in (claims | changed).items() if v is not ...}

    def sign(self, headers: dict[str, Any] | None = None, **changed: Any) -> str:
        headers = {"kid": self.kid} | (headers or {})
        return jwt.encode(self.claims(**changed), self.secret, algorithm="HS256", headers=headers)

    def sign_raw(self, header: bytes, payload: bytes) -> str:
        """Whatever the two parts are, correctly signed."""
        signed = b".".join(map(encoded, (header, payload)))
        mac = hmac.new(self.secret.encode(), signed, hashlib.sha256).digest()
        return (signed + b"." + encoded(mac)).decode()


def encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
