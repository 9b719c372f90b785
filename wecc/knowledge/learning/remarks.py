"""What readers wrote about articles that did not help them. Source: 3.2.2-10."""

from __future__ import annotations

from tortoise.expressions import Subquery

from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.knowledge import schemas as s
from wecc.knowledge.models import Article, Publication, Rating
from wecc.knowledge.rights import Rights

_DAYS_MS = 90 * 86_400_000


class Remarks:
    """What editors may read of it."""

    def __init__(self, rights: Rights, clock: Clock) -> None:
        self._rights = rights
        self._clock = clock

    async def read(self, actor: Actor, find: s.FindRemarks) -> s.RemarkList:
        """Those of the last ninety days about articles that are still there, newest first. Raises: Forbidden."""
        await self._rights.viewer(actor)
        kept = Article.filter(center_id=actor.center_id, deleted_ms=None)
        said = Rating.filter(
            center_id=actor.center_id,
            at_ms__gt=self._clock.now_ms() - _DAYS_MS,
            article_id__in=Subquery(kept.values("id")),
        ).exclude(comment="")
        page = await said.order_by("-at_ms", "-id").offset(find.offset).limit(find.limit)
        ids = {row.article_id for row in page}
        titles = dict(await Article.filter(id__in=ids).values_list("id", "title"))
        shown = Publication.filter(article_id__in=ids).exclude(visible_version=None)
        live: dict[str, int] = {}
        for article_id, version in await shown.values_list("article_id", "visible_version"):
            live[article_id] = max(version, live.get(article_id, 0))
        return s.RemarkList(
            remarks=[
                s.Remark(
                    article_id=row.article_id,
                    title=titles[row.article_id],
                    text=row.comment,
                    at_ms=row.at_ms,
                    is_changed_since=live.get(row.article_id, 0) > row.version,
                )
                for row in page
            ],
            total=await said.count(),
        )
