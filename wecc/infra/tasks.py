"""Background work that outlives a request has an owner that keeps, names and ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from redis.exceptions import RedisError

from wecc.kernel.errors import WeccError

log = logging.getLogger(__name__)


class TaskOwner:
    """Runs background coroutines until left; then cancels them and waits, bounded.

    A coroutine that fails is logged; one started with `keep_alive` is started again after a pause.
    """

    def __init__(self, stop_deadline_s: float = 5.0) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop_deadline_s = stop_deadline_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def start(self, coroutine: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run once in the background."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def keep_alive(
        self, make: Callable[[], Coroutine[Any, Any, None]], *, name: str, pause_s: float = 1.0
    ) -> asyncio.Task[None]:
        """Run for ever; what fails or returns is started again after `pause_s`."""

        async def forever() -> None:
            while True:
                try:
                    await make()
                except (OSError, RedisError, WeccError) as error:
                    # A store is away, which it may be; the next round finds it again.
                    log.warning(
                        "background.failed", extra={"task": name, "why": f"{type(error).__name__}: {error}"}
                    )
                except Exception:
                    log.exception("background.failed", extra={"task": name})
                await asyncio.sleep(pause_s)

        return self.start(forever(), name=name)

    async def stop(self) -> None:
        """Cancel everything and wait for the ends, at most the deadline. Idempotent."""
        tasks = [t for t in self._tasks if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._stop_deadline_s)
            for task in late:
                log.warning("background.late", extra={"task": task.get_name()})

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("background.died", exc_info=error, extra={"task": task.get_name()})
