"""Taking in the center's own articles: the gate, conflicts, bad lines. Source: 3.2.2-04."""

from __future__ import annotations

import pytest

from tests.knowledge.conftest import (
    ADMINISTRATOR,
    EDITOR,
    OUTSIDE,
    READER,
    REVIEWER,
    SUPERVISOR,
    World,
)
from wecc.kernel.actor import system
from wecc.kernel.errors import Forbidden
from wecc.knowledge.domain import NotReviewer
from wecc.knowledge.editing.importing import Gate, NoDefaultTarget, read_line
from wecc.knowledge.models import Article, ArticleVersion, Category, Opinion, Target
from wecc.knowledge.schemas import (
    FindLog,
    GiveOpinion,
    ImportArticle,
    ImportReport,
    ImportRequest,
    MoveArticle,
    SaveVersion,
)
from wecc.security.models import AuditLine

OPERATOR = system(EDITOR.center_id, "import")
DRAFTS = Gate()


def given(external_id: str = "x-1", **fields: object) -> dict[str, object]:
    return {
        "id": external_id,
        "category": ["资费", "套餐"],
        "title": f"标题 {external_id}",
        "answer": "答案",
        "alt": ["问一", "问二"],
        "lang": "zh",
        **fields,
    }


async def take_in(world: World, *articles: dict[str, object], gate: Gate = DRAFTS) -> ImportReport:
    lines = [read_line(number, article) for number, article in enumerate(articles, start=1)]
    return await world.kb.importing.run(OPERATOR, lines, gate)


def counts(report: ImportReport) -> tuple[int, int, int, list[str], list[str]]:
    conflicts = [f"{one.external_id} {one.about}" for one in report.conflicts]
    return report.added, report.changed, report.unchanged, conflicts, [r.external_id for r in report.refused]


async def one(external_id: str = "x-1") -> Article:
    return await Article.get(external_id=external_id)


async def test_what_is_new_is_a_draft_in_its_category(world: World) -> None:
    assert counts(await take_in(world, given(), given("x-2"))) == (2, 0, 0, [], [])
    article = await world.see((await one()).id)
    assert [ref.name_zh for ref in article.article.category] == ["资费", "套餐"]
    assert article.article.category[0].id == world.category_id, "what is there is used"
    assert (article.article.stage, article.newest.content.lang) == ("draft", "zh-CN")
    assert article.newest.content.alternatives == ["问一", "问二"]
    assert await Category.all().count() == 2


async def test_the_same_again_changes_nothing(world: World) -> None:
    await take_in(world, given())
    before = await AuditLine.all().count()
    assert counts(await take_in(world, given())) == (0, 0, 1, [], [])
    assert await AuditLine.all().count() == before
    assert await ArticleVersion.all().count() == 1


async def test_what_changed_there_is_the_next_version(world: World) -> None:
    await take_in(world, given())
    assert counts(await take_in(world, given(answer="新答案"))) == (0, 1, 0, [], [])
    assert (await one()).newest_version == 2
    moved = given(answer="新答案", category=["套餐"])
    assert counts(await take_in(world, moved)) == (0, 1, 0, [], [])
    article = await world.see((await one()).id)
    assert [ref.name_zh for ref in article.article.category] == ["套餐"]


async def test_what_was_edited_here_is_never_overwritten(world: World) -> None:
    await take_in(world, given(), given("x-2"), given("x-3"))
    edited, moved, deleted = [(await one(i)).id for i in ("x-1", "x-2", "x-3")]
    await world.save(await world.see(edited), "我们改的")
    await world.kb.articles.move(EDITOR, moved, MoveArticle(category_id=world.category_id))
    await world.kb.articles.delete(EDITOR, deleted)
    again = [given(i) for i in ("x-1", "x-2", "x-3")]
    assert counts(await take_in(world, *again)) == (0, 0, 3, [], []), "nothing new came"
    newer = [given(i, answer="新") for i in ("x-1", "x-2", "x-3")]
    report = await take_in(world, *newer)
    conflicts = ["x-1 edited_here", "x-2 edited_here", "x-3 deleted_here"]
    assert counts(report) == (0, 0, 0, conflicts, [])
    assert [line.article_id for line in report.conflicts] == [edited, moved, deleted]
    assert (await world.see(edited)).newest.content.title == "我们改的"


async def test_the_same_edit_on_both_sides_is_no_conflict(world: World) -> None:
    await take_in(world, given())
    article = await world.see((await one()).id)
    same = article.newest.content.model_copy(update={"body": "新答案"})
    await world.kb.articles.save(EDITOR, article.article.id, SaveVersion(base_version=1, content=same))
    assert counts(await take_in(world, given(answer="新答案"))) == (0, 0, 1, [], [])
    assert counts(await take_in(world, given(answer="再新"))) == (0, 1, 0, [], [])


