"""What a new center is set up with, and how it makes way for a base of one's own. Source: 3.2.2-04."""

from __future__ import annotations

from tests.knowledge.conftest import EDITOR, GD, World
from wecc.identity import Identity
from wecc.kernel.actor import system
from wecc.knowledge.models import Article, Publication
from wecc.knowledge.schemas import Content
from wecc.knowledge.seeding import NewText, add_articles, retire_samples
from wecc.security import Passwords
from wecc.settings import SignIn

OPERATOR = system(GD, "import")


def sample(external_id: str, title: str) -> NewText:
    content = Content(title=title, body="内容")
    return NewText(external_id, [("手机", "Mobile"), ("账单", "Bills")], content, ["inside"])


async def seeded(world: World) -> Identity:
    passwords = Passwords()
    identity = Identity(world.clock, SignIn(), passwords)
    passwords.close()
    texts = [sample("nf-1", "怎么充值"), sample("nf-2", "怎么开发票")]
    await add_articles(world.clock, identity, GD, texts, ["nf-2"])
    return identity


async def test_samples_are_published_once(world: World) -> None:
    identity = await seeded(world)
    await add_articles(world.clock, identity, GD, [sample("nf-3", "再来")], [])
    assert await Article.filter(center_id=GD).count() == 2
    assert await Publication.filter(state="live", target_id="gd:inside").count() == 2


async def test_samples_nobody_edited_make_way_and_can_be_restored(world: World) -> None:
    identity = await seeded(world)
    mine = await Article.get(external_id="nf-1")
    await world.save(await world.see(mine.id), "怎么充值缴费")
    assert await retire_samples(world.clock, identity, OPERATOR) == 1
    gone = await Article.get(external_id="nf-2")
    assert gone.deleted_ms is not None
    assert await Publication.filter(article_id=gone.id, state="live").count() == 0
    assert (await Article.get(external_id="nf-1")).deleted_ms is None
    assert await retire_samples(world.clock, identity, OPERATOR) == 0
    await world.kb.articles.restore(EDITOR, gone.id)
    assert await retire_samples(world.clock, identity, OPERATOR) == 0
    assert (await Article.get(external_id="nf-2")).deleted_ms is None
