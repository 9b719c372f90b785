"""The routing plan: everything a center's supervisors decide about routing, as one document.

It is edited, checked, tried on yesterday's traffic, saved and restored as a whole; each save is a version.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from wecc.infra.wire import Id, Line, Wire
from wecc.routing import hours
from wecc.routing.errors import RoutingRefusal
from wecc.routing.hours import HoursPlan

ChannelName = Literal["chat", "voice", "callback", "message"]
TierCode = Id
GroupCode = Id
SMALL_GROUP = 50
"""Below so many agents a group needs clearly more idle time for the same target. Source: 2.4.1-03."""


class TargetPlan(Wire):
    """The promise on one channel: `target_percent` answered within `threshold_s`, over `window_min` minutes.

    `abandons`: who gives up counts as not answered (`negative`), as answered (`positive`), or not (`ignore`).
    Source: 2.4.3-01, 2.4.3-02.
    """

    channel: ChannelName
    target_percent: float
    threshold_s: float
    window_min: int
    abandons: Literal["ignore", "negative", "positive"] = "negative"


class TierPlan(Wire):
    """How a customer class is served.

    `is_subordinate`: considered only while all others meet their targets (2.3-24). `max_waiting` and
    `max_share_percent` (of the ready agents' capacity) control access (2.3-21, 2.3-23); beyond them a message
    can be left. `hours`: code of its opening hours, empty for always. `manager_wait_s`: how long the account
    manager has the request to himself (2.3-06, 2.5-04); `last_agent_min`: for so long the agent who served
    last is asked first. 0 turns either off.
    """

    code: TierCode
    targets: Annotated[list[TargetPlan], Field(max_length=4)]
    is_subordinate: bool = False
    max_waiting: int | None = None
    max_share_percent: float | None = None
    hours: str = ""
    manager_wait_s: int = 0
    last_agent_min: int = 0


class WideningPlan(Wire):
    """A tier the group also serves, for who has waited `after_s`."""

    tier: TierCode
    after_s: float


class OverflowPlan(Wire):
    """The group's waiting customers are also served by the agents of `to`: after `after_s` of waiting, or while
    more than `longer_than` wait."""

    to: GroupCode
    after_s: float | None = None
    longer_than: int | None = None


class GroupPlan(Wire):
    """Agents who may serve a set of tiers. Source: 2.4.1-01."""

    code: GroupCode
    name_zh: Line
    name_en: Line
    tiers: Annotated[list[TierCode], Field(max_length=50)]
    widened: Annotated[list[WideningPlan], Field(max_length=50)]
    overflow: OverflowPlan | None = None


class Membership(Wire):
    """`level` 1 is the most skilled, 9 the least."""

    group: GroupCode
    level: int = 1


class MemberPlan(Wire):
    """An agent's groups and how much he takes at once. Source: 2.4.1-04."""

    agent_id: Id
    capacity: int
    groups: Annotated[list[Membership], Field(max_length=50)]


class RoutingPlan(Wire):
    """See the module. Policies: 2.4.3-05 (`gap`), 2.4.3-08 (`vip_strict`); flags: 2.4.3-06, 2.4.3-07."""

    policy: Literal["gap", "gap_live", "vip_strict", "fifo"] = "gap"
    favours_high_target_when_met: bool = False
    favours_high_target_when_missed: bool = False
    late_turn: int = 5
    agent_choice: Literal["least_occupied", "longest_idle", "most_skilled"] = "least_occupied"
    offer_timeout_s: float = 20
    max_misses: int = 3
    wrap_up_s: float = 30
    tiers: Annotated[list[TierPlan], Field(max_length=50)]
    groups: Annotated[list[GroupPlan], Field(max_length=200)]
    members: Annotated[list[MemberPlan], Field(max_length=5000)]
    hours: Annotated[list[HoursPlan], Field(max_length=50)]

    def tier(self, code: str) -> TierPlan | None:
        return next((tier for tier in self.tiers if tier.code == code), None)

    def member(self, agent_id: str) -> MemberPlan:
        """An agent's place in the plan; who is in no group serves nobody."""
        known = (member for member in self.members if member.agent_id == agent_id)
        return next(known, MemberPlan(agent_id=agent_id, capacity=5, groups=[]))

    def served_tiers(self, agent_id: str) -> set[str]:
        """Tiers an agent serves at once, after a wait or by overflow. Source: 2.4.1-04."""
        groups = {group.code: group for group in self.groups}
        reached = {membership.group for membership in self.member(agent_id).groups}
        # Overflow runs from a group to the one that helps it: who helps serves what the helped one serves.
        while (
            more := {group.code for group in self.groups if group.overflow and group.overflow.to in reached}
            - reached
        ):
            reached |= more
        served: set[str] = set()
        for code in reached & groups.keys():
            served |= {*groups[code].tiers, *(step.tier for step in groups[code].widened)}
        return served

    def hours_of(self, tier_code: str) -> HoursPlan | None:
        """The tier's opening hours; None is always open."""
        tier = self.tier(tier_code)
        return next((h for h in self.hours if tier and h.code == tier.hours), None)


class Problem(Wire):
    """What makes a plan impossible: where, and a stable code. `about` names what it is about."""

    path: str
    code: Literal[
        "out_of_range",
        "duplicate",
        "missing",
        "unknown_tier",
        "unknown_group",
        "unknown_agent",
        "unknown_hours",
        "unserved",
        "cycle",
        "bad_time",
        "bad_zone",
        "no_condition",
        "impossible",
    ]
    about: str = ""


class PlanInvalid(RoutingRefusal):
    """The plan cannot be used; `data["problems"]` says where and why. Nothing was changed."""

    code = "plan.invalid"
    status = 422
    sentence = "The routing plan has problems. Nothing was changed."

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems=[problem.model_dump() for problem in problems])
        self.problems = problems


