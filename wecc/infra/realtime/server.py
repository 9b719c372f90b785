"""python-socketio, with what it leaves open closed.

Read in 5.18: any client may declare endless binary attachments; a reader that never reads grows an unbounded
queue; a bad packet is logged and the socket stays. Here binary packets do not exist, every queue is bounded,
and who breaks the protocol is cut off. WebSocket only: see docs/adr/0003-websocket-only.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import socketio
from socketio import packet as sio_packet

import wecc.infra.websocket  # noqa: F401  puts its guards in place
from wecc.infra.heap import Heap
from wecc.infra.protocol import AGENT, VISITOR
from wecc.infra.ratelimit import Bucket, Buckets
from wecc.infra.realtime.clients import Clients
from wecc.infra.realtime.engine import Engine, Receive, Scope, Send
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.settings import Limits

log = logging.getLogger(__name__)

_FRAMES_FOR_A_REQUEST = 5
"""Frames a client may send while it may send one request: who goes beyond is not told so, but cut off."""
_FAULTS_PER_S, _FAULTS = 1, 200
"""Refused requests after which a client is taken for an attacker and cut off."""

BROKEN_EVENT = "(broken)"
"""The name of an event that is not valid JSON, so that it can be answered."""
_AT_ONCE, _MAX_CROWDS = 50, 200
"""So many are told in one round of the loop; so many notices to more of them may wait their turn."""

_NO_EVENT = "(none)"
_RESERVED = frozenset({"connect", "disconnect", "connect_error", "*", ""})


Dispatch = Callable[[str, str, object, Sequence[object]], Awaitable[dict[str, Any]]]
"""`(namespace, sid, event, payload)` → the ack."""


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


class _Server(socketio.AsyncServer):  # type: ignore[misc]
    """Socket.IO that ends a connection on the first packet that breaks the protocol."""

    cut: Callable[[str, str], None]
    dispatch: Dispatch

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            self.cut(eio_sid, f"broken packet ({type(error).__name__})")

    async def _handle_event(self, eio_sid: str, namespace: str, id: int | None, data: list[Any]) -> None:  # noqa: A002
        """Straight to the dispatcher, whose answer goes straight back."""
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if self.manager.is_connected(sid, namespace):
            answer = await self.dispatch(namespace, sid, data[0], data[1:])
            if id is not None:
                self.eio.push(eio_sid, f"43{namespace},{id}{_Json.dumps([answer])}")


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
        self._rooms: dict[str, dict[str, Peer]] = {}
        self._crowds: deque[tuple[str, tuple[Peer, ...]]] = deque()
        self.peers: dict[str, Peer] = {}
        self.heap = Heap()
        self.address_of: Callable[[Scope], str] = lambda scope: (scope.get("client") or ("", 0))[0]
        self.sio = _Server(
            async_mode="asgi",
            serializer=_Packet,
            json=_Json,
            namespaces=[VISITOR, AGENT],
            client_manager=Clients(),
            async_handlers=False,
            cors_allowed_origins=[],
            ping_interval=20,
            ping_timeout=15,
            logger=False,
            engineio_logger=False,
        )
        self.sio.cut = self.cut
        self._engine: Engine = self.sio.eio
        self._engine.clock = clock
        self._engine.say = self._say
        self._engine.new_frames = self._new_frames

    @property
    def dispatch(self) -> Dispatch:
        """Where every event of a connected client goes."""
        return self.sio.dispatch

    @dispatch.setter
    def dispatch(self, dispatch: Dispatch) -> None:
        self.sio.dispatch = dispatch

    # -------------------------------------------------------------- connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request below `/socket.io/`: a WebSocket of an accepted origin, or a refusal."""
        refusal = self._refusal(scope)
        if refusal is not None:
            status, why = refusal
            self._say("socket.refused", why, status=status)
            await _refuse(scope, receive, send, status, why)
            return
        await self._engine.handle_request(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        if scope["type"] != "websocket" or not Engine.accepts(scope):
            return 400, "WebSocket only"
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if not self._accepts_origin(origin.decode("latin-1") if origin is not None else None):
            return 403, "origin not accepted"
        if self._handshakes.take(self.address_of(scope)):
            return 429, "too many connections"
        if len(self._engine.sockets) >= self._max_connections:
            return 503, "full"
        return None

    def _new_frames(self) -> Bucket:
        limits = self._limits
        per_s, burst = limits.requests_per_s, limits.requests_burst
        return Bucket(per_s * _FRAMES_FOR_A_REQUEST, burst * _FRAMES_FOR_A_REQUEST, self._clock.monotonic_s())

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
        self._engine.sockets[peer.eio_sid].is_known = True
        self.peers[sid] = peer
        self.heap.note_opened()
        return peer

    def forget(self, sid: str) -> Peer | None:
        """Let a client go: out of every room. Idempotent."""
        peer = self.peers.pop(sid, None)
        if peer is not None:
            for room in tuple(peer.rooms):
                self.leave(peer, room)
            self.heap.note_closed()
        return peer

    def cut(self, eio_sid: str, why: str) -> None:
        """End a connection now, without waiting for the client."""
        self._engine.cut(eio_sid, why)

    def push_text(self, peer: Peer, text: str) -> None:
        """Queue one encoded Socket.IO packet for one client."""
        self._engine.push(peer.eio_sid, f"4{text}")

    async def disconnect(self, peer: Peer) -> None:
        """Close one client's connection in order."""
        await self.sio.disconnect(peer.sid, namespace=peer.namespace)
        await self._engine.disconnect(peer.eio_sid)

    async def tend(self) -> None:
        """Ping who is due; end who is gone, reads nothing or never said who he is. Called every second."""
        await self._engine.tend()

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
        """Send an encoded notice (`["name",{…}]`) to everybody in the room, or in several separated by spaces,
        each once. Never waits.

        Many are told a few in each round of the event loop, so that nobody's request waits for all of them.
        What goes to many arrives in order; what goes to few may overtake it.
        """
        members = self._rooms.get(room)
        if members is None and " " in room:
            members = {
                sid: peer for name in room.split(" ") for sid, peer in self._rooms.get(name, {}).items()
            }
        if not members:
            return
        peers = tuple(members.values())
        if len(peers) <= _AT_ONCE:
            self._push(payload, peers)
            return
        while len(self._crowds) >= _MAX_CROWDS:
            self._tell_some()
        self._crowds.append((payload, peers))
        if len(self._crowds) == 1:
            asyncio.get_running_loop().call_soon(self._tell_crowds)

    def _tell_crowds(self) -> None:
        self._tell_some()
        if self._crowds:
            asyncio.get_running_loop().call_soon(self._tell_crowds)

    def _tell_some(self) -> None:
        payload, peers = self._crowds[0]
        self._push(payload, peers[:_AT_ONCE])
        if len(peers) > _AT_ONCE:
            self._crowds[0] = (payload, peers[_AT_ONCE:])
        else:
            self._crowds.popleft()

    def _push(self, payload: str, peers: Iterable[Peer]) -> None:
        packets: dict[str, str] = {}
        for peer in peers:
            packet = packets.get(peer.namespace)
            if packet is None:
                packet = packets[peer.namespace] = f"42{peer.namespace},{payload}"
            self._engine.push(peer.eio_sid, packet)


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
