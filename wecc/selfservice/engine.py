"""Plays a flow: from a position and what the customer said to what happens next. No I/O, and no failure: whatever
is said anywhere has an outcome.

A wish for a person is honoured at once, two turns without success lead to one. Source: 2.3, 2.4.3-04, 3.2.3-02.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from wecc.selfservice import forms, phrases
from wecc.selfservice.excerpt import excerpt
from wecc.selfservice.flow import (
    END,
    HOME,
    HOME_KEY,
    NONE,
    PERSON,
    PERSON_KEY,
    SOLVED,
    UNSOLVED,
    Choice,
    CompiledFlow,
    FieldKind,
    Finish,
    Form,
    Leave,
    Menu,
    Node,
    Onward,
    OptionKind,
    Question,
    Wish,
    Words,
)
from wecc.selfservice.topics import names_manager, smalltalk

ARTICLE = "article:"
EXTERNAL = "external:"

_MAX_CHOICES = 5
_ASKED_BACK = "+"
_TYPED_KEY = re.compile(r"(?:选|按|第|option |press )?\s*([0-9])\s*(?:号|项|个)?")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_OPTION_ID = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,79}")


@dataclass(frozen=True, slots=True)
class Option:
    """A quick reply. `key` chooses it on a keypad and when typed: 0 a person, 9 back to the menu."""

    id: str
    label: str
    key: str
    kind: OptionKind = "go"


@dataclass(frozen=True, slots=True)
class Card:
    """An article; `body` is its Markdown where it is needed."""

    id: str
    title: str
    snippet: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    name: str
    label: str
    kind: FieldKind
    is_required: bool
    options: tuple[str, ...]
    max_chars: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a customer is: the newest step's node, turns without success, nodes shown before, and the options the
    newest step offers, so that a typed digit or label chooses among them."""

    node: str
    unsolved_turns: int = 0
    seen: frozenset[str] = frozenset()
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Chosen:
    option_id: str


@dataclass(frozen=True, slots=True)
class Filled:
    values: Mapping[str, str]


Said = Text | Chosen | Filled


@dataclass(frozen=True, slots=True)
class Step:
    """What self-service says. `question_id`: the question it answers; `outcome`: of the question before it."""

    node: str
    text: str
    options: tuple[Option, ...] = ()
    articles: tuple[Card, ...] = ()
    fields: tuple[FormField, ...] = ()
    question_id: str = ""
    unsolved_turns: int = 0
    outcome: Literal["", "solved", "unsolved"] = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Look it up in the knowledge base, then call `answered`."""

    text: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """Fetch this article (an id, or `external:` and an external id), then call `opened` with `question_id`: the
    question it was offered for, empty when a menu offered it."""

    article: str
    question_id: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """A person is needed. `text` is said to the customer first, `note` to the agent; `question_id` is the question
    that was just looked up in vain."""

    cause: Literal["wish", "unsolved", "topic", "flow", "failed"]
    topic: str = ""
    wish: Wish = ""
    outcome: Literal["", "solved", "unsolved"] = ""
    text: str = ""
    note: str = ""
    question_id: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """The conversation closes, after `text`."""

    outcome: Literal["", "solved", "unsolved"] = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the knowledge base found. `asks_back`: the question is too short to tell the articles apart."""

    question_id: str
    decision: Literal["answer", "suggest", "escalate"]
    asks_back: bool = False
    articles: tuple[Card, ...] = ()
    confidence: float = 0.0
    scores: tuple[float, ...] = ()


def greet(flow: CompiledFlow, locale: str, names: Mapping[str, str]) -> Step | HandOver:
    """How a conversation begins; a hand-over when the flow leads straight to a person."""
    began = _Turn(flow, Position(flow.start), locale, names).show(flow.start)
    return HandOver("flow", text=began.text) if isinstance(began, End) else began


