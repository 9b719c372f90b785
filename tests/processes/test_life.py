"""A process that loads while its supervisor prepares the database begins when told, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from tests.deployment import ROOT
from wecc.processes.life import GATE, SUPERVISOR_PIPE

_CHILD = """
import pathlib, sys
from wecc.processes.life import until_prepared
print("loaded", flush=True)
until_prepared()
print("prepared" if pathlib.Path(sys.argv[1]).exists() else "too early")
"""


@contextmanager
def waiting(mark: Path) -> Iterator[tuple[subprocess.Popen[str], BinaryIO, BinaryIO]]:
    """A child at the gate, what keeps the gate shut, and what the supervisor alone holds."""
    with ExitStack() as stack:
        ends = []
        for _ in range(2):
            reading, writing = os.pipe()
            ends.append(
                (stack.enter_context(os.fdopen(reading)), stack.enter_context(os.fdopen(writing, "wb")))
            )
        (gate, barrier), (pipe, alive) = ends
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(mark)],
            cwd=ROOT,
            env={**os.environ, GATE: str(gate.fileno()), SUPERVISOR_PIPE: str(pipe.fileno())},
            pass_fds=(gate.fileno(), pipe.fileno()),
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.enter_context(child)
        assert child.stdout is not None
        assert child.stdout.readline() == "loaded\n"
        yield child, barrier, alive


def test_it_waits_until_the_database_is_prepared(tmp_path: Path) -> None:
    mark = tmp_path / "prepared"
    with waiting(mark) as (child, barrier, _):
        mark.touch()
        barrier.close()
        assert child.communicate(timeout=20)[0] == "prepared\n"


def test_it_does_not_begin_when_its_supervisor_ended(tmp_path: Path) -> None:
    with waiting(tmp_path / "never") as (child, barrier, alive):
        alive.close()
        barrier.close()
        assert child.communicate(timeout=20)[0] == ""
        assert child.returncode == 0
