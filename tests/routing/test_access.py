"""Who is let in, and who is asked first: limits, nobody here, account managers, last agents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.routing.desk import CONFIG, Desk, tier
from wecc.kernel.ids import AgentId
from wecc.routing import Channel, NobodyHere, Preferred, QueueFull, RoutingConfig, WorkState

BOTH = (Channel.CHAT, Channel.MESSAGE)


def limited(**limits: Any) -> RoutingConfig:
    """CONFIG, with limits for the tier szx, who may also leave messages."""
    return CONFIG.model_copy(
        update={"tiers": (*CONFIG.tiers[:2], tier("szx", 3, 75, channels=BOTH, **limits))}
    )


async def test_a_full_queue_refuses_newcomers_and_nobody_else(desk: Desk) -> None:
    await desk.open(limited(max_waiting=2))
    for work_id in ("a", "b"):
        await desk.ask(work_id, "szx")
    await desk.told()
    with pytest.raises(QueueFull) as refusal:
        await desk.ask("c", "szx")
    assert refusal.value.data == {"tier": "szx"}
    assert await desk.told() == []
    assert (await desk.ask("a", "szx")).state is WorkState.QUEUED  # a repeat is no newcomer
    assert (await desk.ask("v", "vip")).state is WorkState.QUEUED
    assert (await desk.ask("m", "szx", channel=Channel.MESSAGE)).state is WorkState.QUEUED
    await desk.abandon("a")
    await desk.ask("c", "szx")


async def test_who_returns_to_a_full_queue_is_not_refused(desk: Desk) -> None:
    await desk.open(limited(max_waiting=1))
    await desk.ready("x")
    await desk.ask("a", "szx")
    await desk.accept("a", "x")
    await desk.ask("b", "szx")
    await desk.leave("x")
    assert (await desk.tier("szx")).waiting == 2


async def test_a_share_of_the_slots_limits_what_a_tier_may_have(desk: Desk) -> None:
    """Half of three slots, rounded up, are two, wherever the agents are, waiting or served."""
    await desk.open(limited(max_share_pct=50))
    with pytest.raises(QueueFull):
        await desk.ask("a", "szx")
    await desk.ready("x", ("vip",), capacity=3)
    for work_id in ("a", "b"):
        await desk.ask(work_id, "szx")
    with pytest.raises(QueueFull):
        await desk.ask("c", "szx")
    await desk.ready("y", ("low",), capacity=2)
    assert (await desk.work("a")).state is WorkState.OFFERED
    await desk.ask("c", "szx")
    with pytest.raises(QueueFull):
        await desk.ask("d", "szx")
    await desk.accept("a", "y")
    await desk.finish("a", "y")
    with pytest.raises(QueueFull):
        await desk.ask("d", "szx")
    await desk.end_wrap_up("a", "y")
    await desk.ask("d", "szx")


async def test_without_an_agent_a_request_that_needs_one_is_refused(desk: Desk) -> None:
    for agent, groups in (("v", ("vip",)), ("p", ("low",))):
        await desk.ready(agent, groups)
    await desk.pause("p")
    with pytest.raises(NobodyHere) as refusal:
        await desk.ask("a", "szx", needs_agent=True)
    assert refusal.value.data == {"tier": "szx"}
    await desk.ready("p", None)
    await desk.ask("busy", "szx", needs_agent=True)
    assert (await desk.ask("a", "szx", needs_agent=True)).state is WorkState.QUEUED


async def test_a_silent_agent_is_nobody(desk: Desk) -> None:
    await desk.ready("x")
    desk.wait(15)
    await desk.sweep()
    with pytest.raises(NobodyHere):
        await desk.ask("a", needs_agent=True)


# Preferred agents ------------------------------------------------------------------------------------


def preferred(*agents: tuple[str, float]) -> tuple[Preferred, ...]:
    return tuple(Preferred(agent_id=AgentId(agent), wait_s=wait_s) for agent, wait_s in agents)


async def test_the_account_manager_has_the_request_to_himself(desk: Desk) -> None:
    """Though he does not serve the tier, and another who does is free."""
    await desk.ready("free")
    await desk.ready("manager", ("low",))
    await desk.ask("busy", "szx", preferred=preferred(("manager", 10)))
    await desk.accept("busy", "manager")
    work = await desk.ask("a", preferred=preferred(("manager", 10)))
    assert (work.state, work.only_agent) == (WorkState.QUEUED, "manager")
    await desk.routing.close(desk.center_id, (await desk.work("busy")).work_id)
    offered = await desk.work("a")
    assert (offered.state, offered.agent_id) == (WorkState.OFFERED, "manager")
    assert offered.reason is not None
    assert offered.reason.policy == "direct"


async def test_after_his_time_it_falls_to_the_tier_at_its_original_place(desk: Desk) -> None:
    await desk.ready("manager", ("low",))
    await desk.ask("busy", "szx")
    await desk.accept("busy", "manager")
    await desk.ask("a", preferred=preferred(("manager", 10)))
    desk.wait(4)
    await desk.ask("b")
    repeated = await desk.ask("a", preferred=preferred(("manager", 10)))
    assert repeated.deadline_ms == repeated.since_ms + 10_000
    desk.wait(5.999)
    await desk.sweep()
    assert (await desk.work("a")).only_agent == "manager"
    desk.wait(0.001)
    await desk.sweep()
    assert (await desk.told())[-1] == "a queued direct_expired"
    assert (await desk.place("a")).position == 1


async def test_the_first_who_is_there_is_preferred(desk: Desk) -> None:
    for agent in ("away", "silent", "last"):
        await desk.ready(agent, ("low",))
    await desk.pause("away")
    desk.wait(15)
    await desk.beat("away", "last")
    await desk.sweep()
    asked = preferred(("unknown", 10), ("away", 10), ("silent", 10), ("last", 10))
    assert (await desk.ask("a", preferred=asked)).agent_id == "last"


async def test_without_time_to_wait_only_a_free_one_counts(desk: Desk) -> None:
    await desk.ready("busy")
    await desk.ask("other")
    await desk.accept("other", "busy")
    assert (await desk.ask("a", preferred=preferred(("busy", 0)))).only_agent is None
    await desk.ready("free", ("low",))
    assert (await desk.ask("b", preferred=preferred(("busy", 0), ("free", 0)))).agent_id == "free"


async def test_nobody_preferred_is_there(desk: Desk) -> None:
    work = await desk.ask("a", preferred=preferred(("manager", 10)))
    assert (work.state, work.only_agent, work.deadline_ms) == (WorkState.QUEUED, None, None)


async def test_a_preferred_agent_who_goes_lets_go_at_once(desk: Desk) -> None:
    await desk.ready("manager")
    await desk.ask("busy")
    await desk.accept("busy", "manager")
    await desk.ask("a", preferred=preferred(("manager", 100)))
    await desk.pause("manager")
    work = await desk.work("a")
    assert (work.cause, work.only_agent) == ("direct_agent_paused", None)


async def test_a_manager_who_is_there_is_somebody(desk: Desk) -> None:
    await desk.ready("manager", ("low",))
    with pytest.raises(NobodyHere):
        await desk.ask("a", needs_agent=True)
    work = await desk.ask("a", needs_agent=True, preferred=preferred(("manager", 10)))
    assert work.agent_id == "manager"


async def test_a_refusal_changes_nothing_although_the_counts_were_due(desk: Desk) -> None:
    await desk.open(limited(max_share_pct=100))
    await desk.ready("x")
    await desk.ask("a", "szx")
    await desk.accept("a", "x")
    assert (await desk.tier("szx")).asked == 1
    desk.wait(16 * 60)
    with pytest.raises(QueueFull):
        await desk.ask("b", "szx")
    assert (await desk.tier("szx")).asked == 0, "what left the window is forgotten, once"
