"""The jobs process: leased, so that of several one works at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import uvloop
from redis.exceptions import RedisError

from wecc.app import core, run_jobs
from wecc.infra.lease import LeaseLost, hold
from wecc.processes.life import until_told_to_stop
from wecc.settings import Settings

log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Work until told to stop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(settings))


async def _main(settings: Settings) -> None:
    async with core(settings) as opened:

        async def work() -> None:
            while True:
                try:
                    async with hold(opened.redis, "jobs", settings.data.folder / "jobs.lock"):
                        log.info("jobs.leased")
                        await run_jobs(opened)
                except LeaseLost:
                    log.warning("jobs.lease_lost")
                except (RedisError, OSError) as error:
                    log.warning("jobs.no_redis", extra={"why": type(error).__name__})
                    await asyncio.sleep(0.5)

        task = opened.tasks.start(work(), name="jobs")
        await until_told_to_stop()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
