"""Who may open a socket, and for how long: handshakes, sessions that end, identification."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie
from typing import Any

from socketio.exceptions import ConnectionRefusedError as Refused

from wecc.identity import protocol
from wecc.identity.http import Doorman
from wecc.identity.schemas import IdentifyVisitor, SessionEnded, VisitorView
from wecc.identity.service import Identity
from wecc.infra.protocol import AGENT, VISITOR
from wecc.infra.realtime.dispatcher import Context, Dispatcher
from wecc.infra.realtime.fanout import Fanout, encode, visitor_room
from wecc.infra.realtime.server import Peer, SocketServer
from wecc.kernel.actor import Actor
from wecc.kernel.errors import Unauthenticated, Unavailable, WeccError

log = logging.getLogger(__name__)


class Sessions:
    """Takes sockets in and drops those whose session no longer holds, at once or within two seconds."""

    def __init__(self, server: SocketServer, identity: Identity, doorman: Doorman, fanout: Fanout) -> None:
        self._server = server
        self._identity = identity
        self._doorman = doorman
        self._fanout = fanout
        self._lost: dict[str, str] = {}
        sio = server.sio
        sio.on("connect", self._connect_visitor, namespace=VISITOR)
        sio.on("connect", self._connect_agent, namespace=AGENT)
        sio.on("disconnect", self._disconnect, namespace=VISITOR)
        sio.on("disconnect", self._disconnect, namespace=AGENT)

    def holds(self, peer: Peer) -> bool:
        return peer.actor.session_id not in self._lost

    async def drop_lost(self) -> None:
        """Look up all live agents' sessions; close the sockets of those that ended. Called every second."""
        live = {p.actor.session_id: p for p in self._server.peers.values() if p.namespace == AGENT}
        lost = await self._identity.lost_sessions(live)
        self._lost = lost
        if not lost:
            return
        for peer in list(self._server.peers.values()):
            if peer.namespace == AGENT and (cause := lost.get(peer.actor.session_id)):
                await self.end(peer, cause)

    async def end(self, peer: Peer, cause: str) -> None:
        """Tell the client why, then close."""
        text = f"2{peer.namespace},{encode(protocol.SESSION_ENDED, SessionEnded(cause=cause))}"
        self._server.push_text(peer, text)
        await self._server.disconnect(peer)

    async def _connect_visitor(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        token = auth.get("token") if isinstance(auth, dict) else None
        if not isinstance(token, str) or len(token) > 100:
            raise _refused(Unauthenticated())

        async def find() -> Actor:
            return await self._identity.visitor_by_bearer(token)

        peer = await self._take_in(sid, VISITOR, environ, find)
        self._server.enter(peer, visitor_room(peer.actor.id))

    async def _connect_agent(self, sid: str, environ: dict[str, Any], _: object) -> None:
        try:
            cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        except CookieError as error:
            raise _refused(Unauthenticated()) from error
        morsel = cookies.get(self._doorman.cookie)

        async def find() -> Actor:
            return (await self._identity.agent_by_token(morsel.value if morsel else ""))[0]

        await self._take_in(sid, AGENT, environ, find)

    async def _take_in(
        self, sid: str, namespace: str, environ: dict[str, Any], find: Callable[[], Awaitable[Actor]]
    ) -> Peer:
        try:
            actor = await find()
        except WeccError as error:
            raise _refused(error) from error
        except Exception as error:
            log.exception("socket.connect_failed")
            raise _refused(Unavailable()) from error
        return self._server.register(sid, namespace, environ, actor)

    async def _disconnect(self, sid: str, _reason: str) -> None:
        self._server.forget(sid)


def bind(
    dispatcher: Dispatcher, identity: Identity, after_identified: Callable[[Actor], Awaitable[None]]
) -> None:
    """Bind identity's requests; `after_identified` tells whoever stands above."""

    async def identify(ctx: Context, cmd: IdentifyVisitor) -> VisitorView:
        view = await identity.identify(ctx.actor, cmd.token)
        ctx.peer.actor = replace(ctx.actor, name=view.name)
        await after_identified(ctx.peer.actor)
        return view

    dispatcher.on(protocol.IDENTIFY, identify)


def _refused(error: WeccError) -> Refused:
    return Refused(error.message, {"code": error.code})
