"""Conversations that self-service guides, as it reads and writes them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from wecc.conversations.domain import SYSTEM, Draft, Kind, Sender, State
from wecc.conversations.models import Conversation, LogEntry
from wecc.conversations.notices import Notices
from wecc.conversations.queueing import Queueing
from wecc.conversations.schemas import Appended
from wecc.conversations.writer import LogWriter
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Unavailable
from wecc.kernel.ids import CenterId

_UNANSWERED_MS = 3_000
_LOOKED_AT = 500


async def ask_for_person(queueing: Queueing, notices: Notices, state: State) -> None:
    """Queue a waiting conversation, and show the agent who is offered it at once."""
    # When Redis is away: the request is durable, and the jobs process queues it later.
    with suppress(Unavailable):
        notices.offered(await queueing.enqueue(state), state)


class GuidedConversations:
    """What self-service does with logs."""

    def __init__(self, queueing: Queueing, writer: LogWriter, notices: Notices, clock: Clock) -> None:
        self._queueing = queueing
        self._writer = writer
        self._notices = notices
        self._clock = clock

    async def repeated(self, actor: Actor, conversation_id: str, client_id: str) -> Appended | None:
        """Where this visitor has said it before, whatever came since; None when it is new."""
        row = await LogEntry.get_or_none(
            conversation_id=conversation_id, sender_id=actor.id, client_id=client_id
        )
        return Appended(seq=row.seq, at_ms=row.at_ms) if row else None

    async def answer(
        self, actor: Actor, state: State, kind: Kind, body: dict[str, Any], client_id: str
    ) -> Appended:
        """A visitor's answer to a step of self-service: `chosen` or `filled`. Raises: NotGuided."""
        sender = Sender(actor.kind.value, actor.id, actor.name)
        done = await self._writer.append(Draft(state.id, sender, kind, body, client_id, self._clock.now_ms()))
        return Appended(seq=done[0].entry.seq, at_ms=done[0].entry.at_ms)

    async def assist(self, state: State, token: str, *says: tuple[Kind, dict[str, Any]]) -> State:
        """Self-service says something, hands over or ends; `token` makes repeats harmless.

        Raises: NotGuided or ConversationClosed when it is over by now; ClientIdConflict when another process
        answered already, in another way.
        """
        now_ms = self._clock.now_ms()
        drafts = [
            Draft(state.id, SYSTEM, kind, body, f"{token}:{number}" if number else token, now_ms)
            for number, (kind, body) in enumerate(says)
        ]
        now = (await self._writer.append(*drafts))[-1].state
        if now.status == "waiting":
            await ask_for_person(self._queueing, self._notices, now)
        return now

    async def find(self, conversation_id: str) -> State | None:
        """The conversation, while self-service guides it."""
        row = await Conversation.get_or_none(id=conversation_id, status="guided")
        return State.decode(row.state) if row else None

    async def waiting_for_answer(self, center_id: CenterId) -> list[State]:
        """Those whose last word is the customer's, for some seconds already."""
        rows = Conversation.filter(center_id=center_id, status="guided")
        rows = rows.filter(changed_ms__lt=self._clock.now_ms() - _UNANSWERED_MS)
        found = [State.decode(row.state) for row in await rows.order_by("-changed_ms").limit(_LOOKED_AT)]
        return [state for state in found if state.unanswered_since_ms is not None]

    async def left_alone(self, center_id: CenterId, for_ms: int) -> list[State]:
        """Those in which nothing was said for so long, the oldest first."""
        rows = Conversation.filter(center_id=center_id, status="guided")
        rows = rows.filter(changed_ms__lt=self._clock.now_ms() - for_ms).order_by("changed_ms")
        return [State.decode(row.state) for row in await rows.limit(_LOOKED_AT)]
