"""Hypercorn's WebSocket, with what it leaves open closed. Importing this module puts it in place.

Read in 0.18: permessage-deflate is always offered, costs about 100 KiB for each idle connection and lets a
small frame inflate into a large one; a message beyond the limit is answered with a close frame, but what the
client sends on regardless is still gathered in memory; and what he sends to an application that has ended
fills a queue nobody reads, behind which the connection is never closed. None has a setting.
"""

from __future__ import annotations

import asyncio

from hypercorn.protocol import h2, h11, ws_stream
from hypercorn.protocol.events import Event, StreamClosed
from hypercorn.typing import ASGIReceiveEvent, ASGISendEvent


class _Stream(ws_stream.WSStream):
    """Ends the connection when a message outgrows its limit, and when the application has ended."""

    async def handle(self, event: Event) -> None:
        await super().handle(event)
        if self.buffer.length > self.buffer.max_length and not self.closed:
            await self.send(StreamClosed(stream_id=self.stream_id))

    async def app_send(self, message: ASGISendEvent | None) -> None:
        if message is None and self.app_put is not None:
            inbox: asyncio.Queue[ASGIReceiveEvent] = self.app_put.__self__  # type: ignore[attr-defined]
            self.app_put = _drop
            while not inbox.empty():
                inbox.get_nowait()
        await super().app_send(message)


async def _drop(_: ASGIReceiveEvent) -> None:
    """Where an ended application's messages go."""


def _no_extensions(*_: object) -> None:
    """The answer to what a client offers."""


vars(ws_stream)["server_extensions_handshake"] = _no_extensions
for protocol in (h11, h2):
    vars(protocol)["WSStream"] = _Stream
