"""What conversations say on the wire: events of the log, requests, answers, notices.

TypeScript types and docs/PROTOCOL.md are generated from here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wecc.identity.schemas import AgentRef, TierView, VisitorView
from wecc.infra.wire import AtMs, ClientId, FilledText, Id, Line, Seq, Text, Wire

Locale = Literal["zh-CN", "en"]
Channel = Literal["chat"]
Status = Literal["waiting", "active", "closed"]
"""waiting: asks for a person; active: an agent is in charge; closed: over, readable."""


# ------------------------------------------------------------------ the log


class Sender(Wire):
    """Who caused an event. `id` of the system is empty."""

    kind: Literal["visitor", "agent", "system"]
    id: str
    name: str


class AttachmentView(Wire):
    """A stored file. Fetch it at `/api/v1/attachments/{id}` with one's own session or token."""

    id: Id
    name: str
    media_type: str
    size_bytes: int
    is_image: bool
    width_px: int | None = None
    height_px: int | None = None


class StartedBody(Wire):
    locale: Locale
    channel: Channel
    page_url: str
    page_title: str


class MessageBody(Wire):
    """`text` is Markdown of a small subset (bold, italic, code, links, lists); HTML in it is plain text."""

    text: str
    attachments: list[AttachmentView] = []


class NoteBody(Wire):
    text: str


class QueuedBody(Wire):
    """`cause`: `asked`, `transferred`, `agent_gone`, `agent_left`, `returned`."""

    tier: str
    cause: str
    since_ms: AtMs


class Candidate(Wire):
    """A tier that had a waiter when the decision was made."""

    tier: str
    rate: float
    target: float
    gap: float
    wait_ms: int


class Reason(Wire):
    """Why this request came to this agent now. Source: 2.4.3-05; design §6."""

    policy: str
    tier: str
    rate: float | None = None
    target: float | None = None
    gap: float | None = None
    wait_ms: int = 0
    candidates: list[Candidate] = []


class JoinedBody(Wire):
    agent: AgentRef


class RoutedBody(Wire):
    agent: AgentRef
    reason: Reason


class LeftBody(Wire):
    """`cause`: `transferred`, `agent_gone`, `agent_left`."""

    agent: AgentRef
    cause: str


class TransferredBody(Wire):
    by: AgentRef
    to_agent: AgentRef | None = None
    to_tier: str | None = None


class IdentifiedBody(Wire):
    name: str
    customer_id: str
    tier: str


class ClosedBody(Wire):
    """`cause`: `agent`, `visitor`, `abandoned`, `system`."""

    cause: str


class WrapUpStartedBody(Wire):
    """The agent has until `until_ms` to finish his notes."""

    agent: AgentRef
    until_ms: AtMs


class WrapUpEndedBody(Wire):
    agent: AgentRef


class _Event(Wire):
    """One entry of the log. `prev` is the seq before it that the same reader may see: a reader whose cursor
    is below `prev` has a gap and reads from its cursor."""

    seq: Seq
    prev: Seq
    at_ms: AtMs
    sender: Sender
    client_id: str = ""


class StartedEvent(_Event):
    kind: Literal["started"]
    body: StartedBody


class MessageEvent(_Event):
    kind: Literal["message"]
    body: MessageBody


class NoteEvent(_Event):
    """Agents only."""

    kind: Literal["note"]
    body: NoteBody


class QueuedEvent(_Event):
    kind: Literal["queued"]
    body: QueuedBody


class JoinedEvent(_Event):
    kind: Literal["joined"]
    body: JoinedBody


class RoutedEvent(_Event):
    """Agents only: the explanation of the assignment."""

    kind: Literal["routed"]
    body: RoutedBody


class LeftEvent(_Event):
    kind: Literal["left"]
    body: LeftBody


class TransferredEvent(_Event):
    kind: Literal["transferred"]
    body: TransferredBody


class IdentifiedEvent(_Event):
    kind: Literal["identified"]
    body: IdentifiedBody


class ClosedEvent(_Event):
    kind: Literal["closed"]
    body: ClosedBody


