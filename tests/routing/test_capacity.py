"""What an agent can take: cost, exclusive and interruptible channels, wrap-up, capacity of a group."""

from __future__ import annotations

import pytest

from tests.routing.desk import CONFIG, Desk, tier
from wecc.routing import AtCapacity, Channel, ChannelRule, WorkState

ALL = (Channel.CHAT, Channel.VOICE, Channel.CALLBACK, Channel.MESSAGE)
BLENDED = CONFIG.model_copy(
    update={"tiers": tuple(tier(t.code, t.rank, 90, channels=ALL) for t in CONFIG.tiers)}
)


@pytest.fixture
async def blended(desk: Desk) -> Desk:
    """Every tier on every channel; `x` may hold three units."""
    await desk.open(BLENDED)
    await desk.ready("x", capacity=3)
    return desk


async def take(desk: Desk, work_id: str, channel: Channel) -> WorkState:
    """Ask, and let `x` accept if it is offered."""
    work = await desk.ask(work_id, channel=channel)
    if work.state is WorkState.OFFERED:
        work = await desk.accept(work_id, "x")
    return work.state


@pytest.mark.parametrize("exclusive", [Channel.VOICE, Channel.CALLBACK])
async def test_while_he_calls_he_is_given_nothing_else(blended: Desk, exclusive: Channel) -> None:
    assert await take(blended, "call", exclusive) is WorkState.ASSIGNED
    for i, channel in enumerate(ALL):
        assert await take(blended, f"w{i}", channel) is WorkState.QUEUED
    agent = await blended.agent("x")
    assert (agent.load, agent.capacity) == (1, 3)


async def test_a_call_waits_until_he_has_no_chat_and_wraps_up_none(blended: Desk) -> None:
    assert await take(blended, "chat", Channel.CHAT) is WorkState.ASSIGNED
    assert await take(blended, "call", Channel.VOICE) is WorkState.QUEUED
    await blended.finish("chat", "x")
    assert (await blended.work("call")).state is WorkState.QUEUED
    await blended.end_wrap_up("chat", "x")
    assert (await blended.work("call")).agent_id == "x"


async def test_the_wrap_up_of_a_call_is_as_exclusive_as_the_call(blended: Desk) -> None:
    await take(blended, "call", Channel.VOICE)
    await blended.finish("call", "x")
    assert await take(blended, "chat", Channel.CHAT) is WorkState.QUEUED
    await blended.end_wrap_up("call", "x")
    assert (await blended.work("chat")).agent_id == "x"


async def test_messages_fill_what_is_free_and_give_way(blended: Desk) -> None:
    """Three messages fill him; chats come nevertheless, and as many messages are interrupted, the latest first."""
    for i in range(3):
        assert await take(blended, f"m{i}", Channel.MESSAGE) is WorkState.ASSIGNED
    assert await take(blended, "m3", Channel.MESSAGE) is WorkState.QUEUED
    assert (await blended.agent("x")).interrupted == ()
    for i, left in enumerate([("m2",), ("m1", "m2"), ("m0", "m1", "m2")]):
        assert await take(blended, f"c{i}", Channel.CHAT) is WorkState.ASSIGNED
        agent = await blended.agent("x")
        assert (agent.load, agent.interrupted) == (4 + i, left)
    assert await take(blended, "c3", Channel.CHAT) is WorkState.QUEUED


async def test_a_call_interrupts_all_messages(blended: Desk) -> None:
    await take(blended, "m", Channel.MESSAGE)
    assert await take(blended, "call", Channel.VOICE) is WorkState.ASSIGNED
    assert (await blended.agent("x")).interrupted == ("m",)
    await blended.routing.close(blended.center_id, (await blended.work("call")).work_id)
    assert (await blended.agent("x")).interrupted == ()


async def test_cost_is_in_the_units_of_capacity(desk: Desk) -> None:
    await desk.open(BLENDED.model_copy(update={"channels": {Channel.CHAT: ChannelRule(cost=2)}}))
    await desk.ready("x", capacity=5)
    for i, expected in enumerate([WorkState.ASSIGNED, WorkState.ASSIGNED, WorkState.QUEUED]):
        assert await take(desk, f"c{i}", Channel.CHAT) is expected
    assert (await desk.agent("x")).load == 4
    assert await take(desk, "m", Channel.MESSAGE) is WorkState.ASSIGNED
    assert (await desk.tier("vip")).slots == 2
    assert (await desk.tier("vip", Channel.VOICE)).slots == 1


async def test_by_hand_too_capacity_holds(blended: Desk) -> None:
    await take(blended, "chat", Channel.CHAT)
    await blended.ask("call", channel=Channel.VOICE)
    with pytest.raises(AtCapacity):
        await blended.pick("call", "x", is_supervisor=True)


async def test_new_costs_hold_at_once(blended: Desk) -> None:
    for i in range(4):
        await take(blended, f"c{i}", Channel.CHAT)
    cheaper = {Channel.CHAT: ChannelRule(cost=2)}
    await blended.routing.configure(blended.center_id, BLENDED.model_copy(update={"channels": cheaper}))
    assert (await blended.agent("x")).load == 6
    await blended.routing.configure(blended.center_id, BLENDED)
    await blended.ready("x", None, capacity=4)
    assert (await blended.work("c3")).agent_id == "x"


async def test_a_groups_agents_are_counted_by_what_they_do(desk: Desk) -> None:
    await desk.ready("free", ("all", "vip"), capacity=2)
    await desk.ready("away", ("all",))
    await desk.pause("away")
    await desk.ready("busy", ("low",))
    await desk.ask("a", "szx")
    await desk.accept("a", "busy")
    await desk.ready("silent", ("low",))
    await desk.ready("gone", ("vip",))
    await desk.leave("gone")
    desk.wait(15)
    await desk.beat("free", "away", "busy")
    await desk.sweep()
    view = await desk.view()
    assert [g.model_dump(exclude_defaults=True) for g in view.groups] == [
        {"group": "all", "free": 1, "paused": 1, "capacity": 3},
        {"group": "low", "busy": 1, "unstable": 1, "load": 1, "capacity": 2},
        {"group": "vip", "free": 1, "capacity": 2},
    ]
