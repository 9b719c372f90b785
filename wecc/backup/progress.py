"""How far it is, on a terminal."""

from __future__ import annotations

import sys
from typing import TextIO

from wecc.kernel.clock import Clock, SystemClock

_BAR = 30
_REDRAW_S = 0.2


class Progress:
    """One bar after another, each with an end; nothing where nobody looks."""

    def __init__(self, to: TextIO | None = None, clock: Clock | None = None) -> None:
        self._to = to or sys.stderr
        self._clock = clock or SystemClock()
        self._is_shown = self._to.isatty()
        self._step = ""
        self._total = self._done = 0
        self._shown_s = 0.0

    def begin(self, step: str, total_bytes: int) -> None:
        """The next step, of a known or estimated length."""
        self._step, self._total, self._done = step, max(total_bytes, 1), 0
        self._draw()

    def advance(self, done_bytes: int) -> None:
        self._done += done_bytes
        if self._clock.monotonic_s() - self._shown_s >= _REDRAW_S:
            self._draw()

    def clear(self) -> None:
        """Make room for what is said next."""
        if self._is_shown:
            self._to.write("\r\033[K")
            self._to.flush()

    def _draw(self) -> None:
        self._shown_s = self._clock.monotonic_s()
        if self._is_shown:
            share = min(self._done / self._total, 1)
            bar = "█" * round(share * _BAR)
            self._to.write(f"\r\033[K{self._step}  {bar:░<{_BAR}} {share:4.0%}")
            self._to.flush()
