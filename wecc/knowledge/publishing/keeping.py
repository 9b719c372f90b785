"""Keeps one target: brings and removes copies, compares and mends, and tells what goes wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from wecc.infra.blocking import BlockingPool
from wecc.infra.tasks import TaskOwner
from wecc.kernel.actor import system
from wecc.kernel.clock import Clock
from wecc.kernel.errors import WeccError
from wecc.kernel.ids import CenterId
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import Article, ArticleVersion, Publication, Target
from wecc.knowledge.publishing.copies import Copy, ReadFile, copy_of
from wecc.knowledge.publishing.manifest import (
    MANIFEST,
    NOTHING,
    Held,
    bring,
    clear,
    is_ours,
    parsed,
    reason,
    sound,
    tidy,
    write,
)
from wecc.knowledge.publishing.ports import Depot
from wecc.knowledge.publishing.service import shown_facts, touched

log = logging.getLogger(__name__)

_BATCH = 50
_DEADLINE_S = 60.0
_RETRY_MS = (1_000, 2_000, 5_000, 15_000, 60_000)
_RETRY_ARTICLE_MS = 15_000
_CHECK_EVERY_MS = 86_400_000


class Keeper:
    """Keeps one target. Its manifest names what is complete there, and nothing else."""

    def __init__(
        self,
        target: Target,
        depot_of: Callable[[Target], Depot],
        journal: Journal,
        read_file: ReadFile,
        clock: Clock,
    ) -> None:
        self.wake = asyncio.Event()
        self.checked_ms = target.checked_ms
        self.root = (target.kind, target.root)
        self._target_id = target.id
        self._code = target.code
        self._actor = system(CenterId(target.center_id), "jobs")
        self._make_depot = partial(depot_of, target)
        self._journal = journal
        self._read_file = read_file
        self._clock = clock
        self._pool = BlockingPool(f"target {target.code}", workers=1, waiting=1)
        self._task: asyncio.Task[None] | None = None
        self._manifest: dict[str, Held] | None = None
        self._must_check = False
        self._failures = 0
        self._has_error = target.error != ""
        self._rest_until_s = 0.0

    def start(self, owner: TaskOwner) -> None:
        """Work whenever woken, from now on. May be repeated."""
        if self._task is None:
            self._task = owner.keep_alive(self._run, name=f"target {self._target_id}")

    def check_when_due(self) -> None:
        """Have everything compared that was not for a day, or that somebody wants compared now."""
        if self._clock.now_ms() - self.checked_ms >= _CHECK_EVERY_MS:
            self._must_check = True
            self.wake.set()

    async def _run(self) -> None:
        while True:
            await self.wake.wait()
            self.wake.clear()
            await self.tend()

    async def tend(self) -> None:
        """Do what is to be done now; what fails is tried again after a while."""
        if self._clock.monotonic_s() < self._rest_until_s:
            return
        try:
            depot = self._make_depot()
            if self._manifest is None:
                await self._compare(depot)
            await self._settle(depot)
            if self._must_check:
                await self._check(depot)
        except (OSError, WeccError) as error:
            await self._failed(reason(error))
        else:
            await self._worked()

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._pool.close()

    # ------------------------------------------------------------------ bringing and taking away

    async def _settle(self, depot: Depot) -> None:
        """Until nothing waits any more. Raises: OSError, Unavailable."""
        while True:
            waiting = self._publications().filter(unsettled(self._clock.now_ms()))
            # Withdrawn and suspended, whose copies should go at once, come before scheduled and live.
            rows = await waiting.order_by("-state", "changed_ms", "id").limit(_BATCH)
            if not rows:
                return
            # On their own: what cannot be brought, for want of room say, keeps nothing that is to go.
            rows = [row for row in rows if wished(row) is None] or rows
            copies, troubles = await self._copies(rows)
            wanted = {r.article_id: copies.get(r.id) for r in rows if r.id not in troubles}
            held = self._manifest or {}
            self._manifest = None  # until it is known again
            self._manifest, failed = await self._pool.run(_DEADLINE_S, bring, depot, held, wanted)
            troubles |= {row.id: failed[row.article_id] for row in rows if row.article_id in failed}
            await self._show([row for row in rows if row.id not in troubles], copies)
            await self._note([row for row in rows if row.id in troubles], troubles)

    async def _copies(self, rows: Sequence[Publication]) -> tuple[dict[str, Copy], dict[str, str]]:
        """The copies that these publications want, and what keeps others from being made, by publication."""
        keys = {row.id: f"{row.article_id}@{wish}" for row in rows if (wish := wished(row)) is not None}
        versions = {v.id: v for v in await ArticleVersion.filter(id__in=list(set(keys.values())))}
        articles = Article.filter(id__in=[row.article_id for row in rows])
        external_ids = {str(i): e for i, e in await articles.values_list("id", "external_id")}
        copies: dict[str, Copy] = {}
        troubles: dict[str, str] = {}
        for row_id, key in keys.items():
            version = versions.get(key)
            if version is None or version.article_id not in external_ids:
                continue  # purged meanwhile
            try:
                copies[row_id] = await copy_of(version, external_ids[version.article_id], self._read_file)
            except (OSError, WeccError) as error:
                troubles[row_id] = f"an attached file cannot be read: {reason(error)}"
        return copies, troubles

    async def _show(self, rows: Sequence[Publication], copies: Mapping[str, Copy]) -> None:
        """What was brought is settled and seen by readers, unless something else is wished by now."""
        if not rows:
            return
        async with self._journal.operation(self._actor) as op:
            now = {row.id: row for row in await Publication.filter(id__in=[row.id for row in rows])}
            seen = []
            for row in rows:
                current = now.get(row.id)
                if current is None or (current.state, wished(current)) != (row.state, wished(row)):
                    continue
                current.placed_version = wished(current)
                current.is_settled, current.error, current.retry_ms = True, "", 0
                if current.state == "live" and current.visible_version != current.version:
                    content = copies[row.id].content
                    current.visible_version = current.version
                    current.shown = shown_facts(content, op.now_ms)
                    seen.append(current.article_id)
                    op.did(
                        "article_shown",
                        current.article_id,
                        title=content.title,
                        version=current.version,
                        targets=[self._code],
                    )
                await current.save()
            if seen:
                await touched(op, seen)

    # ------------------------------------------------------------------ comparing and mending

    async def _compare(self, depot: Depot) -> None:
        """The manifest with what should be there; what differs is settled anew."""
        raw = await self._pool.run(_DEADLINE_S, depot.read, MANIFEST)
        held = parsed(raw)
        placed = await self._publications(placed_version__not_isnull=True).values_list(
            "id", "article_id", "placed_version"
        )
        missing = [str(i) for i, a, v in placed if held.get(str(a), NOTHING).version != v]
        await self._unsettle(missing)
        extra = held.keys() - {str(article_id) for _, article_id, _ in placed}
        self._manifest = {i: entry for i, entry in held.items() if i not in extra}
        await self._pool.run(_DEADLINE_S, clear, depot)
        if extra:
            await self._pool.run(_DEADLINE_S, write, depot, self._manifest)
        if raw is None or extra:
            self._must_check = True

    async def _check(self, depot: Depot) -> None:
        """Everything that is there with everything that should be, byte by byte; what differs is mended."""
        self._must_check = False
        try:
            names = await self._pool.run(_DEADLINE_S, depot.names)
            settled = await self._publications(is_settled=True).order_by("id")
            held = [row for row in settled if wished(row) is not None]
            known = {row.article_id for row in held}
            known.update(row.article_id for row in await self._publications(is_settled=False))
            extra = [name for name in names if is_ours(name) and name not in known]
            damaged = 0
            for start in range(0, len(held), _BATCH):
                some = held[start : start + _BATCH]
                copies, troubles = await self._copies(some)
                wanted = [copies[row.id] for row in some if row.id in copies]
                fine = await self._pool.run(_DEADLINE_S, sound, depot, self._manifest or {}, wanted)
                bad = [r.id for r in some if r.id in troubles or r.article_id not in fine]
                damaged += len(bad)
                await self._unsettle(bad)
                await self._settle(depot)
            await self._pool.run(_DEADLINE_S, tidy, depot, extra, self._manifest or {})
            async with self._journal.operation(self._actor) as op:
                await Target.filter(id=self._target_id).update(checked_ms=op.now_ms)
                self.checked_ms = op.now_ms
                op.did(
                    "target_checked", self._target_id, title=self._code, mended=damaged, removed=len(extra)
                )
        except BaseException:
            self._must_check = True
            raise

    async def _unsettle(self, publication_ids: Sequence[str]) -> None:
        if publication_ids:
            for start in range(0, len(publication_ids), 500):
                some = Publication.filter(id__in=publication_ids[start : start + 500])
                await some.update(is_settled=False, placed_version=None, retry_ms=0)

    # ------------------------------------------------------------------ what went wrong

    async def _note(self, rows: Sequence[Publication], troubles: Mapping[str, str]) -> None:
        """These articles wait, others do not."""
        for row in rows:
            retry_ms = self._clock.now_ms() + _RETRY_ARTICLE_MS
            await Publication.filter(id=row.id).update(error=troubles[row.id][:300], retry_ms=retry_ms)

    async def _failed(self, reason: str) -> None:
        """The target takes nothing now. Told where people look, once."""
        pause_ms = _RETRY_MS[min(self._failures, len(_RETRY_MS) - 1)]
        self._failures += 1
        self._rest_until_s = self._clock.monotonic_s() + pause_ms / 1000
        self._manifest = None
        log.warning("target.failed", extra={"target": self._target_id, "why": reason})
        await Target.filter(id=self._target_id).exclude(error=reason).update(error=reason)
        await self._publications(is_settled=False).exclude(error=reason).update(error=reason)

    async def _worked(self) -> None:
        if self._failures or self._has_error:
            await Target.filter(id=self._target_id).exclude(error="").update(error="")
        self._failures, self._has_error = 0, False

    def _publications(self, **where: object) -> QuerySet[Publication]:
        return Publication.filter(target_id=self._target_id, **where)


def unsettled(now_ms: int) -> Q:
    """Publications to see to now; none waits for ever because the clock was set back."""
    return Q(is_settled=False) & (Q(retry_ms__lte=now_ms) | Q(retry_ms__gt=now_ms + _RETRY_ARTICLE_MS))


def wished(row: Publication) -> int | None:
    """The version a target is to hold a copy of."""
    match row.state:
        case "live":
            return row.version
        case "scheduled":
            return row.visible_version
    return None
