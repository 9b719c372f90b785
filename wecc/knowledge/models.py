"""The knowledge base's tables. The database is the truth, targets and indexes are copies of it.

Docstrings of models become comments of tables: no semicolons in them, the migrations would split there.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class KnowledgeBase(Model):
    """What is set for a whole center. `revision` counts its changes and orders them."""

    center_id = fields.CharField(max_length=64, primary_key=True)
    revision = fields.BigIntField(default=0)
    answer_at = fields.FloatField(null=True)
    """Confidence from which questions are answered without asking back. Null: as shipped."""
    suggest_at = fields.FloatField(null=True)
    vocabulary = fields.TextField(default="{}")
    vocabulary_version = fields.IntField(default=0)

    class Meta:
        table = "kb"


class Change(Model):
    """What the index has to look at again: an article, or with an empty id the vocabulary."""

    id = fields.BigIntField(primary_key=True, generated=True)
    center_id = fields.CharField(max_length=64)
    revision = fields.BigIntField()
    article_id = fields.CharField(max_length=64)
    at_ms = fields.BigIntField()

    class Meta:
        table = "kb_change"
        unique_together = (("center_id", "revision"),)


class Category(Model):
    """`path` holds the ids from the root to this one, each followed by a slash. Source: 3.2.2-09."""

    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    parent_id = fields.CharField(max_length=64, default="")
    path = fields.TextField()
    position = fields.IntField()
    name_zh = fields.CharField(max_length=100)
    name_en = fields.CharField(max_length=100)

    class Meta:
        table = "kb_category"
        indexes = (Index(fields=("center_id", "parent_id", "position")),)


class Article(Model):
    """What is the same for all versions of an article. `stage` and `title` are those of the newest."""

    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    external_id = fields.CharField(max_length=100, null=True)
    imported_digest = fields.CharField(max_length=64, default="")
    """Content as last imported, to see what was edited here since."""
    category_id = fields.CharField(max_length=64)
    newest_version = fields.IntField()
    stage = fields.CharField(max_length=20)
    title = fields.CharField(max_length=300)
    lang = fields.CharField(max_length=10)
    created_ms = fields.BigIntField()
    changed_ms = fields.BigIntField()
    changed_by = fields.CharField(max_length=64)
    deleted_ms = fields.BigIntField(null=True)
    """Since when it lies in the recycle bin."""
    heat = fields.FloatField(default=0)
    """Clicks of different visitors, halved every seven days, as of `heat_ms`."""
    heat_ms = fields.BigIntField(default=0)

    class Meta:
        table = "kb_article"
        unique_together = (("center_id", "external_id"),)
        indexes = (
            Index(fields=("center_id", "stage", "changed_ms")),
            Index(fields=("center_id", "category_id")),
        )


class ArticleVersion(Model):
    """What an article said at some time. Never changed but for its stage."""

    id = fields.CharField(max_length=80, primary_key=True)
    """`{article}@{version}`."""
    center_id = fields.CharField(max_length=64)
    article_id = fields.CharField(max_length=64)
    version = fields.IntField()
    stage = fields.CharField(max_length=20)
    content = fields.TextField()
    digest = fields.CharField(max_length=64)
    author_id = fields.CharField(max_length=64)
    at_ms = fields.BigIntField()
    comment = fields.CharField(max_length=300, default="")

    class Meta:
        table = "kb_article_version"
        unique_together = (("article_id", "version"),)


class Opinion(Model):
    """What one reviewer was asked and said about a version. `verdict` is empty until he did."""

    id = fields.CharField(max_length=150, primary_key=True)
    """`{article}@{version}:{reviewer}`."""
    center_id = fields.CharField(max_length=64)
    article_id = fields.CharField(max_length=64)
    version = fields.IntField()
    reviewer_id = fields.CharField(max_length=64)
    verdict = fields.CharField(max_length=10, default="")
    target_ids: list[str] = fields.JSONField(default=list)
    text = fields.TextField(default="")
    asked_ms = fields.BigIntField()
    at_ms = fields.BigIntField(null=True)

    class Meta:
        table = "kb_opinion"
        indexes = (Index(fields=("reviewer_id", "verdict")), Index(fields=("article_id", "version")))


class Target(Model):
    """A directory or server that published articles are copied to, and who reads there. Source: 3.2.2-12, 13."""

    id = fields.CharField(max_length=130, primary_key=True)
    center_id = fields.CharField(max_length=64, db_index=True)
    code = fields.CharField(max_length=64)
    name_zh = fields.CharField(max_length=100)
    name_en = fields.CharField(max_length=100)
    kind = fields.CharField(max_length=10)
    root = fields.CharField(max_length=500)
    audience = fields.TextField()
    is_default = fields.BooleanField(default=False)
    is_enabled = fields.BooleanField(default=True)
    error = fields.CharField(max_length=300, default="")
    checked_ms = fields.BigIntField(default=0)
    """When all it holds was last compared with what it should. 0: to be done at once."""

    class Meta:
        table = "kb_target"


class Publication(Model):
    """What a target should hold of an article, what it holds, and what its readers see.

    `visible_version` is what readers see. A withdrawal empties it first and removes the copy afterwards. A new
    version replaces it once its copy is complete.
    """

    id = fields.CharField(max_length=200, primary_key=True)
    """`{article}:{target code}`."""
    center_id = fields.CharField(max_length=64)
    article_id = fields.CharField(max_length=64)
    target_id = fields.CharField(max_length=130)
    state = fields.CharField(max_length=12)
    """`scheduled`, `live`, `suspended`, `withdrawn`."""
    version = fields.IntField()
    starts_ms = fields.BigIntField(null=True)
    until_ms = fields.BigIntField(null=True)
    """When a suspension ends, if that is set."""
    ends_ms = fields.BigIntField(null=True)
    placed_version = fields.IntField(null=True)
    visible_version = fields.IntField(null=True)
    shown = fields.TextField(default="{}")
    """Of the visible version what lists need without its content, see `reading.Shown`."""
    error = fields.CharField(max_length=300, default="")
    retry_ms = fields.BigIntField(default=0)
    is_settled = fields.BooleanField(default=False)
    """The target holds what it should: nothing to do."""
    due_ms = fields.BigIntField(null=True)
    """When the clock changes its state next."""
    changed_ms = fields.BigIntField()

    class Meta:
        table = "kb_publication"
        indexes = (
            Index(fields=("article_id",)),
            Index(fields=("target_id", "is_settled")),
            Index(fields=("center_id", "is_settled")),
            Index(fields=("center_id", "due_ms")),
        )


class ArticleFile(Model):
    """A stored file of articles, named by its content."""

    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    name = fields.CharField(max_length=200)
    media_type = fields.CharField(max_length=100)
    size_bytes = fields.BigIntField()
    digest = fields.CharField(max_length=64)
    created_ms = fields.BigIntField()
    """When it was last uploaded."""
    is_held = fields.BooleanField(default=False)
    """Some version was found to hold it. False: to be looked at once it is old."""

    class Meta:
        table = "kb_file"
        indexes = (Index(fields=("is_held", "created_ms")),)


class Pin(Model):
    """An article a person put among a category's hot topics. Source: 3.2.2-16."""

    id = fields.CharField(max_length=150, primary_key=True)
    """`{category or "root"}:{article}`."""
    center_id = fields.CharField(max_length=64)
    category_id = fields.CharField(max_length=64, default="")
    article_id = fields.CharField(max_length=64)
    position = fields.IntField()
    ends_ms = fields.BigIntField(null=True)

    class Meta:
        table = "kb_pin"
        indexes = (Index(fields=("center_id", "category_id")),)


