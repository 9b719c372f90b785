"""What can be told to who waits, and whether all targets can be met. No I/O."""

from __future__ import annotations

import math
from collections.abc import Sequence

from wecc.kernel.ids import WorkId
from wecc.routing.config import Frozen
from wecc.routing.domain import TierView, WorkState


class Place(Frozen):
    """Where a waiting item stands: `position` from 1 in its tier, none once it is offered.

    The wait is a range in seconds, none when nobody serves the tier. `slots`: items that its ready agents may
    hold together.
    """

    work_id: WorkId
    state: WorkState
    position: int | None = None
    wait_low_s: int | None = None
    wait_high_s: int | None = None
    slots: int = 0


class Speed(Frozen):
    """How fast a queue moved over its tier's window. `usual_handling_ms` stands in for missing history."""

    left: int
    busy_ms: int
    handled: int
    handling_ms: int
    usual_handling_ms: int
    slots: int


_ENOUGH_LEFT = 3
_ENOUGH_BUSY_MS = 30_000


def estimate_wait(position: int, speed: Speed) -> tuple[int, int] | None:
    """The wait of whoever stands at `position`, as (low, high) in seconds; None when nobody serves.

    The queue's own drain while somebody waited is the measure; before there is enough of it, the handling
    time shared by the slots of the agents who are ready. The spread is that of a Poisson stream.
    """
    if speed.slots <= 0:
        return None
    if speed.left >= _ENOUGH_LEFT and speed.busy_ms >= _ENOUGH_BUSY_MS:
        each_s = speed.busy_ms / 1000 / speed.left
    else:
        mean_ms = speed.handling_ms / speed.handled if speed.handled else speed.usual_handling_ms
        each_s = mean_ms / 1000 / speed.slots
    spread = math.sqrt(position)
    low_s, high_s = each_s * (position - spread), each_s * (position + spread)
    return math.floor(low_s / _step_s(low_s)) * _step_s(low_s), _rounded_up(high_s)


def _step_s(wait_s: float) -> int:
    """Tens of seconds up to two minutes, whole minutes above: nobody is promised the second."""
    return 10 if wait_s < 120 else 60


def _rounded_up(wait_s: float) -> int:
    return math.ceil(wait_s / _step_s(wait_s)) * _step_s(wait_s)


class Told(Frozen):
    """What somebody who waits was told, to be kept for the next time: his range, and until when it holds."""

    position: int
    slots: int
    due_ms: int
    wait_low_s: int
    wait_high_s: int


def tell_wait(before: Told | None, place: Place, now_ms: int) -> Told | None:
    """What to tell him now, given what he was told before: the high end only counts down.

    It rises only with a cause: he stands further back, or there are fewer slots. It never ends at nothing while
    he still waits. None when there is no estimate; then the next is a new one.
    """
    if place.position is None or place.wait_low_s is None or place.wait_high_s is None:
        return None
    due_ms = now_ms + place.wait_high_s * 1000
    if before and place.position <= before.position and place.slots >= before.slots:
        due_ms = min(due_ms, before.due_ms)
    high_s = _rounded_up(max(1, (due_ms - now_ms) / 1000))
    return Told(
        position=place.position,
        slots=place.slots,
        due_ms=due_ms,
        wait_low_s=max(0, min(place.wait_low_s, high_s - _step_s(high_s))),
        wait_high_s=high_s,
    )


def is_infeasible(tiers: Sequence[TierView]) -> bool:
    """Whether the targets cannot all be met as things are: no shift between the tiers would help.

    Every tier somebody asked for is below its target, so that the mean of the targets, each with its share of
    the requests, is above the rate attained over all.
    """
    asked = [tier for tier in tiers if tier.asked]
    everyone = sum(tier.asked for tier in asked)
    if not asked or any(tier.rate >= tier.target for tier in asked):
        return False
    return sum(t.asked * t.target for t in asked) / everyone > 100 * sum(t.hits for t in asked) / everyone
