"""What became of customers who were guided: for the reports, and nothing else."""

from __future__ import annotations

from typing import Literal

from wecc.conversations import State
from wecc.kernel.clock import Clock
from wecc.kernel.ids import CenterId
from wecc.selfservice.models import FlowRun

Outcome = Literal["solved", "left", "handed_over"]


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

    async def contained(self, center_id: CenterId, from_ms: int) -> tuple[int, int]:
        """Guided conversations that ended since then without a person, and with one."""
        ended = FlowRun.filter(center_id=center_id, ended_ms__gte=from_ms)
        total = await ended.count()
        handed_over = await ended.filter(outcome="handed_over").count()
        return total - handed_over, handed_over
