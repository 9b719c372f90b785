"""The knowledge base as flows use it: for one customer, in the words of the flow engine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from wecc.conversations import State
from wecc.conversations.schemas import ArticleCard, AskedQuestion
from wecc.infra.markdown import plain_text
from wecc.kernel.errors import NotFound
from wecc.kernel.ids import CenterId
from wecc.knowledge import Asking, Reader, Reading, Shelves, customer
from wecc.knowledge.schemas import Search
from wecc.selfservice.engine import EXTERNAL, Answered, Card

_SNIPPET_CHARS = 120
_SHOWN = 5


class Answers:
    """Asks, opens and settles as a customer of some tier."""

    def __init__(self, asking: Asking, reading: Reading, shelves: Shelves) -> None:
        self._asking = asking
        self._reading = reading
        self._shelves = shelves

    async def ask(
        self,
        reader: Reader,
        text: str,
        category: str,
        locale: str,
        conversation_id: str = "",
        *,
        is_asked: bool = True,
    ) -> Answered:
        """What the knowledge base has to say, in the customer's language where it can; `category` is a name.

        Noted unless it is only a rehearsal. Raises: Unavailable.
        """
        within = Search(q=text, place="flow", category=await self._category_id(reader, category), lang=locale)
        if within.category is not None:
            tried = await self._asking.search(reader, within, is_asked=False)
            if tried.decision == "escalate":  # he asks for something else than the menu he came through
                within = within.model_copy(update={"category": None})
        found = await self._asking.search(reader, within, is_asked=is_asked, conversation_id=conversation_id)
        cards = [Card(r.id, r.title, r.snippet) for r in found.results[:_SHOWN]]
        if found.decision == "answer" and cards:
            first = await self.open(reader, cards[0].id)
            cards[:1] = [first] if first else []
        return Answered(
            question_id=found.question_id,
            decision=found.decision,
            asks_back=found.asks_back,
            articles=tuple(cards),
            confidence=found.confidence,
            scores=tuple(r.score for r in found.results[:_SHOWN]),
        )

    async def open(self, reader: Reader, article: str) -> Card | None:
        """An article by its id, or `external:` and its external id; None when he may not see it (any more)."""
        try:
            read = await self._reading.article(reader, article.removeprefix(EXTERNAL))
        except NotFound:
            return None
        snippet = " ".join(plain_text(read.body).split())[:_SNIPPET_CHARS]
        return Card(read.id, read.title, snippet, read.body)

    async def settle(self, center_id: CenterId, question_id: str, outcome: str) -> None:
        """Keep what came of a question."""
        await self._asking.questions.drain()
        with suppress(NotFound):  # noting is best effort: a flood of questions drops some
            await self._asking.settle(center_id, question_id, outcome)

    async def questions(self, reader: Reader, question_ids: Sequence[str]) -> list[AskedQuestion]:
        """What was asked and shown, for the agent who takes over."""
        await self._asking.questions.drain()
        shelf = await self._shelves.open(reader.center_id)
        asked = []
        for question in await self._asking.asked(reader.center_id, question_ids):
            seen = [(i, shelf.find(reader.keys, i)) for i in question.article_ids[:_SHOWN]]
            asked.append(
                AskedQuestion.model_validate(
                    {
                        "text": question.text,
                        "decision": question.decision,
                        "confidence": question.confidence,
                        "articles": [ArticleCard(id=i, title=v.title, snippet="") for i, v in seen if v],
                        "scores": [],
                        "outcome": question.outcome,
                    }
                )
            )
        return asked

    async def _category_id(self, reader: Reader, name: str) -> str | None:
        shelf = await self._shelves.open(reader.center_id)
        named = (c.id for c in shelf.categories.values() if name and name in (c.name_zh, c.name_en))
        return next(named, None)


def reader_of(state: State) -> Reader:
    """A guided customer as the knowledge base sees him."""
    return customer(CenterId(state.center_id), state.visitor_id, state.tier)
