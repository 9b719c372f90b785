"""What routing speaks of: work items, agents, tiers; the rules that need no store.

The policy itself is not here: it exists once, in `lua/policy.lua`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from wecc.kernel.ids import AgentId, WorkId

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
"""A tier's or group's short name, as the operator writes it in his settings."""

ReasonCode = Annotated[str, StringConstraints(max_length=64)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Channel(StrEnum):
    """What an agent and a visitor share. Each has its own queues and its own targets.

    A message is left when nobody can chat, and answered later.
    """

    CHAT = "chat"
    VOICE = "voice"
    CALLBACK = "callback"
    MESSAGE = "message"


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


class AgentChoice(StrEnum):
    """Which of several free agents is given an item.

    `least_occupied`: the smallest share of capacity in use, then the longest idle. `longest_idle`: that alone.
    `most_skilled`: level 1 before 9 in the best of his groups that serve the tier, then as least occupied.
    """

    LEAST_OCCUPIED = "least_occupied"
    LONGEST_IDLE = "longest_idle"
    MOST_SKILLED = "most_skilled"


class Abandons(StrEnum):
    """How giving up within the threshold counts: not at all, as not answered, or as answered.

    With hits H, abandoned A, all O the rate is H/(O-A), H/O or (H+A)/O. Who gives up later was not answered in
    time, whichever it is.
    """

    IGNORE = "ignore"
    NEGATIVE = "negative"
    POSITIVE = "positive"


# Configuration ---------------------------------------------------------------------------------------


class Target(Frozen):
    """The promise to a tier on one channel: `target_pct` % answered within `threshold_s`.

    Measured over the last `window_min` minutes. Giving up sooner than `short_abandon_s` counts neither for nor
    against. Source: 2.4.3-01, 2.4.3-02.
    """

    target_pct: float = Field(gt=0, le=100)
    threshold_s: float = Field(gt=0, le=7 * 86_400)
    window_min: int = Field(ge=1, le=1440)
    abandons: Abandons = Abandons.NEGATIVE
    short_abandon_s: float = Field(default=5, ge=0, le=600)


class ChannelRule(Frozen):
    """What an item of a channel takes of an agent.

    `cost` is in the units of his capacity. An exclusive item is given only to who holds nothing that cannot be
    interrupted, and nothing else is given while he holds it. Interruptible items make room for others: they
    count only against each other.
    """

    cost: int = Field(default=1, ge=1, le=100)
    is_exclusive: bool = False
    is_interruptible: bool = False


DEFAULT_CHANNELS: Final[Mapping[Channel, ChannelRule]] = {
    Channel.CHAT: ChannelRule(),
    Channel.VOICE: ChannelRule(is_exclusive=True),
    Channel.CALLBACK: ChannelRule(is_exclusive=True),
    Channel.MESSAGE: ChannelRule(is_interruptible=True),
}


class TierConfig(Frozen):
    """A customer class. `rank` 1 is the highest; it orders what is shown, `gap` does not look at it.

    A subordinate tier is considered only while all others meet their targets, or for an agent for whom nobody
    else waits. Access may be limited: `max_waiting` in a channel's queue; `max_share_pct`: its live items on a
    channel, of the slots of that channel's ready agents (rounded up). Messages are never refused.
    Source: 2.3-21, 2.3-23, 2.3-24.
    """

    code: Code
    rank: int = Field(ge=0, le=10_000)
    targets: dict[Channel, Target] = Field(min_length=1)
    is_subordinate: bool = False
    max_waiting: int | None = Field(default=None, ge=1)
    max_share_pct: float | None = Field(default=None, gt=0, le=100)


class Overflow(Frozen):
    """Group `to` helps out: for who has waited `after_s`, and while more than `longer_than` wait in a queue."""

    to: Code
    after_s: float | None = Field(default=None, gt=0, le=7 * 86_400)
    longer_than: int | None = Field(default=None, ge=1)


class GroupConfig(Frozen):
    """Agents who may serve a set of tiers at once, and `widened` ones for who has waited so many seconds.

    Source: 2.4.1-01, 2.4.1-04.
    """

    code: Code
    tiers: tuple[Code, ...] = Field(min_length=1)
    widened: dict[Code, Annotated[float, Field(gt=0, le=7 * 86_400)]] = {}
    overflow: Overflow | None = None


class RoutingConfig(Frozen):
    """All that the routing of one center is told. Every tier is served by at least one group.

    Refusals name the field in full, one error each: `groups.vip.overflow: …`. A channel without a rule has the
    one of `DEFAULT_CHANNELS`.
    """

    tiers: tuple[TierConfig, ...] = Field(min_length=1, max_length=200)
    groups: tuple[GroupConfig, ...] = Field(min_length=1, max_length=500)
    channels: dict[Channel, ChannelRule] = {}
    policy: Policy = Policy.GAP
    favours_high_target_when_met: bool = False
    """While all who wait for the agent are of tiers that meet their targets. Source: 2.4.3-06."""
    favours_high_target_when_missed: bool = False
    """While two or more of them are of tiers below their targets. Source: 2.4.3-07."""
    late_turn: int = Field(default=5, ge=1, le=1000)
    """Under `gap_live`, every so-many-th decision goes to the longest-waiting late caller."""
    agent_choice: AgentChoice = AgentChoice.LEAST_OCCUPIED
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
    handling_s: float = Field(default=300, gt=0, le=86_400)
    """How long a conversation takes, for estimates before there is any history."""

    @model_validator(mode="wrap")
    @classmethod
    def _is_possible(cls, given: object, parse: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            config = parse(given)
        except ValidationError as error:
            details = error.errors()
            # A list whose only item is refused is called too short as well.
            inner = {detail["loc"][:i] for detail in details for i in range(len(detail["loc"]))}
            kept = [detail for detail in details if detail["loc"] not in inner]
            problems = [(_full_name(detail["loc"], given), detail["msg"]) for detail in kept]
            raise _refusal(cls, problems) from error
        if problems := list(_contradictions(config)):
            raise _refusal(cls, problems)
        return config


def _refusal(cls: type[BaseModel], problems: Sequence[tuple[str, str]]) -> ValidationError:
    def detail(path: str, sentence: str) -> InitErrorDetails:
        about = {"path": path, "sentence": sentence}
        return InitErrorDetails(
            type=PydanticCustomError("impossible", "{path}: {sentence}", about), input=path
        )

    return ValidationError.from_exception_data(cls.__name__, [detail(*problem) for problem in problems])


def _full_name(loc: tuple[int | str, ...], given: object) -> str:
    """The path of a field, tiers and groups by their codes."""
    parts: list[str] = []
    here: Any = given
    for part in loc:
        try:
            here = getattr(here, str(part)) if isinstance(here, BaseModel) else here[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            here = None
        code = here.get("code") if isinstance(here, Mapping) else getattr(here, "code", None)
        parts.append(str(code) if isinstance(part, int) and code else str(part))
    return ".".join(part for part in parts if part != "[key]")


def _contradictions(config: RoutingConfig) -> Iterator[tuple[str, str]]:
    tiers, groups = [tier.code for tier in config.tiers], [group.code for group in config.groups]
    for name, codes in (("tiers", tiers), ("groups", groups)):
        if len(set(codes)) < len(codes):
            yield name, "a code occurs twice"
    for group in config.groups:
        yield from _contradictions_of(group, config)
    served = {tier for group in config.groups for tier in group.tiers}
    for tier in dict.fromkeys(tiers):
        if tier not in served:
            yield "groups", f"no group serves tier {tier}"
    for channel, rule in config.channels.items():
        if rule.is_exclusive and rule.is_interruptible:
            yield f"channels.{channel}.is_interruptible", "exclusive work cannot be interrupted"
    if config.gone_after_s <= config.unstable_after_s:
        yield "gone_after_s", "must be longer than unstable_after_s"


def _contradictions_of(group: GroupConfig, config: RoutingConfig) -> Iterator[tuple[str, str]]:
    tiers, path = {tier.code for tier in config.tiers}, f"groups.{group.code}"
    for tier, count in Counter(group.tiers).items():
        if tier not in tiers:
            yield f"{path}.tiers", f"unknown tier {tier}"
        elif count > 1:
            yield f"{path}.tiers", f"{tier} occurs twice"
    for tier in group.widened:
        if tier not in tiers:
            yield f"{path}.widened", f"unknown tier {tier}"
        elif tier in group.tiers:
            yield f"{path}.widened", f"{tier} is served at once already"
    if group.overflow:
        yield from _contradictions_of_overflow(group, group.overflow, config)


def _contradictions_of_overflow(
    group: GroupConfig, overflow: Overflow, config: RoutingConfig
) -> Iterator[tuple[str, str]]:
    path, groups = f"groups.{group.code}.overflow", {other.code: other for other in config.groups}
    if overflow.after_s is None and overflow.longer_than is None:
        yield path, "needs after_s or longer_than"
    if overflow.to == group.code:
        yield path, "leads to the group itself"
    elif overflow.to not in groups:
        yield path, f"unknown group {overflow.to}"
    else:
        passed, here = {group.code}, groups.get(overflow.to)
        while here and here.code not in passed:
            passed.add(here.code)
            here = groups.get(here.overflow.to) if here.overflow else None
        if here and here.code == group.code:
            yield path, "leads back to the group"


@dataclass(frozen=True, slots=True, order=True)
class Served:
    """A tier served for who has waited `after_s` while more than `longer_than` wait; (0, 0) is at once."""

    tier: Code
    after_s: float = 0.0
    longer_than: int = 0

    def covers(self, other: Served) -> bool:
        """Whether it serves whomever `other` does."""
        is_same = self.tier == other.tier
        return is_same and self.after_s <= other.after_s and self.longer_than <= other.longer_than


def served_tiers(groups: Sequence[GroupConfig]) -> dict[Code, tuple[Served, ...]]:
    """What each group serves and when: its own, the widened, and what overflows to it from others.

    Along a chain of overflows the waits add up and the longest length counts. One tier may be there more than
    once: then each is enough. Without cycles, as `RoutingConfig` makes sure.
    """
    helped = {group.code: [other for other in groups if _leads_to(other, group.code)] for group in groups}

    def expand(group: GroupConfig) -> set[Served]:
        all_served = {Served(tier) for tier in group.tiers}
        all_served |= {Served(tier, after_s) for tier, after_s in group.widened.items()}
        for other in helped[group.code]:
            link = other.overflow
            for served in expand(other):
                if link and link.after_s is not None:
                    all_served.add(Served(served.tier, served.after_s + link.after_s, served.longer_than))
                if link and link.longer_than is not None:
                    length = max(served.longer_than, link.longer_than)
                    all_served.add(Served(served.tier, served.after_s, length))
        return {x for x in all_served if not any(y.covers(x) for y in all_served if y != x)}

    return {group.code: tuple(sorted(expand(group))) for group in groups}


def _leads_to(group: GroupConfig, code: Code) -> bool:
    return group.overflow is not None and group.overflow.to == code


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
    levels: dict[Code, Annotated[int, Field(ge=1, le=9)]] = {}
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


def is_infeasible(tiers: Sequence[TierView]) -> bool:
    """Whether the targets cannot all be met as things are: no shift between the tiers would help.

    Every tier somebody asked for is below its target, so that the mean of the targets, each with its share of
    the requests, is above the rate attained over all.
    """
    asked = [tier for tier in tiers if tier.asked]
    everyone = sum(tier.asked for tier in asked)
    if not asked or any(tier.rate >= tier.target for tier in asked):
        return False
    return sum(t.asked * t.target for t in asked) / everyone > 100 * sum(t.hits for t in asked) / everyone


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

    The wait is a range in seconds, none when nobody serves the tier. `slots`: items that its ready agents may
    hold together.
    """

    work_id: WorkId
    state: WorkState
    position: int | None = None
    wait_low_s: int | None = None
    wait_high_s: int | None = None
    slots: int = 0


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
    return math.floor(low_s / _step_s(low_s)) * _step_s(low_s), _rounded_up(high_s)


