"""After a commit: tell those who follow the log at once, and the lists a little later, together.

A conversation's row in the consoles' lists changes with every message; a row is sent at most ten times a
second, and only to the consoles that show it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

from wecc.conversations import protocol, schemas, views
from wecc.conversations.domain import Appended, State
from wecc.conversations.models import Mark
from wecc.infra.realtime.fanout import (
    Fanout,
    Room,
    agent_room,
    both,
    conversation_room,
    customer_room,
    visitor_room,
)
from wecc.kernel.ids import CenterId
from wecc.routing import WorkItem, WorkState

_TOGETHER_S = 0.1
_REMEMBERED = 20_000


def supervisors_room(center_id: str) -> Room:
    return Room(f"supervisors:{center_id}")


def tier_room(center_id: str, tier: str) -> Room:
    """Consoles of the agents who serve a tier."""
    return Room(f"tier:{center_id}:{tier}")


def visitors_of(state: State) -> Room:
    """Where the visitor's side hears of a conversation: his browser, and his other devices once he is known."""
    mine = visitor_room(state.visitor_id)
    return both(mine, customer_room(state.center_id, state.customer_id)) if state.customer_id else mine


class Notices:
    """Tells what was appended; keeps the newest states it saw, to authorise what is ephemeral."""

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._states: OrderedDict[str, State] = OrderedDict()
        self._waiting: dict[str, str] = {}
        self._changed: dict[str, set[Room]] = {}
        self._wake = asyncio.Event()

    def seen(self, conversation_id: str) -> State | None:
        """The newest state seen by this process; another one may know a newer."""
        return self._states.get(conversation_id)

    def waiting_of(self, visitor_id: str) -> str | None:
        """The visitor's conversation that stands in line, as far as this process has seen."""
        conversation_id = self._waiting.get(visitor_id)
        state = self._states.get(conversation_id) if conversation_id else None
        is_in_line = state is not None and state.status == "waiting" and not state.away_cause
        return conversation_id if is_in_line else None

    def remember(self, state: State) -> None:
        known = self._states.get(state.id)
        if known is not None and known.last_seq > state.last_seq:
            return
        self._states[state.id] = state
        self._states.move_to_end(state.id)
        if state.status == "waiting":
            self._waiting[state.visitor_id] = state.id
        elif self._waiting.get(state.visitor_id) == state.id:
            del self._waiting[state.visitor_id]
        if len(self._states) > _REMEMBERED:
            _, oldest = self._states.popitem(last=False)
            self._waiting.pop(oldest.visitor_id, None)

    def told(self, done: Appended) -> None:
        """One event is durable: tell its followers, and plan the lists' update."""
        entry, state = done.entry, done.state
        before = self._states.get(state.id)
        for_agents = {"v": 1, "conversation_id": state.id, "event": views.event(entry, for_agents=True)}
        self._fanout.send(conversation_room(state.id), protocol.EVENT_APPENDED, for_agents)
        if entry.is_public:
            theirs = {"v": 1, "conversation_id": state.id, "event": views.event(entry, for_agents=False)}
            self._fanout.send(visitors_of(state), protocol.EVENT_APPENDED, theirs)
        self.remember(state)
        self.row_changed(state, before)

    def offered(self, item: WorkItem, state: State) -> None:
        """Show an agent at once what he was just offered; `following` tells it again, from the outbox."""
        if item.state is WorkState.OFFERED and item.agent_id is not None:
            offer = views.offer(item, views.summary(state, schemas.Marks()))
            self._fanout.send(agent_room(item.agent_id), protocol.OFFER_MADE, schemas.OfferMade(offer=offer))

    def row_changed(self, state: State, before: State | None = None) -> None:
        """Plan to send the conversation's row to those who list it, or listed it before."""
        rooms = self._changed.setdefault(state.id, set())
        rooms.update(_rooms(state))
        if before is not None and (before.agent_id, before.status, before.tier) != (
            state.agent_id,
            state.status,
            state.tier,
        ):
            rooms.update(_rooms(before))
        self._wake.set()

    async def run(self) -> None:
        """Send the planned rows, together."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(_TOGETHER_S)
            self._wake.clear()
            changed, self._changed = self._changed, {}
            await self._send_rows(changed)

    async def _send_rows(self, changed: dict[str, set[Room]]) -> None:
        marks = {m.conversation_id: m for m in await Mark.filter(conversation_id__in=list(changed))}
        for conversation_id, rooms in changed.items():
            state = self._states.get(conversation_id)
            if state is None:
                continue
            row = views.summary(state, views.marks(marks.get(conversation_id)))
            payload = schemas.ConversationChanged(conversation=row).model_dump()
            for room in rooms:
                self._fanout.send(room, protocol.CONVERSATION_CHANGED, payload)


def _rooms(state: State) -> Iterable[Room]:
    yield supervisors_room(state.center_id)
    if state.agent_id:
        yield agent_room(state.agent_id)
    if state.status == "waiting":
        yield tier_room(state.center_id, state.tier)


def rooms_of_agent(
    center_id: CenterId, agent_id: str, tiers: Iterable[str], is_supervisor: bool
) -> list[Room]:
    """What a console follows besides the threads it opens."""
    rooms = [agent_room(agent_id), *(tier_room(center_id, tier) for tier in tiers)]
    return [*rooms, supervisors_room(center_id)] if is_supervisor else rooms
