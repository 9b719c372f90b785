"""Configurations that cannot be are refused by the field's name; estimates are honest."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.routing.desk import tier
from wecc.routing import GroupConfig, RoutingConfig, WorkRequest
from wecc.routing.domain import Speed, estimate_wait

VIP = tier("vip", 1, 95)
SZX = tier("szx", 2, 75)
ALL = GroupConfig(code="all", tiers=("vip", "szx"))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"tiers": ()}, "tiers"),
        ({"groups": ()}, "groups"),
        ({"tiers": (VIP, VIP)}, "tiers: a code occurs twice"),
        ({"groups": (ALL, ALL)}, "groups: a code occurs twice"),
        ({"groups": (GroupConfig(code="g", tiers=("gold",)),)}, "groups.g.tiers: unknown tier gold"),
        ({"groups": (GroupConfig(code="g", tiers=("vip",)),)}, "no group serves tier szx"),
        ({"offer_timeout_s": 0}, "offer_timeout_s"),
        ({"max_misses": 0}, "max_misses"),
        ({"wrap_up_s": float("nan")}, "wrap_up_s"),
        ({"gone_after_s": 10}, "gone_after_s"),
        ({"policy": "luck"}, "policy"),
        ({"speed": 1}, "speed"),
    ],
)
def test_impossible_configurations_are_refused(given: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        RoutingConfig.model_validate({"tiers": (VIP, SZX), "groups": (ALL,), **given})


@pytest.mark.parametrize(
    "given", [{"target_pct": 100.5}, {"target_pct": -1}, {"threshold_s": 0}, {"window_min": 0}]
)
def test_impossible_targets_are_refused(given: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(given))):
        type(VIP.targets[next(iter(VIP.targets))]).model_validate(
            {"target_pct": 95, "threshold_s": 15, "window_min": 15, **given}
        )


@pytest.mark.parametrize("work_id", ["", "a b", "a\nb", "x" * 129])
def test_strange_work_ids_are_refused(work_id: str) -> None:
    with pytest.raises(ValidationError, match="work_id"):
        WorkRequest.model_validate({"work_id": work_id, "tier": "vip"})


def speed(
    *, left: int = 0, busy_ms: int = 0, handled: int = 0, handling_ms: int = 0, slots: int = 1
) -> Speed:
    return Speed(
        left=left,
        busy_ms=busy_ms,
        handled=handled,
        handling_ms=handling_ms,
        usual_handling_ms=300_000,
        slots=slots,
    )


@pytest.mark.parametrize(
    ("position", "given", "expected"),
    [
        (1, speed(slots=0), None),
        (1, speed(slots=10), (0, 60)),
        (4, speed(slots=10), (60, 180)),
        (4, speed(slots=10, handled=5, handling_ms=600_000), (20, 80)),
        (4, speed(slots=10, left=60, busy_ms=600_000), (20, 60)),
        (4, speed(slots=10, left=2, busy_ms=600_000), (60, 180)),
        (4, speed(slots=0, left=60, busy_ms=600_000), None),
    ],
)
def test_the_estimate_is_a_range_from_the_best_that_is_known(
    position: int, given: Speed, expected: tuple[int, int] | None
) -> None:
    assert estimate_wait(position, given) == expected


def test_the_range_never_shrinks_with_the_position() -> None:
    ranges = [estimate_wait(position, speed(slots=7)) for position in range(1, 500)]
    assert ranges == sorted(ranges, key=lambda r: r or (0, 0))
    assert all(r is not None and 0 <= r[0] < r[1] for r in ranges)
