"""Customers of several tiers help themselves, or are handed over, on a running installation. Source: 2.3, 2.4.3-04."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.clients import Refused, Visitor, client_id
from tests.live.integrator import Integrator
from tests.live.people import People

_READY_S = 40.0


@pytest.fixture(autouse=True)
async def index(people: People) -> None:
    """The knowledge base answers: right after the start its index may still be built."""
    somebody = await people.visitor()
    async with asyncio.timeout(_READY_S):
        while True:
            try:
                found = await somebody.request(
                    "GET", "/api/v1/kb/search", params={"q": "余额", "center": "gd"}
                )
            except Refused:
                found = {"results": []}
            if found["results"]:
                return
            await asyncio.sleep(0.2)


async def customer(people: People, integrator: Integrator, tier: str, **claims: Any) -> Visitor:
    visitor = await people.visitor()
    await visitor.ask("visitor:identify", token=integrator.sign(tiers=[tier], **claims))
    return visitor


def option(step: dict[str, Any], label: str) -> str:
    return next(str(o["id"]) for o in step["options"] if label in o["label"])


def kinds(state: dict[str, Any]) -> list[str]:
    return [event["kind"] for event in state["log"]["events"]]


async def test_a_shenzhouxing_customer_solves_his_question_without_a_person(
    people: People, integrator: Integrator
) -> None:
    """Source: 2.3-20, 2.3-22."""
    agent = await people.agent("1003", is_ready=True)
    visitor = await customer(people, integrator, "szx")
    entry = await visitor.request("GET", "/api/v1/flows/entry", params={"locale": "zh-CN"})
    assert entry["flow"].startswith("szx:")
    assert not entry["offers_person"]
    state = await visitor.begin(option=option(entry["step"], "转品牌"))
    assert state["conversation"]["status"] == "guided"
    assert kinds(state)[:3] == ["started", "assisted", "chosen"]
    step = await visitor.next_step(state["log"]["events"][2]["seq"])
    asked = await visitor.say("卡被人偷了，怎么先停掉")
    step = await visitor.next_step(asked["seq"])
    if "挂失" not in step["text"]:  # not sure enough to answer: among what it offers
        chosen = await visitor.choose(option(step, "挂失"))
        step = await visitor.next_step(chosen["seq"])
    assert "10086" in step["text"]
    assert step["question_id"]
    chosen = await visitor.choose("solved")
    step = await visitor.next_step(chosen["seq"])
    await visitor.choose("end")
    closed = await visitor.expect_event("closed")
    assert closed["body"]["cause"] == "solved"
    assert not [name for name, _ in agent.notices if name == "routing:offer_made"]


async def test_a_vip_who_writes_goes_straight_to_a_person_who_sees_the_way(
    people: People, integrator: Integrator
) -> None:
    """Source: 2.3-05, 2.3-08."""
    agent = await people.agent("1001", is_ready=True)
    visitor = await customer(people, integrator, "vip")
    await visitor.begin("我要出国，帮我看看漫游")
    opened = await agent.accept_next(visitor.conversation_id)
    [handed_over] = [e for e in opened["log"]["events"] if e["kind"] == "handed_over"]
    assert (handed_over["body"]["cause"], handed_over["body"]["flow"].split(":")[0]) == ("flow", "vip")
    seen = await visitor.ask("visitor:resume")
    assert "handed_over" not in kinds(seen)


async def test_the_account_manager_is_asked_for_by_choice(people: People, integrator: Integrator) -> None:
    """Source: 2.3-04, 2.3-06."""
    other = await people.agent("1003", is_ready=True)
    manager = await people.agent("1001", is_ready=True)
    visitor = await customer(people, integrator, "vip", account_manager="1001")
    await visitor.begin(option="person")
    await manager.accept_next(visitor.conversation_id)
    assert not [name for name, _ in other.notices if name == "routing:offer_made"]


async def test_a_wish_in_the_middle_is_honoured_at_once_with_all_that_was_said(
    people: People, integrator: Integrator
) -> None:
    """Source: 2.3-13, 2.3-14, 3.2.3-02."""
    agent = await people.agent("1002", is_ready=True)
    visitor = await customer(people, integrator, "group_member")
    state = await visitor.begin("家里宽带很慢怎么办")
    step = await visitor.next_step(state["log"]["events"][2]["seq"])
    assert step["articles"] or "宽带" in step["text"]
    await visitor.say("我要转人工")
    opened = await agent.accept_next(visitor.conversation_id)
    [event] = [e for e in opened["log"]["events"] if e["kind"] == "handed_over"]
    assert event["body"]["cause"] == "wish"
    assert event["body"]["marks"] == ["group"]
    [question] = event["body"]["questions"]
    assert question["text"] == "家里宽带很慢怎么办"
    assert question["articles"]
    assert question["outcome"] == "handed_over"


async def test_a_wish_while_an_answer_is_worked_out_is_not_lost(
    people: People, integrator: Integrator
) -> None:
    """Source: 3.2.3-02."""
    agent = await people.agent("1003", is_ready=True)
    visitor = await customer(people, integrator, "szx")
    await visitor.begin("PUK码忘了卡被锁了怎么办")
    await visitor.choose("person")
    opened = await agent.accept_next(visitor.conversation_id)
    [event] = [e for e in opened["log"]["events"] if e["kind"] == "handed_over"]
    assert event["body"]["cause"] == "wish"


async def test_words_in_the_moment_of_the_end_are_answered_or_refused(
    people: People, integrator: Integrator
) -> None:
    for _ in range(5):
        visitor = await customer(people, integrator, "szx")
        state = await visitor.begin("谢谢")
        await visitor.next_step(state["log"]["events"][2]["seq"])
        async with asyncio.TaskGroup() as group:
            group.create_task(visitor.choose("end"))
            said = group.create_task(_said(visitor, "等一下，怎么充值"))
        # It was over before: the page begins another conversation with it. Else it is answered.
        if said.result():
            assert "充值" in str(await visitor.next_step(said.result()))


async def _said(visitor: Visitor, words: str) -> int:
    """Its place in the log; 0 when the conversation was over."""
    try:
        return int((await visitor.say(words))["seq"])
    except Refused as refused:
        if refused.code != "conversation.closed":
            raise
        return 0


async def test_two_turns_in_vain_lead_to_a_person(people: People, integrator: Integrator) -> None:
    agent = await people.agent("1003", is_ready=True)
    visitor = await customer(people, integrator, "szx")
    state = await visitor.begin("紫微斗数和量子纠缠的关系是什么呢")
    step = await visitor.next_step(state["log"]["events"][2]["seq"])
    await visitor.say("冰岛火山岩玄武岩结晶过程的微观机理")
    opened = await agent.accept_next(visitor.conversation_id)
    [event] = [e for e in opened["log"]["events"] if e["kind"] == "handed_over"]
    assert event["body"]["cause"] == "unsolved"
    assert len(event["body"]["questions"]) == 2
    assert step["unsolved_turns"] == 1


async def test_a_form_is_checked_and_reaches_the_agent_as_a_message(
    people: People, integrator: Integrator
) -> None:
    """Source: 2.3-22."""
    agent = await people.agent("1003", is_ready=True)
    visitor = await customer(people, integrator, "szx")
    entry = await visitor.request("GET", "/api/v1/flows/entry", params={"locale": "zh-CN"})
    state = await visitor.begin(option=option(entry["step"], "转品牌"))
    step = await visitor.next_step(state["log"]["events"][2]["seq"])
    chosen = await visitor.choose(option(step, "填表"))
    step = await visitor.next_step(chosen["seq"])
    assert {field["name"] for field in step["fields"]} == {"plan", "phone", "reach"}
    fields = [{"name": "plan", "value": "日常 59 元"}, {"name": "phone", "value": "12"}]
    form = {"conversation_id": visitor.conversation_id, "client_id": client_id(), "fields": fields}
    with pytest.raises(Refused) as refused:
        await visitor.ask("flow:fill_form", **form)
    assert refused.value.code == "flow.form_invalid"
    fields[1]["value"] = "13800138000"
    await visitor.ask("flow:fill_form", **form)
    opened = await agent.accept_next(visitor.conversation_id)
    assert opened["conversation"]["is_message"] is False  # taken by now
    [event] = [e for e in opened["log"]["events"] if e["kind"] == "handed_over"]
    assert event["body"]["wish"] == "message"
    assert {f["label"]: f["value"] for f in event["body"]["fields"]}["转入套餐"] == "日常 59 元"


async def test_a_choice_that_is_not_offered_is_refused_and_repeats_are_one(
    people: People, integrator: Integrator
) -> None:
    visitor = await customer(people, integrator, "szx")
    await visitor.begin("怎么充值")
    with pytest.raises(Refused) as refused:
        await visitor.choose("no-such-option")
    assert refused.value.code == "flow.over"
    key = client_id()
    choice = {"conversation_id": visitor.conversation_id, "client_id": key, "option": "person"}
    first = await visitor.ask("flow:choose", **choice)
    assert await visitor.ask("flow:choose", **choice) == first


async def test_anothers_conversation_cannot_be_answered(people: People, integrator: Integrator) -> None:
    visitor = await customer(people, integrator, "szx", sub="c-own-01")
    stranger = await customer(people, integrator, "szx", sub="c-other-02")
    await visitor.begin("怎么充值")
    stranger.conversation_id = visitor.conversation_id
    with pytest.raises(Refused) as refused:
        await stranger.choose("person")
    assert refused.value.code == "request.not_found"
    stranger.conversation_id = ""
