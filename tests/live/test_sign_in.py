"""Signing in, being locked out, and losing a session. Source: 3.4.1-03 … 05; reliability 28, 34–36."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import socketio.exceptions

from tests.clients import Agent, Refused
from tests.deployment import Deployment
from tests.live.people import People
from wecc.identity.seeding import add_agent
from wecc.kernel.actor import Role
from wecc.kernel.ids import CenterId, new_id
from wecc.security import Passwords

pytestmark = pytest.mark.usefixtures("quiet_log")

PASSWORD = "correct horse"
SESSION = "/api/v1/agent/session"
DROPPED_WITHIN_S = 3.5
"""Two seconds, and what a busy test machine adds."""


@pytest.fixture
async def login(database: None) -> AsyncIterator[str]:
    """An agent of this test alone."""
    passwords = Passwords()
    login = f"agent{new_id()[-8:]}"
    await add_agent(CenterId("gd"), login, "测试", Role.AGENT, PASSWORD, passwords)
    yield login
    passwords.close()


async def attempt(
    deployment: Deployment, login: str, password: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, problem or session, and the cookie given, if any."""
    body = {"center_id": "gd", "login": login, "password": password}
    async with (
        aiohttp.ClientSession(headers={"Origin": deployment.origin}) as http,
        http.post(deployment.origin + SESSION, json=body) as response,
    ):
        return response.status, await response.json(), {k: m.value for k, m in response.cookies.items()}


async def statuses(deployment: Deployment, *attempts: tuple[str, str]) -> list[int]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(attempt(deployment, *a)) for a in attempts]
    return sorted(task.result()[0] for task in tasks)


async def administrator_sets(people: People, login: str, **change: Any) -> None:
    admin = await people.agent("9001")
    agents = (await admin.request("GET", "/api/v1/agents"))["agents"]
    agent_id = next(a["agent"]["id"] for a in agents if a["login"] == login)
    await admin.request("PATCH", f"/api/v1/agents/{agent_id}", json=change)


async def test_three_wrong_passwords_at_once_lock(deployment: Deployment, people: People, login: str) -> None:
    assert set(await statuses(deployment, *[(login, f"wrong {n}") for n in range(3)])) <= {401, 423}
    assert await statuses(deployment, *[(login, PASSWORD)] * 3) == [423, 423, 423]
    status, problem, cookies = await attempt(deployment, login, PASSWORD)
    assert (status, problem["code"], cookies) == (423, "sign_in.locked", {})
    assert 0 < problem["data"]["retry_after_s"] <= 900
    await administrator_sets(people, login, is_unlocked=True)
    assert (await attempt(deployment, login, PASSWORD))[0] == 200


async def test_a_flood_of_guesses_gets_three(deployment: Deployment, login: str) -> None:
    """However many at once: the right one among them is not found after the third."""
    guesses = [(login, f"guess {n}") for n in range(3)] + [(login, PASSWORD)] * 3
    assert (await statuses(deployment, *guesses[:3])).count(200) == 0
    assert 200 not in await statuses(deployment, *guesses)


async def test_every_spelling_of_a_login_shares_one_count(deployment: Deployment, login: str) -> None:
    wide = "".join(chr(ord(ch) + 0xFEE0) for ch in login)
    spellings = [login.upper(), f" {login}\u3000", wide, f"{login[:3]}\u200b{login[3:]}", f"{login}\u0000"]
    found = [(await attempt(deployment, spelling, "wrong"))[0] for spelling in spellings]
    assert found == [401, 401, 423, 423, 423]
    assert (await attempt(deployment, login, PASSWORD))[0] == 423


async def test_right_passwords_do_not_lock(deployment: Deployment, login: str) -> None:
    for password in ("wrong", "wrong", PASSWORD, "wrong", "wrong", PASSWORD):
        status = (await attempt(deployment, login, password))[0]
        assert status == (200 if password == PASSWORD else 401)


