"""A real WebDAV server, and what brings targets to what they should hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp

from tests.deployment import free_ports
from tests.knowledge.conftest import GD, World
from wecc.knowledge.publishing.placing import Placing

USER, PASSWORD = "wecc", "very secret: 密"


async def until(is_so: Callable[[], Awaitable[bool]], within_s: float = 20.0) -> None:
    """Wait for what others do."""
    async with asyncio.timeout(within_s):
        while not await is_so():
            await asyncio.sleep(0.01)


class DavServer:
    """Serves `folder` below `url` to who knows the password."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.host = f"127.0.0.1:{port}"
        self.url = f"http://{self.host}/kb"
        folder.mkdir()
        users = {"*": {USER: {"password": PASSWORD}}}
        application = WsgiDAVApp(
            {
                "provider_mapping": {"/": str(folder)},
                "simple_dc": {"user_mapping": users},
                "http_authenticator": {"accept_digest": False, "default_to_digest": False},
                "verbose": 0,
                "logging": {"enable": False},
            }
        )
        self._server = wsgi.Server(("127.0.0.1", port), application)
        self._server.prepare()
        self._thread = Thread(target=self._server.serve)
        self._thread.start()

    def stop(self) -> None:
        self._server.stop()
        self._thread.join(10)


@pytest.fixture
def dav(tmp_path: Path) -> Iterator[DavServer]:
    server = DavServer(tmp_path / "dav", free_ports(1)[0])
    yield server
    server.stop()


@pytest.fixture
async def placing(world: World) -> AsyncIterator[Placing]:
    made = world.kb.placing(GD)
    yield made
    made.close()
