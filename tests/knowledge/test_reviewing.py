"""Review: who is asked, who may say what, and where an article may go for it. Source: 3.2.2-13."""

from __future__ import annotations

import asyncio

import pytest

from tests.knowledge.conftest import (
    ADMINISTRATOR,
    EDITOR,
    GD,
    INSIDE,
    OUTSIDE,
    READER,
    REVIEWER,
    SECOND_REVIEWER,
    World,
)
from wecc.kernel.actor import Actor
from wecc.kernel.errors import Forbidden, InvalidInput, NotFound
from wecc.knowledge.domain import (
    InBin,
    NoCommonTarget,
    NotApproved,
    NotAsked,
    NotReviewer,
    OwnWork,
    WrongStage,
)
from wecc.knowledge.models import KnowledgeStaff, Opinion
from wecc.knowledge.schemas import ArticleDetail, AskReview, GiveOpinion, Publish, SetStaff, VersionRef

BOTH = [REVIEWER.id, SECOND_REVIEWER.id]


async def ask(world: World, article: ArticleDetail, *reviewer_ids: str, actor: Actor = EDITOR) -> None:
    cmd = AskReview(version=article.article.newest_version, reviewer_ids=list(reviewer_ids or BOTH))
    await world.kb.reviewing.ask(actor, article.article.id, cmd)


async def say(world: World, article: ArticleDetail, who: Actor, verdict: str, *target_ids: str) -> str:
    """The article's stage after this opinion."""
    said = {"version": 1, "verdict": verdict, "target_ids": list(target_ids)}
    await world.kb.reviewing.give_opinion(who, article.article.id, GiveOpinion.model_validate(said))
    return (await world.see(article.article.id)).article.stage


async def test_the_last_approval_approves_for_what_all_let(world: World) -> None:
    article = await world.write()
    await ask(world, article)
    assert await say(world, article, REVIEWER, "approve", INSIDE, OUTSIDE) == "in_review"
    assert await say(world, article, SECOND_REVIEWER, "approve", INSIDE) == "approved"
    assert (await world.see(article.article.id)).approved_target_ids == [INSIDE]
    with pytest.raises(NotApproved) as refused:
        await world.kb.publishing.publish(
            EDITOR, article.article.id, Publish(version=1, target_ids=[OUTSIDE])
        )
    assert refused.value.data == {"target_ids": [OUTSIDE]}
    await world.kb.publishing.publish(EDITOR, article.article.id, Publish(version=1))
    assert [p.target_id for p in (await world.see(article.article.id)).publications] == [INSIDE]


async def test_without_a_common_target_the_last_approval_is_refused(world: World) -> None:
    article = await world.write()
    await ask(world, article)
    await say(world, article, REVIEWER, "approve", INSIDE)
    with pytest.raises(NoCommonTarget):
        await say(world, article, SECOND_REVIEWER, "approve", OUTSIDE)
    assert (await world.see(article.article.id)).article.stage == "in_review"
    assert await say(world, article, REVIEWER, "approve", OUTSIDE) == "in_review", "he may change his mind"
    assert await say(world, article, SECOND_REVIEWER, "approve", OUTSIDE) == "approved"


async def test_changes_asked_end_the_review_and_the_next_version_is_reviewed_anew(world: World) -> None:
    article = await world.write("一")
    await ask(world, article)
    assert await say(world, article, REVIEWER, "changes") == "changes_asked"
    assert await Opinion.filter(verdict="").count() == 0, "nobody else is waited for"
    for _ in range(2):
        assert await say(world, article, REVIEWER, "changes") == "changes_asked"
    with pytest.raises(NotAsked):
        await say(world, article, SECOND_REVIEWER, "approve", INSIDE)
    with pytest.raises(WrongStage):
        await ask(world, article)
    again = await world.save(article, "二")
    await ask(world, again, REVIEWER.id)
    assert await world.stages(article.article.id) == ["changes_asked", "in_review"]
    with pytest.raises(WrongStage):
        await say(world, article, REVIEWER, "approve", INSIDE)


async def test_a_new_version_ends_the_review_of_the_old_one(world: World) -> None:
    article = await world.write("一")
    await ask(world, article)
    await world.save(article, "二")
    assert await world.stages(article.article.id) == ["draft", "draft"]
    with pytest.raises(WrongStage) as refused:
        await say(world, article, REVIEWER, "approve", INSIDE)
    assert refused.value.data["version"] == 2


async def test_nobody_reviews_his_own_version(world: World) -> None:
    article = await world.write(actor=ADMINISTRATOR)
    with pytest.raises(OwnWork):
        await ask(world, article, ADMINISTRATOR.id, actor=ADMINISTRATOR)
    await world.kb.staff.set(ADMINISTRATOR, SetStaff(agent_id=EDITOR.id, is_editor=True, is_reviewer=True))
    mine = await world.write()
    with pytest.raises(OwnWork):
        await ask(world, mine, EDITOR.id, REVIEWER.id)
    await ask(world, mine, ADMINISTRATOR.id)
    assert await say(world, mine, ADMINISTRATOR, "approve", INSIDE) == "approved"


