"""Supervisors see the floor, serve out of turn, set states and change the plan. Source: 2.4.3-03, 2.4.1-03."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.clients import Agent, Refused
from tests.live.people import People

PLAN = "/api/v1/routing/plan"
WHAT_IFS = "/api/v1/routing/what-ifs"


@contextlib.asynccontextmanager
async def changed_plan(supervisor: Agent) -> AsyncIterator[dict[str, Any]]:
    """The plan, to be changed; it is what it was afterwards."""
    view = await supervisor.ask("plan:read")
    try:
        yield view
    finally:
        now = await supervisor.ask("plan:read")
        await save(supervisor, now["version"]["version"], view["plan"], "as it was")


async def save(supervisor: Agent, version: int, plan: dict[str, Any], comment: str = "") -> dict[str, Any]:
    body = {"version": version, "plan": plan, "comment": comment}
    saved: dict[str, Any] = await supervisor.request("PUT", PLAN, json=body)
    return saved


def edited(view: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {**view["plan"], **changed}


async def waiting_of(watcher: Agent, tier: str, count: int) -> dict[str, Any]:
    """The floor once so many wait in the tier's chat queue."""

    def has(floor: dict[str, Any]) -> bool:
        return any((q["tier"], q["channel"], q["waiting"]) == (tier, "chat", count) for q in floor["queues"])

    return await watcher.expect("floor:changed", has)


SUPERVISION: list[tuple[str, dict[str, Any]]] = [
    ("floor:watch", {}),
    ("floor:read_history", {"minutes": 60}),
    ("floor:expedite_work", {"conversation_id": "x"}),
    ("floor:assign_work", {"conversation_id": "x", "agent_id": "x"}),
    ("floor:set_presence", {"agent_id": "x", "state": "ready"}),
    ("plan:read", {}),
    ("plan:list_versions", {}),
    ("plan:read_version", {"version": 1}),
    ("whatif:stop", {"id": "x"}),
]


@pytest.mark.parametrize(("request_", "payload"), SUPERVISION, ids=[name for name, _ in SUPERVISION])
async def test_agents_may_not(people: People, request_: str, payload: dict[str, Any]) -> None:
    agent = await people.agent("1001")
    with pytest.raises(Refused, match=r"request\.forbidden"):
        await agent.ask(request_, **payload)


async def test_an_agent_may_not_change_the_plan(people: People) -> None:
    agent, supervisor = await people.agent("1001"), await people.agent("2001")
    view = await supervisor.ask("plan:read")
    for method, path, more in (
        ("GET", PLAN, None),
        ("PUT", PLAN, {"version": view["version"]["version"]}),
        ("POST", f"{PLAN}/check", {}),
        ("POST", WHAT_IFS, {}),
    ):
        body = {"json": {"plan": view["plan"], **more}} if more is not None else {}
        with pytest.raises(Refused, match=r"request\.forbidden"):
            await agent.request(method, path, **body)
    assert (await supervisor.ask("plan:read"))["version"] == view["version"]


async def test_the_wallboard_follows_the_floor(people: People) -> None:
    agent = await people.agent("1003", is_ready=True)
    supervisor = await people.agent("2001")
    floor = await supervisor.ask("floor:watch")
    assert {q["tier"] for q in floor["queues"]} == {
        "vip", "group_key", "roaming", "group_member", "signed", "prepaid", "szx", "other"
    }  # fmt: skip
    assert {g["group"]: g["free"] for g in floor["groups"]}["mass_market"] == 1
    first = await people.visitor(text="第一位")
    await agent.expect("routing:offer_made")
    second = await people.visitor(text="第二位")
    await waiting_of(supervisor, "other", 1)
    await agent.accept_next(first.conversation_id)
    await agent.accept_next(second.conversation_id)

    def both_are_served(floor: dict[str, Any]) -> bool:
        load = {g["group"]: g["load"] for g in floor["groups"]}
        asked = sum(q["asked"] for q in floor["queues"] if q["tier"] == "other")
        return bool(load["mass_market"] == 2 and asked >= 2)

    await supervisor.expect("floor:changed", both_are_served)
    await supervisor.ask("floor:unwatch")
    history = await supervisor.ask("floor:read_history", minutes=60)
    assert history["step_s"] == 60


