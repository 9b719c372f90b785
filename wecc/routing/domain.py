"""What routing speaks of: work items, agents, tiers; the rules that need no store.

The policy itself is not here: it exists once, in `lua/policy.lua`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from wecc.kernel.ids import AgentId, WorkId

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
"""A tier's or group's short name, as the operator writes it in his settings."""

ReasonCode = Annotated[str, StringConstraints(max_length=64)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Channel(StrEnum):
    """What an agent and a visitor share. Each has its own queues and its own targets."""

    CHAT = "chat"


class WorkState(StrEnum):
    """An item is in exactly one of these; the last three are ends."""

    QUEUED = "queued"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    WRAP_UP = "wrap_up"
    CLOSED = "closed"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"

    @property
    def is_end(self) -> bool:
        return self in {WorkState.CLOSED, WorkState.ABANDONED, WorkState.OVERFLOWED}


class AgentState(StrEnum):
    READY = "ready"
    PAUSED = "paused"
    OFFLINE = "offline"


class Policy(StrEnum):
    """Which tier is served when an agent frees up.

    `gap`: the one furthest below its target. `gap_live`: the same among callers who can still be answered in
    time; late ones have every k-th turn. `vip_strict`: the highest rank. `fifo`: the longest wait.
    Source: 2.4.3-03, 2.4.3-05 (gap), 2.4.3-08 (vip_strict).
    """

    GAP = "gap"
    GAP_LIVE = "gap_live"
    VIP_STRICT = "vip_strict"
    FIFO = "fifo"


# Configuration ---------------------------------------------------------------------------------------


class Target(Frozen):
    """The promise to a tier on one channel: `target_pct` % answered within `threshold_s`.

    Measured over the last `window_min` minutes. Source: 2.4.3-01, 2.4.3-02.
    """

    target_pct: float = Field(ge=0, le=100)
    threshold_s: float = Field(gt=0, le=86_400)
    window_min: int = Field(ge=1, le=1440)


class TierConfig(Frozen):
    """A customer class. `rank` 1 is the highest; it orders what is shown, `gap` does not look at it.

    A subordinate tier is considered only while all others meet their targets, or for an agent for whom nobody
    else waits. Source: 2.3-24.
    """

    code: Code
    rank: int = Field(ge=0, le=10_000)
    targets: dict[Channel, Target] = Field(min_length=1)
    is_subordinate: bool = False


class GroupConfig(Frozen):
    """Agents who may serve a set of tiers. Source: 2.4.1-01, 2.4.1-04."""

    code: Code
    tiers: tuple[Code, ...] = Field(min_length=1)


class RoutingConfig(Frozen):
    """All that the routing of one center is told. Every tier is served by at least one group."""

    tiers: tuple[TierConfig, ...] = Field(min_length=1, max_length=200)
    groups: tuple[GroupConfig, ...] = Field(min_length=1, max_length=500)
    policy: Policy = Policy.GAP
    favours_high_target_when_met: bool = False
    """While all who wait for the agent are of tiers that meet their targets. Source: 2.4.3-06."""
    favours_high_target_when_missed: bool = False
    """While two or more of them are of tiers below their targets. Source: 2.4.3-07."""
    late_turn: int = Field(default=5, ge=1, le=1000)
    """Under `gap_live`, every so-many-th decision goes to the longest-waiting late caller."""
    offer_timeout_s: float = Field(default=20, gt=0, le=600)
    max_misses: int = Field(default=3, ge=1, le=100)
    """Offers missed or declined in a row before the agent is paused as not responding."""
    wrap_up_s: float = Field(default=30, ge=0, le=3600)
    unstable_after_s: float = Field(default=15, gt=0)
    gone_after_s: float = Field(default=45, gt=0)
    barred_s: float = Field(default=30, ge=0, le=3600)
    """How long an agent is not offered again what he declined, missed or gave away."""
    direct_wait_s: float = Field(default=120, gt=0, le=3600)
    """How long a transfer to a named agent waits for him before it falls back to the tier."""
    short_abandon_s: float = Field(default=5, ge=0, le=600)
    """Leaving sooner than this counts neither for nor against the answer rate."""
    handling_s: float = Field(default=300, gt=0, le=86_400)
    """How long a conversation takes, for estimates before there is any history."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        tiers = [tier.code for tier in self.tiers]
        if len(set(tiers)) < len(tiers):
            raise ValueError("tiers: a code occurs twice")
        groups = [group.code for group in self.groups]
        if len(set(groups)) < len(groups):
            raise ValueError("groups: a code occurs twice")
        for group in self.groups:
            if unknown := set(group.tiers) - set(tiers):
                raise ValueError(f"groups.{group.code}.tiers: unknown tier {min(unknown)}")
        if unserved := set(tiers) - {tier for group in self.groups for tier in group.tiers}:
            raise ValueError(f"groups: no group serves tier {min(unserved)}")
        if self.gone_after_s <= self.unstable_after_s:
            raise ValueError("gone_after_s: must be longer than unstable_after_s")
        return self


# Work ------------------------------------------------------------------------------------------------


class WorkRequest(Frozen):
    """Someone of `tier` asks for a person on `channel`, since `since_ms` (now, when not given).

    `version` is the last one the database has for this id, 0 for a new one: versions never go back.
    """

    work_id: WorkId = Field(min_length=1, max_length=128, pattern=r"^\S+$")
    tier: Code
    channel: Channel = Channel.CHAT
    since_ms: int | None = Field(default=None, ge=0)
    version: int = Field(default=0, ge=0)


