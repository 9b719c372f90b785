"""The search process: one a node, the only one that opens the index."""

from __future__ import annotations

import asyncio
import contextlib
import gc

import uvloop

from wecc.infra import db
from wecc.infra import redis as redis_client
from wecc.infra.tasks import TaskOwner
from wecc.kernel.clock import SystemClock
from wecc.knowledge.bell import Bell
from wecc.knowledge.search_process.server import SearchServer
from wecc.processes.life import until_told_to_stop
from wecc.settings import Settings

_GARBAGE = (700, 10, 10)
"""Python's own, after loading: the index leaves circles that hold whole files."""


def run(settings: Settings) -> None:
    """Work until told to stop."""
    gc.set_threshold(*_GARBAGE)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(settings))


async def _main(settings: Settings) -> None:
    await db.connect(settings.data, ["knowledge"])
    redis = redis_client.connect(settings.data)
    try:
        async with TaskOwner() as owner:
            bell = Bell(redis)
            bell.listen(owner)
            server = SearchServer(settings, SystemClock(), bell)
            task = owner.keep_alive(server.run, name="search")
            await until_told_to_stop()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    finally:
        await redis.aclose()
        await db.close()
