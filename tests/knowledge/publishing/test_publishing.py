"""What readers see follows what is said, target by target. Source: 3.2.2-13, 3.2.2-14."""

from __future__ import annotations

import pytest

from tests.knowledge.conftest import EDITOR, GD, INSIDE, OUTSIDE, READER, World
from wecc.kernel.errors import Forbidden, InvalidInput, NotFound
from wecc.knowledge.domain import Expired, InBin, NotApproved, WrongStage
from wecc.knowledge.models import Publication
from wecc.knowledge.publishing.placing import Placing
from wecc.knowledge.publishing.service import NotPublished
from wecc.knowledge.readers import PUBLIC
from wecc.knowledge.schemas import Publish, Suspend, Withdraw
from wecc.security.models import AuditLine


async def seen(world: World, article_id: str) -> int | None:
    """The version that everybody sees."""
    shown = (await world.kb.shelves.open(GD)).find(PUBLIC, article_id)
    return shown.version if shown is not None else None


async def visible(article_id: str) -> dict[str, int | None]:
    rows = await Publication.filter(article_id=article_id).order_by("id")
    return {row.target_id: row.visible_version for row in rows}


async def published(world: World, placing: Placing, *target_ids: str) -> str:
    """An article that is approved for both targets and shown on these."""
    article = await world.approve(await world.write())
    article_id = article.article.id
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1, target_ids=list(target_ids)))
    await placing.settle()
    return article_id


async def test_it_is_seen_once_the_copy_is_there_and_not_before(world: World, placing: Placing) -> None:
    article_id = (await world.approve(await world.write())).article.id
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    assert await world.stages(article_id) == ["published"]
    assert await seen(world, article_id) is None
    await placing.settle()
    assert await seen(world, article_id) == 1
    assert await visible(article_id) == {INSIDE: 1, OUTSIDE: 1}


async def test_it_goes_only_where_the_reviewers_let_it(world: World, placing: Placing) -> None:
    article_id = (await world.approve(await world.write(), INSIDE)).article.id
    with pytest.raises(NotApproved):
        await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1, target_ids=[OUTSIDE]))
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    await placing.settle()
    assert await visible(article_id) == {INSIDE: 1}


async def test_a_draft_or_another_centers_article_is_not_published(world: World) -> None:
    draft = (await world.write()).article.id
    with pytest.raises(WrongStage):
        await world.kb.publishing.publish(EDITOR, draft, Publish(version=1))
    with pytest.raises(NotFound):
        await world.kb.publishing.publish(EDITOR, "0" * 32, Publish(version=1))
    with pytest.raises(Forbidden):
        await world.kb.publishing.publish(READER, draft, Publish(version=1))


async def test_a_withdrawal_is_seen_before_the_copy_is_gone(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
    assert await seen(world, article_id) is None
    assert (world.data.folder / "kb-targets/outside" / article_id).exists()
    assert await world.stages(article_id) == ["withdrawn"]
    await placing.settle()
    assert not (world.data.folder / "kb-targets/outside" / article_id).exists()


async def test_a_withdrawal_from_one_target_leaves_the_other(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw(target_ids=[OUTSIDE]))
    await placing.settle()
    assert await visible(article_id) == {INSIDE: 1, OUTSIDE: None}
    assert await world.stages(article_id) == ["published"]


async def test_a_live_version_stays_until_the_next_is_there(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    article = await world.approve(await world.save(await world.see(article_id), "如何查询话费（新）"))
    assert await seen(world, article_id) == 1
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=2))
    assert await seen(world, article_id) == 1
    await placing.settle()
    assert await seen(world, article_id) == 2
    assert await world.stages(article_id) == ["superseded", "published"]
    folder = world.data.folder / "kb-targets/outside" / article_id
    assert [path.name for path in folder.iterdir()] == ["2"]
    assert article.article.newest_version == 2


async def test_an_earlier_version_comes_back(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    await world.approve(await world.save(await world.see(article_id), "如何查询话费（新）"))
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=2))
    await placing.settle()
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    await placing.settle()
    assert await seen(world, article_id) == 1
    assert await world.stages(article_id) == ["published", "superseded"]
    assert (await world.see(article_id)).article.stage == "superseded"


