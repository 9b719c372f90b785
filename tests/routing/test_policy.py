"""The operator's rule against its vectors: which tier is served when an agent frees up."""

from __future__ import annotations

import pytest

from tests.routing.desk import CONFIG, Desk
from wecc.kernel.clock import VirtualClock
from wecc.routing import AgentChoice, Channel, Outcome, Policy


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


async def decided_by(desk: Desk, work_id: str) -> str:
    reason = (await desk.work(work_id)).reason
    assert reason is not None
    return reason.policy


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
    assert (reason.policy, reason.tier, reason.rate, reason.target, reason.gap, reason.wait_ms) == (
        ("gap", "roaming", 80, 85, -5, 1000)
    )
    assert [(c.tier, c.rank, c.rate, c.target, c.gap, c.wait_ms, c.is_late) for c in reason.candidates] == [
        ("roaming", 2, 80, 85, -5, 1000, False),
        ("szx", 3, 76, 75, 1, 3000, False),
    ]
    assert (await gaps.accept("roaming", "free")).reason == reason


async def test_only_tiers_the_agent_serves_compete(gaps: Desk) -> None:
    for tier in ("szx", "vip", "roaming"):
        await gaps.ask(tier, tier)
    assert await served(gaps, ("vip",)) == "vip"


async def test_a_decision_can_be_replayed_from_its_reason(gaps: Desk) -> None:
    """With the center's flags as they were then, whatever it is told later."""
    await gaps.policy(Policy.GAP, favours_high_target_when_missed=True)
    for tier in ("szx", "roaming", "vip"):
        await gaps.ask(tier, tier)
        gaps.wait(1)
    assert await served(gaps) == "vip"
    await gaps.policy(Policy.FIFO)
    reason = (await gaps.work("vip")).reason
    assert reason is not None
    await gaps.told()
    chosen = await gaps.routing.replay(gaps.center_id, reason)
    assert (chosen.tier, chosen.wait_ms) == ("vip", 1000)
    other = reason.model_copy(update={"favours_high_target_when_missed": False})
    assert (await gaps.routing.replay(gaps.center_id, other)).tier == "roaming"
    assert await gaps.told() == []


async def test_a_late_callers_turn_is_replayed_as_one(gaps: Desk) -> None:
    await gaps.policy(Policy.GAP_LIVE, late_turn=1)
    for work_id in ("szx", "roaming"):
        await gaps.ask(work_id, work_id)
        gaps.wait(20)
    await gaps.ask("vip", "vip")
    assert await served(gaps) == "szx"
    reason = (await gaps.work("szx")).reason
    assert reason is not None
    assert (await gaps.routing.replay(gaps.center_id, reason)).tier == "szx"


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


@pytest.mark.parametrize(
    ("waiting", "served_tier", "decided"),
    [
        (("szx", "vip", "roaming"), "vip", "gap_missed"),
        (("szx", "roaming"), "roaming", "gap"),  # only one is missed
        (("szx",), "szx", "gap"),
    ],
)
async def test_when_several_targets_are_missed_the_higher_may_be_favoured(
    gaps: Desk, waiting: tuple[str, ...], served_tier: str, decided: str
) -> None:
    await gaps.policy(Policy.GAP, favours_high_target_when_missed=True)
    for tier in waiting:
        await gaps.ask(tier, tier)
    assert await served(gaps) == served_tier
    assert await decided_by(gaps, served_tier) == decided


async def test_when_all_targets_are_met_the_higher_may_be_favoured(desk: Desk, clock: VirtualClock) -> None:
    rates = (("vip", 98), ("roaming", 86), ("szx", 76))
    await desk.open(CONFIG, [o for tier, hits in rates for o in outcomes(clock, tier, hits, 100)])
    await desk.policy(Policy.GAP, favours_high_target_when_met=True)
    for tier in ("szx", "roaming", "vip"):
        await desk.ask(tier, tier)
    assert await served(desk) == "vip"
    assert await decided_by(desk, "vip") == "gap_met"


async def test_favouring_high_targets_while_they_are_met_changes_nothing_when_one_is_missed(
    gaps: Desk,
) -> None:
    await gaps.policy(Policy.GAP, favours_high_target_when_met=True)
    for tier in ("vip", "szx", "roaming"):
        await gaps.ask(tier, tier)
    assert await served(gaps) == "roaming"


async def test_vip_strict_takes_the_highest_tier_whatever_the_gaps_and_waits(gaps: Desk) -> None:
    await gaps.policy(Policy.VIP_STRICT)
    for tier in ("szx", "roaming", "vip"):
        await gaps.ask(tier, tier)
        gaps.wait(60)
    assert await served(gaps) == "vip"
    assert await decided_by(gaps, "vip") == "vip_strict"


async def test_gap_live_serves_who_can_still_be_answered_in_time(gaps: Desk) -> None:
    """Roaming is worst, but both who wait there are lost; vip's oldest is lost, his second is not."""
    await gaps.policy(Policy.GAP_LIVE)
    for work_id in ("roaming", "roaming2", "vip"):
        await gaps.ask(work_id, work_id.removesuffix("2"))
    gaps.wait(10)
    await gaps.ask("szx", "szx")
    await gaps.ask("vip2", "vip")
    gaps.wait(10)
    await gaps.ready("free")
    work = await gaps.work("vip2")
    assert work.agent_id == "free"
    assert work.reason is not None
    assert work.reason.policy == "gap_live"
    assert [(c.tier, c.wait_ms) for c in work.reason.candidates] == [("vip", 10_000), ("szx", 10_000)]