def hear(
    flow: CompiledFlow,
    position: Position,
    said: Said,
    locale: str,
    names: Mapping[str, str],
    question_id: str = "",
) -> Step | Ask | Open | HandOver | End:
    """What follows from what was said. `question_id`: of the newest step."""
    turn = _Turn(flow, position, locale, names, question_id)
    match said:
        case Text(text):
            return turn.hear(text)
        case Chosen(option_id):
            return turn.choose(option_id)
        case Filled(values):
            return turn.fill(values)


def answered(flow: CompiledFlow, position: Position, locale: str, found: Answered) -> Step | HandOver:
    """What follows from what the knowledge base found: the answer, a choice, a request to say more, or, when
    nothing was found for the last time, a person."""
    turn = _Turn(flow, position, locale, {})
    cards = found.articles[:_MAX_CHOICES]
    if found.asks_back and not position.node.endswith(_ASKED_BACK):
        return turn.ask_back(cards, found.question_id)
    if not cards or found.decision == "escalate":
        return turn.give_up(phrases.NOT_FOUND, found.question_id)
    if found.decision == "suggest":
        return turn.suggest(cards, found.question_id)
    return turn.present(cards[0], found.question_id)


def opened(
    flow: CompiledFlow, position: Position, locale: str, article: Card | None, question_id: str = ""
) -> Step:
    """An article that was chosen; None when it is not there (any more), which is not the customer's failure."""
    turn = _Turn(flow, position, locale, {})
    return turn.present(article, question_id) if article else turn.wait_at_home(phrases.NO_ARTICLE)


