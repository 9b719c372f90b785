"""What the index holds: every version that some target shows, read from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import orjson

from wecc.infra.markdown import plain_text
from wecc.kernel.ids import CenterId
from wecc.knowledge.models import Article, ArticleVersion, Category, KnowledgeBase, Publication
from wecc.knowledge.readers import keys_of
from wecc.knowledge.schemas import Content
from wecc.knowledge.search import Document, Vocabulary

_PAGE = 500


async def documents(center_id: CenterId, article_ids: Sequence[str] | None = None) -> list[Document]:
    """Of these articles, or of all."""
    paths = dict(await Category.filter(center_id=center_id).values_list("id", "path"))
    if article_ids is None:
        ids = (
            await Article.filter(center_id=center_id, deleted_ms=None)
            .order_by("id")
            .values_list("id", flat=True)
        )
        article_ids = [str(i) for i in ids]
    found = []
    for start in range(0, len(article_ids), _PAGE):
        found += await _page(article_ids[start : start + _PAGE], {str(i): str(p) for i, p in paths.items()})
    return found


async def shown_ids(center_id: CenterId) -> set[str]:
    """Of the articles that some target shows."""
    visible = Publication.filter(center_id=center_id, visible_version__not_isnull=True)
    return {str(i) for i in await visible.values_list("article_id", flat=True)}


async def vocabulary(center_id: CenterId) -> tuple[Vocabulary, int]:
    """The words staff have written down, and their version."""
    base = await KnowledgeBase.get_or_none(center_id=center_id)
    if base is None or base.vocabulary_version == 0:
        return Vocabulary(), 0
    said = orjson.loads(base.vocabulary)
    rows = tuple(tuple(row) for row in said["synonyms"])
    return Vocabulary(synonyms=rows, words=tuple(said["words"])), base.vocabulary_version


async def _page(article_ids: Sequence[str], paths: dict[str, str]) -> list[Document]:
    visible = Publication.filter(article_id__in=list(article_ids), visible_version__not_isnull=True)
    targets: defaultdict[str, set[str]] = defaultdict(set)
    for article_id, version, target in await visible.values_list(
        "article_id", "visible_version", "target_id"
    ):
        targets[f"{article_id}@{version}"].add(str(target))
    versions = await ArticleVersion.filter(id__in=list(targets)).order_by("id")
    articles = Article.filter(id__in=[version.article_id for version in versions])
    categories = dict(await articles.values_list("id", "category_id"))
    return [
        _document(version, targets[version.id], paths.get(str(categories[version.article_id]), ""))
        for version in versions
        if version.article_id in categories
    ]


def _document(version: ArticleVersion, targets: set[str], path: str) -> Document:
    content = Content.model_validate_json(version.content)
    return Document(
        article_id=version.article_id,
        version=version.version,
        title=content.title,
        alternatives=tuple(content.alternatives),
        body=plain_text(content.body),
        lang=content.lang,
        category_ids=tuple(part for part in path.split("/") if part),
        targets=frozenset(targets),
        audience=keys_of(content.audience),
    )