async def test_an_unknown_login_is_answered_the_same(deployment: Deployment, login: str) -> None:
    def shown(
        answer: tuple[int, dict[str, Any], dict[str, str]],
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        status, problem, cookies = answer
        problem["data"] = sorted(problem["data"])
        return status, problem, cookies

    nobody = f"nobody{new_id()[-8:]}"
    for _ in range(4):
        known, unknown = [shown(await attempt(deployment, who, "wrong")) for who in (login, nobody)]
        assert known == unknown


@pytest.mark.parametrize(
    ("password", "status"), [("x" * 1_000_000, 413), ("x" * 257, 422), ("", 422), ({"$ne": ""}, 422), (None, 422), ("\ud800", 422)]
)  # fmt: skip
async def test_odd_passwords_are_refused_unread(
    deployment: Deployment, login: str, password: Any, status: int
) -> None:
    for _ in range(3):
        assert (await attempt(deployment, login, password))[0] == status
    assert (await attempt(deployment, login, PASSWORD))[0] == 200, "they count for nothing"


async def test_a_disabled_account_is_as_good_as_none(
    deployment: Deployment, people: People, login: str
) -> None:
    await administrator_sets(people, login, is_disabled=True)
    status, problem, _ = await attempt(deployment, login, PASSWORD)
    assert (status, problem["code"]) == (401, "sign_in.refused")


# ------------------------------------------------------------------ sessions


async def test_signing_in_makes_a_new_session_and_ends_the_old(deployment: Deployment, login: str) -> None:
    """Also when somebody planted one: fixation."""
    body = {"center_id": "gd", "login": login, "password": PASSWORD}
    origin = {"Origin": deployment.origin}
    async with aiohttp.ClientSession(
        deployment.origin, cookie_jar=aiohttp.DummyCookieJar(), headers=origin
    ) as http:
        seen = ["planted"]
        for _ in range(2):
            cookie = {"Cookie": f"wecc_session={seen[-1]}"}
            async with http.post(SESSION, json=body, headers=cookie) as response:
                assert response.status == 200
                morsel = response.cookies["wecc_session"]
            assert (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"]) == (
                True,
                "Strict",
                "/",
                "",
            )
            seen.append(morsel.value)
        assert len(set(seen)) == 3
        for token, status in zip(seen, (401, 401, 200), strict=True):
            async with http.get(SESSION, headers={"Cookie": f"wecc_session={token}"}) as response:
                assert response.status == status


async def is_dropped(agent: Agent) -> None:
    """The socket closes in time, and nothing it or its cookie asks for is answered afterwards."""
    began_s = time.monotonic()
    ended = await agent.expect("session:ended")
    assert ended["cause"]
    async with asyncio.timeout(DROPPED_WITHIN_S):
        await agent.sio.wait()
    assert time.monotonic() - began_s < DROPPED_WITHIN_S
    with pytest.raises(Refused, match=r"session\.required"):
        await agent.request("GET", "/api/v1/canned-replies")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await agent.connect()


@pytest.mark.parametrize("change", [{"is_disabled": True}, {"role": "supervisor"}])
async def test_a_changed_account_loses_its_sockets(
    people: People, login: str, change: dict[str, Any], deployment: Deployment
) -> None:
    async with Agent(deployment) as agent:
        await agent.sign_in(login, PASSWORD)
        await agent.open_desk()
        await administrator_sets(people, login, **change)
        await is_dropped(agent)


async def test_signing_out_ends_every_socket_of_the_session(deployment: Deployment, login: str) -> None:
    async with Agent(deployment) as agent, Agent(deployment) as elsewhere:
        await agent.sign_in(login, PASSWORD)
        await elsewhere.sign_in(login, PASSWORD)
        cookies = {c.key: c.value for c in agent.http.cookie_jar}
        await agent.request("DELETE", SESSION)
        agent.http.cookie_jar.update_cookies(cookies)  # replayed
        await is_dropped(agent)
        assert (await elsewhere.request("GET", SESSION))["login"] == login, "his other sign-in stays"


@pytest.mark.parametrize("auth", [None, {}, {"token": ""}, {"token": "x" * 5000}, {"token": {"$ne": 1}}, {"token": None},
                                  ["token"], "token", {"token": "x", "center_id": "gd\u0000"}])  # fmt: skip
async def test_nobody_connects_without_a_token(people: People, auth: Any) -> None:
    visitor = await people.visitor()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await visitor.connect(auth)


@pytest.mark.parametrize("cookie", ["", "x", "x" * 4000, 'a,b;c="', "\x7f%00", "'; DROP TABLE agent; --"])
async def test_nobody_connects_with_anothers_cookie(deployment: Deployment, cookie: str) -> None:
    async with Agent(deployment) as agent:
        with pytest.raises(socketio.exceptions.ConnectionError):
            await agent.connect(headers={"Cookie": f"wecc_session={cookie}"})


async def test_an_administrator_does_not_lock_himself_out(people: People) -> None:
    admin = await people.agent("9001")
    for change in ({"is_disabled": True}, {"role": "agent"}):
        with pytest.raises(Refused, match=r"request\.forbidden"):
            await admin.request("PATCH", f"/api/v1/agents/{admin.id}", json=change)
