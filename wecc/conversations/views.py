"""From what is stored to what is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from wecc.conversations.domain import Entry, State
from wecc.conversations.models import Conversation, LogEntry, Mark
from wecc.conversations.schemas import (
    Away,
    Candidate,
    ConversationSummary,
    ConversationView,
    Marks,
    Offer,
    Place,
    Preview,
    Reason,
)
from wecc.identity import AgentRef, VisitorView
from wecc.routing import Place as RoutingPlace
from wecc.routing import Reason as RoutingReason
from wecc.routing import Told, WorkItem


def event(entry: Entry, *, for_agents: bool) -> dict[str, Any]:
    """A LogEvent as its reader sees it; the stored body is passed on without being decoded."""
    return {
        "seq": entry.seq,
        "prev": entry.seq - 1 if for_agents else entry.public_prev,
        "at_ms": entry.at_ms,
        "sender": {"kind": entry.sender.kind, "id": entry.sender.id, "name": entry.sender.name},
        "client_id": entry.client_id,
        "kind": entry.kind,
        "body": orjson.Fragment(entry.body.encode()),
    }


def event_of_row(row: LogEntry, *, for_agents: bool) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "prev": row.seq - 1 if for_agents else row.public_prev,
        "at_ms": row.at_ms,
        "sender": {"kind": row.sender_kind, "id": row.sender_id, "name": row.sender_name},
        "client_id": row.client_id,
        "kind": row.kind,
        "body": orjson.loads(row.body),
    }


def marks(row: Mark | None) -> Marks:
    if row is None:
        return Marks()
    return Marks(
        visitor_delivered_seq=row.visitor_delivered_seq,
        visitor_read_seq=row.visitor_read_seq,
        agent_delivered_seq=row.agent_delivered_seq,
        agent_read_seq=row.agent_read_seq,
    )


def agent_ref(state: State) -> AgentRef | None:
    return AgentRef(id=state.agent_id, name=state.agent_name) if state.agent_id else None


def summary(state: State, so_far: Marks) -> ConversationSummary:
    return ConversationSummary.model_validate(
        {
            "id": state.id,
            "status": state.status,
            "channel": state.channel,
            "visitor": VisitorView(
                id=state.visitor_id,
                name=state.visitor_name,
                is_verified=state.is_verified,
                customer_id=state.customer_id,
                tier=state.tier,
            ),
            "tier": state.tier,
            "agent": agent_ref(state),
            "started_ms": state.started_ms,
            "changed_ms": state.changed_ms,
            "waiting_since_ms": state.waiting_since_ms if state.status == "waiting" else None,
            "unanswered_since_ms": state.unanswered_since_ms,
            "closed_ms": state.closed_ms,
            "locale": state.locale,
            "preview": (
                Preview.model_validate(
                    {
                        "text": state.preview_text,
                        "sender_kind": state.preview_sender,
                        "at_ms": state.preview_ms,
                    }
                )
                if state.preview_ms
                else None
            ),
            "last_seq": state.last_seq,
            "last_message_seq": state.message_seq,
            "marks": so_far,
            "is_message": state.status == "waiting" and state.away_cause != "",
            "is_wrap_up": state.is_wrap_up,
            "wrap_up_until_ms": state.wrap_up_until_ms,
        }
    )


async def summaries(rows: Sequence[Conversation]) -> list[ConversationSummary]:
    """Rows of the lists, with their marks read in one question."""
    known = {m.conversation_id: m for m in await Mark.filter(conversation_id__in=[r.id for r in rows])}
    return [summary(State.decode(r.state), marks(known.get(r.id))) for r in rows]


def for_visitor(state: State, so_far: Marks, place: Place | None) -> ConversationView:
    return ConversationView.model_validate(
        {
            "id": state.id,
            "status": state.status,
            "channel": state.channel,
            "agent": agent_ref(state),
            "started_ms": state.started_ms,
            "closed_ms": state.closed_ms,
            "last_seq": state.public_seq,
            "marks": so_far,
            "place": place,
            "away": away(state),
        }
    )


def away(state: State) -> Away | None:
    """What holds for a waiting visitor with whom nobody can chat now."""
    if state.status != "waiting" or not state.away_cause:
        return None
    values = {"cause": state.away_cause, "opens_ms": state.opens_ms, "has_contact": state.contact != ""}
    return Away.model_validate(values)


def place(known: RoutingPlace, told: Told | None) -> Place | None:
    """A waiting visitor's place with what he is told to wait; one who is just being offered stands first."""
    if known.position is None:
        return Place(position=1, wait_s=(0, 20)) if known.state == "offered" else None
    return Place(position=known.position, wait_s=(told.wait_low_s, told.wait_high_s) if told else None)


def offer(item: WorkItem, of: ConversationSummary) -> Offer:
    return Offer(
        conversation=of,
        version=item.version,
        deadline_ms=item.deadline_ms or item.at_ms,
        offered_ms=item.at_ms,
        reason=reason(item.reason) if item.reason else None,
    )


def reason(why: RoutingReason) -> Reason:
    """The explanation without what only a replay needs."""
    shown = {name for name in Reason.model_fields if name != "candidates"}
    seen = set(Candidate.model_fields)
    dumped = why.model_dump(
        mode="json", include={**dict.fromkeys(shown, True), "candidates": {"__all__": seen}}
    )
    return Reason.model_validate(dumped | {"candidates": list(dumped["candidates"])})
