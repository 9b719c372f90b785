"""Writing: versions, conflicts, the recycle bin, lists. Source: 3.2.2-10; issue "Bad input"."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.knowledge.conftest import (
    ADMINISTRATOR,
    EDITOR,
    GD,
    INSIDE,
    READER,
    REVIEWER,
    SECOND_EDITOR,
    STRANGER,
    SUPERVISOR,
    World,
    content,
)
from wecc.infra.files import Files
from wecc.kernel.errors import Forbidden, InvalidInput, NotFound
from wecc.kernel.ids import CenterId
from wecc.knowledge.domain import ArticleConflict, InBin, NotInBin, StillLive
from wecc.knowledge.files import UNUSED_LIFE_MS
from wecc.knowledge.models import Article, ArticleFile, ArticleVersion, Publication
from wecc.knowledge.schemas import (
    AskReview,
    FindArticles,
    FindLog,
    MoveArticle,
    NewArticle,
    Publish,
    SaveVersion,
    VersionRef,
    Withdraw,
)


async def test_every_save_is_the_next_version_and_none_changes(world: World) -> None:
    first = await world.write("一")
    second = await world.save(first, "二", SECOND_EDITOR)
    assert [(v.version, v.title, v.author.id) for v in second.versions] == [
        (2, "二", "editor2"),
        (1, "一", "editor"),
    ]
    old = await world.kb.desk.version(EDITOR, first.article.id, 1)
    assert (old.content.title, old.stage) == ("一", "draft")
    assert second.newest.content.title == second.article.title == "二"


async def test_of_two_editors_the_second_is_told_who_was_quicker(world: World) -> None:
    article = await world.write("一")
    world.clock.advance(60)
    await world.save(article, "二", SECOND_EDITOR)
    with pytest.raises(ArticleConflict) as conflict:
        await world.save(article, "三")
    now_ms = world.clock.now_ms()
    assert conflict.value.data == {"version": 2, "author_id": "editor2", "author": "editor2", "at_ms": now_ms}
    assert (await world.see(article.article.id)).article.newest_version == 2


async def test_of_many_at_once_one_is_first(world: World) -> None:
    article = await world.write()
    fates: list[str] = []

    async def edit(number: int) -> None:
        try:
            await world.save(article, f"版本 {number}", EDITOR if number % 2 else SECOND_EDITOR)
            fates.append("saved")
        except ArticleConflict:
            fates.append("conflict")

    async with asyncio.TaskGroup() as group:
        for number in range(8):
            group.create_task(edit(number))
    assert sorted(fates) == ["conflict"] * 7 + ["saved"]
    assert await ArticleVersion.filter(article_id=article.article.id).count() == 2


async def test_repeats_are_harmless(world: World) -> None:
    new = NewArticle(client_id="write-once-1", category_id=world.category_id, content=content("一"))
    article_id = await world.kb.articles.add(EDITOR, new)
    assert await world.kb.articles.add(EDITOR, new) == article_id
    assert await world.kb.articles.add(SECOND_EDITOR, new) != article_id, "another's key is another key"
    with pytest.raises(ArticleConflict):
        await world.kb.articles.add(EDITOR, new.model_copy(update={"content": content("别的")}))
    save = SaveVersion(base_version=1, content=content("二"))
    for _ in range(3):
        await world.kb.articles.save(EDITOR, article_id, save)
    assert (await world.see(article_id)).article.newest_version == 2
    for _ in range(2):
        await world.kb.articles.delete(EDITOR, article_id)
    for _ in range(2):
        await world.kb.articles.restore(EDITOR, article_id)
    for _ in range(2):
        await world.kb.articles.archive(EDITOR, article_id)
    lines = await acts(world, article_id)
    assert lines == [
        "article_archived",
        "article_restored",
        "article_deleted",
        "article_saved",
        "article_added",
    ]


async def test_saving_nothing_new_is_no_version(world: World) -> None:
    article = await world.write("一")
    await world.save(article, "一")
    assert (await world.see(article.article.id)).article.newest_version == 1


async def test_a_live_version_stays_while_the_next_is_written(world: World) -> None:
    article = await world.approve(await world.write("一"))
    await world.kb.publishing.publish(EDITOR, article.article.id, Publish(version=1))
    await world.show()
    edited = await world.save(article, "二")
    assert (edited.article.stage, edited.article.visible_version) == ("draft", 1)
    assert await world.stages(article.article.id) == ["published", "draft"]


async def test_a_deleted_article_is_gone_for_readers_and_comes_back_unpublished(world: World) -> None:
    article = await world.approve(await world.write("一"))
    article_id = article.article.id
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    await world.show()
    await world.kb.articles.delete(EDITOR, article_id)
    gone = await world.see(article_id)
    assert gone.article.visible_version is None
    assert {p.state for p in gone.publications} == {"withdrawn"}
    assert await titles(world, "bin") == ["一"]
    assert await titles(world, "all") == []
    for refused in (
        world.save(gone, "二"),
        world.kb.articles.move(EDITOR, article_id, MoveArticle(category_id=world.category_id)),
        world.kb.articles.archive(EDITOR, article_id),
        world.kb.publishing.publish(EDITOR, article_id, Publish(version=1)),
        world.kb.reviewing.ask(EDITOR, article_id, AskReview(version=1, reviewer_ids=[REVIEWER.id])),
    ):
        with pytest.raises(InBin):
            await refused
    await world.kb.articles.restore(EDITOR, article_id)
    back = await world.see(article_id)
    assert (back.article.stage, back.article.deleted_ms) == ("withdrawn", None)
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    assert (await world.see(article_id)).article.stage == "published"


async def test_what_lost_its_category_comes_back_uncategorised(world: World) -> None:
    article = await world.write("一")
    await world.kb.articles.delete(EDITOR, article.article.id)
    await world.kb.categories.delete(EDITOR, world.category_id)
    await world.kb.articles.restore(EDITOR, article.article.id)
    back = await world.see(article.article.id)
    assert [ref.name_zh for ref in back.article.category] == ["未分类"]


async def test_only_an_administrator_purges_and_only_from_the_bin(world: World) -> None:
    file = await world.kb.files.upload(EDITOR, "资费.txt", "十元".encode())
    shared = await world.kb.files.upload(EDITOR, "共用.txt", "二十元".encode())
    article = await world.write("一", file_ids=[file.id, shared.id])
    await world.write("二", file_ids=[shared.id])
    article_id = article.article.id
    with pytest.raises(NotInBin):
        await world.kb.articles.purge(ADMINISTRATOR, article_id)
    await world.kb.articles.delete(EDITOR, article_id)
    with pytest.raises(Forbidden):
        await world.kb.articles.purge(EDITOR, article_id)
    await world.kb.articles.purge(ADMINISTRATOR, article_id)
    with pytest.raises(NotFound):
        await world.kb.articles.purge(ADMINISTRATOR, article_id)
    assert await ArticleVersion.filter(article_id=article_id).count() == 0
    assert [row.id for row in await ArticleFile.all()] == [shared.id]
    with pytest.raises(NotFound):
        await world.kb.files.download(EDITOR, file.id)
    assert (await world.kb.files.download(EDITOR, shared.id)).content == "二十元".encode()
    assert (await acts(world, article_id))[0] == "article_purged"


async def test_files_that_no_version_ever_held_go_when_they_are_old(world: World) -> None:
    files = world.kb.files
    unused = await files.upload(EDITOR, "没保存.txt", "一".encode())
    same = await files.upload(EDITOR, "同样内容.txt", "一".encode())
    used = await files.upload(EDITOR, "用着.txt", "二".encode())
    await world.write("一", file_ids=[used.id])
    world.clock.advance(UNUSED_LIFE_MS / 1000 - 60)
    await files.upload(EDITOR, "同样内容.txt", "一".encode())  # again: an editor has it on his screen
    await files.drop_unused(GD)
    assert await ArticleFile.all().count() == 3
    world.clock.advance(120)
    await world.kb.tidy([GD])
    with pytest.raises(NotFound):
        await files.download(EDITOR, unused.id)
    assert (await files.download(EDITOR, same.id)).content == "一".encode()
    assert (await files.download(EDITOR, used.id)).content == "二".encode()
    assert (await acts(world, unused.id))[0] == "file_removed"

    world.clock.advance(UNUSED_LIFE_MS / 1000)
    await files.drop_unused(GD)
    assert [row.id for row in await ArticleFile.all()] == [used.id]
    again = await files.upload(EDITOR, "又来了.txt", "一".encode())
    assert (await files.download(EDITOR, again.id)).content == "一".encode()


async def test_a_content_that_went_while_it_came_again_is_written_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = world.kb.files
    old = await files.upload(EDITOR, "旧.txt", "一".encode())
    world.clock.advance(UNUSED_LIFE_MS / 1000 + 60)
    keep = Files.keep

    async def keep_and_be_overtaken(self: Files, center_id: CenterId, digest: str, data: bytes) -> None:
        await keep(self, center_id, digest, data)
        monkeypatch.undo()
        await files.drop_unused(GD)

    monkeypatch.setattr(Files, "keep", keep_and_be_overtaken)
    new = await files.upload(EDITOR, "新.txt", "一".encode())
    assert (await files.download(EDITOR, new.id)).content == "一".encode()
    with pytest.raises(NotFound):
        await files.download(EDITOR, old.id)


async def test_a_purged_article_leaves_what_a_target_still_has_to_give_back(world: World) -> None:
    article = await world.approve(await world.write("一"), INSIDE)
    await world.kb.publishing.publish(EDITOR, article.article.id, Publish(version=1))
    await world.show()
    await world.kb.articles.delete(EDITOR, article.article.id)
    await world.kb.articles.purge(ADMINISTRATOR, article.article.id)
    row = await Publication.get(article_id=article.article.id)
    assert (row.state, row.placed_version, row.visible_version, row.is_settled) == (
        "withdrawn",
        1,
        None,
        False,
    )


async def test_only_what_is_not_published_is_archived(world: World) -> None:
    article = await world.approve(await world.write("一"))
    article_id = article.article.id
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    with pytest.raises(StillLive):
        await world.kb.articles.archive(EDITOR, article_id)
    await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
    await world.kb.articles.archive(EDITOR, article_id)
    assert await titles(world, "offline") == ["一"]
    await world.kb.reviewing.take_back(EDITOR, article_id, VersionRef(version=1))
    assert (await world.see(article_id)).article.stage == "draft"


async def test_lists_tell_what_each_scope_holds(world: World) -> None:
    below = await world.add_category("流量", world.category_id)
    draft = await world.write("草稿 A")
    waiting = await world.write("待审 B", SECOND_EDITOR)
    ask = AskReview(version=1, reviewer_ids=[REVIEWER.id])
    await world.kb.reviewing.ask(EDITOR, waiting.article.id, ask)
    live = await world.approve(await world.write("上线 C"))
    await world.kb.publishing.publish(EDITOR, live.article.id, Publish(version=1))
    await world.save(live, "上线 C 改")
    await world.kb.articles.move(EDITOR, draft.article.id, MoveArticle(category_id=below))
    assert await titles(world, "draft") == ["上线 C 改", "草稿 A"]
    assert await titles(world, "in_review") == ["待审 B"]
    assert await titles(world, "published") == ["上线 C 改"]
    assert await titles(world, "all", category=below) == ["草稿 A"]
    assert len(await titles(world, "all", category=world.category_id)) == 3
    assert await titles(world, "all", category="gone") == []
    assert await titles(world, "all", q="c 改") == ["上线 C 改"]
    assert await titles(world, "all", q="%") == []
    assert await titles(world, "all", q="\x00") != []
    mine = await world.kb.desk.articles(SECOND_EDITOR, FindArticles(scope="mine"))
    assert [row.title for row in mine.articles] == ["待审 B"]
    to_review = await world.kb.desk.articles(REVIEWER, FindArticles(scope="to_review"))
    assert [row.title for row in to_review.articles] == ["待审 B"]
    counts = to_review.counts.model_dump()
    for scope, count in counts.items():
        listed = await world.kb.desk.articles(REVIEWER, FindArticles(scope=scope))
        assert (listed.total, len(listed.articles)) == (count, count), scope
    assert counts["all"] == 3
    page = await world.kb.desk.articles(EDITOR, FindArticles(offset=1, limit=1))
    assert (page.total, len(page.articles)) == (3, 1)


async def test_who_may_what(world: World) -> None:
    article = await world.write()
    article_id = article.article.id
    for nobody in (READER, STRANGER):
        with pytest.raises((Forbidden, NotFound)):
            await world.kb.desk.article(nobody, article_id)
        with pytest.raises((Forbidden, NotFound)):
            await world.kb.articles.delete(nobody, article_id)
    with pytest.raises(Forbidden):
        await world.kb.desk.articles(READER, FindArticles())
    for only_sees in (REVIEWER, SUPERVISOR):
        await world.kb.desk.article(only_sees, article_id)
        with pytest.raises(Forbidden):
            await world.save(article, "二", only_sees)
    assert (await world.kb.desk.articles(STRANGER, FindArticles())).total == 0
    await world.save(article, "二", ADMINISTRATOR)


@pytest.mark.parametrize(
    "fields",
    [
        {"audience": {"kind": "tiers", "codes": ["nobody"]}},
        {"audience": {"kind": "tiers", "codes": []}},
        {"audience": {"kind": "agents", "codes": ["no_group"]}},
        {"valid_from_ms": 20, "valid_until_ms": 10},
        {"file_ids": ["nothing"]},
    ],
)
async def test_what_refers_to_nothing_is_refused(world: World, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        await world.write(**fields)
    assert await Article.all().count() == 0


async def test_content_is_kept_as_it_is_meant(world: World) -> None:
    article = await world.write(
        " 标题\u202e ",
        body="<script>alert(1)</script>\r\n\x00一  \n",
        alternatives=["问一", "问一", "标题", " 问二 "],
        audience={"kind": "agents", "codes": ["vip_desk", "vip_desk"]},
    )
    said = article.newest.content
    assert said.title == "标题"
    assert said.body == "<script>alert(1)</script>\n一"
    assert said.alternatives == ["问一", "问二"]
    assert said.audience.codes == ["vip_desk"]


async def titles(world: World, scope: str, **find: object) -> list[str]:
    query = FindArticles.model_validate({"scope": scope, **find})
    return [row.title for row in (await world.kb.desk.articles(SUPERVISOR, query)).articles]


async def acts(world: World, subject: str) -> list[str]:
    page = await world.kb.journal.page(SUPERVISOR, FindLog(subject=subject))
    return [line.act.removeprefix("kb.") for line in page.lines]


async def test_who_writes_or_leads_sees_the_groups_that_may_be_meant(world: World) -> None:
    for actor in (EDITOR, REVIEWER, SUPERVISOR):
        groups = (await world.kb.desk.groups(actor)).groups
        assert [(group.code, group.name_zh) for group in groups] == [("vip_desk", "大客户座席")]
    with pytest.raises(Forbidden):
        await world.kb.desk.groups(READER)
