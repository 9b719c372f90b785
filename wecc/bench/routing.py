"""`wecc bench routing`: decisions a second in the function library, transitions a second through one Python
process, and how soon an offer is on an agent's screen.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from wecc.bench.command import add_json, run
from wecc.bench.decisions import Calls, Decisions, measure_decisions
from wecc.bench.latency import Latency
from wecc.bench.offers import Offers, measure_offers
from wecc.bench.transitions import Pace, Transitions, measure_transitions

_FEW = 1_000
_PACE_PER_S = 1_000


@dataclass(frozen=True, slots=True)
class Targets:
    """Source: docs/BENCHMARKS.md."""

    decisions_per_cpu_s: float = 15_000
    slowdown: float = 1.3
    memory_mb_per_million: float = 250
    transitions_per_s: float = 3_000
    paced_p99_ms: float = 5
    offered_p99_ms: float = 50


@dataclass(frozen=True, slots=True)
class Result:
    """`slowdown` is Valkey's CPU time for a decision with many waiting over that with few; `floor_slowdown` that
    of the bare function, which pays for the machine's caches too."""

    targets: Targets
    slowdown: float
    floor_slowdown: float
    few: Decisions
    many: Decisions
    transitions: Transitions
    offers: Offers


async def measure(
    waiting: int, rounds: int, seconds: float, agents: int, visitors: int, requests_per_s: float
) -> Result:
    """The three measurements, one after the other."""
    few, many = await measure_decisions((min(_FEW, waiting), waiting), rounds)
    transitions = await measure_transitions(seconds / 4, _PACE_PER_S)
    offers = await measure_offers(agents, visitors, requests_per_s, seconds)
    slowdown = many.decide.cpu_us_per_call / few.decide.cpu_us_per_call
    floor_slowdown = many.floor_function.cpu_us_per_call / few.floor_function.cpu_us_per_call
    return Result(Targets(), slowdown, floor_slowdown, few, many, transitions, offers)


def report(result: Result) -> str:
    """The result for people."""
    targets, transitions, offers = result.targets, result.transitions, result.offers

    def at_least(figure: float, target: float) -> str:
        return f"target ≥ {target:,g}: {'met' if figure >= target else 'MISSED'}"

    def at_most(figure: float, target: float) -> str:
        return f"target ≤ {target:,g}: {'met' if figure <= target else 'MISSED'}"

    def calls(name: str, few: Calls, many: Calls) -> str:
        return f"  {name:16}" + "".join(
            f"{c.per_s:10,.0f} {c.per_cpu_s:10,.0f} {c.cpu_us_per_call:8.1f}" for c in (few, many)
        )

    def pace(name: str, p: Pace) -> str:
        return f"  {name:16}{p.calls_per_s:10,.0f}{p.at_pace.p50_ms:14.2f} {p.at_pace.p99_ms:8.2f}"

    def part(name: str, of_it: Latency) -> str:
        return f"  {name:16}{of_it.p50_ms:10.1f} {of_it.p99_ms:8.1f}"

    few, many = result.few, result.many
    decisions, memory = many.decide.per_cpu_s, many.memory_mb_per_million
    busy = ", ".join(f"{name} {percent:.0f} %" for name, percent in offers.cpu_percent.items())
    people = f"{offers.agents:,} agents and {offers.visitors:,} customers"
    p99_ms, offered_p99_ms = transitions.routing.at_pace.p99_ms, offers.offered.p99_ms
    return "\n".join(
        [
            "Decisions in the library, agents of three tiers",
            "",
            f"  waiting         {few.waiting:30,}{many.waiting:30,}",
            "                     calls/s   /CPU-s  CPU µs each   calls/s   /CPU-s  CPU µs each",
            calls("decide, offer", few.decide, many.decide),
            calls("accept", few.accept, many.accept),
            calls("ask", few.enqueue, many.enqueue),
            calls("bare SET", few.floor_set, many.floor_set),
            calls("bare function", few.floor_function, many.floor_function),
            "",
            f"  decisions for each CPU-second {decisions:,.0f}, {at_least(decisions, targets.decisions_per_cpu_s)}",
            f"  slower by {result.slowdown:.2f} (bare function {result.floor_slowdown:.2f}), "
            + at_most(result.slowdown, targets.slowdown),
            f"  MB a million {memory:.0f}, {at_most(memory, targets.memory_mb_per_million)}",
            "",
            "Through one Python process: ask, accept, finish",
            "",
            f"                       calls/s   p50, p99 ms at {transitions.paced_calls_per_s:,g} calls/s",
            pace("wecc", transitions.routing),
            pace("bare client", transitions.floor),
            "",
            f"  transitions/s {transitions.transitions_per_s:,.0f}, "
            + at_least(transitions.transitions_per_s, targets.transitions_per_s),
            f"  p99 ms {p99_ms:.2f}, {at_most(p99_ms, targets.paced_p99_ms)}",
            "",
            f"From asking to the agent's screen: {people} connected",
            f"{offers.requests} requests, {offers.requests_per_s:g} a second",
            "",
            "                           p50      p99 ms",
            part("asked to offered", offers.offered),
            part("  taken up", offers.until_taken_up),
            part("  routed", offers.until_routed),
            part("  shown", offers.until_shown),
            part("bare relay", offers.floor),
            "",
            f"  processes: {busy} of a core",
            f"  p99 ms {offered_p99_ms:.0f}, {at_most(offered_p99_ms, targets.offered_p99_ms)}",
        ]
    )


def add_parser(measurements: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = measurements.add_parser("routing", help="decisions, transitions, and how soon offers are shown")
    parser.add_argument("--waiting", type=int, default=1_000_000, help="in the queues (default: 1000000)")
    parser.add_argument("--rounds", type=int, default=40, help="of 300 decisions each (default: 40)")
    parser.add_argument("--seconds", type=float, default=60, help="of requests for the offers (default: 60)")
    parser.add_argument("--agents", type=int, default=300, help="connected (default: 300)")
    parser.add_argument("--visitors", type=int, default=3000, help="connected (default: 3000)")
    parser.add_argument("--requests-per-s", type=float, default=3, help="from visitors (default: 3)")
    add_json(parser)
    parser.set_defaults(run=_run, process="bench")


def _run(arguments: argparse.Namespace, _: object) -> None:
    a = arguments
    run(a, measure(a.waiting, a.rounds, a.seconds, a.agents, a.visitors, a.requests_per_s), report)
