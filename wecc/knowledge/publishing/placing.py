"""Brings targets to what they should hold, each on its own: one that is dead or full holds up no other.

Runs in the jobs process. Source: 3.2.2-12 … 14.
"""

from __future__ import annotations

from collections.abc import Callable

from wecc.infra.tasks import TaskOwner
from wecc.kernel.actor import system
from wecc.kernel.clock import Clock
from wecc.kernel.ids import CenterId
from wecc.knowledge.bell import Bell
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import Article, Publication, Target
from wecc.knowledge.publishing.copies import ReadFile
from wecc.knowledge.publishing.keeping import Keeper, unsettled
from wecc.knowledge.publishing.ports import Depot
from wecc.knowledge.publishing.service import Publishing
from wecc.knowledge.shelf import revision_of

_LOOK_EVERY_S = 0.5
_BATCH = 50


class Placing:
    """Follows what is wished in one center and when the clock changes it."""

    def __init__(
        self,
        center_id: CenterId,
        publishing: Publishing,
        journal: Journal,
        depot_of: Callable[[Target], Depot],
        read_file: ReadFile,
        clock: Clock,
        bell: Bell,
    ) -> None:
        self._center_id = center_id
        self._publishing = publishing
        self._journal = journal
        self._depot_of = depot_of
        self._read_file = read_file
        self._clock = clock
        self._bell = bell
        self._keepers: dict[str, Keeper] = {}

    async def run(self) -> None:
        """For ever, until cancelled."""
        seen = -1
        try:
            async with TaskOwner() as owner:
                while True:
                    revision = await revision_of(self._center_id)
                    if revision != seen:
                        await self._hire()
                        for keeper in self._keepers.values():
                            keeper.start(owner)
                        seen = revision
                    await self.keep_time()
                    for target_id in await self._unsettled():
                        if target_id in self._keepers:
                            self._keepers[target_id].wake.set()
                    for keeper in self._keepers.values():
                        keeper.check_when_due()
                    await self._bell.wait(self._center_id, _LOOK_EVERY_S)
        finally:
            self.close()

    async def keep_time(self) -> None:
        """Start what is scheduled, resume what was suspended until now, withdraw what is not valid any more."""
        now_ms = self._clock.now_ms()
        if not await Publication.filter(center_id=self._center_id, due_ms__lte=now_ms).exists():
            return
        async with self._journal.operation(system(self._center_id, "jobs")) as op:
            due = Publication.filter(center_id=self._center_id, due_ms__lte=now_ms)
            rows = await due.order_by("id").limit(_BATCH)
            articles = {a.id: a for a in await Article.filter(id__in=[row.article_id for row in rows])}
            for row in rows:
                article, code = articles[row.article_id], row.id.split(":", 1)[1]
                if row.ends_ms is not None and row.ends_ms <= now_ms:
                    await self._publishing.expire(op, article, [row])
                    act = "article_expired"
                else:
                    act = "article_started" if row.state == "scheduled" else "article_resumed"
                    row.starts_ms = None
                    await self._publishing.put_back(op, article, [row])
                op.did(act, article.id, title=article.title, version=row.version, targets=[code])

    def close(self) -> None:
        """Let go of all targets. Idempotent."""
        for keeper in self._keepers.values():
            keeper.close()
        self._keepers.clear()

    async def settle(self) -> None:
        """Once: bring every target to what it should hold, as far as it lets us."""
        await self._hire()
        for keeper in self._keepers.values():
            await keeper.tend()

    async def _hire(self) -> None:
        """A keeper for every target that is to be kept, and none for others."""
        targets = await Target.filter(center_id=self._center_id, is_enabled=True)
        roots = {target.id: (target.kind, target.root) for target in targets}
        for target_id, keeper in list(self._keepers.items()):
            if roots.get(target_id) != keeper.root:
                self._keepers.pop(target_id).close()
        for target in targets:
            if target.id not in self._keepers:
                made = Keeper(target, self._depot_of, self._journal, self._read_file, self._clock)
                self._keepers[target.id] = made
                made.wake.set()  # to compare what is there with what should be
            keeper = self._keepers[target.id]
            keeper.checked_ms = target.checked_ms
            keeper.check_when_due()

    async def _unsettled(self) -> list[str]:
        rows = Publication.filter(unsettled(self._clock.now_ms()), center_id=self._center_id)
        return [str(i) for i in await rows.distinct().values_list("target_id", flat=True)]
