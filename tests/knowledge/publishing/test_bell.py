"""Processes hear of a change at once; nobody needs the bell."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from tests.knowledge.conftest import GD
from wecc.infra.tasks import TaskOwner
from wecc.kernel.ids import CenterId
from wecc.knowledge.bell import Bell

LONG_S = 60.0


async def test_it_rings_in_other_processes(valkey_socket: str) -> None:
    async with Redis(unix_socket_path=valkey_socket) as redis, TaskOwner() as owner, asyncio.timeout(10):
        here, there = Bell(redis), Bell(redis)
        here.start(owner)
        there.listen(owner)
        while await redis.pubsub_numsub("wecc:knowledge") != [(b"wecc:knowledge", 1)]:
            await asyncio.sleep(0.01)
        await there.wait(GD, 0)
        here.ring(CenterId("bj"))
        here.ring(GD)
        await there.wait(GD, LONG_S)


async def test_it_rings_here_without_redis_and_once() -> None:
    bell = Bell()
    async with asyncio.timeout(10):
        await bell.wait(GD, 0)
        bell.ring(GD)
        await bell.wait(GD, LONG_S)
    began_s = asyncio.get_running_loop().time()
    await bell.wait(GD, 0.05)
    assert asyncio.get_running_loop().time() - began_s >= 0.04, "it was heard already"


async def test_whoever_reaches_redis_may_say_anything(valkey_socket: str) -> None:
    async with Redis(unix_socket_path=valkey_socket) as redis, TaskOwner() as owner, asyncio.timeout(10):
        bell = Bell(redis)
        bell.listen(owner)
        await bell.wait(GD, 0)
        while await redis.pubsub_numsub("wecc:knowledge") != [(b"wecc:knowledge", 1)]:
            await asyncio.sleep(0.01)
        await redis.publish("wecc:knowledge", b"\xff\x00")
        await redis.publish("wecc:knowledge", GD)
        await bell.wait(GD, LONG_S)
