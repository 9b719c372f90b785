"""What is simulated: the tiers and their calls, the groups, the agents, how long things take. From TOML."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from wecc.kernel.ids import AgentId
from wecc.routing import (
    Abandons,
    AgentChoice,
    AgentPresence,
    AgentState,
    Channel,
    ChannelRule,
    GroupConfig,
    Overflow,
    Policy,
    RoutingConfig,
    Target,
    TierConfig,
)
from wecc.routing.config import (
    Code,
)
from wecc.settings import SettingsError

_OF_THE_TIER = ("rank", "subordinate", "max_waiting", "max_share_percent")


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Patience = Annotated[float, Field(gt=0, le=86_400)]


def log_mean_and_deviation(mean: float, cv: float) -> tuple[float, float]:
    """The parameters of a log-normal length with this mean and coefficient of variation."""
    variance = math.log(1 + cv**2)
    return math.log(mean) - variance / 2, math.sqrt(variance)


class Length(_Closed):
    """A log-normal length: mean and coefficient of variation."""

    mean_s: Annotated[float, Field(gt=0, le=86_400)]
    cv: Annotated[float, Field(ge=0, le=10)]

    @property
    def log_mean_and_deviation(self) -> tuple[float, float]:
        return log_mean_and_deviation(self.mean_s, self.cv)


class Tier(_Closed):
    """A customer class on one channel: its promise, and how many call at a load of 1.

    A tier with several channels is there once for each, with the same rank.
    """

    name: Code
    rank: Annotated[int, Field(ge=0, le=1000)]
    target_percent: Annotated[float, Field(gt=0, le=100)]
    threshold_s: Annotated[float, Field(gt=0, le=3600)]
    window_min: Annotated[int, Field(ge=1, le=1440)]
    subordinate: bool = False
    calls_per_h: Annotated[float, Field(gt=0, le=1_000_000)]
    channel: Channel = Channel.CHAT
    abandons: Abandons = Abandons.NEGATIVE
    short_abandon_s: Annotated[float, Field(ge=0, le=600)] = 5
    max_waiting: Annotated[int, Field(ge=1)] | None = None
    max_share_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    handling: Length | None = None
    """Where it differs from the scenario's."""
    patience_s: Patience | None = None
    """Where it differs from the scenario's."""

    @property
    def label(self) -> str:
        """Its name, with the channel unless that is chat."""
        return self.name if self.channel == Channel.CHAT else f"{self.name} {self.channel}"

    @property
    def target(self) -> Target:
        return Target(
            target_pct=self.target_percent,
            threshold_s=self.threshold_s,
            window_min=self.window_min,
            abandons=self.abandons,
            short_abandon_s=self.short_abandon_s,
        )


class Burst(_Closed):
    """For some minutes, `factor` times as many calls of these tiers (of all, if none are named).

    Where bursts overlap, their factors multiply.
    """

    from_min: Annotated[float, Field(ge=0)]
    minutes: Annotated[float, Field(gt=0)]
    factor: Annotated[float, Field(ge=0, le=1000)]
    tiers: list[Code] | None = None

    def hits(self, tier: Code, at_min: float) -> bool:
        in_time = self.from_min <= at_min < self.from_min + self.minutes
        return in_time and (self.tiers is None or tier in self.tiers)


class Group(_Closed):
    """Agents who may serve these tiers; `widened` ones for who has waited so many seconds."""

    name: Code
    tiers: Annotated[list[Code], Field(min_length=1)]
    widened: dict[Code, float] = {}
    overflow: Overflow | None = None


class Crew(_Closed):
    """So many agents who are members of the same groups, as skilled (`levels`, 1 the best) and as able."""

    count: Annotated[int, Field(ge=1, le=10_000)]
    groups: Annotated[list[Code], Field(min_length=1)]
    levels: dict[Code, Annotated[int, Field(ge=1, le=9)]] = {}
    capacity: Annotated[int, Field(ge=1, le=100)] = 1


