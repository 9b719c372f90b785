"""Drives the flows of live conversations: hears what customers say, answers, hands over, ends.

An answer is worked out from the log alone and carries the place of what it answers as its token. So a killed
process loses nothing, and two that answer the same are one: the jobs process answers what nobody answered.
Source: 2.3, 2.4.3-04.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from wecc.conversations import (
    PERSON,
    ClientIdConflict,
    ConversationClosed,
    Greeting,
    GuidedConversations,
    Kind,
    NotGuided,
    State,
    Written,
    answer_token,
    answered_seq,
    newest_entries,
)
from wecc.conversations.schemas import (
    AskedQuestion,
    AssistedBody,
    FilledField,
    HandedOverBody,
)
from wecc.identity import Identity
from wecc.infra.tasks import TaskOwner
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Unavailable
from wecc.kernel.ids import CenterId
from wecc.selfservice import engine
from wecc.selfservice.answers import Answers, reader_of
from wecc.selfservice.bodies import assisted
from wecc.selfservice.engine import (
    Ask,
    Chosen,
    End,
    Filled,
    HandOver,
    Open,
    Option,
    Position,
    Step,
    Text,
)
from wecc.selfservice.flow import CompiledFlow
from wecc.selfservice.flows import Flows
from wecc.selfservice.runs import Runs

log = logging.getLogger(__name__)

_WORKERS = 4
_WAITING = 10_000
_DEADLINE_S = 6.0
_READ_BACK = 200
_ALONE_MS = 60_000


@dataclass(frozen=True, slots=True)
class _Told:
    """What a log says of its flow so far: the newest step, and what was said without an answer."""

    step: AssistedBody | None
    seen: frozenset[str]
    said: list[Written]


class Guiding:
    """The guide of conversations (`wecc.conversations.guide`). One instance a process."""

    def __init__(
        self,
        conversations: GuidedConversations,
        flows: Flows,
        answers: Answers,
        identity: Identity,
        runs: Runs,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._flows = flows
        self._answers = answers
        self._identity = identity
        self._runs = runs
        self._clock = clock
        self._queue: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._again: dict[str, bool] = {}
        """Conversations being answered; True when more was said meanwhile."""

    # ------------------------------------------------------------------ the guide

    async def greet(self, center_id: CenterId, tier: str, locale: str, name: str) -> Greeting | None:
        flow = await self._flows.flow_of_tier(center_id, tier)
        if flow is None:
            return None
        began = engine.greet(flow, locale, await self._names(center_id, locale, name))
        if isinstance(began, HandOver):
            return Greeting(flow.version_id, None, _handed_over(flow, began, locale, [], []))
        return Greeting(flow.version_id, assisted(flow, began).model_dump())

    def heard(self, state: State) -> None:
        if state.id in self._again:
            self._again[state.id] = True
            return
        try:
            self._queue.put_nowait(state.id)
        except asyncio.QueueFull:
            log.warning("flow.late", extra={"conversation": state.id})  # the jobs process answers it
            return
        self._again[state.id] = False

    async def identified(self, state: State) -> None:
        """The flow of his tier greets him, when it is another one."""
        flow = await self._flows.flow_of_tier(CenterId(state.center_id), state.tier)
        if flow is None or flow.code == state.flow.partition(":")[0]:
            return
        began = engine.greet(
            flow, state.locale, await self._names(CenterId(state.center_id), state.locale, state.visitor_name)
        )
        await self._tell(state, flow, began, _NOTHING, f"flow:{state.last_seq}:identified")

    async def left(self, state: State) -> None:
        await self._runs.ended(state, "left")

    def start(self, owner: TaskOwner) -> None:
        """Answer for ever, a few conversations at once."""
        for number in range(_WORKERS):
            owner.keep_alive(self._work, name=f"guide {number}", pause_s=0.1)

    async def _work(self) -> None:
        while True:
            conversation_id = await self._queue.get()
            try:
                while True:
                    self._again[conversation_id] = False
                    await self.answer(conversation_id)
                    if not self._again[conversation_id]:
                        break
            finally:
                self._again.pop(conversation_id, None)

    async def mend(self, center_id: CenterId) -> None:
        """Answer what a killed process left unanswered, and end what was left alone; in the jobs process."""
        for state in await self._conversations.waiting_for_answer(center_id):
            await self.answer(state.id)
        for state in await self._conversations.left_alone(center_id, _ALONE_MS):
            flow = await self._flows.version(center_id, state.flow)
            idle_ms = (flow.limits.idle_min if flow else 30) * 60_000
            if self._clock.now_ms() - state.changed_ms > idle_ms:
                closed = (Kind.CLOSED, {"cause": "idle"})
                if await self._append(state, f"idle:{state.last_seq}", closed):
                    await self._runs.ended(state, "left")

    # ------------------------------------------------------------------ one answer

    async def answer(self, conversation_id: str) -> None:
        """Answer what the customer said, turn by turn, if nobody has. Repeating it is harmless."""
        for _ in range(_READ_BACK):
            if not await self._answer_next(conversation_id):
                break

    async def _answer_next(self, conversation_id: str) -> bool:
        """Answer one turn; True when there may be another, or somebody was quicker."""
        state = await self._conversations.find(conversation_id)
        if state is None:
            return False
        told = _read_back(await newest_entries(state.id, _READ_BACK))
        if not told.said:
            return False
        turn = _next_turn(told.said)
        flow = await self._flows.version(CenterId(state.center_id), state.flow)
        if flow is None:
            await self._hand_over(state, None, HandOver("failed"), answer_token(turn[-1].seq))
            return False
        try:
            async with asyncio.timeout(_DEADLINE_S):
                outcome = await self._outcome(state, flow, told, turn)
                rest = told.said[len(turn) :]
                while isinstance(outcome, End) and rest:  # he went on after his goodbye
                    turn = _next_turn(rest)
                    outcome = await self._outcome(state, flow, told, turn)
                    rest = rest[len(turn) :]
        except (TimeoutError, Unavailable):
            log.warning("flow.unanswered", extra={"conversation": state.id})
            outcome = HandOver("failed")
        return await self._tell(state, flow, outcome, told, answer_token(turn[-1].seq))

    async def _outcome(
        self, state: State, flow: CompiledFlow, told: _Told, turn: Sequence[Written]
    ) -> Step | HandOver | End:
        # What was chosen counts where it was chosen, even if the answer to something else came in between.
        node = turn[-1].body.get("node") or state.flow_node
        position = Position(node, state.unsolved_turns, told.seen, _options(told.step))
        names = await self._names(CenterId(state.center_id), state.locale, state.visitor_name)
        question_id = told.step.question_id if told.step else ""
        outcome = engine.hear(flow, position, _said(turn), state.locale, names, question_id)
        if isinstance(outcome, Ask):
            found = await self._answers.ask(
                reader_of(state), outcome.text, outcome.category, state.locale, state.id
            )
            return engine.answered(flow, position, state.locale, found)
        if isinstance(outcome, Open):
            card = await self._answers.open(reader_of(state), outcome.article)
            return engine.opened(flow, position, state.locale, card, outcome.question_id)
        return outcome

    async def _tell(
        self, state: State, flow: CompiledFlow, outcome: Step | HandOver | End, told: _Told, token: str
    ) -> bool:
        """False when self-service has done its part."""
        question_id = told.step.question_id if told.step else ""
        if question_id and outcome.outcome:
            await self._answers.settle(CenterId(state.center_id), question_id, outcome.outcome)
        if isinstance(outcome, HandOver):
            await self._hand_over(state, flow, outcome, token)
        elif isinstance(outcome, End):
            last_words = _last_words(flow, state, outcome.text)
            if await self._append(state, token, *last_words, (Kind.CLOSED, {"cause": "solved"})):
                await self._runs.ended(state, "solved")
        else:
            await self._append(state, token, (Kind.ASSISTED, assisted(flow, outcome).model_dump()))
            return True
        return False

    async def _hand_over(self, state: State, flow: CompiledFlow | None, why: HandOver, token: str) -> None:
        entries = await newest_entries(state.id, _READ_BACK)
        ids = [e.body["question_id"] for e in entries if e.kind == Kind.ASSISTED and e.body["question_id"]]
        ids = list(dict.fromkeys([*ids, *([why.question_id] if why.question_id else [])]))
        if ids:
            await self._answers.settle(CenterId(state.center_id), ids[-1], "handed_over")
        questions = await self._answers.questions(reader_of(state), ids)
        body = _handed_over(flow, why, state.locale, questions, entries)
        last_words = _last_words(flow, state, why.text) if flow else []
        if await self._append(state, token, *last_words, (Kind.HANDED_OVER, body)):
            await self._runs.ended(state, "handed_over", why.cause)

    async def _append(self, state: State, token: str, *says: tuple[Kind, dict[str, Any]]) -> bool:
        """True when it was said, now or by an earlier try."""
        try:
            await self._conversations.assist(state, token, *says)
        except (NotGuided, ConversationClosed, ClientIdConflict) as error:
            # Another process was quicker, or a person is asked for already.
            log.info("flow.overtaken", extra={"conversation": state.id, "why": error.code})
            return False
        return True

    async def _names(self, center_id: CenterId, locale: str, visitor_name: str) -> dict[str, str]:
        center = await self._identity.center(center_id)
        return {"name": visitor_name, "center": center.name_en if locale == "en" else center.name_zh}


_NOTHING = _Told(None, frozenset(), [])


def _read_back(entries: Sequence[Written]) -> _Told:
    """From the newest entries of a log, oldest first."""
    step: AssistedBody | None = None
    seen: set[str] = set()
    said: list[Written] = []
    for entry in entries:
        if entry.kind == Kind.ASSISTED:
            step = AssistedBody.model_validate(entry.body)
            seen.add(step.node)
            # What was said while the answer was worked out is still to be heard: it may ask for a person.
            said = [word for word in said if word.seq > answered_seq(entry.client_id)]
        elif entry.sender_kind == "visitor" and entry.kind in (Kind.MESSAGE, Kind.CHOSEN, Kind.FILLED):
            said.append(entry)
    return _Told(step, frozenset(seen), said)


def _next_turn(said: list[Written]) -> list[Written]:
    """What is answered together: all of it when a person was asked for; else a choice, a form, or all words up to
    one."""
    wish = next((at for at, entry in enumerate(said, 1) if entry.body.get("option") == PERSON), 0)
    words = list(takewhile(lambda entry: entry.kind == Kind.MESSAGE, said))
    return said[:wish] or words or said[:1]


def _said(turn: Sequence[Written]) -> Text | Chosen | Filled:
    last = turn[-1]
    if last.kind == Kind.CHOSEN:
        return Chosen(last.body["option"])
    if last.kind == Kind.FILLED:
        return Filled({field["name"]: field["value"] for field in last.body["fields"]})
    return Text("\n".join(entry.body["text"] for entry in turn).strip())


def _options(step: AssistedBody | None) -> tuple[Option, ...]:
    return tuple(Option(o.id, o.label, o.key, o.kind) for o in step.options) if step else ()


def _last_words(flow: CompiledFlow, state: State, text: str) -> list[tuple[Kind, dict[str, Any]]]:
    """What is said before it ends."""
    if not text:
        return []
    step = Step(state.flow_node, text, unsolved_turns=state.unsolved_turns)
    return [(Kind.ASSISTED, assisted(flow, step).model_dump())]


def _handed_over(
    flow: CompiledFlow | None,
    why: HandOver,
    locale: str,
    questions: Sequence[AskedQuestion],
    entries: Sequence[Written],
) -> dict[str, Any]:
    """All that the agent should know without asking again."""
    path = [e.body["label"] for e in entries if e.kind == Kind.CHOSEN]
    fields = [
        FilledField.model_validate(f) for e in entries if e.kind == Kind.FILLED for f in e.body["fields"]
    ]
    return HandedOverBody.model_validate(
        {
            "flow": flow.version_id if flow else "",
            "flow_name": flow.name(locale) if flow else "",
            "cause": why.cause,
            "topic": why.topic,
            "wish": why.wish,
            "marks": list(flow.marks) if flow else [],
            "path": path,
            "questions": list(questions),
            "fields": fields,
            "note": why.note,
        }
    ).model_dump()
