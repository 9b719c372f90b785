"""What is simulated: the tiers and their calls, the groups, the agents, how long things take. From TOML."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from wecc.kernel.ids import AgentId
from wecc.routing import (
    AgentPresence,
    AgentState,
    Channel,
    GroupConfig,
    Policy,
    RoutingConfig,
    Target,
    TierConfig,
)
from wecc.routing.domain import Code
from wecc.settings import SettingsError

_NEVER_S = 1e9
"""Simulated agents do not fall silent."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(_Closed):
    """A customer class: its promise, as in `config/tiers.toml`, and how many call at a load of 1."""

    name: Code
    rank: Annotated[int, Field(ge=0, le=1000)]
    target_percent: Annotated[float, Field(gt=0, le=100)]
    threshold_s: Annotated[float, Field(gt=0, le=3600)]
    window_min: Annotated[int, Field(ge=1, le=1440)]
    subordinate: bool = False
    calls_per_h: Annotated[float, Field(gt=0, le=1_000_000)]


class Group(_Closed):
    name: Code
    tiers: Annotated[list[Code], Field(min_length=1)]


class Crew(_Closed):
    """So many agents who are members of the same groups."""

    count: Annotated[int, Field(ge=1, le=10_000)]
    groups: Annotated[list[Code], Field(min_length=1)]


class Handling(_Closed):
    """The length of a conversation, log-normal: mean and coefficient of variation; then the wrap-up."""

    mean_s: Annotated[float, Field(gt=0, le=86_400)]
    cv: Annotated[float, Field(ge=0, le=10)]
    wrap_up_s: Annotated[float, Field(ge=0, le=3600)] = 0

    @property
    def log_mean_and_deviation(self) -> tuple[float, float]:
        variance = math.log(1 + self.cv**2)
        return math.log(self.mean_s) - variance / 2, math.sqrt(variance)


class Rules(_Closed):
    """What else routing is told; the policy comes with the command."""

    favours_high_target_when_met: bool = False
    favours_high_target_when_missed: bool = False
    late_turn: Annotated[int, Field(ge=1, le=1000)] = 5
    short_abandon_s: Annotated[float, Field(ge=0, le=600)] = 5


class Scenario(_Closed):
    tier: Annotated[list[Tier], Field(min_length=1, max_length=200)]
    group: Annotated[list[Group], Field(min_length=1, max_length=500)]
    agents: Annotated[list[Crew], Field(min_length=1)]
    handling: Handling
    patience_s: Annotated[float, Field(gt=0, le=86_400)]
    routing: Rules = Rules()

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        groups = {group.name for group in self.group}
        for i, crew in enumerate(self.agents):
            if unknown := set(crew.groups) - groups:
                raise ValueError(f"agents.{i}.groups: unknown group {min(unknown)}")
        return self

    @property
    def agent_count(self) -> int:
        return sum(crew.count for crew in self.agents)

    def config(self, policy: Policy) -> RoutingConfig:
        return RoutingConfig(
            tiers=tuple(
                TierConfig(
                    code=tier.name,
                    rank=tier.rank,
                    targets={
                        Channel.CHAT: Target(
                            target_pct=tier.target_percent,
                            threshold_s=tier.threshold_s,
                            window_min=tier.window_min,
                        )
                    },
                    is_subordinate=tier.subordinate,
                )
                for tier in self.tier
            ),
            groups=tuple(GroupConfig(code=group.name, tiers=tuple(group.tiers)) for group in self.group),
            policy=policy,
            wrap_up_s=self.handling.wrap_up_s,
            unstable_after_s=_NEVER_S,
            gone_after_s=_NEVER_S * 2,
            **self.routing.model_dump(),
        )

    def presences(self) -> list[AgentPresence]:
        """Everybody ready for one conversation at a time."""
        crews = [crew for crew in self.agents for _ in range(crew.count)]
        return [
            AgentPresence(agent_id=AgentId(f"a{i:05}"), state=AgentState.READY, groups=tuple(crew.groups))
            for i, crew in enumerate(crews)
        ]


def read(file: Path) -> Scenario:
    """The scenario in a file. Raises: SettingsError naming the field in full, for people."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    try:
        scenario = Scenario.model_validate(raw)
        scenario.config(Policy.GAP)  # which knows what routing can do
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(f"{file}: unknown field {name}") from error
        said = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{file}: {name}: {said}" if name else f"{file}: {said}") from error
    return scenario
