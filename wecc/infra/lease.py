"""A lease in Redis: of several processes, one does a job at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from wecc.kernel.ids import new_token

log = logging.getLogger(__name__)

_LIFE_MS = 6_000
_RENEW_S = 1.5

_RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class LeaseLost(Exception):
    """Another process may hold the lease now."""


@asynccontextmanager
async def hold(redis: Redis, name: str) -> AsyncIterator[None]:
    """Wait for the lease, hold it while inside, give it back at the end.

    Raises: LeaseLost inside (by cancelling what runs there) when it could not be renewed in time.
    """
    token = new_token()
    key = f"wecc:lease:{name}"
    while not await redis.set(key, token, nx=True, px=_LIFE_MS):
        await asyncio.sleep(_RENEW_S / 2)
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
