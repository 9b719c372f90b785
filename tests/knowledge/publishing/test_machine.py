"""Whatever is said in whatever order, while targets fail and heal: readers see what the rules say, targets hold it.

Source: 3.2.2-12 … 14.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tortoise.backends.base.executor import EXECUTOR_CACHE

from wecc import knowledge
from wecc.identity import Identity
from wecc.identity.models import Center
from wecc.infra import db
from wecc.kernel.actor import Actor, system
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId
from wecc.knowledge import AgentGroup, KnowledgeFeature
from wecc.knowledge.models import ArticleVersion, Publication
from wecc.knowledge.publishing.placing import Placing
from wecc.knowledge.publishing.service import NotPublished
from wecc.knowledge.readers import PUBLIC
from wecc.knowledge.schemas import (
    CategoryText,
    Content,
    NewArticle,
    Publish,
    SaveVersion,
    Suspend,
    TargetText,
    Withdraw,
)
from wecc.security import Passwords, verify_audit
from wecc.settings import Data, Settings

T = TypeVar("T")

GD = CenterId("gd")
OPERATOR = system(GD, "operator")
CODES = ("a", "b")
VERSIONS = (1, 2, 3)

some_targets = st.sets(st.sampled_from(CODES), min_size=1)
later_s = st.sampled_from([None, 10, 100])


@dataclass
class Model:
    """One target, as the rules have it. `holds` is what lies there."""

    state: str = "withdrawn"
    version: int = 0
    due_ms: int | None = None
    visible: int | None = None
    holds: int | None = None
    is_broken: bool = False

    def pass_time(self, now_ms: int) -> None:
        if self.due_ms is not None and self.due_ms <= now_ms:
            self.state, self.due_ms = "live", None

    def settle(self) -> None:
        if self.is_broken:
            return
        if self.state == "live":
            self.visible = self.holds = self.version
        else:
            self.holds = self.visible


class PublishingMachine(RuleBasedStateMachine):
    """An article of three approved versions, two targets, and a model of each."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="wecc-publishing-"))
        self.clock = VirtualClock()
        self.passwords = Passwords()
        self.models = {code: Model() for code in CODES}
        self.kb: KnowledgeFeature
        self.placing: Placing
        self.article_id = ""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        self.run(self._open())

    async def _open(self) -> None:
        EXECUTOR_CACHE.clear()
        data = Data(folder=self.folder)
        shutil.copy(self.template, db.sqlite_file(data))
        await db.connect(data)
        identity = Identity(self.clock, Settings().sign_in, self.passwords)

        async def no_groups(_: CenterId) -> dict[str, AgentGroup]:
            return {}

        async def none(_: Actor) -> set[str]:
            return set()

        self.kb = knowledge.build(Settings(data=data), self.clock, identity, no_groups, none)
        names: dict[str, Any] = {"name_zh": "x", "name_en": "x", "greeting_zh": "", "greeting_en": ""}
        await Center.create(id=GD, default_tier="other", **names)
        for code in CODES:
            await self.kb.targets.set(OPERATOR, TargetText(code=code, name_zh=code, root=code))
        tree = await self.kb.categories.add(OPERATOR, CategoryText(name_zh="x"))
        category_id = tree.categories[0].id
        first = NewArticle(category_id=category_id, content=Content(title="第 1 版"))
        self.article_id = await self.kb.articles.add(OPERATOR, first)
        for number in VERSIONS[1:]:
            save = SaveVersion(base_version=number - 1, content=Content(title=f"第 {number} 版"))
            await self.kb.articles.save(OPERATOR, self.article_id, save)
        await ArticleVersion.filter(article_id=self.article_id).update(stage="approved")
        self.placing = self.kb.placing(GD)
        await self.placing.settle()

    # ------------------------------------------------------------------ what people say

    @rule(version=st.sampled_from(VERSIONS), codes=some_targets, after_s=later_s)
    def publish(self, version: int, codes: set[str], after_s: int | None) -> None:
        starts_ms = self.clock.now_ms() + after_s * 1000 if after_s else None
        cmd = Publish(version=version, target_ids=_ids(codes), starts_ms=starts_ms)
        self.run(self.kb.publishing.publish(OPERATOR, self.article_id, cmd))
        for code in codes:
            model = self.models[code]
            model.state, model.version = ("scheduled" if after_s else "live"), version
            model.due_ms = starts_ms

    @rule(codes=some_targets)
    def withdraw(self, codes: set[str]) -> None:
        self.run(self.kb.publishing.withdraw(OPERATOR, self.article_id, Withdraw(target_ids=_ids(codes))))
        for code in codes:
            model = self.models[code]
            model.state, model.due_ms, model.visible = "withdrawn", None, None

    @rule(codes=some_targets, after_s=later_s)
    def suspend(self, codes: set[str], after_s: int | None) -> None:
        until_ms = self.clock.now_ms() + after_s * 1000 if after_s else None
        there = [code for code in codes if self.models[code].state != "withdrawn"]
        cmd = Suspend(target_ids=_ids(codes), until_ms=until_ms)
        try:
            self.run(self.kb.publishing.suspend(OPERATOR, self.article_id, cmd))
            assert there
        except NotPublished:
            assert not there
        for code in there:
            model = self.models[code]
            model.state, model.due_ms, model.visible = "suspended", until_ms, None

    @rule(codes=some_targets)
    def resume(self, codes: set[str]) -> None:
        self.run(self.kb.publishing.resume(OPERATOR, self.article_id, Withdraw(target_ids=_ids(codes))))
        for code in codes:
            if self.models[code].state == "suspended":
                self.models[code].state, self.models[code].due_ms = "live", None

    # ------------------------------------------------------------------ what happens

    @rule(seconds=st.sampled_from([5, 50, 500]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.run(self.placing.keep_time())
        for model in self.models.values():
            model.pass_time(self.clock.now_ms())

    @rule(code=st.sampled_from(CODES))
    def break_target(self, code: str) -> None:
        """A file where its folder should be; what lay there is lost."""
        root = self.folder / "kb-targets" / code
        if root.is_dir():
            shutil.rmtree(root)
            root.write_text("in the way")
        self.models[code].is_broken = True

    @rule(code=st.sampled_from(CODES))
    def heal_target(self, code: str) -> None:
        root = self.folder / "kb-targets" / code
        if root.is_file():
            root.unlink()
        self.models[code].is_broken = False

    @rule(is_restarted=st.booleans())
    def settle(self, is_restarted: bool) -> None:
        """As the jobs process does it, after whatever pause a failure asks for."""
        if is_restarted:
            self.placing.close()
            self.placing = self.kb.placing(GD)
        self.clock.advance(61)
        self.run(self.placing.keep_time())
        for model in self.models.values():
            model.pass_time(self.clock.now_ms())
        for code in CODES:
            self.run(self.kb.targets.check(OPERATOR, code))
        self.run(self.placing.settle())
        for code, model in self.models.items():
            model.settle()
            if not model.is_broken:
                self._holds(code, model)

    def _holds(self, code: str, model: Model) -> None:
        root = self.folder / "kb-targets" / code
        copies = [str(path.relative_to(root)) for path in root.glob("*/*")]
        held = [f"{self.article_id}/{model.holds}"] if model.holds else []
        assert copies == held
        manifest = orjson.loads((root / "manifest.json").read_bytes())["articles"]
        assert [f"{entry['id']}/{entry['version']}" for entry in manifest] == held

    # ------------------------------------------------------------------ what must hold

    @invariant()
    def readers_see_what_the_rules_say(self) -> None:
        if not self.article_id:
            return
        rows = self.run(_rows(self.article_id))
        for code, model in self.models.items():
            row = rows.get(f"gd:{code}")
            assert (row.visible_version if row else None) == model.visible, code
            assert (row.state if row else "withdrawn") == model.state, code
        shelf = self.run(self.kb.shelves.open(GD))
        shown = shelf.find(PUBLIC, self.article_id)
        newest = max((m.visible for m in self.models.values() if m.visible), default=None)
        assert (shown.version if shown else None) == newest
        stages = self.run(_stages(self.article_id))
        for version in VERSIONS:
            states = {m.state for m in self.models.values() if m.version == version}
            if states & {"live", "scheduled"}:
                assert stages[version] == "published"
            elif "suspended" in states:
                assert stages[version] == "suspended"
            else:
                assert stages[version] in ("withdrawn", "superseded", "approved")

    def teardown(self) -> None:
        if self.article_id:
            self.placing.close()
            assert self.run(verify_audit()) is None
            self.run(self.kb.close())
            self.run(db.close())
        self.passwords.close()
        self.runner.close()
        shutil.rmtree(self.folder)


def _ids(codes: set[str]) -> list[str]:
    return [f"gd:{code}" for code in sorted(codes)]


async def _rows(article_id: str) -> dict[str, Publication]:
    return {row.target_id: row for row in await Publication.filter(article_id=article_id)}


async def _stages(article_id: str) -> dict[int, str]:
    return {row.version: row.stage for row in await ArticleVersion.filter(article_id=article_id)}


def test_publishing(tmp_path: Path) -> None:
    data = Data(folder=tmp_path)
    EXECUTOR_CACHE.clear()
    asyncio.run(db.migrate(data))
    PublishingMachine.template = db.sqlite_file(data)
    machine = PublishingMachine.TestCase
    machine.settings = settings(
        max_examples=8,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine().runTest()
