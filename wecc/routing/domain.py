"""What routing speaks of: work items, agents, explanations, views."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from wecc.kernel.ids import AgentId, WorkId
from wecc.routing.config import Channel, Code, Frozen, Policy, ReasonCode


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


# Work ------------------------------------------------------------------------------------------------


class Preferred(Frozen):
    """An agent who is to have a request to himself for at most `wait_s`; 0: only if he can take it at once."""

    agent_id: AgentId = Field(min_length=1, max_length=128, pattern=r"^\S+$")
    wait_s: float = Field(default=0, ge=0, le=3600)


class WorkRequest(Frozen):
    """Someone of `tier` asks for a person on `channel`, since `since_ms` (now, when not given).

    `version` is the last one the database has for this id, 0 for a new one: versions never go back.
    `needs_agent`: refused when nobody is ready who serves the queue. `preferred`: the account manager, then the
    last agent, say; the first of them who is ready and steady has it to himself. Source: 2.3-06, 2.5-04.
    """

    work_id: WorkId = Field(min_length=1, max_length=128, pattern=r"^\S+$")
    tier: Code
    channel: Channel = Channel.CHAT
    since_ms: int | None = Field(default=None, ge=0)
    version: int = Field(default=0, ge=0)
    cause: ReasonCode = "asked"
    """What brought it into the queue, as the outbox tells it; for a message why nobody could chat."""
    needs_agent: bool = False
    preferred: tuple[Preferred, ...] = Field(default=(), max_length=10)


class Candidate(Frozen):
    """A tier the agent could have served at that moment. Rates and gap in percent points."""

    tier: str
    channel: Channel = Channel.CHAT
    rank: int = 0
    rate: float
    target: float
    gap: float
    wait_ms: int
    is_late: bool = False


class Reason(Frozen):
    """Why this item went to this agent then: what the policy saw. Source: design §6, 2.4.3-05.

    `policy` is what decided: the center's; with `_met` or `_missed` when the higher target was favoured, with
    `_late` when it was a late caller's turn; `direct` for work that waited for a named agent, `expedited` or
    `picked` by hand. `candidates` are those it considered, in the order that settles ties. The favours are the
    center's flags at that moment.
    """

    policy: str
    tier: str
    channel: Channel = Channel.CHAT
    rate: float
    target: float
    gap: float
    wait_ms: int
    candidates: tuple[Candidate, ...]
    favours_high_target_when_met: bool = False
    favours_high_target_when_missed: bool = False

    @property
    def decided_by(self) -> Policy | None:
        """The center's policy at that moment; None when it was not asked."""
        named = [policy for policy in Policy if self.policy in {policy, *(f"{policy}_{x}" for x in _TURNS)}]
        return named[0] if named else None


_TURNS: Final = ("met", "missed", "late")


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
    is_expedited: bool = False
    reason: Reason | None = None


class AgentPresence(Frozen):
    """An agent as routing sees him.

    `load` is the cost of the items he holds: offered (at most one), assigned and wrapping-up ones; `capacity` is
    in the same units. `interrupted` are those he has to leave for others. `levels`: his skill in a group, 1 the
    best; 1 where not given.
    """

    agent_id: AgentId = Field(min_length=1, max_length=128, pattern=r"^\S+$")
    state: AgentState = AgentState.OFFLINE
    reason: ReasonCode | None = None
    groups: tuple[Code, ...] = ()
    levels: dict[Code, Annotated[int, Field(ge=1, le=9)]] = Field(default={})
    capacity: int = Field(default=1, ge=1, le=100)
    load: int = 0
    work_ids: tuple[WorkId, ...] = ()
    interrupted: tuple[WorkId, ...] = ()
    is_unstable: bool = False
    idle_since_ms: int | None = None
    at_ms: int | None = None


class Outcome(Frozen):
    """One request's fate, from which a rebuild restores the answer rates.

    `excess_ms`: how long it waited beyond the threshold.
    """

    tier: Code
    channel: Channel
    at_ms: int
    is_hit: bool
    is_abandoned: bool = False
    excess_ms: int = Field(default=0, ge=0)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the database knows of a center's routing, all at one moment."""

    works: tuple[WorkItem, ...]
    agents: tuple[AgentPresence, ...]
    outcomes: tuple[Outcome, ...] = ()


# What is told and shown ------------------------------------------------------------------------------


class Transition(Frozen):
    """An event of the outbox: the item as this transition left it."""

    entry_id: str
    work: WorkItem


class AgentChange(Frozen):
    """An event of the outbox: an agent's state, steadiness or load changed."""

    entry_id: str
    agent: AgentPresence


class CenterChange(Frozen):
    """An event of the outbox: the center was rebuilt or configured anew; views should be read again."""

    entry_id: str
    event: str
    at_ms: int


RoutingEvent = Transition | AgentChange | CenterChange


class TierView(Frozen):
    """A tier on one channel now. Rates in percent; `asked` is how many requests the rate rests on.

    Over the window: `hits` of them answered in time, `abandoned`, `mean_excess_s` waited beyond the threshold,
    `late_decisions`: late callers taken while one in time waited for the same agent. `slots`: items that its
    ready agents may hold together; helpers of other groups are in neither.
    """

    tier: str
    channel: Channel
    waiting: int
    longest_wait_ms: int
    rate: float
    target: float
    asked: int
    agents_ready: int
    slots: int
    hits: int = 0
    abandoned: int = 0
    mean_excess_s: float = 0
    late_decisions: int = 0
    expedited: int = 0


class GroupView(Frozen):
    """A group's agents now: ready with room, ready and full, paused, silent; load and capacity of them all."""

    group: str
    free: int = 0
    busy: int = 0
    paused: int = 0
    unstable: int = 0
    load: int = 0
    capacity: int = 0


class CenterView(Frozen):
    at_ms: int
    tiers: tuple[TierView, ...]
    agents: tuple[AgentPresence, ...] = ()
    groups: tuple[GroupView, ...] = ()
    policy: Policy = Policy.GAP


class Swept(Frozen):
    """What one sweep found due. `has_more` asks for another at once."""

    expired: int
    closed: int
    unstable: int
    gone: int
    paired: int
    has_more: bool
