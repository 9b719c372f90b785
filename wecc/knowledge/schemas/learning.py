"""What is learnt from what was asked: gaps, the answer curve, reports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wecc.infra.wire import AtMs, Id, Query, Wire
from wecc.knowledge.schemas.reading import Decision, RelatedArticle

GapState = Literal["open", "done", "dismissed"]


class FindGaps(Query):
    """Questions without a good answer, those asked most often first."""

    state: GapState = "open"
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class GapArticle(Wire):
    """The article a gap was handled with, and whether it was begun then or only taught. `is_undoable`: it is still
    the draft that was made then."""

    article_id: Id
    title: str
    is_begun: bool
    is_undoable: bool


class Gap(Wire):
    """Questions that ask the same. `cause`: nothing fitted, the answer did not help, or a person was asked."""

    id: Id
    text: str
    examples: list[str]
    times: int
    newest_ms: AtMs
    lang: str
    cause: Literal["unanswered", "unhelpful", "handed_over", "no_click"]
    decision: Decision
    confidence: float
    nearest: list[RelatedArticle]
    state: GapState
    article: GapArticle | None


class GapList(Wire):
    gaps: list[Gap]
    total: int


class FindRemarks(Query):
    """What readers wrote about articles, newest first."""

    offset: Annotated[int, Field(ge=0, le=100_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class Remark(Wire):
    """What a reader missed in an article. `is_changed_since`: readers see a newer version by now."""

    article_id: Id
    title: str
    text: str
    at_ms: AtMs
    is_changed_since: bool


class RemarkList(Wire):
    remarks: list[Remark]
    total: int


class HandleGap(Wire):
    """`add_alternative` writes a new draft of the article with the question among its similar ones; `write`
    starts an article with it as title; `dismiss` puts it away; `reopen` takes it back, with `is_draft_undone` the
    draft it led to as well: a begun article goes to the recycle bin, a taught one is as it was before."""

    act: Literal["add_alternative", "write", "dismiss", "reopen"]
    article_id: Id | None = None
    category_id: Id | None = None
    text: Annotated[str, Field(max_length=300)] = ""
    is_draft_undone: bool = False


class GapHandled(Wire):
    """What was taught or begun; null when the gap was only put away or back."""

    article: GapArticle | None


class Period(Query):
    """The last days; `zone` is an IANA time zone, for what begins and ends a day."""

    days: Annotated[int, Field(ge=1, le=366)] = 30
    zone: Annotated[str, Field(max_length=60)] = "Asia/Shanghai"


class CurvePoint(Wire):
    """With answers from `threshold` on: share of questions answered, and share of the rated ones that were right
    (null when too few were rated)."""

    threshold: float
    answered_share: float
    precision: float | None
    rated: int


class ThresholdCurve(Wire):
    points: list[CurvePoint]
    questions: int
    rated: int
    answer_at: float
    suggest_at: float
    default_answer_at: float
    default_suggest_at: float


class SetThresholds(Wire):
    """Null: as shipped."""

    answer_at: Annotated[float, Field(gt=0, lt=1)] | None
    suggest_at: Annotated[float, Field(ge=0, lt=1)] | None


class TopQuestion(Wire):
    text: str
    times: int
    solved_share: float | None


class TopArticle(Wire):
    id: Id
    title: str
    reads: int
    helpful: int
    unhelpful: int


class ReportDay(Wire):
    """`day` is an ISO date in the center's time zone."""

    day: str
    questions: int
    answered: int
    suggested: int
    handed_over: int


class KnowledgeReport(Wire):
    """`contained_share`: of self-service conversations, those that ended without a person."""

    questions: int
    answered_share: float
    suggested_share: float
    escalated_share: float
    contained_share: float | None
    no_click_share: float
    no_result_share: float
    days: list[ReportDay]
    top_questions: list[TopQuestion]
    top_gaps: list[Gap]
    top_articles: list[TopArticle]
