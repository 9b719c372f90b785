"""Reading logs: pages for their readers, the whole for a transcript, the newest for the product itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from wecc.conversations import schemas, views
from wecc.conversations.domain import Kind, State
from wecc.conversations.models import LogEntry, Mark
from wecc.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Written:
    """One stored event with its body read."""

    seq: int
    kind: Kind
    sender_kind: str
    client_id: str
    body: dict[str, Any]


async def page(
    state: State, cmd: schemas.ReadLog, *, newest: bool = False, for_agents: bool = False
) -> schemas.LogPage:
    """Events after or before a place, or the newest ones."""
    rows = LogEntry.filter(conversation_id=state.id)
    if not for_agents:
        rows = rows.filter(audience="e")
    if newest or cmd.before_seq is not None:
        if cmd.before_seq is not None:
            rows = rows.filter(seq__lt=cmd.before_seq)
        found = list(reversed(await rows.order_by("-seq").limit(cmd.limit)))
    else:
        found = await rows.filter(seq__gt=cmd.after_seq).order_by("seq").limit(cmd.limit)
    # Read the end after the events: a page never claims to reach further than it does.
    last = state.last_seq if for_agents else state.public_seq
    last = max(last, found[-1].seq if found else 0)
    events = [views.event_of_row(row, for_agents=for_agents) for row in found]
    return schemas.LogPage.model_validate({"events": events, "last_seq": last, "first_seq": 1})


async def entries(actor: Actor, state: State) -> list[LogEntry]:
    """The whole log as the actor may see it, for a transcript."""
    rows = LogEntry.filter(conversation_id=state.id)
    if not actor.is_agent:
        rows = rows.filter(audience="e")
    return await rows.order_by("seq").limit(20_000)


async def newest_entries(conversation_id: str, limit: int) -> list[Written]:
    """The newest entries, oldest first."""
    rows = await LogEntry.filter(conversation_id=conversation_id).order_by("-seq").limit(limit)
    return [
        Written(r.seq, Kind(r.kind), r.sender_kind, r.client_id, orjson.loads(r.body)) for r in reversed(rows)
    ]


async def marks(conversation_id: str) -> schemas.Marks:
    return views.marks(await Mark.get_or_none(conversation_id=conversation_id))
