"""Self-service under attack, in a hurry and between kills: whatever is acknowledged is answered, once and in order, and
nobody sees what is another's. Source: 2.4.3-04; ADR 10; design §5."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import socketio.exceptions

from tests.clients import Refused, Visitor, client_id
from tests.deployment import Deployment
from tests.live.integrator import Integrator
from tests.live.people import People
from tests.live.test_selfservice import customer, index, kinds, option

__all__ = ["index"]

_PATIENCE_S = 40.0
_BROKEN = (socketio.exceptions.SocketIOError, Refused, OSError, TimeoutError, ValueError)

Event = dict[str, Any]


def of(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event["kind"] == kind]


def answers(count: int) -> Callable[[list[Event]], bool]:
    """So many steps after the greeting."""
    return lambda events: len(of(events, "assisted")) > count


async def log_of(visitor: Visitor, until: Callable[[list[Event]], bool]) -> list[Event]:
    """His conversation's log, once it has come so far. Whatever restarts meanwhile, he comes back."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            try:
                if not visitor.sio.connected:
                    await visitor.connect({"token": visitor.token})
                page = await visitor.ask(
                    "conversation:read_log", conversation_id=visitor.conversation_id, limit=200
                )
            except _BROKEN:
                page = {"events": []}
            events: list[Event] = page["events"]
            if events and until(events):
                return events
            await asyncio.sleep(0.1)


async def refused(asked: Any) -> str:
    with pytest.raises(Refused) as error:
        await asked
    return error.value.code


async def szx_at(
    people: People, integrator: Integrator, *labels: str, **claims: Any
) -> tuple[Visitor, dict[str, Any]]:
    """A Shenzhouxing customer who has chosen his way, and the step he stands before."""
    visitor = await customer(people, integrator, "szx", **claims)
    entry = await visitor.request("GET", "/api/v1/flows/entry", params={"locale": "zh-CN"})
    state = await visitor.begin(option=option(entry["step"], labels[0]))
    step = await visitor.next_step(of(state["log"]["events"], "chosen")[0]["seq"])
    for label in labels[1:]:
        chosen = await visitor.choose(option(step, label))
        step = await visitor.next_step(chosen["seq"])
    return visitor, step


def choice(visitor: Visitor, chosen: str, key: str = "") -> dict[str, Any]:
    return {
        "conversation_id": visitor.conversation_id,
        "client_id": key or client_id(),
        "option": chosen,
    }


def form(visitor: Visitor, *fields: tuple[str, str], key: str = "") -> dict[str, Any]:
    return {
        "conversation_id": visitor.conversation_id,
        "client_id": key or client_id(),
        "fields": [{"name": name, "value": value} for name, value in fields],
    }


async def test_a_step_is_answered_once_by_two_sockets_at_once(
    deployment: Deployment, people: People, integrator: Integrator
) -> None:
    visitor, step = await szx_at(people, integrator, "套餐")
    async with Visitor(deployment) as tab:
        tab.token = visitor.token
        await tab.connect({"token": tab.token})
        picked = option(step, "转品牌")
        tries = await asyncio.wait_for(
            _all(visitor, tab, choice(visitor, picked), choice(visitor, picked)), 15
        )
        assert sorted(tries) in (["flow.over", "taken"], ["taken", "taken"])  # the second step offers it, too
        events = await log_of(visitor, answers(tries.count("taken") + 1))
        assert len(of(events, "chosen")) == 1 + tries.count("taken")
        assert len(of(events, "assisted")) == 2 + tries.count("taken")


async def _all(one: Visitor, other: Visitor, *payloads: dict[str, Any]) -> list[str]:
    async def attempt(client: Visitor, payload: dict[str, Any]) -> str:
        try:
            await client.ask("flow:choose", **payload)
        except Refused as error:
            return error.code
        return "taken"

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(attempt(client, payload))
            for client, payload in zip((one, other), payloads, strict=True)
        ]
    return [task.result() for task in tasks]


async def test_a_repeat_is_acknowledged_even_when_the_flow_has_gone_on(
    people: People, integrator: Integrator
) -> None:
    """The acknowledgement was lost, not the choice."""
    visitor, step = await szx_at(people, integrator, "转品牌")
    payload = choice(visitor, option(step, "填表"))
    first = await visitor.ask("flow:choose", **payload)
    await visitor.next_step(first["seq"])
    assert await visitor.ask("flow:choose", **payload) == first
    filled = form(visitor, ("plan", "日常 59 元"), ("phone", "13800138000"))
    taken = await visitor.ask("flow:fill_form", **filled)
    await visitor.expect_event("queued")
    assert await visitor.ask("flow:fill_form", **filled) == taken
    assert await visitor.ask("flow:choose", **payload) == first


