"""Configurations that cannot be are refused by the field's name; estimates are honest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.routing.desk import tier
from wecc.kernel.ids import WorkId
from wecc.routing import (
    Channel,
    GroupConfig,
    Overflow,
    Place,
    Policy,
    Reason,
    RoutingConfig,
    TierView,
    Told,
    WorkRequest,
    WorkState,
    is_infeasible,
    tell_wait,
)
from wecc.routing.config import (
    Served,
    served_tiers,
)
from wecc.routing.estimates import (
    Speed,
    estimate_wait,
)

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
    "given",
    [
        {"target_pct": 100.5},
        {"target_pct": 0},
        {"threshold_s": 0},
        {"threshold_s": 604_801},
        {"window_min": 0},
    ],
)
def test_impossible_targets_are_refused(given: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(given))):
        type(VIP.targets[next(iter(VIP.targets))]).model_validate(
            {"target_pct": 95, "threshold_s": 15, "window_min": 15, **given}
        )


def group(code: str, overflow: Overflow | None = None, **also: object) -> GroupConfig:
    return GroupConfig.model_validate({"code": code, "tiers": ("vip", "szx"), "overflow": overflow, **also})


def to(code: str) -> Overflow:
    return Overflow(to=code, after_s=30)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {
                "tiers": [
                    {"code": "vip", "rank": 1, "targets": {"chat": {"target_pct": 101, "threshold_s": 0}}}
                ]
            },
            [
                "tiers.vip.targets.chat.target_pct: Input should be less than or equal to 100",
                "tiers.vip.targets.chat.threshold_s: Input should be greater than 0",
                "tiers.vip.targets.chat.window_min: Field required",
            ],
        ),
        ({"groups": (group("a", to("a")),)}, ["groups.a.overflow: leads to the group itself"]),
        ({"groups": (group("a", to("b")),)}, ["groups.a.overflow: unknown group b"]),
        (
            {"groups": (group("a", Overflow(to="b")), group("b"))},
            ["groups.a.overflow: needs after_s or longer_than"],
        ),
        (
            {"groups": (group("a", to("b")), group("b", to("c")), group("c", to("b")))},
            ["groups.b.overflow: leads back to the group", "groups.c.overflow: leads back to the group"],
        ),
        ({"groups": (group("a", widened={"gold": 5}),)}, ["groups.a.widened: unknown tier gold"]),
        ({"groups": (group("a", widened={"vip": 5}),)}, ["groups.a.widened: vip is served at once already"]),
        (
            {"groups": ({"code": "a", "tiers": ("vip",), "widened": {"szx": 0}},)},
            ["groups.a.widened.szx: Input"],
        ),
        ({"groups": (group("a", tiers=("vip", "vip", "szx")),)}, ["groups.a.tiers: vip occurs twice"]),
        (
            {"groups": (GroupConfig(code="g", tiers=("vip", "x")),)},
            ["groups.g.tiers: unknown tier x", "groups: no"],
        ),
        ({"channels": {"voice": {"cost": 0}}}, ["channels.voice.cost: "]),
        (
            {"channels": {"voice": {"is_exclusive": True, "is_interruptible": True}}},
            ["channels.voice.is_interruptible: exclusive work cannot be interrupted"],
        ),
    ],
)
def test_each_contradiction_is_told_with_its_full_name(given: dict[str, object], told: list[str]) -> None:
    with pytest.raises(ValidationError) as refusal:
        RoutingConfig.model_validate({"tiers": (VIP, SZX), "groups": (ALL,), **given})
    messages = [error["msg"] for error in refusal.value.errors()]
    assert len(messages) == len(told)
    assert all(message.startswith(expected) for message, expected in zip(messages, told, strict=True))


def test_what_a_group_serves_and_when() -> None:
    """Waits add up along a chain of overflows, of lengths the largest counts; either condition is enough."""
    served = served_tiers(
        (
            GroupConfig(code="first", tiers=("vip",), overflow=Overflow(to="second", after_s=20)),
            GroupConfig(
                code="second",
                tiers=("szx",),
                widened={"roaming": 15},
                overflow=Overflow(to="third", after_s=30, longer_than=8),
            ),
            GroupConfig(code="third", tiers=("other",), overflow=Overflow(to="last", longer_than=5)),
            GroupConfig(code="last", tiers=("szx",), widened={"vip": 60}),
        )
    )
    assert served["first"] == (Served("vip"),)
    assert served["second"] == (Served("roaming", 15), Served("szx"), Served("vip", 20))
    assert served["third"] == (
        Served("other"),
        Served("roaming", 15, 8),
        Served("roaming", 45),
        Served("szx", 0, 8),
        Served("szx", 30),
        Served("vip", 20, 8),
        Served("vip", 50),
    )
    assert served["last"] == (
        Served("other", 0, 5),
        Served("roaming", 15, 8),
        Served("roaming", 45, 5),
        Served("szx"),  # at once anyway
        Served("vip", 20, 8),
        Served("vip", 50, 5),
        Served("vip", 60),
    )


def view(rate: float, target: float, asked: int) -> TierView:
    return TierView(
        tier="t",
        channel=Channel.CHAT,
        waiting=0,
        longest_wait_ms=0,
        rate=rate,
        target=target,
        asked=asked,
        hits=round(asked * rate / 100),
        agents_ready=1,
        slots=1,
    )


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ([], False),
        ([view(100, 95, 0)], False),
        ([view(90, 95, 100)], True),
        ([view(90, 95, 100), view(100, 80, 0)], True),  # nobody asked there
        ([view(90, 95, 100), view(70, 75, 300)], True),
        ([view(90, 95, 100), view(75, 75, 300)], False),  # met: there is something to shift
    ],
)
def test_targets_are_infeasible_when_no_shift_could_help(tiers: list[TierView], expected: bool) -> None:
    assert is_infeasible(tiers) is expected


@pytest.mark.parametrize(
    ("policy", "decided"),
    [
        ("gap", Policy.GAP),
        ("gap_met", Policy.GAP),
        ("gap_live", Policy.GAP_LIVE),
        ("gap_live_late", Policy.GAP_LIVE),
        ("gap_live_missed", Policy.GAP_LIVE),
        ("vip_strict", Policy.VIP_STRICT),
        ("picked", None),
        ("direct", None),
    ],
)
def test_a_reason_knows_which_policy_decided(policy: str, decided: Policy | None) -> None:
    reason = Reason(policy=policy, tier="t", rate=1, target=1, gap=0, wait_ms=0, candidates=())
    assert reason.decided_by is decided


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


def place(position: int, low_s: int | None, high_s: int | None, slots: int = 5) -> Place:
    return Place(
        work_id=WorkId("w"),
        state=WorkState.QUEUED,
        position=position,
        wait_low_s=low_s,
        wait_high_s=high_s,
        slots=slots,
    )


def told_after(before: Told, seconds: float, now: Place) -> tuple[int, int]:
    told = tell_wait(before, now, round(seconds * 1000))
    assert told is not None
    return told.wait_low_s, told.wait_high_s


FIRST = tell_wait(None, place(4, 60, 100), 0)


@pytest.mark.parametrize(
    ("seconds", "now", "expected"),
    [
        (0, place(4, 60, 100), (60, 100)),
        (25, place(4, 60, 300), (60, 80)),  # no cause: it counts down
        (25, place(4, 200, 300), (70, 80)),
        (25, place(3, 10, 40), (10, 40)),  # better than said
        (25, place(5, 60, 300), (60, 300)),  # somebody came before him
        (25, place(4, 60, 300, slots=4), (60, 300)),  # somebody left
        (25, place(4, 60, 300, slots=6), (60, 80)),
        (200, place(2, 60, 300), (0, 10)),  # the promise is broken, but not renewed
    ],
)
def test_an_estimate_rises_only_with_a_cause(seconds: float, now: Place, expected: tuple[int, int]) -> None:
    assert FIRST is not None
    assert told_after(FIRST, seconds, now) == expected


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 20), st.integers(1, 1000), st.integers(1, 9)),
        max_size=30,
    )
)
def test_the_high_end_only_counts_down(steps: list[tuple[int, int, int, int]]) -> None:
    told: Told | None = None
    now_ms = 0
    for passed_s, position, high_s, slots in steps:
        now_ms += passed_s * 1000
        before, told = told, tell_wait(told, place(position, high_s // 2, high_s, slots), now_ms)
        assert told is not None
        assert 0 <= told.wait_low_s < told.wait_high_s
        if before and position <= before.position and slots >= before.slots:
            assert told.wait_high_s <= before.wait_high_s


def test_who_loses_his_estimate_gets_a_new_one() -> None:
    assert tell_wait(FIRST, place(4, None, None), 0) is None
