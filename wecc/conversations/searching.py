"""Finding conversations by who it was and by what was said: newest first, a bounded part of the past at a time."""

from __future__ import annotations

import orjson
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from wecc.conversations import schemas
from wecc.conversations.domain import State
from wecc.conversations.models import Conversation, LogEntry

_PIECE = 500
_PIECES = 10


async def find(
    among: QuerySet[Conversation], cmd: schemas.ListConversations
) -> tuple[list[Conversation], schemas.ListPlace | None]:
    """The next conversations that match, `cmd.limit` at most, and where to go on.

    One call looks through no more than 5,000 conversations, so that it costs the same after years.
    """
    if not cmd.query:
        return _cut(await _older(among, cmd.after).limit(cmd.limit + 1), cmd.limit, None)
    hits: list[Conversation] = []
    place = cmd.after
    for _ in range(_PIECES):
        piece = await _older(among, place).limit(_PIECE)
        hits += await _matching(piece, cmd.query)
        place = _place(piece[-1]) if len(piece) == _PIECE else None
        if place is None or len(hits) > cmd.limit:
            break
    return _cut(hits, cmd.limit, place)


def _older(among: QuerySet[Conversation], place: schemas.ListPlace | None) -> QuerySet[Conversation]:
    if place is not None:
        same_ms = Q(changed_ms=place.changed_ms, id__lt=place.id)
        among = among.filter(Q(changed_ms__lt=place.changed_ms) | same_ms)
    return among.order_by("-changed_ms", "-id")


def _cut(
    rows: list[Conversation], limit: int, rest: schemas.ListPlace | None
) -> tuple[list[Conversation], schemas.ListPlace | None]:
    shown = rows[:limit]
    return shown, _place(shown[-1]) if len(rows) > limit else rest


def _place(row: Conversation) -> schemas.ListPlace:
    return schemas.ListPlace(changed_ms=row.changed_ms, id=row.id)


async def _matching(rows: list[Conversation], query: str) -> list[Conversation]:
    """Those where somebody said it, or whose customer is called so or has this number."""
    wanted = query.lower()
    called = {row.id for row in rows if _is_called(State.decode(row.state), wanted)}
    stored = orjson.dumps(query).decode()[1:-1]  # as it looks within the stored JSON
    said = LogEntry.filter(
        conversation_id__in=[row.id for row in rows if row.id not in called],
        kind__in=["message", "note"],
        body__icontains=stored,
    )
    # What the database found only in the form of the JSON is dropped again.
    heard = {
        conversation_id
        for conversation_id, body in await said.values_list("conversation_id", "body")
        if wanted in str(orjson.loads(str(body))["text"]).lower()
    }
    return [row for row in rows if row.id in called or row.id in heard]


def _is_called(state: State, wanted: str) -> bool:
    return wanted in state.visitor_name.lower() or wanted == state.customer_id.lower()
