"""A center with its staff and two targets, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.conftest import Migrated
from wecc import knowledge
from wecc.identity import Identity
from wecc.identity.models import Agent, Center, Tier
from wecc.infra import db
from wecc.kernel.actor import Actor, ActorKind, Role
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId
from wecc.knowledge import KnowledgeFeature
from wecc.knowledge.models import ArticleVersion, KnowledgeStaff, Publication, Target
from wecc.knowledge.schemas import (
    AgentGroup,
    ArticleDetail,
    AskReview,
    Audience,
    CategoryText,
    Content,
    GiveOpinion,
    NewArticle,
    SaveVersion,
)
from wecc.security import Passwords, verify_audit
from wecc.settings import Data, Settings

GD = CenterId("gd")
INSIDE, OUTSIDE = "gd:inside", "gd:outside"


def agent(agent_id: str, role: Role = Role.AGENT, center_id: CenterId = GD) -> Actor:
    return Actor(ActorKind.AGENT, center_id, agent_id, agent_id, role, address="10.0.0.7")


EDITOR, SECOND_EDITOR = agent("editor"), agent("editor2")
REVIEWER, SECOND_REVIEWER = agent("reviewer"), agent("reviewer2")
ADMINISTRATOR, SUPERVISOR = agent("boss", Role.ADMINISTRATOR), agent("chief", Role.SUPERVISOR)
READER = agent("reader")
STRANGER = agent("stranger", Role.ADMINISTRATOR, CenterId("bj"))


@dataclass
class World:
    """The desk, and shortcuts through it."""

    data: Data
    clock: VirtualClock
    kb: KnowledgeFeature
    category_id: str = ""

    async def write(self, title: str = "如何查询话费", actor: Actor = EDITOR, **fields: Any) -> ArticleDetail:
        cmd = NewArticle(category_id=self.category_id, content=content(title, **fields))
        return await self.see(await self.kb.articles.add(actor, cmd))

    async def save(self, article: ArticleDetail, title: str, actor: Actor = EDITOR) -> ArticleDetail:
        base = article.article.newest_version
        cmd = SaveVersion(base_version=base, content=content(title))
        await self.kb.articles.save(actor, article.article.id, cmd)
        return await self.see(article.article.id)

    async def approve(self, article: ArticleDetail, *target_ids: str) -> ArticleDetail:
        """By both reviewers, for these targets."""
        article_id, version = article.article.id, article.article.newest_version
        ask = AskReview(version=version, reviewer_ids=[REVIEWER.id, SECOND_REVIEWER.id])
        await self.kb.reviewing.ask(EDITOR, article_id, ask)
        opinion = GiveOpinion(
            version=version, verdict="approve", target_ids=list(target_ids) or [INSIDE, OUTSIDE]
        )
        for reviewer in (REVIEWER, SECOND_REVIEWER):
            await self.kb.reviewing.give_opinion(reviewer, article_id, opinion)
        return await self.see(article_id)

    async def see(self, article_id: str) -> ArticleDetail:
        return await self.kb.desk.article(SUPERVISOR, article_id)

    async def stages(self, article_id: str) -> list[str]:
        """Of its versions, oldest first."""
        rows = await ArticleVersion.filter(article_id=article_id).order_by("version")
        return [row.stage for row in rows]

    async def show(self) -> None:
        """As when every target holds what it should."""
        for row in await Publication.filter(state="live"):
            row.visible_version = row.placed_version = row.version
            row.is_settled = True
            await row.save()

    async def add_category(self, name: str, parent_id: str = "") -> str:
        tree = await self.kb.categories.add(EDITOR, CategoryText(parent_id=parent_id, name_zh=name))
        return next(c.id for c in tree.categories if c.name_zh == name and c.parent_id == parent_id)


def content(title: str = "如何查询话费", **fields: Any) -> Content:
    return Content.model_validate({"title": title, "body": "发送 **HF** 到 10086。", **fields})


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, migrated: Migrated) -> Data:
    return migrated(request.param, tmp_path)


@pytest.fixture
async def data(empty: Data) -> AsyncIterator[Data]:
    """An open, migrated, empty database."""
    data = empty
    # Tortoise keeps statements for each model, whatever the database: here both kinds come in one process.
    EXECUTOR_CACHE.clear()
    await db.connect(data)
    if not data.is_sqlite:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ 'migration'"
        tables = [row["tablename"] for row in await db.connection().execute_query_dict(query)]
        await db.connection().execute_script(f"TRUNCATE {', '.join(tables)} CASCADE")
    yield data
    await db.close()


@pytest.fixture
async def world(data: Data) -> AsyncIterator[World]:
    """Every test ends with a log whose chain holds."""
    clock = VirtualClock()
    passwords = Passwords()
    settings = Settings(data=data)
    identity = Identity(clock, settings.sign_in, passwords)
    for center_id in ("gd", "bj"):
        names: dict[str, Any] = {
            "name_zh": center_id,
            "name_en": center_id,
            "greeting_zh": "",
            "greeting_en": "",
        }
        await Center.create(id=center_id, default_tier="other", **names)
        for rank, code in enumerate(("other", "vip")):
            tier: dict[str, Any] = {"center_id": center_id, "code": code, "name_zh": code, "name_en": code}
            await Tier.create(id=f"{center_id}:{code}", rank=rank, **tier)
    for who in (
        EDITOR,
        SECOND_EDITOR,
        REVIEWER,
        SECOND_REVIEWER,
        ADMINISTRATOR,
        SUPERVISOR,
        READER,
        STRANGER,
    ):
        account: dict[str, Any] = {
            "center_id": who.center_id,
            "login": who.id,
            "name": who.name,
            "password_hash": "",
        }
        await Agent.create(id=who.id, role=who.role.value, **account)
    for who in (EDITOR, SECOND_EDITOR):
        await KnowledgeStaff.create(agent_id=who.id, center_id=GD, is_editor=True)
    for who in (REVIEWER, SECOND_REVIEWER):
        await KnowledgeStaff.create(agent_id=who.id, center_id=GD, is_reviewer=True)
    for target_id in (INSIDE, OUTSIDE):
        code = target_id.removeprefix("gd:")
        place: dict[str, Any] = {
            "code": code,
            "name_zh": code,
            "name_en": code,
            "kind": "directory",
            "root": code,
        }
        audience = Audience().model_dump_json()
        await Target.create(
            id=target_id, center_id=GD, audience=audience, is_default=code == "outside", **place
        )

    async def groups_of(_: CenterId) -> dict[str, AgentGroup]:
        return {"vip_desk": AgentGroup(code="vip_desk", name_zh="大客户座席", name_en="Key accounts")}

    async def groups_of_agent(_: Actor) -> set[str]:
        return set()

    feature = knowledge.build(settings, clock, identity, groups_of, groups_of_agent)
    made = World(data, clock, feature)
    made.category_id = await made.add_category("资费")
    yield made
    assert await verify_audit() is None
    await feature.close()
    passwords.close()
