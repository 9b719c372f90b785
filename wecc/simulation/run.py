"""One run: requests, agents and time, with the routing left to the function library."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from redis.exceptions import ResponseError

from wecc.kernel.ids import CenterId
from wecc.routing import (
    AgentPresence,
    AgentState,
    Channel,
    FunctionCall,
    RoutingConfig,
    events_of,
    function_call,
)
from wecc.routing.config import (
    DEFAULT_CHANNELS,
    Served,
    served_tiers,
)
from wecc.simulation.traffic import Request

START_MS: Final = 1_700_000_000_000
_STEP_SWEEP_MS: Final = 1_000
"""As in a center: whom a wait lets in is found by the sweep."""
_SAFETY_SWEEP_MS: Final = 30_000
_FULL: Final = "QUEUEFULL"
_OVERTIME_MS: Final = 3_600_000


@dataclass(slots=True)
class Caller:
    """A request and what became of it; `waited_ms` until he was answered or gave up."""

    request: Request
    agent_id: str = ""
    waited_ms: int = 0
    is_waiting: bool = True
    is_refused: bool = False
    """Too many of his tier were waiting or served already."""
    is_late_decision: bool = False
    """Answered too late while somebody still in time waited for the same agent."""

    @property
    def is_answered(self) -> bool:
        return bool(self.agent_id)


@dataclass(frozen=True)
class Shift:
    """An agent, and when he takes work: spans of ms from the start of the run."""

    agent: AgentPresence
    present: Sequence[tuple[int, int]]


@dataclass
class Run:
    """Take `next_calls` to the library, hand back the outbox entries they made, until there are none.

    `requests` come in their order, for `length_ms`; then everybody still waiting is served, for an hour at
    most.
    """

    center_id: CenterId
    config: RoutingConfig
    shifts: Sequence[Shift]
    requests: Iterator[Request]
    length_ms: int

    callers: list[Caller] = field(default_factory=list)
    busy_ms: float = 0.0
    """Times the agents' units of capacity that it took; an exclusive item takes all of them."""
    now_ms: int = START_MS

    def __post_init__(self) -> None:
        self.end_ms = START_MS + self.length_ms
        self._events: list[tuple[int, int, str, str]] = []
        self._order = itertools.count()
        self._accepts: list[FunctionCall] = []
        self._newcomer = ""
        self._wrap_up_ms = round(self.config.wrap_up_s * 1000)
        self._threshold_ms = {
            (tier.code, channel): round(target.threshold_s * 1000)
            for tier in self.config.tiers
            for channel, target in tier.targets.items()
        }
        self._waiting: dict[tuple[str, Channel], dict[str, int]] = {queue: {} for queue in self._threshold_ms}
        steps = served_tiers(self.config.groups)
        at_once = {group: {s.tier for s in served if s == Served(s.tier)} for group, served in steps.items()}
        self._serves = {
            str(shift.agent.agent_id): [
                queue
                for queue in self._threshold_ms
                if any(queue[0] in at_once[group] for group in shift.agent.groups)
            ]
            for shift in self.shifts
        }
        self._rules = {**DEFAULT_CHANNELS, **self.config.channels}
        self._capacity = {str(shift.agent.agent_id): shift.agent.capacity for shift in self.shifts}
        for shift in self.shifts:
            for from_ms, to_ms in shift.present:
                if from_ms > 0:
                    self._at(START_MS + from_ms, "come", shift.agent.agent_id)
                if to_ms < self.length_ms:
                    self._at(START_MS + to_ms, "go", shift.agent.agent_id)
        has_waits = any(s.after_s > 0 for served in steps.values() for s in served)
        self._sweep_ms = _STEP_SWEEP_MS if has_waits else _SAFETY_SWEEP_MS
        self._at(START_MS + self._sweep_ms, "sweep", "")
        self._expect()

    @property
    def agents(self) -> list[AgentPresence]:
        """Everybody as he is at the start, with nothing in hand."""
        return [
            AgentPresence(
                agent_id=agent.agent_id,
                state=AgentState.READY if any(a <= 0 < b for a, b in shift.present) else AgentState.PAUSED,
                groups=agent.groups,
                levels=agent.levels,
                capacity=agent.capacity,
            )
            for shift in self.shifts
            for agent in [shift.agent]
        ]

    @property
    def capacity_ms(self) -> float:
        """The agents' time in the run, times their units of capacity."""
        return sum(
            shift.agent.capacity * max(0, min(to_ms, self.length_ms) - max(from_ms, 0))
            for shift in self.shifts
            for from_ms, to_ms in shift.present
        )

    @property
    def progress(self) -> float:
        return min(1.0, (self.now_ms - START_MS) / self.length_ms)

    def next_calls(self) -> list[FunctionCall]:
        """The acceptances that are open and the next thing to happen; nothing when the run is over."""
        event = next(self._happenings(), None)
        if event is None:
            return []
        calls, self._accepts = [*self._accepts, event], []
        return calls

    def see(self, replies: list[object], entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        """What the library replied and told: every offer is accepted at once, the others wait.

        Raises: ResponseError, whatever it refuses but a newcomer.
        """
        for reply in replies:
            if isinstance(reply, ResponseError):
                if not str(reply).startswith(_FULL):
                    raise reply
                self._end_wait(self._newcomer, self.now_ms).is_refused = True
        works = [data for _, fields in entries for kind, data in events_of(fields) if kind == "work"]
        # An offer may have been taken back since, from an agent whose shift ended, and made to another.
        for work in {work["work_id"]: work for work in works}.values():
            if work["state"] == "offered":
                self._answer(work)

    def _happenings(self) -> Iterator[FunctionCall]:
        while self._events:
            at_ms, _, kind, about = heapq.heappop(self._events)
            is_anybody_waiting = any(self._waiting.values())
            if at_ms > self.end_ms + (_OVERTIME_MS if is_anybody_waiting else 0):
                break
            self.now_ms = at_ms
            match kind:
                case "arrive":
                    yield self._arrive(about)
                case "leave" if self.callers[int(about)].is_waiting:
                    yield self._leave(about)
                case "finish" if self._wrap_up_ms:
                    self._at(self.now_ms + self._wrap_up_ms, "end_wrap_up", about)
                    yield self._end(kind, about)
                case "finish" | "end_wrap_up":
                    yield self._end(kind, about)
                case "come":
                    yield self._call("set_agent", agent_id=about, state=AgentState.READY)
                case "go":
                    yield self._call("set_agent", agent_id=about, state=AgentState.PAUSED)
                case "sweep":
                    self._at(self.now_ms + self._sweep_ms, "sweep", "")
                    yield self._call("sweep")
        for waiting in self._waiting.values():
            for work_id in list(waiting):
                self._end_wait(work_id, self.now_ms)

    def _at(self, at_ms: int, kind: str, about: str) -> None:
        heapq.heappush(self._events, (at_ms, next(self._order), kind, about))

    def _call(self, function: str, **args: Any) -> FunctionCall:
        return function_call(self.center_id, function, self.now_ms, **args)

    def _expect(self) -> None:
        request = next(self.requests, None)
        if request is not None:
            self._at(START_MS + request.at_ms, "arrive", str(len(self.callers)))
            self.callers.append(Caller(request))

    def _arrive(self, work_id: str) -> FunctionCall:
        self._newcomer = work_id
        request = self.callers[int(work_id)].request
        self._waiting[request.tier, request.channel][work_id] = self.now_ms
        if request.patience_ms is not None:
            self._at(self.now_ms + request.patience_ms, "leave", work_id)
        self._expect()
        return self._call("enqueue", work_id=work_id, tier=request.tier, channel=request.channel, version=0)

    def _leave(self, work_id: str) -> FunctionCall:
        self._end_wait(work_id, self.now_ms)
        return self._call("abandon", work_id=work_id, cause="visitor_left")

    def _end_wait(self, work_id: str, at_ms: int) -> Caller:
        caller = self.callers[int(work_id)]
        since_ms = self._waiting[caller.request.tier, caller.request.channel].pop(work_id)
        caller.waited_ms, caller.is_waiting = at_ms - since_ms, False
        return caller

    def _end(self, function: str, work_id: str) -> FunctionCall:
        return self._call(function, work_id=work_id, agent_id=self.callers[int(work_id)].agent_id)

    def _answer(self, work: dict[str, Any]) -> None:
        work_id, agent_id, at_ms = work["work_id"], work["agent_id"], work["at_ms"]
        caller = self._end_wait(work_id, at_ms)
        caller.agent_id = agent_id
        is_late = caller.waited_ms > self._threshold_ms[caller.request.tier, caller.request.channel]
        caller.is_late_decision = is_late and self._has_one_in_time(agent_id, at_ms)
        until_ms = min(at_ms + caller.request.handling_ms + self._wrap_up_ms, self.end_ms)
        rule = self._rules[caller.request.channel]
        places = self._capacity[agent_id] if rule.is_exclusive else rule.cost
        self.busy_ms += places * max(0, until_ms - at_ms)
        self._accepts.append(
            function_call(
                self.center_id, "accept", at_ms, work_id=work_id, agent_id=agent_id, version=work["version"]
            )
        )
        self._at(at_ms + caller.request.handling_ms, "finish", work_id)

    def _has_one_in_time(self, agent_id: str, at_ms: int) -> bool:
        """Whether somebody the agent serves can still be answered in time; the newest of a queue tells."""
        for queue in self._serves[agent_id]:
            newest_ms = next(reversed(self._waiting[queue].values()), None)
            if newest_ms is not None and at_ms - newest_ms <= self._threshold_ms[queue]:
                return True
        return False