def problems_of(plan: RoutingPlan, tier_codes: Collection[str], agent_ids: Collection[str]) -> list[Problem]:
    """Everything that makes the plan impossible, by field; nothing when it can be used."""
    return list(_problems(plan, tier_codes, agent_ids))


def _problems(
    plan: RoutingPlan, tier_codes: Collection[str], agent_ids: Collection[str]
) -> Iterable[Problem]:
    yield from _out_of_range("", _LIMITS, plan)
    hour_codes = [h.code for h in plan.hours]
    yield from _duplicates("hours", hour_codes)
    for h in plan.hours:
        yield from _hours_problems(f"hours.{h.code}", h)
    codes = [tier.code for tier in plan.tiers]
    yield from _duplicates("tiers", codes)
    for code in tier_codes:
        if code not in codes:
            yield Problem(path=f"tiers.{code}", code="missing", about=code)
    for tier in plan.tiers:
        path = f"tiers.{tier.code}"
        if tier.code not in tier_codes:
            yield Problem(path=path, code="unknown_tier", about=tier.code)
        yield from _out_of_range(path, _TIER_LIMITS, tier)
        if tier.hours and tier.hours not in hour_codes:
            yield Problem(path=f"{path}.hours", code="unknown_hours", about=tier.hours)
        yield from _duplicates(f"{path}.targets", [target.channel for target in tier.targets])
        for channel in ("chat", "message"):
            if channel not in {target.channel for target in tier.targets}:
                yield Problem(path=f"{path}.targets.{channel}", code="missing", about=channel)
        for target in tier.targets:
            yield from _out_of_range(f"{path}.targets.{target.channel}", _TARGET_LIMITS, target)
    yield from _group_problems(plan, codes)
    group_codes = {group.code for group in plan.groups}
    yield from _duplicates("members", [member.agent_id for member in plan.members])
    for member in plan.members:
        path = f"members.{member.agent_id}"
        if member.agent_id not in agent_ids:
            yield Problem(path=path, code="unknown_agent", about=member.agent_id)
        yield from _out_of_range(path, _MEMBER_LIMITS, member)
        yield from _duplicates(f"{path}.groups", [m.group for m in member.groups])
        for membership in member.groups:
            if membership.group not in group_codes:
                yield Problem(path=f"{path}.groups", code="unknown_group", about=membership.group)
            yield from _out_of_range(f"{path}.groups.{membership.group}", {"level": (1, 9)}, membership)


