"""From a customer's asking to the offer on an agent's screen, with a whole center connected.

Customers ask by chance at an even pace; agents take what they are offered, talk for a while and close, so that
somebody is always idle. The floor: one message between the same people at the bare relay.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from wecc.bench import scene
from wecc.bench.client import Client, connect_all
from wecc.bench.installation import Installation, allow_connections, cpu_s, installation, relay
from wecc.bench.latency import Latency, latency
from wecc.infra.tasks import TaskOwner
from wecc.kernel.clock import SystemClock

_HANDLING_S = 20.0
_BUSY_SHARE = 0.5
_BEAT_EVERY_S = 5.0
_WARM = 10
_DEADLINE_S = 15.0
_TEXT = "您好，我想咨询一下本月账单的明细。"
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Offers:
    """`offered` is from sending the request to the offer's arrival. Its parts, to the millisecond: until the web
    process takes the request up, until routing has offered it, until the console has it."""

    agents: int
    visitors: int
    requests: int
    requests_per_s: float
    offered: Latency
    until_taken_up: Latency
    until_routed: Latency
    until_shown: Latency
    cpu_percent: dict[str, float]
    """Of one core, for each process."""
    floor: Latency


@dataclass(slots=True)
class _Request:
    sent_s: float
    sent_ms: int
    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class _Arrival:
    at_s: float
    at_ms: int
    started_ms: int
    offered_ms: int


@dataclass
class _Center:
    """Everybody connected: who asks, who answers, and when."""

    handling_s: float
    visitors: list[Client] = field(default_factory=list)
    consoles: list[Client] = field(default_factory=list)
    requests: list[_Request] = field(default_factory=list)
    arrivals: dict[str, _Arrival] = field(default_factory=dict)
    refused: str = ""
    _numbers: Iterator[int] = field(default_factory=count)

    async def open(self, center: Installation) -> None:
        for token in center.agent_tokens:
            console = self._console()
            await console.connect(center.port, headers={"Cookie": f"wecc_session={token}"})
            await console.ask("desk:open")
            await console.ask("presence:set", state="ready")
            self.consoles.append(console)
        auths = [{"token": token} for token in center.visitor_tokens]
        self.visitors = await connect_all(center.port, "/visitor", auths)

    def ask(self, visitor: Client) -> None:
        """Ask for a person."""
        request = _Request(_CLOCK.monotonic_s(), _CLOCK.now_ms())
        self.requests.append(request)

        def acked(ack: dict[str, Any]) -> None:
            if self._is_done(ack):
                request.conversation_id = ack["data"]["conversation"]["id"]

        key = f"start-{next(self._numbers):08}"
        asks = {"client_id": key, "locale": "zh-CN", "text": _TEXT, "wants_person": True}
        visitor.send("conversation:start", asks, acked)

    async def beat(self) -> None:
        """Every console says in its turn that it lives."""
        for console in self.consoles:
            console.send("presence:beat", {})
            await asyncio.sleep(_BEAT_EVERY_S / len(self.consoles))

    def close(self) -> None:
        for client in (*self.consoles, *self.visitors):
            client.close()

    def _console(self) -> Client:
        def hear(name: str, data: dict[str, Any]) -> None:
            # An offer may be told twice: by who made it, and from the outbox.
            if name == "routing:offer_made" and data["offer"]["conversation"]["id"] not in self.arrivals:
                self._arrived(client, data["offer"])

        client = Client("/agent", hear)
        return client

    def _arrived(self, console: Client, offer: dict[str, Any]) -> None:
        conversation = offer["conversation"]
        self.arrivals[conversation["id"]] = _Arrival(
            _CLOCK.monotonic_s(), _CLOCK.now_ms(), conversation["started_ms"], offer["offered_ms"]
        )
        place = {"conversation_id": conversation["id"]}

        def accepted(ack: dict[str, Any]) -> None:
            if self._is_done(ack):
                asyncio.get_running_loop().call_later(self.handling_s, close)

        def close() -> None:
            if not console.is_lost:
                console.send("conversation:close", place, closed)

        def closed(ack: dict[str, Any]) -> None:
            if self._is_done(ack):
                console.send("routing:end_wrap_up", place, self._is_done)

        console.send("routing:accept_offer", {**place, "version": offer["version"]}, accepted)

    def _is_done(self, ack: dict[str, Any]) -> bool:
        if not ack["ok"]:
            self.refused = ack["error"]["code"]
        return bool(ack["ok"])


@contextlib.asynccontextmanager
async def _opened(center: Installation, handling_s: float) -> AsyncIterator[_Center]:
    opened = _Center(handling_s)
    try:
        async with TaskOwner() as owner:
            owner.keep_alive(opened.beat, name="beats", pause_s=0.1)
            await opened.open(center)
            yield opened
    finally:
        opened.close()


async def measure_offers(agents: int, visitors: int, requests_per_s: float, seconds: float) -> Offers:
    """Connect everybody, let them ask, and time the offers.

    Raises: RuntimeError when a request was not offered to anybody, or a step was refused.
    """
    allow_connections(agents + visitors)
    handling_s = min(_HANDLING_S, _BUSY_SHARE * agents / requests_per_s)
    async with installation(agents, 1, visitors) as running, _opened(running, handling_s) as center:
        for visitor in center.visitors[:_WARM]:
            center.ask(visitor)
        await _all_offered(center)
        used_s = {name: -cpu_s(pid) for name, pid in running.pids.items()}
        began_s = _CLOCK.monotonic_s()
        await _at_pace(center.visitors[_WARM:], center.ask, requests_per_s, seconds)
        await _all_offered(center)
        wall_s = _CLOCK.monotonic_s() - began_s
        cpu_percent = {name: (used_s[name] + cpu_s(pid)) / wall_s * 100 for name, pid in running.pids.items()}
        asked = center.requests[_WARM:]
        pairs = [(request, center.arrivals[request.conversation_id]) for request in asked]
    return Offers(
        agents=agents,
        visitors=visitors,
        requests=len(pairs),
        requests_per_s=requests_per_s,
        offered=latency([(there.at_s - asked.sent_s) * 1000 for asked, there in pairs]),
        until_taken_up=latency([there.started_ms - asked.sent_ms for asked, there in pairs]),
        until_routed=latency([there.offered_ms - there.started_ms for _, there in pairs]),
        until_shown=latency([there.at_ms - there.offered_ms for _, there in pairs]),
        cpu_percent=cpu_percent,
        floor=await _floor(agents, visitors, requests_per_s, seconds),
    )


async def _all_offered(center: _Center) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DEADLINE_S):
            while not all(request.conversation_id in center.arrivals for request in center.requests):
                await asyncio.sleep(0.05)
    if center.refused:
        raise RuntimeError(f"a step was refused: {center.refused}")
    waiting = sum(request.conversation_id not in center.arrivals for request in center.requests)
    if waiting:
        raise RuntimeError(f"{waiting} of {len(center.requests)} requests were offered to nobody")


async def _at_pace(
    people: list[Client], ask: Callable[[Client], None], requests_per_s: float, seconds: float
) -> None:
    """One after the other asks, by chance; from the first again when all have."""
    chance = random.Random(3)
    due_s = _CLOCK.monotonic_s()
    until_s, asked = due_s + seconds, 0
    while due_s < until_s:
        await asyncio.sleep(due_s - _CLOCK.monotonic_s())
        ask(people[asked % len(people)])
        asked += 1
        due_s += chance.expovariate(requests_per_s)


async def _floor(agents: int, visitors: int, requests_per_s: float, seconds: float) -> Latency:
    """One message from each side to side at the relay; the later of its two arrivals."""
    sent_s: dict[str, float] = {}
    arrived: dict[str, int] = {}
    waits_ms: list[float] = []

    def hear(_: str, data: dict[str, Any]) -> None:
        key = data["client_id"]
        arrived[key] = arrived.get(key, 0) + 1
        if arrived[key] == 2:
            waits_ms.append((_CLOCK.monotonic_s() - sent_s[key]) * 1000)

    async with relay() as (port, _), scene.relayed(port, agents, visitors, hear) as pairs:
        writers = {pair.visitor.client: pair.visitor for pair in pairs}

        def write(visitor: Client) -> None:
            now_s = _CLOCK.monotonic_s()
            sent_s[writers[visitor].write(lambda _: None)] = now_s

        await _at_pace(list(writers), write, requests_per_s, seconds)
        async with asyncio.timeout(_DEADLINE_S):
            while len(waits_ms) < len(sent_s):
                await asyncio.sleep(0.05)
    return latency(waits_ms)
