"""What became of the visitors, tier by tier, as they saw it themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

_SHORT_S = 5.0
_WIDTH = 14


@dataclass(slots=True)
class Tally:
    """One tier. Who gave up was not answered in time; who left sooner than `_SHORT_S` counts neither way, as in
    the center itself."""

    code: str
    threshold_s: float
    target_percent: float
    asked: int = 0
    waiting: int = 0
    in_time: int = 0
    gave_up: int = 0

    def ask(self) -> None:
        self.asked += 1
        self.waiting += 1

    def answer(self, wait_s: float) -> None:
        self.waiting -= 1
        self.in_time += wait_s <= self.threshold_s

    def give_up(self, wait_s: float) -> None:
        self.waiting -= 1
        if wait_s < _SHORT_S:
            self.asked -= 1
        else:
            self.gave_up += 1

    @property
    def percent(self) -> float:
        """Of those whose wait is over."""
        over = self.asked - self.waiting
        return 100 * self.in_time / over if over else 100.0


@dataclass
class Tallies:
    """All tiers, highest first."""

    tiers: dict[str, Tally] = field(default_factory=dict)

    def head(self) -> str:
        return "        " + "".join(f"{tier.code:<{_WIDTH}}" for tier in self.tiers.values())

    def line(self, at_s: float) -> str:
        """Of each tier: asked, answered in time, waiting."""
        cells = (f"{t.asked:3} {t.percent:3.0f}% {t.waiting:2}" for t in self.tiers.values())
        return f"{int(at_s) // 60:3}:{int(at_s) % 60:02}  " + "".join(f"{cell:<{_WIDTH}}" for cell in cells)

    def table(self) -> str:
        lines = ["tier            asked  in time  target  gave up"]
        for t in self.tiers.values():
            verdict = "met" if t.percent >= t.target_percent else "MISSED"
            figures = f"{t.asked:7}  {t.percent:6.1f}%  {t.target_percent:5.0f}%  {t.gave_up:7}"
            lines.append(f"{t.code:14}{figures}  {verdict}")
        return "\n".join(lines)