def _group_problems(plan: RoutingPlan, tier_codes: list[str]) -> Iterable[Problem]:
    codes = [group.code for group in plan.groups]
    yield from _duplicates("groups", codes)
    for group in plan.groups:
        path = f"groups.{group.code}"
        if not group.tiers:
            yield Problem(path=f"{path}.tiers", code="missing")
        for tier in group.tiers:
            if tier not in tier_codes:
                yield Problem(path=f"{path}.tiers", code="unknown_tier", about=tier)
        yield from _duplicates(f"{path}.tiers", [*group.tiers, *(step.tier for step in group.widened)])
        for step in group.widened:
            if step.tier not in tier_codes:
                yield Problem(path=f"{path}.widened", code="unknown_tier", about=step.tier)
            yield from _out_of_range(f"{path}.widened.{step.tier}", {"after_s": (1, 86_400)}, step)
        if group.overflow is not None:
            yield from _overflow_problems(f"{path}.overflow", group, plan)
    served = {tier for group in plan.groups for tier in group.tiers}
    for tier in tier_codes:
        if tier not in served:
            yield Problem(path=f"tiers.{tier}", code="unserved", about=tier)


def _overflow_problems(path: str, group: GroupPlan, plan: RoutingPlan) -> Iterable[Problem]:
    assert group.overflow is not None
    helps = {g.code: g.overflow.to for g in plan.groups if g.overflow is not None}
    known = {g.code for g in plan.groups}
    if group.overflow.to not in known:
        yield Problem(path=path, code="unknown_group", about=group.overflow.to)
    if group.overflow.after_s is None and group.overflow.longer_than is None:
        yield Problem(path=path, code="no_condition")
    yield from _out_of_range(path, {"after_s": (1, 86_400), "longer_than": (1, 1_000_000)}, group.overflow)
    place, seen = group.code, set[str]()
    while place in helps and place not in seen:
        seen.add(place)
        place = helps[place]
    if place == group.code and seen:
        yield Problem(path=path, code="cycle", about=group.overflow.to)


def _hours_problems(path: str, plan: HoursPlan) -> Iterable[Problem]:
    if not hours.is_zone(plan.time_zone):
        yield Problem(path=f"{path}.time_zone", code="bad_zone", about=plan.time_zone)
    for i, opening in enumerate(plan.week):
        if not 1 <= opening.day <= 7:
            yield Problem(path=f"{path}.week.{i}.day", code="out_of_range")
        if not hours.is_span(opening.opens, opening.closes):
            yield Problem(path=f"{path}.week.{i}", code="bad_time", about=f"{opening.opens}–{opening.closes}")
    yield from _duplicates(f"{path}.holidays", [holiday.date for holiday in plan.holidays])
    for i, holiday in enumerate(plan.holidays):
        is_closed = not holiday.opens and not holiday.closes
        if not hours.is_date(holiday.date) or not (is_closed or hours.is_span(holiday.opens, holiday.closes)):
            yield Problem(path=f"{path}.holidays.{i}", code="bad_time", about=holiday.date)


_LIMITS: dict[str, tuple[float, float]] = {
    "late_turn": (1, 1000),
    "offer_timeout_s": (3, 600),
    "max_misses": (1, 20),
    "wrap_up_s": (0, 3600),
}
_TIER_LIMITS: dict[str, tuple[float, float]] = {
    "max_waiting": (1, 1_000_000),
    "max_share_percent": (1, 100),
    "manager_wait_s": (0, 3600),
    "last_agent_min": (0, 43_200),
}
_TARGET_LIMITS: dict[str, tuple[float, float]] = {
    "target_percent": (1, 100),
    "threshold_s": (1, 604_800),
    "window_min": (1, 1440),
}
_MEMBER_LIMITS: dict[str, tuple[float, float]] = {"capacity": (1, 100)}


def _out_of_range(path: str, limits: Mapping[str, tuple[float, float]], part: Wire) -> Iterable[Problem]:
    for field, (low, high) in limits.items():
        value = getattr(part, field)
        # Not-a-number is in no range.
        if value is not None and not low <= value <= high:
            place = f"{path}.{field}" if path else field
            yield Problem(path=place, code="out_of_range", about=f"{low:g} – {high:g}")


def _duplicates(path: str, codes: Iterable[str]) -> Iterable[Problem]:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            yield Problem(path=path, code="duplicate", about=code)
        seen.add(code)
