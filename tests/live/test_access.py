"""Who may do what to which conversation: everything else does not exist for him. Source: reliability §2, RBAC."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.clients import Agent, Client, Refused, Visitor, client_id
from tests.deployment import Deployment
from tests.live.people import People
from wecc.contract import documents
from wecc.identity.seeding import NewCenter
from wecc.infra.protocol import REQUESTS, Audience
from wecc.kernel.actor import Role
from wecc.kernel.clock import SystemClock
from wecc.kernel.ids import CenterId, new_id
from wecc.routing.seeding import NewAgent, set_up_center
from wecc.security import Passwords
from wecc.settings import Settings

pytestmark = pytest.mark.usefixtures("quiet_log")

Payload = Callable[[str], dict[str, Any]]

BOTH: dict[str, Payload] = {
    "conversation:read_log": lambda i: {"conversation_id": i},
    "conversation:set_marks": lambda i: {"conversation_id": i, "read_seq": 1},
    "conversation:set_typing": lambda i: {"conversation_id": i, "is_typing": True},
    "conversation:send_message": lambda i: {"conversation_id": i, "client_id": client_id(), "text": "x"},
    "conversation:close": lambda i: {"conversation_id": i},
}
AGENTS: dict[str, Payload] = BOTH | {
    "conversation:open": lambda i: {"conversation_id": i},
    "conversation:add_note": lambda i: {"conversation_id": i, "client_id": client_id(), "text": "x"},
    "conversation:transfer": lambda i: {"conversation_id": i, "client_id": client_id(), "to_tier": "vip"},
    "routing:pick_work": lambda i: {"conversation_id": i},
    "routing:end_wrap_up": lambda i: {"conversation_id": i},
}
OFFERS: dict[str, Payload] = {
    "routing:accept_offer": lambda i: {"conversation_id": i, "version": 1},
    "routing:decline_offer": lambda i: {"conversation_id": i, "version": 1},
}


TIERS = ("vip", "group_key", "roaming", "group_member", "signed", "prepaid", "szx", "other")


async def refusal(client: Client, request: str, payload: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The error's code and data; what was asked for is not part of it."""
    with pytest.raises(Refused) as refused:
        await client.ask(request, **payload)
    data = refused.value.data
    return refused.value.code, {k: v for k, v in data.items() if v != payload.get("conversation_id")}


async def assert_hidden(
    client: Client, requests: dict[str, Payload], conversation_id: str, code: str
) -> None:
    """Every request answers for the conversation as it does for one that never was."""
    for request, payload in requests.items():
        real = await refusal(client, request, payload(conversation_id))
        for unknown in (new_id(), "a" * 64, "0"):
            assert real == await refusal(client, request, payload(unknown)), request
        assert real[0] == code, request


async def assert_no_transcript(client: Client, conversation_id: str) -> None:
    for path in (
        f"/api/v1/conversations/{i}/transcript" for i in (conversation_id, new_id(), "%00", "..%2f")
    ):
        with pytest.raises(Refused) as refused:
            await client.request("GET", path)
        assert refused.value.code == "request.not_found"


async def test_a_visitor_sees_only_his_own(people: People) -> None:
    owner, stranger = await people.visitor(text="秘密"), await people.visitor(text="别的")
    await owner.expect_event("queued")
    before = await owner.ask("visitor:resume")
    await assert_hidden(stranger, BOTH, owner.conversation_id, "request.not_found")
    await assert_no_transcript(stranger, owner.conversation_id)
    assert await owner.ask("visitor:resume") | {"conversation": 0} == before | {"conversation": 0}
    assert not any(n == "conversation:typing_changed" for n, _ in owner.notices)


async def test_an_agent_sees_only_the_tiers_he_serves(people: People) -> None:
    visitor = await people.visitor(text="秘密")  # unverified: tier `other`, which 1001 does not serve
    agent = await people.agent("1001")
    await agent.open_desk()
    await agent.be("paused", "meeting")
    await assert_hidden(agent, AGENTS, visitor.conversation_id, "request.not_found")
    await assert_hidden(agent, OFFERS, visitor.conversation_id, "routing.offer_gone")
    await assert_no_transcript(agent, visitor.conversation_id)
    found = await agent.ask("desk:list", scope="open", query="秘密")
    assert visitor.conversation_id not in [c["id"] for c in found["conversations"]]


