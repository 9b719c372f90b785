"""A restore is all or nothing, and only into an empty system on which nothing runs."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from redis.asyncio import Redis

from tests.backup.conftest import Make, full
from tests.backup.systems import System
from tests.backup.test_archive import forge, members, with_manifest
from tests.deployment import ROOT
from wecc.backup.archive import Refused
from wecc.infra import db
from wecc.processes.supervisor import own_folder

UNFINISHED = "was not finished. Run it again: wecc restore FILE."


def environment(system: System, **extra: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("WECC_")}
    own = {"WECC_DATA__FOLDER": str(system.folder), "DATABASE_URL": system.data.database_url, "REDIS_URL": ""}
    return {**clean, **own, **extra}


def start(system: System, *arguments: object, **extra: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "wecc", *map(str, arguments)],
        cwd=ROOT,
        env=environment(system, **extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wecc(system: System, *arguments: object, **extra: str) -> tuple[int, str, str]:
    """Exit code, output, complaints."""
    process = start(system, *arguments, **extra)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def kill_within(process: subprocess.Popen[str], marker: Path, after_s: float) -> None:
    """kill -9 so long after the restore began to write."""
    deadline_s = time.monotonic() + 60
    while process.poll() is None and not marker.exists() and time.monotonic() < deadline_s:
        time.sleep(0.002)
    deadline_s = time.monotonic() + after_s
    while process.poll() is None and time.monotonic() < deadline_s:
        time.sleep(0.002)
    process.kill()
    process.communicate()


async def test_a_system_with_a_center_is_left_alone(make: Make, system: System, backup: Path) -> None:
    before = await system.content()
    with pytest.raises(Refused, match=r"The database holds center id-0, id-1, .* only into an empty system"):
        await system.restore(backup)
    assert await system.content() == before


@pytest.mark.parametrize("folder", ["files", "kb-files"])
async def test_a_system_with_files_is_left_alone(make: Make, backup: Path, folder: str) -> None:
    system = await make("sqlite")
    kept = system.folder / folder / "gd/ab/0123"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    with pytest.raises(Refused, match="There are files in"):
        await system.restore(backup)
    assert kept.read_text() == "mine"
    assert [p.name for p in system.folder.iterdir()] == [folder]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_who_has_the_database_open_is_not_cut_off(make: Make, backup: Path, kind: str) -> None:
    system = await make(kind)
    await db.migrate(system.data)
    async with system.opened():
        with pytest.raises(Refused, match="Somebody else has the database open"):
            await system.restore(backup)
    assert not (system.folder / db.RESTORING).exists()


async def test_a_running_system_is_left_alone(make: Make, backup: Path) -> None:
    system = await make("sqlite")
    with own_folder(system.folder):
        code, _, complaint = wecc(system, "restore", backup)
    assert code == 2
    assert complaint.startswith("wecc restore: Another wecc is running on the data folder")


async def test_queues_of_another_life_are_not_taken_over(
    make: Make, backup: Path, valkey_socket: str
) -> None:
    system = await make("sqlite")
    redis = Redis(unix_socket_path=valkey_socket)
    await redis.set("wecc:{id-3}:queues", "1")
    try:
        code, _, complaint = wecc(system, "restore", backup, REDIS_URL=f"unix://{valkey_socket}")
        assert code == 2
        assert "still holds queues of center id-3. Empty it (FLUSHDB)" in complaint
        assert not (system.folder / "wecc.sqlite3").exists()
    finally:
        await redis.delete("wecc:{id-3}:queues")
        await redis.aclose()
    assert wecc(system, "restore", backup, REDIS_URL=f"unix://{valkey_socket}")[0] == 0
    left = await make("sqlite")
    (left.folder / "valkey").mkdir()
    (left.folder / "valkey/appendonly.aof").write_text("of another life")
    await left.restore(backup)
    assert not (left.folder / "valkey").exists()


async def test_what_there_is_no_room_for_is_refused(
    make: Make, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = await make("sqlite")
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(Refused, match=r"The backup needs about .* MB; .* has 0 MB left"):
        await system.restore(backup)
    assert not any(system.folder.iterdir())


async def test_a_check_changes_nothing(make: Make, backup: Path) -> None:
    system = await make("sqlite")
    code, out, _ = wecc(system, "restore", backup, "--check")
    assert code == 0
    assert f"{backup} is whole: id-0, id-1," in out
    assert not any(system.folder.iterdir())


async def test_newer_migrations_are_refused_by_their_version(
    make: Make, backup: Path, tmp_path: Path
) -> None:
    newer = with_manifest(
        members(backup),
        lambda m: m["origin"].update(
            version="9.1", migrations=[*m["origin"]["migrations"], "identity.0099_later"]
        ),
    )
    path = forge(tmp_path / "newer.wecc", newer)
    system = await make("sqlite")
    code, _, complaint = wecc(system, "restore", path, "--check")
    assert code == 2
    assert "written by a newer WECC (9.1; identity.0099_later). Restore it with that version." in complaint
    with pytest.raises(Refused, match="newer WECC"):
        await system.restore(path)
    assert not any(system.folder.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_killed_at_any_moment_it_is_nothing_and_can_be_run_again(
    make: Make, system: System, backup: Path, kind: str
) -> None:
    """kill -9, a little later each time, until one restore ends by itself. Source: 3.2.2-11."""
    restored = await make(kind)
    rounds = int(os.environ.get("WECC_TEST_KILLS", "3"))
    marker = restored.folder / db.RESTORING
    unfinished = 0
    for number in range(rounds):
        kill_within(start(restored, "restore", backup), marker, 1.5 * number / rounds)
        if not marker.exists():  # it had come to its end, whether or not its process had
            break
        unfinished += 1
        for command in (["serve"], ["migrate"], ["backup", restored.folder.parent / "half.wecc"]):
            code, _, complaint = wecc(restored, *command)
            assert code == 2
            assert UNFINISHED in complaint
            assert "Traceback" not in complaint
    assert unfinished
    if marker.exists():
        code, _, complaint = wecc(restored, "restore", backup)
        assert code == 0, complaint
    assert await restored.content() == await system.content()
    assert restored.files() == system.files()


async def test_killed_between_files_and_database_it_begins_anew(
    make: Make, system: System, backup: Path
) -> None:
    restored = await make("sqlite")
    await restored.restore(backup)
    db.sqlite_file(restored.data).unlink()
    (restored.folder / db.RESTORING).mkdir()
    (restored.folder / db.RESTORING / "wecc.sqlite3").write_bytes(b"half of it")
    await restored.restore(backup)
    assert await restored.content() == await system.content()
    assert restored.files() == system.files()


async def test_killed_when_all_was_done_it_is_done(make: Make, system: System, backup: Path) -> None:
    restored = await make("sqlite")
    await restored.restore(backup)
    inode = db.sqlite_file(restored.data).stat().st_ino
    (restored.folder / db.RESTORING).mkdir()
    await restored.restore(backup)
    assert db.sqlite_file(restored.data).stat().st_ino == inode
    assert await restored.content() == await system.content()
    assert restored.files() == system.files()


async def test_the_log_of_the_database_before_is_not_taken_for_the_new_ones(
    make: Make, system: System, backup: Path
) -> None:
    """SQLite would write an old write-ahead log into whatever database carries its name."""
    restored = await make("sqlite")
    await db.migrate(restored.data)
    await db.close()
    old = db.sqlite_file(restored.data)
    connection = sqlite3.connect(old)
    connection.execute("UPDATE tortoise_migrations SET applied_at = 'old'")
    connection.commit()
    log = old.with_name(old.name + "-wal").read_bytes()
    connection.close()
    old.with_name(old.name + "-wal").write_bytes(log)
    await restored.restore(backup)
    assert await restored.content() == await system.content()


async def test_another_centers_backup_does_not_end_an_unfinished_restore(
    make: Make, backup: Path, tmp_path: Path
) -> None:
    other = await make("sqlite")
    await db.migrate(other.data)
    await other.take(tmp_path / "empty.wecc")
    restored = await make("sqlite")
    await restored.restore(backup)
    (restored.folder / db.RESTORING).mkdir()
    with pytest.raises(Refused, match="The database holds center"):
        await restored.restore(tmp_path / "empty.wecc")


@pytest.mark.slow
async def test_the_restored_system_serves(make: Make, tmp_path: Path) -> None:
    """The command as people use it, from PostgreSQL; what it writes last is in the way of nobody."""
    system = await full(make, "postgres")
    path = tmp_path / "backup.wecc"
    code, out, complaint = wecc(system, "backup", path)
    assert (code, complaint) == (0, "")
    assert "password hashes and integrators' keys" in out
    code, _, complaint = wecc(system, "backup", path)
    assert code == 2
    assert "is there already" in complaint
    assert wecc(system, "backup", path, "--force")[0] == 0
    restored = await make("sqlite")
    code, out, complaint = wecc(restored, "restore", path)
    assert (code, complaint) == (0, "")
    assert out.startswith(f"Restored into {restored.folder}: id-0, ")
    assert wecc(restored, "migrate")[0] == 0
