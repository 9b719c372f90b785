"""When nobody can chat, a message is left and answered later; who is asked first. Source: 2.3-06, 2.3-21, 2.5-04."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.clients import Agent, Refused, Visitor, client_id
from tests.live.integrator import Integrator
from tests.live.people import People
from tests.live.test_supervision import changed_plan, edited, save
from wecc.kernel.ids import new_id


def queued(state: dict[str, Any]) -> dict[str, Any]:
    """The newest word on how a visitor's request is queued."""
    found = [e["body"] for e in state["log"]["events"] if e["kind"] == "queued"]
    return found[-1] if found else {}


async def is_away(visitor: Visitor, cause: str) -> dict[str, Any]:
    await visitor.expect_event(
        "queued", lambda e: (e["body"]["channel"], e["body"]["cause"]) == ("message", cause)
    )
    state = await visitor.ask("visitor:resume")
    assert state["conversation"]["away"]["cause"] == cause
    assert state["conversation"]["place"] is None, "a message stands in no line"
    assert queued(state)["channel"] == "message"
    return state


async def test_nobody_is_there_and_the_message_is_answered_later(people: People) -> None:
    visitor = await people.visitor(text="宽带断了，请回复")
    await is_away(visitor, "nobody")
    state = await visitor.ask(
        "conversation:leave_message",
        conversation_id=visitor.conversation_id,
        client_id=client_id(),
        contact="13800000101",
    )
    assert state["conversation"]["away"]["has_contact"]
    agent = await people.agent("1003", is_ready=True)
    opened = await agent.accept_next(visitor.conversation_id)
    kinds = [e["kind"] for e in opened["log"]["events"]]
    assert "contact_left" in kinds
    await agent.say(visitor.conversation_id, "师傅明早上门")
    await visitor.expect_event("message", lambda e: e["body"]["text"] == "师傅明早上门")
    assert (await visitor.ask("visitor:resume"))["conversation"]["away"] is None


async def test_a_second_contact_replaces_the_first_and_a_repeat_adds_nothing(people: People) -> None:
    visitor = await people.visitor(text="请联系我")
    await is_away(visitor, "nobody")
    for contact in ("13800000101", "13800000101", "me@example.com"):
        key = client_id()
        for _ in range(2):
            await visitor.ask(
                "conversation:leave_message",
                conversation_id=visitor.conversation_id,
                client_id=key,
                contact=contact,
            )
    log = await visitor.ask("conversation:read_log", conversation_id=visitor.conversation_id)
    left = [e["body"]["contact"] for e in log["events"] if e["kind"] == "contact_left"]
    assert left == ["13800000101", "me@example.com"]


async def test_outside_opening_hours(people: People) -> None:
    supervisor = await people.agent("2001")
    agent = await people.agent("1003", is_ready=True)
    # Closed today, whatever day it is; open from tomorrow.
    today = datetime.now(UTC).isoweekday()
    hours = {
        "code": "office",
        "name_zh": "工作时间",
        "name_en": "Office hours",
        "time_zone": "UTC",
        "week": [{"day": d, "opens": "00:00", "closes": "24:00"} for d in range(1, 8) if d != today],
        "holidays": [],
    }
    async with changed_plan(supervisor) as view:
        tiers = [{**t, "hours": "office"} if t["code"] == "other" else t for t in view["plan"]["tiers"]]
        plan = edited(view, hours=[hours], tiers=tiers)
        await save(supervisor, view["version"]["version"], plan)
        visitor = await people.visitor(text="夜里有人吗")
        state = await is_away(visitor, "closed")
        opens_ms = state["conversation"]["away"]["opens_ms"]
        tomorrow = datetime.fromtimestamp(opens_ms / 1000, UTC)
        assert (tomorrow.hour, tomorrow.minute) == (0, 0)
        assert tomorrow.isoweekday() == today % 7 + 1
        await agent.accept_next(visitor.conversation_id)