async def test_served_out_of_turn(people: People) -> None:
    agent = await people.agent("1003", is_ready=True)
    supervisor = await people.agent("2001")
    busy = await people.visitor(text="占着邀请")
    await agent.expect("routing:offer_made")
    first, second = await people.visitor(text="先来"), await people.visitor(text="后到")
    await supervisor.ask("floor:expedite_work", conversation_id=second.conversation_id)
    await agent.accept_next(busy.conversation_id)
    opened = await agent.accept_next(second.conversation_id)
    routed = [e for e in opened["log"]["events"] if e["kind"] == "routed"]
    assert routed[-1]["body"]["reason"]["policy"] == "expedited"
    await agent.accept_next(first.conversation_id)
    with pytest.raises(Refused, match=r"routing\.not_waiting"):
        await supervisor.ask("floor:expedite_work", conversation_id=second.conversation_id)


async def test_given_to_an_agent_by_hand(people: People) -> None:
    agent = await people.agent("1001")  # who does not serve tier `other`
    await agent.open_desk()
    await agent.be("paused", "meeting")
    supervisor = await people.agent("2001")
    visitor = await people.visitor(text="请王经理")
    opened = await supervisor.ask(
        "floor:assign_work", conversation_id=visitor.conversation_id, agent_id=agent.id
    )
    assert opened["conversation"]["agent"]["id"] == agent.id
    await agent.say(visitor.conversation_id, "我来处理")
    await visitor.expect_event("message", lambda e: e["body"]["text"] == "我来处理")
    other = await people.visitor(text="再来一位")
    gone = await people.agent("1002")
    with pytest.raises(Refused, match=r"routing\.(agent_away|unknown_agent)"):
        await supervisor.ask("floor:assign_work", conversation_id=other.conversation_id, agent_id=gone.id)


async def test_states_are_set_and_agents_drained(people: People) -> None:
    visitor, agent = await people.talk("1002")
    supervisor = await people.agent("2001")
    await agent.be("ready")
    shown = await supervisor.ask(
        "floor:set_presence", agent_id=agent.id, state="paused", reason="by_supervisor"
    )
    assert (shown["state"], shown["reason"]) == ("paused", "by_supervisor")
    await agent.expect("presence:changed", lambda n: agent.state_in(n) == "paused")
    shown = await supervisor.ask("floor:set_presence", agent_id=agent.id, state="offline", when_done=True)
    assert shown["state"] == "paused", "he finishes what he has"
    await agent.say(visitor.conversation_id, "还在为您处理")
    await agent.ask("conversation:close", conversation_id=visitor.conversation_id)
    await agent.ask("routing:end_wrap_up", conversation_id=visitor.conversation_id)

    desk = await supervisor.open_desk()
    states = {c["agent"]["id"]: c["state"] for c in desk["colleagues"]}
    if states[agent.id] != "offline":
        await supervisor.expect("presence:changed", lambda n: agent.state_in(n) == "offline")


async def test_a_plan_takes_effect_and_nobody_loses_his_place(people: People) -> None:
    agent = await people.agent("1001", is_ready=True)  # not for tier `other`
    supervisor = await people.agent("2001")
    keeper = await people.agent("1002", is_ready=True)
    busy = await people.visitor(text="占着")
    await keeper.accept_next(busy.conversation_id)
    await keeper.be("paused", "meal")
    async with changed_plan(supervisor) as view:
        helper = await people.agent("1003", is_ready=True)
        offered = await people.visitor(text="第一位")
        await helper.expect("routing:offer_made")
        waiting = await people.visitor(text="第二位")
        groups = [
            {**g, "tiers": [*g["tiers"], "other"]} if g["code"] == "contract" else g
            for g in view["plan"]["groups"]
        ]
        plan = edited(view, policy="gap_live", groups=groups)
        saved = await save(supervisor, view["version"]["version"], plan, "午间加一组")
        assert saved["version"]["version"] == view["version"]["version"] + 1
        await agent.accept_next(waiting.conversation_id)
        await helper.accept_next(offered.conversation_id)
        await agent.expect("plan:changed")
        versions = (await supervisor.ask("plan:list_versions"))["versions"]
        assert versions[0]["comment"] == "午间加一组"
        assert versions[0]["saved_by"]["name"] == "赵敏"
        earlier = await supervisor.ask("plan:read_version", version=view["version"]["version"])
        assert earlier["plan"] == view["plan"]
        assert (await agent.open_desk())["tiers"], "the desk knows its tiers"


