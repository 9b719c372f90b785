"""The routing plans of all centers: kept as versions, the newest in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from tortoise.exceptions import IntegrityError

from wecc.identity import Identity
from wecc.infra import db
from wecc.kernel.clock import Clock
from wecc.kernel.errors import NotFound
from wecc.kernel.ids import AgentId, CenterId
from wecc.routing.config import (
    Abandons,
    AgentChoice,
    Channel,
    GroupConfig,
    Overflow,
    Policy,
    RoutingConfig,
    Target,
    TierConfig,
)
from wecc.routing.domain import (
    AgentPresence,
)
from wecc.routing.errors import RoutingRefusal
from wecc.routing.models import PlanVersion
from wecc.routing.plan import PlanInvalid, Problem, RoutingPlan, TierPlan, problems_of
from wecc.settings import Routing as RoutingSettings


class PlanConflict(RoutingRefusal):
    """Somebody saved another version meanwhile; `data` says which, who and when. Nothing was changed."""

    code = "plan.conflict"
    sentence = "Somebody has changed the routing plan meanwhile. Nothing was saved."


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A version of a center's plan; `saved_by` is an agent's id, empty for the set-up."""

    version: int
    saved_ms: int
    saved_by: str
    comment: str
    plan: RoutingPlan


class Plans:
    """Reads and saves plans. One instance a process; the newest version is asked for every second at most."""

    def __init__(self, identity: Identity, clock: Clock, rules: RoutingSettings) -> None:
        self._identity = identity
        self._clock = clock
        self._rules = rules
        self._known: dict[CenterId, tuple[float, SavedPlan]] = {}

    async def current(self, center_id: CenterId, max_age_s: float = 1.0) -> SavedPlan:
        """The plan in force, so long ago at most. Raises: NotFound for a center without one."""
        now_s = self._clock.monotonic_s()
        read_s, known = self._known.get(center_id, (now_s, None))
        if known is not None and now_s - read_s < max_age_s:
            return known
        newest = await PlanVersion.filter(center_id=center_id).order_by("-version").only("version").first()
        if newest is None:
            raise NotFound
        if known is None or known.version != newest.version:
            known = await self.version(center_id, newest.version)
        self._known[center_id] = (now_s, known)
        return known

    async def version(self, center_id: CenterId, version: int) -> SavedPlan:
        """Raises: NotFound."""
        row = await PlanVersion.get_or_none(center_id=center_id, version=version)
        if row is None:
            raise NotFound
        plan = RoutingPlan.model_validate_json(row.plan)
        return SavedPlan(row.version, row.saved_ms, row.saved_by, row.comment, plan)

    async def versions(self, center_id: CenterId, limit: int) -> list[PlanVersion]:
        """The newest ones, without their plans, newest first."""
        rows = PlanVersion.filter(center_id=center_id).order_by("-version").limit(limit)
        return await rows.only("version", "saved_ms", "saved_by", "comment")

    async def problems(self, center_id: CenterId, plan: RoutingPlan) -> list[Problem]:
        """What makes it impossible in this center; nothing when it can be saved."""
        tiers = await self._identity.tiers(center_id)
        # Who is disabled keeps his place in the plan.
        agents = await self._identity.agent_names(center_id)
        found = problems_of(plan, tiers, agents)
        if not found:
            try:
                await self.config(center_id, plan)
            except PlanInvalid as error:
                found = error.problems
        return found

    async def save(
        self, center_id: CenterId, plan: RoutingPlan, after_version: int, saved_by: str, comment: str
    ) -> SavedPlan:
        """Store the version after `after_version`; it is in force at once here, within a second elsewhere.

        Raises: PlanInvalid with its problems; PlanConflict when `after_version` is not the newest.
        """
        if problems := await self.problems(center_id, plan):
            raise PlanInvalid(problems)
        version = after_version + 1
        row = PlanVersion(
            id=f"{center_id}:{version}",
            center_id=center_id,
            version=version,
            saved_ms=self._clock.now_ms(),
            saved_by=saved_by,
            comment=comment,
            plan=plan.model_dump_json(),
        )
        try:
            async with db.transaction():
                newest = await PlanVersion.filter(center_id=center_id).order_by("-version").first()
                if (newest.version if newest else 0) != after_version:
                    raise IntegrityError
                await row.save(force_create=True)
        except IntegrityError as error:
            self._known.pop(center_id, None)
            other = await self.current(center_id)
            raise PlanConflict(
                version=other.version, saved_by=other.saved_by, saved_ms=other.saved_ms
            ) from error
        saved = SavedPlan(version, row.saved_ms, saved_by, comment, plan)
        self._known[center_id] = (self._clock.monotonic_s(), saved)
        return saved

    async def config(self, center_id: CenterId, plan: RoutingPlan | None = None) -> RoutingConfig:
        """A plan (the one in force when none is given) as the engine takes it.

        Raises: PlanInvalid when the engine finds it impossible, naming the field.
        """
        if plan is None:
            plan = (await self.current(center_id)).plan
        ranks = {code: place for place, code in enumerate(await self._identity.tiers(center_id), start=1)}
        try:
            return _config(plan, ranks, self._rules)
        except ValidationError as error:
            first = error.errors()[0]
            path = ".".join(str(part) for part in first["loc"])
            raise PlanInvalid([Problem(path=path, code="impossible", about=first["msg"])]) from error


def seat_of(plan: RoutingPlan, agent_id: str) -> AgentPresence:
    """An agent as the plan places him."""
    member = plan.member(agent_id)
    return AgentPresence(
        agent_id=AgentId(agent_id),
        groups=tuple(m.group for m in member.groups),
        levels={m.group: m.level for m in member.groups},
        capacity=member.capacity,
    )


def _config(plan: RoutingPlan, ranks: Mapping[str, int], rules: RoutingSettings) -> RoutingConfig:
    return RoutingConfig(
        tiers=tuple(_tier(tier, ranks[tier.code]) for tier in plan.tiers),
        groups=tuple(
            GroupConfig(
                code=group.code,
                tiers=tuple(group.tiers),
                widened={step.tier: step.after_s for step in group.widened},
                overflow=Overflow(**group.overflow.model_dump()) if group.overflow else None,
            )
            for group in plan.groups
        ),
        policy=Policy(plan.policy),
        favours_high_target_when_met=plan.favours_high_target_when_met,
        favours_high_target_when_missed=plan.favours_high_target_when_missed,
        late_turn=plan.late_turn,
        agent_choice=AgentChoice(plan.agent_choice),
        offer_timeout_s=plan.offer_timeout_s,
        max_misses=plan.max_misses,
        wrap_up_s=plan.wrap_up_s,
        unstable_after_s=rules.unstable_after_s,
        gone_after_s=rules.gone_after_s,
    )


def _tier(tier: TierPlan, rank: int) -> TierConfig:
    return TierConfig(
        code=tier.code,
        rank=rank,
        targets={
            Channel(target.channel): Target(
                target_pct=target.target_percent,
                threshold_s=target.threshold_s,
                window_min=target.window_min,
                abandons=Abandons(target.abandons),
            )
            for target in tier.targets
        },
        is_subordinate=tier.is_subordinate,
        max_waiting=tier.max_waiting,
        max_share_pct=tier.max_share_percent,
    )
