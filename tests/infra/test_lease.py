"""A lease: one does the work, and who is killed keeps nobody waiting."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from wecc.infra.lease import hold
from wecc.kernel.ids import new_id

_HOLDER = """
import asyncio, sys
from pathlib import Path
from redis.asyncio import Redis
from wecc.infra.lease import hold

async def work():
    async with Redis(unix_socket_path=sys.argv[1]) as redis, hold(redis, sys.argv[2], Path(sys.argv[3])):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(work())
"""


@pytest.fixture
async def redis(valkey_socket: str) -> AsyncIterator[Redis]:
    async with Redis(unix_socket_path=valkey_socket) as client:
        yield client


async def is_held(redis: Redis, name: str, file: Path) -> bool:
    """Whether somebody else has it, for as long as one looks."""
    try:
        async with asyncio.timeout(0.5), hold(redis, name, file):
            return False
    except TimeoutError:
        return True


async def test_one_at_a_time_on_one_host_and_on_several(redis: Redis, tmp_path: Path) -> None:
    name, here, there = new_id(), tmp_path / "here", tmp_path / "there"
    async with hold(redis, name, here):
        assert await is_held(redis, name, here)
        assert await is_held(redis, name, there)
    assert not await is_held(redis, name, there)
    assert not await is_held(redis, name, here)


async def test_who_was_killed_is_followed_at_once_here_and_later_elsewhere(
    redis: Redis, valkey_socket: str, tmp_path: Path
) -> None:
    name, here, there = new_id(), tmp_path / "here", tmp_path / "there"
    command = [sys.executable, "-c", _HOLDER, valkey_socket, name, str(here)]
    holder = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout is not None
    await holder.stdout.readline()
    assert await is_held(redis, name, here)
    holder.kill()
    await holder.communicate()
    assert await redis.pttl(f"wecc:lease:{name}") > 2_000, "the killed one's lease still runs"
    assert await is_held(redis, name, there)
    assert not await is_held(redis, name, here)