async def test_a_controlled_tier_has_so_many_places(people: People) -> None:
    supervisor = await people.agent("2001")
    agent = await people.agent("1003", is_ready=True)
    async with changed_plan(supervisor) as view:
        tiers = [{**t, "max_waiting": 1} if t["code"] == "other" else t for t in view["plan"]["tiers"]]
        plan = edited(view, tiers=tiers)
        await save(supervisor, view["version"]["version"], plan)
        offered = await people.visitor(text="第一位")
        await agent.expect("routing:offer_made")
        waits = await people.visitor(text="第二位")
        turned_away = await people.visitor(text="第三位")
        await is_away(turned_away, "full")
        assert (await waits.ask("visitor:resume"))["conversation"]["place"]["position"] == 1
        for visitor in (offered, waits, turned_away):
            await agent.accept_next(visitor.conversation_id)


async def test_who_does_not_want_to_wait_leaves_a_message_at_his_place(people: People) -> None:
    agent = await people.agent("1003", is_ready=True)
    offered = await people.visitor(text="第一位")
    await agent.expect("routing:offer_made")
    visitor = await people.visitor(text="我不等了")
    assert (await visitor.ask("visitor:resume"))["conversation"]["place"]["position"] == 1
    for _ in range(2):
        state = await visitor.ask(
            "conversation:leave_message", conversation_id=visitor.conversation_id, client_id=client_id()
        )
        assert state["conversation"]["away"] == {"cause": "chosen", "opens_ms": None, "has_contact": False}
    await agent.accept_next(offered.conversation_id)
    opened = await agent.accept_next(visitor.conversation_id)
    with pytest.raises(Refused, match=r"routing\.not_waiting"):
        await visitor.ask(
            "conversation:leave_message", conversation_id=visitor.conversation_id, client_id=client_id()
        )
    asked = [e for e in opened["log"]["events"] if e["kind"] == "queued"]
    assert asked[0]["body"]["since_ms"] == asked[-1]["body"]["since_ms"]


async def test_another_s_conversation_is_not_turned_into_a_message(people: People) -> None:
    await people.agent("1003", is_ready=True)
    visitor, stranger = await people.visitor(text="我的"), await people.visitor()
    with pytest.raises(Refused, match=r"request\.not_found"):
        await stranger.ask(
            "conversation:leave_message", conversation_id=visitor.conversation_id, client_id=client_id()
        )


async def identified(people: People, integrator: Integrator, customer: str, **claims: Any) -> Visitor:
    visitor = await people.visitor()
    await visitor.ask("visitor:identify", token=integrator.sign(sub=customer, **claims))
    return visitor


async def offered_to(agents: list[Agent], conversation_id: str) -> list[str]:
    offered = [
        agent.id
        for agent in agents
        for name, notice in agent.notices
        if name == "routing:offer_made" and notice["offer"]["conversation"]["id"] == conversation_id
    ]
    return list(dict.fromkeys(offered))  # an offer is told at once, and again when the database has followed


async def test_the_account_manager_first_then_the_vip_group(people: People, integrator: Integrator) -> None:
    """Source: 2.3-06, 2.5-04, 2.5-05."""
    longest_idle = await people.agent("1003", is_ready=True)
    manager = await people.agent("1001", is_ready=True)
    visitor = await identified(people, integrator, f"c{new_id()[-8:]}", tiers=["vip"], account_manager="1001")
    await visitor.start("找我的客户经理")
    await manager.expect("routing:offer_made")
    assert await offered_to([longest_idle, manager], visitor.conversation_id) == [manager.id]
    await manager.be("paused", "meeting")
    await longest_idle.accept_next(visitor.conversation_id)


async def test_the_agent_of_last_time_is_asked_first(people: People, integrator: Integrator) -> None:
    customer = f"c{new_id()[-8:]}"
    last = await people.agent("1003", is_ready=True)
    first = await identified(people, integrator, customer, tiers=["signed"])
    await first.start("第一次")
    await last.accept_next(first.conversation_id)
    await first.ask("conversation:close", conversation_id=first.conversation_id)
    await last.ask("routing:end_wrap_up", conversation_id=first.conversation_id)
    await last.be("paused", "break")
    longer_idle = await people.agent("1002", is_ready=True)
    await last.be("ready")
    again = await identified(people, integrator, customer, tiers=["signed"])
    await again.start("还是我")
    await last.expect(
        "routing:offer_made", lambda n: n["offer"]["conversation"]["id"] == again.conversation_id
    )
    assert await offered_to([longer_idle, last], again.conversation_id) == [last.id]
    await last.accept_next(again.conversation_id)
