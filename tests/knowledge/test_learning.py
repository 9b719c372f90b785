"""Editors learn from what was asked. Source: 2.4.3-04."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.knowledge.conftest import EDITOR, GD, READER, REVIEWER, STRANGER, SUPERVISOR, World
from wecc.kernel.errors import Forbidden, InvalidInput, NotFound
from wecc.knowledge.domain import DraftChanged
from wecc.knowledge.learning.gaps import grouped, key_of
from wecc.knowledge.learning.reporting import Reporting, was_right
from wecc.knowledge.models import KnowledgeBase, Question
from wecc.knowledge.schemas import AskReview, FindGaps, HandleGap, Period, SetThresholds
from wecc.knowledge.search_process.client import IndexState

OPEN, DONE = FindGaps(), FindGaps(state="done")
UNDO = HandleGap(act="reopen", is_draft_undone=True)


def question(number: int, text: str, **fields: Any) -> Question:
    values: dict[str, Any] = {
        "id": f"q{number}",
        "center_id": GD,
        "at_ms": 1_000 + number,
        "text": text,
        "lang": "zh-CN",
        "place": "flow",
        "decision": "escalate",
        "confidence": 0.2,
        "article_ids": [],
        "gap": "open",
    }
    return Question(**(values | fields))


async def noted(world: World, *questions: Question) -> None:
    for asked in questions:
        asked.at_ms += world.clock.now_ms() - 10_000_000
        await asked.save(force_create=True)


def reporting(world: World) -> Reporting:
    async def containment(*_: object) -> tuple[int, int]:
        return 3, 1

    async def index_state(_: str) -> IndexState:
        return IndexState(
            revision=1,
            documents=1,
            engine="whoosh",
            has_encoder=True,
            is_provisional=False,
            default_answer_at=0.8,
            default_suggest_at=0.3,
            refused=0,
        )

    kb = world.kb
    return Reporting(kb.rights, kb.journal, kb.learning, index_state, containment, world.clock)


def test_the_same_question_in_nearly_the_same_words_is_one() -> None:
    groups = grouped(
        [
            question(1, "怎么查话费？"),
            question(2, "怎么查话费"),
            question(3, "怎么查话费呀"),
            question(4, "宽带很慢怎么办"),
        ]
    )
    assert [[q.id for q in group.questions] for group in groups] == [["q1", "q2", "q3"], ["q4"]]


@given(st.lists(st.text(max_size=30), max_size=40))
def test_every_question_is_in_one_group(texts: list[str]) -> None:
    groups = grouped([question(number, text) for number, text in enumerate(texts)])
    ids = [q.id for group in groups for q in group.questions]
    assert sorted(ids) == sorted(f"q{number}" for number in range(len(texts)))
    by_key = {key_of(q.text): group for group in groups for q in group.questions}
    assert all(by_key[key_of(q.text)] is group for group in groups for q in group.questions)


async def test_those_asked_most_come_first_with_the_worst_that_came_of_them(world: World) -> None:
    await noted(
        world,
        question(1, "积分怎么换话费"),
        question(2, "宽带很慢怎么办"),
        question(3, "宽带很慢怎么办呢", outcome="unsolved", decision="answer"),
    )
    found = await world.kb.learning.gaps(EDITOR, OPEN)
    assert [(gap.text, gap.times, gap.cause) for gap in found.gaps] == [
        ("宽带很慢怎么办呢", 2, "unhelpful"),
        ("积分怎么换话费", 1, "unanswered"),
    ]
    assert found.gaps[0].examples == ["宽带很慢怎么办"]
    assert (await world.kb.learning.gaps(STRANGER, OPEN)).total == 0
    with pytest.raises(Forbidden):
        await world.kb.learning.gaps(READER, OPEN)


async def test_what_is_offered_and_left_unread_is_a_gap_after_a_while(world: World) -> None:
    await noted(world, question(1, "流量包", decision="suggest", gap="", place="help", article_ids=["a"]))
    fresh = question(2, "副卡", decision="suggest", gap="", place="help", at_ms=world.clock.now_ms())
    await fresh.save(force_create=True)
    found = await world.kb.learning.gaps(EDITOR, OPEN)
    assert [(gap.text, gap.cause) for gap in found.gaps] == [("流量包", "no_click")]


async def test_an_article_is_taught_the_question_once(world: World) -> None:
    article = await world.write("怎么查询余额")
    await noted(world, question(1, "我还剩多少钱"), question(2, "我还剩多少钱？"))
    [gap] = (await world.kb.learning.gaps(EDITOR, OPEN)).gaps
    cmd = HandleGap(act="add_alternative", article_id=article.article.id)
    handled = await world.kb.learning.handle(EDITOR, gap.id, cmd)
    assert handled.article is not None
    assert handled.article.article_id == article.article.id
    taught = await world.see(article.article.id)
    assert taught.newest.content.alternatives == ["我还剩多少钱？"]
    assert (await world.kb.learning.gaps(EDITOR, OPEN)).total == 0
    with pytest.raises(NotFound):
        await world.kb.learning.handle(EDITOR, gap.id, cmd)
    reopened = await world.kb.learning.handle(EDITOR, gap.id, HandleGap(act="reopen"))
    assert reopened.article is None
    await world.kb.learning.handle(EDITOR, gap.id, cmd)
    assert (await world.see(article.article.id)).newest.content.alternatives == ["我还剩多少钱？"]


async def test_an_article_is_begun_with_the_question(world: World) -> None:
    await noted(world, question(1, "怎么看剩余流量"))
    with pytest.raises(InvalidInput):
        await world.kb.learning.handle(EDITOR, "q1", HandleGap(act="write"))
    cmd = HandleGap(act="write", category_id=world.category_id)
    handled = await world.kb.learning.handle(EDITOR, "q1", cmd)
    assert handled.article is not None
    begun = await world.see(handled.article.article_id)
    assert (begun.article.title, begun.article.stage) == ("怎么看剩余流量", "draft")
    with pytest.raises(Forbidden):
        await world.kb.learning.handle(READER, "q1", HandleGap(act="dismiss"))


async def test_put_back_with_its_draft_a_taught_article_is_as_it_was(world: World) -> None:
    article = await world.write("怎么查询余额", alternatives=["还有多少钱"])
    await noted(world, question(1, "我还剩多少钱"))
    teach = HandleGap(act="add_alternative", article_id=article.article.id)
    await world.kb.learning.handle(EDITOR, "q1", teach)
    [done] = (await world.kb.learning.gaps(EDITOR, DONE)).gaps
    assert done.article is not None
    assert (done.article.title, done.article.is_undoable) == ("怎么查询余额", True)

    await world.kb.learning.handle(EDITOR, "q1", UNDO)
    after = await world.see(article.article.id)
    assert (after.article.newest_version, after.article.stage) == (3, "draft")
    assert after.newest.content == article.newest.content
    [gap] = (await world.kb.learning.gaps(EDITOR, OPEN)).gaps
    assert gap.article is None


async def test_put_back_with_its_draft_a_begun_article_is_in_the_recycle_bin(world: World) -> None:
    await noted(world, question(1, "怎么看剩余流量"))
    handled = await world.kb.learning.handle(
        EDITOR, "q1", HandleGap(act="write", category_id=world.category_id)
    )
    assert handled.article is not None
    await world.kb.learning.handle(EDITOR, "q1", UNDO)
    assert (await world.see(handled.article.article_id)).article.deleted_ms is not None
    assert (await world.kb.learning.gaps(EDITOR, OPEN)).total == 1


async def test_what_somebody_went_on_with_is_not_undone(world: World) -> None:
    await noted(world, question(1, "怎么看剩余流量"), question(2, "积分怎么换话费"))
    write = HandleGap(act="write", category_id=world.category_id)
    ids = []
    for gap_id in ("q1", "q2"):
        handled = await world.kb.learning.handle(EDITOR, gap_id, write)
        assert handled.article is not None
        ids.append(handled.article.article_id)
    await world.save(await world.see(ids[0]), "怎么看还剩多少流量")
    ask = AskReview(version=1, reviewer_ids=[REVIEWER.id])
    await world.kb.reviewing.ask(EDITOR, ids[1], ask)
    for gap_id in ("q1", "q2"):
        with pytest.raises(DraftChanged):
            await world.kb.learning.handle(EDITOR, gap_id, UNDO)
    done = (await world.kb.learning.gaps(EDITOR, DONE)).gaps
    assert [gap.article is not None and gap.article.is_undoable for gap in done] == [False, False]
    await world.kb.learning.handle(EDITOR, "q1", HandleGap(act="reopen"))
    assert (await world.see(ids[0])).article.deleted_ms is None


async def test_an_article_that_knew_the_question_already_has_no_draft_to_undo(world: World) -> None:
    article = await world.write("怎么查询余额")
    await noted(world, question(1, "怎么查询余额？"))
    handled = await world.kb.learning.handle(
        EDITOR, "q1", HandleGap(act="add_alternative", article_id=article.article.id)
    )
    assert handled.article is not None
    assert not handled.article.is_undoable
    assert (await world.see(article.article.id)).article.newest_version == 1


@pytest.mark.parametrize(
    ("fields", "is_right"),
    [
        ({"outcome": "solved", "decision": "answer", "article_ids": ["a"]}, True),
        ({"outcome": "solved", "decision": "suggest", "article_ids": ["a"], "read_article_id": "b"}, False),
        ({"outcome": "solved", "decision": "suggest", "article_ids": ["a"], "read_article_id": "a"}, True),
        ({"outcome": "unsolved"}, False),
        ({"outcome": "handed_over"}, None),
        ({"outcome": ""}, None),
    ],
)
def test_what_a_customers_word_says_of_the_first_article(
    fields: dict[str, Any], is_right: bool | None
) -> None:
    assert was_right(question(1, "x", **fields)) is is_right


async def test_the_curve_tells_what_a_threshold_answers_and_how_much_of_it_was_right(world: World) -> None:
    rated = [
        question(
            n, f"问题{n}", decision="answer", outcome="solved" if n % 4 else "unsolved", article_ids=["a"]
        )
        for n in range(40)
    ]
    for asked in rated:
        asked.confidence = 0.9
    unrated = [question(n, f"别的{n}", confidence=0.5) for n in range(100, 110)]
    await noted(world, *rated, *unrated)
    curve = await reporting(world).curve(SUPERVISOR, Period())
    points = {point.threshold: point for point in curve.points}
    assert (points[0.6].answered_share, points[0.6].precision) == (0.8, 0.75)
    assert points[0.4].answered_share == 1.0
    assert (points[0.92].answered_share, points[0.92].precision) == (0.0, None)


async def test_thresholds_are_set_by_those_who_lead_and_make_sense(world: World) -> None:
    with pytest.raises(Forbidden):
        await reporting(world).set_thresholds(EDITOR, SetThresholds(answer_at=0.9, suggest_at=0.3))
    with pytest.raises(InvalidInput):
        await reporting(world).set_thresholds(SUPERVISOR, SetThresholds(answer_at=0.3, suggest_at=0.9))
    curve = await reporting(world).set_thresholds(SUPERVISOR, SetThresholds(answer_at=0.9, suggest_at=0.3))
    assert (curve.answer_at, curve.suggest_at) == (0.9, 0.3)
    assert (await KnowledgeBase.get(center_id=GD)).answer_at == 0.9


async def test_the_report_counts_what_was_asked(world: World) -> None:
    await noted(
        world,
        question(1, "怎么充值", decision="answer", outcome="solved", gap="", article_ids=["a"]),
        question(2, "怎么充值？", decision="suggest", gap="", place="help", article_ids=["a"]),
        question(3, "积分"),
    )
    report = await reporting(world).report(SUPERVISOR, Period())
    assert (report.questions, report.contained_share) == (3, 0.75)
    assert report.answered_share == pytest.approx(1 / 3)
    assert report.no_click_share == 1.0
    assert next((top.text, top.times) for top in report.top_questions) == ("怎么充值？", 2)
    assert sum(day.questions for day in report.days) == 3
    with pytest.raises(InvalidInput):
        await reporting(world).report(SUPERVISOR, Period(zone="Mars/Olympus"))
