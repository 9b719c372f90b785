"""What editors, reviewers and administrators of the knowledge base ask and get. Source: 3.2.2-09 … 14."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from wecc.identity.schemas import AgentRef
from wecc.infra.wire import AtMs, ClientId, Id, Line, Query, Wire, clean, one_line
from wecc.knowledge.schemas.reading import Audience, CategoryNode, CategoryRef, DocumentFile, Lang

Stage = Literal[
    "draft",
    "in_review",
    "changes_asked",
    "approved",
    "published",
    "suspended",
    "withdrawn",
    "archived",
    "superseded",
]
"""Of a version. published: at least one target shows it or will; suspended: all do so later again."""

BODY_CHARS = 100_000
IMPORT_BATCH = 500


def _clean_lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in clean(text).split("\n"))


Title = Annotated[str, Field(max_length=300), AfterValidator(one_line), Field(min_length=1)]
Body = Annotated[str, Field(max_length=BODY_CHARS), AfterValidator(_clean_lines)]
Remark = Annotated[str, Field(max_length=1000), AfterValidator(_clean_lines)]


TargetId = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}:[a-z0-9_-]{1,64}$")]
"""`{center}:{code}`."""

VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class AgentGroup(Wire):
    """Agents an article or a target may be meant for."""

    code: str
    name_zh: str
    name_en: str


class AgentGroupList(Wire):
    groups: list[AgentGroup]


class FileView(DocumentFile):
    pass


class Content(Wire):
    """What a version says. Times bound when it may be shown. `alternatives`: the same question in other words."""

    title: Title
    alternatives: Annotated[list[Title], Field(max_length=200)] = []
    body: Body = ""
    lang: Lang = "zh-CN"
    audience: Audience = Audience()
    valid_from_ms: AtMs | None = None
    valid_until_ms: AtMs | None = None
    file_ids: Annotated[list[Id], Field(max_length=20)] = []


class NewArticle(Wire):
    """A `client_id` of the sender's makes repeats harmless."""

    client_id: ClientId | None = None
    category_id: Id
    content: Content
    comment: Line = ""


class SaveVersion(Wire):
    """`base_version` is what was edited. Answered with `article.conflict`, and the newest in `data`, when it is
    not the newest any more."""

    base_version: VersionNumber
    content: Content
    comment: Line = ""


class VersionRef(Wire):
    version: VersionNumber


class AskReview(Wire):
    """Submit a version to these reviewers; all of them must approve. Source: 3.2.2-13."""

    version: VersionNumber
    reviewer_ids: Annotated[list[Id], Field(min_length=1, max_length=10)]
    text: Remark = ""


class GiveOpinion(Wire):
    """`approve` names the targets it may go to; it goes where all reviewers let it."""

    version: VersionNumber
    verdict: Literal["approve", "changes"]
    target_ids: Annotated[list[TargetId], Field(max_length=50)] = []
    text: Remark = ""


class Publish(Wire):
    """Put an approved version, or any earlier published one, on these targets (all it was approved for when
    none is named), now or from `starts_ms` on. Repeating it is harmless."""

    version: VersionNumber
    target_ids: Annotated[list[TargetId], Field(max_length=50)] = []
    starts_ms: AtMs | None = None


class Withdraw(Wire):
    """From these targets; from all when none is named. Source: 3.2.2-14."""

    target_ids: Annotated[list[TargetId], Field(max_length=50)] = []
    comment: Line = ""


class Suspend(Wire):
    """Until `until_ms`, or until somebody resumes it."""

    target_ids: Annotated[list[TargetId], Field(max_length=50)] = []
    until_ms: AtMs | None = None
    comment: Line = ""


class MoveArticle(Wire):
    category_id: Id


class CategoryText(Wire):
    """A category to add (below `parent_id`, at the end) or to rename."""

    parent_id: Annotated[str, Field(max_length=64)] = ""
    name_zh: Annotated[Line, Field(min_length=1, max_length=100)]
    name_en: Annotated[Line, Field(max_length=100)] = ""


class MoveCategory(Wire):
    """Below `parent_id` (empty: to the top), at `position` among its children. Refused with `category.cycle`."""

    parent_id: Annotated[str, Field(max_length=64)] = ""
    position: Annotated[int, Field(ge=0, le=10_000)] = 0


class CategoryList(Wire):
    """All of them, parents before children, in their order; counting all articles outside the recycle bin."""

    categories: list[CategoryNode]


class PublicationView(Wire):
    """An article on one target. `is_settled` false: being brought there or removed; `error` says why it waits."""

    target_id: str
    state: Literal["scheduled", "live", "suspended", "withdrawn"]
    version: int
    visible_version: int | None
    starts_ms: AtMs | None
    until_ms: AtMs | None
    ends_ms: AtMs | None
    is_settled: bool
    error: str


class OpinionView(Wire):
    reviewer: AgentRef
    verdict: Literal["", "approve", "changes"]
    target_ids: list[str]
    text: str
    asked_ms: AtMs
    at_ms: AtMs | None


class VersionView(Wire):
    version: int
    stage: Stage
    content: Content
    files: list[FileView]
    author: AgentRef
    at_ms: AtMs
    comment: str
    opinions: list[OpinionView]


class VersionRow(Wire):
    version: int
    stage: Stage
    title: str
    author: AgentRef
    at_ms: AtMs
    comment: str


class ArticleRow(Wire):
    """A row of the editors' list. `stage` is the newest version's; `visible_version` what readers see, if any."""

    id: Id
    external_id: str | None
    title: str
    lang: str
    category: list[CategoryRef]
    stage: Stage
    newest_version: int
    visible_version: int | None
    changed_ms: AtMs
    changed_by: AgentRef
    deleted_ms: AtMs | None
    has_error: bool