async def test_a_suspension_ends_by_itself(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    until_ms = world.clock.now_ms() + 3_600_000
    await world.kb.publishing.suspend(EDITOR, article_id, Suspend(until_ms=until_ms))
    assert await seen(world, article_id) is None
    assert await world.stages(article_id) == ["suspended"]
    world.clock.advance(3599)
    await placing.keep_time()
    await placing.settle()
    assert await seen(world, article_id) is None
    world.clock.advance(1)
    await placing.keep_time()
    await placing.settle()
    assert await seen(world, article_id) == 1
    assert await world.stages(article_id) == ["published"]


async def test_a_suspension_ends_when_somebody_says_so(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    await world.kb.publishing.suspend(EDITOR, article_id, Suspend())
    await placing.settle()
    await world.kb.publishing.resume(EDITOR, article_id, Withdraw())
    await placing.settle()
    assert await seen(world, article_id) == 1


async def test_it_cannot_be_suspended_until_yesterday_or_when_it_is_nowhere(
    world: World, placing: Placing
) -> None:
    article_id = await published(world, placing)
    with pytest.raises(InvalidInput):
        await world.kb.publishing.suspend(EDITOR, article_id, Suspend(until_ms=world.clock.now_ms()))
    await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
    with pytest.raises(NotPublished):
        await world.kb.publishing.suspend(EDITOR, article_id, Suspend())


async def test_it_starts_when_it_is_to_start(world: World, placing: Placing) -> None:
    article_id = (await world.approve(await world.write())).article.id
    starts_ms = world.clock.now_ms() + 60_000
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1, starts_ms=starts_ms))
    await placing.settle()
    assert await seen(world, article_id) is None
    assert not (world.data.folder / "kb-targets/outside" / article_id).exists()
    world.clock.advance(60)
    await placing.keep_time()
    await placing.settle()
    assert await seen(world, article_id) == 1


async def test_until_the_next_starts_the_one_before_stays(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    await world.approve(await world.save(await world.see(article_id), "新"))
    starts_ms = world.clock.now_ms() + 60_000
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=2, starts_ms=starts_ms))
    await placing.settle()
    assert await seen(world, article_id) == 1
    world.clock.advance(60)
    await placing.keep_time()
    await placing.settle()
    assert await seen(world, article_id) == 2


async def test_what_is_not_valid_any_more_is_withdrawn(world: World, placing: Placing) -> None:
    ends_ms = world.clock.now_ms() + 60_000
    article_id = (await world.approve(await world.write(valid_until_ms=ends_ms))).article.id
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    await placing.settle()
    assert await seen(world, article_id) == 1
    world.clock.advance(60)
    await placing.keep_time()
    assert await seen(world, article_id) is None
    assert await world.stages(article_id) == ["withdrawn"]
    with pytest.raises(Expired):
        await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))


async def test_validity_may_begin_later(world: World, placing: Placing) -> None:
    begins_ms = world.clock.now_ms() + 60_000
    article_id = (await world.approve(await world.write(valid_from_ms=begins_ms))).article.id
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    await placing.settle()
    assert await seen(world, article_id) is None
    world.clock.advance(60)
    await placing.keep_time()
    await placing.settle()
    assert await seen(world, article_id) == 1


async def test_what_lies_in_the_bin_is_neither_seen_nor_published(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    await world.kb.articles.delete(EDITOR, article_id)
    assert await seen(world, article_id) is None
    with pytest.raises(InBin):
        await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))


async def test_everything_may_be_said_twice(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    before = await AuditLine.all().count()
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    assert await AuditLine.all().count() == before, "nothing was done, nothing is logged"
    assert await seen(world, article_id) == 1
    for _ in range(2):
        await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
        await placing.settle()
        assert await seen(world, article_id) is None


async def test_every_step_leaves_its_line(world: World, placing: Placing) -> None:
    article_id = await published(world, placing, OUTSIDE)
    await world.kb.publishing.suspend(EDITOR, article_id, Suspend())
    await world.kb.publishing.resume(EDITOR, article_id, Withdraw())
    await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
    acts = await AuditLine.filter(subject=article_id).order_by("id").values_list("act", "actor_kind")
    assert [(str(act), str(kind)) for act, kind in acts][-5:] == [
        ("kb.article_published", "agent"),
        ("kb.article_shown", "system"),
        ("kb.article_suspended", "agent"),
        ("kb.article_resumed", "agent"),
        ("kb.article_withdrawn", "agent"),
    ]
