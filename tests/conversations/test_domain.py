"""The log's rules, without I/O. Source: design §5."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecc.conversations import schemas
from wecc.conversations.domain import (
    AGENTS_ONLY,
    SYSTEM,
    Appended,
    ClientIdConflict,
    ConversationClosed,
    Draft,
    Kind,
    NewConversation,
    NotGuided,
    NotYours,
    Sender,
    State,
    UnknownConversation,
    answer_token,
    apply,
    plan,
)
from wecc.kernel.errors import WeccError

VISITOR = Sender("visitor", "v1", "访客 0001")
AGENT = Sender("agent", "a1", "李晓雯")
OTHER = Sender("agent", "a2", "王建国")

NEW = NewConversation("c1", "gd", "v1", "访客 0001", False, "", "other", "zh-CN", "chat", 1000)
GUIDED = replace(NEW, flow="szx:1")

BODIES: dict[Kind, dict[str, Any]] = {
    Kind.STARTED: {"locale": "zh-CN", "channel": "chat", "page_url": "", "page_title": ""},
    Kind.MESSAGE: {"text": "您好", "attachments": []},
    Kind.NOTE: {"text": "老客户"},
    Kind.ASSISTED: {"flow": "szx:1", "node": "menu", "text": "请选择", "unsolved_turns": 1},
    Kind.CHOSEN: {"node": "menu", "option": "bill", "label": "查话费"},
    Kind.FILLED: {"node": "form", "fields": [{"name": "plan", "label": "套餐", "value": "日常"}]},
    Kind.HANDED_OVER: {"flow": "szx:1", "flow_name": "神州行", "cause": "wish", "wish": "senior"},
    Kind.QUEUED: {
        "tier": "vip",
        "cause": "asked",
        "since_ms": 900,
        "channel": "chat",
        "opens_ms": None,
    },
    Kind.JOINED: {"agent": {"id": "a1", "name": "李晓雯"}},
    Kind.ROUTED: {"agent": {"id": "a1", "name": "李晓雯"}, "reason": {"policy": "gap", "tier": "vip"}},
    Kind.LEFT: {"agent": {"id": "a1", "name": "李晓雯"}, "cause": "agent_gone"},
    Kind.TRANSFERRED: {"by": {"id": "a1", "name": "李晓雯"}, "to_agent": None, "to_tier": "szx"},
    Kind.CONTACT_LEFT: {"contact": "13800000101"},
    Kind.IDENTIFIED: {"name": "陈静仪", "customer_id": "NF100001", "tier": "vip"},
    Kind.CLOSED: {"cause": "agent"},
    Kind.WRAP_UP_STARTED: {"agent": {"id": "a1", "name": "李晓雯"}, "until_ms": 5000},
    Kind.WRAP_UP_ENDED: {"agent": {"id": "a1", "name": "李晓雯"}},
}


def draft(kind: Kind, sender: Sender = SYSTEM, key: str = "", at_ms: int = 2000, **body: Any) -> Draft:
    return Draft("c1", sender, kind, BODIES[kind] | body, key or f"k-{kind}-{at_ms}", at_ms)


def run(*drafts: Draft, new: NewConversation = NEW) -> tuple[State, list[Appended | WeccError]]:
    batch = plan(list(drafts), {"c1": State.new(new)}, {})
    return batch.changed.get("c1", State.new(new)), batch.fates


def test_every_kind_has_a_body_that_fits_its_schema() -> None:
    assert set(BODIES) == set(Kind)
    for kind, body in BODIES.items():
        event = {"seq": 1, "prev": 0, "at_ms": 1, "client_id": "k", "kind": kind.value, "body": body}
        event["sender"] = {"kind": "system", "id": "", "name": ""}
        schemas.EventAppended.model_validate({"conversation_id": "c1", "event": event})


drafts_of_any_kind = st.lists(
    st.builds(
        lambda kind, sender, key, at_ms: draft(kind, sender, f"key-{key}", at_ms),
        st.sampled_from(list(Kind)),
        st.sampled_from([SYSTEM, VISITOR, AGENT, OTHER]),
        st.integers(0, 30),
        st.integers(1000, 9000),
    ),
    max_size=25,
)


@given(drafts_of_any_kind, st.integers(0, 25), st.sampled_from([NEW, GUIDED]))
def test_snapshot_and_later_events_are_the_fresh_snapshot(
    drafts: list[Draft], at: int, new: NewConversation
) -> None:
    """Cut the log anywhere: the stored snapshot plus the rest is the state of the whole. Source: design §5.4."""
    whole, _ = run(*drafts, new=new)
    first = plan(drafts[:at], {"c1": State.new(new)}, {})
    stored = State.decode(first.changed.get("c1", State.new(new)).encode())
    known = {(e.conversation_id, e.sender.id, e.client_id): e for e in first.entries}
    rest = plan(drafts[at:], {"c1": stored}, known)
    assert rest.changed.get("c1", stored).encode() == whole.encode()


@given(drafts_of_any_kind)
def test_places_are_gap_free_and_agents_only_events_leave_no_gap_for_visitors(drafts: list[Draft]) -> None:
    batch = plan(drafts, {"c1": State.new(NEW)}, {})
    assert [e.seq for e in batch.entries] == list(range(1, len(batch.entries) + 1))
    cursor = 0
    for entry in batch.entries:
        assert entry.is_public == (entry.kind not in AGENTS_ONLY)
        assert entry.public_prev == cursor
        if entry.is_public:
            cursor = entry.seq


@given(drafts_of_any_kind)
def test_repeating_everything_appends_nothing(drafts: list[Draft]) -> None:
    first = plan(drafts, {"c1": State.new(NEW)}, {})
    known = {(e.conversation_id, e.sender.id, e.client_id): e for e in first.entries}
    state = first.changed.get("c1", State.new(NEW))
    stored = [d for d, f in zip(drafts, first.fates, strict=True) if isinstance(f, Appended)]
    again = plan(stored, {"c1": state}, known)
    assert again.entries == []
    assert all(isinstance(f, Appended) and f.is_repeat for f in again.fates)


def test_a_repeat_is_answered_with_the_first_place_and_other_content_is_a_conflict() -> None:
    _, fates = run(
        draft(Kind.MESSAGE, VISITOR, "same-key", text="一"),
        draft(Kind.MESSAGE, VISITOR, "same-key", text="一"),
        draft(Kind.MESSAGE, VISITOR, "same-key", text="二"),
        draft(Kind.MESSAGE, AGENT, "same-key", text="一"),
    )
    assert isinstance(fates[0], Appended)
    assert isinstance(fates[1], Appended)
    assert (fates[1].entry.seq, fates[1].is_repeat) == (1, True)
    assert isinstance(fates[2], ClientIdConflict)
    assert isinstance(fates[3], NotYours), "another sender's key is another key"


def test_only_the_agent_in_charge_writes_and_nobody_after_the_end() -> None:
    state, fates = run(
        draft(Kind.MESSAGE, AGENT, "too-early"),
        draft(Kind.JOINED),
        draft(Kind.MESSAGE, AGENT, "in-charge"),
        draft(Kind.MESSAGE, OTHER, "somebody-else"),
        draft(Kind.QUEUED, at_ms=2100),
        draft(Kind.MESSAGE, AGENT, "old-tab-01"),
        draft(Kind.CLOSED, VISITOR),
        draft(Kind.MESSAGE, VISITOR, "too-late-1"),
        draft(Kind.CLOSED, SYSTEM, "second-close"),
        draft(Kind.NOTE, AGENT, "afterwards"),
    )
    kinds = [type(f) for f in fates]
    assert kinds == [
        NotYours,
        Appended,
        Appended,
        NotYours,
        Appended,
        NotYours,
        Appended,
        ConversationClosed,
        ConversationClosed,
        Appended,
    ]
    assert state.status == "closed"


def test_a_refused_draft_touches_no_other_conversation() -> None:
    other = State.new(NewConversation("c2", "gd", "v2", "", False, "", "vip", "en", "chat", 1000))
    elsewhere = Draft("c2", VISITOR, Kind.MESSAGE, BODIES[Kind.MESSAGE], "fine-1234", 2000)
    nowhere = Draft("c9", VISITOR, Kind.MESSAGE, BODIES[Kind.MESSAGE], "lost-1234", 2000)
    broken = Draft("c1", SYSTEM, Kind.JOINED, {}, "broken-12", 2000)
    batch = plan([broken, nowhere, elsewhere], {"c1": State.new(NEW), "c2": other}, {})
    assert isinstance(batch.fates[1], UnknownConversation)
    assert isinstance(batch.fates[2], Appended)
    assert set(batch.changed) == {"c2"}


def test_the_state_tells_what_needs_an_answer() -> None:
    state, _ = run(draft(Kind.MESSAGE, VISITOR, at_ms=2000), draft(Kind.MESSAGE, VISITOR, at_ms=2500))
    assert state.unanswered_since_ms == 2000, "the oldest unanswered message counts"
    state = apply(state, draft(Kind.JOINED, at_ms=2600), 3)
    state = apply(state, draft(Kind.MESSAGE, AGENT, at_ms=2700, text="马上为您查询"), 4)
    assert state.unanswered_since_ms is None
    assert (state.preview_text, state.preview_sender) == ("马上为您查询", "agent")
    assert state.served_by == ("a1",)


def test_a_visitor_who_becomes_a_customer_takes_his_tier() -> None:
    state, _ = run(draft(Kind.IDENTIFIED))
    assert (state.is_verified, state.customer_id, state.tier) == (True, "NF100001", "vip")


@pytest.mark.parametrize("kind", sorted(AGENTS_ONLY))
def test_agents_only_kinds_do_not_move_what_visitors_see(kind: Kind) -> None:
    state, _ = run(draft(Kind.STARTED), draft(kind, AGENT), new=GUIDED)
    assert (state.last_seq, state.public_seq) == (2, 1)


def test_a_message_is_away_until_an_agent_joins_and_again_when_it_comes_back() -> None:
    def queued(cause: str, at_ms: int, opens_ms: int | None = None, channel: str = "message") -> Draft:
        return draft(Kind.QUEUED, at_ms=at_ms, cause=cause, channel=channel, opens_ms=opens_ms)

    state, _ = run(draft(Kind.MESSAGE, VISITOR, at_ms=2000), queued("closed", 2100, 9000))
    assert (state.away_cause, state.opens_ms) == ("closed", 9000)
    moved = apply(state, queued("retiered", 2200), 3)
    assert (moved.away_cause, moved.opens_ms) == ("closed", 9000), "another queue is the same message"
    joined = apply(moved, draft(Kind.JOINED, at_ms=5000), 4)
    assert joined.unanswered_since_ms == 5000, "it waited for an agent, not for a quick word"
    back = apply(joined, queued("agent_gone", 6000), 5)
    assert (back.status, back.away_cause, back.opens_ms) == ("waiting", "nobody", None)
    assert apply(state, queued("asked", 2200, channel="chat"), 3).away_cause == ""


def test_a_guided_conversation_asks_for_a_person_once_it_is_handed_over() -> None:
    """Source: 2.4.3-04."""
    batch = plan(
        [
            draft(Kind.STARTED),
            draft(Kind.ASSISTED, key="greeting"),
            draft(Kind.CHOSEN, VISITOR, "choice-01", at_ms=2500),
            draft(Kind.HANDED_OVER, key="flow:3", at_ms=3000),
            draft(Kind.ASSISTED, key="too-late"),
            draft(Kind.CHOSEN, VISITOR, "choice-02"),
        ],
        {"c1": State.new(GUIDED)},
        {},
    )
    assert [type(fate) for fate in batch.fates[4:]] == [NotGuided, NotGuided]
    state = batch.changed["c1"]
    assert (state.status, state.wish, state.flow_node) == ("waiting", "senior", "menu")
    assert (state.waiting_since_ms, state.unanswered_since_ms) == (3000, 3000)
    assert [asked.id for asked in batch.asked] == ["c1"]


def test_a_step_answers_what_was_said_before_it() -> None:
    said, _ = run(draft(Kind.STARTED), draft(Kind.MESSAGE, VISITOR), new=GUIDED)
    assert (said.status, said.unanswered_since_ms) == ("guided", 2000)
    step = draft(Kind.ASSISTED, key=answer_token(2))
    answered, _ = run(draft(Kind.STARTED), draft(Kind.MESSAGE, VISITOR), step, new=GUIDED)
    assert (answered.unanswered_since_ms, answered.unsolved_turns) == (None, 1)
    assert answered.preview_text == "请选择"


def test_a_flow_that_was_left_does_not_answer_any_more() -> None:
    greeting = draft(Kind.ASSISTED, key="flow:2:identified", flow="vip:2")
    late = draft(Kind.ASSISTED, key=answer_token(2))
    state, fates = run(draft(Kind.STARTED), draft(Kind.MESSAGE, VISITOR), greeting, late, new=GUIDED)
    assert isinstance(fates[-1], NotGuided)
    assert (state.flow, state.unanswered_since_ms) == ("vip:2", 2000)


def test_what_is_said_while_an_answer_is_worked_out_waits_for_its_own() -> None:
    log = [
        draft(Kind.STARTED),
        draft(Kind.MESSAGE, VISITOR, "first-words"),
        draft(Kind.MESSAGE, VISITOR, "more-words"),
        draft(Kind.ASSISTED, key=answer_token(2)),
    ]
    waits, _ = run(*log, new=GUIDED)
    assert waits.unanswered_since_ms == 2000
    for token in ("flow:4:identified", "greeting"):  # greets, and answers nothing
        still, _ = run(*log, draft(Kind.ASSISTED, key=token), new=GUIDED)
        assert still.unanswered_since_ms == 2000
    done, fates = run(
        *log,
        draft(Kind.ASSISTED, key=answer_token(3)),
        draft(Kind.HANDED_OVER, key=answer_token(1)),
        new=GUIDED,
    )
    assert done.unanswered_since_ms is None
    assert isinstance(fates[-1], NotGuided), "each turn is answered once, whoever is later"


@pytest.mark.parametrize("cause", ["solved", "idle"])
@pytest.mark.parametrize("goodbye", [[], [draft(Kind.ASSISTED, key=answer_token(2))]])
def test_self_service_ends_nothing_over_words_it_has_not_answered(cause: str, goodbye: list[Draft]) -> None:
    heard = [draft(Kind.STARTED), draft(Kind.CHOSEN, VISITOR, "choice-01")]
    end = draft(Kind.CLOSED, key="flow:2:1" if goodbye else answer_token(2), cause=cause)
    late = draft(Kind.MESSAGE, VISITOR, "late-words", at_ms=2500)
    closed, _ = run(*heard, *goodbye, end, new=GUIDED)
    assert closed.status == "closed"
    goes_on, fates = run(*heard, late, *goodbye, end, new=GUIDED)
    assert isinstance(fates[-1], NotGuided)
    assert (goes_on.status, goes_on.unanswered_since_ms is None) == ("guided", False)


def test_a_step_is_chosen_from_once_and_a_person_can_be_asked_for_at_any_time() -> None:
    choice = draft(Kind.CHOSEN, VISITOR, "choice-01")
    again = [draft(Kind.CHOSEN, VISITOR, "choice-02"), draft(Kind.FILLED, VISITOR, "form-0001")]
    wish = draft(Kind.CHOSEN, VISITOR, "wish-0001", option="person")
    _, fates = run(draft(Kind.ASSISTED, key="greeting"), choice, *again, wish, choice, new=GUIDED)
    assert [type(fate) for fate in fates] == [Appended, Appended, NotGuided, NotGuided, Appended, Appended]
    step = draft(Kind.ASSISTED, key=answer_token(2))
    _, fates = run(draft(Kind.ASSISTED, key="greeting"), choice, step, again[0], new=GUIDED)
    assert isinstance(fates[-1], Appended)
