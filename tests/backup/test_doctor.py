"""What `wecc doctor` finds, and that it tells no secret and changes nothing."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import orjson
import pytest

from tests.backup.conftest import Make, full
from tests.backup.systems import System
from tests.backup.test_restoring import wecc
from tests.deployment import free_ports, running
from wecc.backup.checks import Finding, shown_settings
from wecc.backup.doctor import examine
from wecc.infra import db
from wecc.kernel.clock import SystemClock
from wecc.settings import Data, Settings, Web


async def look(data: Data, **sections: object) -> dict[str, Finding]:
    found = await examine(Settings(data=data, **sections), Path("config/wecc.toml"), SystemClock())
    return {finding.check: finding for finding in found}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_system_that_is_well(make: Make, kind: str) -> None:
    system = await full(make, kind)
    async with system.opened():
        await db.connection().execute_query("UPDATE kb_target SET error = ''")
        for table in ("attachment", "kb_file"):
            await db.connection().execute_query(f"DELETE FROM {table}")
    before = sorted(system.folder.rglob("*"))
    found = await look(system.data)
    assert {finding.state for finding in found.values()} == {"ok"}, found
    assert "up to date; centers: id-0, id-1" in found["database"].text
    assert sorted(system.folder.rglob("*")) == before


async def test_files_targets_and_an_audit_line_that_was_changed(make: Make) -> None:
    system = await full(make, "sqlite")
    async with system.opened():
        await db.connection().execute_query("UPDATE audit_line SET subject = 'other' WHERE id = 3")
    found = await look(system.data)
    assert found["files"].text == "46 files are missing or cut off"
    assert found["audit"].text == "the audit trail does not hold from line 3 on"
    assert found["targets"].state == "warn"
    assert "id-3: error-3" in found["targets"].text


async def test_a_damaged_database_file(make: Make) -> None:
    system = await full(make, "sqlite")
    file = db.sqlite_file(system.data)
    content = bytearray(file.read_bytes())
    for page in range(40, len(content) // 4096 - 1):
        content[page * 4096 : page * 4096 + 64] = os.urandom(64)
    file.write_bytes(content)
    found = await look(system.data)
    assert found["integrity"].state == "fail"
    assert "restore the last backup" in found["integrity"].advice


async def test_what_is_not_there_yet(tmp_path: Path) -> None:
    found = await look(Data(folder=tmp_path / "nothing"))
    assert found["database"].text == "there is none yet"
    assert found["data folder"].state == "warn"
    assert not (tmp_path / "nothing").exists()
    (tmp_path / "new").mkdir()
    db.sqlite_file(Data(folder=tmp_path / "new")).touch()
    found = await look(Data(folder=tmp_path / "new"))
    assert found["database"].advice == "Run: wecc migrate"
    (tmp_path / "new" / db.RESTORING).mkdir()
    found = await look(Data(folder=tmp_path / "new"))
    assert found["data folder"].text.endswith("was not finished")


async def test_stores_that_do_not_answer(tmp_path: Path) -> None:
    """Each in a sentence, with no secret in it."""
    port, other = free_ports(2)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", other))
        mute.listen()
        data = Data(
            folder=tmp_path,
            database_url=f"postgres://wecc:secret-1@127.0.0.1:{port}/wecc",
            redis_url=f"redis://:secret-2@127.0.0.1:{other}/0",
        )
        found = await look(data)
    assert found["database"].state == found["redis"].state == "fail"
    assert "cannot be reached" in found["database"].text
    assert found["redis"].text == "Redis does not answer: TimeoutError"
    assert "secret" not in repr(found)


def test_settings_are_shown_without_their_secrets() -> None:
    data = Data(
        database_url="postgres://wecc:p@ss@db.example.com:5432/wecc?password=secret",
        redis_url="rediss://:secret@redis.example.com/1",
    )
    shown = dict(shown_settings(Settings(data=data, web=Web(port=8123))))
    assert shown["data.database_url"] == "postgres://db.example.com:5432/wecc"
    assert shown["data.redis_url"] == "rediss://redis.example.com/1"
    assert shown["web.port"] == "8123"
    assert "tiers_file" in shown


@pytest.mark.live
@pytest.mark.slow
def test_the_command_on_a_running_center(tmp_path: Path) -> None:
    with running(tmp_path / "own") as deployment:
        system = System(Data(folder=deployment.folder / "var"))
        environment = {k: v for k, v in deployment.environment().items() if k.startswith("WECC_")}
        deadline_s = time.monotonic() + 60
        while (said := wecc(system, "doctor", "--json", **environment))[0]:
            assert time.monotonic() < deadline_s, said  # until the search process has opened its index
        out = said[1]
        report = orjson.loads(out)
        texts = {check["check"]: check["text"] for check in report["checks"]}
        assert "wecc is running on it" in texts["data folder"]
        assert "is ready" in texts["web"]
        assert "the embedded Valkey 9" in texts["redis"]
        assert report["settings"]["web.port"] == str(deployment.port)
        backup = tmp_path / "backup.wecc"
        assert wecc(system, "backup", backup, **environment)[0] == 0
        code, _, complaint = wecc(system, "restore", backup, **environment)
        assert code == 2
        assert "Another wecc is running on the data folder" in complaint
    code, out, _ = wecc(system, "doctor", **environment)
    assert code == 0
    assert out.startswith("ok    settings")
