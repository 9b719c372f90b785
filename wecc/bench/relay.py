"""The floor: a bare python-socketio relay under the same server, that stores nothing and asks nobody's name.

A client joins rooms; a message is relayed to the room and acknowledged. Written as its documentation shows.
Run as `python -m wecc.bench.relay PORT`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import socketio
import uvloop
from hypercorn.asyncio import serve
from hypercorn.config import Config


def build() -> socketio.ASGIApp:
    """The relay as an ASGI application."""
    sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")

    async def join(sid: str, payload: dict[str, Any]) -> dict[str, Any]:
        await sio.enter_room(sid, payload["room"])
        return {"ok": True, "data": {}}

    async def message(_: str, payload: dict[str, Any]) -> dict[str, Any]:
        await sio.emit("message", payload, room=payload["conversation_id"])
        return {"ok": True, "data": {}}

    sio.on("join", join)
    sio.on("message", message)
    return socketio.ASGIApp(sio)


def main() -> None:
    """Serve until killed, configured as the center's own web process is."""
    file = Path("hypercorn.toml")
    config = Config.from_toml(file) if file.exists() else Config()
    config.bind = [f"127.0.0.1:{sys.argv[1]}"]
    config.accesslog = config.errorlog = None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(build(), config))


if __name__ == "__main__":
    main()
