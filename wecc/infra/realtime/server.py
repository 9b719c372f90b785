"""python-socketio, with what it leaves open closed.

Read in 5.18: any client may declare endless binary attachments; a reader that never reads grows an unbounded
queue; a bad packet is logged and the socket stays. Here binary packets do not exist, every queue is bounded,
and who breaks the protocol is cut off. WebSocket only: see docs/adr/0003-websocket-only.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import engineio
import orjson
import socketio
from engineio import packet as eio_packet
from socketio import packet as sio_packet

import wecc.infra.websocket  # noqa: F401  puts its guards in place
from wecc.infra.ratelimit import Bucket, Buckets
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.settings import Limits

log = logging.getLogger(__name__)

VISITOR = "/visitor"
AGENT = "/agent"

MAX_PACKET_BYTES = 64 * 1024
MAX_QUEUED_PACKETS = 1000
MAX_QUEUED_BYTES = 1024 * 1024
_SILENT_S = 10.0
_SEND_DEADLINE_S = 20.0
_FRAMES_FOR_A_REQUEST = 5
"""Frames a client may send while it may send one request: who goes beyond is not told so, but cut off."""
_MAX_CONNECTS = 10
"""CONNECT packets on one socket, good or bad; ours send one."""
_FAULTS_PER_S, _FAULTS = 1, 200
"""Refused requests after which a client is taken for an attacker and cut off."""

BROKEN_EVENT = "(broken)"
"""The name of an event that is not valid JSON, so that it can be answered."""
_NO_EVENT = "(none)"
_RESERVED = frozenset({"connect", "disconnect", "connect_error", "*", ""})

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _Json:
    """orjson in the shape python-socketio wants; knows no NaN, no lone surrogates, no deep nesting."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return [BROKEN_EVENT]


class _Packet(sio_packet.Packet):  # type: ignore[misc]
    """A Socket.IO packet that is never binary: CONNECT, DISCONNECT or EVENT, as we ask for no acks."""

    uses_binary_events = False
    json = _Json

    def decode(self, encoded_packet: str) -> int:
        if not isinstance(encoded_packet, str) or encoded_packet[:1] not in ("0", "1", "2"):
            raise ValueError("not a packet for a server")
        if super().decode(encoded_packet):
            raise ValueError("attachments are not accepted")
        if self.id is not None and self.id >= 1 << 53:
            raise ValueError("ack id out of range")
        if self.packet_type == sio_packet.EVENT:
            self.data: Any = _event(self.data)
        return 0


def _event(data: object) -> list[object]:
    """An event's name and content. python-socketio would call its own handlers for a client's `connect`."""
    if not isinstance(data, list) or not data:
        raise ValueError("not an event")
    name, *content = data
    return [name if isinstance(name, str) and name not in _RESERVED else _NO_EVENT, *content]


@dataclass(slots=True, eq=False)
class Peer:
    """One connected client of one namespace."""

    sid: str
    eio_sid: str
    namespace: str
    actor: Actor
    address: str
    user_agent: str
    bucket: Bucket
    faults: Bucket
    rooms: set[str] = field(default_factory=set)


class _Engine(engineio.AsyncServer):  # type: ignore[misc]
    """Engine.IO with a bounded queue for each client."""

    cut: Callable[[str, str], None]

    async def send_packet(self, sid: str, pkt: Any) -> None:
        self.push(sid, pkt)

    def push(self, sid: str, pkt: Any) -> None:
        """Queue a packet without waiting; a client that does not read is cut off and resynchronises later."""
        socket = self.sockets.get(sid)
        if socket is None or socket.closed:
            return
        queue = socket.queue
        size = len(pkt.data) if isinstance(pkt.data, str) else 0
        queued = getattr(socket, "wecc_bytes", 0) if queue.qsize() else 0
        if queue.qsize() >= MAX_QUEUED_PACKETS or (queued and queued + size > MAX_QUEUED_BYTES):
            self.cut(sid, "reads too slowly")
            return
        socket.wecc_bytes = queued + size
        queue.put_nowait(pkt)


class _Server(socketio.AsyncServer):  # type: ignore[misc]
    """Socket.IO that ends a connection on the first packet that breaks the protocol."""

    cut: Callable[[str, str], None]

    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            self.cut(eio_sid, f"broken packet ({type(error).__name__})")


