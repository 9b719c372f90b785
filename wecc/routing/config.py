"""What the engine is told: tiers and their targets, groups, channels, the policy; and what of it is impossible.

The policy itself is not here: it exists once, in `lua/policy.lua`.
"""

from __future__ import annotations

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
