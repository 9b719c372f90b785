"""Operations on the knowledge base: one transaction each, in turns, and every one leaves its line.

Source: 3.2.2-10.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from wecc.identity import AgentRef, Identity
from wecc.infra import db
from wecc.kernel.actor import Actor, ActorKind
from wecc.kernel.clock import Clock, iso
from wecc.kernel.errors import Unavailable
from wecc.kernel.ids import CenterId
from wecc.knowledge.bell import Bell
from wecc.knowledge.models import KnowledgeBase
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import FindLog, LogLine, LogPageView
from wecc.security import Act, AuditLine, audit_in, read_audit

_CSV_LINES = 50_000
_CSV_PAGE = 500
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Operation:
    """What somebody does, while it is being done."""

    def __init__(self, tx: BaseDBAsyncClient, actor: Actor, base: KnowledgeBase, now_ms: int) -> None:
        self.tx = tx
        self.actor = actor
        self.base = base
        self.now_ms = now_ms
        self.acts: list[Act] = []

    @property
    def center_id(self) -> CenterId:
        return self.actor.center_id

    def did(self, name: str, subject: str, /, **data: object) -> None:
        """Note a line for the log: `kb.` and what was done, to which article, category or target.

        `title` in `data` is the subject's name; `before` and `after` what changed. Never whole texts.
        """
        self.acts.append(Act(f"kb.{name}", subject, data))


class Journal:
    """Opens operations, and reads what they left."""

    def __init__(self, identity: Identity, rights: Rights, clock: Clock, bell: Bell | None = None) -> None:
        self._identity = identity
        self._rights = rights
        self._clock = clock
        self._bell = bell or Bell()
        self._line = asyncio.Lock()

    @asynccontextmanager
    async def operation(
        self, actor: Actor, deadline_s: float = 10.0, *, is_urgent: bool = False
    ) -> AsyncIterator[Operation]:
        """One transaction that commits, with its log lines, when left normally.

        The operations of one center take turns, from here to the commit, so each sees what the one before left.
        What is urgent waits for the one at work, not for those in line.
        Raises: Unavailable when its turn does not come in time.
        """
        turn = nullcontext() if is_urgent else self._in_line(deadline_s)
        async with turn, db.transaction(deadline_s) as tx:
            center_id = actor.center_id
            # SQLite has one writer anyway; elsewhere the row is the lock.
            await KnowledgeBase.bulk_create([KnowledgeBase(center_id=center_id)], ignore_conflicts=True)
            base = await KnowledgeBase.select_for_update().get(center_id=center_id)
            operation = Operation(tx, actor, base, self._clock.now_ms())
            yield operation
            await audit_in(tx, operation.now_ms, actor, operation.acts)
        self._bell.ring(center_id)

    @asynccontextmanager
    async def _in_line(self, deadline_s: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(deadline_s):
                await self._line.acquire()
        except TimeoutError as error:
            raise Unavailable from error
        try:
            yield
        finally:
            self._line.release()

    async def page(self, actor: Actor, find: FindLog) -> LogPageView:
        """Lines, newest first; that they were read is a line too. Raises: Forbidden."""
        await self._rights.auditor(actor)
        page = await read_audit(actor.center_id, _where(find), before_id=find.before_id, limit=find.limit)
        async with self.operation(actor) as op:
            op.did("log_read", "", find=find.model_dump(exclude_defaults=True))
        names = await self._identity.agent_names(actor.center_id)
        lines = []
        for line in page.lines:
            data = orjson.loads(line.data)
            lines.append(
                LogLine(
                    id=line.id,
                    at_ms=line.at_ms,
                    actor=AgentRef(id=line.actor_id, name=names.get(line.actor_id, line.actor_id)),
                    actor_kind=ActorKind(line.actor_kind).value,
                    act=line.act,
                    subject=line.subject,
                    subject_title=str(data.get("title", "")),
                    data=data,
                )
            )
        return LogPageView(lines=lines, has_more=page.has_more, is_intact=page.is_intact)

    async def export(self, actor: Actor, find: FindLog) -> str:
        """The lines as a spreadsheet reads them: CSV, newest first, 50,000 at most. Raises: Forbidden."""
        await self._rights.auditor(actor)
        names = await self._identity.agent_names(actor.center_id)
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["id", "at", "actor_kind", "actor_id", "actor", "act", "subject", "title", "data"])
        lines, before_id, has_more = 0, find.before_id, True
        # In pages, so that others get their turn.
        while has_more and lines < _CSV_LINES:
            page = await read_audit(actor.center_id, _where(find), before_id=before_id, limit=_CSV_PAGE)
            for line in page.lines:
                writer.writerow(_cells(line, names))
                before_id = line.id
            lines, has_more = lines + len(page.lines), page.has_more
        async with self.operation(actor) as op:
            op.did("log_exported", "", lines=lines, find=find.model_dump(exclude_defaults=True))
        return out.getvalue()


def _cells(line: AuditLine, names: Mapping[str, str]) -> list[str]:
    title = str(orjson.loads(line.data).get("title", ""))
    actor_name = names.get(line.actor_id, line.actor_id)
    told = (line.actor_kind, line.actor_id, actor_name, line.act, line.subject, title, line.data)
    return [str(line.id), iso(line.at_ms), *map(_inert, told)]


def _inert(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _where(find: FindLog) -> Q:
    act = find.act if find.act.startswith("kb.") else "kb."
    where = Q(act__gte=act, act__lt=f"{act}\U0010ffff")
    if find.subject:
        where &= Q(subject=find.subject)
    if find.actor:
        where &= Q(actor_id=find.actor)
    if find.from_ms is not None:
        where &= Q(at_ms__gte=find.from_ms)
    if find.before_ms is not None:
        where &= Q(at_ms__lt=find.before_ms)
    return where
