"""Any order of events, with time, silence and loss of the store: what must hold, holds.

The model is the database's follower: it knows items only from the outbox. After every step it is compared
with the library's own records, and every offer is checked at the moment the outbox tells of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis.asyncio import Redis

from tests.routing.desk import CONFIG, Desk
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import AgentId, CenterId, WorkId, new_id
from wecc.routing import (
    AgentChange,
    AgentPresence,
    AgentState,
    NotLoaded,
    OfferGone,
    Policy,
    Reason,
    Routing,
    RoutingConfig,
    RoutingRefusal,
    Transition,
    WorkItem,
    WorkState,
)

T = TypeVar("T")
QUEUED, OFFERED, ASSIGNED, WRAP_UP = (
    WorkState.QUEUED,
    WorkState.OFFERED,
    WorkState.ASSIGNED,
    WorkState.WRAP_UP,
)
ENDS = {WorkState.CLOSED, WorkState.ABANDONED, WorkState.OVERFLOWED}
LEGAL: dict[WorkState | None, set[WorkState]] = {
    None: {QUEUED},
    QUEUED: {OFFERED, ASSIGNED, QUEUED} | ENDS,
    OFFERED: {OFFERED, ASSIGNED, QUEUED} | ENDS,
    ASSIGNED: {WRAP_UP, QUEUED} | ENDS,
    WRAP_UP: {WorkState.CLOSED},
} | {end: {QUEUED} for end in ENDS}

BAR_MS = round(CONFIG.barred_s * 1000)
TIERS_OF = {group.code: group.tiers for group in CONFIG.groups}
RANK_OF = {tier.code: tier.rank for tier in CONFIG.tiers}
THRESHOLD_MS = 15_000
RANDOM_CONFIG = CONFIG.model_copy(
    update={
        "tiers": tuple(
            tier.model_copy(
                update={
                    "targets": {c: t.model_copy(update={"window_min": 1440}) for c, t in tier.targets.items()}
                }
            )
            for tier in CONFIG.tiers
        )
    }
)

WORKS = st.sampled_from([f"w{i}" for i in range(8)])
AGENTS = st.sampled_from([f"a{i}" for i in range(4)])
TIERS = st.sampled_from([tier.code for tier in CONFIG.tiers])
GROUPS = st.sets(st.sampled_from(sorted(TIERS_OF)), min_size=1).map(sorted)


@st.composite
def configs(draw: st.DrawFn) -> RoutingConfig:
    subordinate = draw(st.sampled_from(["", "szx", "roaming"]))
    tiers = [t.model_copy(update={"is_subordinate": t.code == subordinate}) for t in RANDOM_CONFIG.tiers]
    return RANDOM_CONFIG.model_copy(
        update={
            "tiers": tuple(tiers),
            "policy": draw(st.sampled_from(Policy)),
            "favours_high_target_when_met": draw(st.booleans()),
            "favours_high_target_when_missed": draw(st.booleans()),
            "late_turn": draw(st.integers(1, 5)),
        }
    )


def is_late(wait_ms: int) -> bool:
    return wait_ms > THRESHOLD_MS


@dataclass
class Follower:
    """What the database would know, built from the outbox alone."""

    config: RoutingConfig
    works: dict[WorkId, WorkItem] = field(default_factory=dict)
    agents: dict[AgentId, AgentPresence] = field(default_factory=dict)
    barred: dict[tuple[AgentId, WorkId], int] = field(default_factory=dict)
    counted: set[WorkId] = field(default_factory=set)
    asked: int = 0
    may_skip: bool = False

    def see(self, work: WorkItem) -> None:
        before = self.works.get(work.work_id)
        assert work.state in LEGAL[before.state if before else None], (before, work)
        if before:
            assert work.version == before.version + 1 or (self.may_skip and work.version > before.version)
        if before is None or before.state.is_end:
            self.counted.discard(work.work_id)
        else:
            assert work.since_ms == before.since_ms
        if work.state is OFFERED and work.cause == "matched":
            self._check_offer(work)
        if work.state is QUEUED and before and before.agent_id and not before.state.is_end:
            cause = work.cause.removeprefix("direct_")
            if cause in {"declined", "expired", "transferred"}:
                self.barred[before.agent_id, work.work_id] = work.at_ms + BAR_MS
        self._count(work)
        self.works[work.work_id] = work

    def _count(self, work: WorkItem) -> None:
        if work.work_id in self.counted:
            return
        waited_ms = work.at_ms - work.since_ms
        before = self.works.get(work.work_id)
        gave_up = work.state is WorkState.ABANDONED
        if work.state is ASSIGNED or (gave_up and before is not None):
            self.counted.add(work.work_id)
            self.asked += work.state is ASSIGNED or waited_ms >= CONFIG.short_abandon_s * 1000

    def _check_offer(self, work: WorkItem) -> None:
        """It is the agent's only one, nobody of the same tier was passed over, and the policy chose rightly
        among the heads.
        """
        assert work.agent_id is not None
        assert work.reason is not None
        assert not self.offers_of(work.agent_id)
        if work.only_agent:
            assert work.only_agent == work.agent_id
            return
        assert not any(w.state is QUEUED and w.only_agent == work.agent_id for w in self.live())
        eligible = [
            other for other in self.waiting() if not self.is_barred(work.agent_id, other.work_id, work.at_ms)
        ]
        lives = self.config.policy is Policy.GAP_LIVE
        in_time = {other.work_id for other in eligible if lives and not is_late(work.at_ms - other.since_ms)}
        passed_over = [
            other
            for other in eligible
            if other.tier == work.tier
            and (other.since_ms, other.work_id) < (work.since_ms, work.work_id)
            and (work.work_id not in in_time or other.work_id in in_time)
        ]
        assert not passed_over
        self._check_choice(work.reason)
        if lives and is_late(work.reason.wait_ms) and work.reason.policy != "gap_live_late":
            tiers = {c.tier for c in work.reason.candidates}
            assert not [o for o in eligible if o.tier in tiers and o.work_id in in_time]

    def _check_choice(self, reason: Reason) -> None:
        """What the reason says decided, did decide, and might."""
        policy, candidates = self.config.policy, reason.candidates
        chosen = next(c for c in candidates if c.tier == reason.tier)
        missed = [c for c in candidates if c.gap < 0]
        match reason.policy.removeprefix(policy):
            case "_met":
                assert self.config.favours_high_target_when_met
                assert not missed
                assert chosen.target == max(c.target for c in candidates)
            case "_missed":
                assert self.config.favours_high_target_when_missed
                assert len(missed) > 1
                assert chosen.target == max(c.target for c in missed)
            case "_late":
                assert policy is Policy.GAP_LIVE
                assert all(is_late(c.wait_ms) for c in candidates)
                assert chosen.wait_ms == max(c.wait_ms for c in candidates)
            case "" if policy is Policy.FIFO:
                assert chosen.wait_ms == max(c.wait_ms for c in candidates)
            case "" if policy is Policy.VIP_STRICT:
                assert RANK_OF[chosen.tier] == min(RANK_OF[c.tier] for c in candidates)
            case "":
                assert missed or not self.config.favours_high_target_when_met
                assert len(missed) < 2 or not self.config.favours_high_target_when_missed
                assert (chosen.gap, -chosen.wait_ms) == min((c.gap, -c.wait_ms) for c in candidates)
                if policy is Policy.GAP_LIVE:
                    assert len({is_late(c.wait_ms) for c in candidates}) == 1
            case other:
                raise AssertionError(other)
        subordinate = {tier.code for tier in self.config.tiers if tier.is_subordinate}
        if reason.tier in subordinate:
            assert all(c.gap >= 0 for c in candidates if c.tier not in subordinate)

    def waiting(self) -> list[WorkItem]:
        return [work for work in self.works.values() if work.state is QUEUED and not work.only_agent]

    def offers_of(self, agent_id: AgentId) -> list[WorkItem]:
        return [work for work in self.live() if work.state is OFFERED and work.agent_id == agent_id]

    def is_free(self, agent: AgentPresence) -> bool:
        is_here = agent.state is AgentState.READY and not agent.is_unstable
        return is_here and agent.load < agent.capacity and not self.offers_of(agent.agent_id)

    def is_barred(self, agent_id: AgentId, work_id: WorkId, at_ms: int) -> bool:
        return self.barred.get((agent_id, work_id), 0) > at_ms

    def live(self) -> list[WorkItem]:
        return [work for work in self.works.values() if not work.state.is_end]


class RoutingMachine(RuleBasedStateMachine):
    socket = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.redis = Redis(unix_socket_path=self.socket)
        self.clock = VirtualClock()
        self.last_entry = "0"
        self.desk = Desk(Routing(self.redis, self.clock), self.clock, CenterId(new_id()))

    def teardown(self) -> None:
        self.runner.run(self.redis.aclose())
        self.runner.close()

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(story)

    async def flush(self) -> None:
        await self.redis.flushall()

    def attempt(self, story: Coroutine[Any, Any, T]) -> T | None:
        """A call that may be refused; a refusal leaves no trace."""
        try:
            return self.run(story)
        except RoutingRefusal:
            assert not self.follow()
            return None

    def follow(self) -> int:
        events = self.run(self.desk.routing.follow(self.desk.center_id, self.last_entry, block_ms=0))
        for event in events:
            self.last_entry = event.entry_id
            if isinstance(event, Transition):
                self.model.see(event.work)
            elif isinstance(event, AgentChange):
                self.model.agents[event.agent.agent_id] = event.agent
        return len(events)

    @initialize(config=configs())
    def open(self, config: RoutingConfig) -> None:
        self.config = config
        self.model = Follower(config)
        self.loads: dict[AgentId, int] = {}
        self.run(self.desk.open(self.config))

    # What happens ------------------------------------------------------------------------------------

    @rule(work_id=WORKS, tier=TIERS, ago_s=st.sampled_from([0, 0, 1, 30]))
    def ask(self, work_id: str, tier: str, ago_s: int) -> None:
        self.follow()
        known = self.model.works.get(WorkId(work_id))
        since_ms = self.clock.now_ms() - ago_s * 1000
        self.run(self.desk.ask(work_id, tier, since_ms, known.version if known else 0))

    @rule(asked=st.lists(st.tuples(WORKS, TIERS), min_size=2, max_size=6))
    def rush(self, asked: list[tuple[str, str]]) -> None:
        for work_id, tier in asked:
            self.ask(work_id, tier, 0)

    @rule(agent=AGENTS, groups=GROUPS, capacity=st.integers(1, 3))
    def sign_on(self, agent: str, groups: list[str], capacity: int) -> None:
        self.run(self.desk.ready(agent, groups, capacity))

    @rule(capacities=st.lists(st.integers(1, 3), min_size=4, max_size=4))
    def start_shift(self, capacities: list[int]) -> None:
        for i, capacity in enumerate(capacities):
            self.sign_on(f"a{i}", ["all"], capacity)

    @rule(agent=AGENTS)
    def pause(self, agent: str) -> None:
        self.attempt(self.desk.pause(agent))

    @rule(agent=AGENTS)
    def leave(self, agent: str) -> None:
        self.attempt(self.desk.leave(agent))

    @precondition(lambda self: any(w.state is OFFERED for w in self.model.works.values()))
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        work = data.draw(st.sampled_from([w for w in self.model.live() if w.state is OFFERED]))
        assert work.agent_id is not None
        assert work.deadline_ms is not None
        if self.clock.now_ms() < work.deadline_ms:
            taken = self.run(self.desk.accept(work.work_id, work.agent_id, work.version))
            assert (taken.state, taken.version) == (ASSIGNED, work.version + 1)
        else:
            with pytest.raises(OfferGone):
                self.run(self.desk.accept(work.work_id, work.agent_id, work.version))

    @rule(work_id=WORKS, agent=AGENTS, version=st.integers(1, 30))
    def accept_by_guess(self, work_id: str, agent: str, version: int) -> None:
        self.attempt(self.desk.accept(work_id, agent, version))

    @precondition(lambda self: any(w.state is OFFERED for w in self.model.works.values()))
    @rule(data=st.data())
    def decline(self, data: st.DataObject) -> None:
        work = data.draw(st.sampled_from([w for w in self.model.live() if w.state is OFFERED]))
        assert work.agent_id is not None
        self.run(self.desk.decline(work.work_id, work.agent_id))

    @rule(work_id=WORKS, agent=AGENTS, is_supervisor=st.booleans())
    def pick(self, work_id: str, agent: str, is_supervisor: bool) -> None:
        self.attempt(self.desk.pick(work_id, agent, is_supervisor=is_supervisor))

    @precondition(lambda self: any(w.state is ASSIGNED for w in self.model.works.values()))
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        work = data.draw(st.sampled_from([w for w in self.model.live() if w.state is ASSIGNED]))
        assert work.agent_id is not None
        assert self.run(self.desk.finish(work.work_id, work.agent_id)).state is WRAP_UP

    @rule(work_id=WORKS, agent=AGENTS)
    def end_wrap_up(self, work_id: str, agent: str) -> None:
        self.attempt(self.desk.end_wrap_up(work_id, agent))

    @precondition(lambda self: any(w.state is ASSIGNED for w in self.model.works.values()))
    @rule(data=st.data(), tier=TIERS)
    def transfer_to_tier(self, data: st.DataObject, tier: str) -> None:
        work = data.draw(st.sampled_from([w for w in self.model.live() if w.state is ASSIGNED]))
        assert work.agent_id is not None
        self.run(self.desk.routing.transfer_to_tier(self.desk.center_id, work.work_id, work.agent_id, tier))

    @precondition(lambda self: any(w.state is ASSIGNED for w in self.model.works.values()))
    @rule(data=st.data(), agent=AGENTS)
    def transfer_to_agent(self, data: st.DataObject, agent: str) -> None:
        work = data.draw(st.sampled_from([w for w in self.model.live() if w.state is ASSIGNED]))
        assert work.agent_id is not None
        center_id, target = self.desk.center_id, AgentId(agent)
        self.attempt(self.desk.routing.transfer_to_agent(center_id, work.work_id, work.agent_id, target))

    @rule(work_id=WORKS, tier=TIERS)
    def retier(self, work_id: str, tier: str) -> None:
        self.attempt(self.desk.routing.retier(self.desk.center_id, WorkId(work_id), tier))

    @rule(work_id=WORKS)
    def abandon(self, work_id: str) -> None:
        self.attempt(self.desk.abandon(work_id))

    @rule(work_id=WORKS)
    def close(self, work_id: str) -> None:
        self.attempt(self.desk.routing.close(self.desk.center_id, WorkId(work_id)))

    @rule(seconds=st.sampled_from([1, 4, 16, 21, 31, 46]), alive=st.sets(AGENTS))
    def pass_time(self, seconds: int, alive: set[str]) -> None:
        self.desk.wait(seconds)
        self.run(self.desk.beat(*sorted(alive)))
        self.run(self.desk.sweep())
        self.follow()
        now_ms = self.clock.now_ms()
        assert all(w.deadline_ms is None or w.deadline_ms > now_ms for w in self.model.live())

    @rule(alive=st.sets(AGENTS))
    def beat(self, alive: set[str]) -> None:
        self.run(self.desk.beat(*sorted(alive)))

    @rule(config=configs())
    def configure(self, config: RoutingConfig) -> None:
        self.follow()
        self.config = self.model.config = config
        self.run(self.desk.routing.configure(self.desk.center_id, self.config))

    @rule()
    def lose_the_store(self) -> None:
        self.follow()
        works, agents = self.model.live(), list(self.model.agents.values())
        self.run(self.flush())
        with pytest.raises(NotLoaded):
            self.run(self.desk.ask("w0"))
        self.model.barred.clear()
        self.model.asked, self.model.may_skip = 0, True
        self.model.counted = {w.work_id for w in works if w.assigned_ms}
        self.last_entry = "0"
        self.run(self.desk.routing.rebuild(self.desk.center_id, self.config, works, agents))

    # What holds --------------------------------------------------------------------------------------

    @invariant()
    def all_holds(self) -> None:
        self.follow()
        self.items_are_as_told()
        view = self.run(self.desk.view())
        now_ms = self.clock.now_ms()
        assert sum(tier.asked for tier in view.tiers) == self.model.asked
        for agent in view.agents:
            held = {
                w.work_id for w in self.model.live() if w.agent_id == agent.agent_id and w.state is not QUEUED
            }
            assert set(agent.work_ids) == held
            assert agent.load == len(held)
            # Signing on again with less capacity keeps what he holds.
            assert agent.load <= max(agent.capacity, self.loads.get(agent.agent_id, 0))
            self.loads[agent.agent_id] = agent.load
            assert len(self.model.offers_of(agent.agent_id)) <= (agent.state is AgentState.READY)
            if not self.model.is_free(agent):
                continue
            tiers = {tier for group in agent.groups for tier in TIERS_OF[group]}
            left = [
                w
                for w in self.model.waiting()
                if w.tier in tiers and not self.model.is_barred(agent.agent_id, w.work_id, now_ms)
            ]
            assert not left, (agent, left)
        for work in self.model.live():
            if work.state is QUEUED and work.only_agent:
                agent = next(a for a in view.agents if a.agent_id == work.only_agent)
                assert agent.state is AgentState.READY
                assert not self.model.is_free(agent)
        self.queues_are_in_order()

    def items_are_as_told(self) -> None:
        for told in self.model.live():
            stored = self.run(self.desk.work(told.work_id))
            if stored.version == told.version:
                assert stored == told
            else:  # restored without a word: still queued where it was
                assert self.model.may_skip
                assert (stored.state, stored.tier, stored.since_ms) == (QUEUED, told.tier, told.since_ms)

    def queues_are_in_order(self) -> None:
        waiting = sorted(self.model.waiting(), key=lambda w: (w.tier, w.since_ms, w.work_id))
        if not waiting:
            return
        places = self.run(self.desk.routing.places(self.desk.center_id, [w.work_id for w in waiting]))
        position, tier = 0, ""
        for work in waiting:
            position = position + 1 if work.tier == tier else 1
            tier = work.tier
            assert places[work.work_id].position == position


@pytest.mark.slow
def test_what_must_hold_holds_in_any_order(valkey_socket: str) -> None:
    RoutingMachine.socket = valkey_socket
    run_state_machine_as_test(
        RoutingMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # shrinking against a server takes minutes
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
