"""The web process: the application, with room for thousands of connections."""

from __future__ import annotations

import gc
import resource

from wecc.processes import asgi
from wecc.processes.life import until_told_to_stop
from wecc.settings import Settings
from wecc.web import WebApp


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

    asgi.run(app, bind, stop)


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
