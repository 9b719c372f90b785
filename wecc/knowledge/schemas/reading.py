"""What readers ask and get: visitors, customers and agents alike, each within what he may see."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from wecc.infra.wire import AtMs, Id, Line, Query, Wire, one_line

Place = Literal["help", "widget", "console", "flow", "api"]
"""Where something was asked or read."""

Decision = Literal["answer", "suggest", "escalate"]
"""answer: sure enough of the first; suggest: offer the first few; escalate: nothing fits."""

Lang = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=10)]

QUERY_CHARS = 500
"""Of longer questions the beginning counts."""


def _bounded(text: str) -> str:
    return one_line(text[: 4 * QUERY_CHARS])[:QUERY_CHARS]


Words = Annotated[str, Field(max_length=200_000), AfterValidator(_bounded)]


class Audience(Wire):
    """Who may read: everybody, customers of these tiers, or agents (of these groups; of all when none is named).

    Source: 3.3.1-05, 3.2.2-13.
    """

    kind: Literal["public", "tiers", "agents"] = "public"
    codes: Annotated[list[Id], Field(max_length=100)] = []


class CategoryRef(Wire):
    id: Id
    name_zh: str
    name_en: str


class Search(Query):
    """`center` may be left out where there is only one. `category`: only below this one.

    `lang`: articles in this language, unless only others fit.
    """

    q: Words = ""
    limit: Annotated[int, Field(ge=1, le=50)] = 10
    center: Id | None = None
    category: Id | None = None
    lang: Lang | None = None
    place: Place = "api"


class SearchResult(Wire):
    """`snippet` is plain text; `marks` are [start, end) of what matched in it, `title_marks` in the title.

    `is_restricted`: not everybody may read it.
    """

    id: Id
    external_id: str | None
    version: int
    title: str
    category: list[CategoryRef]
    snippet: str
    marks: list[tuple[int, int]]
    title_marks: list[tuple[int, int]]
    score: float
    confidence: float
    lang: str
    is_restricted: bool


class SearchResults(Wire):
    """`question_id` names the question for ratings and outcomes. `dropped`: words nothing was found for."""

    question_id: str
    results: list[SearchResult]
    total: int
    decision: Decision
    confidence: float
    asks_back: bool
    category_counts: dict[str, int]
    dropped: list[str]
    took_ms: float


class Complete(Query):
    q: Words = ""
    limit: Annotated[int, Field(ge=1, le=20)] = 8
    center: Id | None = None


class Completion(Wire):
    article_id: Id
    text: str
    marks: list[tuple[int, int]]


class CompletionList(Wire):
    completions: list[Completion]


class CategoryNode(Wire):
    """`articles`: how many the reader may see in it and below."""

    id: Id
    parent_id: str
    name_zh: str
    name_en: str
    articles: int


class Browse(Query):
    """Articles of a category, and of those below it; from `offset` on, those in `lang` first."""

    center: Id | None = None
    category: Id | None = None
    lang: Lang | None = None
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 30


class Tree(Wire):
    """Categories that hold something for this reader, parents before children, in their order."""

    center_id: Id
    name_zh: str
    name_en: str
    categories: list[CategoryNode]
    articles: int


class RelatedArticle(Wire):
    id: Id
    title: str
    lang: str
    is_restricted: bool


class CategoryArticles(Wire):
    articles: list[RelatedArticle]
    total: int


class HotTopic(Wire):
    article_id: Id
    title: str
    is_pinned: bool


class HotList(Wire):
    """Hot topics of a category and all below it; of everything without one; in `lang` if there are any.

    Source: 3.2.2-15 … 17.
    """

    topics: list[HotTopic]


class ReadArticle(Query):
    center: Id | None = None


class DocumentFile(Wire):
    """Fetch it at `/api/v1/kb/files/{id}`, with one's own session or token."""

    id: Id
    name: str
    media_type: str
    size_bytes: int


class KbArticle(Wire):
    """An article as this reader may see it. `body` is Markdown of the small subset; HTML in it is plain text.

    `is_restricted`: not everybody may read it, so an agent thinks twice before he sends it. `my_rating` is null for
    who did not say who he is: he is counted as one with his neighbours. `is_commented`: the rating says why.
    """

    id: Id
    external_id: str | None
    version: int
    title: str
    alternatives: list[str]
    body: str
    lang: str
    category: list[CategoryRef]
    files: list[DocumentFile]
    related: list[RelatedArticle]
    published_ms: AtMs
    valid_until_ms: AtMs | None
    is_restricted: bool
    my_rating: bool | None
    is_commented: bool


class ViewArticle(Wire):
    """Say that it was opened, and what was asked before, if anything."""

    center_id: Id | None = None
    question_id: Annotated[str, Field(max_length=64)] = ""


class RateArticle(Wire):
    center_id: Id | None = None
    is_helpful: bool
    comment: Annotated[Line, Field(max_length=300)] = ""
    question_id: Annotated[str, Field(max_length=64)] = ""


class OutcomeGiven(Wire):
    """Whether what was found solved the question."""

    center_id: Id | None = None
    question_id: Id
    outcome: Literal["solved", "unsolved"]
