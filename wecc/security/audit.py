"""Who did what, append-only and hash-chained; no secrets, no message text."""

from __future__ import annotations

import hashlib

import orjson
from tortoise.exceptions import IntegrityError

from wecc.infra import db
from wecc.kernel.actor import Actor
from wecc.kernel.errors import Unavailable
from wecc.security.models import AuditLine

_ATTEMPTS = 20


async def audit(at_ms: int, actor: Actor, act: str, subject: str = "", **data: object) -> None:
    """Write one line. `act` is `noun.verb_past`, for example `agent.signed_in`."""
    body = orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
    for _ in range(_ATTEMPTS):
        try:
            async with db.transaction():
                last = await AuditLine.all().order_by("-id").first()
                line = AuditLine(
                    id=(last.id if last else 0) + 1,
                    center_id=actor.center_id,
                    at_ms=at_ms,
                    actor_kind=actor.kind.value,
                    actor_id=actor.id,
                    act=act,
                    subject=subject[:128],
                    data=body,
                )
                line.digest = _digest(last.digest if last else "", line)
                await line.save(force_create=True)
        except IntegrityError:
            # Another process took this number between our read and our write.
            continue
        return
    raise Unavailable


async def verify_audit() -> int | None:
    """The number of the first line that does not fit the chain; None when all do."""
    digest = ""
    expected = 1
    async for line in AuditLine.all().order_by("id"):
        if line.id != expected or line.digest != _digest(digest, line):
            return expected
        digest, expected = line.digest, expected + 1
    return None


def _digest(before: str, line: AuditLine) -> str:
    parts = (
        before,
        line.center_id,
        line.at_ms,
        line.actor_kind,
        line.actor_id,
        line.act,
        line.subject,
        line.data,
    )
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()
