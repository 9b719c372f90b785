"""What conversations, queues and agents look like from outside."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wecc.conversations.schemas.log import Channel, Locale, LogEvent, Reason, Status
from wecc.identity.schemas import AgentRef, TierView, VisitorView
from wecc.infra.wire import AtMs, FilledText, Id, Line, Seq, Wire


class Preview(Wire):
    """The newest message, shortened."""

    text: str
    sender_kind: Literal["visitor", "agent", "system"]
    at_ms: AtMs


class Place(Wire):
    """Where a waiting visitor stands. `wait_s` is an honest range, null when nobody serves the tier now."""

    position: int
    wait_s: tuple[int, int] | None


class Away(Wire):
    """Nobody can chat now, so what is written is a message. `opens_ms`: when somebody can, if that is known."""

    cause: Literal["closed", "nobody", "full", "chosen"]
    opens_ms: AtMs | None
    has_contact: bool


class Marks(Wire):
    """How far each side has got; monotone."""

    visitor_delivered_seq: Seq = 0
    visitor_read_seq: Seq = 0
    agent_delivered_seq: Seq = 0
    agent_read_seq: Seq = 0


class ConversationView(Wire):
    """A conversation's state as its visitor sees it; `last_seq` counts only what he may see."""

    id: Id
    status: Status
    channel: Channel
    agent: AgentRef | None
    started_ms: AtMs
    closed_ms: AtMs | None
    last_seq: Seq
    marks: Marks
    place: Place | None = None
    away: Away | None = None


class ConversationSummary(Wire):
    """A row of the console's lists. Newer `last_seq` wins; equal ones are the same."""

    id: Id
    status: Status
    channel: Channel
    visitor: VisitorView
    tier: str
    agent: AgentRef | None
    started_ms: AtMs
    changed_ms: AtMs
    waiting_since_ms: AtMs | None
    unanswered_since_ms: AtMs | None
    closed_ms: AtMs | None
    locale: Locale
    preview: Preview | None
    last_seq: Seq
    last_message_seq: Seq
    marks: Marks
    is_message: bool = False
    is_wrap_up: bool = False
    wrap_up_until_ms: AtMs | None = None


class PageView(Wire):
    url: str
    title: str
    at_ms: AtMs


class CustomerCard(Wire):
    """Who this is: for the console's right pane. Source: 2.2-05."""

    visitor: VisitorView
    tiers: list[str]
    phone: str
    pages: list[PageView]
    earlier: list[ConversationSummary]
    user_agent: str
    first_seen_ms: AtMs


class LogPage(Wire):
    """`last_seq` is the newest the reader may see: when it is above the page's end, there is more."""

    events: list[LogEvent]
    last_seq: Seq
    first_seq: Seq


class ListPlace(Wire):
    """Where a list of conversations was left."""

    changed_ms: AtMs
    id: Id


class ConversationList(Wire):
    """`read_on`: where to go on, None at the end. One answer looks through a bounded part of the past, so it may
    hold few or none and still lead on."""

    conversations: list[ConversationSummary]
    read_on: ListPlace | None


class VisitorState(Wire):
    """All a visitor's page needs to start or to resume."""

    visitor: VisitorView
    conversation: ConversationView | None
    log: LogPage | None


class OpenedConversation(Wire):
    """A thread with its newest page of events."""

    conversation: ConversationSummary
    log: LogPage
    customer: CustomerCard


class Presence(Wire):
    """An agent's state. `state` `unstable`: nothing heard for 15 s, no new offers."""

    agent: AgentRef
    state: Literal["ready", "paused", "offline", "unstable"]
    reason: str
    since_ms: AtMs
    load: int
    capacity: int


class Offer(Wire):
    """A request shown to one agent until `deadline_ms`."""

    conversation: ConversationSummary
    version: int
    deadline_ms: AtMs
    offered_ms: AtMs
    reason: Reason | None


class CannedReply(Wire):
    """`shortcut` is typed after `/`. `text` may hold {visitor} and {agent}."""

    id: Id
    shortcut: Annotated[str, Field(pattern=r"^[\w-]{1,32}$")]
    title: Line
    text: FilledText
    locale: Locale


class CannedReplyText(Wire):
    """A canned reply to add or change."""

    shortcut: Annotated[str, Field(pattern=r"^[\w-]{1,32}$")]
    title: Line
    text: FilledText
    locale: Locale


class CannedReplyList(Wire):
    canned_replies: list[CannedReply]


class Desk(Wire):
    """All a console needs to start or to resume; open conversations the agent may see."""

    me: AgentRef
    role: Literal["agent", "supervisor", "administrator"]
    center_id: str
    presence: Presence
    offers: list[Offer]
    conversations: list[ConversationSummary]
    tiers: list[TierView]
    colleagues: list[Presence]
    canned_replies: list[CannedReply]
    now_ms: AtMs
