"""Visitors and agents of one test, who leave the desk as they found it; and a conversation that must not notice."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from tests.clients import Agent, Refused, Visitor
from tests.deployment import Deployment

SLOWEST_S = 3.0
"""A bystander's message is there by then, on a busy test machine too."""


class People:
    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def visitor(self, *, text: str | None = None) -> Visitor:
        """A visitor who has arrived and, given a text, asked for a person."""
        visitor = await self._stack.enter_async_context(Visitor(self.deployment))
        self._stack.push_async_callback(_go, visitor)
        await visitor.arrive()
        if text is not None:
            await visitor.start(text)
        return visitor

    async def agent(self, login: str, *, is_ready: bool = False) -> Agent:
        agent = await self._stack.enter_async_context(Agent(self.deployment))
        self._stack.push_async_callback(_leave, agent)
        await agent.sign_in(login)
        if is_ready:
            await agent.open_desk()
            await agent.be("ready")
        return agent

    async def talk(self, login: str) -> tuple[Visitor, Agent]:
        """A visitor in conversation with that agent, who takes no more."""
        agent = await self.agent(login, is_ready=True)
        visitor = await self.visitor(text="您好")
        await agent.accept_next(visitor.conversation_id)
        await agent.be("paused", "meeting")
        return visitor, agent

    @contextlib.asynccontextmanager
    async def bystanders(self, login: str = "1002") -> AsyncIterator[None]:
        """Two people who talk all the while, and of whose messages each arrives, in time and in order."""
        visitor, agent = await self.talk(login)
        told_to_stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_chat(visitor, agent, told_to_stop), name="bystanders")
            try:
                yield
            finally:
                told_to_stop.set()
        await _exchange(visitor, agent, "done")


async def _chat(visitor: Visitor, agent: Agent, told_to_stop: asyncio.Event) -> None:
    said = 0
    while not told_to_stop.is_set():
        said += 1
        await _exchange(visitor, agent, str(said))
        await asyncio.sleep(0.1)  # below the rate at which people are asked to wait


async def _exchange(visitor: Visitor, agent: Agent, word: str) -> None:
    began_s = time.monotonic()
    ask, answer = f"question {word}", f"answer {word}"
    await visitor.say(ask)
    await agent.expect_event("message", lambda e: e["body"]["text"] == ask)
    await agent.say(visitor.conversation_id, answer)
    await visitor.expect_event("message", lambda e: e["body"]["text"] == answer)
    took_s = time.monotonic() - began_s
    assert took_s < SLOWEST_S, f"the bystanders waited {took_s:.1f} s"


async def _go(visitor: Visitor) -> None:
    if visitor.conversation_id:
        if not visitor.sio.connected:
            await visitor.connect({"token": visitor.token})
        await visitor.ask("conversation:close", conversation_id=visitor.conversation_id)


async def _leave(agent: Agent) -> None:
    if not agent.sio.connected:
        return
    for row in (await agent.open_desk())["conversations"]:
        if row["agent"] and row["agent"]["id"] == agent.id:
            if row["status"] == "active":
                await agent.ask("conversation:close", conversation_id=row["id"])
            with contextlib.suppress(Refused):
                await agent.ask("routing:end_wrap_up", conversation_id=row["id"])
    await agent.be("offline")
