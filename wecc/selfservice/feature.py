"""Puts self-service together for a process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wecc.conversations import ConversationsFeature
from wecc.identity import Identity
from wecc.kernel.clock import Clock
from wecc.kernel.ids import CenterId
from wecc.knowledge import KnowledgeFeature, customer
from wecc.selfservice.answering import Answering
from wecc.selfservice.answers import Answers
from wecc.selfservice.editing import Editing
from wecc.selfservice.engine import Answered, Card
from wecc.selfservice.entry import Entry
from wecc.selfservice.flows import Flows
from wecc.selfservice.guiding import Guiding
from wecc.selfservice.preview import Preview
from wecc.selfservice.runs import Runs

if TYPE_CHECKING:
    from wecc.identity.http import Doorman
    from wecc.infra.http import HttpServer
    from wecc.infra.realtime.dispatcher import Dispatcher

_FOLDER = Path("config/flows")
"""What a new center's flows start as."""


@dataclass(frozen=True, slots=True)
class SelfServiceFeature:
    """All of self-service in one process: web answers those it serves, jobs whom nobody answered."""

    flows: Flows
    answers: Answers
    guiding: Guiding
    answering: Answering
    runs: Runs

    def close(self) -> None:
        self.flows.close()


def build(
    conversations: ConversationsFeature, knowledge: KnowledgeFeature, identity: Identity, clock: Clock
) -> SelfServiceFeature:
    """From now on conversations are guided by it."""
    flows = Flows(identity, clock)
    answers = Answers(knowledge.asking, knowledge.reading, knowledge.shelves)
    runs = Runs(clock)
    guiding = Guiding(conversations.guided, flows, answers, identity, runs, clock)
    conversations.service.guide = guiding
    answering = Answering(conversations.guided, conversations.access, flows, guiding)
    return SelfServiceFeature(flows, answers, guiding, answering, runs)


def bind(
    feature: SelfServiceFeature,
    http: HttpServer,
    dispatcher: Dispatcher,
    doorman: Doorman,
    identity: Identity,
) -> None:
    """Serve the feature in a web process."""
    # Only there what serves browsers is loaded.
    from wecc.selfservice import http as http_entry  # noqa: PLC0415
    from wecc.selfservice import sockets  # noqa: PLC0415

    async def ask(center_id: CenterId, tier: str, text: str, locale: str) -> Answered:
        return await feature.answers.ask(customer(center_id, "", tier), text, "", locale, is_asked=False)

    async def open_article(center_id: CenterId, tier: str, article: str, _: str) -> Card | None:
        return await feature.answers.open(customer(center_id, "", tier), article)

    editing = Editing(feature.flows, identity)
    preview = Preview(feature.flows, identity, ask, open_article)
    entry = Entry(feature.guiding, feature.flows, identity)
    http_entry.bind(http, doorman, editing, preview, entry)
    sockets.bind(dispatcher, feature.answering)


async def seed_flows(clock: Clock, identity: Identity, center_id: CenterId) -> None:
    """Give a center the flows it does not have yet. Raises: SettingsError."""
    flows = Flows(identity, clock)
    try:
        await flows.seed(center_id, _FOLDER)
    finally:
        flows.close()
