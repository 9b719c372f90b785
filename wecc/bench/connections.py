"""`wecc bench connections`: what thousands of idle visitors cost one web process, and whether the others notice.

A few conversations write and type at an even pace, first among themselves, then with the idle ones connected.
Memory is the kernel's count of the web process before and after; the same number of idle connections to a bare
python-socketio relay is the floor. Idle clients answer pings as a browser does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from wecc.bench import scene
from wecc.bench.client import connect_all
from wecc.bench.command import add_json, run
from wecc.bench.installation import allow_connections, cpu_s, installation, memory, relay
from wecc.bench.latency import Latency, latency
from wecc.kernel.clock import SystemClock

TARGET_KIB = 45.0
"""Memory of one idle connection at most. Source: docs/BENCHMARKS.md."""

_PAIRS = 10
_AGENTS = 2
_PACE_S = 0.25
_DEADLINE_S = 20.0
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Talk:
    """What the active conversations met with: from sending to the ack, or to the other side's having it."""

    messages: int
    ack: Latency
    delivery: Latency
    typing: Latency


@dataclass(frozen=True, slots=True)
class Idle:
    """What the idle connections cost their process."""

    rss_kib_per_connection: float
    pss_kib_per_connection: float
    handshakes_per_cpu_s: float
    connect_s: float


@dataclass(frozen=True, slots=True)
class Result:
    connections: int
    target_kib_per_connection: float
    wecc: Idle
    relay: Idle
    web_rss_kib: int
    idle_cpu_percent: float
    """Of one core, with everybody connected and nobody talking."""
    before: Talk
    during: Talk


class _Ears:
    """Takes the notices of everybody who talks, and the time from their causes."""

    def __init__(self) -> None:
        self.pairs: list[scene.Pair] = []
        self._sent_s: dict[str, float] = {}
        self._typed_s: dict[tuple[str, str], float] = {}
        self._arrivals: dict[str, int] = {}
        self._ack_ms: list[float] = []
        self._delivery_ms: list[float] = []
        self._typing_ms: list[float] = []

    def hear(self, name: str, data: dict[str, Any]) -> None:
        now_s = _CLOCK.monotonic_s()
        if name == "conversation:event_appended" and data["event"]["client_id"] in self._sent_s:
            # One of the two arrivals is the writer's own echo; the later one makes the delivery complete.
            client_id = data["event"]["client_id"]
            self._arrivals[client_id] = self._arrivals.get(client_id, 0) + 1
            if self._arrivals[client_id] == 2:
                self._delivery_ms.append((now_s - self._sent_s[client_id]) * 1000)
        elif name == "conversation:typing_changed":
            began_s = self._typed_s.pop((data["conversation_id"], data["sender"]["kind"]), None)
            if began_s is not None:
                self._typing_ms.append((now_s - began_s) * 1000)

    async def talk(self, duration_s: float) -> Talk:
        """Let every side of every conversation type and write once each `_PACE_S`.

        Raises: RuntimeError when something did not arrive.
        """
        self._sent_s, self._typed_s, self._arrivals = {}, {}, {}
        self._ack_ms, self._delivery_ms, self._typing_ms = [], [], []
        until_s = _CLOCK.monotonic_s() + duration_s
        async with asyncio.TaskGroup() as group:
            for number, pair in enumerate(self.pairs):
                for kind, writer in (("visitor", pair.visitor), ("agent", pair.agent)):
                    offset_s = _PACE_S * (number + (kind == "agent") / 2) / len(self.pairs)
                    group.create_task(self._speak(kind, writer, offset_s, until_s))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DEADLINE_S):
                while len(self._delivery_ms) < len(self._sent_s) or self._typed_s:
                    await asyncio.sleep(0.01)
        if len(self._delivery_ms) < len(self._sent_s) or self._typed_s:
            raise RuntimeError(f"{len(self._delivery_ms)} of {len(self._sent_s)} messages arrived everywhere")
        return Talk(
            len(self._sent_s), latency(self._ack_ms), latency(self._delivery_ms), latency(self._typing_ms)
        )

    async def _speak(self, kind: str, writer: scene.Writer, offset_s: float, until_s: float) -> None:
        await asyncio.sleep(offset_s)
        while _CLOCK.monotonic_s() < until_s:
            self._typed_s.setdefault((writer.conversation_id, kind), _CLOCK.monotonic_s())
            writer.type()
            sent_s = _CLOCK.monotonic_s()

            def acked(_: dict[str, Any], sent_s: float = sent_s) -> None:
                self._ack_ms.append((_CLOCK.monotonic_s() - sent_s) * 1000)

            self._sent_s[writer.write(acked)] = sent_s
            await asyncio.sleep(_PACE_S)


