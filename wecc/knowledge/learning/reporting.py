"""How well questions are answered: the curve behind the threshold, and the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wecc.kernel.actor import Actor, Role
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Forbidden, InvalidInput
from wecc.kernel.ids import CenterId
from wecc.knowledge import schemas as s
from wecc.knowledge.journal import Journal
from wecc.knowledge.learning.gaps import Learning, key_of
from wecc.knowledge.models import Article, KnowledgeBase, Question, Rating
from wecc.knowledge.rights import Rights
from wecc.knowledge.search_process.client import IndexState

Containment = Callable[[CenterId, int], Awaitable[tuple[int, int]]]
"""`(center, from_ms)`: self-service conversations that ended without a person, and with one."""

IndexStateOf = Callable[[str], Awaitable[IndexState]]
"""Of a center. Raises: Unavailable."""

_DAY_MS = 86_400_000
_LOOKED_AT = 50_000
_TOP = 20
_ENOUGH = 20
"""Fewer rated answers say nothing about precision."""
_THRESHOLDS = [round(0.30 + 0.02 * step, 2) for step in range(35)]


class Reporting:
    """The newest 50,000 questions of a period, counted."""

    def __init__(
        self,
        rights: Rights,
        journal: Journal,
        learning: Learning,
        index_state: IndexStateOf,
        containment: Containment,
        clock: Clock,
    ) -> None:
        self._rights = rights
        self._journal = journal
        self._learning = learning
        self._index_state = index_state
        self._containment = containment
        self._clock = clock

    async def curve(self, actor: Actor, period: s.Period) -> s.ThresholdCurve:
        """What each threshold would answer, and how much of it was right by the customers' own word.

        Raises: Forbidden; Unavailable while no index answers, which knows the thresholds as shipped.
        """
        await self._rights.viewer(actor)
        shipped = await self._index_state(actor.center_id)
        rows = await self._questions(actor, period)
        rated = [(q.confidence, is_right) for q in rows if (is_right := was_right(q)) is not None]
        points = []
        for threshold in _THRESHOLDS:
            words = [is_right for confidence, is_right in rated if confidence >= threshold]
            answered = sum(q.confidence >= threshold for q in rows)
            points.append(
                s.CurvePoint(
                    threshold=threshold,
                    answered_share=answered / len(rows) if rows else 0.0,
                    precision=sum(words) / len(words) if len(words) >= _ENOUGH else None,
                    rated=len(words),
                )
            )
        base = await KnowledgeBase.get_or_none(center_id=actor.center_id)
        return s.ThresholdCurve(
            points=points,
            questions=len(rows),
            rated=len(rated),
            answer_at=(base.answer_at if base else None) or shipped.default_answer_at,
            suggest_at=(base.suggest_at if base else None) or shipped.default_suggest_at,
            default_answer_at=shipped.default_answer_at,
            default_suggest_at=shipped.default_suggest_at,
        )

    async def set_thresholds(self, actor: Actor, cmd: s.SetThresholds) -> s.ThresholdCurve:
        """From when on questions are answered and articles offered. Raises: Forbidden; InvalidInput."""
        if not actor.has_role(Role.SUPERVISOR):
            raise Forbidden
        shipped = await self._index_state(actor.center_id)
        suggest_at = cmd.suggest_at or shipped.default_suggest_at
        if suggest_at > (cmd.answer_at or shipped.default_answer_at):
            raise InvalidInput(fields={"suggest_at": "is above answer_at"})
        async with self._journal.operation(actor) as op:
            before = {"answer_at": op.base.answer_at, "suggest_at": op.base.suggest_at}
            op.base.answer_at, op.base.suggest_at = cmd.answer_at, cmd.suggest_at
            await op.base.save(update_fields=["answer_at", "suggest_at"])
            op.did("thresholds_set", "", before=before, after=cmd.model_dump())
        return await self.curve(actor, s.Period())

    async def report(self, actor: Actor, period: s.Period) -> s.KnowledgeReport:
        """How questions went. Raises: Forbidden; InvalidInput for an unknown time zone."""
        await self._rights.viewer(actor)
        rows = await self._questions(actor, period)
        from_ms = self._from_ms(period)
        decisions = Counter(q.decision for q in rows)
        total = max(1, len(rows))
        browsed = [q for q in rows if q.place in ("help", "widget")]
        unclicked = [q for q in browsed if q.article_ids and not q.read_article_id and not q.outcome]
        contained, handed_over = await self._containment(actor.center_id, from_ms)
        gaps = await self._learning.gaps(actor, s.FindGaps(limit=10))
        return s.KnowledgeReport(
            questions=len(rows),
            answered_share=decisions["answer"] / total,
            suggested_share=decisions["suggest"] / total,
            escalated_share=decisions["escalate"] / total,
            contained_share=contained / (contained + handed_over) if contained + handed_over else None,
            no_click_share=len(unclicked) / max(1, len(browsed)),
            no_result_share=sum(not q.article_ids for q in rows) / total,
            days=_days(rows, _zone(period.zone)),
            top_questions=_top_questions(rows),
            top_gaps=gaps.gaps,
            top_articles=await _top_articles(actor.center_id, rows, from_ms),
        )

    def _from_ms(self, period: s.Period) -> int:
        return self._clock.now_ms() - period.days * _DAY_MS

    async def _questions(self, actor: Actor, period: s.Period) -> list[Question]:
        asked = Question.filter(center_id=actor.center_id, at_ms__gte=self._from_ms(period))
        return await asked.order_by("-at_ms").limit(_LOOKED_AT)


def was_right(question: Question) -> bool | None:
    """Whether the first article was the right one, as far as the customer said."""
    if question.outcome == "unsolved":
        return False
    if question.outcome != "solved" or not question.article_ids:
        return None
    first = question.article_ids[0]
    return question.decision == "answer" or question.read_article_id in ("", first)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(fields={"zone": "is not a time zone"}) from error


def _days(rows: Sequence[Question], zone: ZoneInfo) -> list[s.ReportDay]:
    days: dict[str, Counter[str]] = {}
    for question in rows:
        day = datetime.fromtimestamp(question.at_ms / 1000, zone).date().isoformat()
        counts = days.setdefault(day, Counter())
        counts.update(["questions", question.decision, question.outcome])
    return [
        s.ReportDay(
            day=day,
            questions=counts["questions"],
            answered=counts["answer"],
            suggested=counts["suggest"],
            handed_over=counts["handed_over"],
        )
        for day, counts in sorted(days.items())
    ]


def _top_questions(rows: Sequence[Question]) -> list[s.TopQuestion]:
    words: dict[str, list[Question]] = {}
    for question in rows:
        words.setdefault(key_of(question.text), []).append(question)
    top = sorted(words.values(), key=lambda asked: -len(asked))[:_TOP]
    shown = []
    for asked in top:
        said = [q.outcome for q in asked if q.outcome in ("solved", "unsolved")]
        share = said.count("solved") / len(said) if said else None
        shown.append(s.TopQuestion(text=asked[0].text, times=len(asked), solved_share=share))
    return shown


async def _top_articles(center_id: CenterId, rows: Sequence[Question], from_ms: int) -> list[s.TopArticle]:
    reads = Counter(q.read_article_id for q in rows if q.read_article_id)
    ids = [article_id for article_id, _ in reads.most_common(_TOP)]
    titles = dict(await Article.filter(id__in=ids, center_id=center_id).values_list("id", "title"))
    rated = Rating.filter(center_id=center_id, article_id__in=ids, at_ms__gte=from_ms)
    words = Counter(await rated.values_list("article_id", "is_helpful"))
    return [
        s.TopArticle(
            id=i,
            title=str(titles[i]),
            reads=reads[i],
            helpful=words[(i, True)],
            unhelpful=words[(i, False)],
        )
        for i in ids
        if i in titles
    ]
