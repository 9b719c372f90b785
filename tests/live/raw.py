"""A socket that sends what no client of ours would."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from tests.clients import Visitor
from tests.deployment import Deployment

DEADLINE_S = 8.0
QUERY = "EIO=4&transport=websocket"


class Raw:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, *frames: str | bytes) -> None:
        """Send frames as they are; a socket that is closed meanwhile is what the caller looks for later."""
        with contextlib.suppress(ConnectionClosed):
            for frame in frames:
                await self.socket.send(frame)

    async def next(self, prefix: str) -> Any:
        """The JSON of the next frame that begins so; pings and notices are passed over."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                frame = await self.socket.recv()
                if isinstance(frame, str) and frame.startswith(prefix):
                    return orjson.loads(frame[len(prefix) :])

    async def enter(self, visitor: Visitor) -> None:
        """Become that visitor."""
        token = orjson.dumps({"token": visitor.token}).decode()
        await self.send(f"40/visitor,{token}")
        await self.next("40/visitor,")

    async def error_of(self, data: str, ack: int = 7) -> str:
        """Send an event with this JSON; the code of the error it is acknowledged with."""
        await self.send(f"42/visitor,{ack}{data}")
        (answer,) = await self.next(f"43/visitor,{ack}")
        assert not answer["ok"], answer
        code: str = answer["error"]["code"]
        return code

    async def closed(self) -> None:
        """Read until the server has closed the connection."""
        async with asyncio.timeout(DEADLINE_S):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self.socket.recv()


@contextlib.asynccontextmanager
async def raw(
    deployment: Deployment, query: str = QUERY, origin: str | None = "ours", **options: Any
) -> AsyncIterator[Raw]:
    """An open WebSocket to `/socket.io/`. Raises: InvalidStatus when the handshake is refused."""
    url = f"ws://127.0.0.1:{deployment.port}/socket.io/?{query}"
    sent = deployment.origin if origin == "ours" else origin
    async with connect(
        url,
        origin=Origin(sent) if sent is not None else None,
        proxy=None,
        ping_interval=None,
        close_timeout=1,
        max_size=None,
        **options,
    ) as socket:
        yield Raw(socket)
