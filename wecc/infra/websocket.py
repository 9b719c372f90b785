"""Hypercorn's connections, with what they leave open closed. Importing this module puts it in place.

Read in 0.18: permessage-deflate is always offered, costs about 100 KiB for each idle connection and lets a
small frame inflate into a large one; a message beyond the limit is answered with a close frame, but what the
client sends on regardless is still gathered in memory; and what he sends to an application that has ended
fills a queue nobody reads, behind which the connection is never closed, as after a bad handshake; a client
who reads nothing until his connection times out is reported as a fault of ours. None has a setting.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hypercorn.asyncio import run, tcp_server
from hypercorn.protocol import h2, h11, ws_stream
from hypercorn.protocol.events import Event, Request, StreamClosed
from hypercorn.typing import ASGIReceiveEvent, ASGISendEvent


class _Stream(ws_stream.WSStream):
    """Ends the connection when the handshake is no good, when a message outgrows its limit, and when the
    application has ended."""

    async def handle(self, event: Event) -> None:
        await super().handle(event)
        is_refused = self.closed and isinstance(event, Request)
        is_too_large = self.buffer.length > self.buffer.max_length and not self.closed
        if is_refused or is_too_large:
            await self.send(StreamClosed(stream_id=self.stream_id))

    async def app_send(self, message: ASGISendEvent | None) -> None:
        if message is None and self.app_put is not None:
            inbox: asyncio.Queue[ASGIReceiveEvent] = self.app_put.__self__  # type: ignore[attr-defined]
            self.app_put = _drop
            while not inbox.empty():
                inbox.get_nowait()
        await super().app_send(message)


class _Connection(tcp_server.TCPServer):
    """Takes a connection that timed out for closed."""

    async def _close(self) -> None:
        with suppress(OSError):
            await super()._close()


async def _drop(_: ASGIReceiveEvent) -> None:
    """Where an ended application's messages go."""


def _no_extensions(*_: object) -> None:
    """The answer to what a client offers."""


vars(ws_stream)["server_extensions_handshake"] = _no_extensions
vars(run)["TCPServer"] = _Connection
for protocol in (h11, h2):
    vars(protocol)["WSStream"] = _Stream
