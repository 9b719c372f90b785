"""The tree of categories, changed by several people at once. Source: 3.2.2-09; issue "Bad input"."""

from __future__ import annotations

import asyncio

import pytest

from tests.knowledge.conftest import EDITOR, INSIDE, READER, SECOND_EDITOR, STRANGER, SUPERVISOR, World
from wecc.kernel.errors import Forbidden, NotFound
from wecc.knowledge.domain import CategoryCycle, CategoryExists, CategoryNotEmpty
from wecc.knowledge.models import Category, Change
from wecc.knowledge.schemas import CategoryText, MoveArticle, MoveCategory, Publish


async def tree(world: World) -> dict[str, str]:
    """Each category's path of names, in order."""
    listed = (await world.kb.categories.all(SUPERVISOR)).categories
    names: dict[str, str] = {"": ""}
    for one in listed:
        assert one.parent_id in names, "parents stand before children"
        names[one.id] = f"{names[one.parent_id]}/{one.name_zh}"
    return {path: i for i, path in names.items() if i}


async def check(world: World) -> None:
    """Paths, parents and positions agree."""
    rows = {row.id: row for row in await Category.filter(center_id="gd")}
    for row in rows.values():
        parent_path = rows[row.parent_id].path if row.parent_id else ""
        assert row.path == f"{parent_path}{row.id}/"
    for parent_id in {row.parent_id for row in rows.values()}:
        places = sorted(row.position for row in rows.values() if row.parent_id == parent_id)
        assert places == list(range(len(places)))


async def move(world: World, category_id: str, parent_id: str = "", position: int = 0) -> None:
    cmd = MoveCategory(parent_id=parent_id, position=position)
    await world.kb.categories.move(EDITOR, category_id, cmd)
    await check(world)


async def test_a_category_moves_with_all_below_it(world: World) -> None:
    root = world.category_id
    a = await world.add_category("A", root)
    b = await world.add_category("B", a)
    c = await world.add_category("C", b)
    other = await world.add_category("其他")
    article = await world.write()
    await world.kb.articles.move(EDITOR, article.article.id, MoveArticle(category_id=c))
    before = await Change.filter(article_id=article.article.id).count()
    await move(world, a, other)
    assert list(await tree(world)) == ["/资费", "/其他", "/其他/A", "/其他/A/B", "/其他/A/B/C"]
    assert await Change.filter(article_id=article.article.id).count() == before + 1, "the index looks again"
    moved = await world.see(article.article.id)
    assert [ref.name_zh for ref in moved.article.category] == ["其他", "A", "B", "C"]
    for inside in (a, b, c):
        with pytest.raises(CategoryCycle):
            await move(world, a, inside)
    await check(world)


async def test_siblings_keep_dense_places(world: World) -> None:
    ids = [await world.add_category(name) for name in "ABCD"]
    await move(world, ids[3], "", 1)
    assert list(await tree(world)) == ["/资费", "/D", "/A", "/B", "/C"]
    await move(world, ids[3], "", 1)
    await move(world, ids[0], "", 10_000)
    assert list(await tree(world)) == ["/资费", "/D", "/B", "/C", "/A"]
    await world.kb.categories.delete(EDITOR, ids[1])
    await check(world)


async def test_it_is_as_deep_as_one_likes(world: World) -> None:
    deepest = world.category_id
    for depth in range(40):
        deepest = await world.add_category(f"层 {depth}", deepest)
    await check(world)
    listed = (await world.kb.categories.all(SUPERVISOR)).categories
    article = await world.write()
    await world.kb.articles.move(EDITOR, article.article.id, MoveArticle(category_id=deepest))
    assert len((await world.see(article.article.id)).article.category) == 41
    counted = (await world.kb.categories.all(SUPERVISOR)).categories
    assert {one.articles for one in counted} == {1}, "it counts for all above it"
    assert len(listed) == 41


async def test_two_moves_at_once_never_make_a_cycle(world: World) -> None:
    a, b = await world.add_category("A"), await world.add_category("B")
    fates: list[str] = []

    async def swap(moved: str, parent: str) -> None:
        try:
            cmd = MoveCategory(parent_id=parent)
            await world.kb.categories.move(EDITOR if moved == a else SECOND_EDITOR, moved, cmd)
            fates.append("moved")
        except CategoryCycle:
            fates.append("refused")

    for _ in range(5):
        fates.clear()
        async with asyncio.TaskGroup() as group:
            group.create_task(swap(a, b))
            group.create_task(swap(b, a))
        assert sorted(fates) == ["moved", "refused"]
        await check(world)
        for one in (a, b):
            await move(world, one)


async def test_names_are_told_apart_in_one_place(world: World) -> None:
    a = await world.add_category("A", world.category_id)
    with pytest.raises(CategoryExists) as exists:
        await world.add_category("a", world.category_id)
    assert exists.value.data == {"category_id": a}
    top = await world.add_category("A")
    for refused in (
        world.kb.categories.move(EDITOR, top, MoveCategory(parent_id=world.category_id)),
        world.kb.categories.rename(EDITOR, top, CategoryText(name_zh="资费")),
    ):
        with pytest.raises(CategoryExists):
            await refused
    await world.kb.categories.rename(EDITOR, top, CategoryText(name_zh="A", name_en="Letters"))
    listed = (await world.kb.categories.all(SUPERVISOR)).categories
    assert next(one.name_en for one in listed if one.id == top) == "Letters"


async def test_only_an_empty_category_is_deleted(world: World) -> None:
    a = await world.add_category("A", world.category_id)
    article = await world.write()
    with pytest.raises(CategoryNotEmpty) as full:
        await world.kb.categories.delete(EDITOR, world.category_id)
    assert full.value.data == {"categories": 1, "articles": 1}
    await world.kb.categories.delete(EDITOR, a)
    await world.kb.articles.delete(EDITOR, article.article.id)
    await world.kb.categories.delete(EDITOR, world.category_id)
    assert await tree(world) == {}


async def test_publishing_while_its_category_is_deleted(world: World) -> None:
    """Whoever is first, no article stands in a category that is gone."""
    article = await world.approve(await world.write())
    refused: list[Exception] = []

    async def attempt(work: object) -> None:
        try:
            await work  # type: ignore[misc]
        except CategoryNotEmpty as error:
            refused.append(error)

    async with asyncio.TaskGroup() as group:
        publish = Publish(version=1, target_ids=[INSIDE])
        group.create_task(attempt(world.kb.publishing.publish(EDITOR, article.article.id, publish)))
        group.create_task(attempt(world.kb.categories.delete(EDITOR, world.category_id)))
    assert len(refused) == 1


async def test_who_may_not(world: World) -> None:
    for somebody, error in ((READER, Forbidden), (SUPERVISOR, Forbidden), (STRANGER, NotFound)):
        with pytest.raises(error):
            await world.kb.categories.move(somebody, world.category_id, MoveCategory())
        with pytest.raises(error):
            await world.kb.categories.delete(somebody, world.category_id)
    with pytest.raises(NotFound):
        await world.kb.categories.add(STRANGER, CategoryText(parent_id=world.category_id, name_zh="X"))
    with pytest.raises(NotFound):
        await world.kb.categories.add(EDITOR, CategoryText(parent_id="\x00 nothing", name_zh="X"))