def _step_s(wait_s: float) -> int:
    """Tens of seconds up to two minutes, whole minutes above: nobody is promised the second."""
    return 10 if wait_s < 120 else 60


def _rounded_up(wait_s: float) -> int:
    return math.ceil(wait_s / _step_s(wait_s)) * _step_s(wait_s)


class Told(Frozen):
    """What somebody who waits was told, to be kept for the next time: his range, and until when it holds."""

    position: int
    slots: int
    due_ms: int
    wait_low_s: int
    wait_high_s: int


def tell_wait(before: Told | None, place: Place, now_ms: int) -> Told | None:
    """What to tell him now, given what he was told before: the high end only counts down.

    It rises only with a cause: he stands further back, or there are fewer slots. It never ends at nothing while
    he still waits. None when there is no estimate; then the next is a new one.
    """
    if place.position is None or place.wait_low_s is None or place.wait_high_s is None:
        return None
    due_ms = now_ms + place.wait_high_s * 1000
    if before and place.position <= before.position and place.slots >= before.slots:
        due_ms = min(due_ms, before.due_ms)
    high_s = _rounded_up(max(1, (due_ms - now_ms) / 1000))
    return Told(
        position=place.position,
        slots=place.slots,
        due_ms=due_ms,
        wait_low_s=max(0, min(place.wait_low_s, high_s - _step_s(high_s))),
        wait_high_s=high_s,
    )