@pytest.mark.usefixtures("database")
async def test_a_center_does_not_exist_for_another(deployment: Deployment, people: People) -> None:
    other, login, passwords = CenterId("hn"), f"s{new_id()[-8:]}", Passwords()
    groups = {"all": ("全部", "All", TIERS)}
    center = NewCenter(other, "北方通信", "Beifang", "您好", "Hello", "other", ("http://127.0.0.1:9",))
    administrator = NewAgent(login, "主管", Role.ADMINISTRATOR, ("all",), "a long password")
    await set_up_center(Settings(), SystemClock(), passwords, center, groups, [administrator])
    passwords.close()
    visitor = await people.visitor(text="秘密")
    native = await people.agent("1002")
    async with Agent(deployment) as foreigner:
        await foreigner.sign_in(login, "a long password", center_id=other)
        await assert_hidden(foreigner, AGENTS, visitor.conversation_id, "request.not_found")
        await assert_hidden(foreigner, OFFERS, visitor.conversation_id, "routing.offer_gone")
        await assert_no_transcript(foreigner, visitor.conversation_id)
        for scope in ("open", "waiting", "closed"):
            assert (await foreigner.ask("desk:list", scope=scope))["conversations"] == []
        agents = (await foreigner.request("GET", "/api/v1/agents"))["agents"]
        assert {a["login"] for a in agents} >= {login}
        assert "1002" not in {a["login"] for a in agents}
        for agent_id in (native.id, new_id()):
            with pytest.raises(Refused, match=r"request\.not_found"):
                await foreigner.request("PATCH", f"/api/v1/agents/{agent_id}", json={"is_disabled": True})
        with pytest.raises(Refused, match=r"sign_in\.refused"):
            await foreigner.sign_in(login, "a long password")


async def test_requests_of_the_other_side_do_not_exist(people: People) -> None:
    visitor, agent = await people.visitor(), await people.agent("2001")
    documents()  # imports every declaration
    for client, theirs in ((visitor, Audience.AGENT), (agent, Audience.VISITOR)):
        only_theirs = [r.name for r in REQUESTS.values() if r.audience == theirs]
        assert only_theirs
        for name in only_theirs:
            assert (await refusal(client, name, {}))[0] == "request.unknown", name


async def test_what_an_administrator_may_others_may_not(people: People) -> None:
    for login in ("1001", "2001"):
        agent = await people.agent(login)
        for method, path in (("GET", "/api/v1/agents"), ("PATCH", f"/api/v1/agents/{agent.id}")):
            with pytest.raises(Refused, match=r"request\.forbidden"):
                await agent.request(
                    method, path, json={"role": "administrator"} if method == "PATCH" else None
                )
    agent = await people.agent("1001")
    text = {"shortcut": "x", "title": "x", "text": "x", "locale": "en"}
    with pytest.raises(Refused, match=r"request\.forbidden"):
        await agent.request("POST", "/api/v1/canned-replies", json=text)


# ------------------------------------------------------------------ repeats and races


async def together(*asks: Any) -> list[Any]:
    """Results or refusals of requests sent at once."""

    async def outcome(ask: Any) -> Any:
        try:
            return await ask
        except Refused as refused:
            return refused

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(outcome(ask)) for ask in asks]
    return [task.result() for task in tasks]


async def log_of(visitor: Visitor) -> list[dict[str, Any]]:
    page = await visitor.ask("conversation:read_log", conversation_id=visitor.conversation_id)
    events: list[dict[str, Any]] = page["events"]
    return events


async def test_a_hundred_repeats_are_one_message(deployment: Deployment, people: People) -> None:
    visitor = await people.visitor(text="您好")
    async with Visitor(deployment) as second_tab:
        second_tab.token, second_tab.conversation_id = visitor.token, visitor.conversation_id
        await second_tab.connect({"token": visitor.token})
        key = client_id()
        tabs: Iterable[Visitor] = [visitor, second_tab] * 50
        answers = await together(*(tab.say("一次", key) for tab in tabs))
    assert len({(a["seq"], a["at_ms"]) for a in answers}) == 1
    assert [e["body"]["text"] for e in await log_of(visitor) if e["kind"] == "message"] == ["您好", "一次"]
    with pytest.raises(Refused) as refused:
        await visitor.say("另一句", key)
    assert refused.value.code == "conversation.client_id_conflict"
    assert not refused.value.is_retryable


