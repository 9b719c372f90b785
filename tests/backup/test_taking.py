"""A backup is of one moment, whoever writes meanwhile, and replaces nothing before it is complete."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.backup.conftest import Make
from tests.backup.systems import System, quiet
from tests.conversations.test_domain import NEW, VISITOR, draft
from wecc.backup.archive import Archive, Refused
from wecc.conversations.domain import Kind
from wecc.conversations.store import LogStore, PostgresLogStore, SqliteLogStore
from wecc.infra import db


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    with Archive.open(path, quiet()) as archive:
        (stored,) = (t for t in archive.manifest.tables if t.table.name == table)
        return [
            dict(zip(stored.table.columns, row, strict=True))
            for batch in archive.rows(stored)
            for row in batch
        ]


def log_store(system: System) -> LogStore:
    if system.data.is_sqlite:
        return SqliteLogStore(db.sqlite_file(system.data))
    return PostgresLogStore(system.data.database_url.replace("postgres://", "postgresql://", 1))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_it_is_of_one_moment_while_others_write(make: Make, tmp_path: Path, kind: str) -> None:
    """No event beyond its conversation's last, none missing before it, no work without its conversation."""
    system = await make(kind)
    await db.migrate(system.data)
    store = log_store(system)
    started = draft(Kind.STARTED, key="started")
    await store.commit([NEW], [started])
    written = 0
    is_over = asyncio.Event()

    async def write() -> None:
        nonlocal written
        while not is_over.is_set():
            written += 1
            await store.commit([], [draft(Kind.MESSAGE, VISITOR, f"message-{written:06}")])

    taken = []
    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        for number in range(3):
            before = written
            taken.append(await asyncio.to_thread(_take, system, tmp_path / f"{number}.wecc"))
            async with asyncio.timeout(30):
                while written < before + 20:
                    await asyncio.sleep(0.01)
        is_over.set()
    await store.close()
    seen = []
    for path in taken:
        (conversation,) = rows(path, "conversation")
        sequence = sorted(row["seq"] for row in rows(path, "log_entry"))
        assert sequence == list(range(1, conversation["last_seq"] + 1))
        assert orjson.loads(conversation["state"])["last_seq"] == conversation["last_seq"]
        seen.append(conversation["last_seq"])
    assert seen == sorted(set(seen)), "each backup is of a later moment"


def _take(system: System, path: Path) -> Path:
    asyncio.run(system.take(path))
    return path


async def test_a_file_that_is_there_stays_until_the_new_one_is_complete(
    make: Make, system: System, tmp_path: Path
) -> None:
    path = tmp_path / "backup.wecc"
    path.write_text("the one before")
    with pytest.raises(Refused, match="is there already"):
        await system.take(path)
    empty = await make("sqlite")
    with pytest.raises(Refused, match="There is no database"):
        await empty.take(path, replaces=True)
    db.sqlite_file(empty.data).touch()
    with pytest.raises(Refused, match="The database is not up to date"):
        await empty.take(path, replaces=True)
    assert path.read_text() == "the one before"
    await system.take(path, replaces=True)
    assert rows(path, "center")
    assert not list(tmp_path.glob(".backup*")), "nothing half-written is left"  # noqa: ASYNC240


async def test_a_place_that_cannot_be_written_is_one_sentence(system: System, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere/backup.wecc cannot be written: .*No such file or directory"):
        await system.take(tmp_path / "nowhere/backup.wecc")


async def test_half_written_and_linked_files_are_not_taken(make: Make, tmp_path: Path) -> None:
    system = await make("sqlite")
    await db.migrate(system.data)
    folder = system.folder / "files/gd/ab"
    folder.mkdir(parents=True)
    (folder / "whole").write_text("whole")
    (folder / "half.partial").write_text("ha")
    (folder / ".hidden").write_text("hidden")
    (folder / "link").symlink_to("/etc/hostname")
    manifest = await system.take(tmp_path / "backup.wecc")
    assert [f.name for f in manifest.files if f.name.startswith("files/")] == ["files/gd/ab/whole"]


async def test_a_database_of_a_newer_version_is_not_taken(make: Make, tmp_path: Path) -> None:
    system = await make("sqlite")
    await db.migrate(system.data)
    async with system.opened():
        await db.connection().execute_query(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('identity', '0099_later', '2030-01-01')"
        )
    with pytest.raises(Refused, match=r"A newer WECC has migrated the database \(identity\.0099_later\)"):
        await system.take(tmp_path / "backup.wecc")