async def test_an_older_steps_choice_and_form_are_over(people: People, integrator: Integrator) -> None:
    visitor, step = await szx_at(people, integrator, "转品牌")
    older = option(step, "怎么自己办理")
    chosen = await visitor.choose(option(step, "填表"))
    step = await visitor.next_step(chosen["seq"])
    assert await refused(visitor.ask("flow:choose", **choice(visitor, older))) == "flow.over"
    chosen = await visitor.choose("home")
    await visitor.next_step(chosen["seq"])
    late = form(visitor, ("plan", "日常 59 元"), ("phone", "13800138000"))
    assert await refused(visitor.ask("flow:fill_form", **late)) == "flow.over"
    events = await log_of(visitor, answers(3))
    assert not of(events, "filled")


@pytest.mark.usefixtures("quiet_log")
async def test_forms_take_only_what_they_ask_for(people: People, integrator: Integrator) -> None:
    agent = await people.agent("1003", is_ready=True)
    visitor, _ = await szx_at(people, integrator, "转品牌", "填表")
    good = (("plan", "日常 59 元"), ("phone", "13800138000"))
    bad: list[tuple[tuple[tuple[str, str], ...], str]] = [
        ((*good, ("is_admin", "true")), "flow.form_invalid"),
        (tuple((f"field-{n}", "x" * 2000) for n in range(20)), "flow.form_invalid"),
        (tuple((f"field-{n}", "x") for n in range(21)), "request.invalid"),
        ((("plan", "长" * 2001), good[1]), "request.invalid"),
        ((("../plan", "x"), good[1]), "request.invalid"),
        ((("plan", "免费"), good[1]), "flow.form_invalid"),
        ((good[0], ("phone", "\u202e\x00\x07")), "flow.form_invalid"),
        ((), "flow.form_invalid"),
    ]
    for fields, code in bad:
        assert await refused(visitor.ask("flow:fill_form", **form(visitor, *fields))) == code, fields
    await visitor.ask(
        "flow:fill_form",
        **form(visitor, good[0], ("phone", "138\x00 0013\u202e 8000\x1b"), ("reach", "\x00")),
    )
    opened = await agent.accept_next(visitor.conversation_id)
    [event] = of(opened["log"]["events"], "handed_over")
    assert [f["value"] for f in event["body"]["fields"]] == ["日常 59 元", "138 0013 8000"]


@pytest.mark.usefixtures("quiet_log")
async def test_a_start_with_what_is_not_offered_is_refused(people: People, integrator: Integrator) -> None:
    visitor = await customer(people, integrator, "szx")
    for wrong in ("no-such-option", "article:x", "\x00", "../home", "选" * 80, "\ud800"):
        assert await refused(visitor.begin(option=wrong)) in ("flow.over", "request.invalid")
    assert await refused(visitor.begin()) == "request.invalid"
    assert (await visitor.ask("visitor:resume"))["conversation"] is None
    state = await visitor.begin("怎么充值")
    again = await visitor.begin(option="no-such-option")
    assert again["conversation"]["id"] == state["conversation"]["id"]
    assert not of(again["log"]["events"], "chosen")


async def test_who_only_wants_a_person_gets_one(people: People, integrator: Integrator) -> None:
    agent = await people.agent("1003", is_ready=True)
    visitor = await customer(people, integrator, "szx")
    wish = {"client_id": client_id(), "locale": "zh-CN", "wants_person": True}
    state = await visitor.ask("conversation:start", **wish)
    visitor.conversation_id = state["conversation"]["id"]
    opened = await agent.accept_next(visitor.conversation_id)
    [event] = of(opened["log"]["events"], "handed_over")
    assert event["body"]["cause"] == "wish"
    again = await visitor.ask("conversation:start", **wish)
    assert again["conversation"]["id"] == visitor.conversation_id
    assert len(of(again["log"]["events"], "chosen")) == 1


