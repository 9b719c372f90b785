"""One run: callers, agents and time, with the routing left to the function library.

Everything a caller brings (when he calls, how long he is patient, how long he talks) is drawn from his tier's
own chance when he calls, so that two policies meet the same callers.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from wecc.kernel.ids import CenterId
from wecc.routing import AgentPresence, FunctionCall, function_call
from wecc.simulation.scenario import Scenario, Tier

START_MS: Final = 1_700_000_000_000
_SWEEP_MS: Final = 30_000


@dataclass(slots=True)
class Caller:
    tier: Tier
    since_ms: int
    handling_ms: int
    agent_id: str = ""


@dataclass(slots=True)
class Tally:
    """What happened to the callers of one tier. A request that counts is `asked`, answered in time a `hit`."""

    asked: int = 0
    hits: int = 0


@dataclass
class Run:
    """Take `next_calls` to the library, hand back the outbox entries they made, until there are none.

    `hours` of arrivals; then everybody still waiting is served.
    """

    scenario: Scenario
    load: float
    hours: float
    seed: int
    center_id: CenterId
    agents: list[AgentPresence]

    tallies: dict[str, Tally] = field(default_factory=dict)
    waits_ms: list[int] = field(default_factory=list)
    abandoned: int = 0
    waited_for: int = 0
    """Callers answered after a wait: the decisions that had something to decide."""
    late: int = 0
    """Of these, callers already late, while one still in time waited for the same agent."""
    busy_ms: float = 0.0
    now_ms: int = START_MS

    def __post_init__(self) -> None:
        self.end_ms = START_MS + round(self.hours * 3_600_000)
        self._events: list[tuple[int, int, str, str]] = []
        self._order = itertools.count()
        self._callers: dict[str, Caller] = {}
        self._waiting: dict[str, dict[str, int]] = {tier.name: {} for tier in self.scenario.tier}
        self._threshold_ms = {tier.name: round(tier.threshold_s * 1000) for tier in self.scenario.tier}
        self._accepts: list[FunctionCall] = []
        self._tiers = {tier.name: tier for tier in self.scenario.tier}
        served = {group.name: group.tiers for group in self.scenario.group}
        self._serves = {
            str(agent.agent_id): {tier for group in agent.groups for tier in served[group]}
            for agent in self.agents
        }
        self._chance = {tier.name: random.Random(f"{self.seed} {tier.name}") for tier in self.scenario.tier}
        self._log_mean, self._log_deviation = self.scenario.handling.log_mean_and_deviation
        self._wrap_up_ms = round(self.scenario.handling.wrap_up_s * 1000)
        for tier in self.scenario.tier:
            self.tallies[tier.name] = Tally()
            self._expect(tier)
        self._at(START_MS + _SWEEP_MS, "sweep", "")

    @property
    def progress(self) -> float:
        return min(1.0, (self.now_ms - START_MS) / (self.end_ms - START_MS))

    def next_calls(self) -> list[FunctionCall]:
        """The acceptances that are open and the next thing to happen; nothing when the run is over."""
        event = next(self._happenings(), None)
        if event is None:
            return []
        calls, self._accepts = [*self._accepts, event], []
        return calls

    def see(self, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        """What the library told: every offer is accepted at once, the others wait."""
        for _, fields in entries:
            if fields[b"kind"] == b"work":
                work = orjson.loads(fields[b"data"])
                if work["state"] == "offered":
                    self._answer(work)

    def _happenings(self) -> Iterator[FunctionCall]:
        while self._events:
            self.now_ms, _, kind, about = heapq.heappop(self._events)
            if self.now_ms > self.end_ms and not any(self._waiting.values()):
                return
            match kind:
                case "arrive":
                    yield self._arrive(self._tiers[about])
                case "leave" if (caller := self._callers.get(about)) and not caller.agent_id:
                    yield self._leave(about)
                case "finish" if self._wrap_up_ms:
                    self._at(self.now_ms + self._wrap_up_ms, "end_wrap_up", about)
                    yield self._call(kind, work_id=about, agent_id=self._callers[about].agent_id)
                case "finish" | "end_wrap_up":
                    yield self._call(kind, work_id=about, agent_id=self._callers.pop(about).agent_id)
                case "sweep":
                    self._at(self.now_ms + _SWEEP_MS, "sweep", "")
                    yield self._call("sweep")

    def _at(self, at_ms: int, kind: str, about: str) -> None:
        heapq.heappush(self._events, (at_ms, next(self._order), kind, about))

    def _call(self, function: str, **args: Any) -> FunctionCall:
        return function_call(self.center_id, function, self.now_ms, **args)

    def _expect(self, tier: Tier) -> None:
        gap_s = self._chance[tier.name].expovariate(tier.calls_per_h * self.load / 3600)
        at_ms = self.now_ms + round(gap_s * 1000)
        if at_ms < self.end_ms:
            self._at(at_ms, "arrive", tier.name)

    def _arrive(self, tier: Tier) -> FunctionCall:
        chance, work_id = self._chance[tier.name], f"{next(self._order)}"
        handling_s = chance.lognormvariate(self._log_mean, self._log_deviation)
        patience_s = chance.expovariate(1 / self.scenario.patience_s)
        self._callers[work_id] = Caller(tier, self.now_ms, round(handling_s * 1000))
        self._waiting[tier.name][work_id] = self.now_ms
        self._at(self.now_ms + round(patience_s * 1000), "leave", work_id)
        self._expect(tier)
        return self._call("enqueue", work_id=work_id, tier=tier.name, channel="chat", version=0)

    def _leave(self, work_id: str) -> FunctionCall:
        caller = self._callers.pop(work_id)
        del self._waiting[caller.tier.name][work_id]
        wait_ms = self.now_ms - caller.since_ms
        self.waits_ms.append(wait_ms)
        self.abandoned += 1
        if wait_ms >= self.scenario.routing.short_abandon_s * 1000:
            self.tallies[caller.tier.name].asked += 1
        return self._call("abandon", work_id=work_id, cause="visitor_left")

    def _answer(self, work: dict[str, Any]) -> None:
        work_id, agent_id, at_ms = work["work_id"], work["agent_id"], work["at_ms"]
        caller = self._callers[work_id]
        name, wait_ms = caller.tier.name, at_ms - caller.since_ms
        is_hit = wait_ms <= self._threshold_ms[name]
        if wait_ms > 0:
            self.waited_for += 1
            self.late += not is_hit and self._has_one_in_time(agent_id, at_ms)
        del self._waiting[name][work_id]
        self.waits_ms.append(wait_ms)
        self.tallies[name].asked += 1
        self.tallies[name].hits += is_hit
        self.busy_ms += max(0, min(at_ms + caller.handling_ms + self._wrap_up_ms, self.end_ms) - at_ms)
        caller.agent_id = agent_id
        self._accepts.append(
            function_call(
                self.center_id, "accept", at_ms, work_id=work_id, agent_id=agent_id, version=work["version"]
            )
        )
        self._at(at_ms + caller.handling_ms, "finish", work_id)

    def _has_one_in_time(self, agent_id: str, at_ms: int) -> bool:
        """Whether somebody the agent serves can still be answered in time; the newest of a tier tells."""
        for tier in self._serves[agent_id]:
            newest_ms = next(reversed(self._waiting[tier].values()), None)
            if newest_ms is not None and at_ms - newest_ms <= self._threshold_ms[tier]:
                return True
        return False
