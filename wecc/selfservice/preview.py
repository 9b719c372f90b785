"""Plays an edited flow through the engine itself. Nothing is stored: the same turns give the same answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from wecc.conversations.schemas import AskedQuestion, FilledField, HandedOverBody
from wecc.identity import Identity
from wecc.kernel.actor import Actor
from wecc.kernel.ids import CenterId
from wecc.selfservice import engine
from wecc.selfservice import schemas as s
from wecc.selfservice.answering import FormInvalid
from wecc.selfservice.bodies import article_card, assisted
from wecc.selfservice.editing import require_supervisor
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
)
from wecc.selfservice.flow import CompiledFlow
from wecc.selfservice.flows import FlowInvalid, Flows

AskKnowledge = Callable[[CenterId, str, str, str], Awaitable[Answered]]
"""`(center, tier, text, locale)`: what the knowledge base says to a customer of this tier."""

OpenArticle = Callable[[CenterId, str, str, str], Awaitable[Card | None]]
"""`(center, tier, article, locale)`: the article (see `engine.Open`) as such a customer may read it."""


@dataclass(slots=True)
class _Played:
    """What was said so far; for whoever it is handed over to."""

    turns: list[s.PreviewTurn] = field(default_factory=list)
    step: Step | None = None
    seen: set[str] = field(default_factory=set)
    path: list[str] = field(default_factory=list)
    questions: list[AskedQuestion] = field(default_factory=list)
    fields: list[FilledField] = field(default_factory=list)


class Preview:
    """Rehearses flows with the knowledge base as it is."""

    def __init__(
        self, flows: Flows, identity: Identity, ask: AskKnowledge, open_article: OpenArticle
    ) -> None:
        self._flows = flows
        self._identity = identity
        self._ask = ask
        self._open = open_article

    async def play(self, actor: Actor, cmd: s.PreviewFlow) -> s.FlowPreview:
        """The greeting, then what follows from each turn until a person is asked for or it ends.

        Raises: FlowInvalid; FormInvalid for a form that a customer could not send.
        """
        require_supervisor(actor)
        reading = await self._flows.check(actor.center_id, cmd.code, cmd.source)
        if reading.flow is None:
            raise FlowInvalid(list(reading.problems))
        flow, locale = reading.flow, cmd.locale
        center = await self._identity.center(actor.center_id)
        names = {"name": actor.name, "center": center.name_en if locale == "en" else center.name_zh}
        played = _Played()
        _tell(played, flow, locale, engine.greet(flow, locale, names))
        for turn in cmd.said:
            step = played.step
            if step is None:
                break
            said = _said(turn)
            _remember(played, flow, step, said)
            position = Position(step.node, step.unsolved_turns, frozenset(played.seen), step.options)
            outcome = engine.hear(flow, position, said, locale, names, step.question_id)
            if isinstance(outcome, Ask):
                found = await self._ask(actor.center_id, cmd.tier, outcome.text, locale)
                played.questions.append(_asked(outcome.text, found))
                outcome = engine.answered(flow, position, locale, found)
            elif isinstance(outcome, Open):
                card = await self._open(actor.center_id, cmd.tier, outcome.article, locale)
                outcome = engine.opened(flow, position, locale, card, outcome.question_id)
            _tell(played, flow, locale, outcome)
        return s.FlowPreview(turns=played.turns)


def _said(turn: s.Said) -> Said:
    if turn.option:
        return Chosen(turn.option)
    if turn.fields:
        return Filled({given.name: given.value for given in turn.fields})
    return Text(turn.text)


def _remember(played: _Played, flow: CompiledFlow, step: Step, said: Said) -> None:
    if isinstance(said, Chosen):
        played.path += [option.label for option in step.options if option.id == said.option_id]
    elif isinstance(said, Filled) and step.fields:
        if problems := engine.problems_of_form(flow, step.node, said.values):
            raise FormInvalid(fields=problems)
        played.fields += [
            FilledField(name=f.name, label=f.label, value=said.values[f.name].strip())
            for f in step.fields
            if said.values.get(f.name, "").strip()
        ]


def _tell(played: _Played, flow: CompiledFlow, locale: str, outcome: Step | HandOver | End) -> None:
    played.step = outcome if isinstance(outcome, Step) else None
    if isinstance(outcome, Step):
        played.seen.add(outcome.node)
        played.turns.append(s.PreviewTurn(assisted=assisted(flow, outcome)))
        return
    if outcome.text:
        played.turns.append(s.PreviewTurn(assisted=assisted(flow, Step("", outcome.text))))
    if isinstance(outcome, End):
        played.turns.append(s.PreviewTurn(closed="solved"))
        return
    body = HandedOverBody(
        flow=flow.version_id or flow.code,
        flow_name=flow.name(locale),
        cause=outcome.cause,
        topic=outcome.topic,
        wish=outcome.wish,
        marks=list(flow.marks),
        path=played.path,
        questions=played.questions,
        fields=played.fields,
        note=outcome.note,
    )
    played.turns.append(s.PreviewTurn(handed_over=body))


def _asked(text: str, found: Answered) -> AskedQuestion:
    return AskedQuestion(
        text=text,
        decision=found.decision,
        confidence=found.confidence,
        articles=[article_card(card) for card in found.articles],
        scores=list(found.scores),
    )
