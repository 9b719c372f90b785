"""Questions in anybody's words: found, decided upon and noted, for those who learn from them.

Source: 3.2.2-05, 2.4.3-04.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from wecc.kernel.clock import Clock
from wecc.kernel.errors import NotFound
from wecc.kernel.ids import CenterId, new_id
from wecc.knowledge import schemas as s
from wecc.knowledge.behind import WriteBehind
from wecc.knowledge.models import KnowledgeBase, Question
from wecc.knowledge.readers import Reader
from wecc.knowledge.search_process.client import CompleteAsked, FindAsked, FoundHit, SearchClient
from wecc.knowledge.shelf import Shelf, Shelves, Shown

_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){6,}")
"""Telephone, card and identity numbers, however they are written."""
_NOTED_CHARS = 300
_SPARE = 5
_STORED_S = 1.0
_DECISIONS: tuple[s.Decision, ...] = ("escalate", "suggest", "answer")


class Asking:
    """Use cases of searching. What one may not see does not exist for him, not even as a number."""

    def __init__(self, shelves: Shelves, client: SearchClient, clock: Clock) -> None:
        self._shelves = shelves
        self._client = client
        self._clock = clock
        self.questions: WriteBehind[Question] = WriteBehind("questions", _store)

    async def search(
        self, reader: Reader, search: s.Search, *, is_asked: bool = True, conversation_id: str = ""
    ) -> s.SearchResults:
        """The best articles for a question, as they are now. It is noted if it was really asked.

        Raises: Unavailable while no index answers.
        """
        began_s = self._clock.monotonic_s()
        if not search.q:
            return _nothing()
        revision, answer_at, suggest_at = await _base(reader.center_id)
        shelf = await self._shelves.open(reader.center_id, revision)
        asked = FindAsked(
            center_id=reader.center_id,
            text=search.q,
            targets=sorted(shelf.targets_for(reader.keys)),
            keys=sorted(reader.keys),
            # A few more, for those that were withdrawn this moment.
            limit=search.limit + _SPARE,
            category_id=search.category or "",
            lang=search.lang or "",
            answer_at=answer_at,
            suggest_at=suggest_at,
        )
        found = await self._client.find(asked)
        if search.lang and found.decision != "answer":
            # In another language rather than not at all.
            foreign = await self._client.find(asked.model_copy(update={"lang": ""}))
            if _DECISIONS.index(foreign.decision) > _DECISIONS.index(found.decision):
                found = foreign
        # What was withdrawn while the index looked is not shown.
        shelf = await self._shelves.open(reader.center_id)
        results = _results(shelf, reader, found.hits)
        gone = len({hit.article_id for hit in found.hits} - {result.id for result in results})
        is_first_gone = bool(found.hits) and found.hits[0].article_id not in {r.id for r in results[:1]}
        decision: s.Decision = found.decision
        if not results:
            decision = "escalate"
        elif is_first_gone and decision == "answer":
            decision = "suggest"
        answer = s.SearchResults(
            question_id=new_id(),
            results=results[: search.limit],
            total=max(len(results), found.total - gone) if results else 0,
            decision=decision,
            confidence=results[0].confidence if results else 0.0,
            asks_back=found.asks_back,
            category_counts=found.category_counts if results else {},
            dropped=found.dropped,
            took_ms=round((self._clock.monotonic_s() - began_s) * 1000, 2),
        )
        if is_asked:
            self._note(reader, search, answer, conversation_id)
        return answer

    async def complete(self, reader: Reader, complete: s.Complete) -> s.CompletionList:
        """Titles and similar questions the half-typed may become. Raises: Unavailable."""
        shelf = await self._shelves.open(reader.center_id)
        if not complete.q:
            return s.CompletionList(completions=[])
        found = await self._client.complete(
            CompleteAsked(
                center_id=reader.center_id,
                text=complete.q,
                targets=sorted(shelf.targets_for(reader.keys)),
                keys=sorted(reader.keys),
                limit=complete.limit,
            )
        )
        shelf = await self._shelves.open(reader.center_id)
        return s.CompletionList(
            completions=[
                s.Completion(article_id=hit.article_id, text=hit.text, marks=hit.marks)
                for hit in found.hits
                if shelf.find(reader.keys, hit.article_id) is not None
            ]
        )

    async def settle(self, center_id: CenterId, question_id: str, outcome: str) -> None:
        """Keep what came of a question: `solved`, `unsolved` or `handed_over`. Raises: NotFound."""
        question = await self._stored(center_id, question_id)
        question.outcome = outcome
        if outcome != "solved" and not question.gap:
            question.gap = "open"
        await question.save(update_fields=["outcome", "gap"])

    async def asked(self, center_id: CenterId, question_ids: Sequence[str]) -> list[Question]:
        """These questions as they were noted, in this order; those that were not are left out."""
        rows = {q.id: q for q in await Question.filter(id__in=list(question_ids), center_id=center_id)}
        return [rows[i] for i in question_ids if i in rows]

    async def _stored(self, center_id: CenterId, question_id: str) -> Question:
        """A question that was just asked may still be on its way to the database, from another worker, too."""
        deadline_s = self._clock.monotonic_s() + _STORED_S
        while (question := await Question.get_or_none(id=question_id, center_id=center_id)) is None:
            if self._clock.monotonic_s() > deadline_s:
                raise NotFound
            await self.questions.drain()
            await asyncio.sleep(_STORED_S / 20)
        return question

    def _note(self, reader: Reader, search: s.Search, found: s.SearchResults, conversation_id: str) -> None:
        question = Question(
            id=found.question_id,
            center_id=reader.center_id,
            at_ms=self._clock.now_ms(),
            text=masked(search.q)[:_NOTED_CHARS],
            lang=search.lang or "",
            place=search.place,
            tier=reader.tier,
            conversation_id=conversation_id,
            decision=found.decision,
            confidence=found.confidence,
            article_ids=[result.id for result in found.results],
            gap="open" if found.decision == "escalate" else "",
        )
        self.questions.put(question)


def masked(text: str) -> str:
    """Without the numbers that name a person."""
    return _LONG_NUMBER.sub("*******", text)


def _results(shelf: Shelf, reader: Reader, hits: Sequence[FoundHit]) -> list[s.SearchResult]:
    """Each article once, in the version he may see now."""
    best: dict[str, s.SearchResult] = {}
    for hit in hits:
        shown = shelf.find(reader.keys, hit.article_id)
        if shown is None:
            continue
        known = best.get(hit.article_id)
        if known is None or (hit.version == shown.version and not known.snippet):
            best[hit.article_id] = _result(shelf, shown, hit)
    return list(best.values())


def _result(shelf: Shelf, shown: Shown, hit: FoundHit) -> s.SearchResult:
    # Of a version that another has just replaced nothing is shown but where it stood.
    is_same = hit.version == shown.version
    return s.SearchResult(
        id=shown.article_id,
        external_id=shown.external_id,
        version=shown.version,
        title=shown.title,
        category=shelf.path(shown.category_id),
        snippet=hit.snippet if is_same else "",
        marks=hit.marks if is_same else [],
        title_marks=hit.title_marks if is_same else [],
        score=hit.score,
        confidence=hit.confidence,
        lang=shown.lang,
        is_restricted=shelf.is_restricted(shown.article_id),
    )


def _nothing() -> s.SearchResults:
    return s.SearchResults(
        question_id="",
        results=[],
        total=0,
        decision="escalate",
        confidence=0.0,
        asks_back=False,
        category_counts={},
        dropped=[],
        took_ms=0.0,
    )


async def _base(center_id: CenterId) -> tuple[int, float | None, float | None]:
    """Its revision and thresholds."""
    fields = ("revision", "answer_at", "suggest_at")
    rows = await KnowledgeBase.filter(center_id=center_id).values_list(*fields)
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else (0, None, None)


async def _store(questions: list[Question]) -> None:
    await Question.bulk_create(questions, ignore_conflicts=True)
