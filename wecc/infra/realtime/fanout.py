"""Notices to everybody who follows a room, on whichever worker.

Fan-out is a hint: it may be lost, and then the worker notices and tells its clients to read from their
cursors. Redis carries encoded packets, so a receiving worker forwards without decoding.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, NewType

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from wecc.infra.protocol import Notice
from wecc.infra.realtime.server import SocketServer
from wecc.infra.wire import Wire
from wecc.kernel.clock import Clock
from wecc.kernel.ids import CenterId, new_id

log = logging.getLogger(__name__)

Room = NewType("Room", str)

_CHANNEL = b"wecc:notices"
_MAX_WAITING = 20_000
_TOGETHER_S = 0.005
_MESSAGE_BYTES = 128 * 1024
"""Notices travel together, up to about so much; with the longest of them it stays far below the limit."""
_MAX_MESSAGE_BYTES = 512 * 1024
_PROBE_EVERY_S = 2.0
_DEAF_AFTER_S = 6.0


def conversation_room(conversation_id: str, for_agents: bool) -> Room:
    """Followers of a log; visitors and agents see different entries of it."""
    return Room(f"c:{conversation_id}:{'a' if for_agents else 'v'}")


def desk_room(center_id: CenterId) -> Room:
    """All consoles of a center."""
    return Room(f"desk:{center_id}")


def agent_room(agent_id: str) -> Room:
    """All consoles of one agent."""
    return Room(f"agent:{agent_id}")


def visitor_room(visitor_id: str) -> Room:
    """All pages of one visitor."""
    return Room(f"visitor:{visitor_id}")


def customer_room(center_id: str, customer_id: str) -> Room:
    """Pages of a customer on devices other than the one he started a conversation on."""
    return Room(f"customer:{center_id}:{customer_id}")


def both(one: Room, other: Room) -> Room:
    """Everybody in either room, each once."""
    return Room(f"{one} {other}")


def encode(notice: Notice, content: Wire | dict[str, Any]) -> str:
    """A notice as the packet's text."""
    data = content if isinstance(content, dict) else content.model_dump()
    return orjson.dumps([notice.name, data]).decode()


class Fanout:
    """Publishes notices and, in a web worker, delivers those of others.

    Two background loops, `run_publisher` and (web workers) `run_subscriber`, are started by the process.
    """

    def __init__(self, redis: Redis, clock: Clock, server: SocketServer | None = None) -> None:
        self._redis = redis
        self._clock = clock
        self._server = server
        self._origin = new_id()[-12:].encode()
        self._waiting: list[bytes] = []
        self._wake = asyncio.Event()
        self._heard_s = clock.monotonic_s()
        self._commands: dict[str, Callable[[str], None]] = {}
        self.dropped = 0
        self.on_gap: Callable[[], None] = lambda: None
        """Called when notices may have been lost: clients must read from their cursors."""

    def send(self, room: Room, notice: Notice, content: Wire | dict[str, Any]) -> None:
        """Tell the room, here at once and elsewhere soon. Never waits, never fails."""
        self.send_encoded(room, encode(notice, content))

    def send_encoded(self, room: Room, payload: str) -> None:
        if self._server is not None:
            self._server.deliver(room, payload)
        self._queue(b"n", room, payload)

    def command(self, name: str, argument: str) -> None:
        """Run the handler of `name` on every web worker, this one included."""
        if name in self._commands:
            self._commands[name](argument)
        self._queue(b"c", name, argument)

    def on_command(self, name: str, handler: Callable[[str], None]) -> None:
        self._commands[name] = handler

    @property
    def is_deaf(self) -> bool:
        """True when this worker has not heard its own probe lately: others' notices don't arrive."""
        return self._clock.monotonic_s() - self._heard_s > _DEAF_AFTER_S

    def _queue(self, kind: bytes, target: str, payload: str) -> None:
        if len(self._waiting) >= _MAX_WAITING:
            # Redis is away: the oldest hints are the least useful; clients are resynchronised afterwards.
            del self._waiting[: _MAX_WAITING // 2]
            self.dropped += _MAX_WAITING // 2
        self._waiting.append(b"\n".join((kind, target.encode(), payload.encode())))
        self._wake.set()

    async def run_publisher(self) -> None:
        """Publish what is queued, as one message: neither Redis nor a receiver pays for each notice."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch = self._take()
                try:
                    await self._redis.publish(_CHANNEL, b"\0".join((self._origin, *batch)))
                    await asyncio.sleep(_TOGETHER_S)
                except RedisError as error:
                    self.dropped += len(batch)
                    log.warning("fanout.lost", extra={"notices": len(batch), "why": type(error).__name__})
                    await asyncio.sleep(0.5)

    def _take(self) -> list[bytes]:
        """The first of what is queued, as much as fits a message."""
        size = number = 0
        while number < len(self._waiting) and size < _MESSAGE_BYTES:
            size += len(self._waiting[number])
            number += 1
        batch, self._waiting = self._waiting[:number], self._waiting[number:]
        return batch

    async def run_subscriber(self) -> None:
        """Deliver other workers' notices; returns when the subscription breaks, to be started again."""
        assert self._server is not None
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(_CHANNEL)
            self._heard_s = self._clock.monotonic_s()  # a new subscription gets its time to be heard
            self.on_gap()
            probe_at_s = 0.0
            while True:
                now_s = self._clock.monotonic_s()
                if now_s >= probe_at_s:
                    self._queue(b"p", "", "")
                    probe_at_s = now_s + _PROBE_EVERY_S
                if self.is_deaf:
                    raise ConnectionError("the subscription is deaf")
                message = await subscription.get_message(ignore_subscribe_messages=True, timeout=1.0)
                if message is not None:
                    self._receive(message["data"])

    def _receive(self, message: bytes) -> None:
        assert self._server is not None
        try:
            if len(message) > _MAX_MESSAGE_BYTES:
                raise ValueError("no message of ours is so large")
            origin, *records = message.split(b"\0")
            if origin == self._origin:
                self._heard_s = self._clock.monotonic_s()
                return
            for record in records:
                kind, target, payload = record.split(b"\n", 2)
                self._deliver(kind, target.decode(), payload.decode())
        except (ValueError, UnicodeDecodeError):
            # Anybody who reaches Redis can publish here; nothing he sends is executed or trusted further.
            log.warning("fanout.foreign_message")

    def _deliver(self, kind: bytes, target: str, payload: str) -> None:
        assert self._server is not None
        if kind == b"n":
            self._server.deliver(target, payload)
        elif kind == b"c" and target in self._commands:
            self._commands[target](payload)