async def test_only_who_was_asked_and_still_may_is_heard(world: World) -> None:
    article = await world.write()
    with pytest.raises(NotReviewer) as unknown:
        await ask(world, article, READER.id, REVIEWER.id)
    assert unknown.value.data == {"reviewer_ids": [READER.id]}
    await ask(world, article, REVIEWER.id)
    with pytest.raises(NotAsked):
        await say(world, article, SECOND_REVIEWER, "approve", INSIDE)
    with pytest.raises(Forbidden):
        await say(world, article, EDITOR, "approve", INSIDE)
    await KnowledgeStaff.filter(agent_id=REVIEWER.id).update(is_reviewer=False)
    with pytest.raises(Forbidden):
        await say(world, article, REVIEWER, "approve", INSIDE)


@pytest.mark.parametrize("target_ids", [[], ["gd:nowhere"], ["bj:inside"]])
async def test_an_approval_names_targets_that_are_there(world: World, target_ids: list[str]) -> None:
    article = await world.write()
    await ask(world, article)
    with pytest.raises(InvalidInput):
        await say(world, article, REVIEWER, "approve", *target_ids)


async def test_a_review_can_be_taken_back_and_asked_again(world: World) -> None:
    article = await world.write()
    article_id = article.article.id
    for _ in range(2):
        await ask(world, article)
    with pytest.raises(WrongStage):
        await ask(world, article, REVIEWER.id)
    await say(world, article, REVIEWER, "approve", INSIDE)
    for _ in range(2):
        await world.kb.reviewing.take_back(EDITOR, article_id, VersionRef(version=1))
    assert (await world.see(article_id)).newest.opinions == []
    await ask(world, article, REVIEWER.id)
    assert await say(world, article, REVIEWER, "approve", INSIDE) == "approved"
    with pytest.raises(WrongStage):
        await world.kb.reviewing.take_back(EDITOR, article_id, VersionRef(version=1))


async def test_two_reviewers_at_once_both_count(world: World) -> None:
    for _ in range(3):
        article = await world.write()
        await ask(world, article)
        async with asyncio.TaskGroup() as group:
            for who in (REVIEWER, SECOND_REVIEWER):
                group.create_task(say(world, article, who, "approve", INSIDE))
        assert (await world.see(article.article.id)).article.stage == "approved"


async def test_deleting_while_it_is_published_leaves_nothing_visible(world: World) -> None:
    article = await world.approve(await world.write())
    article_id = article.article.id
    refused: list[Exception] = []

    async def publish() -> None:
        try:
            await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
        except InBin as error:
            refused.append(error)

    async with asyncio.TaskGroup() as group:
        group.create_task(publish())
        group.create_task(world.kb.articles.delete(EDITOR, article_id))
    gone = await world.see(article_id)
    assert gone.article.deleted_ms is not None
    assert {p.state for p in gone.publications} <= {"withdrawn"}
    assert len(refused) == (0 if gone.publications else 1)


async def test_staff_is_named_by_administrators(world: World) -> None:
    with pytest.raises(Forbidden):
        await world.kb.staff.set(EDITOR, SetStaff(agent_id=EDITOR.id, is_editor=True, is_reviewer=True))
    for stranger in ("nobody", "stranger"):
        cmd = SetStaff(agent_id=stranger, is_editor=True, is_reviewer=False)
        with pytest.raises(NotFound):
            await world.kb.staff.set(ADMINISTRATOR, cmd)
    listed = await world.kb.staff.set(
        ADMINISTRATOR, SetStaff(agent_id=READER.id, is_editor=False, is_reviewer=True)
    )
    assert {one.agent.id for one in listed.staff if one.is_reviewer} == {*BOTH, READER.id}
    assert await world.kb.rights.reviewers(GD) == {*BOTH, READER.id, ADMINISTRATOR.id}


async def test_a_reviewer_is_told_how_many_articles_wait_for_his_word(world: World) -> None:
    desk = world.kb.desk
    article = await world.write()
    assert (await desk.standing(REVIEWER)).to_review == 0
    ask = AskReview(version=1, reviewer_ids=[REVIEWER.id, SECOND_REVIEWER.id])
    await world.kb.reviewing.ask(EDITOR, article.article.id, ask)
    standing = await desk.standing(REVIEWER)
    assert (standing.is_reviewer, standing.is_editor, standing.to_review) == (True, False, 1)
    assert (await desk.standing(EDITOR)).to_review == 0
    opinion = GiveOpinion(version=1, verdict="approve", target_ids=[INSIDE])
    await world.kb.reviewing.give_opinion(REVIEWER, article.article.id, opinion)
    assert (await desk.standing(REVIEWER)).to_review == 0
    assert (await desk.standing(SECOND_REVIEWER)).to_review == 1
    assert (await desk.standing(READER)).to_review == 0
