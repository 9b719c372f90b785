"""The Redis Function library under `lua/`, and how one of its functions is called."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Final

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
    """The name of the stream that tells what happened in a center."""
    return f"{_prefix(center_id)}:events"


def _prefix(center_id: CenterId) -> str:
    if not center_id or "{" in center_id or "}" in center_id:
        raise ValueError("a center id is not empty and holds no braces: it is the Redis hash tag")
    return f"wecc:{{{center_id}}}"
