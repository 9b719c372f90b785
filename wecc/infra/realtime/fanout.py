"""Notices to everybody who follows a room, on whichever worker.

Fan-out is a hint: it may be lost, and then the worker notices and tells its clients to read from their
cursors. Redis carries encoded packets, so a receiving worker forwards without decoding.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NewType

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from wecc.infra.protocol import Notice
from wecc.infra.wire import Wire
from wecc.kernel.clock import Clock
from wecc.kernel.ids import CenterId, new_id

if TYPE_CHECKING:
    from wecc.infra.realtime.server import SocketServer

log = logging.getLogger(__name__)

Room = NewType("Room", str)

_CHANNEL = b"wecc:notices"
_MAX_WAITING = 20_000
_TOGETHER_S = 0.005
_MESSAGE_BYTES = 128 * 1024
"""Notices travel together, up to about so much; with the longest of them it stays far below the limit."""
_MAX_MESSAGE_BYTES = 512 * 1024
_NOTICE, _PROBE, _GAP = b"n", b"p", b"g"
_PROBE_EVERY_S = 2.0
_DEAF_AFTER_S = 6.0


def conversation_room(conversation_id: str) -> Room:
    """Consoles that have a thread open; visitors hear of theirs in `visitor_room`."""
    return Room(f"conversation:{conversation_id}")


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
    # The integrator chose the id: written out, a space in it would name another room as well (see `both`).
    return Room(f"customer:{hashlib.sha256(f'{center_id}:{customer_id}'.encode()).hexdigest()[:32]}")


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
        self._has_lost = False
        self.on_gap: Callable[[], None] = lambda: None
        """Called when notices may have been lost: clients must read from their cursors."""

    def send(self, room: Room, notice: Notice, content: Wire | dict[str, Any]) -> None:
        """Tell the room, here at once and elsewhere soon. Never waits, never fails."""
        payload = encode(notice, content)
        if self._server is not None:
            self._server.deliver(room, payload)
        self._queue(_NOTICE, room, payload)

    @property
    def is_deaf(self) -> bool:
        """True when this worker has not heard its own probe lately: others' notices don't arrive."""
        return self._clock.monotonic_s() - self._heard_s > _DEAF_AFTER_S

    def _queue(self, kind: bytes, target: str, payload: str) -> None:
        if len(self._waiting) >= _MAX_WAITING:
            # Redis is away: the oldest hints are the least useful.
            del self._waiting[: _MAX_WAITING // 2]
            self._has_lost = True
        self._waiting.append(b"\n".join((kind, target.encode(), payload.encode())))
        self._wake.set()

    async def run_publisher(self) -> None:
        """Publish what is queued, as one message: neither Redis nor a receiver pays for each notice."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch = self._take()
                if self._has_lost:
                    # Others cannot know what they did not get: they are told that there was something.
                    batch.insert(0, b"\n".join((_GAP, b"", b"")))
                try:
                    await self._redis.publish(_CHANNEL, b"\0".join((self._origin, *batch)))
                    self._has_lost = False
                    await asyncio.sleep(_TOGETHER_S)
                except RedisError as error:
                    self._has_lost = True
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
                    self._queue(_PROBE, "", "")
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
        if kind == _NOTICE:
            self._server.deliver(target, payload)
        elif kind == _GAP:
            self.on_gap()
