"""Who takes part in a measurement: visitors and agents in conversations, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from wecc.bench.client import Client, OnNotice
from wecc.bench.installation import Installation
from wecc.infra.tasks import TaskOwner

SEND = "conversation:send_message"
TYPE = "conversation:set_typing"
_DEADLINE_S = 60.0
_BEAT_EVERY_S = 5.0
_TEXT = (
    "您好，我想咨询一下本月账单的明细，谢谢。 "
    "Hello, I have a question about the details on this bill, if you have a moment. Thanks!"
)
"""About 150 bytes, as a chat message is."""

_numbers = count(10_000_000)


@dataclass(frozen=True, slots=True)
class Writer:
    """One side of one conversation, able to write."""

    client: Client
    conversation_id: str
    event: str

    def write(self, acked: Callable[[dict[str, Any]], None]) -> str:
        """Send one message; its client id."""
        client_id = f"bench-{next(_numbers)}"
        payload = {"conversation_id": self.conversation_id, "client_id": client_id, "text": _TEXT}
        self.client.send(self.event, payload, acked)
        return client_id

    def type(self) -> None:
        """Tell that one is typing."""
        self.client.send(TYPE, {"conversation_id": self.conversation_id, "is_typing": True})


@dataclass(frozen=True, slots=True)
class Pair:
    """The two sides of a conversation."""

    visitor: Writer
    agent: Writer


@contextlib.asynccontextmanager
async def conversations(center: Installation, number: int, on_notice: OnNotice) -> AsyncIterator[list[Pair]]:
    """The first `number` visitors in conversation with the agents, each visitor's page and each agent's console
    connected once; consoles have their lists open, as real ones do."""
    agents: list[Client] = []
    accepted: dict[str, Client] = {}
    everybody = asyncio.Event()

    def console() -> Client:
        def hear(name: str, data: dict[str, Any]) -> None:
            if name == "routing:offer_made":
                accept(data["offer"])
            elif name == "session:resync_needed":
                client.send("desk:open", {}, look)
            else:
                on_notice(name, data)

        def look(ack: dict[str, Any]) -> None:
            for offer in ack["data"]["offers"] if ack["ok"] else ():
                accept(offer)

        def accept(offer: dict[str, Any]) -> None:
            conversation_id = offer["conversation"]["id"]
            payload = {"conversation_id": conversation_id, "version": offer["version"]}

            def answered(ack: dict[str, Any]) -> None:
                if ack["ok"]:
                    accepted[conversation_id] = client
                    if len(accepted) == number:
                        everybody.set()
                elif ack["error"]["retryable"]:
                    accept(offer)

            client.send("routing:accept_offer", payload, answered)

        client = Client("/agent", hear)
        return client

    async def beat() -> None:
        for agent in agents:
            agent.send("presence:beat", {})
            if not everybody.is_set():
                # The rebuild of routing at a start may forget who became ready meanwhile.
                agent.send("presence:set", {"state": "ready"})
        await asyncio.sleep(_BEAT_EVERY_S)

    visitors: dict[str, Client] = {}
    try:
        async with TaskOwner() as owner:
            for token in center.agent_tokens:
                agents.append(agent := console())
                await agent.connect(center.port, headers={"Cookie": f"wecc_session={token}"})
                await agent.ask("desk:open")
                await agent.ask("presence:set", state="ready")
            owner.keep_alive(beat, name="beats", pause_s=0)
            for token in center.visitor_tokens[:number]:
                visitor = Client("/visitor", on_notice)
                await visitor.connect(center.port, {"token": token})
                key = f"start-{next(_numbers)}"
                state = await visitor.ask(
                    "conversation:start", client_id=key, locale="zh-CN", text=_TEXT, wants_person=True
                )
                visitors[state["conversation"]["id"]] = visitor
            try:
                async with asyncio.timeout(_DEADLINE_S):
                    await everybody.wait()
            except TimeoutError as error:
                raise RuntimeError(f"only {len(accepted)} of {number} requests were accepted") from error
            yield [
                Pair(Writer(visitor, cid, SEND), Writer(accepted[cid], cid, SEND))
                for cid, visitor in visitors.items()
            ]
    finally:
        for client in (*agents, *visitors.values()):
            client.close()


@contextlib.asynccontextmanager
async def relayed(port: int, agents: int, number: int, on_notice: OnNotice) -> AsyncIterator[list[Pair]]:
    """The same people, joined in the same way, at the bare relay."""
    consoles = [Client("/", on_notice) for _ in range(agents)]
    visitors = [Client("/", on_notice) for _ in range(number)]
    for client in (*consoles, *visitors):
        await client.connect(port)
    pairs = []
    for at, visitor in enumerate(visitors):
        agent, room = consoles[at % agents], f"room-{at:032d}"
        await visitor.ask("join", room=room)
        await agent.ask("join", room=room)
        pairs.append(Pair(Writer(visitor, room, "message"), Writer(agent, room, "message")))
    try:
        yield pairs
    finally:
        for client in (*consoles, *visitors):
            client.close()
