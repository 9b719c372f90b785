"""What visitors and agents ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wecc.conversations.schemas.log import Channel, Locale
from wecc.conversations.schemas.views import ListPlace
from wecc.infra.wire import AtMs, ClientId, FilledText, Id, Line, Seq, Text, Wire


class StartConversation(Wire):
    """Ask. Repeats with the same `client_id`, and a start while one is open, join the open one.

    A tier with a self-service flow is guided by it first, unless `wants_person`. `option` chooses one of the quick
    replies the flow greets with; then there is no text. A flow that greets with a form may be begun with nothing,
    to send the form then.
    """

    client_id: ClientId
    locale: Locale
    channel: Channel = "chat"
    text: Text = ""
    attachment_ids: Annotated[list[Id], Field(max_length=10)] = []
    page_url: Annotated[str, Field(max_length=2000)] = ""
    page_title: Line = ""
    option: Annotated[str, Field(max_length=80)] = ""
    wants_person: bool = False


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


class LeaveMessage(Wire):
    """Stop waiting; the request stays, at its place, and is answered later. `contact` may be empty."""

    conversation_id: Id
    client_id: ClientId
    contact: Annotated[Line, Field(max_length=100)] = ""


class AcceptOffer(Wire):
    conversation_id: Id
    version: Annotated[int, Field(ge=0)]


class DeclineOffer(Wire):
    conversation_id: Id
    version: Annotated[int, Field(ge=0)]


class ListConversations(Wire):
    """`query` searches names and what was said. Newest first; `after` reads on."""

    scope: Literal["mine", "waiting", "open", "closed"]
    query: Line = ""
    after: ListPlace | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class SetPresence(Wire):
    """`reason` says why one is paused: `break`, `meal`, `training`, `meeting`, `offline_work`."""

    state: Literal["ready", "paused", "offline"]
    reason: Literal["", "break", "meal", "training", "meeting", "offline_work", "not_responding"] = ""