async def test_repeated_starts_are_one_conversation(people: People) -> None:
    visitor = await people.visitor()
    key = client_id()
    start = {"client_id": key, "locale": "en", "text": "hello"}
    states = await together(*(visitor.ask("conversation:start", **start) for _ in range(20)))
    visitor.conversation_id = states[0]["conversation"]["id"]
    assert {s["conversation"]["id"] for s in states} == {visitor.conversation_id}
    assert [e["kind"] for e in await log_of(visitor) if e["kind"] in ("started", "message")] == [
        "started",
        "message",
    ]


async def test_differing_bodies_at_once_are_one_message(people: People) -> None:
    visitor = await people.visitor(text="您好")
    key = client_id()
    answers = await together(*(visitor.say(f"第{n}句", key) for n in range(20)))
    stored = [a for a in answers if not isinstance(a, Refused)]
    assert len(stored) == 1
    assert {a.code for a in answers if isinstance(a, Refused)} == {"conversation.client_id_conflict"}


async def test_an_offer_is_its_agents_alone(people: People) -> None:
    offered, other = await people.agent("1002", is_ready=True), await people.agent("1003")
    await other.open_desk()
    await other.be("paused", "meeting")
    visitor = await people.visitor(text="您好")
    offer = (await offered.expect("routing:offer_made"))["offer"]
    take = {"conversation_id": visitor.conversation_id, "version": offer["version"]}
    theirs, mine = await together(
        other.ask("routing:accept_offer", **take), offered.ask("routing:accept_offer", **take)
    )
    assert isinstance(theirs, Refused)
    assert theirs.code == "routing.offer_gone"
    assert mine["conversation"]["agent"]["id"] == offered.id


async def test_of_two_who_pick_one_wins(people: People) -> None:
    first, second = await people.agent("1002"), await people.agent("1003")
    for agent in (first, second):
        await agent.open_desk()
        await agent.be("paused", "meeting")
    visitor = await people.visitor(text="您好")
    pick = {"conversation_id": visitor.conversation_id}
    answers = await together(*(agent.ask("routing:pick_work", **pick) for agent in (first, second)))
    assert sorted(isinstance(a, Refused) for a in answers) == [False, True], answers
    joined = [e for e in await log_of(visitor) if e["kind"] == "joined"]
    winner = next(a for a in answers if not isinstance(a, Refused))["conversation"]["agent"]["id"]
    assert [e["body"]["agent"]["id"] for e in joined] == [winner]


async def test_a_message_says_by_itself_neither_who_nor_when(people: People) -> None:
    visitor = await people.visitor(text="您好")
    for forged in ({"sender": {"kind": "agent"}}, {"seq": 1}, {"at_ms": 0}, {"kind": "note"}):
        payload = {"conversation_id": visitor.conversation_id, "client_id": client_id(), "text": "x"} | forged
        assert (await refusal(visitor, "conversation:send_message", payload))[0] == "request.invalid"


# ------------------------------------------------------------------ other sites


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, "{ours}.evil.example", "{ours}4"])
async def test_other_sites_change_nothing(deployment: Deployment, people: People, origin: str | None) -> None:
    """Even with the browser's cookie: CSRF. Source: reliability 22, 23, 36."""
    agent = await people.agent("9001")
    changes = [
        ("POST", "/api/v1/visitors", {"center_id": "gd", "locale": "en"}),
        ("POST", "/api/v1/agent/session", {"center_id": "gd", "login": "9001", "password": "wecc-9001"}),
        ("DELETE", "/api/v1/agent/session", None),
        ("PATCH", f"/api/v1/agents/{agent.id}", {"is_unlocked": True}),
        ("POST", "/api/v1/attachments?name=a.txt", None),
        ("POST", "/api/v1/canned-replies", {"shortcut": "x", "title": "x", "text": "x", "locale": "en"}),
        ("PUT", "/api/v1/canned-replies/a", {"shortcut": "x", "title": "x", "text": "x", "locale": "en"}),
        ("DELETE", "/api/v1/canned-replies/a", None),
    ]
    del agent.http.headers["Origin"]
    headers = {} if origin is None else {"Origin": origin.format(ours=deployment.origin)}
    for method, path, body in changes:
        with pytest.raises(Refused) as refused:
            await agent.request(method, path, json=body, headers=headers)
        assert refused.value.code == "request.forbidden", path
    assert (await agent.request("GET", "/api/v1/agent/session"))["login"] == "9001"


async def test_no_other_site_may_read(deployment: Deployment, people: People) -> None:
    visitor = await people.visitor()
    for path in ("/api/v1/agent/session", "/embed.js", "/console", "/api/v1/centers/gd/face"):
        async with visitor.http.get(
            deployment.origin + path, headers={"Origin": "https://evil.example"}
        ) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