class WrapUpStartedEvent(_Event):
    """Agents only."""

    kind: Literal["wrap_up_started"]
    body: WrapUpStartedBody


class WrapUpEndedEvent(_Event):
    """Agents only."""

    kind: Literal["wrap_up_ended"]
    body: WrapUpEndedBody


LogEvent = Annotated[
    StartedEvent
    | MessageEvent
    | NoteEvent
    | QueuedEvent
    | JoinedEvent
    | RoutedEvent
    | LeftEvent
    | TransferredEvent
    | IdentifiedEvent
    | ClosedEvent
    | WrapUpStartedEvent
    | WrapUpEndedEvent,
    Field(discriminator="kind"),
]


# ------------------------------------------------------------------ views


class Preview(Wire):
    """The newest message, shortened."""

    text: str
    sender_kind: Literal["visitor", "agent", "system"]
    at_ms: AtMs


class Place(Wire):
    """Where a waiting visitor stands. `wait_s` is an honest range, null when nobody serves the tier now."""

    position: int
    wait_s: tuple[int, int] | None


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


# ------------------------------------------------------------------ requests


class StartConversation(Wire):
    """Ask for a person. Repeats with the same `client_id`, and a start while one is open, join the open one."""

    client_id: ClientId
    locale: Locale
    channel: Channel = "chat"
    text: Text = ""
    attachment_ids: Annotated[list[Id], Field(max_length=10)] = []
    page_url: Annotated[str, Field(max_length=2000)] = ""
    page_title: Line = ""


class SendMessage(Wire):
    """Text, files or both."""

    conversation_id: Id
    client_id: ClientId
    text: Text = ""
    attachment_ids: Annotated[list[Id], Field(max_length=10)] = []


class AddNote(Wire):
    """A remark only agents see."""

    conversation_id: Id
    client_id: ClientId
    text: FilledText


class Appended(Wire):
    """The event is durable. A repeat is answered with the first one's place."""

    seq: Seq
    at_ms: AtMs


class ReadLog(Wire):
    """Events after `after_seq`, oldest first; or, with `before_seq`, the page just before it."""

    conversation_id: Id
    after_seq: Seq = 0
    before_seq: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class LogPage(Wire):
    """`last_seq` is the newest the reader may see: when it is above the page's end, there is more."""

    events: list[LogEvent]
    last_seq: Seq
    first_seq: Seq


class ConversationRef(Wire):
    conversation_id: Id


class SetMarks(Wire):
    conversation_id: Id
    delivered_seq: Seq = 0
    read_seq: Seq = 0


class SetTyping(Wire):
    conversation_id: Id
    is_typing: bool


class ViewPage(Wire):
    """Where the visitor is. The embed script drops query and fragment before it tells."""

    url: Annotated[str, Field(max_length=2000)]
    title: Line


class CloseConversation(Wire):
    conversation_id: Id


class Transfer(Wire):
    """Exactly one of `to_agent_id`, `to_tier`."""

    conversation_id: Id
    client_id: ClientId
    to_agent_id: Id | None = None
    to_tier: Id | None = None
    note: Text = ""


class AcceptOffer(Wire):
    conversation_id: Id
    version: Annotated[int, Field(ge=0)]


class DeclineOffer(Wire):
    conversation_id: Id
    version: Annotated[int, Field(ge=0)]


class ListConversations(Wire):
    """`query` searches names and what was said. Newest first; `before_ms` pages on."""

    scope: Literal["mine", "waiting", "open", "closed"]
    query: Line = ""
    before_ms: AtMs | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class ConversationList(Wire):
    conversations: list[ConversationSummary]
    has_more: bool


class SetPresence(Wire):
    """`reason` says why one is paused: `break`, `meal`, `training`, `meeting`, `offline_work`."""

    state: Literal["ready", "paused", "offline"]
    reason: Literal["", "break", "meal", "training", "meeting", "offline_work", "not_responding"] = ""


# ------------------------------------------------------------------ answers


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


# ------------------------------------------------------------------ notices


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
    presence: Presence
