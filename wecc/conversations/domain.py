"""The conversation's rules: what may be appended, and what the log so far amounts to. No I/O.

`State` is the fold of the log: the snapshot a client gets. Applying later events to an older state gives the
newer one, for every kind (tests/conversations/test_domain.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import orjson

from wecc.kernel.errors import Internal, WeccError

PREVIEW_CHARS = 120


class Kind(StrEnum):
    STARTED = "started"
    MESSAGE = "message"
    NOTE = "note"
    ASSISTED = "assisted"
    CHOSEN = "chosen"
    FILLED = "filled"
    HANDED_OVER = "handed_over"
    QUEUED = "queued"
    JOINED = "joined"
    ROUTED = "routed"
    LEFT = "left"
    TRANSFERRED = "transferred"
    CONTACT_LEFT = "contact_left"
    IDENTIFIED = "identified"
    CLOSED = "closed"
    WRAP_UP_STARTED = "wrap_up_started"
    WRAP_UP_ENDED = "wrap_up_ended"


AWAY_CAUSES = frozenset({"closed", "nobody", "full", "chosen"})
"""Why a message is left instead of a chat begun."""

AGENTS_ONLY = frozenset({Kind.NOTE, Kind.HANDED_OVER, Kind.ROUTED, Kind.WRAP_UP_STARTED, Kind.WRAP_UP_ENDED})
"""Kinds a visitor never sees, in any form. Source: design §5.5."""


GUIDED_ONLY = frozenset({Kind.ASSISTED, Kind.CHOSEN, Kind.FILLED, Kind.HANDED_OVER})
"""Kinds that belong to self-service and end with it."""


_FLOW_ENDS = frozenset({"solved", "idle"})
"""Why self-service itself closes a conversation."""

PERSON = "person"
"""The option that asks for a person; there at any time, in a menu or not."""


def answer_token(seq: int) -> str:
    """The `client_id` of what self-service answers to all that was said up to this place. Source: ADR 10."""
    return f"flow:{seq}"


def answered_seq(token: str) -> int:
    """Up to which place an event of self-service answers; 0 when it answers nothing."""
    flow, _, seq = token.partition(":")
    return int(seq) if flow == "flow" and seq.isdecimal() else 0


class ConversationClosed(WeccError):
    code = "conversation.closed"
    status = 409
    sentence = "This conversation is over."


class NotYours(WeccError):
    """Another agent is in charge; what an old tab's late message is told."""

    code = "conversation.not_yours"
    status = 409
    sentence = "Another agent is in charge of this conversation."


class NotGuided(WeccError):
    """The step that was answered is no longer the newest, or a person is in charge by now."""

    code = "flow.over"
    status = 409
    sentence = "This choice is no longer open."


class ClientIdConflict(WeccError):
    """The same `client_id` came with other content."""

    code = "conversation.client_id_conflict"
    status = 409
    sentence = "This was sent before with other content."


class UnknownConversation(WeccError):
    code = "request.not_found"
    status = 404
    sentence = "Not found."


@dataclass(frozen=True, slots=True)
class Sender:
    kind: str
    id: str
    name: str


SYSTEM = Sender("system", "", "")


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to append. `body` fits the kind's schema; `client_id` is unique to the sender's intent."""

    conversation_id: str
    sender: Sender
    kind: Kind
    body: dict[str, Any]
    client_id: str
    at_ms: int
    attachment_ids: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        return self.kind not in AGENTS_ONLY


@dataclass(frozen=True, slots=True)
class NewConversation:
    """A conversation to create unless its visitor has an open one. With a `flow` nobody is asked for yet."""

    id: str
    center_id: str
    visitor_id: str
    visitor_name: str
    is_verified: bool
    customer_id: str
    tier: str
    locale: str
    channel: str
    started_ms: int
    flow: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """All that the log so far amounts to."""

    id: str
    center_id: str
    visitor_id: str
    visitor_name: str
    is_verified: bool
    customer_id: str
    tier: str
    locale: str
    channel: str
    started_ms: int
    status: str = "waiting"
    agent_id: str = ""
    agent_name: str = ""
    flow: str = ""
    """The self-service flow that greeted, as `code:version`; empty without one."""
    flow_node: str = ""
    unsolved_turns: int = 0
    is_step_taken: bool = False
    """A choice or form has answered the newest step."""
    said_seq: int = 0
    answered_seq: int = 0
    """The visitor's newest word, and up to where self-service has answered."""
    wish: str = ""
    """Whom he asked for: `account_manager`, `senior`, `message`; empty for whoever serves his tier."""
    waiting_since_ms: int | None = None
    away_cause: str = ""
    """Why a message was left instead of a chat begun: `closed`, `nobody`, `full`, `chosen`; empty for a chat."""
    opens_ms: int | None = None
    contact: str = ""
    unanswered_since_ms: int | None = None
    closed_ms: int | None = None
    is_wrap_up: bool = False
    wrap_up_until_ms: int | None = None
    last_seq: int = 0
    public_seq: int = 0
    message_seq: int = 0
    preview_text: str = ""
    preview_sender: str = ""
    preview_ms: int = 0
    served_by: tuple[str, ...] = ()
    changed_ms: int = 0

    @classmethod
    def new(cls, c: NewConversation) -> State:
        return cls(
            id=c.id,
            center_id=c.center_id,
            visitor_id=c.visitor_id,
            visitor_name=c.visitor_name,
            is_verified=c.is_verified,
            customer_id=c.customer_id,
            tier=c.tier,
            locale=c.locale,
            channel=c.channel,
            started_ms=c.started_ms,
            changed_ms=c.started_ms,
            status="guided" if c.flow else "waiting",
            flow=c.flow,
        )

    @classmethod
    def decode(cls, text: str) -> State:
        return cls(**orjson.loads(text))

    def encode(self) -> str:
        return orjson.dumps(self).decode()


