"""What self-service says on the wire; its steps are events of the conversation's log (`wecc.conversations`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from wecc.conversations.schemas import AssistedBody, HandedOverBody, Locale
from wecc.identity.schemas import AgentRef
from wecc.infra.wire import AtMs, ClientId, Id, Line, Query, Wire, clean

SOURCE_CHARS = 60_000


class Choose(Wire):
    """Choose a quick reply of the newest step. `person` is always one: asking for a person needs no menu."""

    conversation_id: Id
    client_id: ClientId
    option: Annotated[str, Field(min_length=1, max_length=80)]


class FieldValue(Wire):
    name: Id
    value: Annotated[str, Field(max_length=2000), AfterValidator(clean)]


class FillForm(Wire):
    """Fill in the newest step's form. Refused with `flow.form_invalid`, and the fields at fault in `data`."""

    conversation_id: Id
    client_id: ClientId
    fields: Annotated[list[FieldValue], Field(max_length=20)]


class ReadEntry(Query):
    """`center` may be left out where there is only one."""

    center: Id | None = None
    locale: Locale = "zh-CN"


class FlowEntry(Wire):
    """What greets whoever opens the panel, before anything is asked; null without a flow, or when it leads straight
    to a person. `offers_person`: show the way to a person beside the composer at once."""

    flow: str
    step: AssistedBody | None
    offers_person: bool


class FlowProblem(Wire):
    """`line` and `column` count from 1. A warning does not keep a flow from being saved."""

    line: int
    column: int
    code: str
    about: str
    is_warning: bool


NodeKind = Literal["say", "menu", "question", "form", "hand_over", "end"]


class FlowNode(Wire):
    """A node as the outline shows it."""

    id: str
    line: int
    kind: NodeKind
    text_zh: str
    text_en: str
    leads_to: list[str]
    is_reachable: bool


class FlowSummary(Wire):
    """A version. `is_shared`: it greets nobody and is there for other flows. `is_deleted`: it takes the flow away;
    the one before it is what was deleted."""

    code: Id
    name_zh: str
    name_en: str
    tiers: list[str]
    version: int
    saved_ms: AtMs
    saved_by: AgentRef | None
    comment: str
    is_shared: bool
    is_deleted: bool


class FlowList(Wire):
    """`unguided`: tiers without a flow; their customers ask for a person directly. `deleted`: what can be brought
    back, by saving one of its versions again."""

    flows: list[FlowSummary]
    unguided: list[str]
    deleted: list[FlowSummary]


class FlowView(Wire):
    summary: FlowSummary
    source: str
    problems: list[FlowProblem]
    outline: list[FlowNode]


class FlowVersionList(Wire):
    versions: list[FlowSummary]


class CheckFlow(Wire):
    code: Id
    source: Annotated[str, Field(max_length=SOURCE_CHARS)]


class FlowCheck(Wire):
    problems: list[FlowProblem]
    outline: list[FlowNode]


class SaveFlow(Wire):
    """Answered with `flow.invalid` (problems in `data`) or `flow.conflict` (who, when); nothing is saved then."""

    base_version: Annotated[int, Field(ge=0)]
    source: Annotated[str, Field(max_length=SOURCE_CHARS)]
    comment: Line = ""


class DeleteFlow(Query):
    """Answered with `flow.in_use` (tiers it greets, flows that use it, in `data`) or `flow.conflict`."""

    base_version: Annotated[int, Field(ge=1)]


class Said(Wire):
    """One turn of a customer in a preview: words, a chosen option, or a filled form."""

    text: Annotated[str, Field(max_length=2000)] = ""
    option: Annotated[str, Field(max_length=80)] = ""
    fields: Annotated[list[FieldValue], Field(max_length=20)] = []


class PreviewFlow(Wire):
    """Play an edited flow: the same turns give the same answers; nothing is stored."""

    code: Id
    source: Annotated[str, Field(max_length=SOURCE_CHARS)]
    tier: Id
    locale: Locale
    said: Annotated[list[Said], Field(max_length=50)] = []


class PreviewTurn(Wire):
    """Exactly one of them: what self-service says next, to whom it hands over, or how it ends."""

    assisted: AssistedBody | None = None
    handed_over: HandedOverBody | None = None
    closed: Literal["", "solved"] = ""


class FlowPreview(Wire):
    turns: list[PreviewTurn]
