"""Engine.IO over WebSocket alone: for an idle client one task and no timer, for a packet neither.

engineio's own socket keeps three tasks and three timers for each client and starts two more for each packet,
which is most of what a bare relay's message costs (docs/BENCHMARKS.md). Here one loop reads; a writer lives
while something is to be written; one sweep for all pings who is due and ends who is gone.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import engineio
import orjson

from wecc.infra.ratelimit import Bucket
from wecc.kernel.clock import Clock

MAX_PACKET_BYTES = 64 * 1024
MAX_QUEUED_PACKETS = 1000
MAX_QUEUED_BYTES = 1024 * 1024
_MAX_CONNECTS = 10
"""CONNECT packets on one socket, good or bad; ours send one."""
_CONTROLS = ("1", "3")
"""Engine.IO's CLOSE and PONG."""
_PINGED_TOGETHER = 10
_SILENT_S = 10.0
_SEND_DEADLINE_S = 20.0
_CLOSE_DEADLINE_S = 5.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Socket:
    """One client's WebSocket. Packets leave in order through a bounded queue; nobody waits for the client."""

    __slots__ = (
        "_connects",
        "_engine",
        "_frames",
        "_queue",
        "_queued_bytes",
        "_receive",
        "_send",
        "_task",
        "_writer",
        "closed",
        "closing",
        "heard_s",
        "is_cut",
        "is_known",
        "opened_s",
        "ping_s",
        "sid",
        "since_s",
    )

    connected = upgraded = True
    """What engineio asks of a socket; there is no other transport to come from."""

    def __init__(self, engine: Engine, sid: str, receive: Receive, send: Send) -> None:
        now_s = engine.clock.monotonic_s()
        self.sid = sid
        self.is_known = self.is_cut = self.closing = self.closed = False
        self.opened_s = self.heard_s = self.since_s = now_s
        # Clients that came together, after a restart, are not pinged together for ever.
        self.ping_s = now_s + engine.ping_interval * random.uniform(0.2, 1)  # noqa: S311
        self._engine = engine
        self._frames = engine.new_frames()
        self._connects = 0
        self._receive = receive
        self._send = send
        self._queue: list[str] = []
        self._queued_bytes = 0
        self._writer: asyncio.Task[None] | None = None
        self._task = asyncio.current_task()

    @property
    def queued(self) -> int:
        """Packets not yet handed to the network."""
        return len(self._queue)

    @property
    def is_writing(self) -> bool:
        return self._writer is not None

    async def serve(self) -> None:
        """Take packets until either side has had enough; then say that the client is gone."""
        message = self._engine.handlers["message"]
        try:
            while True:
                event = await self._receive()
                if event["type"] != "websocket.receive":
                    break
                self.heard_s = self._engine.clock.monotonic_s()
                text = event.get("text") or ""
                if (why := self._objection(text)) is not None:
                    self._engine.say("socket.cut", why)
                    break
                if text[0] == "4":
                    await message(self.sid, text[1:])
                if text[0] == "1" or self.is_cut:
                    break
        except asyncio.CancelledError:
            if not self.is_cut:
                raise
        finally:
            if self._writer is not None:
                self._writer.cancel()
            await self.close(wait=False, abort=True, reason=self._engine.reason.TRANSPORT_CLOSE)

    def _objection(self, text: str) -> str | None:
        """Why a frame goes no further: no client of ours sends it."""
        if not text:
            return "a frame without text"
        if len(text) > MAX_PACKET_BYTES:
            return "a packet too large"
        is_connect = text[:2] == "40"
        if not (is_connect or text in _CONTROLS or (self.is_known and text[:2] in ("41", "42"))):
            return "a packet out of place"
        self._connects += is_connect
        if self._connects > _MAX_CONNECTS:
            return "too many connects"
        if self._frames.take(self.heard_s):
            return "too many packets"
        return None

    def push(self, packet: str) -> None:
        """Queue a packet; a client that does not read is cut off and resynchronises later."""
        if self.closed:
            return
        queue = self._queue
        if queue and (
            len(queue) >= MAX_QUEUED_PACKETS or self._queued_bytes + len(packet) > MAX_QUEUED_BYTES
        ):
            self._engine.cut(self.sid, "reads too slowly")
            return
        queue.append(packet)
        self._queued_bytes += len(packet)
        if self._writer is None:
            self.since_s = self._engine.clock.monotonic_s()
            # The socket owns its writer and ends it.
            self._writer = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        queue = self._queue
        try:
            while queue:
                packet = queue[0]
                await self._send({"type": "websocket.send", "text": packet})
                self._queued_bytes -= len(packet)
                del queue[0]
                self.since_s = self._engine.clock.monotonic_s()
            if self.closed:
                await self._send({"type": "websocket.close"})
        except OSError:
            pass  # the client is gone, which the reading side sees as well
        finally:
            self._writer = None

    async def send(self, packet: Any) -> None:
        self.push(packet.encode())

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """Say that the client is gone, and tell him unless `abort`. Idempotent."""
        if self.closing:
            return
        self.closing = True
        self.since_s = self._engine.clock.monotonic_s()
        await self._engine.handlers["disconnect"](self.sid, reason or self._engine.reason.SERVER_DISCONNECT)
        if not abort:
            self.push("1")
        self.closed = True
        if wait and self._writer is not None:
            await asyncio.wait([self._writer])

    def cut(self) -> None:
        """End the connection now, without waiting for the client."""
        self.is_cut = True
        for task in (self._writer, self._task):
            if task is not None:
                task.cancel()


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """Engine.IO's server for `Socket`s."""

    clock: Clock
    new_frames: Callable[[], Bucket]
    """A new client's allowance of frames."""
    say: Callable[..., None]
    """Log an event and why, not too often."""
    sockets: dict[str, Socket]

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket from its handshake, which `accepts` let through, to its end."""
        await receive()
        await send({"type": "websocket.accept"})
        sid = self.generate_id()
        socket = self.sockets[sid] = Socket(self, sid, receive, send)
        socket.push(f"0{orjson.dumps(self._greeting(sid)).decode()}")
        environ = {
            "asgi.scope": scope,
            "HTTP_COOKIE": _header(scope, b"cookie"),
            "HTTP_USER_AGENT": _header(scope, b"user-agent"),
        }
        try:
            await self.handlers["connect"](sid, environ)
            await socket.serve()
        finally:
            del self.sockets[sid]

    @staticmethod
    def accepts(scope: Scope) -> bool:
        """Whether a handshake asks for what there is: revision 4, WebSocket from the start."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        return query.get("EIO") == ["4"] and query.get("transport") == ["websocket"] and "sid" not in query

    def _greeting(self, sid: str) -> dict[str, Any]:
        return {
            "sid": sid,
            "upgrades": [],
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval * 1000),
            "maxPayload": MAX_PACKET_BYTES,
        }

    async def send_packet(self, sid: str, pkt: Any) -> None:
        self.push(sid, pkt.encode())

    async def send(self, sid: str, data: str) -> None:
        self.push(sid, f"4{data}")

    def push(self, sid: str, packet: str) -> None:
        """Queue an encoded packet for a client, if he is still there. Never waits."""
        socket = self.sockets.get(sid)
        if socket is not None:
            socket.push(packet)

    async def disconnect(self, sid: str | None = None) -> None:
        """Close one client's connection in order."""
        socket = self.sockets.get(sid or "")
        if socket is not None:
            await socket.close()

    def cut(self, sid: str, why: str) -> None:
        """End a connection now, without waiting for the client."""
        socket = self.sockets.get(sid)
        if socket is not None and not socket.is_cut:
            self.say("socket.cut", why, queued=socket.queued)
            socket.cut()

    async def tend(self) -> None:
        """Ping who is due; end who is gone, reads nothing or never said who he is. Called every second."""
        now_s = self.clock.monotonic_s()
        patience_s = self.ping_interval + self.ping_timeout
        pinged = 0
        for socket in list(self.sockets.values()):
            if now_s - socket.heard_s > patience_s or (
                socket.closing and now_s - socket.since_s > _CLOSE_DEADLINE_S
            ):
                socket.cut()
            elif not socket.is_known and now_s - socket.opened_s > _SILENT_S:
                self.cut(socket.sid, "never said who it is")
            elif socket.is_writing and now_s - socket.since_s > _SEND_DEADLINE_S:
                self.cut(socket.sid, "reads too slowly")
            elif now_s >= socket.ping_s:
                socket.ping_s = now_s + self.ping_interval
                socket.push("2")
                pinged += 1
                if pinged % _PINGED_TOGETHER == 0:
                    await asyncio.sleep(0)  # whoever talks comes between


def _header(scope: Scope, name: bytes) -> str:
    """A header's value; HTTP/2 may send cookies in several."""
    return "; ".join(v.decode("utf-8", "replace") for n, v in scope["headers"] if n == name)
