"""Processes of one node talk over unix sockets, in frames of JSON."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import orjson

_PATH_LIMIT_BYTES = 100
_LENGTH_BYTES = 4
MAX_FRAME_BYTES = 4 * 1024 * 1024


def socket_file(folder: Path, name: str) -> Path:
    """Where a process of the installation with this data folder listens: there, or, as the system limits such
    paths to about a hundred bytes, under a short name that follows from it."""
    path = (folder / f"{name}.sock").resolve()
    if len(bytes(path)) <= _PATH_LIMIT_BYTES:
        return path
    digest = hashlib.sha256(bytes(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"wecc-{digest}.sock"


def frame(content: object) -> bytes:
    """JSON with its length before it."""
    body = orjson.dumps(content)
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next frame's JSON. Raises: EOFError at the end, ValueError when it is larger than any of ours."""
    size = int.from_bytes(await reader.readexactly(_LENGTH_BYTES), "big")
    if size > MAX_FRAME_BYTES:
        raise ValueError(f"a frame of {size} bytes")
    return await reader.readexactly(size)


def parsed(body: bytes) -> dict[str, Any]:
    """A frame's JSON object. Raises: ValueError."""
    content = orjson.loads(body)
    if not isinstance(content, dict):
        raise ValueError("a frame that is no object")  # noqa: TRY004 - it is what was sent that is wrong
    return content
