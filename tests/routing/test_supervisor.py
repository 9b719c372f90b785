"""What a supervisor does past the policy: expedite, force, drain, convert."""

from __future__ import annotations

import pytest

from tests.routing.desk import CONFIG, Desk, tier
from wecc.routing import (
    AgentAway,
    AgentState,
    Channel,
    NotWaiting,
    OfferGone,
    Policy,
    UnknownTier,
    UnknownWork,
    WorkState,
)

# Expedite --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", list(Policy))
async def test_expedited_work_goes_first_whatever_the_policy_says(desk: Desk, policy: Policy) -> None:
    await desk.policy(policy)
    for work_id, code in (("s1", "szx"), ("v1", "vip"), ("s2", "szx")):
        await desk.ask(work_id, code)
        desk.wait(1)
    before = await desk.work("s2")
    expedited = await desk.expedite("s2")
    assert (expedited.cause, expedited.since_ms, expedited.is_expedited) == (
        "expedited",
        before.since_ms,
        True,
    )
    assert (await desk.place("s2")).position == 1
    assert (await desk.ready("x")).work_ids == ("s2",)
    reason = (await desk.work("s2")).reason
    assert reason is not None
    assert (reason.policy, reason.tier, reason.wait_ms) == ("expedited", "szx", 1000)
    assert await desk.routing.replay(desk.center_id, reason) == reason.candidates[0]


async def test_of_several_expedited_the_longest_wait_goes_first(desk: Desk) -> None:
    for work_id, code in (("a", "szx"), ("b", "vip"), ("c", "szx")):
        await desk.ask(work_id, code)
        desk.wait(1)
    for work_id in ("c", "b"):
        await desk.expedite(work_id)
    szx = await desk.tier("szx")
    assert (szx.expedited, szx.longest_wait_ms, szx.waiting) == (1, 3000, 2)
    order = [(await desk.ready(f"x{i}")).work_ids[0] for i in range(3)]
    assert order == ["b", "c", "a"]


async def test_expediting_twice_is_expediting_once(desk: Desk) -> None:
    await desk.ask("a")
    assert await desk.expedite("a") == await desk.expedite("a")
    assert len(await desk.told()) == 2


async def test_it_stays_first_when_an_offer_fails_and_not_beyond_an_answer(desk: Desk) -> None:
    await desk.ask("old")
    desk.wait(1)
    await desk.ask("a")
    await desk.expedite("a")
    await desk.ready("x")
    await desk.decline("a", "x")
    assert (await desk.place("a")).position == 1
    await desk.ready("y")
    assert not (await desk.accept("a", "y")).is_expedited
    await desk.leave("y")
    assert (await desk.place("a")).position == 1  # `old` is offered to x
    assert not (await desk.work("a")).is_expedited


