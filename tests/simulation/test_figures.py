"""Figures follow from what happened to each caller."""

from __future__ import annotations

import pytest

from wecc.kernel.ids import AgentId, CenterId
from wecc.routing import (
    Abandons,
    AgentPresence,
    Channel,
    GroupConfig,
    RoutingConfig,
    Target,
    TierConfig,
)
from wecc.simulation.figures import Figures, figures
from wecc.simulation.run import Caller, Run, Shift
from wecc.simulation.traffic import Request

MINUTE_MS = 60_000


def caller(at_min: float, waited_s: float, *, answered: bool = True, late: bool = False) -> Caller:
    request = Request("vip", Channel.CHAT, round(at_min * MINUTE_MS), 1000, None)
    return Caller(request, "a" if answered else "", round(waited_s * 1000), is_late_decision=late)


def figures_of(callers: list[Caller], **target: object) -> Figures:
    """Of one tier that is promised 50 % within 10 s, over 2 minutes, in a run of 10."""
    promise = Target.model_validate({"target_pct": 50, "threshold_s": 10, "window_min": 2, **target})
    config = RoutingConfig(
        tiers=(TierConfig(code="vip", rank=1, targets={Channel.CHAT: promise}),),
        groups=(GroupConfig(code="all", tiers=("vip",)),),
    )
    agent = AgentPresence(agent_id=AgentId("a"), groups=("all",), capacity=2)
    shift = Shift(agent, [(0, 4 * MINUTE_MS), (8 * MINUTE_MS, 20 * MINUTE_MS)])
    run = Run(CenterId("0"), config, [shift], iter(()), 10 * MINUTE_MS, callers, busy_ms=3 * MINUTE_MS)
    return figures([run], [1], load=1)


def test_rates_waits_and_shares() -> None:
    told = figures_of([caller(1, 0), caller(1, 10), caller(1, 11, late=True), caller(1, 39, answered=False)])
    (vip,) = told.tiers
    assert (vip.rate, vip.asked, told.tiers_met, told.worst_gap_pp) == (50, 4, 1, 0)
    assert (vip.wait_mean_s, vip.wait_p99_s, vip.wait_max_s) == (15, 39, 39)
    assert (vip.abandoned_share, told.abandoned_share) == (0.25, 0.25)
    assert told.late_decisions_share == 0.5  # of two who were answered after a wait
    assert told.occupancy == 3 / 12  # two places, for 4 minutes and then 2


@pytest.mark.parametrize(
    ("target", "rate", "asked"),
    [
        ({"abandons": Abandons.NEGATIVE}, 100 / 3, 3),
        ({"abandons": Abandons.IGNORE}, 50, 2),
        ({"abandons": Abandons.POSITIVE}, 200 / 3, 3),
        ({"short_abandon_s": 10}, 50, 2),
        ({"threshold_s": 3, "abandons": Abandons.POSITIVE}, 100 / 3, 3),
    ],
)
def test_giving_up_counts_as_the_target_says(target: dict[str, object], rate: float, asked: int) -> None:
    callers = [caller(1, 0), caller(1, 60), caller(1, 9, answered=False)]
    (vip,) = figures_of(callers, **target).tiers
    assert vip.rate == pytest.approx(rate)
    assert vip.asked == asked


def test_minutes_are_missed_by_the_rate_over_the_window() -> None:
    callers = [caller(2.1, 11), caller(3.1, 11), caller(4.1, 11), caller(4.2, 1)]
    (vip,) = figures_of(callers).tiers
    assert vip.missed_share == 3 / 10  # the ends of minutes 2, 3 and 4; in 5 it is one of two


def test_who_is_refused_is_neither_asked_nor_waiting() -> None:
    refused = caller(1, 0, answered=False)
    refused.is_refused = True
    (vip,) = figures_of([caller(1, 4), refused]).tiers
    assert (vip.asked, vip.rate, vip.wait_mean_s, vip.refused_share, vip.abandoned_share) == (
        1,
        100,
        4,
        0.5,
        0,
    )


def test_nobody_asked_is_a_promise_kept() -> None:
    told = figures_of([])
    (vip,) = told.tiers
    assert (vip.rate, vip.missed_share, told.tiers_met, told.wait_p99_s) == (100, 0, 1, 0)
