"""Sockets that say nothing, hear nothing or are too many, against the clock."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from wecc.infra.realtime.server import SocketServer
from wecc.kernel.clock import VirtualClock
from wecc.settings import Limits


class Browser:
    """The other end of one WebSocket, as ASGI sees it."""

    def __init__(
        self, server: SocketServer, address: str = "1.1.1.1", origin: bytes | None = b"ours"
    ) -> None:
        self.server = server
        self.scope: dict[str, Any] = {
            "type": "websocket",
            "headers": [] if origin is None else [(b"origin", origin)],
            "query_string": b"EIO=4&transport=websocket",
            "client": (address, 1),
            "extensions": {"websocket.http.response": {}},
        }
        self.sent = asyncio.Queue[MutableMapping[str, Any]]()
        self.got = asyncio.Queue[MutableMapping[str, Any]]()
        self.sent.put_nowait({"type": "websocket.connect"})
        self.reads = asyncio.Event()
        self.reads.set()

    async def run(self) -> None:
        await self.server(self.scope, self.sent.get, self._take)

    async def _take(self, message: MutableMapping[str, Any]) -> None:
        await self.reads.wait()
        self.got.put_nowait(message)

    async def next(self) -> str:
        async with asyncio.timeout(5):
            message = await self.got.get()
        return str(message.get("status") or message.get("text") or message["type"])

    def say(self, text: str) -> None:
        self.sent.put_nowait({"type": "websocket.receive", "text": text})


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def server(clock: VirtualClock) -> SocketServer:
    limits = Limits(handshakes_per_address_per_s=1, handshakes_burst=3)
    return SocketServer(clock, limits, 4, lambda origin: origin == "ours")


async def opened(browser: Browser) -> None:
    assert await browser.next() == "websocket.accept"
    assert (await browser.next()).startswith("0{")


async def test_who_never_says_who_he_is_is_cut_off(server: SocketServer, clock: VirtualClock) -> None:
    browser = Browser(server)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        task = group.create_task(browser.run())
        await opened(browser)
        clock.advance(9)
        await server.tend()
        browser.say("3")
        await asyncio.sleep(0)
        assert not task.done()
        clock.advance(2)
        await server.tend()


async def test_who_answers_no_ping_is_gone(server: SocketServer, clock: VirtualClock) -> None:
    browser = Browser(server)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(browser.run())
        await opened(browser)
        (socket,) = server._engine.sockets.values()
        socket.is_known = True
        for _ in range(5):
            clock.advance(20)
            await server.tend()
            assert await browser.next() == "2"
            browser.say("3")
            await asyncio.sleep(0.01)
        clock.advance(36)
        await server.tend()


async def test_who_takes_nothing_is_cut_off(server: SocketServer, clock: VirtualClock) -> None:
    browser = Browser(server)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(browser.run())
        await opened(browser)
        (socket,) = server._engine.sockets.values()
        socket.is_known = True
        browser.reads.clear()
        socket.push("4first")
        await asyncio.sleep(0)
        for _ in range(3):
            clock.advance(7)
            browser.say("3")
            await asyncio.sleep(0)
            await server.tend()


@pytest.mark.parametrize(("packets", "size"), [(2000, 10), (20, 100_000)])
async def test_a_queue_is_bounded_in_number_and_in_bytes(
    server: SocketServer, packets: int, size: int
) -> None:
    browser = Browser(server)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(browser.run())
        await opened(browser)
        (socket,) = server._engine.sockets.values()
        browser.reads.clear()
        for _ in range(packets):
            socket.push("4" + "x" * size)
        assert socket.is_cut
        assert socket.queued <= 1000


async def test_handshakes_are_limited_by_address_and_in_all(
    server: SocketServer, clock: VirtualClock
) -> None:
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:

        async def first_answer(*args: Any) -> str:
            browser = Browser(server, *args)
            tasks.append(group.create_task(browser.run()))
            return await browser.next()

        tasks: list[asyncio.Task[None]] = []
        ours = [await first_answer("1.1.1.1") for _ in range(4)]
        assert ours == ["websocket.accept"] * 3 + ["429"]
        assert await first_answer("2.2.2.2") == "websocket.accept"
        assert await first_answer("3.3.3.3") == "503"
        for origin in (None, b"null", b"theirs", b"ours.evil"):
            assert await first_answer("4.4.4.4", origin) == "403"
        clock.advance(11)
        await server.tend()
    assert all(task.done() for task in tasks)
    assert not server._engine.sockets
