"""What the engine says, as events of the log say it."""

from __future__ import annotations

from wecc.conversations.schemas import ArticleCard, AssistedBody, FlowField, FlowOption
from wecc.selfservice.engine import Card, Step
from wecc.selfservice.flow import CompiledFlow


def assisted(flow: CompiledFlow, step: Step) -> AssistedBody:
    return AssistedBody(
        flow=flow.version_id,
        node=step.node,
        text=step.text,
        options=[FlowOption(id=o.id, label=o.label, key=o.key, kind=o.kind) for o in step.options],
        articles=[article_card(card) for card in step.articles],
        fields=[
            FlowField(
                name=f.name,
                label=f.label,
                kind=f.kind,
                is_required=f.is_required,
                options=list(f.options),
                max_chars=f.max_chars,
            )
            for f in step.fields
        ],
        question_id=step.question_id,
        unsolved_turns=step.unsolved_turns,
    )


def article_card(card: Card) -> ArticleCard:
    return ArticleCard(id=card.id, title=card.title, snippet=card.snippet)
