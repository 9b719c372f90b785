"""Group commit: one transaction carries whatever arrived while the one before it ran. Source: design §5."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wecc.conversations.domain import Appended, Draft, NewConversation
from wecc.conversations.store import LogStore
from wecc.kernel.errors import Unavailable, WeccError

log = logging.getLogger(__name__)

_BATCH = 256
_WAITING = 5000
_COMMIT_DEADLINE_S = 9.0


@dataclass(slots=True)
class _Request:
    new: NewConversation | None
    drafts: Sequence[Draft]
    done: asyncio.Future[list[Appended]]


class LogWriter:
    """Appends to conversations' logs; what `append` returned is durable.

    `told` is called after each commit with what was appended, in order: fan-out hangs there.
    """

    def __init__(self, store: LogStore, told: Callable[[Appended], None]) -> None:
        self._store = store
        self._told = told
        self._queue: asyncio.Queue[_Request] = asyncio.Queue(_WAITING)

    async def append(self, *drafts: Draft, new: NewConversation | None = None) -> list[Appended]:
        """Append these drafts, all or none acknowledged; with `new`, create the conversation first.

        Raises: the first refused draft's error (the others of the call may have been stored: repeating the
        call is harmless); Unavailable when the database does not answer or too much waits already.
        """
        request = _Request(new, drafts, asyncio.get_running_loop().create_future())
        try:
            self._queue.put_nowait(request)
        except asyncio.QueueFull as error:
            raise Unavailable from error
        return await request.done

    async def run(self) -> None:
        """Commit for ever; cancelled at the process's end, after `drain`."""
        while True:
            batch = [await self._queue.get()]
            size = len(batch[0].drafts)
            while size < _BATCH and not self._queue.empty():
                request = self._queue.get_nowait()
                batch.append(request)
                size += len(request.drafts)
            await self._commit(batch)
            for _ in batch:
                self._queue.task_done()

    async def drain(self, deadline_s: float) -> None:
        """Wait until everything taken in is stored."""
        try:
            async with asyncio.timeout(deadline_s):
                await self._queue.join()
        except TimeoutError:
            log.warning("log.not_drained", extra={"waiting": self._queue.qsize()})

    async def _commit(self, batch: list[_Request]) -> None:
        new = [r.new for r in batch if r.new is not None]
        drafts = [d for r in batch for d in r.drafts]
        try:
            async with asyncio.timeout(_COMMIT_DEADLINE_S):
                fates = await self._store.commit(new, drafts)
        except (Unavailable, TimeoutError) as error:
            log.warning(
                "log.commit_failed", extra={"drafts": len(drafts), "why": repr(error.__cause__ or error)}
            )
            for request in batch:
                if not request.done.done():
                    request.done.set_exception(Unavailable())
            return
        except Exception:
            # One poisonous request must not refuse its neighbours: try them one by one.
            if len(batch) > 1:
                for request in batch:
                    await self._commit([request])
                return
            log.exception("log.commit_broken")
            if not batch[0].done.done():
                batch[0].done.set_exception(Unavailable())
            return
        at = 0
        for request in batch:
            mine = fates[at : at + len(request.drafts)]
            at += len(request.drafts)
            good = [f for f in mine if isinstance(f, Appended)]
            for fate in good:
                # Repeats too: after an uncertain commit nobody may have been told; readers drop duplicates.
                self._told(fate)
            if request.done.done():
                continue  # its sender was cancelled or cut off; the events stand
            refused = next((f for f in mine if isinstance(f, WeccError)), None)
            if refused is not None:
                request.done.set_exception(refused)
            else:
                request.done.set_result(good)