@dataclass(slots=True, eq=False)
class _Wire:
    """The ASGI side of one WebSocket, kept to be able to end it."""

    task: asyncio.Task[Any]
    frames: Bucket
    writer: asyncio.Task[Any] | None = None
    connects: int = 0
    is_known: bool = False
    is_cut: bool = False


class SocketServer:
    """The ASGI application for `/socket.io/`, its connected peers and their rooms.

    `accepts_origin(namespace-independent origin)` is asked at every handshake, also when Origin is missing.
    """

    def __init__(
        self, clock: Clock, limits: Limits, max_connections: int, accepts_origin: Callable[[str | None], bool]
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._max_connections = max_connections
        self._accepts_origin = accepts_origin
        self._handshakes = Buckets(clock, limits.handshakes_per_address_per_s, limits.handshakes_burst)
        self._said = Buckets(clock, per_s=1, burst=20, keys=100)
        self._wires: dict[str, _Wire] = {}
        self._rooms: dict[str, dict[str, Peer]] = {}
        self.peers: dict[str, Peer] = {}
        self.address_of: Callable[[Scope], str] = lambda scope: (scope.get("client") or ("", 0))[0]
        self.sio = _Server(
            async_mode="asgi",
            serializer=_Packet,
            json=_Json,
            namespaces=[VISITOR, AGENT],
            transports=["websocket"],
            async_handlers=False,
            cors_allowed_origins=[],
            max_http_buffer_size=MAX_PACKET_BYTES,
            ping_interval=20,
            ping_timeout=15,
            http_compression=False,
            logger=False,
            engineio_logger=False,
        )
        self.sio.cut = self.cut
        self.sio.eio.cut = self.cut
        self._asgi = socketio.ASGIApp(self.sio, socketio_path="socket.io")

    # -------------------------------------------------------------- connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request below `/socket.io/`: a WebSocket of an accepted origin, or a refusal."""
        refusal = self._refusal(scope)
        if refusal is not None:
            status, why = refusal
            self._say("socket.refused", why, status=status)
            await _refuse(scope, receive, send, status, why)
            return
        task = asyncio.current_task()
        assert task is not None
        limits = self._limits
        frames = Bucket(
            limits.requests_per_s * _FRAMES_FOR_A_REQUEST,
            limits.requests_burst * _FRAMES_FOR_A_REQUEST,
            self._clock.monotonic_s(),
        )
        wire = _Wire(task, frames)
        scope["wecc.wire"] = wire

        async def guarded_receive() -> MutableMapping[str, Any]:
            message = await receive()
            if wire.is_cut:
                raise ConnectionAbortedError
            if message["type"] == "websocket.receive" and (why := self._objection(wire, message)):
                self._say("socket.cut", why)
                raise ConnectionAbortedError
            return message

        async def guarded_send(message: MutableMapping[str, Any]) -> None:
            if wire.is_cut:
                raise ConnectionAbortedError
            wire.writer = asyncio.current_task()
            async with asyncio.timeout(_SEND_DEADLINE_S):
                await send(message)

        try:
            await self._asgi(scope, guarded_receive, guarded_send)
        except asyncio.CancelledError:
            if not wire.is_cut:
                raise
        except (ConnectionAbortedError, TimeoutError):
            pass

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        if scope["type"] != "websocket":
            return 400, "WebSocket only"
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if not self._accepts_origin(origin.decode("latin-1") if origin is not None else None):
            return 403, "origin not accepted"
        if self._handshakes.take(self.address_of(scope)):
            return 429, "too many connections"
        if len(self.sio.eio.sockets) >= self._max_connections:
            return 503, "full"
        return None

    def _objection(self, wire: _Wire, message: MutableMapping[str, Any]) -> str | None:
        """Why a frame does not reach Engine.IO, which forgives or logs what no client of ours sends."""
        text = message.get("text")
        if not text:
            return "a frame without text"
        is_connect = text[:2] == "40"
        if text[0] not in "134" or (text[0] == "4" and not wire.is_known and not is_connect):
            return "a packet out of place"
        wire.connects += is_connect
        if wire.connects > _MAX_CONNECTS:
            return "too many connects"
        if wire.frames.take(self._clock.monotonic_s()):
            return "too many packets"
        return None

    def _say(self, event: str, why: str, **more: object) -> None:
        """Log, but not as often as a stranger likes."""
        if not self._said.take(f"{event} {why}"):
            log.warning(event, extra={"why": why, **more})

    def register(self, sid: str, namespace: str, environ: dict[str, Any], actor: Actor) -> Peer:
        """Take an authenticated client in; called by the connect handlers."""
        scope = environ["asgi.scope"]
        now_s = self._clock.monotonic_s()
        peer = Peer(
            sid=sid,
            eio_sid=self.sio.manager.eio_sid_from_sid(sid, namespace),
            namespace=namespace,
            actor=actor,
            address=self.address_of(scope),
            user_agent=environ.get("HTTP_USER_AGENT", "")[:300],
            bucket=Bucket(self._limits.requests_per_s, self._limits.requests_burst, now_s),
            faults=Bucket(_FAULTS_PER_S, _FAULTS, now_s),
        )
        wire = self._wires[peer.eio_sid] = scope["wecc.wire"]
        wire.is_known = True
        self.peers[sid] = peer
        return peer

    def forget(self, sid: str) -> Peer | None:
        """Let a client go: out of every room. Idempotent."""
        peer = self.peers.pop(sid, None)
        if peer is not None:
            for room in tuple(peer.rooms):
                self.leave(peer, room)
            self._wires.pop(peer.eio_sid, None)
        return peer

    def cut(self, eio_sid: str, why: str) -> None:
        """End a connection now, without waiting for the client."""
        environ = self.sio.environ.get(eio_sid)
        socket = self.sio.eio.sockets.get(eio_sid)
        wire = self._wires.get(eio_sid) or (environ and environ["asgi.scope"].get("wecc.wire"))
        if wire is None or wire.is_cut:
            return
        wire.is_cut = True
        self._say("socket.cut", why, queued=socket.queue.qsize() if socket else 0)
        if wire.writer is not None and wire.writer is not wire.task:
            wire.writer.cancel()
        wire.task.cancel()

    def push_text(self, peer: Peer, text: str) -> None:
        """Queue one encoded Socket.IO packet for one client."""
        self.sio.eio.push(peer.eio_sid, eio_packet.Packet(eio_packet.MESSAGE, text))

    async def disconnect(self, peer: Peer) -> None:
        """Close one client's connection in order."""
        await self.sio.disconnect(peer.sid, namespace=peer.namespace)
        await self.sio.eio.disconnect(peer.eio_sid)

    async def cut_silent(self) -> None:
        """End sockets that opened and never said who they are; called now and then."""
        known = {peer.eio_sid for peer in self.peers.values()}
        now_s = self._clock.monotonic_s()
        for eio_sid, environ in list(self.sio.environ.items()):
            born_s = environ.setdefault("wecc.seen_s", now_s)
            if eio_sid not in known and now_s - born_s > _SILENT_S:
                self.cut(eio_sid, "never said who it is")

    # -------------------------------------------------------------- rooms

    def enter(self, peer: Peer, room: str) -> None:
        peer.rooms.add(room)
        self._rooms.setdefault(room, {})[peer.sid] = peer

    def leave(self, peer: Peer, room: str) -> None:
        peer.rooms.discard(room)
        members = self._rooms.get(room)
        if members is not None:
            members.pop(peer.sid, None)
            if not members:
                del self._rooms[room]

    def members(self, room: str) -> Iterable[Peer]:
        return tuple(self._rooms.get(room, {}).values())

    @property
    def rooms(self) -> Iterable[str]:
        """Names of all rooms with somebody in them."""
        return tuple(self._rooms)

    def deliver(self, room: str, payload: str) -> None:
        """Send an encoded notice (`["name",{…}]`) to everybody in the room. Never waits."""
        members = self._rooms.get(room)
        if not members:
            return
        engine = self.sio.eio
        packets: dict[str, Any] = {}
        for peer in tuple(members.values()):
            packet = packets.get(peer.namespace)
            if packet is None:
                text = f"2{peer.namespace},{payload}"
                packet = packets[peer.namespace] = eio_packet.Packet(eio_packet.MESSAGE, text)
            engine.push(peer.eio_sid, packet)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" in scope.get("extensions", {}):
            start = {"type": "websocket.http.response.start", "status": status, "headers": headers}
            await send(start)
            await send({"type": "websocket.http.response.body", "body": body})
        else:
            await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
