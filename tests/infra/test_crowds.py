"""A notice to very many gives everybody else a turn, and keeps its order."""

from __future__ import annotations

import asyncio

import pytest

from wecc.infra.protocol import AGENT
from wecc.infra.ratelimit import Bucket
from wecc.infra.realtime.server import Peer, SocketServer
from wecc.kernel.actor import Actor, ActorKind
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId
from wecc.settings import Limits

MANY = 430


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, server: SocketServer) -> list[tuple[str, str]]:
    """Who was pushed which notice, in order."""
    pushed: list[tuple[str, str]] = []
    monkeypatch.setattr(
        server._engine, "push", lambda sid, packet: pushed.append((sid, packet.partition(",")[2]))
    )
    return pushed


@pytest.fixture
def server() -> SocketServer:
    server = SocketServer(VirtualClock(), Limits(), MANY, lambda _: True)
    for number in range(MANY):
        name = f"agent{number}"
        actor = Actor(ActorKind.AGENT, CenterId("gd"), name)
        peer = Peer(name, name, AGENT, actor, "", "", Bucket(1, 1, 0), Bucket(1, 1, 0))
        server.enter(peer, "all")
        server.enter(peer, name)
    return server


async def until_told(told: list[tuple[str, str]], count: int) -> int:
    """Rounds of the loop until so many were told."""
    rounds = 0
    while len(told) < count:
        rounds += 1
        assert rounds < 10_000
        await asyncio.sleep(0)
    return rounds


async def test_others_have_their_turn_meanwhile(server: SocketServer, told: list[tuple[str, str]]) -> None:
    server.deliver("all", "news")
    assert len(told) < MANY, "not all at once"
    server.deliver("agent7", "yours")
    assert ("agent7", "yours") in told, "who is told alone is told at once"
    assert await until_told(told, MANY + 1) > 5
    assert sorted(told) == sorted([*((f"agent{n}", "news") for n in range(MANY)), ("agent7", "yours")])


async def test_notices_to_many_keep_their_order(server: SocketServer, told: list[tuple[str, str]]) -> None:
    wanted = [f"news {number}" for number in range(300)]  # more than may wait
    for news in wanted:
        server.deliver("all", news)
    await until_told(told, MANY * len(wanted))
    for number in (0, 211, MANY - 1):
        assert [news for name, news in told if name == f"agent{number}"] == wanted


async def test_who_leaves_meanwhile_does_not_stop_the_others(
    server: SocketServer, told: list[tuple[str, str]]
) -> None:
    server.deliver("all", "news")
    for peer in server.members("all"):
        server.leave(peer, "all")
    await until_told(told, MANY)
    server.deliver("all", "to nobody")
    assert len(told) == MANY
