"""Who did what, append-only and hash-chained; no secrets, no message text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from wecc.infra import db
from wecc.kernel.actor import Actor
from wecc.kernel.ids import CenterId
from wecc.security.models import AuditLine

_CHAIN_LOCK = 0x57454343
"""PostgreSQL's advisory lock of the chain: whoever holds it writes the next lines."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done. `name` is `noun.verb_past`, for example `agent.signed_in`."""

    name: str
    subject: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Lines, newest first. `is_intact`: each fits the chain."""

    lines: list[AuditLine]
    has_more: bool
    is_intact: bool


async def audit(at_ms: int, actor: Actor, act: str, subject: str = "", **data: object) -> None:
    """Write one line, in a transaction of its own."""
    async with db.transaction() as tx:
        await audit_in(tx, at_ms, actor, [Act(act, subject, data)])


async def audit_in(tx: BaseDBAsyncClient, at_ms: int, actor: Actor, acts: Sequence[Act]) -> None:
    """Write lines that are there if the caller's transaction is; for its end, as others wait from here on.

    Each line also tells the actor's address, where that is known.
    """
    if not acts:
        return
    # SQLite has one writer anyway.
    if tx.capabilities.dialect == "postgres":
        await tx.execute_query("SELECT pg_advisory_xact_lock($1)", [_CHAIN_LOCK])
    last = await AuditLine.all().using_db(tx).order_by("-id").only("id", "digest").first()
    number, digest = (last.id, last.digest) if last else (0, "")
    where = {"address": actor.address} if actor.address else {}
    lines = []
    for act in acts:
        number += 1
        line = AuditLine(
            id=number,
            center_id=actor.center_id,
            at_ms=at_ms,
            actor_kind=actor.kind.value,
            actor_id=actor.id,
            act=act.name,
            subject=act.subject[:128],
            data=orjson.dumps({**where, **act.data}, option=orjson.OPT_SORT_KEYS).decode(),
        )
        digest = line.digest = _digest(digest, line)
        lines.append(line)
    await AuditLine.bulk_create(lines, batch_size=200, using_db=tx)


async def read_audit(
    center_id: CenterId, *where: Q, before_id: int | None = None, limit: int = 50
) -> AuditPage:
    """Lines of a center, newest first, from before a line on."""
    found = AuditLine.filter(*where, center_id=center_id)
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    lines = await found.order_by("-id").limit(limit + 1)
    page = lines[:limit]
    return AuditPage(page, len(lines) > limit, await _fit(page))


async def verify_audit() -> int | None:
    """The number of the first line that does not fit the chain; None when all do."""
    digest = ""
    expected = 1
    async for line in AuditLine.all().order_by("id"):
        if line.id != expected or line.digest != _digest(digest, line):
            return expected
        digest, expected = line.digest, expected + 1
    return None


async def _fit(lines: Iterable[AuditLine]) -> bool:
    """Whether each of them fits the line before it, whichever center's that is."""
    rows = list(lines)
    before = await AuditLine.filter(id__in=[line.id - 1 for line in rows]).values_list("id", "digest")
    digests = {0: "", **{int(i): str(digest) for i, digest in before}}
    return all(line.id - 1 in digests and line.digest == _digest(digests[line.id - 1], line) for line in rows)


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
