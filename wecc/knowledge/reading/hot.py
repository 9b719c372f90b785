"""Hot topics: what people pinned, then what different readers opened of late. Source: 3.2.2-15 … 17."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from wecc.infra import db
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.kernel.errors import NotFound
from wecc.kernel.ids import CenterId
from wecc.knowledge import schemas as s
from wecc.knowledge.behind import WriteBehind
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import Article, Category, Pin, View
from wecc.knowledge.readers import Reader
from wecc.knowledge.rights import Rights
from wecc.knowledge.shelf import Shelf, Shelves

HALF_LIFE_MS = 7 * 24 * 3_600_000
_HOUR_MS = 3_600_000
_TOPICS = 10
_FRESH_S = 5.0
_MANY = 2000


@dataclass(frozen=True, slots=True)
class Opened:
    """A reader opened an article."""

    reader_id: str
    article_id: str
    at_ms: int

    @property
    def key(self) -> str:
        return f"{self.reader_id}:{self.article_id}:{self.at_ms // _HOUR_MS}"


class Hot:
    """What is hot in a center, for whoever asks: only what he may see."""

    def __init__(self, shelves: Shelves, rights: Rights, journal: Journal, clock: Clock) -> None:
        self._shelves = shelves
        self._rights = rights
        self._journal = journal
        self._clock = clock
        self._heats: dict[CenterId, tuple[float, dict[str, float]]] = {}
        self.views: WriteBehind[Opened] = WriteBehind("views", self._count)

    def opened(self, reader: Reader, article_id: str) -> None:
        """Count a click: one for each reader, article and hour."""
        self.views.put(Opened(reader.id, article_id, self._clock.now_ms()))

    async def topics(self, reader: Reader, category_id: str = "", lang: str = "") -> s.HotList:
        """Of a category and all below it; of everything without one. In `lang` where there are any."""
        shelf = await self._shelves.open(reader.center_id)
        now_ms = self._clock.now_ms()
        pins = await Pin.filter(center_id=reader.center_id, category_id=category_id).order_by("position")
        pinned = [pin.article_id for pin in pins if pin.ends_ms is None or pin.ends_ms > now_ms]
        heats = await self.heats(reader.center_id)
        ranked = sorted((i for i in heats if i not in pinned), key=lambda i: (-heats[i], i))
        seen = shelf.all(reader.keys)
        found = [seen[i] for i in (*pinned, *ranked) if i in seen]
        if category_id:
            found = [one for one in found if shelf.is_below(one.category_id, category_id)]
        found = [one for one in found if one.lang == lang] or found
        return s.HotList(
            topics=[
                s.HotTopic(article_id=one.article_id, title=one.title, is_pinned=one.article_id in pinned)
                for one in found[:_TOPICS]
            ]
        )

    async def heats(self, center_id: CenterId) -> dict[str, float]:
        """How hot the hottest are, by article, on a scale that time does not change; seconds old at most."""
        now_s = self._clock.monotonic_s()
        known_s, known = self._heats.get(center_id, (0.0, None))
        if known is not None and now_s - known_s < _FRESH_S:
            return known
        rows = Article.filter(center_id=center_id, heat__gt=0).order_by("-heat_ms").limit(_MANY)
        # Halving every week is a straight line once logarithms are taken.
        heats = {
            str(i): math.log2(float(heat)) + int(at_ms) / HALF_LIFE_MS
            for i, heat, at_ms in await rows.values_list("id", "heat", "heat_ms")
        }
        self._heats[center_id] = (now_s, heats)
        return heats

    # ------------------------------------------------------------------ pins

    async def pins(self, actor: Actor, category_id: str) -> s.SetPins:
        """Those of a category that have not ended. Raises: Forbidden."""
        await self._rights.viewer(actor)
        now_ms = self._clock.now_ms()
        rows = await Pin.filter(center_id=actor.center_id, category_id=category_id).order_by("position")
        titles = dict(
            await Article.filter(id__in=[row.article_id for row in rows]).values_list("id", "title")
        )
        pins = [
            s.PinView(article_id=row.article_id, title=str(titles[row.article_id]), ends_ms=row.ends_ms)
            for row in rows
            if row.article_id in titles and (row.ends_ms is None or row.ends_ms > now_ms)
        ]
        return s.SetPins(category_id=category_id, pins=pins)

    async def set_pins(self, actor: Actor, cmd: s.SetPins) -> s.SetPins:
        """Raises: Forbidden, NotFound."""
        await self._rights.publisher(actor)
        pins = list({pin.article_id: pin for pin in cmd.pins}.values())
        async with self._journal.operation(actor) as op:
            title = ""
            if cmd.category_id:
                category = await Category.get_or_none(id=cmd.category_id, center_id=op.center_id)
                if category is None:
                    raise NotFound
                title = category.name_zh
            ids = [pin.article_id for pin in pins]
            old = Pin.filter(center_id=op.center_id, category_id=cmd.category_id)
            before = [str(i) for i in await old.order_by("position").values_list("article_id", flat=True)]
            known = Article.filter(id__in=[*before, *ids], center_id=op.center_id)
            titles = {str(i): str(name) for i, name in await known.values_list("id", "title")}
            if not titles.keys() >= set(ids):
                raise NotFound
            await old.delete()
            await Pin.bulk_create(
                Pin(
                    id=f"{cmd.category_id or f'root-{op.center_id}'}:{pin.article_id}",
                    center_id=op.center_id,
                    category_id=cmd.category_id,
                    article_id=pin.article_id,
                    position=position,
                    ends_ms=pin.ends_ms,
                )
                for position, pin in enumerate(pins)
            )
            op.did(
                "pins_set",
                cmd.category_id,
                title=title,
                before=[titles.get(i, i) for i in before],
                after=[titles[i] for i in ids],
            )
        return await self.pins(actor, cmd.category_id)

    # ------------------------------------------------------------------ counting

    async def _count(self, opened: list[Opened]) -> None:
        new = {one.key: one for one in opened}
        async with db.transaction():
            known = await View.filter(id__in=list(new)).values_list("id", flat=True)
            for key in known:
                del new[str(key)]
            if not new:
                return
            views = [View(id=key, at_ms=one.at_ms) for key, one in new.items()]
            await View.bulk_create(views, ignore_conflicts=True)
            clicks = Counter(one.article_id for one in new.values())
            now_ms = self._clock.now_ms()
            # In one order, so that two workers never wait for each other's rows.
            for article in await Article.filter(id__in=sorted(clicks)).order_by("id").select_for_update():
                kept = article.heat * 2 ** (-(now_ms - article.heat_ms) / HALF_LIFE_MS)
                heat = kept + clicks[article.id]
                await Article.filter(id=article.id).update(heat=heat, heat_ms=now_ms)

    async def tidy(self) -> None:
        """Forget who opened what once the hour is over; a periodic job."""
        await View.filter(at_ms__lt=self._clock.now_ms() - _HOUR_MS).delete()


def hottest(shelf: Shelf, keys: frozenset[str], category_id: str, heats: dict[str, float]) -> list[str]:
    """Articles of exactly this category that somebody may see, hottest first."""
    ids = [i for i, shown in shelf.all(keys).items() if shown.category_id == category_id]
    return sorted(ids, key=lambda i: (-heats.get(i, 0.0), i))
