"""The Redis Function library under `lua/`, and how one of its functions is called."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import orjson

from wecc.kernel.ids import CenterId

_PARTS: Final = (
    "context",
    "work",
    "agents",
    "ready",
    "counts",
    "policy",
    "transitions",
    "presence",
    "api",
    "rebuild",
)

FunctionCall = tuple[str, int, str, int | str, bytes]
"""The arguments of FCALL."""


def _read() -> tuple[str, str]:
    folder = files("wecc.routing") / "lua"
    body = "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in _PARTS)
    digest = hashlib.sha256(body.encode()).hexdigest()[:12]
    return digest, f"#!lua name=wecc_routing\nlocal DIGEST = '{digest}'\n{body}"


# The digest is part of every function's name: during a roll-out each process calls its own version.
_DIGEST, LIBRARY = _read()


def function_call(center_id: CenterId, function: str, now_ms: int | None, **args: object) -> FunctionCall:
    """One call of the library; without `now_ms` the server's time rules it. None is not passed on."""
    payload = orjson.dumps({key: value for key, value in args.items() if value is not None})
    name = f"wecc_routing_{function}_{_DIGEST}"
    return name, 1, _prefix(center_id), "" if now_ms is None else now_ms, payload


def outbox(center_id: CenterId) -> str:
    """The name of the stream that tells what happened in a center, an entry for each call."""
    return f"{_prefix(center_id)}:events"


def events_of(fields: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """The events of an outbox entry, in order: kind and data."""
    entry = {name if isinstance(name, bytes) else name.encode(): value for name, value in fields.items()}
    if b"kind" in entry:  # of the first release, which wrote one entry for each event
        kind = entry[b"kind"]
        return [(kind if isinstance(kind, str) else kind.decode(), orjson.loads(entry[b"data"]))]
    text = entry[b"events"]
    events = orjson.loads(b"[" + (text if isinstance(text, bytes) else text.encode()) + b"]")
    return list(zip(events[::2], events[1::2], strict=True))


def _prefix(center_id: CenterId) -> str:
    if not center_id or "{" in center_id or "}" in center_id:
        raise ValueError("a center id is not empty and holds no braces: it is the Redis hash tag")
    return f"wecc:{{{center_id}}}"
