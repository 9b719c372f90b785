"""Each request is counted once: at its answer or end, under gap_live when its threshold passes."""

from __future__ import annotations

import pytest

from tests.routing.desk import CONFIG, Desk
from wecc.kernel.ids import AgentId, WorkId
from wecc.routing import Abandons, AgentState, Channel, Outcome, Policy, RoutingConfig


async def counted(desk: Desk, code: str = "vip") -> tuple[int, int]:
    view = await desk.tier(code)
    return view.asked, view.hits


async def test_under_gap_live_a_miss_counts_when_the_threshold_passes(desk: Desk) -> None:
    await desk.policy(Policy.GAP_LIVE)
    await desk.ask("a")
    desk.wait(1)
    await desk.ask("b")
    desk.wait(14)
    assert await counted(desk) == (0, 0)
    desk.wait(0.001)
    assert await counted(desk) == (1, 0)
    desk.wait(1)
    await desk.sweep()
    assert await counted(desk) == (2, 0)


@pytest.mark.parametrize("policy", [Policy.GAP, Policy.VIP_STRICT, Policy.FIFO])
async def test_under_the_others_it_counts_when_it_is_answered(desk: Desk, policy: Policy) -> None:
    await desk.policy(policy)
    await desk.ask("a")
    desk.wait(20)
    await desk.sweep()
    assert await counted(desk) == (0, 0)
    await desk.ready("x")
    await desk.accept("a", "x")
    assert await counted(desk) == (1, 0)


@pytest.mark.parametrize("end", ["accept", "abandon", "pick", "close", "overflow"])
async def test_a_miss_counted_by_the_clock_is_not_counted_again(desk: Desk, end: str) -> None:
    await desk.policy(Policy.GAP_LIVE)
    await desk.ask("a")
    desk.wait(16)
    await desk.sweep()
    match end:
        case "accept":
            await desk.ready("x")
            await desk.accept("a", "x")
        case "abandon":
            await desk.abandon("a")
        case "pick":
            await desk.ready("x", ("low",))
            await desk.pick("a", "x", is_supervisor=True)
        case "overflow":
            await desk.routing.overflow(desk.center_id, WorkId("a"), "left_message")
        case _:
            await desk.routing.close(desk.center_id, WorkId("a"))
    assert await counted(desk) == (1, 0)


async def test_even_when_nobody_looked_in_between(desk: Desk) -> None:
    await desk.policy(Policy.GAP_LIVE)
    for work_id in ("a", "b"):
        await desk.ask(work_id)
    desk.wait(60)
    await desk.abandon("a")
    assert await counted(desk) == (2, 0)


async def test_an_offer_open_while_the_threshold_passes(desk: Desk) -> None:
    """It is not in line then; whether it is answered or returns, it is one miss."""
    await desk.policy(Policy.GAP_LIVE)
    await desk.ready("x", capacity=2)
    await desk.ask("answered")
    desk.wait(16)
    await desk.beat("x")
    await desk.sweep()
    assert await counted(desk) == (0, 0)
    await desk.accept("answered", "x")
    assert await counted(desk) == (1, 0)
    await desk.ask("returns")
    desk.wait(16)
    await desk.decline("returns", "x")
    assert await counted(desk) == (2, 0)
    desk.wait(10)
    await desk.abandon("returns")
    assert await counted(desk) == (2, 0)


async def test_who_was_answered_in_time_and_waits_again_is_no_miss(desk: Desk) -> None:
    """Passed on within the threshold, he waits beyond it: he was a hit and stays one."""
    await desk.policy(Policy.GAP_LIVE)
    await desk.ready("x")
    await desk.ask("a")
    await desk.accept("a", "x")
    await desk.routing.transfer_to_tier(desk.center_id, WorkId("a"), AgentId("x"), "szx")
    await desk.routing.set_agent(desk.center_id, AgentId("x"), AgentState.PAUSED)
    await desk.ask("other", "szx")
    desk.wait(30)
    await desk.sweep()
    assert (await counted(desk), await counted(desk, "szx")) == ((1, 1), (1, 0))
    for work_id in ("a", "other"):
        await desk.abandon(work_id)
    assert (await counted(desk), await counted(desk, "szx")) == ((1, 1), (1, 0))


