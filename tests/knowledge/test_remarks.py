"""Editors read what readers missed in an article. Source: 3.2.2-10."""

from __future__ import annotations

import pytest

from tests.knowledge.conftest import EDITOR, GD, READER, STRANGER, World
from wecc.kernel.errors import Forbidden
from wecc.knowledge.learning.remarks import Remarks
from wecc.knowledge.models import Rating
from wecc.knowledge.schemas import FindRemarks, Publish, Remark, RemarkList

_NINETY_DAYS_MS = 90 * 86_400_000


async def live(world: World, title: str) -> str:
    article = await world.approve(await world.write(title))
    await world.kb.publishing.publish(EDITOR, article.article.id, Publish(version=1))
    await world.show()
    return article.article.id


async def says(world: World, who: str, article_id: str, comment: str) -> None:
    world.clock.advance(1)
    await Rating.create(
        id=f"{who}:{article_id}",
        center_id=GD,
        article_id=article_id,
        version=1,
        is_helpful=False,
        comment=comment,
        at_ms=world.clock.now_ms(),
    )


async def read(world: World, **find: int) -> list[Remark]:
    return (await Remarks(world.kb.rights, world.clock).read(EDITOR, FindRemarks(**find))).remarks


async def test_what_readers_missed_is_read_newest_first(world: World) -> None:
    first, second = await live(world, "如何查询话费"), await live(world, "如何办理副卡")
    await says(world, "v1", first, "没写多少钱")
    await says(world, "v2", second, "没写要带什么证件")
    await says(world, "v3", first, "")
    remarks = await read(world)
    assert [(one.article_id, one.text) for one in remarks] == [
        (second, "没写要带什么证件"),
        (first, "没写多少钱"),
    ]
    assert [one.title for one in await read(world, offset=1, limit=1)] == ["如何查询话费"]


async def test_a_remark_says_when_readers_see_a_newer_version(world: World) -> None:
    article_id = await live(world, "如何查询话费")
    await says(world, "v1", article_id, "没写多少钱")
    newer = await world.approve(await world.save(await world.see(article_id), "如何查询话费（含资费）"))
    assert [one.is_changed_since for one in await read(world)] == [False]
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=newer.article.newest_version))
    await world.show()
    assert [one.is_changed_since for one in await read(world)] == [True]


async def test_old_remarks_and_those_of_deleted_articles_are_gone(world: World) -> None:
    kept, deleted = await live(world, "如何查询话费"), await live(world, "如何办理副卡")
    await says(world, "v1", kept, "太旧")
    world.clock.advance(_NINETY_DAYS_MS / 1000 + 1)
    await says(world, "v2", kept, "没写多少钱")
    await says(world, "v3", deleted, "没用")
    await world.kb.articles.delete(EDITOR, deleted)
    assert [one.text for one in await read(world)] == ["没写多少钱"]


async def test_only_who_sees_the_desk_reads_them(world: World) -> None:
    await says(world, "v1", await live(world, "如何查询话费"), "没写多少钱")
    remarks = Remarks(world.kb.rights, world.clock)
    with pytest.raises(Forbidden):
        await remarks.read(READER, FindRemarks())
    assert await remarks.read(STRANGER, FindRemarks()) == RemarkList(remarks=[], total=0)  # another center's