async def test_of_two_who_save_one_is_told(people: People) -> None:
    first, second = await people.agent("2001"), await people.agent("9001")
    async with changed_plan(first) as view:
        version = view["version"]["version"]
        await save(first, version, edited(view, wrap_up_s=45))
        with pytest.raises(Refused) as refused:
            await save(second, version, edited(view, wrap_up_s=60))
        assert refused.value.code == "plan.conflict"
        assert refused.value.data["version"] == version + 1
        assert refused.value.data["saved_by"] == first.id
        assert (await second.ask("plan:read"))["plan"]["wrap_up_s"] == 45


async def test_an_impossible_plan_changes_nothing(people: People) -> None:
    supervisor = await people.agent("2001")
    view = await supervisor.ask("plan:read")
    groups = [g for g in view["plan"]["groups"] if g["code"] != "mass_market"]
    plan = edited(view, groups=groups)
    checked = await supervisor.request("POST", f"{PLAN}/check", json={"plan": plan})
    assert ("tiers.other", "unserved") in [(p["path"], p["code"]) for p in checked["problems"]]
    assert {g["is_small"] for g in checked["groups"]} == {True}
    assert len(checked["staffing"]) > 10
    with pytest.raises(Refused) as refused:
        await save(supervisor, view["version"]["version"], plan)
    assert refused.value.code == "plan.invalid"
    assert ("tiers.other", "unserved") in [(p["path"], p["code"]) for p in refused.value.data["problems"]]
    with pytest.raises(Refused, match=r"request\.invalid"):
        await save(supervisor, 1, {"policy": "luck"})
    assert await supervisor.ask("plan:read") == view


async def test_a_day_without_traffic_says_so(people: People) -> None:
    supervisor = await people.agent("2001")
    view = await supervisor.ask("plan:read")
    over = await supervisor.request("POST", WHAT_IFS, json={"plan": view["plan"], "day": "2020-01-01"})
    assert (over["is_over"], over["failure"], over["day"]) == (True, "no_traffic", "2020-01-01")
    with pytest.raises(Refused, match=r"request\.invalid"):
        await supervisor.request("POST", WHAT_IFS, json={"plan": view["plan"], "day": "yesterday"})


async def test_todays_traffic_is_replayed_under_both_plans(people: People) -> None:
    agent = await people.agent("1003", is_ready=True)
    supervisor = await people.agent("2001")
    for _ in range(3):
        visitor = await people.visitor(text="您好")
        await agent.accept_next(visitor.conversation_id)
        await agent.ask("conversation:close", conversation_id=visitor.conversation_id)
        await agent.ask("routing:end_wrap_up", conversation_id=visitor.conversation_id)
    view = await supervisor.ask("plan:read")
    today = await _today(supervisor)
    body = {"plan": edited(view, policy="fifo"), "day": today}
    started = await supervisor.request("POST", WHAT_IFS, json=body)
    over = await supervisor.expect(
        "whatif:changed", lambda n: n["id"] == started["id"] and n["is_over"], within_s=90
    )
    told = [
        d["progress"] for n, d in supervisor.notices if n == "whatif:changed" and d["id"] == started["id"]
    ]
    assert told == sorted(told)
    assert over["failure"] == ""
    for figures in (over["now"], over["then"]):
        assert sum(t["asked"] for t in figures["tiers"]) >= 3
        assert figures["tiers_met"] >= 1


async def _today(supervisor: Agent) -> str:
    """The date in the center's zone, by the server's clock."""
    now_ms = (await supervisor.open_desk())["now_ms"]
    return f"{datetime.fromtimestamp(now_ms / 1000, ZoneInfo('Asia/Shanghai')):%Y-%m-%d}"
