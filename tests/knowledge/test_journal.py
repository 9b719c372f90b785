"""The log: who, when, from where, what before and after; and that nobody touched it. Source: 3.2.2-10."""

from __future__ import annotations

import asyncio
import csv
import io
import re

import pytest

from tests.deployment import ROOT
from tests.knowledge.conftest import (
    ADMINISTRATOR,
    EDITOR,
    GD,
    READER,
    REVIEWER,
    SECOND_EDITOR,
    STRANGER,
    SUPERVISOR,
    World,
)
from wecc.identity.models import Agent
from wecc.infra import db
from wecc.kernel.errors import Forbidden
from wecc.knowledge.domain import ArticleConflict
from wecc.knowledge.editing.vocabulary import VocabularyConflict
from wecc.knowledge.models import Article
from wecc.knowledge.schemas import FindLog, LogLine, LogPageView, SetVocabulary, VersionRef, Withdraw
from wecc.security import audit, read_audit, verify_audit
from wecc.security.models import AuditLine


async def read(world: World, **find: object) -> LogPageView:
    return await world.kb.journal.page(SUPERVISOR, FindLog.model_validate(find))


async def lines(world: World, **find: object) -> list[LogLine]:
    return (await read(world, **find)).lines


async def test_a_line_tells_who_where_and_what_was_before_and_after(world: World) -> None:
    article = await world.write("一")
    await world.save(article, "二", SECOND_EDITOR)
    line = (await lines(world, subject=article.article.id))[0]
    assert (line.act, line.actor.id, line.at_ms) == ("kb.article_saved", "editor2", world.clock.now_ms())
    assert line.subject_title == "二"
    assert line.data["address"] == "10.0.0.7"
    assert line.data["before"] == {"version": 1, "stage": "draft", "title": "一"}
    assert line.data["after"] == {"version": 2, "stage": "draft", "title": "二"}
    assert line.data["changed"] == ["title"]
    assert "10086" not in str(line.data), "no bodies"


async def test_what_is_refused_leaves_neither_deed_nor_line(world: World) -> None:
    article = await world.write("一")
    await world.save(article, "二", SECOND_EDITOR)
    before = await AuditLine.all().count()
    with pytest.raises(ArticleConflict):
        await world.save(article, "三")
    assert await AuditLine.all().count() == before


async def test_what_fails_half_way_leaves_nothing(world: World) -> None:
    before = await AuditLine.all().count()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the whole operation is what fails
        async with world.kb.journal.operation(EDITOR) as op:
            await Article.create(
                id="half", center_id="gd", category_id="x", newest_version=1, stage="draft",
                title="半", lang="zh-CN", created_ms=0, changed_ms=0, changed_by="editor",
            )  # fmt: skip
            op.did("article_added", "half")
            raise ZeroDivisionError
    assert await Article.all().count() == 0
    assert await AuditLine.all().count() == before


async def test_it_is_filtered_and_read_page_by_page(world: World) -> None:
    ids = []
    for number in range(5):
        ids.append((await world.write(f"文 {number}")).article.id)
        world.clock.advance(60)
    await world.kb.articles.delete(ADMINISTRATOR, ids[0])
    assert [line.act for line in await lines(world, subject=ids[0])] == [
        "kb.article_deleted",
        "kb.article_added",
    ]
    assert [line.subject for line in await lines(world, actor=ADMINISTRATOR.id)] == [ids[0]]
    added = await lines(world, act="kb.article_added")
    assert [line.subject for line in added] == ids[::-1]
    between = {"from_ms": added[3].at_ms, "before_ms": added[1].at_ms}
    assert [line.subject for line in await lines(world, act="kb.article_added", **between)] == ids[1:3][::-1]
    first = await read(world, act="kb.article_added", limit=3)
    rest = await read(world, act="kb.article_added", limit=3, before_id=first.lines[-1].id)
    assert [line.subject for line in (*first.lines, *rest.lines)] == ids[::-1]
    assert (first.has_more, rest.has_more) == (True, False)
    assert await lines(world, subject="\x00", act="%") != [], "what is cleaned away asks for everything"
    assert await lines(world, act="kb.%") == []
    assert await lines(world, subject="' OR 1=1 --") == []


async def test_only_the_knowledge_base_of_the_own_center_is_in_it(world: World) -> None:
    await audit(world.clock.now_ms(), ADMINISTRATOR, "agent.signed_in")
    await world.write()
    assert {line.act.split(".")[0] for line in await lines(world)} == {"kb"}
    assert {line.act.split(".")[0] for line in await lines(world, act="agent.")} == {"kb"}
    page = await world.kb.journal.page(STRANGER, FindLog())
    assert page.lines == []
    for nobody in (READER, EDITOR, REVIEWER):
        with pytest.raises(Forbidden):
            await world.kb.journal.page(nobody, FindLog())


