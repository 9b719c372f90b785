"""The operator's rule against its vectors: which tier is served when an agent frees up."""

from __future__ import annotations

import pytest

from tests.routing.desk import CONFIG, Desk
from wecc.kernel.clock import VirtualClock
from wecc.routing import Channel, Outcome, Policy


def outcomes(clock: VirtualClock, tier: str, hits: int, asked: int) -> list[Outcome]:
    return [
        Outcome(tier=tier, channel=Channel.CHAT, at_ms=clock.now_ms() - 60_000, is_hit=i < hits)
        for i in range(asked)
    ]


async def served(desk: Desk, groups: tuple[str, ...] = ("all",)) -> str:
    """The tier the next free agent is offered."""
    await desk.ready("free", groups)
    (work_id,) = (await desk.agent("free")).work_ids
    work = await desk.work(work_id)
    assert work.reason is not None
    assert work.reason.tier == work.tier
    return work.tier


@pytest.fixture
async def gaps(desk: Desk, clock: VirtualClock) -> Desk:
    """Answer rates 93 %, 80 % and 76 % against targets of 95, 85 and 75: gaps of -2, -5 and +1."""
    rates = (("vip", 93), ("roaming", 80), ("szx", 76))
    await desk.open(CONFIG, [o for tier, hits in rates for o in outcomes(clock, tier, hits, 100)])
    return desk


async def test_gap_serves_the_tier_furthest_below_its_target(gaps: Desk) -> None:
    for tier in ("szx", "vip", "roaming"):
        await gaps.ask(tier, tier)
        gaps.wait(1)
    assert await served(gaps) == "roaming"


async def test_the_reason_is_stored_with_the_offer(gaps: Desk) -> None:
    await gaps.ask("szx", "szx")
    gaps.wait(2)
    await gaps.ask("roaming", "roaming")
    gaps.wait(1)
    assert await served(gaps) == "roaming"
    reason = (await gaps.work("roaming")).reason
    assert reason is not None
    assert reason.model_dump() == {
        "policy": "gap",
        "tier": "roaming",
        "rate": 80,
        "target": 85,
        "gap": -5,
        "wait_ms": 1000,
        "candidates": (
            {"tier": "roaming", "rate": 80, "target": 85, "gap": -5, "wait_ms": 1000},
            {"tier": "szx", "rate": 76, "target": 75, "gap": 1, "wait_ms": 3000},
        ),
    }
    assert (await gaps.accept("roaming", "free")).reason == reason


async def test_only_tiers_the_agent_serves_compete(gaps: Desk) -> None:
    for tier in ("szx", "vip", "roaming"):
        await gaps.ask(tier, tier)
    assert await served(gaps, ("vip",)) == "vip"


async def test_equal_gaps_go_to_the_longest_wait(desk: Desk, clock: VirtualClock) -> None:
    await desk.open(CONFIG, outcomes(clock, "vip", 90, 100) + outcomes(clock, "roaming", 80, 100))
    await desk.ask("roaming", "roaming")
    desk.wait(1)
    await desk.ask("vip", "vip")
    assert await served(desk) == "roaming"


async def test_an_empty_window_is_a_hundred_percent(desk: Desk, clock: VirtualClock) -> None:
    """Nobody asked: vip is 5 above its target, szx 25; one miss of szx in two turns it."""
    await desk.open(CONFIG, outcomes(clock, "szx", 1, 2))
    await desk.ask("vip", "vip")
    await desk.ask("szx", "szx")
    assert (await desk.tier("vip")).rate == 100
    assert await served(desk) == "szx"


async def test_outcomes_age_out_of_the_window(gaps: Desk) -> None:
    assert (await gaps.tier("roaming")).asked == 100
    gaps.wait(15 * 60)
    roaming = await gaps.tier("roaming")
    assert (roaming.asked, roaming.rate) == (0, 100)


async def test_fifo_takes_the_longest_wait_whatever_the_gaps(gaps: Desk) -> None:
    await gaps.policy(Policy.FIFO)
    for tier in ("szx", "vip", "roaming"):
        await gaps.ask(tier, tier)
        gaps.wait(1)
    assert await served(gaps) == "szx"


async def test_a_tier_is_served_in_order_of_asking_and_ties_by_id(desk: Desk, clock: VirtualClock) -> None:
    now_ms = clock.now_ms()
    for work_id, since_ms in (("b", now_ms), ("late", now_ms + 1), ("early", now_ms - 1), ("a", now_ms)):
        await desk.ask(work_id, since_ms=since_ms)
    order: list[str] = []
    for i in range(4):
        agent = await desk.ready(f"agent{i}")
        order += agent.work_ids
    assert order == ["early", "a", "b", "late"]


async def test_an_answer_within_the_threshold_is_a_hit_a_later_one_a_miss(desk: Desk) -> None:
    await desk.ready("x", capacity=2)
    await desk.ask("quick")
    desk.wait(15)
    await desk.accept("quick", "x")
    await desk.ask("slow")
    desk.wait(15.001)
    await desk.accept("slow", "x")
    vip = await desk.tier("vip")
    assert (vip.asked, vip.rate) == (2, 50)


@pytest.mark.parametrize(("wait_s", "asked", "rate"), [(4.999, 0, 100), (5, 1, 0), (60, 1, 0)])
async def test_giving_up_is_a_miss_unless_at_once(desk: Desk, wait_s: float, asked: int, rate: float) -> None:
    await desk.ask("a")
    desk.wait(wait_s)
    await desk.abandon("a")
    vip = await desk.tier("vip")
    assert (vip.asked, vip.rate) == (asked, rate)


async def test_the_least_loaded_then_the_longest_idle_agent_is_chosen(desk: Desk) -> None:
    for agent in ("first", "second", "third"):
        await desk.ready(agent, capacity=2)
        desk.wait(1)
    chosen = []
    for i in range(5):
        work = await desk.ask(f"w{i}")
        assert work.agent_id is not None
        await desk.accept(work.work_id, work.agent_id)
        chosen.append(work.agent_id)
    assert chosen == ["first", "second", "third", "first", "second"]


async def test_who_finished_last_is_chosen_last(desk: Desk) -> None:
    await desk.ready("a")
    desk.wait(1)
    await desk.ready("b")
    work = await desk.ask("one")
    assert work.agent_id == "a"
    await desk.accept("one", "a")
    desk.wait(1)
    await desk.finish("one", "a")
    await desk.end_wrap_up("one", "a")
    assert (await desk.ask("two")).agent_id == "b"


async def test_configuring_anew_pairs_waiters_with_agents_who_now_serve_them(desk: Desk) -> None:
    await desk.ask("a", "szx")
    await desk.ready("v", ("vip",))
    wider = [g.model_copy(update={"tiers": ("vip", "szx")}) if g.code == "vip" else g for g in CONFIG.groups]
    await desk.routing.configure(desk.center_id, CONFIG.model_copy(update={"groups": tuple(wider)}))
    assert (await desk.work("a")).agent_id == "v"
