"""Whatever customers say and the knowledge base finds, in any of the operator's flows: there is always an outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.selfservice.flows import TIERS, operator_flow, small_flow
from wecc.conversations.schemas import AssistedBody
from wecc.selfservice.bodies import assisted
from wecc.selfservice.engine import (
    Answered,
    Ask,
    Card,
    Chosen,
    End,
    Filled,
    HandOver,
    Open,
    Position,
    Said,
    Step,
    Text,
    answered,
    greet,
    hear,
    opened,
)
from wecc.selfservice.flow import CompiledFlow

NAMES = {"name": "王敏", "center": "南方通信"}
WORDS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["话费", "你好", "谢谢", "没用", "1", "2", "9", "不用转人工", "套餐怎么改", "help", "菜单", "\n"]
    ),
)
CARDS = st.lists(
    st.builds(
        Card, st.from_regex(r"[a-f0-9]{8}", fullmatch=True), st.text(max_size=40), st.text(max_size=80), WORDS
    ),
    max_size=7,
).map(tuple)
OPTIONS = st.one_of(
    st.text(max_size=90), st.sampled_from(["home", "solved", "none", "unsolved", "article:", "end"])
)
VALUES = st.dictionaries(st.sampled_from(["plan", "phone", "x"]), WORDS, max_size=3)


class Conversations(RuleBasedStateMachine):
    """One customer; `failures` counts the turns of his that came to nothing since something did."""

    flow: CompiledFlow
    step: Step | None
    failures: int
    locale: Literal["zh-CN", "en"]

    @initialize(code=st.sampled_from([*TIERS, "small"]), locale=st.sampled_from(["zh-CN", "en"]))
    def first(self, code: str, locale: Literal["zh-CN", "en"]) -> None:
        self.begin(code, locale)

    def begin(self, code: str, locale: Literal["zh-CN", "en"]) -> None:
        self.flow = small_flow() if code == "small" else operator_flow(code)
        self.locale = locale
        began = greet(self.flow, locale, NAMES)
        assert isinstance(began, Step)
        self.step, self.seen, self.failures = began, frozenset({began.node}), 0

    def is_guided(self) -> bool:
        return self.step is not None

    @property
    def position(self) -> Position:
        assert self.step is not None
        return Position(self.step.node, self.step.unsolved_turns, self.seen, self.step.options)

    def say(self, said: Said) -> Step | Ask | Open | HandOver | End:
        assert self.step is not None
        return hear(self.flow, self.position, said, self.locale, NAMES, self.step.question_id)

    def follow(self, outcome: Step | HandOver | End, is_failure: bool) -> None:
        if isinstance(outcome, Step):
            if outcome.unsolved_turns == 0:
                self.failures = 0
            self.failures += is_failure
            assert self.failures < self.flow.limits.unsolved_turns
            assert outcome.unsolved_turns == self.failures
            self.step, self.seen = outcome, self.seen | {outcome.node}
        else:
            if isinstance(outcome, HandOver) and outcome.cause == "unsolved":
                assert self.failures + 1 >= self.flow.limits.unsolved_turns
            self.step = None

    @precondition(is_guided)
    @rule(
        words=WORDS,
        found=st.builds(
            Answered, st.just("q"), st.sampled_from(["answer", "suggest", "escalate"]), st.booleans(), CARDS
        ),
    )
    def write(self, words: str, found: Answered) -> None:
        assert self.step is not None
        asked_back = self.step.node.endswith("+")
        outcome = self.say(Text(words))
        if isinstance(outcome, Ask):
            was_found = bool(found.articles) and found.decision != "escalate"
            following = answered(self.flow, self.position, self.locale, found)
            self.follow(following, not was_found and not (found.asks_back and not asked_back))
        elif isinstance(outcome, Open):
            self.follow(opened(self.flow, self.position, self.locale, None, outcome.question_id), False)
        else:
            before = self.step.unsolved_turns
            failed = isinstance(outcome, Step) and outcome.unsolved_turns > before
            self.follow(outcome, failed)

    @precondition(is_guided)
    @rule(data=st.data(), card=st.none() | st.builds(Card, st.just("a1"), WORDS, WORDS, WORDS))
    def choose(self, data: st.DataObject, card: Card | None) -> None:
        assert self.step is not None
        offered = [option.id for option in self.step.options]
        chosen = data.draw(st.one_of(st.sampled_from(offered), OPTIONS) if offered else OPTIONS)
        outcome = self.say(Chosen(chosen))
        assert not isinstance(outcome, Ask)
        if isinstance(outcome, Open):
            outcome = opened(self.flow, self.position, self.locale, card, outcome.question_id)
        self.follow(outcome, chosen in ("unsolved", "none"))

    @precondition(is_guided)
    @rule(values=VALUES)
    def fill(self, values: dict[str, str]) -> None:
        outcome = self.say(Filled(values))
        assert isinstance(outcome, Step | HandOver | End)
        self.follow(outcome, False)

    @precondition(lambda self: not self.is_guided())
    @rule(code=st.sampled_from(TIERS))
    def begin_again(self, code: str) -> None:
        self.begin(code, self.locale)

    @precondition(is_guided)
    @rule()
    def go_on(self) -> None:
        """A form that is filled as it should be leads on."""
        assert self.step is not None
        values = {f.name: _valid(f.kind, f.options) for f in self.step.fields}
        outcome = self.say(Filled(values))
        assert isinstance(outcome, Step | HandOver | End)
        assert not self.step.fields or outcome != self.step
        self.follow(outcome, False)

    @precondition(is_guided)
    @invariant()
    def a_wish_is_always_honoured(self) -> None:
        for wish in (Text("转人工"), Text("I want to talk to a real person"), Chosen("person"), Text("0")):
            outcome = self.say(wish)
            assert isinstance(outcome, HandOver)
            assert outcome.cause == "wish"

    @precondition(is_guided)
    @invariant()
    def it_fits_the_wire(self) -> None:
        assert self.step is not None
        body = assisted(self.flow, self.step)
        assert AssistedBody.model_validate_json(body.model_dump_json()) == body
        assert body.text
        shown = [option.key for option in self.step.options if option.key]
        assert len(shown) == len(set(shown))
        assert (
            len({option.id for option in self.step.options}) == len(self.step.options)
            or self.step.question_id
        )


def _valid(kind: str, options: tuple[str, ...]) -> str:
    by_kind: dict[str, Callable[[], str]] = {
        "choice": lambda: options[0],
        "phone": lambda: "13800000101",
        "number": lambda: "5",
        "date": lambda: "2026-08-22",
    }
    return by_kind.get(kind, lambda: "文字")()


Conversations.TestCase.settings = settings(max_examples=40, stateful_step_count=20)
TestConversations = Conversations.TestCase
