"""The indexes of all centers: opened, kept as the database says, rebuilt when they are damaged. Source: 3.2.2-05.

Whoever has the folder is the only one who opens what is in it. All questions are answered in one thread, where they
wait in one bounded line; what takes long happens in others: writing what was published, and building an index that
is new or damaged, while a lesser one that is made in a moment answers.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from tortoise.exceptions import BaseORMException

from wecc.infra.blocking import BlockingPool
from wecc.infra.tasks import TaskOwner
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Unavailable, WeccError
from wecc.kernel.ids import CenterId
from wecc.knowledge.bell import Bell
from wecc.knowledge.models import KnowledgeBase
from wecc.knowledge.search import Document, Engine, IndexDamaged, Kind, Vocabulary, encoder
from wecc.knowledge.search_process.documents import documents, shown_ids, vocabulary
from wecc.knowledge.shelf import changed_since, revision_of
from wecc.settings import Knowledge

log = logging.getLogger(__name__)

T = TypeVar("T")

_LOOK_EVERY_S = 0.5
_LIST_EVERY_S = 1.0
_WAITING = 128
_BATCH = 64
_APPLY_DEADLINE_S = 120.0
_BUILD_DEADLINE_S = 3600.0
_REBUILD_PAUSE_S = 5.0
_PATIENCE_S = 20.0
"""What was left on disk is opened or mended by then, even on a busy machine."""
_NEW_PATIENCE_S = 2.0
"""What is built within it needs no other index to answer meanwhile."""


@dataclass(slots=True)
class Holding:
    """A center's engine and what it was told. `keys`: the digests of an article's versions, by key."""

    center_id: CenterId
    engine: Engine
    kind: Kind
    words_version: int
    keys: dict[str, dict[str, str]]
    scratch: Path | None = None
    """Of a lesser index, the folder that goes with it."""
    damage: str = ""
    """What was found wrong with it: another takes its place."""
    heard: int = field(init=False)
    """The revision up to which it is known what changed."""
    waiting: dict[str, None] = field(default_factory=dict)
    """Articles that changed and are not in it as they are now, the last change last."""

    def __post_init__(self) -> None:
        self.heard = self.engine.revision

    @property
    def revision(self) -> int:
        return self.engine.revision


@dataclass(frozen=True, slots=True)
class _Truth:
    """What the database says a center's index should hold."""

    documents: list[Document]
    revision: int
    vocabulary: Vocabulary
    words_version: int


