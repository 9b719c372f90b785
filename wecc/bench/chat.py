"""`wecc bench chat`: persisted, acknowledged, delivered messages for each CPU-second of the web process, against
a bare python-socketio relay that stores nothing.

Both sides of every conversation write; each sends its next message when the last was acknowledged. A message
is delivered twice: to the other side and, as an echo, to the writer. Both systems do that, under the same
server with the same client; rounds alternate, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wecc.bench import scene
from wecc.bench.command import add_json, run
from wecc.bench.installation import cpu_s, installation, relay
from wecc.kernel.clock import SystemClock

TARGET_RATIO = 0.5
"""Of the relay's messages for each CPU-second. Source: docs/BENCHMARKS.md."""

_DELIVERIES = 2
_DRAIN_S = 20.0
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Round:
    """One system's stretch of load."""

    messages: int
    wall_s: float
    cpu_s: Mapping[str, float]
    ack_ms: Sequence[float]
    other_notices: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One system's rounds together."""

    messages: int
    messages_per_cpu_s: float
    messages_per_cpu_s_of_rounds: list[float]
    messages_per_s: float
    cpu_us_per_message: dict[str, float]
    other_notices_per_message: float
    ack_p50_ms: float
    ack_p99_ms: float


@dataclass(frozen=True, slots=True)
class Result:
    ratio: float
    target_ratio: float
    conversations: int
    agents: int
    rounds: int
    round_s: float
    deliveries_per_message: int
    wecc: Figures
    relay: Figures