def admit(state: State, draft: Draft) -> None:
    """Raise when the draft may not be appended now.

    After the end only agents' remarks follow. Raises: ConversationClosed; NotGuided for a step of self-service once
    a person was asked for, a second choice of one step, a second answer to one turn, an answer of a flow that was
    left meanwhile, and self-service's end over words it has not answered; NotYours when an agent writes to a
    conversation he is not in charge of, which fences off an old tab after a transfer or a return to the queue.
    """
    if state.status == "closed" and draft.is_public:
        raise ConversationClosed
    if draft.kind in GUIDED_ONLY and state.status != "guided":
        raise NotGuided
    if (
        draft.kind in (Kind.CHOSEN, Kind.FILLED)
        and state.is_step_taken
        and draft.body.get("option") != PERSON
    ):
        raise NotGuided
    if draft.sender == SYSTEM and (answers := answered_seq(draft.client_id)):
        is_other_flow = draft.kind is Kind.ASSISTED and draft.body["flow"] != state.flow
        if answers <= state.answered_seq or is_other_flow:
            raise NotGuided
    is_end = draft.kind is Kind.CLOSED and draft.body.get("cause") in _FLOW_ENDS
    if is_end and state.said_seq > max(state.answered_seq, answered_seq(draft.client_id)):
        raise NotGuided
    is_in_charge = state.status == "active" and state.agent_id == draft.sender.id
    if draft.kind is Kind.MESSAGE and draft.sender.kind == "agent" and not is_in_charge:
        raise NotYours


def apply(state: State, draft: Draft, seq: int) -> State:
    """The state after the event took place `seq`."""
    body = draft.body
    public_seq = seq if draft.is_public else state.public_seq
    changed: dict[str, Any] = {"last_seq": seq, "public_seq": public_seq, "changed_ms": draft.at_ms}
    match draft.kind:
        case Kind.MESSAGE:
            changed |= _message(state, draft, seq)
        case Kind.ASSISTED:
            changed |= {
                "flow": body["flow"],
                "flow_node": body["node"],
                "unsolved_turns": body["unsolved_turns"],
                **_answered(state, draft),
                **_preview(draft, body["text"]),
            }
        case Kind.CHOSEN:
            changed |= {**_answers_step(draft, seq), **_preview(draft, body["label"])}
        case Kind.FILLED:
            values = " · ".join(field["value"] for field in body["fields"])
            changed |= {**_answers_step(draft, seq), **_preview(draft, values)}
        case Kind.HANDED_OVER:
            changed |= {
                "status": "waiting",
                "waiting_since_ms": draft.at_ms,
                "unanswered_since_ms": draft.at_ms,
                "wish": body["wish"],
            }
        case Kind.QUEUED:
            changed |= {
                "status": "waiting",
                "tier": body["tier"],
                "waiting_since_ms": body["since_ms"],
                **_away(state, body),
                "agent_id": "",
                "agent_name": "",
            }
        case Kind.JOINED:
            agent = body["agent"]
            changed |= {
                "status": "active",
                "agent_id": agent["id"],
                "agent_name": agent["name"],
                "waiting_since_ms": None,
                "served_by": tuple(dict.fromkeys([*state.served_by, agent["id"]])),
            }
            if state.unanswered_since_ms is None or state.away_cause:
                # Nobody has greeted the visitor yet, or he left a message: he waits for a word from now on.
                changed["unanswered_since_ms"] = draft.at_ms
        case Kind.CONTACT_LEFT:
            changed["contact"] = body["contact"]
        case Kind.IDENTIFIED:
            changed |= {
                "visitor_name": body["name"],
                "is_verified": True,
                "customer_id": body["customer_id"],
                "tier": body["tier"],
            }
        case Kind.CLOSED:
            changed |= {
                "status": "closed",
                "closed_ms": draft.at_ms,
                "waiting_since_ms": None,
                "unanswered_since_ms": None,
            }
        case Kind.WRAP_UP_STARTED:
            changed |= {"is_wrap_up": True, "wrap_up_until_ms": body["until_ms"]}
        case Kind.WRAP_UP_ENDED:
            changed |= {"is_wrap_up": False, "wrap_up_until_ms": None}
        case Kind.STARTED | Kind.NOTE | Kind.ROUTED | Kind.LEFT | Kind.TRANSFERRED:
            pass
    return replace(state, **changed)