class Indexes:
    """Of all centers of the database. One instance a node."""

    def __init__(self, settings: Knowledge, clock: Clock, bell: Bell | None = None) -> None:
        self._clock = clock
        self._bell = bell or Bell()
        self._kind: Kind = settings.engine
        self._has_encoder = settings.has_encoder
        self._folder = settings.index_folder
        self._thread = BlockingPool("search", workers=1, waiting=_WAITING)
        self._writer = BlockingPool("index writer", workers=1, waiting=_WAITING)
        self._builders = BlockingPool("index builder", workers=2, waiting=64)
        self._holdings: dict[str, Holding] = {}
        self._centers: set[str] = set()
        self._damaged: set[str] = set()
        self._is_listed = False

    async def run(self) -> None:
        """Open every center's index and follow what changes, until cancelled."""
        async with self._owning(), TaskOwner() as owner:
            try:
                while True:
                    with suppress(OSError, BaseORMException, WeccError):
                        await self._adopt(owner)
                    await asyncio.sleep(_LIST_EVERY_S)
            finally:
                await owner.stop()
                await self.close()

    @asynccontextmanager
    async def opened(self, center_id: CenterId) -> AsyncIterator[Holding]:
        """One center's index, for a moment. Raises: Unavailable while another process has the folder."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await stack.enter_async_context(self._owning())
            except TimeoutError as error:
                raise Unavailable("Another process has the index.") from error
            stack.push_async_callback(self.close)
            holding = self._holdings[center_id] = await self._build(center_id, await _read(center_id))
            yield holding

    async def close(self) -> None:
        """Idempotent."""
        for center_id in list(self._holdings):
            await self._close(self._holdings.pop(center_id))
        self._thread.close()
        self._writer.close()
        self._builders.close()

    def holding(self, center_id: str) -> Holding | None:
        """What answers for a center; None when it never had a knowledge base.

        Raises: Unavailable while its index is being opened.
        """
        holding = self._holdings.get(center_id)
        if holding is None and (not self._is_listed or center_id in self._centers):
            raise Unavailable
        return holding

    async def ask(self, holding: Holding, deadline_s: float, work: Callable[[Engine], T]) -> T:
        """Have something done with an engine, in its turn and in time.

        Raises: Unavailable, also when it turns out to be damaged.
        """
        until_s = self._clock.monotonic_s() + deadline_s

        def in_time() -> T:
            # Nobody waits for it any more: it would only make others wait.
            if self._clock.monotonic_s() > until_s:
                raise Unavailable
            return work(holding.engine)

        return await self._run(self._thread, holding, deadline_s, in_time)

    async def _run(
        self, thread: BlockingPool, holding: Holding, deadline_s: float, work: Callable[[], T]
    ) -> T:
        try:
            return await thread.run(deadline_s, work)
        except IndexDamaged as error:
            holding.damage = str(error)
            raise Unavailable from None

    # ------------------------------------------------------------------ keeping them

    async def _adopt(self, owner: TaskOwner) -> None:
        """Serve every center that has a knowledge base."""
        ids = await KnowledgeBase.all().order_by("center_id").values_list("center_id", flat=True)
        for center_id in map(CenterId, map(str, ids)):
            if center_id not in self._centers:
                self._centers.add(center_id)
                owner.keep_alive(partial(self._keep, center_id), name=f"index {center_id}", pause_s=0.5)
        self._is_listed = True

    @asynccontextmanager
    async def _owning(self) -> AsyncIterator[None]:
        """The index folder, for this process alone; waits for another that still has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            is_told = False
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if not is_told:
                        log.warning("index.in_use", extra={"folder": str(self._folder)})
                    is_told = True
                    await asyncio.sleep(0.1)
            yield

    async def _keep(self, center_id: CenterId) -> None:
        """Have a sound index for the center, until it is damaged."""
        began_s = self._clock.monotonic_s()
        truth = await _read(center_id)
        failed = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            building = group.create_task(self._build_at_last(center_id, truth, failed))
            failing = group.create_task(failed.wait())
            patience_s = self._patience_s(center_id)
            await asyncio.wait({building, failing}, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
            failing.cancel()
            if not building.done():
                lesser = await self._build_lesser(center_id, truth)
                await self._replace(lesser)
                log.info("index.provisional", extra={"center": center_id, "documents": lesser.engine.count})
                while not building.done():
                    await self._follow(lesser)
                    await asyncio.wait({building}, timeout=_LOOK_EVERY_S)
        holding = building.result()
        await self._replace(holding)
        self._damaged.discard(center_id)
        log.info(
            "index.ready",
            extra={
                "center": center_id,
                "documents": holding.engine.count,
                "seconds": round(self._clock.monotonic_s() - began_s, 2),
                "engine": self._kind,
                "encoder": holding.engine.has_encoder,
            },
        )
        while not holding.damage:
            await self._follow(holding)
            await self._bell.wait(center_id, _LOOK_EVERY_S)
        log.error("index.damaged", extra={"center": center_id, "why": holding.damage})
        self._damaged.add(center_id)  # what it has in memory answers until there is another

    def _patience_s(self, center_id: CenterId) -> float:
        """How long to wait for an index before another is made that answers meanwhile."""
        if center_id in self._damaged:
            return 0
        folder = self._folder / center_id
        return _PATIENCE_S if folder.is_dir() and any(folder.iterdir()) else _NEW_PATIENCE_S

    async def _build_at_last(self, center_id: CenterId, truth: _Truth, failed: asyncio.Event) -> Holding:
        """However often it takes: the folder may be full, or not to be written."""
        while True:
            try:
                return await self._build(center_id, truth)
            except (OSError, sqlite3.Error, IndexDamaged, Unavailable) as error:
                if not failed.is_set():
                    log.error("index.not_built", extra={"center": center_id, "why": repr(error)})  # noqa: TRY400 - told once, for the operator
                failed.set()
            await asyncio.sleep(_REBUILD_PAUSE_S)

    async def _build(self, center_id: CenterId, truth: _Truth) -> Holding:
        folder = self._folder / center_id
        return await self._open(center_id, folder, self._kind, truth, has_encoder=self._has_encoder)

    async def _build_lesser(self, center_id: CenterId, truth: _Truth) -> Holding:
        """One that is made in a moment: it knows no meanings."""
        scratch = Path(tempfile.mkdtemp(prefix="wecc-index-"))
        holding = await self._open(center_id, scratch, "fts5", truth, has_encoder=False)
        holding.scratch = scratch
        return holding

    async def _open(
        self, center_id: CenterId, folder: Path, kind: Kind, truth: _Truth, *, has_encoder: bool
    ) -> Holding:
        engine = await self._builders.run(_BUILD_DEADLINE_S, _opened, folder, kind, truth, has_encoder)
        return Holding(center_id, engine, kind, truth.words_version, _keys(truth.documents))

    async def _replace(self, holding: Holding) -> None:
        old = self._holdings.get(holding.center_id)
        self._holdings[holding.center_id] = holding
        if old is not None:
            await self._close(old)

    async def _close(self, holding: Holding) -> None:
        with suppress(Unavailable, OSError):
            await self._thread.run(_APPLY_DEADLINE_S, holding.engine.close)
        if holding.scratch is not None:
            shutil.rmtree(holding.scratch, ignore_errors=True)

    async def _follow(self, holding: Holding) -> None:
        """Bring the index to what the database says now. What fails is tried again by the next call."""
        try:
            while True:
                revision = await revision_of(holding.center_id)
                if revision != holding.heard:
                    await self._hear(holding, revision)
                if not holding.waiting:
                    break
                await self._apply(holding)
            holding.engine.revision = holding.heard
        except (OSError, BaseORMException, WeccError) as error:
            if not holding.damage:
                log.warning("index.not_followed", extra={"center": holding.center_id, "why": repr(error)})

    async def _hear(self, holding: Holding, revision: int) -> None:
        """Which articles changed up to a revision, and the words."""
        changed = await changed_since(holding.center_id, holding.heard, revision)
        if changed is None or "" in changed:
            words, version = await vocabulary(holding.center_id)
            if version != holding.words_version:
                learn = partial(Engine.set_vocabulary, vocabulary=words)
                await self.ask(holding, _APPLY_DEADLINE_S, learn)
                holding.words_version = version
        if changed is None:
            changed = {*await shown_ids(holding.center_id), *holding.keys}
        for article_id in changed - {""}:
            holding.waiting.pop(article_id, None)
            holding.waiting[article_id] = None
        holding.heard = revision

    async def _apply(self, holding: Holding) -> None:
        """Take in some of the articles that wait, those that changed last before others."""
        some = list(islice(reversed(holding.waiting), _BATCH))
        new: dict[str, dict[str, str]] = {i: {} for i in some}
        found = await documents(holding.center_id, some)
        for document in found:
            new[document.article_id][document.key] = document.digest()
        old = {i: holding.keys.get(i, {}) for i in some}
        changed = [d for d in found if old[d.article_id].get(d.key) != new[d.article_id][d.key]]
        removed = [key for i in some for key in old[i] if key not in new[i]]
        if changed or removed:
            write = partial(holding.engine.prepare, changed, removed, holding.revision)
            show = await self._run(self._writer, holding, _APPLY_DEADLINE_S, write)
            await self._run(self._thread, holding, _APPLY_DEADLINE_S, show)
        holding.keys.update(new)
        for article_id in some:
            del holding.waiting[article_id]


async def _read(center_id: CenterId) -> _Truth:
    # First the number, then what it counts: what is read may be newer than it says, never older.
    revision = await revision_of(center_id)
    words, words_version = await vocabulary(center_id)
    return _Truth(await documents(center_id), revision, words, words_version)


def _opened(folder: Path, kind: Kind, truth: _Truth, has_encoder: bool) -> Engine:
    if has_encoder and encoder.is_installed():
        encoder.encode([""])  # it takes a second to load, which the first question should not wait for
    documents, revision, words = truth.documents, truth.revision, truth.vocabulary
    return Engine.open(folder, kind, documents, revision, words, with_encoder=has_encoder)


def _keys(found: Iterable[Document]) -> dict[str, dict[str, str]]:
    keys: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for document in found:
        keys[document.article_id][document.key] = document.digest()
    return dict(keys)
