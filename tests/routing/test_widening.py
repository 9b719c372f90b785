"""More agents serve who waits long, or while many wait: widened tiers, overflow between groups."""

from __future__ import annotations

import pytest

from tests.routing.desk import CONFIG, Desk
from wecc.routing import GroupConfig, NobodyHere, Overflow, Policy, RoutingConfig, WorkState


def groups(*groups: GroupConfig) -> RoutingConfig:
    return CONFIG.model_copy(update={"groups": groups})


ALL = GroupConfig(code="all", tiers=("vip", "roaming", "szx"))
LOW = GroupConfig(code="low", tiers=("roaming", "szx"))


async def test_a_widened_tier_is_served_once_its_time_has_come(desk: Desk) -> None:
    await desk.open(groups(ALL, LOW.model_copy(update={"widened": {"vip": 10.0}})))
    await desk.ready("y", ("low",))
    await desk.ask("a")
    await desk.ask("b")
    desk.wait(9.999)
    await desk.sweep()
    assert (await desk.work("a")).state is WorkState.QUEUED
    desk.wait(0.001)
    await desk.sweep()
    assert [(await desk.work(w)).agent_id for w in "ab"] == ["y", None]


async def test_who_has_waited_long_enough_is_taken_at_once_by_who_frees_up(desk: Desk) -> None:
    await desk.open(groups(ALL, LOW.model_copy(update={"widened": {"vip": 10.0}})))
    await desk.ask("a")
    desk.wait(10)
    await desk.ask("s", "szx")
    assert (await desk.ready("y", ("low",))).work_ids == ("a",)


async def test_who_serves_a_tier_at_once_comes_before_helpers(desk: Desk) -> None:
    await desk.open(groups(ALL, LOW.model_copy(update={"widened": {"vip": 10.0}})))
    await desk.ready("helper", ("low",))
    desk.wait(1)
    await desk.ready("own", ("all",))
    asked_ms = desk.clock.now_ms() - 20_000
    assert (await desk.ask("a", since_ms=asked_ms)).agent_id == "own"
    assert (await desk.ask("b", since_ms=asked_ms)).agent_id == "helper"


OVERFLOWING = groups(
    ALL,
    GroupConfig(code="vip", tiers=("vip",), overflow=Overflow(to="low", after_s=30, longer_than=2)),
    LOW,
)


async def test_a_group_overflows_by_wait(desk: Desk) -> None:
    await desk.open(OVERFLOWING)
    await desk.ready("y", ("low",))
    await desk.ask("a")
    for _ in range(2):
        desk.wait(14)
        await desk.beat("y")
        await desk.sweep()
    assert (await desk.work("a")).state is WorkState.QUEUED
    desk.wait(2)
    await desk.sweep()
    assert (await desk.work("a")).agent_id == "y"


async def test_a_group_overflows_by_length_and_only_while_it_lasts(desk: Desk) -> None:
    """The third makes the queue too long: the first goes to a helper; then it is short enough again."""
    await desk.open(OVERFLOWING)
    await desk.ready("y", ("low",))
    await desk.ready("z", ("low",))
    for work_id in ("a", "b"):
        assert (await desk.ask(work_id)).state is WorkState.QUEUED
        desk.wait(1)
    assert (await desk.ask("c")).state is WorkState.QUEUED
    assert (await desk.work("a")).state is WorkState.OFFERED
    assert (await desk.work("b")).state is WorkState.QUEUED
    assert (await desk.ask("d")).state is WorkState.QUEUED
    assert (await desk.work("b")).state is WorkState.OFFERED


async def test_helpers_count_as_somebody_who_may_serve(desk: Desk) -> None:
    await desk.open(OVERFLOWING)
    with pytest.raises(NobodyHere):
        await desk.ask("a", needs_agent=True)
    await desk.ready("y", ("low",))
    await desk.ask("a", needs_agent=True)
    vip = await desk.tier("vip")
    assert (vip.agents_ready, vip.slots) == (0, 0)


async def test_under_gap_live_a_helper_skips_who_is_in_time_but_not_his_yet(desk: Desk) -> None:
    """Both who wait for vip: the first is late, the second in time but not yet his; so the first it is."""
    await desk.open(
        groups(ALL, LOW.model_copy(update={"widened": {"vip": 10.0}})).model_copy(
            update={"policy": Policy.GAP_LIVE}
        )
    )
    await desk.ask("late")
    desk.wait(12)
    await desk.ask("new")
    desk.wait(4)
    assert (await desk.ready("y", ("low",))).work_ids == ("late",)


async def test_expedited_work_does_not_wait_for_helpers(desk: Desk) -> None:
    await desk.open(OVERFLOWING)
    await desk.ready("y", ("low",))
    await desk.ask("a")
    await desk.ask("b")
    assert (await desk.expedite("b")).agent_id == "y"


async def test_a_helper_may_pick_by_hand(desk: Desk) -> None:
    await desk.open(OVERFLOWING)
    await desk.ready("y", ("low",))
    await desk.ask("a")
    assert (await desk.pick("a", "y")).state is WorkState.ASSIGNED
