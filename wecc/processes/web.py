"""The web process: Hypercorn serving the application on a socket the supervisor listens on."""

from __future__ import annotations

import asyncio
import gc
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop
from hypercorn.asyncio import serve
from hypercorn.config import Config

from wecc.app import WebApp
from wecc.processes.life import until_told_to_stop
from wecc.settings import Settings

HYPERCORN = Path("hypercorn.toml")


def config(bind: str) -> Config:
    """Hypercorn's settings, from hypercorn.toml where it exists."""
    made = Config.from_toml(str(HYPERCORN)) if HYPERCORN.exists() else Config()
    made.bind = [bind]
    made.accesslog = None
    made.errorlog = None
    return made


def run(settings: Settings, file_descriptor: int | None) -> None:
    """Serve until told to stop."""
    bind = (
        f"fd://{file_descriptor}"
        if file_descriptor is not None
        else f"{settings.web.host}:{settings.web.port}"
    )
    app = WebApp(settings)
    _expect_thousands()

    async def stop() -> None:
        await until_told_to_stop()
        # Before Hypercorn waits for its connections: open sockets never end by themselves.
        await app.dismiss()

    run_asgi(app, bind, stop)


def _expect_thousands() -> None:
    """Make room for connections: file descriptors, and fewer pauses of the garbage collector.

    Python's thresholds make it look through everything again and again while connections come in, for up to
    0.7 s with 5,000 of them. What is there now is never looked through again; the rest once for each million
    of new objects, and `infra.heap` takes out what stays.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 20)


def run_asgi(app: Callable[..., Any], bind: str, stop: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(app, config(bind), shutdown_trigger=stop))
