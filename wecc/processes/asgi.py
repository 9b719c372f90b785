"""Hypercorn serving an application on a socket the supervisor listens on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop
from hypercorn.asyncio import serve
from hypercorn.config import Config

import wecc.infra.websocket  # noqa: F401  puts its guards in place

HYPERCORN = Path("hypercorn.toml")


def run(app: Callable[..., Any], bind: str, stop: Callable[[], Any]) -> None:
    """Serve until `stop` returns."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(app, _config(bind), shutdown_trigger=stop))


def _config(bind: str) -> Config:
    """Hypercorn's settings, from hypercorn.toml where it exists."""
    made = Config.from_toml(str(HYPERCORN)) if HYPERCORN.exists() else Config()
    made.bind = [bind]
    made.accesslog = None
    made.errorlog = None
    return made
