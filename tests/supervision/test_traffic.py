"""A day's traffic as it is replayed, and what the audit says of a changed plan."""

from __future__ import annotations

from tests.routing.test_plan import member, plan, target, tier
from wecc.conversations import FinishedWork
from wecc.routing import Channel
from wecc.supervision.advice import group_advice, staffing_curve
from wecc.supervision.changes import changed_paths
from wecc.supervision.traffic import trace_of

DAY_MS = 86_400_000
MIN_MS = 60_000


def work(tier: str, since_ms: int, assigned_ms: int | None, ended_ms: int, agent: str = "a1") -> FinishedWork:
    return FinishedWork(tier, Channel.CHAT, since_ms, assigned_ms, ended_ms, agent if assigned_ms else "")


def test_who_was_served_and_who_gave_up() -> None:
    begin_ms = 10 * DAY_MS
    works = [
        work("vip", begin_ms + 60 * MIN_MS, begin_ms + 61 * MIN_MS, begin_ms + 66 * MIN_MS),
        work("other", begin_ms + 70 * MIN_MS, None, begin_ms + 72 * MIN_MS),
        work("gone", begin_ms + 70 * MIN_MS, begin_ms + 71 * MIN_MS, begin_ms + 72 * MIN_MS),
    ]
    trace = trace_of(works, plan(), begin_ms, begin_ms + DAY_MS)
    assert trace is not None
    served, gave_up = trace.requests
    assert (served.at_ms, served.waited_ms, served.handling_ms, served.patience_ms) == (
        60 * MIN_MS,
        MIN_MS,
        5 * MIN_MS,
        None,
    )
    assert (gave_up.waited_ms, gave_up.handling_ms, gave_up.patience_ms) == (2 * MIN_MS, None, 2 * MIN_MS)
    assert [(a.agent.agent_id, a.agent.groups, a.present) for a in trace.agents] == [
        ("a1", ("key", "mass"), ((31 * MIN_MS, 96 * MIN_MS),))
    ]


def test_shifts_that_touch_are_one_and_stay_within_the_day() -> None:
    works = [
        work("vip", 5 * MIN_MS, 10 * MIN_MS, 20 * MIN_MS),
        work("vip", 70 * MIN_MS, 75 * MIN_MS, 80 * MIN_MS),
        work("vip", 600 * MIN_MS, 605 * MIN_MS, 610 * MIN_MS),
    ]
    trace = trace_of(works, plan(), 0, DAY_MS)
    assert trace is not None
    assert trace.agents[0].present == ((0, 110 * MIN_MS), (575 * MIN_MS, 640 * MIN_MS))


def test_a_day_nobody_was_served_on_says_nothing() -> None:
    assert trace_of([], plan(), 0, DAY_MS) is None
    assert trace_of([work("vip", 0, None, MIN_MS)], plan(), 0, DAY_MS) is None


def test_changes_are_named_by_field_wherever_rows_stand() -> None:
    before = plan()
    stricter = tier("vip", targets=[target("chat", threshold_s=10.0), target("message")])
    after = plan(policy="gap_live", tiers=[tier("other"), stricter], members=[member("a1", "key")])
    assert changed_paths(before, after) == [
        "members.a1.groups.mass.group",
        "members.a1.groups.mass.level",
        "members.a2.agent_id",
        "members.a2.capacity",
        "members.a2.groups.mass.group",
        "members.a2.groups.mass.level",
        "policy",
        "tiers.vip.targets.chat.threshold_s",
    ]
    assert changed_paths(before, before) == []


def test_small_groups_must_idle_more() -> None:
    """Source: 2.4.1-03; reference, routing §4 (200 calls/h of 180 s keep 14 agents busy 71 % at 80/20)."""
    curve = {point.agents: point.occupancy_percent for point in staffing_curve(180)}
    assert sorted(curve.values()) == list(curve.values())
    assert (
        curve[3] < 55 < curve[8] < 71.4 < curve[16] < 80 < curve[50] < 92 < curve[100] < 95 < curve[300] < 99
    )
    advice = {a.group: a for a in group_advice(plan(), 180)}
    assert (advice["key"].agents, advice["mass"].agents) == (1, 2)
    assert advice["key"].is_small
    assert advice["mass"].occupancy_percent is not None
