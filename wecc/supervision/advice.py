"""What deserves a thought in a routing plan: groups too small for their promise. No I/O. Source: 2.4.1-03."""

from __future__ import annotations

from functools import cache

from wecc.routing.erlang import highest_occupancy
from wecc.routing.plan import SMALL_GROUP, GroupPlan, RoutingPlan
from wecc.supervision.schemas import GroupAdvice, StaffingPoint

_SIZES = (2, 3, 5, 8, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300)
_USUAL_TARGET, _USUAL_THRESHOLD_S = 80.0, 20.0
# An agent's time is never sold out: above this the formulas promise what a day of real callers breaks.
_HIGHEST_TARGET = 99.9


def staffing_curve(handling_s: float) -> list[StaffingPoint]:
    """How busy a group can be by its size, for 80 % within 20 s."""
    return [
        StaffingPoint(
            agents=size,
            occupancy_percent=_percent(size, handling_s, _USUAL_THRESHOLD_S, _USUAL_TARGET),
        )
        for size in _SIZES
    ]


def group_advice(plan: RoutingPlan, handling_s: float) -> list[GroupAdvice]:
    """Each group's size and what it allows, by the strictest promise on chat among its tiers."""
    return [_advice(plan, group, handling_s) for group in plan.groups]


def _advice(plan: RoutingPlan, group: GroupPlan, handling_s: float) -> GroupAdvice:
    size = sum(any(place.group == group.code for place in member.groups) for member in plan.members)
    promises = [
        (target.target_percent, -target.threshold_s)
        for tier in plan.tiers
        if tier.code in group.tiers
        for target in tier.targets
        if target.channel == "chat"
    ]
    occupancy = None
    if size and promises:
        target_percent, threshold_s = max(promises)
        occupancy = _percent(size, handling_s, -threshold_s, target_percent)
    return GroupAdvice(
        group=group.code, agents=size, is_small=size < SMALL_GROUP, occupancy_percent=occupancy
    )


@cache
def _percent(agents: int, handling_s: float, threshold_s: float, target_percent: float) -> float:
    level = min(target_percent, _HIGHEST_TARGET) / 100
    return round(100 * highest_occupancy(agents, handling_s, threshold_s, level), 1)