async def test_reading_it_is_a_line_too(world: World) -> None:
    await read(world, actor=EDITOR.id)
    line = (await lines(world, act="kb.log_read"))[0]
    assert (line.actor.id, line.data["find"]) == (SUPERVISOR.id, {"actor": "editor"})


async def test_a_touched_line_shows_on_its_page(world: World) -> None:
    await world.write("一")
    await world.write("二")
    assert (await read(world)).is_intact
    touched = (await lines(world, act="kb.article_added"))[1]
    row = await AuditLine.get(id=touched.id)
    honest = row.data
    await AuditLine.filter(id=row.id).update(data=honest.replace("一", "三"))
    assert not (await read(world, act="kb.article_added")).is_intact
    assert (await read(world, act="kb.article_added", limit=1)).is_intact
    await AuditLine.filter(id=row.id).update(data=honest)
    await renumber(row.id - 1, 1_000_000)
    assert not (await read_audit(GD)).is_intact, "one that was removed shows in the next"
    await renumber(1_000_000, row.id - 1)


async def test_lines_of_many_at_once_make_one_chain(world: World) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(10):
            group.create_task(world.write(f"文 {number}"))
            group.create_task(audit(number, STRANGER, "agent.signed_in"))
    assert await verify_audit() is None
    assert len(await lines(world, act="kb.article_added")) == 10


async def test_an_export_is_no_formula_and_leaves_a_line(world: World) -> None:
    await Agent.filter(id=EDITOR.id).update(name="@SUM(A1)")
    await world.write('=HYPERLINK("http://example.com"),"x"\n')
    text = await world.kb.journal.export(SUPERVISOR, FindLog(act="kb.article"))
    header, row = csv.reader(io.StringIO(text))
    told = dict(zip(header, row, strict=True))
    assert told["title"] == '\'=HYPERLINK("http://example.com"),"x"'
    assert told["actor"] == "'@SUM(A1)"
    assert told["at"].endswith("Z")
    exported = (await lines(world, act="kb.log_exported"))[0]
    assert (exported.actor.id, exported.data["lines"]) == (SUPERVISOR.id, 1)
    with pytest.raises(Forbidden):
        await world.kb.journal.export(EDITOR, FindLog())


async def test_every_operation_leaves_exactly_one_line(world: World) -> None:
    article = await world.approve(await world.write("一"))
    await world.save(article, "二")
    await world.kb.articles.delete(EDITOR, article.article.id)
    await world.kb.articles.restore(EDITOR, article.article.id)
    await world.kb.reviewing.take_back(EDITOR, article.article.id, VersionRef(version=2))
    told = [line.act.removeprefix("kb.") for line in (await lines(world, subject=article.article.id))[::-1]]
    assert told == [
        "article_added",
        "review_asked",
        "opinion_given",
        "opinion_given",
        "article_saved",
        "article_deleted",
        "article_restored",
    ]


async def test_words_are_kept_in_versions(world: World) -> None:
    words = world.kb.words
    assert (await words.read(EDITOR)).version == 0
    new = SetVocabulary(
        base_version=0, synonyms=[["宽带", "光宽"], ["流量", " 流量 "]], words=["携号转网", "携号转网"]
    )
    with pytest.raises(Forbidden):
        await words.save(EDITOR, new)
    for _ in range(2):
        saved = await words.save(ADMINISTRATOR, new)
        assert (saved.version, saved.synonyms, saved.words) == (1, [["宽带", "光宽"]], ["携号转网"])
    with pytest.raises(VocabularyConflict):
        await words.save(ADMINISTRATOR, new.model_copy(update={"words": []}))
    assert await words.read(SUPERVISOR) == saved
    assert (await words.read(STRANGER)).version == 0
    assert len(await lines(world, act="kb.vocabulary_saved")) == 1


async def test_a_withdrawal_waits_for_none_in_line(world: World) -> None:
    article_id = (await world.write()).article.id
    done: list[str] = []

    async def write(number: int) -> None:
        await world.write(f"第 {number} 篇")
        done.append("written")

    async def withdraw() -> None:
        await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
        done.append("withdrawn")

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(write(number))
        group.create_task(withdraw())
    assert done.index("withdrawn") < 5


def test_the_console_has_words_for_every_act_and_error_of_the_desk() -> None:
    sources = "".join(file.read_text("utf-8") for file in (ROOT / "wecc" / "knowledge").rglob("*.py"))
    acts = set(re.findall(r'\bop\.did\(\s*"(\w+)"', sources))
    errors = set(re.findall(r'^    code = "([\w.]+)"', sources, re.MULTILINE))
    assert len(acts) > 25
    assert len(errors) > 15
    for language in ("zh", "en"):
        words = (ROOT / f"web/apps/console/src/knowledge/texts/{language}.ts").read_text("utf-8")
        missing = {act for act in acts if f"'kb.{act}':" not in words}
        assert missing | {code for code in errors if f"'{code}':" not in words} == set()


async def renumber(number: int, as_number: int) -> None:
    await db.connection().execute_script(f"UPDATE audit_line SET id = {as_number} WHERE id = {number}")