class Candidate(Frozen):
    """A tier the agent could have served at that moment. Rates and gap in percent points."""

    tier: str
    rate: float
    target: float
    gap: float
    wait_ms: int


class Reason(Frozen):
    """Why this item went to this agent then: what the policy saw. Source: design §6, 2.4.3-05.

    `policy` is what decided: the center's; with `_met` or `_missed` when the higher target was favoured, with
    `_late` when it was a late caller's turn; `direct` for a transfer to a named agent, `picked` by hand.
    `candidates` are those it considered.
    """

    policy: str
    tier: str
    rate: float
    target: float
    gap: float
    wait_ms: int
    candidates: tuple[Candidate, ...]


class WorkItem(Frozen):
    """An item as it stands. `version` grows by one with each transition and is an offer's fencing token.

    `since_ms` never changes while the item lives. `cause` says what brought it into this state.
    """

    work_id: WorkId
    state: WorkState
    tier: str
    channel: Channel
    version: int
    since_ms: int
    at_ms: int
    cause: str = ""
    agent_id: AgentId | None = None
    deadline_ms: int | None = None
    only_agent: AgentId | None = None
    assigned_ms: int | None = None
    reason: Reason | None = None


class AgentPresence(Frozen):
    """An agent as routing sees him. `load` counts offered (at most one), assigned and wrapping-up items."""

    agent_id: AgentId = Field(min_length=1, max_length=128, pattern=r"^\S+$")
    state: AgentState = AgentState.OFFLINE
    reason: ReasonCode | None = None
    groups: tuple[Code, ...] = ()
    capacity: int = Field(default=1, ge=1, le=100)
    load: int = 0
    work_ids: tuple[WorkId, ...] = ()
    is_unstable: bool = False
    idle_since_ms: int | None = None
    at_ms: int | None = None


class Outcome(Frozen):
    """One request's fate, from which a rebuild restores the answer rates."""

    tier: Code
    channel: Channel
    at_ms: int
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the database knows of a center's routing, all at one moment."""

    works: tuple[WorkItem, ...]
    agents: tuple[AgentPresence, ...]
    outcomes: tuple[Outcome, ...] = ()


# What is told and shown ------------------------------------------------------------------------------


class Transition(Frozen):
    """An entry of the outbox: the item as this transition left it."""

    entry_id: str
    work: WorkItem


class AgentChange(Frozen):
    """An entry of the outbox: an agent's state, steadiness or load changed."""

    entry_id: str
    agent: AgentPresence


class CenterChange(Frozen):
    """An entry of the outbox: the center was rebuilt or configured anew; views should be read again."""

    entry_id: str
    event: str
    at_ms: int


RoutingEvent = Transition | AgentChange | CenterChange


class TierView(Frozen):
    """A tier on one channel now. Rates in percent; `asked` is how many requests the rate rests on."""

    tier: str
    channel: Channel
    waiting: int
    longest_wait_ms: int
    rate: float
    target: float
    asked: int
    agents_ready: int
    slots: int


class CenterView(Frozen):
    at_ms: int
    tiers: tuple[TierView, ...]
    agents: tuple[AgentPresence, ...] = ()


class Swept(Frozen):
    """What one sweep found due. `has_more` asks for another at once."""

    expired: int
    closed: int
    unstable: int
    gone: int
    paired: int
    has_more: bool


class Place(Frozen):
    """Where a waiting item stands: `position` from 1 in its tier, none once it is offered.

    The wait is a range in seconds, none when nobody serves the tier.
    """

    work_id: WorkId
    state: WorkState
    position: int | None = None
    wait_low_s: int | None = None
    wait_high_s: int | None = None


class Speed(Frozen):
    """How fast a queue moved over its tier's window. `usual_handling_ms` stands in for missing history."""

    left: int
    busy_ms: int
    handled: int
    handling_ms: int
    usual_handling_ms: int
    slots: int


_ENOUGH_LEFT = 3
_ENOUGH_BUSY_MS = 30_000


def estimate_wait(position: int, speed: Speed) -> tuple[int, int] | None:
    """The wait of whoever stands at `position`, as (low, high) in seconds; None when nobody serves.

    The queue's own drain while somebody waited is the measure; before there is enough of it, the handling
    time shared by the slots of the agents who are ready. The spread is that of a Poisson stream.
    """
    if speed.slots <= 0:
        return None
    if speed.left >= _ENOUGH_LEFT and speed.busy_ms >= _ENOUGH_BUSY_MS:
        each_s = speed.busy_ms / 1000 / speed.left
    else:
        mean_ms = speed.handling_ms / speed.handled if speed.handled else speed.usual_handling_ms
        each_s = mean_ms / 1000 / speed.slots
    spread = math.sqrt(position)
    low_s, high_s = each_s * (position - spread), each_s * (position + spread)
    return math.floor(low_s / _step_s(low_s)) * _step_s(low_s), math.ceil(high_s / _step_s(high_s)) * _step_s(
        high_s
    )


def _step_s(wait_s: float) -> int:
    """Tens of seconds up to two minutes, whole minutes above: nobody is promised the second."""
    return 10 if wait_s < 120 else 60
