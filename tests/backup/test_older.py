"""A backup of an older version is brought up to this one's form."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from tests.backup.conftest import Make
from tests.backup.systems import quiet
from wecc.backup.archive import Kind, Origin, Row, Table, Writer
from wecc.backup.restoring import restore
from wecc.backup.stores import SqliteStore
from wecc.identity.models import Agent, Center
from wecc.infra import db
from wecc.routing.models import PlanVersion
from wecc.settings import Data

FIRST_RELEASE = [
    "identity.0001_initial",
    "security.0001_initial",
    "conversations.0001_initial",
    "conversations.0002_work",
    "supervision.0001_initial",
]
"""Before there were routing plans, which are made from what identity's tables held, and a knowledge base."""

TEXT, INT, FLOAT, BOOL, JSON = Kind

Columns = dict[str, tuple[Kind, object]]

CENTER: Columns = {
    "id": (TEXT, "gd"),
    "name_zh": (TEXT, "广东"),
    "name_en": (TEXT, "Guangdong"),
    "greeting_zh": (TEXT, "您好"),
    "greeting_en": (TEXT, "Hello"),
    "site_origins": (JSON, ["https://www.example.com"]),
    "default_tier": (TEXT, "other"),
}
TIER: Columns = {
    "id": (TEXT, "gd:vip"),
    "center_id": (TEXT, "gd"),
    "code": (TEXT, "vip"),
    "name_zh": (TEXT, "大客户"),
    "name_en": (TEXT, "VIP"),
    "rank": (INT, 9),
    "chat_target_percent": (FLOAT, 95.0),
    "chat_threshold_s": (FLOAT, 12.0),
    "voice_target_percent": (FLOAT, 90.0),
    "voice_threshold_s": (FLOAT, 15.0),
    "window_min": (INT, 30),
    "is_subordinate": (BOOL, False),
}
AGENT: Columns = {
    "id": (TEXT, "a1"),
    "center_id": (TEXT, "gd"),
    "login": (TEXT, "1001"),
    "name": (TEXT, "李晓雯"),
    "password_hash": (TEXT, "hash"),
    "role": (TEXT, "agent"),
    "groups": (JSON, ["key"]),
    "capacity": (INT, 4),
    "is_disabled": (BOOL, False),
}
GROUP: Columns = {
    "id": (TEXT, "gd:key"),
    "center_id": (TEXT, "gd"),
    "code": (TEXT, "key"),
    "name_zh": (TEXT, "大客户座席群"),
    "name_en": (TEXT, "Key accounts"),
    "tiers": (JSON, ["vip"]),
}


async def test_rows_of_the_first_release_are_migrated(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "old.wecc"
    rows = {"center": CENTER, "tier": TIER, "agent": AGENT, "agent_group": GROUP}
    await old_backup(path, tmp_path, rows)
    for kind in ("sqlite", "postgres"):
        restored = await make(kind)
        await restore(restored.data, path, quiet())
        async with restored.opened():
            assert (await Center.get()).site_origins == ["https://www.example.com"]
            assert (await Agent.get()).password_hash == "hash"
            version = await PlanVersion.get()
        plan = orjson.loads(version.plan)
        assert plan["tiers"][0]["targets"][0]["target_percent"] == pytest.approx(95)
        assert plan["members"] == [
            {"agent_id": "a1", "capacity": 4, "groups": [{"group": "key", "level": 1}]}
        ]
        await restored.take(tmp_path / f"{kind}.wecc")


def kinds(file: Path, table: str) -> dict[str, Kind]:
    """By the types the columns were declared with."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall()
    return {
        name: next(kind for mark, kind in _DECLARED.items() if mark in declared) for name, declared in rows
    }


_DECLARED = {"JSON": JSON, "INT": INT, "REAL": FLOAT, "": TEXT}


async def old_backup(path: Path, folder: Path, rows: dict[str, Columns]) -> None:
    """As that version would have written it: all its tables, most of them empty."""
    data = Data(folder=folder)
    await db.migrate(data, FIRST_RELEASE)
    store = SqliteStore(db.sqlite_file(data))
    form, applied = await store.form(), await store.applied()
    await store.aclose()
    assert applied == FIRST_RELEASE
    with path.open("w+b") as file, Writer(file, quiet()) as writer:
        for name in sorted(form, key=lambda name: (name not in rows, name)):
            columns = kinds(db.sqlite_file(data), name)
            values = rows.get(name, {})
            columns |= {column: kind for column, (kind, _) in values.items()}
            row: Row = [values[column][1] for column in columns if values]
            key = "id" if "id" in columns else next(iter(columns))
            await writer.add_table(Table(name=name, key=key, columns=columns), batches([row] if row else []))
        writer.close(Origin(version="0.0.1", at="then", store="sqlite", centers=["gd"], migrations=applied))


async def batches(rows: list[Row]) -> AsyncIterator[list[Row]]:
    yield rows