class View(Model):
    """Somebody read an article in some hour: counted once. Dropped when the hour is over."""

    id = fields.CharField(max_length=150, primary_key=True)
    """`{reader}:{article}:{hour}`."""
    at_ms = fields.BigIntField(db_index=True)

    class Meta:
        table = "kb_view"


class Rating(Model):
    """Whether an article helped somebody. The newest word of each reader counts."""

    id = fields.CharField(max_length=150, primary_key=True)
    """`{reader}:{article}`."""
    center_id = fields.CharField(max_length=64)
    article_id = fields.CharField(max_length=64)
    version = fields.IntField()
    is_helpful = fields.BooleanField()
    comment = fields.CharField(max_length=1000, default="")
    query_id = fields.CharField(max_length=64, default="")
    at_ms = fields.BigIntField()

    class Meta:
        table = "kb_rating"
        indexes = (Index(fields=("center_id", "article_id")), Index(fields=("center_id", "at_ms")))


class Question(Model):
    """Something that was asked and what came of it. Long numbers are masked before it is stored."""

    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    at_ms = fields.BigIntField()
    text = fields.CharField(max_length=300)
    lang = fields.CharField(max_length=10)
    place = fields.CharField(max_length=12)
    """Where it was asked: `help`, `widget`, `console`, `flow`, `api`."""
    tier = fields.CharField(max_length=64, default="")
    conversation_id = fields.CharField(max_length=64, default="")
    decision = fields.CharField(max_length=10)
    confidence = fields.FloatField()
    article_ids: list[str] = fields.JSONField(default=list)
    """What was shown, best first."""
    read_article_id = fields.CharField(max_length=64, default="")
    outcome = fields.CharField(max_length=12, default="")
    """`solved`, `unsolved`, `handed_over`, or empty when nobody said."""
    gap = fields.CharField(max_length=12, default="")
    """Its state in the editors' work list: `open`, `done`, `dismissed`, or empty when it is not in it."""
    handled_by = fields.CharField(max_length=64, default="")
    made_article_id = fields.CharField(max_length=64, default="")
    made_version = fields.IntField(null=True)
    """The draft it led to. Null: the article knew the question already."""

    class Meta:
        table = "kb_question"
        indexes = (Index(fields=("center_id", "at_ms")), Index(fields=("center_id", "gap", "at_ms")))


class KnowledgeStaff(Model):
    """Who may write and who may review. Administrators may both. Source: 3.2.2-13."""

    agent_id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64, db_index=True)
    is_editor = fields.BooleanField(default=False)
    is_reviewer = fields.BooleanField(default=False)

    class Meta:
        table = "kb_staff"