async def test_reviewers_who_are_named_are_asked(world: World) -> None:
    gate = Gate(reviewer_ids=[REVIEWER.id])
    await take_in(world, given(), gate=gate)
    article_id = (await one()).id
    await take_in(world, given(answer="新"), gate=gate)
    assert await world.stages(article_id) == ["draft", "in_review"]
    assert [(o.version, o.reviewer_id) for o in await Opinion.all()] == [(2, REVIEWER.id)]
    opinion = GiveOpinion(version=2, verdict="approve", target_ids=[OUTSIDE])
    await world.kb.reviewing.give_opinion(REVIEWER, article_id, opinion)
    assert (await one()).stage == "approved"
    with pytest.raises(NotReviewer):
        await take_in(world, given(), gate=Gate(reviewer_ids=[READER.id]))


async def test_the_operator_publishes_at_once(world: World) -> None:
    targets = await world.kb.importing.default_targets(OPERATOR)
    assert targets == [OUTSIDE]
    await take_in(world, given())
    report = await take_in(world, given(), given("x-2"), gate=Gate(target_ids=targets))
    assert counts(report) == (1, 1, 0, [], []), "what was a draft before is published too"
    await world.show()
    for external_id in ("x-1", "x-2"):
        article = await world.see((await one(external_id)).id)
        assert (article.article.stage, article.article.visible_version) == ("published", 1)
    assert counts(await take_in(world, given(), gate=Gate(target_ids=targets))) == (0, 0, 1, [], [])
    page = await world.kb.journal.page(SUPERVISOR, FindLog(act="kb.article_published"))
    assert {(line.actor.id, line.actor_kind) for line in page.lines} == {("import", "system")}
    await Target.all().update(is_default=False)
    with pytest.raises(NoDefaultTarget):
        await world.kb.importing.default_targets(OPERATOR)


async def test_a_bad_line_is_told_and_stops_no_other(world: World) -> None:
    bad: list[dict[str, object] | None] = [
        None,
        {},
        given("x-2", title=""),
        given("x-3", title="长" * 301),
        given("x-4", category=[]),
        given("x-5", category=["\u202e"]),
        given("x-6", lang="zh_CN!"),
        given("x-7", alt="不是列表"),
        given("x-1", title="又一次"),
    ]
    lines = [read_line(number, raw) for number, raw in enumerate([given(), *bad, given("x-9")], start=1)]
    report = await world.kb.importing.run(OPERATOR, lines, DRAFTS)
    assert (report.added, len(report.refused)) == (2, len(bad))
    told = [line.about.split(":")[0] for line in report.refused]
    assert told == [f"line {number}" for number in range(2, len(bad) + 2)]
    assert (await one()).title == "标题 x-1"


async def test_a_trial_tells_the_same_and_changes_nothing(world: World) -> None:
    await take_in(world, given())
    lines = await AuditLine.all().count()
    articles = [
        ImportArticle.model_validate(a) for a in (given(answer="新"), given("x-2", category=["新类"]))
    ]
    request = ImportRequest(articles=articles, is_trial=True)
    assert counts(await world.kb.importing.take_in(EDITOR, request)) == (1, 1, 0, [], [])
    assert await Article.all().count() == 1
    assert await Category.all().count() == 2
    assert await AuditLine.all().count() == lines
    real = request.model_copy(update={"is_trial": False})
    assert counts(await world.kb.importing.take_in(EDITOR, real)) == (1, 1, 0, [], [])


async def test_only_editors_send_articles(world: World) -> None:
    request = ImportRequest(articles=[ImportArticle.model_validate(given())])
    for nobody in (READER, REVIEWER, SUPERVISOR):
        with pytest.raises(Forbidden):
            await world.kb.importing.take_in(nobody, request)
    await world.kb.importing.take_in(ADMINISTRATOR, request)
    assert (await one()).changed_by == ADMINISTRATOR.id


async def test_many_come_in_batches_and_a_stopped_import_goes_on(world: World) -> None:
    articles = [given(f"x-{n}", category=["资费", f"类 {n % 7}"]) for n in range(450)]
    done: list[int] = []

    def stop(count: int) -> None:
        done.append(count)
        if len(done) == 2:
            raise KeyboardInterrupt

    lines = [read_line(number, article) for number, article in enumerate(articles, start=1)]
    with pytest.raises(KeyboardInterrupt):
        await world.kb.importing.run(OPERATOR, lines, DRAFTS, progress=stop)
    assert await Article.all().count() == done[-1]
    report = await world.kb.importing.run(OPERATOR, lines, DRAFTS)
    assert counts(report) == (450 - done[-1], 0, done[-1], [], [])
    assert await Category.all().count() == 8
