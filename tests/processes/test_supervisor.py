"""Starting, stopping and dying of a whole installation."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deployment import ROOT, Deployment, free_ports, running

pytestmark = pytest.mark.live


def gone(pids: list[int], within_s: float) -> bool:
    deadline_s = time.monotonic() + within_s
    while any(_is_running(pid) for pid in pids):
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.05)
    return True


def _is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def children(deployment: Deployment) -> list[int]:
    return [p for name in ("web", "jobs", "search", "demo-site", "valkey") for p in deployment.pids(name)]


def serve(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ports = free_ports(2)
    base = {
        "WECC_WEB__PORT": str(ports[0]),
        "WECC_DEMO__PORT": str(ports[1]),
        "WECC_DATA__FOLDER": str(folder),
        "WECC_KNOWLEDGE__INDEX_FOLDER": str(folder / "index"),
    }
    return subprocess.run(
        [sys.executable, "-m", "wecc", "serve", *options],
        cwd=ROOT,
        env={**os.environ, **base, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_survives_its_children_and_stops_clean_without_orphans(tmp_path: Path) -> None:
    with running(tmp_path / "own") as deployment:
        pids = children(deployment)
        assert len(pids) == 5
        for child in ("web", "demo-site"):
            deployment.kill(child)
        deployment.wait_until_ready()
        assert deployment.process is not None
        again = subprocess.run(
            [sys.executable, "-m", "wecc", "serve"],
            cwd=ROOT,
            env=deployment.environment(),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert again.returncode == 2
        assert "Another wecc is running on the data folder" in again.stderr
        pids = children(deployment)
        assert deployment.stop() == 0
        assert gone(pids, 5)


def test_no_orphan_after_the_supervisor_is_killed(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path / "own")
    deployment.start()
    pids = children(deployment)
    assert len(pids) == 5
    assert deployment.process is not None
    deployment.process.send_signal(signal.SIGKILL)
    deployment.process.wait(10)
    assert gone(pids, 15), "children end with their supervisor"


def test_a_data_folder_with_a_long_path_is_fine(tmp_path: Path) -> None:
    with running(tmp_path / ("deep" * 20) / "own") as deployment:
        assert len(children(deployment)) == 5


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = serve(tmp_path, WECC_WEB__PORT=port)
    assert done.returncode == 2
    assert done.stderr.startswith(f"wecc: 127.0.0.1:{port} cannot be used: address already in use.")
    assert "Traceback" not in done.stderr


def test_an_unusable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = serve(tmp_path / "file" / "var")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_when_the_database_cannot_be_prepared_nothing_is_left_running(tmp_path: Path) -> None:
    tiers = tmp_path / "tiers.toml"
    tiers.write_text("tier = 1")
    done = serve(tmp_path / "var", "--demo", WECC_TIERS_FILE=str(tiers))
    assert done.returncode == 2
    *_, last = done.stderr.strip().splitlines()
    assert last.startswith("wecc: ")
    assert "Traceback" not in done.stderr
    assert Deployment(tmp_path).pids("wecc") == []


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("WECC_WEB__PROT", "1", "unknown setting web.prot"),
        (
            "WECC_SIGN_IN__MAX_FAILURES",
            "0",
            "setting sign_in.max_failures: input should be greater than or equal to 1",
        ),
    ],
)
def test_a_bad_setting_is_one_sentence(tmp_path: Path, key: str, value: str, sentence: str) -> None:
    done = serve(tmp_path, **{key: value})
    assert done.returncode == 2
    assert done.stderr.strip() == f"wecc: {sentence}"
