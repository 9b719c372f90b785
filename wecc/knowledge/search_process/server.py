"""Answers this node's processes over a unix socket: the search process's face. Source: 3.2.2-05."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from wecc.infra import unix
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Unavailable
from wecc.knowledge.bell import Bell
from wecc.knowledge.search import ANSWER_AT, SUGGEST_AT, Access, Engine, decide
from wecc.knowledge.search_process.client import (
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
from wecc.knowledge.search_process.indexes import Holding, Indexes
from wecc.settings import Settings

log = logging.getLogger(__name__)

_AT_ONCE = 256
"""Questions of one connection that are being answered."""
_NOTHING_FOUND = Found(
    revision=0,
    hits=[],
    total=0,
    decision="escalate",
    confidence=0.0,
    asks_back=False,
    category_counts={},
    dropped=[],
)


class SearchServer:
    """Serves all centers of the database, until cancelled."""

    def __init__(self, settings: Settings, clock: Clock, bell: Bell | None = None) -> None:
        self._socket = socket_file(settings.data)
        self._indexes = Indexes(settings.knowledge, clock, bell)
        self._connections: set[asyncio.StreamWriter] = set()
        self._refused = 0

    async def run(self) -> None:
        """Listen, and keep the indexes."""
        async with self._listening():
            await self._indexes.run()

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        path = self._socket
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
            for writer in tuple(self._connections):
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        room = asyncio.Semaphore(_AT_ONCE)
        self._connections.add(writer)
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
            self._connections.discard(writer)
            writer.close()

    async def _answer(self, envelope: Envelope, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._asked(envelope)
        except Unavailable as error:
            self._refused += 1
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
        holding = self._indexes.holding(asked.center_id)
        if isinstance(asked, StateAsked):
            return self._state(holding)
        if holding is None:
            return Completed(hits=[]) if isinstance(asked, CompleteAsked) else _NOTHING_FOUND
        deadline_s = envelope.deadline_ms / 1000
        if isinstance(asked, CompleteAsked):
            return await self._indexes.ask(holding, deadline_s, partial(completed, asked))
        return await self._indexes.ask(holding, deadline_s, partial(found, asked))

    def _state(self, holding: Holding | None) -> IndexState:
        engine = holding.engine if holding is not None else None
        return IndexState(
            revision=engine.revision if engine is not None else 0,
            documents=engine.count if engine is not None else 0,
            engine=holding.kind if holding is not None else "",
            has_encoder=engine is not None and engine.has_encoder,
            is_provisional=holding is not None and holding.scratch is not None,
            default_answer_at=ANSWER_AT,
            default_suggest_at=SUGGEST_AT,
            refused=self._refused,
        )


def _access(targets: Sequence[str], keys: Sequence[str]) -> Access:
    return Access(frozenset(targets), frozenset(keys))


def found(asked: FindAsked, engine: Engine) -> Found:
    """What an engine finds."""
    access = _access(asked.targets, asked.keys)
    best = engine.search(asked.text, access, asked.limit, category_id=asked.category_id, lang=asked.lang)
    return Found(
        revision=engine.revision,
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
            for hit in best.hits
        ],
        total=best.total,
        decision=decide(
            best,
            ANSWER_AT if asked.answer_at is None else asked.answer_at,
            SUGGEST_AT if asked.suggest_at is None else asked.suggest_at,
        ),
        confidence=float(best.confidence),
        asks_back=best.asks_back,
        category_counts=dict(best.category_counts),
        dropped=list(best.dropped),
    )


def completed(asked: CompleteAsked, engine: Engine) -> Completed:
    """What an engine completes."""
    hits = engine.complete(asked.text, _access(asked.targets, asked.keys), asked.limit)
    return Completed(
        hits=[CompletedHit(article_id=hit.article_id, text=hit.text, marks=list(hit.marks)) for hit in hits]
    )