@contextlib.asynccontextmanager
async def _everybody(
    port: int, pid: int, namespace: str, auths: Sequence[dict[str, Any] | None]
) -> AsyncIterator[Callable[[], Idle]]:
    """Many idle clients; yields a function that tells what they cost."""
    memory_before, cpu_before_s, began_s = memory(pid), cpu_s(pid), _CLOCK.monotonic_s()
    clients = await connect_all(port, namespace, auths)
    connect_s, connect_cpu_s = _CLOCK.monotonic_s() - began_s, cpu_s(pid) - cpu_before_s

    def cost() -> Idle:
        if lost := sum(client.is_lost for client in clients):
            raise RuntimeError(f"{lost} idle connections were lost")
        now, number = memory(pid), len(clients)
        return Idle(
            (now.rss_kib - memory_before.rss_kib) / number,
            (now.pss_kib - memory_before.pss_kib) / number,
            number / connect_cpu_s,
            connect_s,
        )

    try:
        yield cost
    finally:
        for client in clients:
            client.close()


async def measure(connections: int, talk_s: float) -> Result:
    """Talk, connect the idle ones, talk again; then the idle ones at the relay."""
    allow_connections(connections)
    ears = _Ears()
    async with installation(_AGENTS, -(-_PAIRS // _AGENTS), _PAIRS + connections) as center:
        web = center.pids["web"]
        async with scene.conversations(center, _PAIRS, ears.hear) as ears.pairs:
            await ears.talk(min(2.0, talk_s))  # warm; not counted
            before = await ears.talk(talk_s)
            auths = [{"token": token} for token in center.visitor_tokens[_PAIRS:]]
            async with _everybody(center.port, web, "/visitor", auths) as cost:
                during = await ears.talk(talk_s)
                cpu_before_s = cpu_s(web)
                await asyncio.sleep(talk_s)
                idle_cpu = (cpu_s(web) - cpu_before_s) / talk_s * 100
                ours, web_rss = cost(), memory(web).rss_kib
    async with relay() as (port, pid), _everybody(port, pid, "/", [None] * connections) as cost:
        await asyncio.sleep(1)
        floor = cost()
    return Result(connections, TARGET_KIB, ours, floor, web_rss, idle_cpu, before, during)


def report(result: Result) -> str:
    """The result for people."""

    def idle(name: str, i: Idle) -> str:
        return (
            f"  {name:6} {i.rss_kib_per_connection:9.1f} {i.pss_kib_per_connection:12.1f} "
            f"{i.handshakes_per_cpu_s:18.0f} {i.connect_s:11.1f}"
        )

    def talk(name: str, t: Talk) -> str:
        figures = (t.ack, t.delivery, t.typing)
        return f"  {name:8}" + "".join(f"{x.p50_ms:10.1f} {x.p99_ms:7.1f}" for x in figures)

    verdict = "met" if result.wecc.rss_kib_per_connection <= result.target_kib_per_connection else "MISSED"
    lines = [
        f"{result.connections} idle connections to one process",
        "",
        "         RSS KiB each  PSS KiB each  handshakes/CPU-s  connect s",
        idle("wecc", result.wecc),
        idle("relay", result.relay),
        "",
        f"  web process {result.web_rss_kib / 1024:.0f} MiB; {result.idle_cpu_percent:.1f} % of a core when idle",
        f"  target ≤ {result.target_kib_per_connection:g} KiB each: {verdict}",
        "",
        f"{_PAIRS} conversations, everybody writing each {_PACE_S:g} s ({result.during.messages} messages)",
        "",
        "  p50, p99 ms    ack         delivered          typing",
        talk("before", result.before),
        talk("during", result.during),
    ]
    return "\n".join(lines)


def add_parser(measurements: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = measurements.add_parser("connections", help="memory of idle connections, and what others notice")
    parser.add_argument("--connections", type=int, default=5000, help="idle visitors (default: 5000)")
    parser.add_argument(
        "--seconds", type=float, default=6, help="length of each stretch of talk (default: 6)"
    )
    add_json(parser)
    parser.set_defaults(run=_run, process="bench")


def _run(arguments: argparse.Namespace, _: object) -> None:
    run(arguments, measure(arguments.connections, arguments.seconds), report)
