"""The log: one schema for the body of each kind of event, and what all events carry."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wecc.identity.schemas import AgentRef
from wecc.infra.wire import AtMs, Id, Seq, Wire

Locale = Literal["zh-CN", "en"]
Channel = Literal["chat"]
Status = Literal["guided", "waiting", "active", "closed"]
"""guided: a self-service flow answers; waiting: asks for a person; active: an agent is in charge; closed: over,
readable."""


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


class FlowOption(Wire):
    """A quick reply. `key` is what chooses it on a keypad, and when typed. `kind` says what it is for, so that a
    face can show it so: `article` opens an article, `person` asks for an agent."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.:-]{0,79}$")]
    label: str
    key: str = ""
    kind: Literal["go", "article", "solved", "unsolved", "person"] = "go"


class FlowField(Wire):
    """A field of a small form. `options` only for a choice."""

    name: Id
    label: str
    kind: Literal["text", "phone", "number", "date", "choice", "long_text"]
    is_required: bool = True
    options: list[str] = []
    max_chars: int = 200


class ArticleCard(Wire):
    """An article of the knowledge base, shortened."""

    id: Id
    title: str
    snippet: str


class AssistedBody(Wire):
    """What self-service says: words (Markdown subset), then what can be chosen, read or filled in. Only the newest
    one can be answered. `question_id` is the question it answers, if it does; `unsolved_turns` counts those without
    success so far."""

    flow: str
    node: str
    text: str
    options: list[FlowOption] = []
    articles: list[ArticleCard] = []
    fields: list[FlowField] = []
    question_id: str = ""
    unsolved_turns: int = 0


class ChosenBody(Wire):
    """A quick reply was chosen; `label` as it was shown."""

    node: str
    option: str
    label: str


class FilledField(Wire):
    name: Id
    label: str
    value: str


class FilledBody(Wire):
    """A small form of self-service was filled in."""

    node: str
    fields: list[FilledField]


class AskedQuestion(Wire):
    """A question, what it was answered with, and how sure that was."""

    text: str
    decision: Literal["answer", "suggest", "escalate"]
    confidence: float
    articles: list[ArticleCard]
    scores: list[float]
    outcome: Literal["", "solved", "unsolved", "handed_over"] = ""


class HandedOverBody(Wire):
    """Self-service asked for a person, with all that was said so far.

    `cause`: `wish`, `unsolved`, `topic` (then `topic` names it: `complaint`, `cancel`, `fraud`), `flow` (the flow
    leads here) or `failed` (self-service could not answer). `wish`: whom the customer chose: `account_manager`,
    `senior`, or `message` to be answered later; empty for whoever serves his tier. `note`: what the flow wants the
    agent to know. Source: 2.3-04 … 2.3-06, 2.3-13.
    """

    flow: str
    flow_name: str
    cause: Literal["wish", "unsolved", "topic", "flow", "failed"]
    topic: str = ""
    wish: Literal["", "account_manager", "senior", "message"] = ""
    marks: list[str] = []
    path: list[str] = []
    questions: list[AskedQuestion] = []
    fields: list[FilledField] = []
    note: str = ""


class NoteBody(Wire):
    text: str


class QueuedBody(Wire):
    """Waits for a person now (`chat`), or leaves a message that is answered later.

    `cause`: `asked`, `transferred`, `agent_gone`, `agent_left`, `returned`; of a message `closed` (with the time
    it `opens_ms` again), `nobody`, `full` or `chosen`.
    """

    tier: str
    cause: str
    since_ms: AtMs
    channel: Literal["chat", "message"] = "chat"
    opens_ms: AtMs | None = None


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


class ContactLeftBody(Wire):
    """How to reach the visitor who left a message: a phone number or a mail address, as he wrote it."""

    contact: str


class IdentifiedBody(Wire):
    name: str
    customer_id: str
    tier: str


class ClosedBody(Wire):
    """`cause`: `agent`, `visitor`, `abandoned`, `system`; of self-service `solved` or `idle`."""

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


class AssistedEvent(_Event):
    kind: Literal["assisted"]
    body: AssistedBody


class ChosenEvent(_Event):
    kind: Literal["chosen"]
    body: ChosenBody


class FilledEvent(_Event):
    kind: Literal["filled"]
    body: FilledBody


class HandedOverEvent(_Event):
    """Agents only."""

    kind: Literal["handed_over"]
    body: HandedOverBody


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


class ContactLeftEvent(_Event):
    kind: Literal["contact_left"]
    body: ContactLeftBody


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
    | AssistedEvent
    | ChosenEvent
    | FilledEvent
    | HandedOverEvent
    | QueuedEvent
    | JoinedEvent
    | RoutedEvent
    | LeftEvent
    | TransferredEvent
    | ContactLeftEvent
    | IdentifiedEvent
    | ClosedEvent
    | WrapUpStartedEvent
    | WrapUpEndedEvent,
    Field(discriminator="kind"),
]
