"""A lean Socket.IO client: WebSocket framing by hand, so that generating the load stays the smaller part."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable, Sequence
from typing import Any

import orjson

_DEADLINE_S = 30.0
_AT_ONCE = 50

OnNotice = Callable[[str, dict[str, Any]], None]
OnAck = Callable[[dict[str, Any]], object]


class Refused(Exception):
    """The server refused a handshake or a request; the text is its answer."""

    def __init__(self, why: str, *, is_retryable: bool = False) -> None:
        super().__init__(why)
        self.is_retryable = is_retryable


class Client(asyncio.Protocol):
    """One connection in one namespace. `on_notice(name, data)` is called for each notice."""

    def __init__(self, namespace: str, on_notice: OnNotice) -> None:
        self._prefix = "" if namespace == "/" else f"{namespace},"
        self._on_notice = on_notice
        self._acks: dict[int, OnAck] = {}
        self._asked: set[asyncio.Future[dict[str, Any]]] = set()
        self._last_id = 0
        self._buffer = b""
        self._auth = ""
        self._is_open = False
        self._connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self.is_lost = False

    async def connect(
        self, port: int, auth: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        """Open the connection. Raises: Refused, TimeoutError."""
        self._auth = orjson.dumps(auth).decode() if auth is not None else ""
        lines = {
            "Host": f"127.0.0.1:{port}",
            "Origin": f"http://127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **(headers or {}),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        async with asyncio.timeout(_DEADLINE_S):
            transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
            self._transport = transport
            request = f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n{head}\r\n"
            transport.write(request.encode())
            await self._connected

    def send(self, event: str, payload: dict[str, Any], on_ack: OnAck | None = None) -> None:
        """Emit an event; with `on_ack`, ask for an acknowledgement."""
        ack_id = ""
        if on_ack is not None:
            self._last_id += 1
            self._acks[self._last_id] = on_ack
            ack_id = str(self._last_id)
        self._write(f"42{self._prefix}{ack_id}{orjson.dumps([event, payload]).decode()}")

    async def ask(self, event: str, **payload: Any) -> dict[str, Any]:
        """Send a request; the answer's data. Raises: Refused, TimeoutError, ConnectionError when it is lost."""
        if self.is_lost:
            raise ConnectionError("the connection is closed")
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked.add(answer)
        try:
            self.send(event, payload, lambda ack: None if answer.done() else answer.set_result(ack))
            async with asyncio.timeout(_DEADLINE_S):
                ack = await answer
        finally:
            self._asked.discard(answer)
        if not ack["ok"]:
            error = ack["error"]
            raise Refused(f"{event}: {error['code']}", is_retryable=error["retryable"])
        data: dict[str, Any] = ack["data"]
        return data

    def close(self) -> None:
        self.is_lost = True
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------ the wire

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True
        why = str(error or "the connection was closed")
        self._fail(why)
        for answer in self._asked:
            if not answer.done():
                answer.set_exception(ConnectionError(why))

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        at = 0
        if not self._is_open:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = data
                return
            if b" 101 " not in data[:20]:
                self._fail(data[:200].decode(errors="replace"))
                return
            self._is_open = True
            at = end + 4
        while len(data) - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if start > len(data) or len(data) - start < length:
                break
            if data[at] == 0x81:
                self._packet(data[start : start + length].decode())
            at = start + length
        self._buffer = data[at:]

    def _packet(self, text: str) -> None:
        match text[:2]:
            case "42":
                name, content = orjson.loads(text[2 + len(self._prefix) :])
                self._on_notice(name, content)
            case "43":
                ack_id, bracket, rest = text[2 + len(self._prefix) :].partition("[")
                self._acks.pop(int(ack_id))(orjson.loads(bracket + rest)[0])
            case "40":
                if not self._connected.done():
                    self._connected.set_result(None)
            case "44":
                self._fail(text)
            case _ if text[0] == "2":
                self._write("3")
            case _ if text[0] == "0":
                self._write(f"40{self._prefix}{self._auth}")

    def _fail(self, why: str) -> None:
        if not self._connected.done():
            self._connected.set_exception(Refused(why))

    def _write(self, text: str) -> None:
        assert self._transport is not None
        data = text.encode()
        length = len(data)
        if length < 126:
            head = bytes((0x81, 0x80 | length))
        else:
            head = bytes((0x81, 0xFE)) + length.to_bytes(2, "big")
        # Masked, as clients must, with the one mask that leaves the bytes as they are.
        self._transport.write(head + b"\0\0\0\0" + data)


async def connect_all(
    port: int, namespace: str, auths: Sequence[dict[str, Any] | None], on_notice: OnNotice = lambda *_: None
) -> list[Client]:
    """Connect many, a few at a time."""
    clients = [Client(namespace, on_notice) for _ in auths]
    waiting = list(zip(clients, auths, strict=True))

    async def work() -> None:
        while waiting:
            client, auth = waiting.pop()
            await client.connect(port, auth)

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(work())
    return clients
