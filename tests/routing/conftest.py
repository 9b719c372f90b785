"""A real Valkey for the session, a fresh center for each test, time under control."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.routing.desk import Desk
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId, new_id
from wecc.routing import Routing


@pytest.fixture
async def redis(valkey_socket: str) -> AsyncIterator[Redis]:
    async with Redis(unix_socket_path=valkey_socket) as client:
        yield client


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def desk(redis: Redis, clock: VirtualClock) -> Desk:
    """An open desk: three tiers, groups `all`, `vip`, `low`, nobody signed on."""
    desk = Desk(Routing(redis, clock), clock, CenterId(new_id()))
    await desk.open()
    return desk
