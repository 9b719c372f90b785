"""What readers may find, in memory: never older than the database was when somebody asked."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from wecc.kernel.ids import CenterId
from wecc.knowledge.models import Article, Category, Change, KnowledgeBase, Publication, Target
from wecc.knowledge.readers import PUBLIC, keys_of
from wecc.knowledge.schemas import Audience, CategoryRef

_PAGE = 2000
_MANY = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A version of an article that targets show. Without its content: lists do not need it."""

    article_id: str
    version: int
    title: str
    lang: str
    audience: frozenset[str]
    file_ids: tuple[str, ...]
    published_ms: int
    external_id: str | None
    category_id: str
    targets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that is shown in a center as of `revision`, newest version of an article first."""

    revision: int
    articles: Mapping[str, Sequence[Shown]]
    targets: Mapping[str, frozenset[str]]
    """Keys that admit to a target."""
    categories: Mapping[str, Category]
    """Parents before children, in their order."""
    external_ids: Mapping[str, str]
    """Articles by their external ids."""
    holders: Mapping[str, Sequence[str]]
    """Articles by the files they hold."""
    _seen: dict[frozenset[str], dict[str, Shown]] = field(default_factory=dict)

    def targets_for(self, keys: frozenset[str]) -> frozenset[str]:
        return frozenset(target for target, admits in self.targets.items() if admits & keys)

    def find(self, keys: frozenset[str], article_id: str) -> Shown | None:
        """The newest version of an article that somebody with these keys may see."""
        versions = self.articles.get(article_id, ())
        return next((v for v in versions if v.audience & keys and self._is_admitted(v, keys)), None)

    def all(self, keys: frozenset[str]) -> Mapping[str, Shown]:
        """All that somebody with these keys may see."""
        if keys not in self._seen:
            found = ((i, self.find(keys, i)) for i in self.articles)
            self._seen[keys] = {i: shown for i, shown in found if shown is not None}
        return self._seen[keys]

    def is_restricted(self, article_id: str) -> bool:
        """Whether not everybody may see it."""
        return self.find(PUBLIC, article_id) is None

    def path(self, category_id: str) -> list[CategoryRef]:
        """From the root to the category."""
        here = self.categories.get(category_id)
        ids = here.path.strip("/").split("/") if here is not None else []
        found = (self.categories.get(i) for i in ids)
        return [CategoryRef(id=c.id, name_zh=c.name_zh, name_en=c.name_en) for c in found if c is not None]

    def is_below(self, category_id: str, ancestor_id: str) -> bool:
        here = self.categories.get(category_id)
        return here is not None and f"/{ancestor_id}/" in f"/{here.path}"

    def _is_admitted(self, shown: Shown, keys: frozenset[str]) -> bool:
        return any(self.targets.get(target, frozenset()) & keys for target in shown.targets)


class Shelves:
    """The shelf of each center. One instance a process."""

    def __init__(self) -> None:
        self._shelves: dict[CenterId, Shelf] = {}
        self._locks: defaultdict[CenterId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def open(self, center_id: CenterId, revision: int | None = None) -> Shelf:
        """As of now, or not older than a revision just read: what was withdrawn before is not on it."""
        if revision is None:
            revision = await revision_of(center_id)
        if (shelf := self._fresh(center_id, revision)) is not None:
            return shelf
        async with self._locks[center_id]:
            if (shelf := self._fresh(center_id, revision)) is not None:
                return shelf
            shelf = self._shelves[center_id] = await _renewed(center_id, self._shelves.get(center_id))
            return shelf

    def _fresh(self, center_id: CenterId, revision: int) -> Shelf | None:
        shelf = self._shelves.get(center_id)
        return shelf if shelf is not None and shelf.revision >= revision else None


async def revision_of(center_id: CenterId) -> int:
    """How often the center's knowledge base changed."""
    rows = await KnowledgeBase.filter(center_id=center_id).values_list("revision", flat=True)
    return int(str(rows[0])) if rows else 0


