"""Any order of events, with time, silence and loss of the store: what must hold, holds.

The model is the database's follower: it knows items only from the outbox. After every step it is compared
with the library's own records, and every offer is checked at the moment the outbox tells of it.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Coroutine, Sequence
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

from tests.routing.desk import Desk
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import AgentId, CenterId, WorkId, new_id
from wecc.routing import (
    Abandons,
    AgentChange,
    AgentChoice,
    AgentPresence,
    AgentState,
    Channel,
    ChannelRule,
    GroupConfig,
    NobodyHere,
    NotLoaded,
    OfferGone,
    Overflow,
    Policy,
    Preferred,
    QueueFull,
    Reason,
    Routing,
    RoutingConfig,
    RoutingRefusal,
    Target,
    TierConfig,
    Transition,
    WorkItem,
    WorkRequest,
    WorkState,
)
from wecc.routing.config import (
    DEFAULT_CHANNELS,
    served_tiers,
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

THRESHOLD_MS = {Channel.CHAT: 15_000, Channel.VOICE: 20_000, Channel.MESSAGE: 60_000}
Queue = tuple[str, Channel]


def tier(code: str, rank: int, target_pct: float, channels: Sequence[Channel], **also: Any) -> TierConfig:
    return TierConfig(
        code=code,
        rank=rank,
        targets={
            channel: Target(
                target_pct=target_pct,
                threshold_s=THRESHOLD_MS[channel] / 1000,
                window_min=1440,
                abandons={"vip": Abandons.POSITIVE, "szx": Abandons.IGNORE}.get(code, Abandons.NEGATIVE),
            )
            for channel in channels
        },
        **also,
    )


ALL = tuple(THRESHOLD_MS)
TIERS = (
    tier("vip", 1, 95, ALL),
    tier("roaming", 2, 85, ALL),
    tier("szx", 3, 75, (Channel.CHAT, Channel.MESSAGE), max_waiting=3, max_share_pct=60),
)
GROUPS = {
    "plain": (
        GroupConfig(code="all", tiers=("vip", "roaming", "szx")),
        GroupConfig(code="vip", tiers=("vip",)),
        GroupConfig(code="low", tiers=("roaming", "szx")),
    ),
    "helpful": (
        GroupConfig(code="all", tiers=("vip", "roaming", "szx")),
        GroupConfig(code="vip", tiers=("vip",), overflow=Overflow(to="low", after_s=20, longer_than=2)),
        GroupConfig(code="low", tiers=("roaming",), widened={"szx": 10}),
    ),
}
CONFIG = RoutingConfig(tiers=TIERS, groups=GROUPS["plain"])
BAR_MS = round(CONFIG.barred_s * 1000)
SHORT_MS = 5_000
RANK_OF = {tier.code: tier.rank for tier in TIERS}

WORKS = st.sampled_from([f"w{i}" for i in range(8)])
AGENTS = st.sampled_from([f"a{i}" for i in range(4)])
QUEUES = st.sampled_from(
    [(t.code, channel) for t in TIERS for channel in t.targets] + 4 * [("vip", Channel.CHAT)]
)
TIER_CODES = st.sampled_from(list(RANK_OF))
CHANNELS = st.sampled_from(ALL)
MEMBERSHIPS = st.sets(st.sampled_from(["all", "vip", "low"]), min_size=1).map(sorted)
SHIFTS = st.lists(st.tuples(MEMBERSHIPS, st.integers(1, 3)), min_size=4, max_size=4)


@st.composite
def configs(draw: st.DrawFn) -> RoutingConfig:
    subordinate = draw(st.sampled_from(["", "szx", "roaming"]))
    return RoutingConfig(
        tiers=tuple(t.model_copy(update={"is_subordinate": t.code == subordinate}) for t in TIERS),
        groups=GROUPS[draw(st.sampled_from(sorted(GROUPS)))],
        channels=draw(st.sampled_from([{}, {Channel.CHAT: ChannelRule(cost=2)}])),
        policy=draw(st.sampled_from(Policy)),
        favours_high_target_when_met=draw(st.booleans()),
        favours_high_target_when_missed=draw(st.booleans()),
        late_turn=draw(st.integers(1, 5)),
        agent_choice=draw(st.sampled_from(AgentChoice)),
    )


def queue_of(work: WorkItem) -> Queue:
    return work.tier, work.channel


def is_late(channel: Channel, wait_ms: int) -> bool:
    return wait_ms > THRESHOLD_MS[channel]


def place_of(work: WorkItem) -> tuple[bool, int, str]:
    return not work.is_expedited, work.since_ms, work.work_id


@dataclass
class Follower:
    """What the database would know, built from the outbox alone."""

    config: RoutingConfig
    works: dict[WorkId, WorkItem] = field(default_factory=dict)
    agents: dict[AgentId, AgentPresence] = field(default_factory=dict)
    barred: dict[tuple[AgentId, WorkId], int] = field(default_factory=dict)
    counted: set[WorkId] = field(default_factory=set)
    marks: dict[Queue, int] = field(default_factory=dict)
    counts: Counter[tuple[Queue, str]] = field(default_factory=Counter)
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
        self.pass_thresholds(work.at_ms)
        if work.state is OFFERED and work.cause == "matched":
            self._check_offer(work)
        if work.state is QUEUED and before and before.agent_id and not before.state.is_end:
            cause = work.cause.removeprefix("direct_")
            if cause in {"declined", "expired", "transferred"}:
                self.barred[before.agent_id, work.work_id] = work.at_ms + BAR_MS
        self._count(work, before)
        self.works[work.work_id] = work

    # Each contact is counted once ---------------------------------------------------------------------

    def pass_thresholds(self, now_ms: int) -> None:
        """Under gap_live whoever becomes late while he waits in line is a miss then."""
        if self.config.policy is not Policy.GAP_LIVE:
            return
        for tier in self.config.tiers:
            for channel in tier.targets:
                self.marks[tier.code, channel] = now_ms - THRESHOLD_MS[channel]
        for work in self.waiting():
            self._count_passed(work)

    def _count_passed(self, work: WorkItem) -> None:
        is_passed = not work.is_expedited and work.since_ms < self.marks.get(queue_of(work), 0)
        if is_passed and work.work_id not in self.counted:
            self.counted.add(work.work_id)
            self.counts[queue_of(work), "asked"] += 1

    def _count(self, work: WorkItem, before: WorkItem | None) -> None:
        if work.state is QUEUED and not work.only_agent:
            self._count_passed(work)
        wait_ms, queue = work.at_ms - work.since_ms, queue_of(work)
        late = is_late(work.channel, wait_ms)
        if work.state is WorkState.ABANDONED and wait_ms >= SHORT_MS:
            self.counts[queue, "abandoned"] += work.assigned_ms is None
        if work.work_id in self.counted or work.state not in {ASSIGNED, WorkState.ABANDONED}:
            return
        self.counted.add(work.work_id)
        if work.state is ASSIGNED:
            self.counts[queue, "asked"] += 1
            self.counts[queue, "hits"] += not late
        elif wait_ms >= SHORT_MS:
            target = next(t for t in self.config.tiers if t.code == work.tier).targets[work.channel]
            self.counts[queue, "asked"] += late or target.abandons is not Abandons.IGNORE
            self.counts[queue, "hits"] += not late and target.abandons is Abandons.POSITIVE

    # Who may be given what ----------------------------------------------------------------------------

    def rule_of(self, channel: Channel) -> ChannelRule:
        return self.config.channels.get(channel, DEFAULT_CHANNELS[channel])

    def held_by(self, agent_id: AgentId) -> list[WorkItem]:
        return [work for work in self.live() if work.agent_id == agent_id and work.state is not QUEUED]

    def load_of(self, agent_id: AgentId) -> int:
        return sum(self.rule_of(work.channel).cost for work in self.held_by(agent_id))

    def has_room(self, agent: AgentPresence, channel: Channel) -> bool:
        rule, held = self.rule_of(channel), [self.rule_of(w.channel) for w in self.held_by(agent.agent_id)]
        firm = [other for other in held if not other.is_interruptible]
        if any(other.is_exclusive for other in held) or (rule.is_exclusive and firm):
            return False
        counted = held if rule.is_interruptible else firm
        return sum(other.cost for other in counted) + rule.cost <= agent.capacity

    def can_take(self, agent: AgentPresence, channel: Channel) -> bool:
        is_here = agent.state is AgentState.READY and not agent.is_unstable
        return is_here and not self.offers_of(agent.agent_id) and self.has_room(agent, channel)

    def may_serve(self, agent: AgentPresence, work: WorkItem, now_ms: int) -> bool:
        """His groups serve it by now, and he is not barred from it."""
        length = sum(queue_of(other) == queue_of(work) for other in self.waiting())
        served = served_tiers(self.config.groups)
        is_served = any(
            work.is_expedited
            or (now_ms - work.since_ms >= s.after_s * 1000 and (not s.longer_than or length > s.longer_than))
            for group in agent.groups
            for s in served[group]
            if s.tier == work.tier
        )
        return is_served and not self.is_barred(agent.agent_id, work.work_id, now_ms)

    def _check_offer(self, work: WorkItem) -> None:
        """It is the agent's only one, he may and can take it, nobody of the same queue was passed over, and the
        policy chose rightly among the heads.
        """
        assert work.agent_id is not None
        assert work.reason is not None
        agent = self.agents[work.agent_id]
        assert not self.offers_of(agent.agent_id)
        assert self.has_room(agent, work.channel)
        if work.only_agent:
            assert work.only_agent == agent.agent_id
            return
        for other in self.live():
            if other.state is QUEUED and other.only_agent == agent.agent_id:
                assert not self.has_room(agent, other.channel)
        eligible = [
            other
            for other in self.waiting()
            if self.has_room(agent, other.channel) and self.may_serve(agent, other, work.at_ms)
        ]
        assert work.work_id in {other.work_id for other in eligible}
        expedited = [other for other in eligible if other.is_expedited]
        assert bool(expedited) == (work.reason.policy == "expedited")
        if expedited:
            assert work.work_id == min(expedited, key=place_of).work_id
            return
        lives = self.config.policy is Policy.GAP_LIVE
        in_time = {o.work_id for o in eligible if lives and not is_late(o.channel, work.at_ms - o.since_ms)}
        passed_over = [
            other
            for other in eligible
            if queue_of(other) == queue_of(work)
            and place_of(other) < place_of(work)
            and (work.work_id not in in_time or other.work_id in in_time)
        ]
        assert not passed_over
        self._check_choice(work.reason)
        if lives and is_late(work.channel, work.reason.wait_ms) and work.reason.policy != "gap_live_late":
            queues = {(c.tier, c.channel) for c in work.reason.candidates}
            assert not [o for o in eligible if queue_of(o) in queues and o.work_id in in_time]

    def _check_choice(self, reason: Reason) -> None:
        """What the reason says decided, did decide, and might."""
        policy, candidates = self.config.policy, reason.candidates
        chosen = next(c for c in candidates if (c.tier, c.channel) == (reason.tier, reason.channel))
        missed = [c for c in candidates if c.gap < 0]
        for c in candidates:
            assert c.is_late == is_late(c.channel, c.wait_ms)
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
                assert all(c.is_late for c in candidates)
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
                    assert len({c.is_late for c in candidates}) == 1
            case other:
                raise AssertionError(other)
        subordinate = {tier.code for tier in self.config.tiers if tier.is_subordinate}
        if reason.tier in subordinate:
            assert all(c.gap >= 0 for c in candidates if c.tier not in subordinate)

    def waiting(self) -> list[WorkItem]:
        return [work for work in self.works.values() if work.state is QUEUED and not work.only_agent]

    def offers_of(self, agent_id: AgentId) -> list[WorkItem]:
        return [work for work in self.live() if work.state is OFFERED and work.agent_id == agent_id]

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
            if isinstance(event, AgentChange):  # told after what he was offered in the same call
                self.model.agents[event.agent.agent_id] = event.agent
        for event in events:
            if isinstance(event, Transition):
                self.model.see(event.work)
                if event.work.cause == "matched":
                    self.replay(event.work)
        return len(events)

    def replay(self, work: WorkItem) -> None:
        """Whatever was decided is decided again."""
        assert work.reason is not None
        chosen = self.run(self.desk.routing.replay(self.desk.center_id, work.reason))
        assert (chosen.tier, chosen.channel, chosen.wait_ms) == (*queue_of(work), work.reason.wait_ms)

    @initialize(config=configs(), shift=SHIFTS)
    def open(self, config: RoutingConfig, shift: list[tuple[list[str], int]]) -> None:
        self.config = config
        self.model = Follower(config)
        self.run(self.desk.open(self.config))
        self.start_shift(shift)

    # What happens ------------------------------------------------------------------------------------

    @rule(work_id=WORKS, queue=QUEUES, ago_s=st.sampled_from([0, 0, 1, 30]), needs_agent=st.booleans())
    def ask(self, work_id: str, queue: Queue, ago_s: int, needs_agent: bool) -> None:
        self.request(work_id, queue, ago_s, needs_agent=needs_agent)

    def request(self, work_id: str, queue: Queue, ago_s: int = 0, **also: Any) -> WorkItem | None:
        self.follow()
        known = self.model.works.get(WorkId(work_id))
        request = WorkRequest(
            work_id=WorkId(work_id),
            tier=queue[0],
            channel=queue[1],
            since_ms=self.clock.now_ms() - ago_s * 1000,
            version=known.version if known else 0,
            **also,
        )
        if known and not known.state.is_end:
            repeated = self.run(self.desk.routing.enqueue(self.desk.center_id, request))
            assert repeated.version >= known.version
            assert not self.follow()
            return None
        refusal = self.refusal(queue, needs_agent=request.needs_agent and not request.preferred)
        if refusal:
            with pytest.raises(refusal):
                self.run(self.desk.routing.enqueue(self.desk.center_id, request))
            return None
        return self.run(self.desk.routing.enqueue(self.desk.center_id, request))

    def refusal(self, queue: Queue, *, needs_agent: bool) -> type[RoutingRefusal] | None:
        """Why a newcomer to this queue is to be refused."""
        ready = [
            agent
            for agent in self.run(self.desk.view()).agents
            if agent.state is AgentState.READY and not agent.is_unstable
        ]
        served = served_tiers(self.config.groups)
        served_by = {a.agent_id: {s.tier for g in a.groups for s in served[g]} for a in ready}
        if needs_agent and not any(queue[0] in tiers for tiers in served_by.values()):
            return NobodyHere
        tier = next(t for t in self.config.tiers if t.code == queue[0])
        if queue[1] is Channel.MESSAGE or tier.max_waiting is None or tier.max_share_pct is None:
            return None
        cost = self.model.rule_of(queue[1]).cost
        slots = sum(a.capacity // cost for a in ready if served_by[a.agent_id])
        live = sum(queue_of(work) == queue for work in self.model.live())
        waiting = sum(queue_of(work) == queue for work in self.model.waiting())
        is_full = waiting >= tier.max_waiting or live >= math.ceil(tier.max_share_pct * slots / 100)
        return QueueFull if is_full else None

    @rule(asked=st.lists(st.tuples(WORKS, QUEUES), min_size=2, max_size=6))
    def rush(self, asked: list[tuple[str, Queue]]) -> None:
        for work_id, queue in asked:
            self.request(work_id, queue)

    @rule(
        work_id=WORKS, queue=QUEUES, agents=st.lists(st.tuples(AGENTS, st.sampled_from([0, 10])), min_size=1)
    )
    def ask_for(self, work_id: str, queue: Queue, agents: list[tuple[str, int]]) -> None:
        """The first who is there has the request to himself; who has no time to wait for, only if he is free."""
        self.follow()
        view = {agent.agent_id: agent for agent in self.run(self.desk.view()).agents}
        wanted = None
        for agent_id, wait_s in agents[:10]:
            agent = view.get(AgentId(agent_id))
            if agent and agent.state is AgentState.READY and not agent.is_unstable:
                waits_for_him = any(w.only_agent == agent_id for w in self.model.live() if w.state is QUEUED)
                if wait_s or (not waits_for_him and self.model.can_take(agent, queue[1])):
                    wanted = agent_id
                    break
        preferred = tuple(Preferred(agent_id=AgentId(a), wait_s=s) for a, s in agents[:10])
        work = self.request(work_id, queue, preferred=preferred)
        if work:
            assert work.only_agent == wanted

    @rule(
        agent=AGENTS,
        groups=MEMBERSHIPS,
        capacity=st.integers(1, 3),
        levels=st.none() | st.dictionaries(st.sampled_from(["all", "vip"]), st.integers(1, 9)),
    )
    def sign_on(self, agent: str, groups: list[str], capacity: int, levels: dict[str, int] | None) -> None:
        self.run(
            self.desk.routing.set_agent(
                self.desk.center_id,
                AgentId(agent),
                AgentState.READY,
                groups=groups,
                capacity=capacity,
                levels=levels,
            )
        )

    @rule(shift=SHIFTS)
    def start_shift(self, shift: list[tuple[list[str], int]]) -> None:
        for i, (groups, capacity) in enumerate(shift):
            self.sign_on(f"a{i}", groups, capacity, None)

    @rule(agent=AGENTS, how=st.sampled_from(["pause", "leave", "drain"]))
    def go(self, agent: str, how: str) -> None:
        self.attempt(getattr(self.desk, how)(agent))

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

    @rule()
    def everybody_accepts(self) -> None:
        """What is open by then; each acceptance may bring the next offer."""
        for work in self.model.live():
            if work.state is OFFERED and work.agent_id and work.deadline_ms:
                assert self.clock.now_ms() < work.deadline_ms
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
        self.follow()
        seen = {a.agent_id: a for a in self.run(self.desk.view()).agents}.get(AgentId(agent))
        work = self.model.works.get(WorkId(work_id))
        had_room = bool(seen and work and self.model.has_room(seen, work.channel))
        picked = self.attempt(self.desk.pick(work_id, agent, is_supervisor=is_supervisor))
        assert not picked or (work and work.agent_id == agent) or had_room

    @rule(work_id=WORKS, agent=AGENTS)
    def force(self, work_id: str, agent: str) -> None:
        """A supervisor's word goes past tiers, capacity and offers, and nobody takes it back."""
        self.follow()
        work = self.model.works.get(WorkId(work_id))
        seen = {a.agent_id: a for a in self.run(self.desk.view()).agents}.get(AgentId(agent))
        pick = self.desk.routing.pick(self.desk.center_id, WorkId(work_id), AgentId(agent), is_forced=True)
        picked = self.attempt(pick)
        if work and work.state in {QUEUED, OFFERED} and seen and seen.state is not AgentState.OFFLINE:
            assert picked
            assert (picked.state, picked.agent_id) == (ASSIGNED, agent)

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
    @rule(data=st.data(), tier=TIER_CODES)
    def transfer_to_tier(self, data: st.DataObject, tier: str) -> None:
        work = data.draw(st.sampled_from([w for w in self.model.live() if w.state is ASSIGNED]))
        assert work.agent_id is not None
        center_id = self.desk.center_id
        self.attempt(self.desk.routing.transfer_to_tier(center_id, work.work_id, work.agent_id, tier))

    @precondition(lambda self: any(w.state is ASSIGNED for w in self.model.works.values()))
    @rule(data=st.data(), agent=AGENTS)
    def transfer_to_agent(self, data: st.DataObject, agent: str) -> None:
        work = data.draw(st.sampled_from([w for w in self.model.live() if w.state is ASSIGNED]))
        assert work.agent_id is not None
        center_id, target = self.desk.center_id, AgentId(agent)
        self.attempt(self.desk.routing.transfer_to_agent(center_id, work.work_id, work.agent_id, target))

    @rule(work_id=WORKS, tier=TIER_CODES)
    def retier(self, work_id: str, tier: str) -> None:
        self.attempt(self.desk.routing.retier(self.desk.center_id, WorkId(work_id), tier))

    @rule(work_id=WORKS, channel=CHANNELS)
    def convert(self, work_id: str, channel: Channel) -> None:
        self.attempt(self.desk.routing.convert(self.desk.center_id, WorkId(work_id), channel))

    @rule(work_id=WORKS)
    def expedite(self, work_id: str) -> None:
        self.attempt(self.desk.routing.expedite(self.desk.center_id, WorkId(work_id)))

    @rule(work_id=WORKS, is_closed=st.booleans())
    def end(self, work_id: str, is_closed: bool) -> None:
        routing, center_id = self.desk.routing, self.desk.center_id
        self.attempt((routing.close if is_closed else routing.abandon)(center_id, WorkId(work_id)))

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
        self.model.counts.clear()
        self.model.marks.clear()
        self.model.may_skip = True
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
        self.model.pass_thresholds(now_ms)
        for tier in view.tiers:
            for count, n in (("asked", tier.asked), ("hits", tier.hits), ("abandoned", tier.abandoned)):
                assert n == self.model.counts[(tier.tier, tier.channel), count], (tier, count)
        for agent in view.agents:
            self.agent_is_right(agent, now_ms)
        for work in self.model.live():
            if work.state is QUEUED and work.only_agent:
                agent = next(a for a in view.agents if a.agent_id == work.only_agent)
                assert agent.state is AgentState.READY
                assert not self.model.can_take(agent, work.channel)
        for group in view.groups:
            members = [
                a for a in view.agents if group.group in a.groups and a.state is not AgentState.OFFLINE
            ]
            assert len(members) == group.free + group.busy + group.paused + group.unstable
            assert sum(a.load for a in members) == group.load
        self.queues_are_in_order()

    def agent_is_right(self, agent: AgentPresence, now_ms: int) -> None:
        held = self.model.held_by(agent.agent_id)
        assert sorted(agent.work_ids) == sorted(w.work_id for w in held)
        assert agent.load == self.model.load_of(agent.agent_id)
        assert agent.state is not AgentState.OFFLINE or not held
        assert agent.reason != "draining" or held
        assert len(self.model.offers_of(agent.agent_id)) <= (agent.state is AgentState.READY)
        channels = {w.work_id: self.model.rule_of(w.channel) for w in held}
        may_leave = {work_id for work_id, rule in channels.items() if rule.is_interruptible}
        if any(rule.is_exclusive for rule in channels.values()):
            assert set(agent.interrupted) == may_leave
        else:
            left = sum(channels[work_id].cost for work_id in agent.interrupted)
            assert set(agent.interrupted) <= may_leave
            assert agent.load - left <= agent.capacity or set(agent.interrupted) == may_leave
            assert left == 0 or agent.load > agent.capacity
        unserved = [
            work
            for work in self.model.waiting()
            if self.model.can_take(agent, work.channel) and self.model.may_serve(agent, work, now_ms)
        ]
        assert not unserved, (agent, unserved)

    def items_are_as_told(self) -> None:
        for told in self.model.live():
            stored = self.run(self.desk.work(told.work_id))
            if stored.version == told.version:
                assert stored == told
            else:  # restored without a word: still queued where it was
                assert self.model.may_skip
                assert (stored.state, queue_of(stored), place_of(stored)) == (
                    QUEUED,
                    queue_of(told),
                    place_of(told),
                )

    def queues_are_in_order(self) -> None:
        waiting = sorted(self.model.waiting(), key=lambda w: (queue_of(w), place_of(w)))
        if not waiting:
            return
        places = self.run(self.desk.routing.places(self.desk.center_id, [w.work_id for w in waiting]))
        seen: Counter[Queue] = Counter()
        for work in waiting:
            seen[queue_of(work)] += 1
            assert places[work.work_id].position == seen[queue_of(work)]


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