async def test_a_change_of_policy_counts_nobody_twice(desk: Desk) -> None:
    await desk.policy(Policy.GAP_LIVE)
    await desk.ask("early")
    desk.wait(20)
    await desk.sweep()
    await desk.policy(Policy.GAP)
    await desk.ask("later")
    desk.wait(20)
    await desk.sweep()
    assert await counted(desk) == (1, 0)
    await desk.policy(Policy.GAP_LIVE)
    assert await counted(desk) == (2, 0)
    await desk.policy(Policy.GAP)
    for work_id in ("early", "later"):
        await desk.abandon(work_id)
    assert await counted(desk) == (2, 0)


async def test_a_longer_threshold_takes_no_miss_back_and_counts_none_twice(desk: Desk) -> None:
    await desk.policy(Policy.GAP_LIVE)
    await desk.ask("a")
    desk.wait(16)
    assert await counted(desk) == (1, 0)
    longer = {Channel.CHAT: CONFIG.tiers[0].targets[Channel.CHAT].model_copy(update={"threshold_s": 60.0})}
    tiers = (CONFIG.tiers[0].model_copy(update={"targets": longer}), *CONFIG.tiers[1:])
    await desk.policy(Policy.GAP_LIVE, tiers=tiers)
    await desk.ask("b")
    desk.wait(60.001)
    assert await counted(desk) == (2, 0)


async def test_expedited_work_is_counted_once_too(desk: Desk) -> None:
    await desk.policy(Policy.GAP_LIVE)
    for work_id in ("a", "b"):
        await desk.ask(work_id)
    await desk.expedite("a")
    desk.wait(16)
    assert await counted(desk) == (1, 0)
    await desk.expedite("b")
    for i, work_id in enumerate("ab"):
        await desk.ready(f"x{i}")
        await desk.accept(work_id, f"x{i}")
    assert await counted(desk) == (2, 0)


async def test_after_a_rebuild_who_waits_is_counted_once(desk: Desk) -> None:
    await desk.policy(Policy.GAP_LIVE)
    works = [await desk.ask("a")]
    desk.wait(16)
    assert await counted(desk) == (1, 0)
    live = CONFIG.model_copy(update={"policy": Policy.GAP_LIVE})
    await desk.routing.rebuild(desk.center_id, live, works, [], force=True)
    assert await counted(desk) == (1, 0)
    await desk.abandon("a")
    assert await counted(desk) == (1, 0)


# Giving up -------------------------------------------------------------------------------------------


def treating(abandons: Abandons) -> RoutingConfig:
    target = CONFIG.tiers[0].targets[Channel.CHAT].model_copy(update={"abandons": abandons})
    vip = CONFIG.tiers[0].model_copy(update={"targets": {Channel.CHAT: target}})
    return CONFIG.model_copy(update={"tiers": (vip, *CONFIG.tiers[1:])})


@pytest.mark.parametrize(
    ("abandons", "rate"), [(Abandons.IGNORE, 77.778), (Abandons.NEGATIVE, 70), (Abandons.POSITIVE, 80)]
)
async def test_giving_up_counts_as_the_tier_takes_it(desk: Desk, abandons: Abandons, rate: float) -> None:
    """Cisco's example, a tenth of it: 7 answered in time, 1 abandoned early, 2 answered late."""
    await desk.open(treating(abandons))
    for i in range(10):
        await desk.ask(f"w{i}")
    desk.wait(6)
    await desk.abandon("w9")
    await desk.ready("x", capacity=10)
    for i in range(7):
        await desk.accept(f"w{i}", "x")
    desk.wait(10)
    for i in (7, 8):
        await desk.accept(f"w{i}", "x")
    view = await desk.tier("vip")
    assert view.rate == pytest.approx(rate, abs=0.001)
    assert view.abandoned == 1