async def test_words_with_a_wish_lead_a_guided_customer_to_a_person(
    people: People, integrator: Integrator
) -> None:
    """As help asks, while the panel is guided in another tab."""
    agent = await people.agent("1003", is_ready=True)
    visitor, _ = await szx_at(people, integrator, "套餐")
    state = await visitor.start("宽带测速怎么做")
    assert state["conversation"]["id"] == visitor.conversation_id
    opened = await agent.accept_next(visitor.conversation_id)
    assert [m["body"]["text"] for m in of(opened["log"]["events"], "message")] == ["宽带测速怎么做"]
    assert of(opened["log"]["events"], "handed_over")[0]["body"]["path"][0].startswith("套餐")


async def test_a_guided_conversation_goes_on_at_another_device(
    people: People, integrator: Integrator
) -> None:
    claims = {"sub": f"c-{client_id()[:8]}"}
    desktop = await customer(people, integrator, "szx", **claims)
    await desktop.begin("我想加流量包")
    await log_of(desktop, answers(1))
    phone = await customer(people, integrator, "szx", **claims)
    state = await phone.ask("visitor:resume")
    assert state["conversation"]["status"] == "guided"
    assert state["conversation"]["id"] == desktop.conversation_id
    phone.conversation_id = desktop.conversation_id
    said = await phone.say("怎么查 PUK 码")
    step = await desktop.next_step(said["seq"])
    await phone.next_step(said["seq"])
    chosen = await desktop.choose(step["options"][0]["id"])
    await phone.next_step(chosen["seq"])
    phone.conversation_id = ""


async def test_a_customer_who_turns_out_to_be_vip_changes_flows_and_loses_nothing(
    people: People, integrator: Integrator
) -> None:
    agent = await people.agent("1001", is_ready=True)
    person = f"c-{client_id()[:8]}"
    visitor, _ = await szx_at(people, integrator, "套餐", sub=person)
    said = await visitor.say("流量用得太快是怎么回事")
    await visitor.ask("visitor:identify", token=integrator.sign(sub=person, tiers=["vip"]))
    greeted = await visitor.expect_event("assisted", lambda e: e["body"]["flow"].startswith("vip:"))
    state = await visitor.ask("visitor:resume")
    assert state["conversation"]["id"] == visitor.conversation_id
    # The words are answered by whichever flow was in charge: by Shenzhouxing's, or by a person, at once.
    events = await log_of(
        visitor,
        lambda es: any(
            e["seq"] > said["seq"] and e["seq"] != greeted["seq"] and e["kind"] in ("assisted", "queued")
            for e in es
        ),
    )
    if not of(events, "queued"):
        await visitor.say("请帮我处理")
    opened = await agent.accept_next(visitor.conversation_id)
    [event] = of(opened["log"]["events"], "handed_over")
    assert event["body"]["flow"].startswith("vip:")
    assert event["body"]["path"] == ["套餐与流量"]
    assert opened["customer"]["visitor"]["tier"] == "vip"
    assert "流量用得太快是怎么回事" in [m["body"]["text"] for m in of(opened["log"]["events"], "message")]


async def test_words_and_a_choice_at_the_same_moment_are_both_answered(
    people: People, integrator: Integrator
) -> None:
    visitor, step = await szx_at(people, integrator, "套餐")
    async with asyncio.TaskGroup() as group:
        said = group.create_task(visitor.say("手机丢了怎么挂失"))
        group.create_task(visitor.choose(option(step, "转品牌")))
    events = await log_of(visitor, answers(3))
    steps = of(events, "assisted")[2:]
    assert len(steps) == 2
    assert [s for s in steps if s["body"]["node"] == "migrate"]
    assert [s for s in steps if s["body"]["question_id"]]
    assert all(s["seq"] > said.result()["seq"] for s in steps if s["body"]["question_id"])


async def test_a_burst_is_durable_and_answered_in_order(people: People, integrator: Integrator) -> None:
    visitor = await customer(people, integrator, "group_member")
    await visitor.begin("第 0 句：怎么充值")
    texts = [f"第 {n} 句：怎么查余额" for n in range(1, 50)]
    async with asyncio.TaskGroup() as group:
        for text in texts:
            group.create_task(visitor.say(text))
    events = await log_of(
        visitor, lambda es: len(of(es, "message")) == 50 and es[-1]["kind"] not in ("message", "chosen")
    )
    said = of(events, "message")
    assert sorted(m["body"]["text"] for m in said[1:]) == sorted(texts)
    tokens = [e["client_id"] for e in events if e["kind"] in ("assisted", "queued")]
    heard = [int(token.split(":")[1]) for token in tokens if token.startswith("flow:")]
    assert heard == sorted(set(heard)), "in order, and no turn twice"
    assert set(heard) <= {m["seq"] for m in said}


