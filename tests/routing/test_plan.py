"""What makes a routing plan impossible, and whom it lets serve whom. Source: issue, "Bad input"; 2.4.1-04."""

from __future__ import annotations

from typing import Any

import pytest

from wecc.routing.hours import Holiday, HoursPlan, Opening
from wecc.routing.plan import (
    GroupPlan,
    MemberPlan,
    Membership,
    OverflowPlan,
    RoutingPlan,
    TargetPlan,
    TierPlan,
    WideningPlan,
    problems_of,
)


def target(channel: Any, **changed: Any) -> TargetPlan:
    given: dict[str, Any] = {
        "channel": channel,
        "target_percent": 80.0,
        "threshold_s": 20.0,
        "window_min": 30,
    }
    return TargetPlan(**given | changed)


def tier(code: str, **changed: Any) -> TierPlan:
    return TierPlan(**{"code": code, "targets": [target("chat"), target("message")]} | changed)


def group(code: str, *tiers: str, **changed: Any) -> GroupPlan:
    return GroupPlan(
        **{"code": code, "name_zh": code, "name_en": code, "tiers": list(tiers), "widened": []} | changed
    )


def member(agent_id: str, *groups: str, level: int = 1, capacity: int = 5) -> MemberPlan:
    places = [Membership(group=code, level=level) for code in groups]
    return MemberPlan(agent_id=agent_id, capacity=capacity, groups=places)


def office(**changed: Any) -> HoursPlan:
    week = [Opening(day=day, opens="08:00", closes="20:00") for day in range(1, 6)]
    given: dict[str, Any] = {
        "code": "office",
        "name_zh": "工作时间",
        "name_en": "Office",
        "time_zone": "Asia/Shanghai",
    }
    return HoursPlan(**given | {"week": week, "holidays": []} | changed)


TIERS, AGENTS = ("vip", "other"), ("a1", "a2")


def plan(**changed: Any) -> RoutingPlan:
    given: dict[str, Any] = {
        "tiers": [tier("vip"), tier("other")],
        "groups": [group("key", "vip"), group("mass", "other")],
        "members": [member("a1", "key", "mass"), member("a2", "mass")],
        "hours": [office()],
    }
    return RoutingPlan(**given | changed)


def test_a_good_plan_has_no_problems() -> None:
    assert problems_of(plan(), TIERS, AGENTS) == []


IMPOSSIBLE: list[tuple[str, dict[str, Any], str, str]] = [
    ("no group", {"groups": [group("key", "vip")], "members": []}, "tiers.other", "unserved"),
    (
        "above 100 %",
        {
            "tiers": [
                tier("vip", targets=[target("chat", target_percent=101.0), target("message")]),
                tier("other"),
            ]
        },
        "tiers.vip.targets.chat.target_percent",
        "out_of_range",
    ),
    (
        "n = 0",
        {"tiers": [tier("vip", targets=[target("chat", threshold_s=0.0), target("message")]), tier("other")]},
        "tiers.vip.targets.chat.threshold_s",
        "out_of_range",
    ),
    (
        "not a number",
        {
            "tiers": [
                tier("vip", targets=[target("chat", threshold_s=float("nan")), target("message")]),
                tier("other"),
            ]
        },
        "tiers.vip.targets.chat.threshold_s",
        "out_of_range",
    ),
    (
        "a cycle of three",
        {
            "groups": [
                group("key", "vip", overflow=OverflowPlan(to="mass", after_s=30.0)),
                group("mass", "other", overflow=OverflowPlan(to="third", after_s=30.0)),
                group("third", "other", overflow=OverflowPlan(to="key", after_s=30.0)),
            ]
        },
        "groups.key.overflow",
        "cycle",
    ),
    (
        "helps itself",
        {
            "groups": [
                group("key", "vip", overflow=OverflowPlan(to="key", after_s=3.0)),
                group("mass", "other"),
            ]
        },
        "groups.key.overflow",
        "cycle",
    ),
    (
        "overflow without a condition",
        {"groups": [group("key", "vip", overflow=OverflowPlan(to="mass")), group("mass", "other")]},
        "groups.key.overflow",
        "no_condition",
    ),
    (
        "overflow to nobody",
        {"groups": [group("key", "vip", overflow=OverflowPlan(to="x", after_s=3.0)), group("mass", "other")]},
        "groups.key.overflow",
        "unknown_group",
    ),
    ("a stranger", {"members": [member("a9", "key")]}, "members.a9", "unknown_agent"),
    ("in no such group", {"members": [member("a1", "x")]}, "members.a1.groups", "unknown_group"),
    ("level 0", {"members": [member("a1", "key", level=0)]}, "members.a1.groups.key.level", "out_of_range"),
    ("no capacity", {"members": [member("a1", "key", capacity=0)]}, "members.a1.capacity", "out_of_range"),
    ("twice", {"members": [member("a1", "key"), member("a1", "key")]}, "members", "duplicate"),
    ("a tier left out", {"tiers": [tier("vip")]}, "tiers.other", "missing"),
    (
        "an unknown tier",
        {"tiers": [tier("vip"), tier("other"), tier("gold")]},
        "tiers.gold",
        "unknown_tier",
    ),
    (
        "a tier twice in a group",
        {
            "groups": [
                group("key", "vip", widened=[WideningPlan(tier="vip", after_s=9.0)]),
                group("mass", "other"),
            ]
        },
        "groups.key.tiers",
        "duplicate",
    ),
    (
        "no chat",
        {"tiers": [tier("vip", targets=[target("message")]), tier("other")]},
        "tiers.vip.targets.chat",
        "missing",
    ),
    (
        "unknown hours",
        {"tiers": [tier("vip", hours="night"), tier("other")]},
        "tiers.vip.hours",
        "unknown_hours",
    ),
    ("no zone", {"hours": [office(time_zone="Moon/Sea")]}, "hours.office.time_zone", "bad_zone"),
    (
        "closes before it opens",
        {"hours": [office(week=[Opening(day=1, opens="20:00", closes="08:00")])]},
        "hours.office.week.0",
        "bad_time",
    ),
    (
        "no such day",
        {"hours": [office(holidays=[Holiday(date="2027-02-30", name="?")])]},
        "hours.office.holidays.0",
        "bad_time",
    ),
    ("too quick", {"offer_timeout_s": 1.0}, "offer_timeout_s", "out_of_range"),
]


@pytest.mark.parametrize(
    ("changed", "path", "code"), [c[1:] for c in IMPOSSIBLE], ids=[c[0] for c in IMPOSSIBLE]
)
def test_impossible_plans_are_refused_with_the_name_of_the_field(
    changed: dict[str, Any], path: str, code: str
) -> None:
    assert (path, code) in [(p.path, p.code) for p in problems_of(plan(**changed), TIERS, AGENTS)]


def test_an_agent_serves_what_his_groups_serve_and_help_with() -> None:
    helping = plan(
        groups=[
            group("key", "vip", overflow=OverflowPlan(to="mass", after_s=30.0)),
            group("mass", "other"),
        ]
    )
    assert plan().served_tiers("a1") == {"vip", "other"}
    assert plan().served_tiers("a2") == {"other"}
    assert helping.served_tiers("a2") == {"other", "vip"}, "by overflow"
    widened = plan(
        groups=[group("key", "vip"), group("mass", "other", widened=[WideningPlan(tier="vip", after_s=60.0)])]
    )
    assert widened.served_tiers("a2") == {"other", "vip"}, "after a wait"
    assert plan().served_tiers("stranger") == set()
