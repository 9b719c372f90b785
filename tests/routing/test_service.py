"""The stories of a work item and of an agent, against the real library in a real Valkey."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from tests.routing.desk import CONFIG, Desk, tier
from wecc.kernel.clock import VirtualClock
from wecc.kernel.errors import WeccError
from wecc.kernel.ids import AgentId, CenterId, WorkId, new_id
from wecc.routing import (
    AgentAway,
    AgentChange,
    AgentState,
    AtCapacity,
    CenterChange,
    GroupConfig,
    NotHeld,
    NotLoaded,
    NotServed,
    NotWaiting,
    OfferGone,
    Rebuilding,
    Routing,
    Snapshot,
    TierInUse,
    Transition,
    UnknownAgent,
    UnknownGroup,
    UnknownTier,
    UnknownWork,
    WorkRequest,
    WorkState,
    outbox,
)


async def test_the_whole_life(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    await desk.accept("a", "x")
    desk.wait(60)
    await desk.finish("a", "x")
    desk.wait(30)
    await desk.beat("x")
    await desk.sweep()
    assert await desk.told() == [
        "a queued asked",
        "a offered matched",
        "a assigned accepted",
        "a wrap_up finished",
        "a closed wrap_up_over",
    ]
    assert (await desk.work("a")).version == 5


# Races and regressions -------------------------------------------------------------------------------


async def test_of_two_who_accept_one_wins(desk: Desk) -> None:
    await desk.ready("x")
    work = await desk.ask("a")

    async def accept(agent: str) -> str:
        try:
            return str((await desk.accept("a", agent, work.version)).agent_id)
        except OfferGone as e:
            return e.code

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(accept(agent)) for agent in ("x", "y", "x")]
    assert sorted(t.result() for t in tries) == ["routing.offer_gone", "x", "x"]
    assert (await desk.tier("vip")).asked == 1


async def test_accept_after_expiry_is_refused_even_before_the_sweep(desk: Desk) -> None:
    await desk.ready("x")
    work = await desk.ask("a")
    desk.wait(20)
    with pytest.raises(OfferGone) as refusal:
        await desk.accept("a", "x", work.version)
    assert refusal.value.data == {"work_id": "a"}


async def test_a_token_of_an_earlier_offer_is_refused(desk: Desk) -> None:
    await desk.ready("x")
    first = await desk.ask("a")
    desk.wait(20)
    await desk.sweep()
    desk.wait(30)
    await desk.beat("x")
    await desk.sweep()
    again = await desk.work("a")
    assert (again.agent_id, again.version) == ("x", first.version + 2)
    with pytest.raises(OfferGone):
        await desk.accept("a", "x", first.version)
    await desk.accept("a", "x", again.version)


async def test_the_caller_leaves_during_an_offer(desk: Desk) -> None:
    """The agent is free at once and takes the next; the caller is counted once."""
    await desk.ready("x")
    offered = await desk.ask("a")
    await desk.ask("b")
    desk.wait(10)
    assert (await desk.abandon("a")).state is WorkState.ABANDONED
    assert (await desk.work("b")).agent_id == "x"
    with pytest.raises(OfferGone):
        await desk.accept("a", "x", offered.version)
    assert (await desk.abandon("a")).version == offered.version + 1
    assert (await desk.tier("vip")).asked == 1


async def test_wrap_up_holds_across_all_queues(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a", "vip")
    await desk.accept("a", "x")
    await desk.finish("a", "x")
    assert (await desk.ask("b", "szx")).state is WorkState.QUEUED
    assert (await desk.ask("c", "roaming")).state is WorkState.QUEUED
    await desk.end_wrap_up("a", "x")
    assert {(await desk.work(w)).state for w in ("b", "c")} == {WorkState.OFFERED, WorkState.QUEUED}


async def test_a_freed_agent_gets_backlog_before_a_newcomer(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("busy")
    await desk.accept("busy", "x")
    await desk.ask("backlog")
    await desk.routing.close(desk.center_id, WorkId("busy"))
    newcomer = await desk.ask("newcomer")
    assert newcomer.state is WorkState.QUEUED
    assert (await desk.work("backlog")).agent_id == "x"


async def test_nobody_stays_offered_when_the_agents_machine_dies(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ready("y")
    await desk.ask("a")
    desk.wait(20)
    await desk.beat("y")
    await desk.sweep()
    assert (await desk.work("a")).agent_id == "y"
    assert not (await desk.agent("x")).work_ids


async def test_a_manual_assignment_is_not_overwritten(desk: Desk) -> None:
    await desk.ask("a")
    await desk.ready("x", ("low",))
    await desk.pick("a", "x", is_supervisor=True)
    await desk.ready("y")
    await desk.sweep()
    work = await desk.work("a")
    assert (work.state, work.agent_id, work.cause) == (WorkState.ASSIGNED, "x", "picked")
    assert work.reason is not None
    assert work.reason.policy == "picked"


async def test_each_request_is_counted_once_whatever_happens_to_it(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ready("y")
    await desk.ask("a")
    await desk.accept("a", "x")
    await desk.routing.transfer_to_tier(desk.center_id, WorkId("a"), AgentId("x"), "szx")
    await desk.accept("a", "y")
    await desk.leave("y")
    assert (await desk.work("a")).state is WorkState.QUEUED
    desk.wait(60)
    await desk.abandon("a")
    assert [(t.tier, t.asked) for t in (await desk.view()).tiers] == [("vip", 1), ("roaming", 0), ("szx", 0)]


async def test_never_a_waiter_and_a_free_agent(desk: Desk) -> None:
    await desk.ask("a", "szx")
    await desk.ready("v", ("vip",))
    assert (await desk.work("a")).state is WorkState.QUEUED
    await desk.ready("l", ("low",))
    assert (await desk.work("a")).agent_id == "l"


# Offers ----------------------------------------------------------------------------------------------


async def test_an_agent_is_shown_one_offer_at_a_time(desk: Desk) -> None:
    """Of four waiting he is shown the first; whatever becomes of it, the next follows within the same call."""
    for work_id in ("a", "b", "c", "d"):
        await desk.ask(work_id)
    assert (await desk.ready("x", capacity=5)).work_ids == ("a",)
    await desk.accept("a", "x")
    assert (await desk.agent("x")).work_ids == ("a", "b")
    await desk.decline("b", "x")
    assert (await desk.agent("x")).work_ids == ("a", "c")
    for _ in range(2):
        desk.wait(10)
        await desk.beat("x")
    await desk.sweep()
    agent = await desk.agent("x")
    assert (agent.state, agent.work_ids) == (AgentState.READY, ("a", "d"))
    assert (await desk.ask("e")).state is WorkState.QUEUED
    await desk.abandon("d")
    assert (await desk.agent("x")).work_ids == ("a", "e")
    assert (await desk.tier("vip")).slots == 5


async def test_who_has_an_offer_open_is_passed_over_for_a_busier_agent(desk: Desk) -> None:
    await desk.ready("busy", capacity=3)
    for work_id in ("a", "b"):
        await desk.ask(work_id)
        await desk.accept(work_id, "busy")
    await desk.ready("idle", capacity=3)
    assert [(await desk.ask(w)).agent_id for w in ("c", "d", "e")] == ["idle", "busy", None]


async def test_a_declined_caller_keeps_his_place_and_goes_to_another(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ready("y", ("low",))
    await desk.ask("a")
    desk.wait(1)
    await desk.ask("b")
    await desk.decline("a", "x")
    assert [(await desk.work(w)).agent_id for w in "ab"] == [None, "x"]
    assert (await desk.place("a")).position == 1
    await desk.ready("z")
    assert (await desk.work("a")).agent_id == "z"


async def test_who_asks_again_after_a_decline_goes_to_another(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    await desk.decline("a", "x")
    await desk.abandon("a")
    desk.wait(1)
    await desk.ready("y")
    assert (await desk.ask("a")).agent_id == "y"


async def test_the_only_agent_is_offered_it_again_after_a_while(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    await desk.decline("a", "x")
    assert (await desk.work("a")).state is WorkState.QUEUED
    desk.wait(14)
    await desk.beat("x")
    desk.wait(15.999)
    await desk.sweep()
    assert (await desk.work("a")).state is WorkState.QUEUED
    await desk.beat("x")
    desk.wait(0.001)
    await desk.sweep()
    assert (await desk.work("a")).agent_id == "x"


async def test_misses_in_a_row_pause_the_agent_and_an_accept_clears_them(desk: Desk) -> None:
    await desk.ready("x")
    for work_id in ("a", "b"):
        await desk.ask(work_id)
        await desk.decline(work_id, "x")
        await desk.abandon(work_id)
    await desk.ask("taken")
    await desk.accept("taken", "x")
    await desk.routing.close(desk.center_id, WorkId("taken"))
    for work_id in ("c", "d", "e"):
        assert (await desk.agent("x")).state is AgentState.READY
        await desk.ask(work_id)
        await desk.decline(work_id, "x")
        await desk.abandon(work_id)
    agent = await desk.agent("x")
    assert (agent.state, agent.reason) == (AgentState.PAUSED, "not_responding")
    assert (await desk.ask("f")).state is WorkState.QUEUED
    assert (await desk.ready("x", None, None)).work_ids == ("f",)


async def test_pausing_returns_offers_and_keeps_conversations(desk: Desk) -> None:
    await desk.ready("x", capacity=2)
    await desk.ask("talking")
    await desk.accept("talking", "x")
    await desk.ask("offered")
    agent = await desk.pause("x")
    assert (agent.reason, agent.work_ids) == ("lunch", ("talking",))
    work = await desk.work("offered")
    assert (work.state, work.cause) == (WorkState.QUEUED, "agent_paused")


# Presence --------------------------------------------------------------------------------------------


async def test_silent_agents_are_unstable_then_gone(desk: Desk) -> None:
    await desk.ready("x", capacity=3)
    await desk.ask("talking")
    await desk.accept("talking", "x")
    desk.wait(1)
    await desk.ask("offered")
    desk.wait(14)
    await desk.sweep()
    assert (await desk.agent("x")).is_unstable
    assert (await desk.ask("new")).state is WorkState.QUEUED
    desk.wait(29.999)
    await desk.sweep()
    assert (await desk.work("talking")).agent_id == "x"
    desk.wait(0.001)
    await desk.sweep()
    agent = await desk.agent("x")
    assert (agent.state, agent.reason, agent.load) == (AgentState.OFFLINE, "gone", 0)
    talking = await desk.work("talking")
    assert (talking.state, talking.cause, talking.version) == (WorkState.QUEUED, "agent_gone", 4)
    positions = [(await desk.place(w)).position for w in ("talking", "offered", "new")]
    assert positions == [1, 2, 3]
    assert await desk.beat("x") == ("x",)


async def test_who_returns_within_the_grace_keeps_his_work_and_gets_more(desk: Desk) -> None:
    await desk.ready("x", capacity=2)
    await desk.ask("talking")
    await desk.accept("talking", "x")
    desk.wait(40)
    await desk.sweep()
    await desk.ask("waiting")
    assert await desk.beat("x") == ()
    assert (await desk.agent("x")).work_ids == ("talking", "waiting")


async def test_signing_off_requeues_at_the_front_at_once(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    await desk.accept("a", "x")
    desk.wait(60)
    await desk.ask("b")
    await desk.leave("x")
    work = await desk.work("a")
    assert (work.state, work.cause, work.agent_id) == (WorkState.QUEUED, "agent_left", None)
    assert (await desk.place("a")).position == 1
    with pytest.raises(NotHeld):
        await desk.finish("a", "x")


# Transfers and picks ---------------------------------------------------------------------------------


@pytest.fixture
async def talking(desk: Desk) -> Desk:
    """`a` talks to `x`; `y` of the tiers below is ready; another vip waits."""
    await desk.ready("x")
    await desk.ready("y", ("low",))
    await desk.ask("a")
    await desk.accept("a", "x")
    desk.wait(60)
    await desk.ask("b")
    await desk.told()
    return desk


async def test_transfer_to_an_agent_is_offered_to_him_alone(talking: Desk) -> None:
    work = await talking.routing.transfer_to_agent(talking.center_id, WorkId("a"), AgentId("x"), AgentId("y"))
    assert (work.state, work.agent_id, work.only_agent) == (WorkState.OFFERED, "y", "y")
    assert (await talking.work("b")).agent_id == "x"
    assert (await talking.accept("a", "y")).since_ms == work.since_ms


async def test_a_transfer_that_is_declined_falls_back_to_the_tier(talking: Desk) -> None:
    await talking.routing.transfer_to_agent(talking.center_id, WorkId("a"), AgentId("x"), AgentId("y"))
    await talking.decline("a", "y")
    work = await talking.work("a")
    assert (work.state, work.cause, work.only_agent) == (WorkState.QUEUED, "direct_declined", None)
    assert (await talking.place("a")).position == 1


async def test_a_transfer_waits_for_a_busy_agent_but_not_for_ever(talking: Desk) -> None:
    await talking.ask("s", "szx")
    await talking.accept("s", "y")
    work = await talking.routing.transfer_to_agent(talking.center_id, WorkId("a"), AgentId("x"), AgentId("y"))
    assert (work.state, work.only_agent) == (WorkState.QUEUED, "y")
    place = await talking.place("a")
    assert (place.position, place.wait_low_s) == (1, None)
    await talking.ready("z")
    assert (await talking.work("a")).state is WorkState.QUEUED
    for _ in range(12):
        talking.wait(10)
        await talking.beat("x", "y", "z")
    await talking.sweep()
    assert (await talking.told())[-2:] == ["a queued direct_expired", "a offered matched"]


async def test_a_transfer_comes_next_to_who_has_an_offer_open(desk: Desk) -> None:
    for work_id in ("s1", "s2"):
        await desk.ask(work_id, "szx")
    await desk.ready("y", ("low",), capacity=3)
    desk.wait(1)
    await desk.ready("x", ("vip",))
    await desk.ask("a")
    await desk.accept("a", "x")
    work = await desk.routing.transfer_to_agent(desk.center_id, WorkId("a"), AgentId("x"), AgentId("y"))
    assert (work.state, work.only_agent) == (WorkState.QUEUED, "y")
    await desk.accept("s1", "y")
    assert (await desk.agent("y")).work_ids == ("s1", "a")
    await desk.accept("a", "y")
    assert (await desk.agent("y")).work_ids == ("s1", "a", "s2")


@pytest.mark.parametrize("away", ["pause", "leave"])
async def test_a_transfer_falls_back_when_its_agent_goes(talking: Desk, away: str) -> None:
    await talking.ask("s", "szx")
    await talking.accept("s", "y")
    await talking.routing.transfer_to_agent(talking.center_id, WorkId("a"), AgentId("x"), AgentId("y"))
    await (talking.pause("y") if away == "pause" else talking.leave("y"))
    assert (await talking.work("a")).cause.startswith("direct_agent_")


async def test_transfer_to_an_absent_agent_is_refused(talking: Desk) -> None:
    await talking.pause("y")
    for agent, refusal in (("y", AgentAway), ("nobody", UnknownAgent), ("x", AgentAway)):
        with pytest.raises(refusal):
            await talking.routing.transfer_to_agent(
                talking.center_id, WorkId("a"), AgentId("x"), AgentId(agent)
            )
    assert (await talking.work("a")).state is WorkState.ASSIGNED


async def test_transfer_to_a_tier_keeps_the_time_of_asking(talking: Desk) -> None:
    await talking.ask("s1", "szx")
    await talking.ask("s2", "szx")
    before = await talking.work("a")
    await talking.routing.transfer_to_tier(talking.center_id, WorkId("a"), AgentId("x"), "szx")
    work = await talking.work("a")
    assert (work.tier, work.since_ms, work.cause) == ("szx", before.since_ms, "transferred")
    assert (await talking.place("a")).position == 1


async def test_what_an_agent_passes_on_does_not_bounce_back_to_him(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    await desk.accept("a", "x")
    await desk.routing.transfer_to_tier(desk.center_id, WorkId("a"), AgentId("x"), "szx")
    assert (await desk.work("a")).state is WorkState.QUEUED


async def test_a_waiter_of_another_tier_changes_the_queue_and_keeps_his_time(desk: Desk) -> None:
    await desk.ask("a", "szx")
    desk.wait(1)
    await desk.ask("b", "vip")
    work = await desk.routing.retier(desk.center_id, WorkId("a"), "vip")
    assert (work.tier, work.cause, (await desk.place("a")).position) == ("vip", "retiered", 1)
    assert await desk.routing.retier(desk.center_id, WorkId("a"), "vip") == work
    await desk.ready("v", ("vip",))
    offered = await desk.work("a")
    again = await desk.routing.retier(desk.center_id, WorkId("a"), "szx")
    assert (again.state, again.agent_id, again.deadline_ms) == (WorkState.OFFERED, "v", offered.deadline_ms)
    await desk.accept("a", "v", again.version)
    with pytest.raises(NotWaiting):
        await desk.routing.retier(desk.center_id, WorkId("a"), "vip")
    assert [(t.tier, t.asked) for t in (await desk.view()).tiers] == [("vip", 0), ("roaming", 0), ("szx", 1)]


async def test_of_two_who_pick_one_wins(desk: Desk) -> None:
    for agent in ("x", "y"):
        await desk.ready(agent)
        await desk.pause(agent)
    await desk.ask("a")

    async def pick(agent: str) -> str:
        try:
            return str((await desk.pick("a", agent)).agent_id)
        except NotWaiting as e:
            return e.code

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(pick(agent)) for agent in ("x", "y")]
    winner, loser = sorted((t.result() for t in tries), key=len)
    assert (await desk.work("a")).agent_id == winner
    assert loser == "routing.not_waiting"


async def test_picking_by_hand(desk: Desk) -> None:
    await desk.ask("a", "szx")
    await desk.ready("v", ("vip",))
    with pytest.raises(NotServed):
        await desk.pick("a", "v")
    picked = await desk.pick("a", "v", is_supervisor=True)
    assert await desk.pick("a", "v") == picked
    await desk.ask("b", "szx")
    with pytest.raises(AtCapacity):
        await desk.pick("b", "v", is_supervisor=True)
    await desk.pause("v")
    await desk.leave("v")
    with pytest.raises(AgentAway):
        await desk.pick("b", "v", is_supervisor=True)


async def test_picking_leaves_an_open_offer_open(desk: Desk) -> None:
    await desk.ready("x", capacity=2)
    offered = await desk.ask("a")
    for work_id in ("b", "c"):
        await desk.ask(work_id)
    assert (await desk.pick("b", "x")).state is WorkState.ASSIGNED
    assert await desk.work("a") == offered
    with pytest.raises(AtCapacity):
        await desk.pick("c", "x")
    assert (await desk.accept("a", "x")).state is WorkState.ASSIGNED
    assert (await desk.work("c")).state is WorkState.QUEUED


async def test_an_agent_may_pick_while_paused(desk: Desk) -> None:
    await desk.ready("x")
    await desk.pause("x")
    await desk.ask("a")
    assert (await desk.pick("a", "x")).state is WorkState.ASSIGNED


# Repetition, refusal, ends ---------------------------------------------------------------------------


async def test_repeating_a_call_makes_no_second_transition(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    offered = await desk.ask("a")
    for _ in range(2):
        await desk.accept("a", "x", offered.version)
    for _ in range(2):
        await desk.finish("a", "x")
    for _ in range(2):
        await desk.end_wrap_up("a", "x")
    await desk.finish("a", "x")
    await desk.routing.close(desk.center_id, WorkId("a"))
    assert len(await desk.told()) == 5


async def test_a_decline_repeated_is_the_same_decline(desk: Desk) -> None:
    await desk.ready("x")
    work = await desk.ask("a")
    for _ in range(2):
        await desk.routing.decline(desk.center_id, WorkId("a"), AgentId("x"), work.version)
    assert len(await desk.told()) == 3


async def test_an_ended_id_may_ask_again_and_its_version_goes_on(desk: Desk) -> None:
    await desk.ask("a")
    await desk.abandon("a")
    again = await desk.ask("a")
    assert (again.state, again.version) == (WorkState.QUEUED, 3)
    request = WorkRequest(work_id=WorkId("known"), tier="vip", version=41)
    assert (await desk.routing.enqueue(desk.center_id, request)).version == 42


async def test_ended_items_are_forgotten_after_a_while(desk: Desk) -> None:
    await desk.ask("a")
    await desk.abandon("a")
    desk.wait(600)
    await desk.sweep()
    with pytest.raises(UnknownWork):
        await desk.work("a")


async def test_overflow_ends_the_wait_and_counts_as_unanswered(desk: Desk) -> None:
    await desk.ask("a")
    desk.wait(10)
    work = await desk.routing.overflow(desk.center_id, WorkId("a"), "left_message")
    assert (work.state, work.cause) == (WorkState.OVERFLOWED, "left_message")
    assert (await desk.tier("vip")).rate == 0


async def test_a_caller_in_conversation_cannot_abandon(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    await desk.accept("a", "x")
    with pytest.raises(NotWaiting):
        await desk.abandon("a")


async def test_unknown_things_are_named(desk: Desk) -> None:
    with pytest.raises(UnknownTier) as tier_refusal:
        await desk.ask("a", "gold")
    assert tier_refusal.value.data == {"tier": "gold"}
    with pytest.raises(UnknownGroup):
        await desk.ready("x", ("nobody",))
    with pytest.raises(UnknownAgent):
        await desk.pause("x")
    with pytest.raises(UnknownWork):
        await desk.abandon("nothing")
    assert await desk.told() == []


# Places ----------------------------------------------------------------------------------------------


async def test_positions_and_waits_without_history(desk: Desk) -> None:
    for work_id in ("a", "b", "c", "d"):
        await desk.ask(work_id)
    assert (await desk.place("a")).wait_low_s is None
    await desk.ready("x", capacity=2)
    await desk.accept("a", "x")
    places = await desk.routing.places(desk.center_id, [WorkId(w) for w in ("b", "c", "d", "nobody")])
    assert [(p.position, p.wait_low_s, p.wait_high_s) for p in places.values()] == [
        (None, None, None),
        (1, 0, 300),
        (2, 80, 540),
    ]


async def test_the_estimate_learns_from_the_queues_own_drain(desk: Desk) -> None:
    """One leaves every 20 s while others wait: the third in line has about a minute."""
    for i in range(10):
        await desk.ask(f"w{i}")
    await desk.ready("x", capacity=1)
    for i in range(6):
        await desk.accept(f"w{i}", "x")
        desk.wait(10)
        await desk.beat("x")
        desk.wait(10)
        await desk.beat("x")
        await desk.routing.close(desk.center_id, WorkId(f"w{i}"))
    place = await desk.place("w9")
    assert (place.position, place.wait_low_s, place.wait_high_s) == (3, 20, 100)


# The store -------------------------------------------------------------------------------------------


async def test_a_lost_center_says_so_and_is_rebuilt_in_the_same_order(desk: Desk, redis: Redis) -> None:
    await desk.ready("x", capacity=4)
    for work_id in ("talking", "wrapping"):
        await desk.ask(work_id)
        await desk.accept(work_id, "x")
    await desk.finish("wrapping", "x")
    await desk.ask("offered")
    await desk.pause("x")
    for work_id in ("w2", "w1", "w3"):
        await desk.ask(work_id)
    works = [await desk.work(w) for w in ("w3", "wrapping", "w1", "offered", "talking", "w2")]
    agents = (await desk.view()).agents
    await redis.flushall()
    await redis.function_flush()

    with pytest.raises(NotLoaded) as refusal:
        await desk.ask("late")
    assert refusal.value.retryable

    await desk.routing.rebuild(desk.center_id, CONFIG, works, agents)
    order = sorted(
        ("w1", "w2", "w3", "offered"), key=lambda w: (next(x for x in works if x.work_id == w).since_ms, w)
    )
    places = await desk.routing.places(desk.center_id, [WorkId(w) for w in order])
    assert [p.position for p in places.values()] == [1, 2, 3, 4]
    agent = await desk.agent("x")
    assert (agent.state, agent.reason, set(agent.work_ids)) == (
        AgentState.PAUSED,
        "lunch",
        {"talking", "wrapping"},
    )
    assert (await desk.work("talking")).version == 3
    desk.wait(30)
    await desk.beat("x")
    await desk.sweep()
    assert (await desk.work("wrapping")).state is WorkState.CLOSED


async def test_a_rebuild_pairs_and_withdraws_offers_nobody_remembers(desk: Desk) -> None:
    await desk.ready("x", capacity=3)
    offered = await desk.ask("a")
    snapshot = [offered, await desk.ask("b")], (await desk.view()).agents
    await desk.told()
    await desk.routing.rebuild(desk.center_id, CONFIG, *snapshot, force=True)
    assert await desk.told() == ["a queued restored", "a offered matched"]
    assert (await desk.work("a")).version > offered.version
    with pytest.raises(OfferGone):
        await desk.accept("a", "x", offered.version)
    await desk.accept("a", "x")
    assert (await desk.agent("x")).work_ids == ("a", "b")


async def test_work_of_an_agent_missing_from_the_snapshot_returns_unless_he_beats(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    assigned = await desk.accept("a", "x")
    await desk.routing.rebuild(desk.center_id, CONFIG, [assigned], [], force=True)
    assert (await desk.work("a")).agent_id == "x"
    desk.wait(15)
    await desk.sweep()
    desk.wait(30)
    await desk.sweep()
    assert (await desk.work("a")).cause == "agent_gone"


async def test_a_late_rebuild_does_not_undo_what_has_happened_since(desk: Desk) -> None:
    work = await desk.ask("a")
    assert not await desk.routing.rebuild(desk.center_id, CONFIG, [], [])
    assert await desk.work("a") == work


async def test_only_one_rebuilds_at_a_time(desk: Desk, redis: Redis) -> None:
    await redis.set(f"wecc:{{{desk.center_id}}}:rebuild", "another", px=30_000)
    with pytest.raises(Rebuilding):
        await desk.open()


async def test_a_rebuild_refuses_work_of_a_tier_that_does_not_exist(desk: Desk) -> None:
    work = await desk.ask("a")
    stray = work.model_copy(update={"tier": "gold"})
    with pytest.raises(UnknownTier):
        await desk.routing.rebuild(desk.center_id, CONFIG, [stray], [], force=True)
    with pytest.raises(NotLoaded):
        await desk.work("a")


async def test_the_database_is_read_once_nothing_can_change_any_more(desk: Desk) -> None:
    async def read() -> Snapshot:
        with pytest.raises(NotLoaded):
            await desk.ask("late")
        return Snapshot((), ())

    assert await desk.routing.rebuild_from(desk.center_id, CONFIG, read, force=True)


async def test_a_tier_with_live_work_cannot_be_removed(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a", "szx")
    await desk.accept("a", "x")
    smaller = CONFIG.model_copy(
        update={"tiers": (tier("vip", 1, 95),), "groups": (GroupConfig(code="all", tiers=("vip",)),)}
    )
    with pytest.raises(TierInUse):
        await desk.routing.configure(desk.center_id, smaller)
    await desk.routing.close(desk.center_id, WorkId("a"))
    await desk.routing.configure(desk.center_id, smaller)
    with pytest.raises(UnknownTier):
        await desk.ask("b", "szx")
    assert (await desk.ask("c")).agent_id == "x"


async def test_centers_do_not_see_each_other(desk: Desk, redis: Redis, clock: VirtualClock) -> None:
    other = Desk(Routing(redis, clock), clock, CenterId(new_id()))
    await other.open()
    await other.ready("x")
    assert (await desk.ask("a")).state is WorkState.QUEUED
    keys = [key.decode() async for key in redis.scan_iter("*")]
    assert {key.split(":")[1] for key in keys} >= {f"{{{desk.center_id}}}", f"{{{other.center_id}}}"}


async def test_text_replies_work_as_well_as_bytes(valkey_socket: str, clock: VirtualClock) -> None:
    async with Redis(unix_socket_path=valkey_socket, decode_responses=True) as client:
        desk = Desk(Routing(client, clock), clock, CenterId(new_id()))
        await desk.open()
        await desk.ready("x")
        await desk.ask("a")
        assert len(await desk.told()) == 2


async def test_without_a_clock_the_servers_time_rules(desk: Desk, redis: Redis) -> None:
    routing = Routing(redis)
    center_id = CenterId(new_id())
    await routing.rebuild(center_id, CONFIG, [], [])
    work = await routing.enqueue(center_id, WorkRequest(work_id=WorkId("a"), tier="vip"))
    seconds, micros = await redis.time()
    assert 0 <= seconds * 1000 + micros // 1000 - work.since_ms < 5000


async def test_the_outbox_tells_work_agents_and_center(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    events = await desk.routing.follow(desk.center_id, "0")
    assert [type(event) for event in events] == [
        CenterChange,
        AgentChange,
        Transition,
        Transition,
        AgentChange,
    ]
    changes = [event.agent for event in events if isinstance(event, AgentChange)]
    assert [(a.state, a.load) for a in changes] == [("ready", 0), ("ready", 1)]
    entries = [event.entry_id for event in events]
    assert len(set(entries[:3])) == 3
    assert set(entries[2:]) == {entries[2]}, "what one call did is told together"
    assert await desk.routing.follow(desk.center_id, events[-1].entry_id, block_ms=0) == []


async def test_what_the_first_release_left_is_followed_and_replaced(desk: Desk, redis: Redis) -> None:
    work = await desk.ask("a")
    prefix = f"wecc:{{{desk.center_id}}}"
    await redis.delete(f"{prefix}:agents", f"{prefix}:state", outbox(desk.center_id))
    await redis.set(f"{prefix}:loaded", "3:digest")
    await redis.hset(f"{prefix}:agents", "x", "packed")
    await redis.zadd(f"{prefix}:direct:x", {"b": 1})
    await redis.xadd(
        outbox(desk.center_id), {"kind": "work", "data": work.model_dump_json(exclude_none=True)}
    )
    assert await desk.told() == ["a queued asked"]
    with pytest.raises(NotLoaded):
        await desk.ask("b")
    await desk.open()
    assert await redis.exists(f"{prefix}:loaded", f"{prefix}:direct:x") == 0
    assert (await desk.view()).agents == ()


async def test_every_refusal_has_its_own_code() -> None:
    from wecc.routing.errors import REFUSALS

    codes = [refusal.code for refusal in REFUSALS.values()]
    assert len(set(codes)) == len(codes)
    assert all(issubclass(refusal, WeccError) for refusal in REFUSALS.values())
