"""python-socketio's register of clients, in two flat maps.

Its own keeps a room for each client and looks through all of them when one leaves, which is quadratic when
thousands leave together. Rooms are `SocketServer`'s.
"""

from __future__ import annotations

from collections import defaultdict

import socketio


class Clients(socketio.AsyncManager):  # type: ignore[misc]
    """Which Socket.IO session is which connection's, in each namespace."""

    def __init__(self) -> None:
        super().__init__()
        self._connections: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._sids: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._between: set[str] = set()
        """Sessions whose connect or disconnect handler is at work."""

    def get_namespaces(self) -> list[str]:
        return list(self._sids)

    async def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        """None when the connection is in the namespace already."""
        if eio_sid in self._sids[namespace]:
            return None
        sid: str = self.server.eio.generate_id()
        self._connections[namespace][sid] = eio_sid
        self._sids[namespace][eio_sid] = sid
        self._between.add(sid)
        return sid

    async def connect(self, sid: str, namespace: str) -> str:  # noqa: ARG002
        self._between.discard(sid)
        return sid

    def is_connected(self, sid: str | None, namespace: str) -> bool:
        return sid in self._connections[namespace] and sid not in self._between

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        return self._sids[namespace].get(eio_sid)

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        return self._connections[namespace].get(sid)

    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        self._between.add(sid)
        return self._connections[namespace].get(sid)

    async def disconnect(self, sid: str, namespace: str, **_: object) -> None:
        self._between.discard(sid)
        eio_sid = self._connections[namespace].pop(sid, None)
        if eio_sid is not None:
            del self._sids[namespace][eio_sid]
