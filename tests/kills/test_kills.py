"""Kill what runs, under load: nothing acknowledged is lost, nothing doubled, everybody catches up.

Source: reliability R1–R7; issue "From one command to a conversation", figures. `WECC_TEST_KILLS=200` makes the long run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import socketio.exceptions

from tests.clients import Agent, Client, Refused, Visitor, client_id
from tests.deployment import Deployment, postgres, running

KILLS = int(os.environ.get("WECC_TEST_KILLS", "3"))
PAIRS = 6
PATIENCE_S = 40.0

_BROKEN = (socketio.exceptions.SocketIOError, OSError, TimeoutError, asyncio.TimeoutError, ValueError)


class Reader:
    """A client's list as a face keeps it: notices in order, gaps and reconnects read from the cursor."""

    def __init__(self, client: Client, conversation_id: str) -> None:
        self.client = client
        self.conversation_id = conversation_id
        self.events: list[dict[str, Any]] = []

    @property
    def cursor(self) -> int:
        return int(self.events[-1]["seq"]) if self.events else 0

    async def catch_up(self) -> None:
        while True:
            page = await self.client.ask(
                "conversation:read_log", conversation_id=self.conversation_id, after_seq=self.cursor
            )
            self.take(page["events"])
            if self.cursor >= page["last_seq"]:
                return

    def take(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            if event["seq"] > self.cursor:
                assert event["prev"] == self.cursor, "a page has no gap"
                self.events.append(event)

    def hear(self) -> None:
        """Take the notices that came; leave a gap to the next reading."""
        for name, data in self.client.notices:
            if name == "conversation:event_appended" and data["conversation_id"] == self.conversation_id:
                event = data["event"]
                if event["seq"] > self.cursor and event["prev"] == self.cursor:
                    self.events.append(event)


async def insist(client: Visitor | Agent, reader: Reader, text: str, acked: dict[str, int]) -> None:
    """Send until acknowledged, reconnecting as often as it takes, always under the same client_id."""
    key = client_id()
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                if not client.sio.connected:
                    await reconnect(client, reader)
                done = await client.ask(
                    "conversation:send_message",
                    conversation_id=reader.conversation_id,
                    client_id=key,
                    text=text,
                )
            except Refused as error:
                if not error.is_retryable:
                    raise
                await asyncio.sleep(0.05)
            except _BROKEN:
                with contextlib.suppress(*_BROKEN):
                    await client.disconnect()
                await asyncio.sleep(0.1)
            else:
                acked[key] = done["seq"]
                return


async def reconnect(client: Visitor | Agent, reader: Reader) -> None:
    reader.hear()
    if isinstance(client, Visitor):
        await client.connect({"token": client.token})
        await client.ask("visitor:resume")
    else:
        await client.connect()
        await client.ask("desk:open")
        await client.ask("conversation:open", conversation_id=reader.conversation_id)
    await reader.catch_up()


@contextlib.asynccontextmanager
async def pairs(deployment: Deployment, count: int) -> AsyncIterator[list[tuple[Reader, Reader]]]:
    """Visitors in conversation with agents, five at most each."""
    logins = ["1002", "1003", "2001", "9001"]
    async with contextlib.AsyncExitStack() as stack:
        made = []
        for number in range(count):
            visitor = await stack.enter_async_context(Visitor(deployment))
            await (await visitor.arrive()).start(f"第 {number} 位")
            agent = await stack.enter_async_context(Agent(deployment))
            await agent.sign_in(logins[number % len(logins)])
            await agent.open_desk()
            await agent.be("ready")
            opened = await agent.accept_next(visitor.conversation_id)
            await agent.be("paused", "break")  # so that the next visitor is the next agent's
            agent_side, visitor_side = (
                Reader(agent, visitor.conversation_id),
                Reader(visitor, visitor.conversation_id),
            )
            agent_side.take(opened["log"]["events"])
            await visitor_side.catch_up()
            made.append((visitor_side, agent_side))
        yield made


async def talk_through_kills(deployment: Deployment, children: list[str]) -> None:
    acked: dict[str, int] = {}
    talking = asyncio.Event()
    talking.set()

    async with pairs(deployment, PAIRS) as conversations:

        async def talk(reader: Reader, name: str) -> None:
            number = 0
            client = reader.client
            assert isinstance(client, Visitor | Agent)
            while talking.is_set():
                await insist(client, reader, f"{name} {number}", acked)
                number += 1
                if isinstance(client, Agent) and number % 20 == 0:
                    with contextlib.suppress(Refused, *_BROKEN):
                        await client.ask("presence:beat")

        async def kill() -> None:
            chance = random.Random(7)
            for child in children:
                await asyncio.sleep(chance.uniform(0.05, 0.4))
                before = len(deployment.pids(child))
                killed = await asyncio.to_thread(deployment.kill, child)
                async with asyncio.timeout(PATIENCE_S):
                    while killed in (now := deployment.pids(child)) or len(now) < before:
                        await asyncio.sleep(0.05)
                # The next one once people are served again, or nothing would ever be said.
                await asyncio.to_thread(deployment.wait_until_ready)
            talking.clear()

        async with asyncio.TaskGroup() as group:
            for visitor_side, agent_side in conversations:
                group.create_task(talk(visitor_side, "visitor"))
                group.create_task(talk(agent_side, "agent"))
            group.create_task(kill())

        for visitor_side, agent_side in conversations:
            for reader in (visitor_side, agent_side):
                assert isinstance(reader.client, Visitor | Agent)
                if not reader.client.sio.connected:
                    await reconnect(reader.client, reader)
                reader.hear()
                await reader.catch_up()
                check(reader, acked)
            mine = [e for e in agent_side.events if e["kind"] not in ("note", "routed")]
            assert [e["seq"] for e in mine] == [e["seq"] for e in visitor_side.events], (
                "both sides show the same"
            )
        found = {e["client_id"]: e["seq"] for _, side in conversations for e in side.events}
        lost = {key: seq for key, seq in acked.items() if found.get(key) != seq}
        assert not lost, f"acknowledged and lost or moved: {lost}"
        assert len(acked) > len(children), "the load went on between the kills"


def check(reader: Reader, acked: dict[str, int]) -> None:
    messages = [e for e in reader.events if e["kind"] == "message"]
    keys = [e["client_id"] for e in messages]
    assert len(keys) == len(set(keys)), "doubled"
    for kind in ("visitor", "agent"):
        numbers = [int(t.rsplit(" ", 1)[1]) for t in texts(messages, kind)]
        assert numbers == sorted(numbers), "a sender's order is kept"
    assert all(acked.get(e["client_id"], e["seq"]) == e["seq"] for e in messages)


def texts(messages: list[dict[str, Any]], kind: str) -> list[str]:
    return [e["body"]["text"] for e in messages if e["body"]["text"].startswith(kind)]


@pytest.fixture(params=["sqlite", "postgres and two workers"])
def own_deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An installation of one's own, to be killed."""
    with contextlib.ExitStack() as stack:
        extra = {
            "WECC_LIMITS__HANDSHAKES_PER_ADDRESS_PER_S": "1000",
            "WECC_LIMITS__REQUESTS_PER_S": "1000",
            "WECC_ROUTING__GONE_AFTER_S": "120",
        }
        if request.param != "sqlite":
            extra["DATABASE_URL"] = stack.enter_context(postgres())
            extra["WECC_WEB__WORKERS"] = "2"
        yield stack.enter_context(running(tmp_path / "own", extra))


@pytest.mark.live
@pytest.mark.slow
async def test_kills_lose_and_double_nothing(own_deployment: Deployment) -> None:
    await talk_through_kills(own_deployment, ["web"] * KILLS + ["jobs", "valkey"])