async def changed_since(center_id: CenterId, revision: int, until: int) -> set[str] | None:
    """Articles that changed in these revisions, an empty id standing for what belongs to none; None when that is
    not known any more."""
    changes = Change.filter(center_id=center_id, revision__gt=revision, revision__lte=until)
    ids = [str(i) for i in await changes.values_list("article_id", flat=True)]
    return set(ids) if len(ids) == until - revision else None


async def _renewed(center_id: CenterId, old: Shelf | None) -> Shelf:
    # First the number, then what it counts: what is read may be newer than it says, never older.
    revision = await revision_of(center_id)
    changed = await changed_since(center_id, old.revision, revision) if old is not None else None
    articles: dict[str, list[Shown]] = {}
    if old is not None and changed is not None:
        articles = {i: list(shown) for i, shown in old.articles.items() if i not in changed}
    async for shown in _shown(center_id, None if changed is None else changed - {""}):
        articles.setdefault(shown.article_id, []).append(shown)
    for versions in articles.values():
        versions.sort(key=lambda v: -v.version)
    targets = await Target.filter(center_id=center_id, is_enabled=True)
    admits = {t.id: keys_of(Audience.model_validate_json(t.audience)) for t in targets}
    external_ids: dict[str, str] = {}
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for article_id, versions in articles.items():
        if versions[0].external_id is not None:
            external_ids[versions[0].external_id] = article_id
        for file_id in {file_id for version in versions for file_id in version.file_ids}:
            holders[file_id].append(article_id)
    return Shelf(revision, articles, admits, await _categories(center_id), external_ids, holders)


async def _categories(center_id: CenterId) -> dict[str, Category]:
    rows = await Category.filter(center_id=center_id).order_by("position", "id")
    children: defaultdict[str, list[Category]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row)
    ordered: dict[str, Category] = {}
    waiting = list(reversed(children[""]))
    while waiting:
        row = waiting.pop()
        ordered[row.id] = row
        waiting.extend(reversed(children[row.id]))
    return ordered


async def _shown(center_id: CenterId, article_ids: set[str] | None) -> AsyncIterator[Shown]:
    fields = ("id", "article_id", "target_id", "visible_version", "shown")
    visible = Publication.filter(center_id=center_id, visible_version__not_isnull=True)
    if article_ids is not None:
        ids = sorted(article_ids)
        for start in range(0, len(ids), _MANY):
            some = visible.filter(article_id__in=ids[start : start + _MANY])
            for shown in await _joined(await some.values_list(*fields)):
                yield shown
        return
    last = ""
    while rows := await visible.filter(id__gt=last).order_by("id").limit(_PAGE).values_list(*fields):
        for shown in await _joined(rows):
            yield shown
        last = str(rows[-1][0])


async def _joined(rows: Sequence[tuple[object, ...]]) -> list[Shown]:
    """Publications that show something; those that show the same version as one."""
    held: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    facts = {}
    for _, article_id, target_id, version, shown in rows:
        key = (str(article_id), int(str(version)))
        held[key].add(str(target_id))
        facts[key] = str(shown)
    articles = {}
    ids = sorted({article_id for article_id, _ in held})
    for start in range(0, len(ids), _MANY):
        found = Article.filter(id__in=ids[start : start + _MANY])
        articles.update({i: rest for i, *rest in await found.values_list("id", "external_id", "category_id")})
    return [
        Shown(
            article_id=article_id,
            version=version,
            external_id=articles[article_id][0],
            category_id=articles[article_id][1],
            targets=frozenset(targets),
            **_facts(facts[article_id, version]),
        )
        for (article_id, version), targets in held.items()
        if article_id in articles
    ]


def _facts(stored: str) -> dict[str, Any]:
    """As `publishing.shown_facts` keeps them."""
    facts: dict[str, Any] = orjson.loads(stored)
    return facts | {"audience": frozenset(facts["audience"]), "file_ids": tuple(facts["file_ids"])}
