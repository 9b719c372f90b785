"""Every socket request passes here: parse, authorise, run, map errors. Nothing goes unacknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from wecc.infra.protocol import AGENT, VISITOR, Audience, Request
from wecc.infra.realtime.server import BROKEN_EVENT, Peer, SocketServer
from wecc.infra.wire import Wire, field_errors
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Internal, InvalidInput, TooMany, Unavailable, UnknownEvent, WeccError
from wecc.kernel.ids import new_id

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Wire)

_DEADLINE_S = 10.0


@dataclass(frozen=True, slots=True)
class Context:
    """A request's surroundings: who asks, over which socket."""

    actor: Actor
    peer: Peer
    server: SocketServer

    def follow(self, room: str) -> None:
        """Receive the room's notices from now on."""
        self.server.enter(self.peer, room)

    def unfollow(self, room: str) -> None:
        self.server.leave(self.peer, room)


Handler = Callable[[Context, Any], Awaitable[Wire | dict[str, Any] | None]]


class Dispatcher:
    """Binds requests to handlers and runs them."""

    def __init__(
        self, server: SocketServer, clock: Clock, observe: Callable[[str, str, float], None]
    ) -> None:
        """`observe(request, outcome, seconds)` is told of each request, for the metrics."""
        self._server = server
        self._clock = clock
        self._observe = observe
        self._handlers: dict[tuple[str, str], tuple[Request, Handler]] = {}
        self.is_current: Callable[[Peer], bool] = lambda _: True
        """Asked before each request whether the peer's sign-in still holds."""
        server.dispatch = self._dispatch

    def on(self, request: Request, handler: Callable[[Context, Any], Awaitable[Wire | None]]) -> None:
        """Bind a declared request, for the audiences it declares."""
        for namespace, audience in ((VISITOR, Audience.VISITOR), (AGENT, Audience.AGENT)):
            if audience in request.audience:
                key = (namespace, request.name)
                if key in self._handlers:
                    raise ValueError(f"{request.name} is bound twice")
                self._handlers[key] = (request, handler)

    @property
    def bound(self) -> set[str]:
        """Names of all bound requests."""
        return {name for _, name in self._handlers}

    async def _dispatch(
        self, namespace: str, sid: str, event: object, payload: Sequence[object]
    ) -> dict[str, Any]:
        peer = self._server.peers.get(sid)
        if peer is None:
            return _error(UnknownEvent())
        began_s = self._clock.monotonic_s()
        known = self._handlers.get((namespace, event)) if isinstance(event, str) else None
        name = known[0].name if known else "unknown"
        try:
            wait_s = peer.bucket.take(began_s)
            if wait_s:
                raise TooMany(retry_after_s=round(wait_s, 2))
            if event == BROKEN_EVENT:
                raise InvalidInput(fields={"": "not valid JSON"})
            if known is None:
                raise UnknownEvent
            if not self.is_current(peer):
                raise UnknownEvent
            request, handler = known
            command = _parse(request, payload)
            async with asyncio.timeout(_DEADLINE_S):
                answer = await handler(Context(peer.actor, peer, self._server), command)
            outcome, ack = "ok", {"ok": True, "data": _data(answer)}
        except WeccError as error:
            outcome, ack = error.code, _error(error)
            self._strike(peer, error)
        except TimeoutError:
            outcome, ack = "timeout", _error(Unavailable())
        except Exception:
            reference = new_id()[:12]
            log.exception("request.failed", extra={"request": name, "reference": reference})
            outcome, ack = "internal", _error(Internal(reference=reference))
        self._observe(name, outcome, self._clock.monotonic_s() - began_s)
        return ack

    def _strike(self, peer: Peer, error: WeccError) -> None:
        if error.status in (404, 422, 429) and peer.faults.take(self._clock.monotonic_s()):
            self._server.cut(peer.eio_sid, "too many refused requests")


def _parse(request: Request, payload: Sequence[object]) -> Wire:
    if len(payload) > 1:
        raise InvalidInput(fields={"": "one payload object is expected"})
    try:
        return request.takes.model_validate(payload[0] if payload else {})
    except ValidationError as error:
        raise InvalidInput(fields=field_errors(error)) from error


def _data(answer: Wire | dict[str, Any] | None) -> dict[str, Any]:
    if answer is None:
        return {}
    return answer if isinstance(answer, dict) else answer.model_dump()


def _error(error: WeccError) -> dict[str, Any]:
    return {"ok": False, "error": as_error(error)}


def as_error(error: WeccError) -> dict[str, Any]:
    """The error's wire form."""
    return {
        "code": error.code,
        "message": error.message,
        "retryable": error.retryable,
        "data": error.data,
    }