class FindArticles(Query):
    """`stage`: of the newest version; `to_review`: waiting for my opinion; `bin`: only deleted ones."""

    q: Annotated[str, Field(max_length=300), AfterValidator(one_line)] = ""
    category: Id | None = None
    scope: Literal[
        "all", "mine", "to_review", "draft", "in_review", "approved", "published", "offline", "failing", "bin"
    ] = "all"
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class ArticleCounts(Wire):
    """How many articles each scope holds."""

    all: int
    mine: int
    to_review: int
    draft: int
    in_review: int
    approved: int
    published: int
    offline: int
    failing: int
    bin: int


class ArticleList(Wire):
    articles: list[ArticleRow]
    total: int
    counts: ArticleCounts


class ArticleDetail(Wire):
    """An article with its newest version, its publications and the list of its versions (newest first).

    `approved_target_ids`: where the newest version may go, once it is approved.
    """

    article: ArticleRow
    newest: VersionView
    approved_target_ids: list[str]
    versions: list[VersionRow]
    publications: list[PublicationView]


class TargetText(Wire):
    """`kind` directory: `root` is a folder (relative ones lie in the data folder); server: an http(s) address
    that takes WebDAV. Source: 3.2.2-12."""

    code: Id
    name_zh: Annotated[Line, Field(min_length=1, max_length=100)]
    name_en: Annotated[Line, Field(max_length=100)] = ""
    kind: Literal["directory", "server"] = "directory"
    root: Annotated[str, Field(min_length=1, max_length=500)]
    audience: Audience = Audience()
    is_default: bool = False
    is_enabled: bool = True


class TargetView(Wire):
    id: str
    code: Id
    name_zh: str
    name_en: str
    kind: Literal["directory", "server"]
    root: str
    audience: Audience
    is_default: bool
    is_enabled: bool
    articles: int
    pending: int
    error: str
    checked_ms: AtMs


class TargetList(Wire):
    targets: list[TargetView]


class SetTargets(Wire):
    """Add or change one target; the code says which."""

    target: TargetText


class FindLog(Query):
    """Newest first. `subject`: an article, category or target; `act`: the beginning of an act's name."""

    subject: Annotated[Line, Field(max_length=128)] = ""
    actor: Annotated[Line, Field(max_length=64)] = ""
    act: Annotated[Line, Field(max_length=64)] = ""
    from_ms: AtMs | None = None
    before_ms: AtMs | None = None
    before_id: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class LogLine(Wire):
    """Who did what, where from, and what was before and after. Source: 3.2.2-10."""

    id: int
    at_ms: AtMs
    actor: AgentRef
    actor_kind: Literal["agent", "visitor", "system"]
    act: str
    subject: str
    subject_title: str
    data: dict[str, object]


class LogPageView(Wire):
    """`is_intact`: the chain of the lines on this page holds."""

    lines: list[LogLine]
    has_more: bool
    is_intact: bool


class VocabularyView(Wire):
    """`synonyms`: rows of equal words; `words`: domain words that are kept whole."""

    version: int
    synonyms: Annotated[
        list[Annotated[list[Line], Field(min_length=2, max_length=20)]], Field(max_length=2000)
    ]
    words: Annotated[list[Line], Field(max_length=5000)]


class SetVocabulary(Wire):
    base_version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    synonyms: Annotated[
        list[Annotated[list[Line], Field(min_length=2, max_length=20)]], Field(max_length=2000)
    ]
    words: Annotated[list[Line], Field(max_length=5000)]


class PinView(Wire):
    article_id: Id
    title: str = ""
    ends_ms: AtMs | None = None


class SetPins(Wire):
    """The pinned hot topics of a category (of the whole with an empty id), in their order. Source: 3.2.2-16."""

    category_id: Annotated[str, Field(max_length=64)] = ""
    pins: Annotated[list[PinView], Field(max_length=20)]


class StaffView(Wire):
    agent: AgentRef
    role: Literal["agent", "supervisor", "administrator"]
    is_editor: bool
    is_reviewer: bool


class StaffList(Wire):
    staff: list[StaffView]


class SetStaff(Wire):
    agent_id: Id
    is_editor: bool
    is_reviewer: bool


class KnowledgeRights(Wire):
    """What the one who asks may do here."""

    is_editor: bool
    is_reviewer: bool
    is_administrator: bool


class KnowledgeStanding(KnowledgeRights):
    """`to_review`: how many articles wait for the word of the one who asks."""

    to_review: int


class ImportArticle(Wire):
    """One line of an import: the center's own article. `category` is a path of names; missing ones are added.

    What else stands in it is passed over.
    """

    model_config = ConfigDict(extra="ignore")

    id: Annotated[Line, Field(min_length=1, max_length=100)]
    category: Annotated[
        list[Annotated[Line, Field(min_length=1, max_length=100)]], Field(min_length=1, max_length=20)
    ]
    title: Title
    answer: Body = ""
    alt: Annotated[list[Title], Field(max_length=200)] = []
    lang: Annotated[str, Field(max_length=10)] = "zh"


class ImportRequest(Wire):
    """`is_trial`: only tell what would happen. Conflicts (edited here since) are never overwritten."""

    articles: Annotated[list[ImportArticle], Field(max_length=IMPORT_BATCH)]
    is_trial: bool = False
    reviewer_ids: Annotated[list[Id], Field(max_length=10)] = []


class ImportOutcome(Wire):
    external_id: str
    outcome: Literal["added", "changed", "unchanged", "conflict", "refused"]
    article_id: str
    about: str


class ImportReport(Wire):
    added: int
    changed: int
    unchanged: int
    conflicts: list[ImportOutcome]
    refused: list[ImportOutcome]
