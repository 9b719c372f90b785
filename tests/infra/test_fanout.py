"""Notices between workers: lost ones leave no silent gap, and a name opens no other room."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from wecc.infra.protocol import Audience, Notice
from wecc.infra.realtime.fanout import Fanout, agent_room, both, customer_room, visitor_room
from wecc.infra.realtime.server import SocketServer
from wecc.infra.tasks import TaskOwner
from wecc.infra.wire import Nothing
from wecc.kernel.clock import SystemClock
from wecc.settings import Limits

NEWS = Notice("test:news", Nothing, Audience.BOTH)


async def test_who_missed_notices_is_told_so_when_they_flow_again(valkey_socket: str) -> None:
    clock = SystemClock()
    gaps: asyncio.Queue[str] = asyncio.Queue()
    async with Redis(unix_socket_path=valkey_socket) as redis, Redis(unix_socket_path="/nowhere") as away:
        worker = Fanout(redis, clock, SocketServer(clock, Limits(), 4, lambda _: True))
        worker.on_gap = lambda: gaps.put_nowait("gap")
        other = Fanout(away, clock)
        async with TaskOwner() as owner, asyncio.timeout(10):
            owner.start(worker.run_subscriber(), name="subscriber")
            await gaps.get()  # a new subscription always reads first
            owner.start(other.run_publisher(), name="publisher")
            other.send(agent_room("a1"), NEWS, {})
            while not other._has_lost:
                await asyncio.sleep(0)
            other._redis = redis
            other.send(agent_room("a1"), NEWS, {})
            await gaps.get()
            assert not other._has_lost


def test_what_an_integrator_calls_his_customer_names_no_other_room() -> None:
    room = customer_room("gd", f"bob {visitor_room('v1')}\n\0")
    assert " " not in room
    assert room.isprintable()
    assert len(both(visitor_room("v2"), room).split(" ")) == 2
    assert customer_room("gd", "bob") != customer_room("bj", "bob")
