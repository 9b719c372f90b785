"""What was backed up is what is restored, from either database into either. Source: 3.2.2-11."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.backup.conftest import Make, full
from tests.backup.systems import ROWS, System
from wecc.backup.archive import Archive
from wecc.backup.progress import Progress
from wecc.infra import db
from wecc.supervision.models import QueueSample


@pytest.mark.slow
@pytest.mark.parametrize(("first", "second"), [("sqlite", "postgres"), ("postgres", "sqlite")])
async def test_everything_is_equal_there_and_back(
    make: Make, tmp_path: Path, first: str, second: str
) -> None:
    system = await full(make, first)
    there, back = await make(second), await make(first)
    taken = await system.take(tmp_path / "1.wecc")
    await there.restore(tmp_path / "1.wecc")
    again = await there.take(tmp_path / "2.wecc")
    await back.restore(tmp_path / "2.wecc")
    assert again.tables == taken.tables, "row by row, whichever database they were read from"
    assert sum(stored.rows for stored in taken.tables) > 30 * ROWS
    tiers = Path("config/tiers.toml").read_text("utf-8")  # noqa: ASYNC240
    content = await system.content()
    assert content == await there.content() == await back.content()
    assert system.files() == there.files() == back.files() != {}
    for restored in (there, back):
        assert await restored.verify_audit() is None
        assert not (restored.folder / db.RESTORING).exists()
        assert restored.config() == tiers


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_ids_the_database_gives_go_on_after_the_restored_ones(
    make: Make, backup: Path, kind: str
) -> None:
    restored = await make(kind)
    await restored.restore(backup)
    async with restored.opened():
        last = max(sample.id for sample in await QueueSample.all())
        new = await QueueSample.create(center_id="id-0", queue="q", at_ms=1, target=1.0, asked=1, waiting=1)
    assert new.id == last + 1


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_migrated_but_empty_system_is_empty(
    make: Make, system: System, backup: Path, kind: str
) -> None:
    restored = await make(kind)
    await db.migrate(restored.data)
    await db.close()
    await restored.restore(backup)
    assert await restored.content() == await system.content()


async def test_every_table_of_the_database_is_kept(system: System, backup: Path) -> None:
    async with system.opened():
        rows = await db.connection().execute_query_dict("SELECT name FROM sqlite_master WHERE type = 'table'")
    there = {row["name"] for row in rows} - {"tortoise_migrations", "sqlite_sequence"}
    with Archive.open(backup, Progress()) as archive:
        assert {stored.table.name for stored in archive.manifest.tables} == there


def test_only_the_owner_reads_a_backup(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
