"""An installation of the first release keeps who serves whom when it is brought up to date."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.migrations.api import migrate

from tests.routing.test_plan import member
from wecc.infra import db
from wecc.routing.models import PlanVersion
from wecc.routing.plan import RoutingPlan
from wecc.settings import Data

_OLD = (
    (
        "INSERT INTO center (id, name_zh, name_en, greeting_zh, greeting_en, site_origins, default_tier) "
        "VALUES ('hn', '北方', 'North', '您好', 'Hello', '[]', 'vip')"
    ),
    (
        "INSERT INTO tier (id, center_id, code, name_zh, name_en, rank, is_subordinate, voice_threshold_s, "
        "voice_target_percent, chat_threshold_s, chat_target_percent, window_min) "
        "VALUES ('hn:vip', 'hn', 'vip', '贵宾', 'VIP', 90, true, 10, 96.5, 15, 95, 20)"
    ),
    (
        "INSERT INTO agent_group (id, center_id, code, name_zh, name_en, tiers) "
        """VALUES ('g1', 'hn', 'key', '大客户', 'Key', '["vip"]')"""
    ),
    (
        "INSERT INTO agent (id, center_id, login, name, password_hash, role, is_disabled, capacity, groups) "
        """VALUES ('a1', 'hn', '1001', '李', 'x', 'agent', false, 3, '["key"]')"""
    ),
)


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_groups_and_targets_become_the_first_plan(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    EXECUTOR_CACHE.clear()
    url = ""
    if store == "postgres":
        server: str = await asyncio.to_thread(request.getfixturevalue, "postgres_url")
        admin = await asyncpg.connect(server.replace("postgres://", "postgresql://", 1))
        await admin.execute("DROP DATABASE IF EXISTS upgrade")
        await admin.execute("CREATE DATABASE upgrade")
        await admin.close()
        url = server.rsplit("/", 1)[0] + "/upgrade"
    data = Data(folder=tmp_path, database_url=url)
    await migrate(config=db._config(data), target="identity.0001_initial")
    await Tortoise.close_connections()
    await db.connect(data)
    for statement in _OLD:
        await db.connection().execute_query(statement)
    await db.close()

    await db.migrate(data)
    await db.connect(data)
    [row] = await PlanVersion.all()
    await db.close()
    plan = RoutingPlan.model_validate_json(row.plan)
    assert (row.center_id, row.version, row.saved_by) == ("hn", 1, "")
    assert plan.members == [member("a1", "key", capacity=3)]
    assert [(g.code, g.name_zh, g.tiers) for g in plan.groups] == [("key", "大客户", ["vip"])]
    promises = {t.channel: (t.target_percent, t.threshold_s, t.window_min) for t in plan.tiers[0].targets}
    assert (promises["chat"], promises["voice"]) == ((95.0, 15.0, 20), (96.5, 10.0, 20))
    assert plan.tiers[0].is_subordinate
