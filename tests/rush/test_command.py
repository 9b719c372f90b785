"""A rush at a running demo, stopped by Ctrl-C: nobody is left waiting."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.deployment import ROOT, running


@pytest.mark.live
@pytest.mark.slow
def test_a_rush_is_served_and_leaves_nobody_behind(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        command = [sys.executable, "-m", "wecc", "rush", "--visitors-per-min", "200", "--agents", "6"]
        rush = subprocess.Popen(
            command,
            cwd=ROOT,
            env=demo.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert rush.stdout is not None
        assert rush.stdout.readline().split()[:2] == ["vip", "group_key"]
        assert rush.stdout.readline().startswith("  0:05")
        rush.send_signal(signal.SIGINT)
        told, errors = rush.communicate(timeout=30)
        assert rush.returncode == 130, errors
        assert not errors
        assert "in time  target" in told
        with closing(sqlite3.connect(tmp_path / "var/wecc.sqlite3")) as db:
            ended = db.execute("SELECT status, count(*) FROM conversation GROUP BY status").fetchall()
            served = db.execute("SELECT count(*) FROM log_entry WHERE kind = 'joined'").fetchone()[0]
            tiers = db.execute("SELECT count(DISTINCT tier) FROM conversation").fetchone()[0]
            here = db.execute("SELECT count(*) FROM agent_status WHERE state <> 'offline'").fetchone()[0]
        assert [status for status, _ in ended] == ["closed"]
        assert served > 0
        assert tiers > 2, "signed tokens gave them their tiers"
        assert here == 0, "the agents left"
