"""Work that would block the loop (hashing, images, files) runs in a bounded pool."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from wecc.kernel.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")


class BlockingPool:
    """At most `workers` at once and `waiting` in line; more are refused, so a flood of one kind of work
    cannot grow without bound. A pool for each kind keeps them from starving one another."""

    def __init__(self, name: str, workers: int, waiting: int) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._room = workers + waiting

    async def run(self, deadline_s: float, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` in a thread.

        Raises: Unavailable when the line is full or the deadline passes (the thread still ends its work).
        """
        if self._room <= 0:
            raise Unavailable
        self._room -= 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, partial(fn, *args, **kwargs))
        future.add_done_callback(self._free)
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.shield(future)
        except TimeoutError as error:
            raise Unavailable from error

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _free(self, future: asyncio.Future[T]) -> None:
        self._room += 1
        if not future.cancelled():
            future.exception()