def problems_of_form(flow: CompiledFlow, node: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a filled form, by the field's name: `required`, `too_long`, `not_phone`, `not_number`,
    `too_small`, `too_large`, `not_date`, `not_choice`, `unknown`; nothing when it can be taken."""
    return {**forms.problems_of(flow.nodes.get(_plain(node)), values)}


@dataclass(frozen=True, slots=True)
class _Turn:
    """One turn of a conversation."""

    flow: CompiledFlow
    position: Position
    locale: str
    names: Mapping[str, str]
    question_id: str = ""
    node: Node | None = field(init=False)

    def __post_init__(self) -> None:
        # A flow that was edited meanwhile may have lost the node: then he is at home.
        node = self.flow.nodes.get(_plain(self.position.node)) or self.flow.nodes.get(self.flow.home)
        object.__setattr__(self, "node", node)

    # ------------------------------------------------------------------ what was said

    def hear(self, text: str) -> Step | Ask | Open | HandOver | End:
        if option_id := self._typed_key(text):
            return self.choose(option_id)
        wanted = self._wanted(text)
        if wanted and wanted.cause == "wish":
            return wanted
        if option_id := self._typed_label(text):
            return self.choose(option_id)
        if wanted:
            return wanted
        is_asked = self.node is not None and isinstance(self.node.act, Question)
        if self.flow.free_text == "person" and not is_asked:
            return HandOver("flow")
        match smalltalk(text):
            case "greeting":
                return self.repeat()
            case "thanks" if any(option.id == END for option in self.position.options):
                return End()
            case "thanks":
                return self.conclude()
            case "denial" if self.question_id:
                return self.give_up(phrases.NOT_HELPED)
        act = self.node.act if self.node else None
        return Ask(text.strip(), act.category if isinstance(act, Question) else "")

    def choose(self, option_id: str) -> Step | Open | HandOver | End:
        if option_id == PERSON:
            return HandOver("wish")
        if option_id == HOME:
            return self.show(HOME)
        if option_id == SOLVED:
            return self.conclude()
        if option_id in (UNSOLVED, NONE):
            return self.give_up(phrases.NOT_HELPED)
        if option_id == END:
            return End()
        if option_id.startswith(ARTICLE):
            return Open(option_id.removeprefix(ARTICLE), self.question_id)
        choice = next((choice for choice in self._choices() if choice.id == option_id), None)
        if choice is None:
            return self.repeat()
        return Open(EXTERNAL + choice.article) if choice.article else self.show(choice.go)

    def fill(self, values: Mapping[str, str]) -> Step | HandOver | End:
        if self.node is None or not isinstance(self.node.act, Form) or forms.problems_of(self.node, values):
            return self.repeat()
        written = (values.get(f.name, "") for f in self.node.act.fields if f.kind in ("text", "long_text"))
        outcome = self.show(self.node.act.go)
        # Where the form leads to a person anyway, it says better to whom.
        return outcome if isinstance(outcome, HandOver) else self._wanted("\n".join(written)) or outcome

    # ------------------------------------------------------------------ what follows

    def show(self, target: str) -> Step | HandOver | End:
        """Go to a node, saying what lies on the way."""
        said: list[str] = []
        node_id = self.flow.target(target)
        # A compiled flow has no loop; the bound holds whatever the flow.
        for _ in range(len(self.flow.nodes) + 1):
            node = self.flow.nodes.get(node_id)
            if node is None:
                break
            if not (isinstance(node.act, Onward) and node.act.once and self._was_shown(node.act.go)):
                said.append(node.say.naming(self.locale, self.names).strip())
            text = "\n\n".join(part for part in said if part)
            match node.act:
                case Onward(go):
                    node_id = self.flow.target(go)
                case Leave(wish, note):
                    return HandOver("flow", wish=wish, text=text, note=note)
                case Finish():
                    return End(text=text)
                case _:
                    return self._wait(node, text)
        return HandOver("failed")

    def repeat(self) -> Step | HandOver | End:
        """Say the same again: what was said needs no answer of its own."""
        return self.show(self.node.id if self.node else self.flow.start)

    def conclude(self) -> Step:
        """The customer is content."""
        options = [Option(END, phrases.END_LABEL.at(self.locale), "2")]
        if self.flow.home:
            options.insert(0, Option(HOME, phrases.HOME_LABEL.at(self.locale), "1"))
        return Step(
            self.flow.home or self.position.node,
            phrases.GLAD.at(self.locale),
            tuple(options),
            outcome="solved" if self.question_id else "",
        )

    def give_up(self, words: Words, found_question_id: str = "") -> Step | HandOver:
        """One more turn without success: back to the menu, or to a person when it was the last."""
        turns = self.position.unsolved_turns + 1
        outcome: Literal["", "unsolved"] = "unsolved" if self.question_id else ""
        if turns >= self.flow.limits.unsolved_turns:
            return HandOver("unsolved", outcome=outcome, question_id=found_question_id)
        again = replace(self, position=replace(self.position, unsolved_turns=turns))
        return replace(again.wait_at_home(words), outcome=outcome, question_id=found_question_id)

    def wait_at_home(self, words: Words) -> Step:
        """The menu again, with other words."""
        home = self.flow.nodes.get(self.flow.home) or self.node
        text = words.at(self.locale)
        return self._wait(home, text) if home else self._step(self.position.node, text, ())

    def ask_back(self, cards: tuple[Card, ...], question_id: str) -> Step:
        text = phrases.MORE.at(self.locale)
        if cards:
            text += "\n\n" + phrases.PERHAPS.at(self.locale)
        node = _plain(self.position.node) + _ASKED_BACK
        return replace(self._step(node, text, _article_options(cards)), question_id=question_id)

    def suggest(self, cards: tuple[Card, ...], question_id: str) -> Step:
        offered = _article_options(cards)
        none = Option(NONE, phrases.NONE_LABEL.at(self.locale), str(len(offered) + 1), "unsolved")
        node, text = _plain(self.position.node), phrases.WHICH.at(self.locale)
        return replace(self._step(node, text, (*offered, none)), question_id=question_id)

    def present(self, card: Card, question_id: str) -> Step:
        """An article, and whether it helped."""
        body = excerpt(card.body) or card.snippet
        options = (
            Option(SOLVED, phrases.SOLVED_LABEL.at(self.locale), "1", "solved"),
            Option(UNSOLVED, phrases.UNSOLVED_LABEL.at(self.locale), "2", "unsolved"),
        )
        step = self._step(_plain(self.position.node), f"**{card.title}**\n\n{body}", options)
        return replace(step, articles=(card,), question_id=question_id)

    # ------------------------------------------------------------------ its parts

    def _wait(self, node: Node, text: str) -> Step:
        match node.act:
            case Menu(choices):
                options = tuple(Option(c.id, c.label.at(self.locale), c.key, c.kind) for c in choices)
                return self._step(node.id, text, options)
            case Form(fields):
                step = self._step(node.id, text, self._way_home(node))
                return replace(
                    step,
                    fields=tuple(
                        FormField(
                            f.name,
                            f.label.at(self.locale),
                            f.kind,
                            f.is_required,
                            tuple(words.at(self.locale) for words in f.options),
                            f.max_chars,
                        )
                        for f in fields
                    ),
                )
            case _:
                return self._step(node.id, text, self._way_home(node))

    def _step(self, node_id: str, text: str, options: tuple[Option, ...]) -> Step:
        """A step, with the way to a person where the flow offers one by now."""
        turns = self.position.unsolved_turns
        offers = self.flow.offers_person
        if (offers == "at_once" or (offers == "after_unsolved" and turns)) and not any(
            option.kind == "person" for option in options
        ):
            options = (*options, Option(PERSON, phrases.PERSON_LABEL.at(self.locale), PERSON_KEY, "person"))
        return Step(node_id, text, options, unsolved_turns=turns)

    def _way_home(self, node: Node) -> tuple[Option, ...]:
        home = self.flow.nodes.get(self.flow.home)
        if home is None or home.id == node.id:
            return ()
        return (Option(HOME, phrases.HOME_LABEL.at(self.locale), HOME_KEY),)

    def _choices(self) -> tuple[Choice, ...]:
        """What may be chosen here: the node's own, then the menu's, which are offered after a failure."""
        nodes = (self.node, self.flow.nodes.get(self.flow.home))
        return tuple(c for node in nodes if node and isinstance(node.act, Menu) for c in node.act.choices)

    def _wanted(self, text: str) -> HandOver | None:
        """The person whom words ask for, or whose matter they are."""
        topic = self.flow.topics.heard(text)
        if topic is None:
            return None
        wish: Wish = "account_manager" if names_manager(text) else ""
        return HandOver("wish", wish=wish) if topic == "wish" else HandOver("topic", topic, wish)

    def _was_shown(self, target: str) -> bool:
        return self.flow.target(target) in self.position.seen

    def _options(self) -> tuple[Option, ...]:
        if self.position.options or self.node is None:
            return self.position.options
        return self._wait(self.node, "").options

    def _typed_key(self, text: str) -> str:
        """The option meant by a digit; a person by 0, whatever is offered. Empty when it is none."""
        typed = _TYPED_KEY.fullmatch(_bare(text))
        if typed is None:
            return ""
        fallback = PERSON if typed[1] == PERSON_KEY else ""
        return next((option.id for option in self._options() if option.key == typed[1]), fallback)

    def _typed_label(self, text: str) -> str:
        """The option whose words were typed; empty when they are none's."""
        plain = _bare(text)
        return next((o.id for o in self._options() if plain and _bare(o.label) == plain), "")


def _article_options(cards: tuple[Card, ...]) -> tuple[Option, ...]:
    return tuple(
        Option(ARTICLE + card.id, card.title, str(place), "article")
        for place, card in enumerate(cards, start=1)
        if _OPTION_ID.fullmatch(ARTICLE + card.id)
    )


def _plain(node_id: str) -> str:
    return node_id.removesuffix(_ASKED_BACK)


def _bare(text: str) -> str:
    return _EDGES.sub("", unicodedata.normalize("NFKC", text[:200]).lower())