@pytest.mark.parametrize("child", ["web", "jobs", "search"])
@pytest.mark.slow
async def test_who_wrote_right_before_a_process_is_killed_is_answered_once(
    child: str, deployment: Deployment, people: People, integrator: Integrator
) -> None:
    visitor, _ = await szx_at(people, integrator, "套餐")
    said = await visitor.say("手机丢了怎么挂失")
    await asyncio.to_thread(deployment.kill, child)

    def is_answered(events: list[Event]) -> bool:
        return any(e["seq"] > said["seq"] and e["kind"] in ("assisted", "queued") for e in events)

    before = await log_of(visitor, is_answered)
    await asyncio.to_thread(deployment.wait_until_ready)
    events = await log_of(visitor, is_answered)
    replies = [e for e in events if e["seq"] > said["seq"] and e["kind"] in ("assisted", "queued")]
    assert len(replies) == 1, kinds({"log": {"events": events}})
    assert replies[0]["seq"] == next(e for e in before if e["seq"] > said["seq"])["seq"]


async def test_who_may_look_at_a_guided_conversation(people: People, integrator: Integrator) -> None:
    """An agent's tiers do not open what waits for nobody; a supervisor sees it; another visitor never."""
    visitor, _ = await szx_at(people, integrator, "套餐")
    ref = {"conversation_id": visitor.conversation_id}
    for login in ("1001", "1003"):
        agent = await people.agent(login)
        assert visitor.conversation_id not in [c["id"] for c in (await agent.open_desk())["conversations"]]
        for request in ("conversation:open", "conversation:read_log", "routing:pick_work"):
            assert await refused(agent.ask(request, **ref)) == "request.not_found", (login, request)
        for scope in ("waiting", "open", "closed"):
            found = await agent.ask("desk:list", scope=scope)
            assert visitor.conversation_id not in [c["id"] for c in found["conversations"]], scope
    supervisor = await people.agent("2001")
    opened = await supervisor.ask("conversation:open", **ref)
    assert opened["conversation"]["status"] == "guided"
    stranger = await customer(people, integrator, "szx")
    for request, payload in (
        ("flow:choose", choice(visitor, "person")),
        ("flow:fill_form", form(visitor, ("plan", "x"))),
        ("conversation:send_message", ref | {"client_id": client_id(), "text": "x"}),
        ("conversation:read_log", ref),
        ("conversation:close", ref),
    ):
        assert await refused(stranger.ask(request, **payload)) == "request.not_found", request
    assert (await visitor.ask("visitor:resume"))["conversation"]["status"] == "guided"


async def test_after_signing_out_nothing_of_the_customer_is_there(
    people: People, integrator: Integrator
) -> None:
    """The page forgets its visitor and arrives anew, as on a shared computer."""
    visitor, _ = await szx_at(people, integrator, "套餐")
    await visitor.disconnect()
    somebody = await people.visitor()
    assert (await somebody.ask("visitor:resume"))["conversation"] is None
    entry = await somebody.request("GET", "/api/v1/flows/entry", params={"locale": "zh-CN"})
    assert entry["flow"].startswith("other:")
    assert await refused(somebody.ask("flow:choose", **choice(visitor, "person"))) == "request.not_found"


async def test_the_log_holds_nothing_of_what_was_asked(
    deployment: Deployment, people: People, integrator: Integrator
) -> None:
    secret = "紫檀木三七二"
    visitor, _ = await szx_at(people, integrator, "套餐")
    await visitor.say(f"{secret} 13800138123 怎么挂失")
    await log_of(visitor, answers(2))
    await visitor.request("GET", "/api/v1/kb/search", params={"q": secret, "center": "gd"})
    for fields in ([("phone", secret)], [("phone", secret * 400)]):
        await refused(visitor.ask("flow:fill_form", **form(visitor, *fields)))
    await refused(visitor.ask("flow:choose", **choice(visitor, secret * 20)))
    for trace in (secret, "13800138123", "%E7%B4%AB%E6%AA%80"):
        assert trace not in deployment.log
