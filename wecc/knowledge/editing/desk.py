"""What the desk shows: lists of articles, an article with its versions, reviews and publications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, cast

import orjson
from tortoise.expressions import Q, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from wecc.identity import AgentRef, Identity
from wecc.kernel.actor import Actor
from wecc.kernel.errors import NotFound
from wecc.knowledge import schemas as s
from wecc.knowledge.domain import common_targets
from wecc.knowledge.editing.categories import CategoryTree
from wecc.knowledge.editing.reviewing import opinions_of, word_of
from wecc.knowledge.files import file_view
from wecc.knowledge.models import Article, ArticleFile, ArticleVersion, Opinion, Publication
from wecc.knowledge.readers import GroupsOf
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas.desk import Stage

_MAX_VERSIONS = 200

Scope = Literal[
    "all", "mine", "to_review", "draft", "in_review", "approved", "published", "offline", "failing", "bin"
]
State = Literal["scheduled", "live", "suspended", "withdrawn"]
Verdict = Literal["", "approve", "changes"]

_STAGES: dict[str, tuple[str, ...]] = {
    "draft": ("draft", "changes_asked"),
    "in_review": ("in_review",),
    "approved": ("approved",),
    "offline": ("suspended", "withdrawn", "archived", "superseded"),
}


class Desk:
    """Reads for editors, reviewers and whoever supervises them. Each raises Forbidden to others."""

    def __init__(self, identity: Identity, rights: Rights, groups_of: GroupsOf) -> None:
        self._identity = identity
        self._rights = rights
        self._groups_of = groups_of

    async def standing(self, actor: Actor) -> s.KnowledgeStanding:
        """What he may do, and how many articles wait for his word."""
        rights = await self._rights.of(actor)
        to_review = await (await self._in_scope(actor, "to_review")).count() if rights.is_reviewer else 0
        return s.KnowledgeStanding(**rights.model_dump(), to_review=to_review)

    async def groups(self, actor: Actor) -> s.AgentGroupList:
        """The agent groups that articles and targets may be meant for."""
        await self._rights.viewer(actor)
        return s.AgentGroupList(groups=list((await self._groups_of(actor.center_id)).values()))

    async def articles(self, actor: Actor, find: s.FindArticles) -> s.ArticleList:
        """A page of what a scope, words of the title and a category leave, newest change first."""
        await self._rights.viewer(actor)
        tree = await CategoryTree.load(actor.center_id)
        found = await self._in_scope(actor, find.scope)
        if find.category is not None:
            below = [row.id for row in tree.below(find.category)] if find.category in tree else []
            found = found.filter(category_id__in=below)
        for word in find.q.split():
            found = found.filter(
                Q(title__icontains=word) | Q(external_id__icontains=word) | Q(id__icontains=word)
            )
        page = await found.order_by("-changed_ms", "-id").offset(find.offset).limit(find.limit)
        return s.ArticleList(
            articles=await self._rows(actor, tree, page),
            total=await found.count(),
            counts=await self._counts(actor),
        )

    async def article(self, actor: Actor, article_id: str) -> s.ArticleDetail:
        """Raises: Forbidden, NotFound."""
        await self._rights.viewer(actor)
        article = await Article.get_or_none(id=article_id, center_id=actor.center_id)
        if article is None:
            raise NotFound
        tree = await CategoryTree.load(actor.center_id)
        names = await self._identity.agent_names(actor.center_id)
        summary = ArticleVersion.filter(article_id=article.id).order_by("-version").limit(_MAX_VERSIONS)
        versions = await summary.values_list("version", "stage", "content", "author_id", "at_ms", "comment")
        publications = await Publication.filter(article_id=article.id).order_by("target_id")
        opinions = await opinions_of(article.id, article.newest_version)
        row = (await self._rows(actor, tree, [article]))[0]
        return s.ArticleDetail(
            article=row,
            newest=await self.version(actor, article_id, article.newest_version),
            approved_target_ids=sorted(common_targets(map(word_of, opinions)) or ()),
            versions=[
                s.VersionRow(
                    version=version,
                    stage=stage,
                    title=orjson.loads(content)["title"],
                    author=_ref(names, author_id),
                    at_ms=at_ms,
                    comment=comment,
                )
                for version, stage, content, author_id, at_ms, comment in versions
            ],
            publications=[_publication_view(one) for one in publications],
        )

    async def version(self, actor: Actor, article_id: str, number: int) -> s.VersionView:
        """What it said and what was said about it. Raises: Forbidden, NotFound."""
        await self._rights.viewer(actor)
        row = await ArticleVersion.get_or_none(
            article_id=article_id, version=number, center_id=actor.center_id
        )
        if row is None:
            raise NotFound
        names = await self._identity.agent_names(actor.center_id)
        content = s.Content.model_validate_json(row.content)
        files = {file.id: file for file in await ArticleFile.filter(id__in=content.file_ids)}
        return s.VersionView(
            version=row.version,
            stage=cast("Stage", row.stage),
            content=content,
            files=[file_view(files[i]) for i in content.file_ids if i in files],
            author=_ref(names, row.author_id),
            at_ms=row.at_ms,
            comment=row.comment,
            opinions=[
                s.OpinionView(
                    reviewer=_ref(names, one.reviewer_id),
                    verdict=cast("Verdict", one.verdict),
                    target_ids=one.target_ids,
                    text=one.text,
                    asked_ms=one.asked_ms,
                    at_ms=one.at_ms,
                )
                for one in await opinions_of(article_id, number)
            ],
        )

    async def _in_scope(self, actor: Actor, scope: Scope) -> QuerySet[Article]:
        every = Article.filter(center_id=actor.center_id)
        if scope == "bin":
            return every.filter(deleted_ms__not_isnull=True)
        kept = every.filter(deleted_ms=None)
        of_center = Publication.filter(center_id=actor.center_id)
        match scope:
            case "mine":
                return kept.filter(changed_by=actor.id)
            case "to_review":
                mine = Opinion.filter(reviewer_id=actor.id, verdict="", center_id=actor.center_id)
                return kept.filter(stage="in_review", id__in=Subquery(mine.values("article_id")))
            case "published":
                live = of_center.filter(state__in=["live", "scheduled"])
                return kept.filter(id__in=Subquery(live.values("article_id")))
            case "failing":
                failing = of_center.filter(is_settled=False).exclude(error="")
                return kept.filter(id__in=Subquery(failing.values("article_id")))
            case "all":
                return kept
            case _:
                return kept.filter(stage__in=_STAGES[scope])

    async def _counts(self, actor: Actor) -> s.ArticleCounts:
        kept = Article.filter(center_id=actor.center_id, deleted_ms=None).group_by("stage")
        stages = dict(await kept.annotate(count=Count("id")).values_list("stage", "count"))
        counts = {scope: sum(stages.get(stage, 0) for stage in _STAGES[scope]) for scope in _STAGES}
        counts["all"] = sum(stages.values())
        for scope in ("mine", "to_review", "published", "failing", "bin"):
            counts[scope] = await (await self._in_scope(actor, scope)).count()
        return s.ArticleCounts(**counts)

    async def _rows(
        self, actor: Actor, tree: CategoryTree, articles: Sequence[Article]
    ) -> list[s.ArticleRow]:
        names = await self._identity.agent_names(actor.center_id)
        rows = await Publication.filter(article_id__in=[a.id for a in articles]).only(
            "article_id", "visible_version", "error", "is_settled"
        )
        by_article: dict[str, list[Publication]] = {a.id: [] for a in articles}
        for row in rows:
            by_article[row.article_id].append(row)
        return [_row(article, tree, names, by_article[article.id]) for article in articles]


def _row(
    article: Article, tree: CategoryTree, names: dict[str, str], publications: Iterable[Publication]
) -> s.ArticleRow:
    shown = [p.visible_version for p in publications if p.visible_version is not None]
    return s.ArticleRow(
        id=article.id,
        external_id=article.external_id,
        title=article.title,
        lang=article.lang,
        category=tree.path_of(article.category_id),
        stage=cast("Stage", article.stage),
        newest_version=article.newest_version,
        visible_version=max(shown, default=None),
        changed_ms=article.changed_ms,
        changed_by=_ref(names, article.changed_by),
        deleted_ms=article.deleted_ms,
        has_error=any(p.error and not p.is_settled for p in publications),
    )


def _publication_view(row: Publication) -> s.PublicationView:
    return s.PublicationView(
        target_id=row.target_id,
        state=cast("State", row.state),
        version=row.version,
        visible_version=row.visible_version,
        starts_ms=row.starts_ms,
        until_ms=row.until_ms,
        ends_ms=row.ends_ms,
        is_settled=row.is_settled,
        error=row.error,
    )


def _ref(names: dict[str, str], agent_id: str) -> AgentRef:
    return AgentRef(id=agent_id, name=names.get(agent_id, agent_id))
