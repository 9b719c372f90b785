"""The line of those who wait: where each stands, and how long it may take. Source: 2.4.3-04."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wecc.conversations import protocol, schemas, views
from wecc.conversations.domain import State
from wecc.conversations.notices import Notices
from wecc.conversations.queueing import Queueing
from wecc.infra.protocol import VISITOR
from wecc.infra.realtime.fanout import encode, visitor_room
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Unavailable, WeccError
from wecc.kernel.ids import CenterId, WorkId
from wecc.routing import RoutingRefusal, Told, tell_wait

if TYPE_CHECKING:
    from wecc.infra.realtime.server import SocketServer

log = logging.getLogger(__name__)

_TOLD_KEPT = 20_000


class Line:
    """Where people stand, as they were told before."""

    def __init__(self, queueing: Queueing, clock: Clock) -> None:
        self._queueing = queueing
        self._clock = clock
        self._told: OrderedDict[WorkId, Told] = OrderedDict()

    async def place(self, state: State) -> schemas.Place | None:
        if state.status != "waiting" or state.away_cause:
            return None
        try:
            return (await self.places(CenterId(state.center_id), [state.id])).get(state.id)
        except (Unavailable, RoutingRefusal):
            return None

    async def places(self, center_id: CenterId, conversation_ids: Sequence[str]) -> dict[str, schemas.Place]:
        """Where these stand in line; those no longer waiting are left out.

        What somebody is told to wait only counts down, unless there is a cause. Source: 2.4.3-04.
        """
        ids = [WorkId(i) for i in conversation_ids]
        known = await self._queueing.call(center_id, lambda r: r.places(center_id, ids))
        now_ms = self._clock.now_ms()
        shown = {}
        for work_id, place in known.items():
            told = tell_wait(self._told.pop(work_id, None), place, now_ms)
            if told is not None:
                self._told[work_id] = told
            if (view := views.place(place, told)) is not None:
                shown[str(work_id)] = view
        while len(self._told) > _TOLD_KEPT:
            self._told.popitem(last=False)
        return shown


class Places:
    """Tells waiting visitors of this worker where they stand, when it changed. Source: 2.4.3-04."""

    def __init__(self, line: Line, notices: Notices, server: SocketServer) -> None:
        self._line = line
        self._notices = notices
        self._server = server
        self._told: dict[str, schemas.Place] = {}

    async def tell(self) -> None:
        """Called every second; asks for all of them at once."""
        waiting: dict[CenterId, dict[str, str]] = {}
        for peer in tuple(self._server.peers.values()):
            if peer.namespace == VISITOR and (conversation_id := self._notices.waiting_of(peer.actor.id)):
                waiting.setdefault(peer.actor.center_id, {})[conversation_id] = peer.actor.id
        told: dict[str, schemas.Place] = {}
        for center_id, visitors in waiting.items():
            try:
                places = await self._line.places(center_id, list(visitors))
            except WeccError as error:
                log.warning("places.unknown", extra={"center": center_id, "why": error.code})
                told |= {i: p for i, p in self._told.items() if i in visitors}
                continue
            for conversation_id, place in places.items():
                told[conversation_id] = place
                if self._told.get(conversation_id) != place:
                    notice = schemas.PlaceChanged(conversation_id=conversation_id, place=place)
                    room = visitor_room(visitors[conversation_id])
                    self._server.deliver(room, encode(protocol.PLACE_CHANGED, notice))
        self._told = told
