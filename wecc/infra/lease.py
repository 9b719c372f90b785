"""A lease in Redis: of several processes, one does a job at a time."""

from __future__ import annotations

import asyncio
import fcntl
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO

from redis.asyncio import Redis
from redis.exceptions import RedisError

from wecc.kernel.ids import new_token

log = logging.getLogger(__name__)

_LIFE_MS = 6_000
_RENEW_S = 1.5
_LOCKED_PAUSE_S = 0.2

_TAKE = """
local held = redis.call('get', KEYS[1])
if held and held ~= ARGV[3] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
return 1
"""
_RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class LeaseLost(Exception):
    """Another process may hold the lease now."""


@asynccontextmanager
async def hold(redis: Redis, name: str, file: Path) -> AsyncIterator[None]:
    """Wait for the lease, hold it while inside, give it back at the end.

    Of the processes that share `file` one at a time asks for it. The system lets go of the file when its holder is
    killed, so the next one takes over what that had at once; elsewhere they wait until it has run out.
    Raises: LeaseLost inside (by cancelling what runs there) when it could not be renewed in time.
    """
    token = new_token()
    key = f"wecc:lease:{name}"
    with file.open("a+") as lock:
        await _lock(lock)
        lock.seek(0)
        former = lock.read()
        while not await redis.eval(_TAKE, 1, key, token, str(_LIFE_MS), former):
            await asyncio.sleep(_RENEW_S / 2)
        lock.truncate(0)
        lock.write(token)
        lock.flush()
        async with _held(redis, name, key, token):
            yield


@asynccontextmanager
async def _held(redis: Redis, name: str, key: str, token: str) -> AsyncIterator[None]:
    owner = asyncio.current_task()
    assert owner is not None
    is_lost = False

    async def renew() -> None:
        nonlocal is_lost
        missed = 0
        while True:
            await asyncio.sleep(_RENEW_S)
            try:
                async with asyncio.timeout(_RENEW_S):
                    kept = await redis.eval(_RENEW, 1, key, token, str(_LIFE_MS))
                missed = 0
            except (RedisError, TimeoutError):
                # The lease lives longer than two renewals: one slow answer is no reason to stop.
                missed += 1
                kept = missed < 2
            if not kept:
                is_lost = True
                owner.cancel()
                return

    try:
        async with asyncio.TaskGroup() as group:
            renewal = group.create_task(renew(), name=f"lease {name}")
            try:
                yield
            finally:
                renewal.cancel()
                try:
                    async with asyncio.timeout(1):
                        await redis.eval(_RELEASE, 1, key, token)
                except (RedisError, TimeoutError):
                    log.info("lease.not_released", extra={"lease": name})
    except asyncio.CancelledError as error:
        if is_lost:
            owner.uncancel()
            raise LeaseLost(name) from error
        raise


async def _lock(file: TextIO) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_LOCKED_PAUSE_S)
        else:
            return
