"""Invented traffic of yesterday, so that a what-if in the demo has something to replay."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from wecc.conversations.seeding import PastWork
from wecc.routing import RoutingPlan
from wecc.routing.hours import USUAL_ZONE

_A_DAY: Final = {
    "vip": 200,
    "group_key": 160,
    "roaming": 295,
    "group_member": 245,
    "signed": 500,
    "prepaid": 550,
    "szx": 690,
    "other": 370,
}
"""Requests of each tier."""

_HOURS: Final = (0, 0, 0, 0, 0, 0, 0, 2, 6, 11, 12, 10, 6, 6, 9, 10, 8, 6, 5, 5, 5, 3, 0, 0)
"""How they spread over the day."""

_HANDLING_MEAN_S, _HANDLING_CV = 600.0, 0.8
_PATIENCE_MEAN_S = 240.0
_SHIFTS: Final = ((7, 16), (9, 18), (13, 22))


def yesterday(plan: RoutingPlan, now_ms: int) -> list[PastWork]:
    """Who asked yesterday and how it went: served in the order of asking, by agents in three shifts."""
    chance = random.Random(20_261_122)  # noqa: S311 - the same every day
    midnight = datetime.combine(
        datetime.fromtimestamp(now_ms / 1000, ZoneInfo(USUAL_ZONE)).date() - timedelta(days=1),
        time(),
        ZoneInfo(USUAL_ZONE),
    )
    begin_ms = round(midnight.timestamp() * 1000)
    seats = list(_seats(plan))
    return [
        _served(tier, begin_ms + at_ms, seats, begin_ms, chance) for tier, at_ms in _requests(plan, chance)
    ]


class _Seat:
    """One of the conversations an agent can have at a time."""

    def __init__(self, agent_id: str, tiers: set[str], shift: tuple[int, int]) -> None:
        self.agent_id = agent_id
        self.tiers = tiers
        self.opens_ms, self.closes_ms = (hour * 3_600_000 for hour in shift)
        self.free_ms = self.opens_ms


def _seats(plan: RoutingPlan) -> Iterator[_Seat]:
    for place, member in enumerate(plan.members):
        tiers = plan.served_tiers(member.agent_id)
        for _ in range(member.capacity if tiers else 0):
            yield _Seat(member.agent_id, tiers, _SHIFTS[place % len(_SHIFTS)])


def _requests(plan: RoutingPlan, chance: random.Random) -> list[tuple[str, int]]:
    found = []
    for tier in plan.tiers:
        for _ in range(_A_DAY.get(tier.code, 0)):
            hour = chance.choices(range(24), _HOURS)[0]
            found.append((tier.code, round((hour + chance.random()) * 3_600_000)))
    return sorted(found, key=lambda request: request[1])


def _served(tier: str, since_ms: int, seats: list[_Seat], begin_ms: int, chance: random.Random) -> PastWork:
    at_ms = since_ms - begin_ms
    patience_ms = round(1000 * chance.expovariate(1 / _PATIENCE_MEAN_S))
    handling_ms = round(1000 * _HANDLING_MEAN_S * chance.lognormvariate(-_HANDLING_CV / 2, _HANDLING_CV))
    able = [seat for seat in seats if tier in seat.tiers and max(at_ms, seat.free_ms) < seat.closes_ms]
    first = min(able, key=lambda seat: max(at_ms, seat.free_ms), default=None)
    if first is None or max(at_ms, first.free_ms) > at_ms + patience_ms:
        return PastWork(tier, since_ms, None, since_ms + patience_ms, "")
    assigned_ms = max(at_ms, first.free_ms)
    first.free_ms = assigned_ms + handling_ms
    return PastWork(tier, since_ms, begin_ms + assigned_ms, begin_ms + first.free_ms, first.agent_id)