@pytest.mark.parametrize("abandons", list(Abandons))
@pytest.mark.parametrize("policy", [Policy.GAP, Policy.GAP_LIVE])
async def test_giving_up_late_is_a_miss_whatever_the_treatment(
    desk: Desk, abandons: Abandons, policy: Policy
) -> None:
    await desk.open(treating(abandons).model_copy(update={"policy": policy}))
    await desk.ask("a")
    desk.wait(16)
    await desk.abandon("a")
    assert await counted(desk) == (1, 0)


async def test_each_tier_has_its_own_patience_for_leaving_at_once(desk: Desk) -> None:
    target = CONFIG.tiers[0].targets[Channel.CHAT].model_copy(update={"short_abandon_s": 0.0})
    vip = CONFIG.tiers[0].model_copy(update={"targets": {Channel.CHAT: target}})
    await desk.open(CONFIG.model_copy(update={"tiers": (vip, *CONFIG.tiers[1:])}))
    for code in ("vip", "szx"):
        await desk.ask(code, code)
        await desk.abandon(code)
    assert (await counted(desk), await counted(desk, "szx")) == ((1, 0), (0, 0))


# Beyond the rate -------------------------------------------------------------------------------------


async def test_the_mean_excess_is_over_all_who_asked(desk: Desk) -> None:
    """Answered in time, answered 4 s late, given up 14 s late: 18 s over three."""
    await desk.ready("x", capacity=3)
    await desk.ask("in-time")
    await desk.accept("in-time", "x")
    await desk.ask("late")
    await desk.ask("gone")
    desk.wait(19)
    await desk.accept("late", "x")
    desk.wait(10)
    await desk.abandon("gone")
    view = await desk.tier("vip")
    assert (view.asked, view.mean_excess_s, view.abandoned) == (3, 6.0, 1)


async def test_nobody_is_abandoned_or_late_twice(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    desk.wait(19)
    await desk.accept("a", "x")
    await desk.routing.transfer_to_tier(desk.center_id, WorkId("a"), AgentId("x"), "vip")
    desk.wait(30)
    await desk.abandon("a")
    view = await desk.tier("vip")
    assert (view.asked, view.mean_excess_s, view.abandoned) == (1, 4.0, 0)


async def test_a_late_decision_is_one_that_left_somebody_in_time_waiting(desk: Desk) -> None:
    await desk.ask("late", "szx")
    await desk.ask("later", "szx")
    desk.wait(16)
    await desk.ready("x")
    assert (await desk.tier("szx")).late_decisions == 0  # nobody in time to take instead
    await desk.ask("new", "szx")
    await desk.ready("y")
    assert (await desk.work("later")).agent_id == "y"
    assert (await desk.tier("szx")).late_decisions == 1


async def test_outcomes_restore_the_counts(desk: Desk) -> None:
    now_ms = desk.clock.now_ms()
    fates = [
        Outcome(tier="vip", channel=Channel.CHAT, at_ms=now_ms, is_hit=True),
        Outcome(
            tier="vip", channel=Channel.CHAT, at_ms=now_ms, is_hit=False, is_abandoned=True, excess_ms=3000
        ),
    ]
    await desk.open(CONFIG, fates)
    view = await desk.tier("vip")
    assert (view.asked, view.hits, view.abandoned, view.mean_excess_s) == (2, 1, 1, 1.5)


async def test_a_long_window_forgets_as_exactly_as_a_short_one(desk: Desk) -> None:
    target = CONFIG.tiers[0].targets[Channel.CHAT].model_copy(update={"window_min": 1440})
    vip = CONFIG.tiers[0].model_copy(update={"targets": {Channel.CHAT: target}})
    await desk.open(CONFIG.model_copy(update={"tiers": (vip, *CONFIG.tiers[1:])}))
    await desk.ready("x", capacity=2)
    for work_id in ("a", "b"):
        await desk.ask(work_id)
        await desk.accept(work_id, "x")
        desk.wait(600)
    desk.wait(1440 * 60 - 1200)
    assert await counted(desk) == (1, 1)
    desk.wait(600)
    assert await counted(desk) == (0, 0)
