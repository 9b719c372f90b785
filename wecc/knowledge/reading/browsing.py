"""Browsing and reading: each within what he may see, as of now. Source: 3.2.2-02 … 09, 3.3.1-05."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from wecc.identity import Identity
from wecc.infra.ratelimit import Buckets
from wecc.kernel.clock import Clock
from wecc.kernel.errors import NotFound, TooMany
from wecc.knowledge import schemas as s
from wecc.knowledge.files import ArticleFiles, StoredFile
from wecc.knowledge.models import ArticleFile, ArticleVersion, Question, Rating
from wecc.knowledge.readers import Reader
from wecc.knowledge.reading.asking import masked
from wecc.knowledge.reading.hot import Hot, hottest
from wecc.knowledge.shelf import Shelf, Shelves, Shown

_RELATED = 5
_RATINGS_PER_MINUTE = 60
"""Of one reader, or of a neighbourhood that does not say who it is; each is a transaction."""


class Reading:
    """Use cases of readers. What one may not see does not exist for him."""

    def __init__(
        self, identity: Identity, shelves: Shelves, hot: Hot, files: ArticleFiles, clock: Clock
    ) -> None:
        self._identity = identity
        self._shelves = shelves
        self._hot = hot
        self._files = files
        self._clock = clock
        self._ratings = Buckets(clock, _RATINGS_PER_MINUTE / 60, _RATINGS_PER_MINUTE)

    async def tree(self, reader: Reader) -> s.Tree:
        """The categories that hold something for him, and how much."""
        center = await self._identity.center(reader.center_id)
        shelf = await self._shelves.open(reader.center_id)
        counts: Counter[str] = Counter()
        shown = shelf.all(reader.keys)
        for category_id, number in Counter(one.category_id for one in shown.values()).items():
            for ref in shelf.path(category_id):
                counts[ref.id] += number
        nodes = [
            s.CategoryNode(
                id=c.id, parent_id=c.parent_id, name_zh=c.name_zh, name_en=c.name_en, articles=counts[c.id]
            )
            for c in shelf.categories.values()
            if counts[c.id]
        ]
        return s.Tree(
            center_id=center.id,
            name_zh=center.name_zh,
            name_en=center.name_en,
            categories=nodes,
            articles=len(shown),
        )

    async def browse(self, reader: Reader, browse: s.Browse) -> s.CategoryArticles:
        """Articles of a category and all below it, the newest first; those in the reader's language before."""
        shelf = await self._shelves.open(reader.center_id)
        found: Iterable[Shown] = shelf.all(reader.keys).values()
        if browse.category is not None:
            found = [one for one in found if shelf.is_below(one.category_id, browse.category)]
        ranked = sorted(
            found, key=lambda one: (one.lang != (browse.lang or one.lang), -one.published_ms, one.article_id)
        )
        page = ranked[browse.offset : browse.offset + browse.limit]
        return s.CategoryArticles(articles=[related(shelf, one) for one in page], total=len(ranked))

    async def article(self, reader: Reader, article_id: str) -> s.KbArticle:
        """By its id or its external id. Raises: NotFound, also for what he may not see."""
        shelf = await self._shelves.open(reader.center_id)
        shown = shelf.find(reader.keys, shelf.external_ids.get(article_id, article_id))
        if shown is None:
            raise NotFound
        article_id = shown.article_id
        version = await ArticleVersion.get(article_id=article_id, version=shown.version)
        content = s.Content.model_validate_json(version.content)
        # What a neighbour said is not his own word.
        said = Rating.get_or_none(id=f"{reader.id}:{article_id}", version=shown.version)
        rating = None if reader.is_shared else await said
        ids = content.file_ids
        files = {row.id: row for row in await ArticleFile.filter(id__in=ids)} if ids else {}
        return s.KbArticle(
            id=article_id,
            external_id=shown.external_id,
            version=shown.version,
            title=content.title,
            alternatives=content.alternatives,
            body=content.body,
            lang=content.lang,
            category=shelf.path(shown.category_id),
            files=[_file(files[i]) for i in content.file_ids if i in files],
            related=await self._related(reader, shelf, shown),
            published_ms=shown.published_ms,
            valid_until_ms=content.valid_until_ms,
            is_restricted=shelf.is_restricted(article_id),
            my_rating=rating.is_helpful if rating is not None else None,
            is_commented=rating is not None and bool(rating.comment),
        )

    async def file(self, reader: Reader, file_id: str) -> StoredFile:
        """A file of an article that he may read. Raises: NotFound."""
        shelf = await self._shelves.open(reader.center_id)
        holders = shelf.holders.get(file_id, ())
        seen = (shelf.find(reader.keys, article_id) for article_id in holders)
        if not any(shown is not None and file_id in shown.file_ids for shown in seen):
            raise NotFound
        return await self._files.stored(reader.center_id, file_id)

    async def view(self, reader: Reader, article_id: str, cmd: s.ViewArticle) -> None:
        """Count that he opened it, and which question led to it. Raises: NotFound."""
        await self._seen(reader, article_id)
        self._hot.opened(reader, article_id)
        if cmd.question_id:
            asked = Question.filter(id=cmd.question_id, center_id=reader.center_id)
            await asked.update(read_article_id=article_id)

    async def rate(self, reader: Reader, article_id: str, cmd: s.RateArticle) -> int:
        """Keep whether it helped him; his newest word counts. Returns the version he read.

        Raises: NotFound, TooMany.
        """
        shown = await self._seen(reader, article_id)
        if wait_s := self._ratings.take(f"{reader.center_id} {reader.id}"):
            raise TooMany(retry_after_s=round(wait_s, 1))
        await Rating.update_or_create(
            id=f"{reader.id}:{article_id}",
            defaults={
                "center_id": reader.center_id,
                "article_id": article_id,
                "version": shown.version,
                "is_helpful": cmd.is_helpful,
                "comment": masked(cmd.comment),
                "query_id": cmd.question_id,
                "at_ms": self._clock.now_ms(),
            },
        )
        if cmd.question_id:
            asked = Question.filter(id=cmd.question_id, center_id=reader.center_id)
            if cmd.is_helpful:
                await asked.update(outcome="solved")
            else:
                await asked.update(outcome="unsolved")
                await asked.filter(gap="").update(gap="open")
        return shown.version

    async def _seen(self, reader: Reader, article_id: str) -> Shown:
        shown = (await self._shelves.open(reader.center_id)).find(reader.keys, article_id)
        if shown is None:
            raise NotFound
        return shown

    async def _related(self, reader: Reader, shelf: Shelf, shown: Shown) -> list[s.RelatedArticle]:
        """Others of its category, in its language first, the hottest first."""
        heats = await self._hot.heats(reader.center_id)
        seen = shelf.all(reader.keys)
        others = [i for i in hottest(shelf, reader.keys, shown.category_id, heats) if i != shown.article_id]
        others.sort(key=lambda i: seen[i].lang != shown.lang)
        return [related(shelf, seen[i]) for i in others[:_RELATED]]


def related(shelf: Shelf, shown: Shown) -> s.RelatedArticle:
    return s.RelatedArticle(
        id=shown.article_id,
        title=shown.title,
        lang=shown.lang,
        is_restricted=shelf.is_restricted(shown.article_id),
    )


def _file(row: ArticleFile) -> s.DocumentFile:
    return s.DocumentFile(id=row.id, name=row.name, media_type=row.media_type, size_bytes=row.size_bytes)
