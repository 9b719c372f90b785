"""Routing through one Python process, as a web worker uses it: ask, accept, finish, by its typed face and one
pool of connections. The floor, in turn with it: the bare client calling a function that does nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from wecc.bench.decisions import CENTER, TIERS, open_center, sign_on
from wecc.bench.latency import Latency, latency
from wecc.kernel.clock import SystemClock
from wecc.kernel.ids import WorkId, new_id
from wecc.routing import Routing, WorkItem, WorkRequest, WorkState

_AGENTS = 300
_LANES = 16
_ROUNDS = 8
_CALLS_OF_A_REQUEST = 3
_TRANSITIONS_OF_A_REQUEST = 4
_CLOCK = SystemClock()

_NOTHING = """#!lua name=bench_nothing
redis.register_function('bench_nothing', function() return 'OK' end)
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """What one side managed: calls a second when saturated, waits at the set pace."""

    calls_per_s: float
    at_pace: Latency


@dataclass(frozen=True, slots=True)
class Transitions:
    """A request's life is three calls and four transitions: queued, offered, assigned, closed."""

    transitions_per_s: float
    paced_calls_per_s: float
    routing: Pace
    floor: Pace


@dataclass(slots=True)
class _Waits:
    """Takes the time of calls."""

    ms: list[float] = field(default_factory=list)
    wall_s: float = 0.0

    async def time(self, call: Awaitable[WorkItem | None], since_s: float | None = None) -> WorkItem | None:
        began_s = _CLOCK.monotonic_s() if since_s is None else since_s
        done = await call
        self.ms.append((_CLOCK.monotonic_s() - began_s) * 1000)
        return done


Life = Callable[[_Waits, float | None], Coroutine[Any, Any, None]]
"""One request from beginning to end, three calls; the first was due at that moment."""


async def measure_transitions(seconds: float, calls_per_s: float) -> Transitions:
    """Saturate, then keep an even pace, `seconds` of each in all. Raises: RuntimeError when nobody was offered."""
    round_s = seconds / _ROUNDS
    async with open_center() as (redis, _):
        routing = Routing(redis)
        await redis.function_load(_NOTHING, replace=True)
        await sign_on(routing, _AGENTS)
        lives = (_life(routing), _nothing(redis))
        saturated, paced = [_Waits(), _Waits()], [_Waits(), _Waits()]
        for life in lives:
            await _saturate(life, round_s, _Waits())  # warm; not counted
        for _ in range(_ROUNDS):
            for life, waits in zip(lives, saturated, strict=True):
                await _saturate(life, round_s, waits)
            for life, waits in zip(lives, paced, strict=True):
                await _keep_pace(life, round_s, calls_per_s, waits)
    ours, bare = (
        Pace(len(fast.ms) / fast.wall_s, latency(even.ms))
        for fast, even in zip(saturated, paced, strict=True)
    )
    transitions_per_s = ours.calls_per_s / _CALLS_OF_A_REQUEST * _TRANSITIONS_OF_A_REQUEST
    return Transitions(transitions_per_s, calls_per_s, ours, bare)


def _life(routing: Routing) -> Life:
    chance = random.Random(1)

    async def life(waits: _Waits, due_s: float | None) -> None:
        work_id = WorkId(new_id())
        request = WorkRequest(work_id=work_id, tier=chance.choice(TIERS))
        work = await waits.time(routing.enqueue(CENTER, request), due_s)
        if work is None or work.state is not WorkState.OFFERED or work.agent_id is None:
            raise RuntimeError("agents were idle, and nobody was offered the request")
        await waits.time(routing.accept(CENTER, work_id, work.agent_id, work.version))
        await waits.time(routing.finish(CENTER, work_id, work.agent_id))

    return life


def _nothing(redis: Redis) -> Life:
    async def call() -> None:
        await redis.fcall("bench_nothing", 1, "bench:key", "", b"{}")

    async def life(waits: _Waits, due_s: float | None) -> None:
        await waits.time(call(), due_s)
        for _ in range(_CALLS_OF_A_REQUEST - 1):
            await waits.time(call())

    return life


async def _saturate(life: Life, seconds: float, waits: _Waits) -> None:
    """Lanes that never pause."""
    began_s = _CLOCK.monotonic_s()

    async def lane() -> None:
        while _CLOCK.monotonic_s() - began_s < seconds:
            await life(waits, None)

    async with asyncio.TaskGroup() as group:
        for _ in range(_LANES):
            group.create_task(lane())
    waits.wall_s += _CLOCK.monotonic_s() - began_s


async def _keep_pace(life: Life, seconds: float, calls_per_s: float, waits: _Waits) -> None:
    """Requests come by chance at this pace, whether those before are done or not."""
    chance = random.Random(2)
    due_s = _CLOCK.monotonic_s()
    until_s = due_s + seconds
    async with asyncio.TaskGroup() as group:
        while due_s < until_s:
            await asyncio.sleep(due_s - _CLOCK.monotonic_s())
            group.create_task(life(waits, due_s))
            due_s += chance.expovariate(calls_per_s / _CALLS_OF_A_REQUEST)