class Handling(Length):
    """The length of a conversation, then the wrap-up."""

    wrap_up_s: Annotated[float, Field(ge=0, le=3600)] = 0


class Rules(_Closed):
    """What else routing is told; the policy comes with the command."""

    favours_high_target_when_met: bool = False
    favours_high_target_when_missed: bool = False
    late_turn: Annotated[int, Field(ge=1, le=1000)] = 5
    agent_choice: AgentChoice = AgentChoice.LEAST_OCCUPIED


class Scenario(_Closed):
    tier: Annotated[list[Tier], Field(min_length=1, max_length=200)]
    group: Annotated[list[Group], Field(min_length=1, max_length=500)]
    agents: Annotated[list[Crew], Field(min_length=1)]
    handling: Handling
    patience_s: Patience
    burst: list[Burst] = []
    channels: dict[Channel, ChannelRule] = {}
    routing: Rules = Rules()

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        tiers, groups = self._first_of_tiers, {group.name for group in self.group}
        queues = set()
        for i, tier in enumerate(self.tier):
            if (tier.name, tier.channel) in queues:
                raise ValueError(f"tier.{i}: {tier.name} is on {tier.channel} already")
            queues.add((tier.name, tier.channel))
            for field in _OF_THE_TIER:
                if getattr(tier, field) != getattr(tiers[tier.name], field):
                    raise ValueError(f"tier.{i}.{field}: not the same on all channels of {tier.name}")
        for i, crew in enumerate(self.agents):
            if unknown := set(crew.groups) - groups:
                raise ValueError(f"agents.{i}.groups: unknown group {min(unknown)}")
            if foreign := set(crew.levels) - set(crew.groups):
                raise ValueError(f"agents.{i}.levels: not a group of theirs: {min(foreign)}")
        for i, burst in enumerate(self.burst):
            if missing := set(burst.tiers or ()) - set(tiers):
                raise ValueError(f"burst.{i}.tiers: unknown tier {min(missing)}")
        return self

    @property
    def _first_of_tiers(self) -> dict[Code, Tier]:
        first: dict[Code, Tier] = {}
        for tier in self.tier:
            first.setdefault(tier.name, tier)
        return first

    @property
    def agent_count(self) -> int:
        return sum(crew.count for crew in self.agents)

    def factor(self, tier: Tier, at_min: float) -> float:
        """How many times as many of this tier call at that minute."""
        return math.prod(burst.factor for burst in self.burst if burst.hits(tier.name, at_min))

    def peak_factor(self, tier: Tier) -> float:
        """The highest of its factors; they change only where bursts begin and end."""
        changes = {
            0.0,
            *(at for burst in self.burst for at in (burst.from_min, burst.from_min + burst.minutes)),
        }
        return max(self.factor(tier, at_min) for at_min in changes)

    def config(self, policy: Policy) -> RoutingConfig:
        return RoutingConfig(
            tiers=tuple(
                TierConfig(
                    code=name,
                    rank=tier.rank,
                    targets={other.channel: other.target for other in self.tier if other.name == name},
                    is_subordinate=tier.subordinate,
                    max_waiting=tier.max_waiting,
                    max_share_pct=tier.max_share_percent,
                )
                for name, tier in self._first_of_tiers.items()
            ),
            groups=tuple(
                GroupConfig(
                    code=group.name,
                    tiers=tuple(group.tiers),
                    widened=group.widened,
                    overflow=group.overflow,
                )
                for group in self.group
            ),
            channels=self.channels,
            policy=policy,
            wrap_up_s=self.handling.wrap_up_s,
            **self.routing.model_dump(),
        )

    def presences(self) -> list[AgentPresence]:
        """Everybody, ready."""
        crews = [crew for crew in self.agents for _ in range(crew.count)]
        return [
            AgentPresence(
                agent_id=AgentId(f"a{i:05}"),
                state=AgentState.READY,
                groups=tuple(crew.groups),
                levels=crew.levels,
                capacity=crew.capacity,
            )
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