@dataclass(slots=True)
class Side:
    """One of the two systems under load. `pids` are its processes; the first is the one measured."""

    pids: Mapping[str, int]
    delivery: str
    pairs: list[scene.Pair] = field(default_factory=list)
    _delivered: int = 0
    _acked: int = 0
    _sent: int = 0
    _other: int = 0
    _ack_ms: list[float] = field(default_factory=list)
    _refused: str = ""

    def hear(self, name: str, data: dict[str, Any]) -> None:
        if name == self.delivery and data.get("event", {}).get("kind", "message") == "message":
            self._delivered += 1
        else:
            self._other += 1

    async def round(self, duration_s: float) -> Round:
        """Let everybody write for a while; returns when all of it was acknowledged and delivered.

        Raises: RuntimeError when a message was refused, or did not arrive everywhere exactly once.
        """
        self._delivered = self._acked = self._sent = self._other = 0
        self._ack_ms = []
        before = self._cpu()
        began_s = _CLOCK.monotonic_s()
        for pair in self.pairs:
            for writer in (pair.visitor, pair.agent):
                self._write(writer, began_s + duration_s)
        await asyncio.sleep(duration_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                while self._acked < self._sent or self._delivered < self._sent * _DELIVERIES:
                    await asyncio.sleep(0.005)
        wall_s = _CLOCK.monotonic_s() - began_s
        after = self._cpu()
        if self._refused:
            raise RuntimeError(f"a message was refused: {self._refused}")
        if (self._acked, self._delivered) != (self._sent, self._sent * _DELIVERIES):
            raise RuntimeError(
                f"{self._sent} sent, {self._acked} acknowledged, {self._delivered} deliveries: "
                f"{_DELIVERIES} for each were expected"
            )
        used = {name: after[name] - before[name] for name in before}
        return Round(self._acked, wall_s, used, self._ack_ms, self._other)

    def _write(self, writer: scene.Writer, until_s: float) -> None:
        sent_s = _CLOCK.monotonic_s()

        def acked(ack: dict[str, Any]) -> None:
            now_s = _CLOCK.monotonic_s()
            self._acked += 1
            self._ack_ms.append((now_s - sent_s) * 1000)
            if not ack["ok"]:
                self._refused = ack["error"]["code"]
            elif now_s < until_s:
                self._write(writer, until_s)

        self._sent += 1
        writer.write(acked)

    def _cpu(self) -> dict[str, float]:
        return {name: cpu_s(pid) for name, pid in self.pids.items()} | {"generator": cpu_s(os.getpid())}


async def measure(agents: int, conversations: int, rounds: int, round_s: float) -> Result:
    """Run both systems, alternate their rounds, compare."""
    capacity = -(-conversations // agents)
    async with contextlib.AsyncExitStack() as stack:
        center = await stack.enter_async_context(installation(agents, capacity, conversations))
        port, relay_pid = await stack.enter_async_context(relay())
        ours = Side(
            {name: center.pids[name] for name in ("web", "jobs", "valkey")}, "conversation:event_appended"
        )
        bare = Side({"relay": relay_pid}, "message")
        ours.pairs = await stack.enter_async_context(scene.conversations(center, conversations, ours.hear))
        bare.pairs = await stack.enter_async_context(scene.relayed(port, agents, conversations, bare.hear))
        for side in (ours, bare):
            await side.round(min(1.0, round_s))  # warm caches and statements; not counted
        of_ours, of_bare = [], []
        for _ in range(rounds):
            of_ours.append(await ours.round(round_s))
            of_bare.append(await bare.round(round_s))
    wecc, floor = _figures(of_ours), _figures(of_bare)
    ratio = wecc.messages_per_cpu_s / floor.messages_per_cpu_s
    return Result(ratio, TARGET_RATIO, conversations, agents, rounds, round_s, _DELIVERIES, wecc, floor)


def _figures(rounds: Sequence[Round]) -> Figures:
    messages = sum(r.messages for r in rounds)
    measured = next(iter(rounds[0].cpu_s))
    total = {name: sum(r.cpu_s[name] for r in rounds) for name in rounds[0].cpu_s}
    waits = statistics.quantiles((w for r in rounds for w in r.ack_ms), n=100)
    return Figures(
        messages=messages,
        messages_per_cpu_s=messages / total[measured],
        messages_per_cpu_s_of_rounds=[r.messages / r.cpu_s[measured] for r in rounds],
        messages_per_s=messages / sum(r.wall_s for r in rounds),
        cpu_us_per_message={name: s / messages * 1e6 for name, s in total.items()},
        other_notices_per_message=sum(r.other_notices for r in rounds) / messages,
        ack_p50_ms=waits[49],
        ack_p99_ms=waits[98],
    )


def report(result: Result) -> str:
    """The result for people."""

    def row(name: str, f: Figures) -> str:
        each = " ".join(f"{value:.0f}" for value in f.messages_per_cpu_s_of_rounds)
        rates = f"{f.messages_per_cpu_s:9.0f} {f.messages_per_s:11.0f}"
        return f"  {name:6} {rates} {f.ack_p50_ms:8.1f} {f.ack_p99_ms:8.1f}      {each}"

    def share(f: Figures) -> str:
        return ", ".join(f"{name} {us:.0f}" for name, us in f.cpu_us_per_message.items())

    verdict = "met" if result.ratio >= result.target_ratio else "MISSED"
    people = f"{result.conversations} conversations of {result.agents} agents"
    lines = [
        f"{people}, {result.deliveries_per_message} deliveries of each message",
        f"{result.rounds} rounds of {result.round_s:g} s of each system, in turn",
        "",
        "         msg/CPU-s  msg/s (wall)  ack p50  ack p99 ms  rounds, msg/CPU-s",
        row("wecc", result.wecc),
        row("relay", result.relay),
        "",
        f"  CPU µs of a message: {share(result.wecc)}; {share(result.relay)}",
        f"  wecc sent {result.wecc.other_notices_per_message:.2f} other notices for each message (list rows)",
        f"  ratio {result.ratio:.2f}, target ≥ {result.target_ratio:g}: {verdict}",
    ]
    return "\n".join(lines)


def add_parser(measurements: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = measurements.add_parser("chat", help="messages for each CPU-second, against a bare relay")
    parser.add_argument("--seconds", type=float, default=4, help="length of a round (default: 4)")
    parser.add_argument("--rounds", type=int, default=4, help="rounds of each system (default: 4)")
    parser.add_argument("--conversations", type=int, default=50, help="at the same time (default: 50)")
    parser.add_argument("--agents", type=int, default=10, help="who share them (default: 10)")
    add_json(parser)
    parser.set_defaults(run=_run, process="bench")


def _run(arguments: argparse.Namespace, _: object) -> None:
    run(
        arguments,
        measure(arguments.agents, arguments.conversations, arguments.rounds, arguments.seconds),
        report,
    )
