"""A bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

from io import StringIO

from wecc.backup.progress import Progress
from wecc.kernel.clock import VirtualClock


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def work(to: StringIO) -> list[str]:
    clock = VirtualClock()
    progress = Progress(to, clock)
    progress.begin("Files", 1000)
    for _ in range(12):
        clock.advance(0.1)
        progress.advance(100)  # more came than was expected
    progress.clear()
    return to.getvalue().split("\r\033[K")


def test_a_terminal_sees_it_move_to_its_end() -> None:
    shown = work(Terminal())
    assert shown[1].endswith("   0%")
    assert shown[-2].endswith(" 100%")
    assert shown[-2].count("█") == shown[1].count("░") == 30
    assert len(shown) <= 1 + 1 + 6 + 1, "drawn at most five times a second"
    assert shown[-1] == ""


def test_a_file_sees_nothing() -> None:
    assert work(StringIO()) == [""]
