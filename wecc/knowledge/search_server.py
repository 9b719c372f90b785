"""The search process's work: an engine for each center, kept as the database says, asked over a unix socket.

It alone opens the index. All engines run in one thread, so that questions wait in one bounded line; what takes long
(building an index that is damaged or new) happens beside, while a lesser index made in a moment answers.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tortoise.exceptions import BaseORMException

from wecc.infra import unix
from wecc.infra.blocking import BlockingPool
from wecc.infra.tasks import TaskOwner
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Unavailable, WeccError
from wecc.kernel.ids import CenterId
from wecc.knowledge.documents import documents, vocabulary
from wecc.knowledge.models import KnowledgeBase
from wecc.knowledge.search import (
    ANSWER_AT,
    SUGGEST_AT,
    Access,
    Document,
    Engine,
    IndexDamaged,
    Kind,
    Vocabulary,
    decide,
    encoder,
)
from wecc.knowledge.search_client import (
    CompleteAsked,
    Completed,
    CompletedHit,
    Envelope,
    FindAsked,
    Found,
    FoundHit,
    IndexState,
    StateAsked,
    socket_file,
)
from wecc.knowledge.shelf import changed_since, revision_of
from wecc.settings import Settings

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.2
_LIST_EVERY_S = 1.0
_WAITING = 128
_BATCH = 64
_APPLY_DEADLINE_S = 120.0
_BUILD_DEADLINE_S = 3600.0
_PATIENCE_S = 4.0
"""What opens within it needs no other index to answer meanwhile."""
_AT_ONCE = 256
"""Questions of one connection that are being answered."""


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
    damaged: asyncio.Event = field(default_factory=asyncio.Event)

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


class SearchServer:
    """Serves all centers of the database, until cancelled."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._kind: Kind = settings.knowledge.engine
        self._folder = settings.knowledge.index_folder
        self._thread = BlockingPool("search", workers=1, waiting=_WAITING)
        self._builders = BlockingPool("index builder", workers=2, waiting=64)
        self._holdings: dict[str, Holding] = {}
        self._centers: set[str] = set()
        self._is_listed = False
        self.refused = 0

    async def run(self) -> None:
        """Listen, open every center's index, follow what changes."""
        async with self._listening(), self._owning(), TaskOwner() as owner:
            try:
                while True:
                    with suppress(OSError, BaseORMException, WeccError):
                        await self._adopt(owner)
                    await asyncio.sleep(_LIST_EVERY_S)
            finally:
                await owner.stop()
                for holding in self._holdings.values():
                    await self._close(holding)
                self._thread.close()
                self._builders.close()

    async def _adopt(self, owner: TaskOwner) -> None:
        """Serve every center that has a knowledge base."""
        ids = await KnowledgeBase.all().order_by("center_id").values_list("center_id", flat=True)
        for center_id in map(str, ids):
            if center_id not in self._centers:
                self._centers.add(center_id)
                keeper = CenterId(center_id)
                owner.keep_alive(lambda c=keeper: self._keep(c), name=f"index {center_id}")  # type: ignore[misc]
        self._is_listed = True

    # ------------------------------------------------------------------ keeping an index

    async def _keep(self, center_id: CenterId) -> None:
        """Have a sound index for the center, until it is damaged."""
        began_s = self._clock.monotonic_s()
        truth = await _read(center_id)
        building = asyncio.ensure_future(self._build(center_id, truth))  # noqa: TID251 - awaited below
        try:
            await asyncio.wait({building}, timeout=_PATIENCE_S)
            if not building.done():
                lesser = await self._build_lesser(center_id, truth)
                await self._replace(lesser)
                log.info("index.provisional", extra={"center": center_id, "documents": lesser.engine.count})
                while not building.done():
                    await self._follow(lesser)
                    await asyncio.wait({building}, timeout=_LOOK_EVERY_S)
            holding = await building
        finally:
            building.cancel()
        await self._replace(holding)
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
        while not holding.damaged.is_set():
            await self._follow(holding)
            await asyncio.sleep(_LOOK_EVERY_S)
        log.error("index.damaged", extra={"center": center_id})

    async def _build(self, center_id: CenterId, truth: _Truth) -> Holding:
        has_encoder = self._settings.knowledge.has_encoder
        folder = self._folder / center_id
        return await self._open(center_id, folder, self._kind, truth, has_encoder=has_encoder)

    async def _build_lesser(self, center_id: CenterId, truth: _Truth) -> Holding:
        """One that is made in a moment: it knows no meanings."""
        scratch = Path(tempfile.mkdtemp(prefix="wecc-index-"))
        holding = await self._open(center_id, scratch, "fts5", truth, has_encoder=False)
        holding.scratch = scratch
        return holding

    async def _open(
        self, center_id: CenterId, folder: Path, kind: Kind, truth: _Truth, *, has_encoder: bool
    ) -> Holding:
        engine = await self._builders.run(
            _BUILD_DEADLINE_S,
            _opened,
            folder,
            kind,
            truth,
            has_encoder,
        )
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
            revision = await revision_of(holding.center_id)
            if revision > holding.revision:
                await self._catch_up(holding, revision)
        except (OSError, BaseORMException, WeccError) as error:
            log.warning("index.not_followed", extra={"center": holding.center_id, "why": repr(error)})

    async def _catch_up(self, holding: Holding, revision: int) -> None:
        changed = await changed_since(holding.center_id, holding.revision, revision)
        if changed is None or "" in changed:
            words, version = await vocabulary(holding.center_id)
            if version != holding.words_version:
                await self._apply(holding, holding.engine.set_vocabulary, words)
                holding.words_version = version
        ids = sorted(changed - {""}) if changed is not None else None
        found: defaultdict[str, list[Document]] = defaultdict(list)
        for document in await documents(holding.center_id, ids):
            found[document.article_id].append(document)
        if ids is None:
            ids = sorted(found.keys() | holding.keys.keys())
        for start in range(0, len(ids), _BATCH):
            some = ids[start : start + _BATCH]
            new = {i: {d.key: d.digest() for d in found[i]} for i in some}
            old = {i: holding.keys.get(i, {}) for i in some}
            added = [d for i in some for d in found[i] if old[i].get(d.key) != new[i][d.key]]
            removed = [key for i in some for key in old[i] if key not in new[i]]
            if added or removed:
                await self._apply(holding, holding.engine.apply, added, removed, holding.revision)
            holding.keys.update(new)
        holding.engine.revision = revision

    async def _apply(self, holding: Holding, change: object, *arguments: object) -> None:
        assert callable(change)
        try:
            await self._thread.run(_APPLY_DEADLINE_S, change, *arguments)
        except IndexDamaged:
            holding.damaged.set()
            raise Unavailable from None

    async def find_once(self, asked: FindAsked) -> Found:
        """Open one center's index, ask it, close it. Raises: Unavailable while another process has the index."""
        center_id = CenterId(asked.center_id)
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await stack.enter_async_context(self._owning())
            except TimeoutError as error:
                raise Unavailable("Another process has the index.") from error
            stack.callback(self._builders.close)
            stack.callback(self._thread.close)
            holding = await self._build(center_id, await _read(center_id))
            stack.push_async_callback(self._close, holding)
            return await self._thread.run(_APPLY_DEADLINE_S, _find, holding, asked)

    # ------------------------------------------------------------------ answering

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        path = socket_file(self._settings.data)
        path.unlink(missing_ok=True)
        # Whoever may open it may ask in anybody's name.
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._serve, str(path), limit=unix.MAX_FRAME_BYTES)
        finally:
            os.umask(before)
        try:
            yield
        finally:
            server.close()

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

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        room = asyncio.Semaphore(_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    envelope = Envelope.model_validate_json(await unix.read_frame(reader))
                    await room.acquire()
                    answering = group.create_task(self._answer(envelope, writer), name="answer")
                    answering.add_done_callback(lambda _: room.release())
        except* (OSError, EOFError, ValueError):
            pass  # it hung up, or spoke nonsense
        finally:
            writer.close()

    async def _answer(self, envelope: Envelope, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._asked(envelope)
        except Unavailable as error:
            self.refused += 1
            reply: dict[str, object] = {"id": envelope.id, "error": error.code}
        except Exception:
            log.exception("search.failed")
            reply = {"id": envelope.id, "error": "internal"}
        else:
            reply = {"id": envelope.id, "error": "", "answer": answer.model_dump()}
        writer.write(unix.frame(reply))
        await writer.drain()

    async def _asked(self, envelope: Envelope) -> Found | Completed | IndexState:
        asked = envelope.ask
        holding = self._holdings.get(asked.center_id)
        if holding is None:
            if self._is_listed and asked.center_id not in self._centers:
                return self._nothing(asked)
            raise Unavailable
        if isinstance(asked, StateAsked):
            return self._state(holding)
        until_s = self._clock.monotonic_s() + envelope.deadline_ms / 1000

        def in_time() -> Found | Completed:
            # Nobody waits for it any more: it would only make others wait.
            if self._clock.monotonic_s() > until_s:
                raise Unavailable
            return _find(holding, asked) if isinstance(asked, FindAsked) else _complete(holding, asked)

        try:
            return await self._thread.run(envelope.deadline_ms / 1000, in_time)
        except IndexDamaged:
            holding.damaged.set()
            raise Unavailable from None

    def _state(self, holding: Holding) -> IndexState:
        return IndexState(
            revision=holding.revision,
            documents=holding.engine.count,
            engine=holding.kind,
            has_encoder=holding.engine.has_encoder,
            is_provisional=holding.scratch is not None,
            default_answer_at=ANSWER_AT,
            default_suggest_at=SUGGEST_AT,
            refused=self.refused,
        )

    def _nothing(self, asked: FindAsked | CompleteAsked | StateAsked) -> Found | Completed | IndexState:
        """Of a center that never had a knowledge base."""
        if isinstance(asked, CompleteAsked):
            return Completed(hits=[])
        if isinstance(asked, FindAsked):
            return Found(
                revision=0,
                hits=[],
                total=0,
                decision="escalate",
                confidence=0.0,
                asks_back=False,
                category_counts={},
                dropped=[],
            )
        return IndexState(
            revision=0,
            documents=0,
            engine=self._kind,
            has_encoder=False,
            is_provisional=False,
            default_answer_at=ANSWER_AT,
            default_suggest_at=SUGGEST_AT,
            refused=self.refused,
        )


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


def _access(targets: Sequence[str], keys: Sequence[str]) -> Access:
    return Access(frozenset(targets), frozenset(keys))


def _find(holding: Holding, asked: FindAsked) -> Found:
    access = _access(asked.targets, asked.keys)
    found = holding.engine.search(
        asked.text, access, asked.limit, category_id=asked.category_id, lang=asked.lang
    )
    return Found(
        revision=holding.revision,
        hits=[
            FoundHit(
                article_id=hit.article_id,
                version=hit.version,
                score=float(hit.score),
                confidence=float(hit.confidence),
                snippet=hit.snippet,
                marks=list(hit.marks),
                title_marks=list(hit.title_marks),
            )
            for hit in found.hits
        ],
        total=found.total,
        decision=decide(
            found,
            ANSWER_AT if asked.answer_at is None else asked.answer_at,
            SUGGEST_AT if asked.suggest_at is None else asked.suggest_at,
        ),
        confidence=float(found.confidence),
        asks_back=found.asks_back,
        category_counts=dict(found.category_counts),
        dropped=list(found.dropped),
    )


def _complete(holding: Holding, asked: CompleteAsked) -> Completed:
    hits = holding.engine.complete(asked.text, _access(asked.targets, asked.keys), asked.limit)
    return Completed(
        hits=[CompletedHit(article_id=hit.article_id, text=hit.text, marks=list(hit.marks)) for hit in hits]
    )
