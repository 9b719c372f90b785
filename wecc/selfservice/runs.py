"""What became of customers who were guided: for the reports, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tortoise.functions import Count

from wecc.conversations import State
from wecc.kernel.clock import Clock
from wecc.kernel.ids import CenterId
from wecc.selfservice.models import FlowRun

Outcome = Literal["solved", "left", "handed_over"]


@dataclass(frozen=True, slots=True)
class Containment:
    """How guided conversations of one tier ended; `left`: without a word whether it helped."""

    tier: str
    solved: int
    left: int
    handed_over: int


class Runs:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def ended(self, state: State, outcome: Outcome, cause: str = "") -> None:
        """Keep how a guided conversation ended; the first word counts."""
        await FlowRun.get_or_create(
            conversation_id=state.id,
            defaults={
                "center_id": state.center_id,
                "flow": state.flow,
                "tier": state.tier,
                "started_ms": state.started_ms,
                "ended_ms": self._clock.now_ms(),
                "outcome": outcome,
                "cause": cause,
            },
        )

    async def containment(self, center_id: CenterId, from_ms: int) -> list[Containment]:
        """How it went since then, tier by tier."""
        ended = FlowRun.filter(center_id=center_id, ended_ms__gte=from_ms)
        rows = (
            await ended.annotate(times=Count("conversation_id"))
            .group_by("tier", "outcome")
            .values_list("tier", "outcome", "times")
        )
        counts: dict[str, dict[str, int]] = {}
        for tier, outcome, times in rows:
            counts.setdefault(str(tier), {})[str(outcome)] = int(str(times))
        return [
            Containment(tier, known.get("solved", 0), known.get("left", 0), known.get("handed_over", 0))
            for tier, known in sorted(counts.items())
        ]
