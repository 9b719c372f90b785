"""Asks the search process of this node, over its unix socket: many questions at a time on one connection."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import count
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, TypeAdapter

from wecc.infra import unix
from wecc.infra.tasks import TaskOwner
from wecc.infra.wire import Wire
from wecc.kernel.errors import Unavailable
from wecc.knowledge.schemas import Decision
from wecc.settings import Data

_DEADLINE_S = 3.0
_CONNECT_S = 1.0
_WAITING = 512


class FindAsked(Wire):
    """A question, and what the asker may see. Thresholds: None as shipped."""

    kind: Literal["find"] = "find"
    center_id: str
    text: str
    targets: list[str]
    keys: list[str]
    limit: int
    category_id: str = ""
    lang: str = ""
    answer_at: float | None = None
    suggest_at: float | None = None


class FoundHit(Wire):
    article_id: str
    version: int
    score: float
    confidence: float
    snippet: str
    marks: list[tuple[int, int]]
    title_marks: list[tuple[int, int]]


class Found(Wire):
    """`revision`: of the knowledge base, as the index held it."""

    revision: int
    hits: list[FoundHit]
    total: int
    decision: Decision
    confidence: float
    asks_back: bool
    category_counts: dict[str, int]
    dropped: list[str]


class CompleteAsked(Wire):
    kind: Literal["complete"] = "complete"
    center_id: str
    text: str
    targets: list[str]
    keys: list[str]
    limit: int


class CompletedHit(Wire):
    article_id: str
    text: str
    marks: list[tuple[int, int]]


class Completed(Wire):
    hits: list[CompletedHit]


class StateAsked(Wire):
    """What the index of a center holds."""

    kind: Literal["state"] = "state"
    center_id: str


class IndexState(Wire):
    """`is_provisional`: the real index is being rebuilt; meanwhile a lesser one answers. `refused`: questions that
    found no room since the start."""

    revision: int
    documents: int
    engine: str
    has_encoder: bool
    is_provisional: bool
    default_answer_at: float
    default_suggest_at: float
    refused: int


class Envelope(Wire):
    """A request with its number and the time it may take, in milliseconds."""

    id: int
    deadline_ms: int
    ask: FindAsked | CompleteAsked | StateAsked = Field(discriminator="kind")


class Reply(Wire):
    """`error` names a code of ours; then `answer` is empty."""

    id: int
    error: str = ""
    answer: Found | Completed | IndexState | None = None


A = TypeVar("A", Found, Completed, IndexState)

ENVELOPE = TypeAdapter(Envelope)


def socket_file(data: Data) -> Path:
    """Where the search process listens."""
    return unix.socket_file(data.folder, "search")


class SearchClient:
    """One connection, opened when first needed and again after it broke. One instance a process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._lock = asyncio.Lock()
        self._owner = TaskOwner()

    async def find(self, asked: FindAsked) -> Found:
        """Raises: Unavailable."""
        return await self._ask(asked, Found)

    async def complete(self, asked: CompleteAsked) -> Completed:
        """Raises: Unavailable."""
        return await self._ask(asked, Completed)

    async def state(self, center_id: str) -> IndexState:
        """Raises: Unavailable."""
        return await self._ask(StateAsked(center_id=center_id), IndexState)

    async def is_answering(self) -> bool:
        """Whether the search process serves at all."""
        try:
            await self.state("")
        except Unavailable:
            return False
        return True

    async def close(self) -> None:
        """Idempotent."""
        await self._owner.stop()
        self._drop()

    async def _ask(self, asked: FindAsked | CompleteAsked | StateAsked, answers: type[A]) -> A:
        if len(self._waiting) >= _WAITING:
            raise Unavailable
        number = next(self._numbers)
        envelope = Envelope(id=number, deadline_ms=round(_DEADLINE_S * 1000), ask=asked)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(_DEADLINE_S):
                writer = await self._connected()
                writer.write(unix.frame(envelope.model_dump()))
                await writer.drain()
                reply = await future
        except (TimeoutError, OSError) as error:
            raise Unavailable from error
        finally:
            self._waiting.pop(number, None)
            if future.done() and not future.cancelled():
                future.exception()
        if reply.get("error"):
            raise Unavailable
        # Our own process wrote it: it is built, not checked again.
        return answers.model_validate(reply["answer"], strict=False)

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._lock:
            if self._writer is None:
                async with asyncio.timeout(_CONNECT_S):
                    reader, self._writer = await asyncio.open_unix_connection(
                        str(self._path), limit=unix.MAX_FRAME_BYTES
                    )
                self._owner.start(self._read(reader, self._writer), name="search answers")
            return self._writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                reply = unix.parsed(await unix.read_frame(reader))
                future = self._waiting.get(int(reply["id"]))
                if future is not None and not future.done():
                    future.set_result(reply)
        except (OSError, EOFError, ValueError):
            if self._writer is writer:
                self._drop()

    def _drop(self) -> None:
        """The connection is gone: nobody waits for its answers."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the search process is gone"))
