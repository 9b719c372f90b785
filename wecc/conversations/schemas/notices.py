"""What the server tells unasked."""

from __future__ import annotations

from typing import Literal

from wecc.conversations.schemas.log import LogEvent, Sender
from wecc.conversations.schemas.views import ConversationSummary, Marks, Offer, Place, Presence
from wecc.infra.wire import Id, Wire


class EventAppended(Wire):
    """Something was written to a log that one follows."""

    v: Literal[1] = 1
    conversation_id: Id
    event: LogEvent


class MarksMoved(Wire):
    conversation_id: Id
    marks: Marks


class TypingChanged(Wire):
    """Ephemeral. Without news for 6 s it is over."""

    conversation_id: Id
    sender: Sender
    is_typing: bool


class PlaceChanged(Wire):
    conversation_id: Id
    place: Place


class ConversationChanged(Wire):
    """A row of the lists is new or different."""

    conversation: ConversationSummary


class OfferMade(Wire):
    offer: Offer


class OfferWithdrawn(Wire):
    """`cause`: `accepted`, `declined`, `expired`, `abandoned`, `agent_left`, `reassigned`."""

    conversation_id: Id
    version: int
    cause: str


class PresenceChanged(Wire):
    """Those whose state or load changed, twice a second at most."""

    presences: list[Presence]