def _away(state: State, body: dict[str, Any]) -> dict[str, Any]:
    """A message that only came back to a queue, or went to another, keeps its cause."""
    if body["channel"] != "message":
        return {"away_cause": "", "opens_ms": None}
    if body["cause"] in AWAY_CAUSES:
        return {"away_cause": body["cause"], "opens_ms": body["opens_ms"]}
    if state.status == "waiting" and state.away_cause:
        return {}
    return {"away_cause": "nobody", "opens_ms": None}


def _answers_step(draft: Draft, seq: int) -> dict[str, Any]:
    return {"unanswered_since_ms": draft.at_ms, "said_seq": seq, "is_step_taken": True}


def _answered(state: State, draft: Draft) -> dict[str, Any]:
    """What was said while the answer was worked out still waits for its own."""
    answered = max(state.answered_seq, answered_seq(draft.client_id))
    since_ms = state.unanswered_since_ms if state.said_seq > answered else None
    return {"is_step_taken": False, "answered_seq": answered, "unanswered_since_ms": since_ms}


def _message(state: State, draft: Draft, seq: int) -> dict[str, Any]:
    body = draft.body
    text = body["text"]
    if not text and body["attachments"]:
        text = "📎 " + str(body["attachments"][0]["name"])
    changed: dict[str, Any] = {"message_seq": seq, **_preview(draft, text)}
    if draft.sender.kind == "agent":
        changed["unanswered_since_ms"] = None
        return changed
    changed["said_seq"] = seq
    if state.unanswered_since_ms is None:
        changed["unanswered_since_ms"] = draft.at_ms
    return changed


def _preview(draft: Draft, text: str) -> dict[str, Any]:
    return {
        "preview_text": " ".join(text.split())[:PREVIEW_CHARS],
        "preview_sender": draft.sender.kind,
        "preview_ms": draft.at_ms,
    }


# ------------------------------------------------------------------ a batch


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored event."""

    conversation_id: str
    seq: int
    public_prev: int
    kind: str
    is_public: bool
    sender: Sender
    client_id: str
    at_ms: int
    body: str


@dataclass(frozen=True, slots=True)
class Appended:
    """The fate of one draft that went in, now or earlier (`is_repeat`)."""

    entry: Entry
    state: State
    is_repeat: bool


@dataclass(slots=True)
class Batch:
    """What one transaction stores, worked out by `plan`."""

    fates: list[Appended | WeccError] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    changed: dict[str, State] = field(default_factory=dict)
    asked: list[State] = field(default_factory=list)
    """Conversations that ask for a person from now on: work for routing."""
    attachments: list[tuple[str, str]] = field(default_factory=list)


def plan(
    drafts: list[Draft], states: Mapping[str, State], known: Mapping[tuple[str, str, str], Entry]
) -> Batch:
    """Give every draft its place, in order, or its refusal.

    `states` are the locked conversations; `known` the entries already stored under a draft's
    (conversation, sender, client_id). One refused draft does not touch the others.
    """
    batch = Batch()
    seen = dict(known)
    now = dict(states)
    for draft in drafts:
        state = now.get(draft.conversation_id)
        if state is None:
            batch.fates.append(UnknownConversation())
            continue
        key = (draft.conversation_id, draft.sender.id, draft.client_id)
        body = orjson.dumps(draft.body, option=orjson.OPT_SORT_KEYS).decode()
        first = seen.get(key)
        if first is not None:
            same = first.kind == draft.kind and (first.body == body or draft.sender.kind == "system")
            batch.fates.append(Appended(first, state, is_repeat=True) if same else ClientIdConflict())
            continue
        try:
            admit(state, draft)
        except WeccError as error:
            batch.fates.append(error)
            continue
        seq = state.last_seq + 1
        entry = Entry(
            conversation_id=draft.conversation_id,
            seq=seq,
            public_prev=state.public_seq,
            kind=draft.kind,
            is_public=draft.is_public,
            sender=draft.sender,
            client_id=draft.client_id,
            at_ms=draft.at_ms,
            body=body,
        )
        try:
            state = apply(state, draft, seq)
        except (KeyError, TypeError) as error:
            batch.fates.append(Internal(f"{draft.kind} has a body without {error}"))
            continue
        now[draft.conversation_id] = batch.changed[draft.conversation_id] = state
        if draft.kind is Kind.HANDED_OVER:
            batch.asked.append(state)
        seen[key] = entry
        batch.entries.append(entry)
        batch.attachments.extend((a, draft.conversation_id) for a in draft.attachment_ids)
        batch.fates.append(Appended(entry, state, is_repeat=False))
    return batch
