"""Setting up a center with its tiers, agents and first routing plan. What was edited since stays as it is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wecc.identity import Identity, seeding
from wecc.identity.seeding import NewCenter, NewTier
from wecc.kernel.actor import Role
from wecc.kernel.clock import Clock
from wecc.kernel.errors import NotFound
from wecc.routing.plan import (
    ChannelName,
    GroupPlan,
    MemberPlan,
    Membership,
    RoutingPlan,
    TargetPlan,
    TierPlan,
    problems_of,
)
from wecc.routing.plans import Plans
from wecc.security import Passwords
from wecc.settings import Routing as RoutingSettings
from wecc.settings import Settings, SettingsError


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Names(_Closed):
    zh: Annotated[str, Field(min_length=1, max_length=100)]
    en: Annotated[str, Field(min_length=1, max_length=100)]


class _Target(_Closed):
    threshold_s: Annotated[int, Field(gt=0, le=604_800)]
    target_percent: Annotated[float, Field(gt=0, le=100)]


class _TierRow(_Closed):
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    name: _Names
    rank: Annotated[int, Field(ge=0, le=1000)]
    voice: _Target
    chat: _Target
    callback: _Target
    message: _Target
    window_min: Annotated[int, Field(ge=1, le=1440)]
    subordinate: bool = False
    manager_wait_s: Annotated[int, Field(ge=0, le=3600)] = 0
    last_agent_min: Annotated[int, Field(ge=0, le=43_200)] = 0


class _TiersFile(_Closed):
    tier: Annotated[list[_TierRow], Field(min_length=1, max_length=50)]


@dataclass(frozen=True, slots=True)
class NewAgent:
    """Somebody who works in the center, and where the plan puts him. Source: 2.4.1-04."""

    login: str
    name: str
    role: Role
    groups: tuple[str, ...]
    password: str
    capacity: int = 5


Groups = Mapping[str, tuple[str, str, Sequence[str]]]
"""Code → name zh, name en, tiers."""


async def set_up_center(
    settings: Settings,
    clock: Clock,
    passwords: Passwords,
    new: NewCenter,
    groups: Groups,
    agents: Sequence[NewAgent],
) -> list[str]:
    """Create the center, its tiers from the settings' file (2.4.3-02), agents and plan, where missing.

    Returns the sign-in names of the agents that are new; they join the plan. Raises: SettingsError for a bad
    tiers file, or groups that do not fit it.
    """
    rows = _read_tiers(settings.tiers_file)
    first = _first_plan(rows, groups, settings.routing)
    for problem in problems_of(first, [row.code for row in rows], ()):
        raise SettingsError(f"routing plan of {new.id}: {problem.path}: {problem.code} {problem.about}")
    # Of equal ranks the earlier row is the higher one.
    tiers = [
        NewTier(row.code, row.name.zh, row.name.en, row.rank * 100 - position)
        for position, row in enumerate(rows)
    ]
    await seeding.create_center(new, tiers)
    added = {
        agent.login: await seeding.add_agent(
            new.id, agent.login, agent.name, agent.role, agent.password, passwords
        )
        for agent in agents
    }
    members = [
        MemberPlan(
            agent_id=agent_id,
            capacity=agent.capacity,
            groups=[Membership(group=group) for group in agent.groups],
        )
        for agent in agents
        if (agent_id := added[agent.login]) is not None
    ]
    plans = Plans(Identity(clock, settings.sign_in, passwords), clock, settings.routing)
    try:
        newest = await plans.current(new.id)
        version, plan = newest.version, newest.plan
    except NotFound:
        version, plan = 0, first
    if members or not version:
        grown = plan.model_copy(update={"members": [*plan.members, *members]})
        await plans.save(new.id, grown, version, "", "")
    return [login for login, agent_id in added.items() if agent_id is not None]


def _first_plan(rows: Iterable[_TierRow], groups: Groups, rules: RoutingSettings) -> RoutingPlan:
    return RoutingPlan(
        policy=rules.policy,
        offer_timeout_s=rules.offer_timeout_s,
        max_misses=rules.max_misses,
        wrap_up_s=rules.wrap_up_s,
        tiers=[_tier_plan(row) for row in rows],
        groups=[
            GroupPlan(code=code, name_zh=zh, name_en=en, tiers=list(tiers), widened=[])
            for code, (zh, en, tiers) in groups.items()
        ],
        members=[],
        hours=[],
    )


def _tier_plan(row: _TierRow) -> TierPlan:
    def target(channel: ChannelName, given: _Target, window_min: int) -> TargetPlan:
        return TargetPlan(
            channel=channel,
            target_percent=given.target_percent,
            threshold_s=given.threshold_s,
            window_min=window_min,
        )

    return TierPlan(
        code=row.code,
        targets=[
            target("chat", row.chat, row.window_min),
            target("voice", row.voice, row.window_min),
            target("callback", row.callback, row.window_min),
            target("message", row.message, 1440),
        ],
        is_subordinate=row.subordinate,
        manager_wait_s=row.manager_wait_s,
        last_agent_min=row.last_agent_min,
    )


def _read_tiers(file: Path) -> list[_TierRow]:
    try:
        return _TiersFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).tier
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}") from error