async def test_what_waited_for_one_agent_alone_is_anybodys_then(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ready("y", ("low",))
    for work_id, agent in (("a", "x"), ("s", "y")):
        await desk.ask(work_id, "vip" if agent == "x" else "szx")
        await desk.accept(work_id, agent)
    work_id, x, y = (await desk.work("a")).work_id, *(a.agent_id for a in (await desk.view()).agents)
    assert (await desk.routing.transfer_to_agent(desk.center_id, work_id, x, y)).only_agent == "y"
    await desk.ready("z")
    assert (await desk.expedite("a")).agent_id == "z"


async def test_only_who_waits_can_be_expedited(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    with pytest.raises(NotWaiting):
        await desk.expedite("a")
    with pytest.raises(UnknownWork):
        await desk.expedite("nothing")


async def test_a_rebuild_keeps_it_first(desk: Desk) -> None:
    for work_id in ("a", "b"):
        await desk.ask(work_id)
        desk.wait(1)
    works = [await desk.work("a"), await desk.expedite("b")]
    await desk.routing.rebuild(desk.center_id, CONFIG, works, [], force=True)
    assert (await desk.place("b")).position == 1


# Force -----------------------------------------------------------------------------------------------


async def test_a_forced_assignment_goes_past_tiers_and_capacity(desk: Desk) -> None:
    await desk.ready("v", ("vip",))
    for work_id in ("busy", "a"):
        await desk.ask(work_id, "szx")
        assert (await desk.pick(work_id, "v", is_forced=True)).state is WorkState.ASSIGNED
    agent = await desk.agent("v")
    assert (agent.load, agent.capacity) == (2, 1)
    await desk.ready("free")
    await desk.sweep()
    assert (await desk.work("a")).agent_id == "v"


async def test_a_forced_assignment_takes_an_open_offer_from_another(desk: Desk) -> None:
    await desk.ready("x")
    offered = await desk.ask("a")
    await desk.ask("b")
    await desk.ready("y", ("low",))
    await desk.pause("y")
    with pytest.raises(NotWaiting):
        await desk.pick("a", "y", is_supervisor=True)
    assert (await desk.pick("a", "y", is_forced=True)).agent_id == "y"
    assert (await desk.work("b")).agent_id == "x"
    with pytest.raises(OfferGone):
        await desk.accept("a", "x", offered.version)


async def test_nothing_is_forced_on_who_is_away(desk: Desk) -> None:
    await desk.ready("x")
    await desk.leave("x")
    await desk.ask("a")
    with pytest.raises(AgentAway):
        await desk.pick("a", "x", is_forced=True)


# Drain -----------------------------------------------------------------------------------------------


async def test_a_draining_agent_leaves_with_his_last_conversation(desk: Desk) -> None:
    await desk.ready("x", capacity=3)
    for work_id in ("a", "b"):
        await desk.ask(work_id)
        await desk.accept(work_id, "x")
    await desk.ask("offered")
    agent = await desk.drain("x")
    assert (agent.state, agent.reason, agent.work_ids) == (AgentState.PAUSED, "draining", ("a", "b"))
    assert (await desk.work("offered")).state is WorkState.QUEUED
    await desk.finish("a", "x")
    await desk.end_wrap_up("a", "x")
    await desk.finish("b", "x")
    assert (await desk.agent("x")).state is AgentState.PAUSED
    desk.wait(30)
    await desk.beat("x")
    await desk.sweep()
    agent = await desk.agent("x")
    assert (agent.state, agent.reason) == (AgentState.OFFLINE, "drained")
    assert await desk.beat("x") == ("x",)


async def test_who_holds_nothing_leaves_at_once(desk: Desk) -> None:
    await desk.ready("x")
    assert (await desk.drain("x")).state is AgentState.OFFLINE
    assert (await desk.drain("x")).reason == "drained"


async def test_who_gets_ready_again_stays(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    await desk.accept("a", "x")
    await desk.drain("x")
    await desk.ready("x", None)
    await desk.routing.close(desk.center_id, (await desk.work("a")).work_id)
    assert (await desk.agent("x")).state is AgentState.READY


async def test_draining_goes_on_after_a_rebuild(desk: Desk) -> None:
    await desk.ready("x")
    await desk.ask("a")
    work = await desk.accept("a", "x")
    agents = [await desk.drain("x")]
    await desk.routing.rebuild(desk.center_id, CONFIG, [work], agents, force=True)
    assert (await desk.agent("x")).reason == "draining"
    await desk.routing.rebuild(desk.center_id, CONFIG, [], agents, force=True)
    assert (await desk.agent("x")).reason == "drained"


# Convert ---------------------------------------------------------------------------------------------

CHANNELS = (Channel.CHAT, Channel.CALLBACK, Channel.MESSAGE)
TWO_WAYS = CONFIG.model_copy(update={"tiers": (tier("vip", 1, 95, channels=CHANNELS), *CONFIG.tiers[1:])})


async def test_who_rather_is_called_back_keeps_his_place(desk: Desk) -> None:
    await desk.open(TWO_WAYS)
    await desk.ask("chatting")
    desk.wait(5)
    await desk.ask("calling", channel=Channel.CALLBACK)
    work = await desk.convert("chatting", Channel.CALLBACK)
    assert (work.state, work.channel, work.cause) == (WorkState.QUEUED, Channel.CALLBACK, "converted")
    assert [(await desk.place(w)).position for w in ("chatting", "calling")] == [1, 2]
    assert await desk.convert("chatting", Channel.CALLBACK) == work
    assert (await desk.ready("x")).work_ids == ("chatting",)


async def test_converting_withdraws_an_offer(desk: Desk) -> None:
    await desk.open(TWO_WAYS)
    await desk.ready("x")
    offered = await desk.ask("a")
    await desk.ask("s", "szx")
    await desk.convert("a", Channel.MESSAGE)
    with pytest.raises(OfferGone):
        await desk.accept("a", "x", offered.version)


async def test_what_cannot_be_converted_is_refused(desk: Desk) -> None:
    await desk.open(TWO_WAYS)
    await desk.ask("s", "szx")
    with pytest.raises(UnknownTier):
        await desk.convert("s", Channel.CALLBACK)
    await desk.ready("x")
    await desk.accept("s", "x")
    with pytest.raises(NotWaiting):
        await desk.convert("s", Channel.CHAT)
