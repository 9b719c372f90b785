"""Tells the processes that follow a knowledge base to look at it now. A hint: they look now and then anyway."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from wecc.infra.tasks import TaskOwner
from wecc.kernel.ids import CenterId

_CHANNEL = "wecc:knowledge"
_READ_S = 30.0


class Bell:
    """Rings in this process at once and, with Redis, in others soon. One instance a process."""

    def __init__(self, redis: Redis | None = None) -> None:
        self._redis = redis
        self._heard: dict[CenterId, asyncio.Event] = {}
        self._rung: set[CenterId] = set()
        self._wake = asyncio.Event()

    def ring(self, center_id: CenterId) -> None:
        """After a commit. Never waits, never fails."""
        self._hear(center_id)
        self._rung.add(center_id)
        self._wake.set()

    async def wait(self, center_id: CenterId, at_most_s: float) -> None:
        """Until it rang since the last call, or for so long. One waits for a center."""
        heard = self._heard.setdefault(center_id, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await heard.wait()
        heard.clear()

    def start(self, tasks: TaskOwner) -> None:
        """Ring in other processes too."""
        if self._redis is not None:
            tasks.keep_alive(self._publish, name="bell")

    def listen(self, tasks: TaskOwner) -> None:
        """Hear others ring."""
        if self._redis is not None:
            tasks.keep_alive(self._listen, name="bell listener")

    async def _publish(self) -> None:
        assert self._redis is not None
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._rung:
                # Without Redis it is not heard, and they look a little later.
                with suppress(RedisError):
                    await self._redis.publish(_CHANNEL, self._rung.pop())

    async def _listen(self) -> None:
        assert self._redis is not None
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(_CHANNEL)
            while True:
                message = await subscription.get_message(ignore_subscribe_messages=True, timeout=_READ_S)
                if message is not None:
                    self._hear(CenterId(message["data"].decode(errors="replace")))

    def _hear(self, center_id: CenterId) -> None:
        if center_id in self._heard:
            self._heard[center_id].set()
