"""Counting and noting that nobody waits for: written behind, a batch at a time, and dropped when too much comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

from wecc.infra.tasks import TaskOwner

log = logging.getLogger(__name__)

T = TypeVar("T")

_WAITING = 2000
_BATCH = 200
_END_DEADLINE_S = 3.0
_GATHER_S = 0.25
"""More that comes within it is written with the first: a transaction costs a disk's turn."""


class WriteBehind(Generic[T]):
    """Hands what is put in to `write`, in order, in batches. What finds no room, or cannot be written, is lost."""

    def __init__(self, name: str, write: Callable[[list[T]], Awaitable[None]]) -> None:
        self._name = name
        self._write = write
        self._queue: asyncio.Queue[T] = asyncio.Queue(_WAITING)
        self.lost = 0
        self._hurry = asyncio.Event()

    def put(self, item: T) -> None:
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            self.lost += 1

    def start(self, owner: TaskOwner) -> None:
        owner.keep_alive(self._run, name=self._name, pause_s=0.5)

    async def drain(self) -> None:
        """Wait until all is written; bounded."""
        self._hurry.set()
        try:
            async with asyncio.timeout(_END_DEADLINE_S):
                await self._queue.join()
        except TimeoutError:
            log.warning("behind.not_drained", extra={"what": self._name, "waiting": self._queue.qsize()})

    async def _gather(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_GATHER_S):
                await self._hurry.wait()
        self._hurry.clear()

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            await self._gather()
            while len(batch) < _BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._write(batch)
            except Exception:
                self.lost += len(batch)
                raise
            finally:
                for _ in batch:
                    self._queue.task_done()