async def test_gap_live_counts_the_threshold_itself_as_in_time(gaps: Desk) -> None:
    await gaps.policy(Policy.GAP_LIVE)
    await gaps.ask("lost", "vip")
    await gaps.ask("lost-too", "szx")
    gaps.wait(0.001)
    await gaps.ask("just", "szx")
    gaps.wait(15)
    await gaps.ready("free")
    assert (await gaps.work("just")).agent_id == "free"


async def test_gap_live_is_the_operators_rule_while_nobody_is_late(gaps: Desk) -> None:
    await gaps.policy(Policy.GAP_LIVE)
    for tier in ("szx", "vip", "roaming"):
        await gaps.ask(tier, tier)
        gaps.wait(1)
    assert await served(gaps) == "roaming"


async def test_gap_live_is_the_operators_rule_when_everybody_is_late(gaps: Desk) -> None:
    await gaps.policy(Policy.GAP_LIVE)
    for tier in ("szx", "vip", "roaming"):
        await gaps.ask(tier, tier)
        gaps.wait(1)
    gaps.wait(60)
    assert await served(gaps) == "roaming"
    assert await decided_by(gaps, "roaming") == "gap_live"


async def test_under_gap_live_every_kth_decision_is_the_longest_waiting_late_callers(gaps: Desk) -> None:
    await gaps.policy(Policy.GAP_LIVE, late_turn=3)
    for work_id in ("late1", "late2", "late3"):
        await gaps.ask(work_id, "szx")
        gaps.wait(1)
    gaps.wait(20)
    for i in range(6):
        await gaps.ask(f"live{i}", "vip")
        gaps.wait(1)
    order: list[str] = []
    for i in range(6):
        order += (await gaps.ready(f"agent{i}")).work_ids
    assert order == ["live0", "live1", "late1", "live2", "live3", "late2"]
    assert await decided_by(gaps, "late1") == "gap_live_late"


SUBORDINATED = CONFIG.model_copy(
    update={
        "tiers": tuple(
            tier.model_copy(update={"is_subordinate": tier.code == "szx"}) for tier in CONFIG.tiers
        )
    }
)


@pytest.mark.parametrize("policy", [Policy.GAP, Policy.GAP_LIVE, Policy.FIFO])
@pytest.mark.parametrize(
    ("vip_hits", "groups", "expected"),
    [
        (96, ("all",), "szx"),  # all others meet their targets
        (94, ("all",), "roaming"),  # vip does not, though nobody of it waits
        (94, ("low",), "roaming"),  # nor does it matter that this agent does not serve vip
    ],
)
async def test_a_subordinate_tier_is_served_only_while_all_others_meet_their_targets(
    desk: Desk, clock: VirtualClock, policy: Policy, vip_hits: int, groups: tuple[str, ...], expected: str
) -> None:
    rates = (("vip", vip_hits), ("roaming", 90), ("szx", 10))
    await desk.open(SUBORDINATED, [o for tier, hits in rates for o in outcomes(clock, tier, hits, 100)])
    await desk.policy(policy)
    await desk.ask("szx", "szx")
    desk.wait(1)
    await desk.ask("roaming", "roaming")
    assert await served(desk, groups) == expected


async def test_a_subordinate_tier_is_served_when_nobody_else_waits(desk: Desk, clock: VirtualClock) -> None:
    await desk.open(SUBORDINATED, outcomes(clock, "vip", 1, 100))
    await desk.ask("szx", "szx")
    assert await served(desk) == "szx"


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


async def test_capacities_differ_so_the_share_in_use_decides(desk: Desk) -> None:
    await desk.ready("wide", capacity=4)
    desk.wait(1)
    await desk.ready("narrow", capacity=2)
    chosen = []
    for i in range(4):
        work = await desk.ask(f"w{i}")
        assert work.agent_id is not None
        await desk.accept(work.work_id, work.agent_id)
        chosen.append(work.agent_id)
    assert chosen == ["wide", "narrow", "wide", "wide"]


async def test_the_longest_idle_may_be_chosen_whatever_he_does(desk: Desk) -> None:
    await desk.policy(Policy.GAP, agent_choice=AgentChoice.LONGEST_IDLE)
    await desk.ready("first", capacity=3)
    desk.wait(1)
    await desk.ready("second", capacity=3)
    for i in range(3):
        assert (await desk.ask(f"w{i}")).agent_id == "first"
        await desk.accept(f"w{i}", "first")


async def test_the_most_skilled_may_be_chosen_then_the_least_occupied(desk: Desk) -> None:
    """The best of his groups that serve the tier is what counts."""
    await desk.policy(Policy.GAP, agent_choice=AgentChoice.MOST_SKILLED)
    await desk.ready("novice", ("all",), capacity=2, levels={"all": 7})
    desk.wait(1)
    await desk.ready("expert", ("all", "vip"), capacity=2, levels={"all": 8, "vip": 2})
    desk.wait(1)
    await desk.ready("peer", ("vip",), capacity=2, levels={"vip": 2})
    chosen = []
    for work_id, tier in (("a", "vip"), ("b", "szx"), ("c", "vip"), ("d", "vip"), ("e", "vip"), ("f", "vip")):
        work = await desk.ask(work_id, tier)
        assert work.agent_id is not None
        await desk.accept(work_id, work.agent_id)
        chosen.append(work.agent_id)
    assert chosen == ["expert", "novice", "peer", "expert", "peer", "novice"]


async def test_configuring_anew_pairs_waiters_with_agents_who_now_serve_them(desk: Desk) -> None:
    await desk.ask("a", "szx")
    await desk.ready("v", ("vip",))
    wider = [g.model_copy(update={"tiers": ("vip", "szx")}) if g.code == "vip" else g for g in CONFIG.groups]
    await desk.routing.configure(desk.center_id, CONFIG.model_copy(update={"groups": tuple(wider)}))
    assert (await desk.work("a")).agent_id == "v"
