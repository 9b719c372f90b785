"""What supervision says on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wecc.identity.schemas import AgentRef
from wecc.infra.wire import AtMs, Id, Line, Wire
from wecc.routing.hours import Holiday, HoursPlan, Opening
from wecc.routing.plan import (
    ChannelName,
    GroupPlan,
    MemberPlan,
    Membership,
    OverflowPlan,
    Problem,
    RoutingPlan,
    TargetPlan,
    TierPlan,
    WideningPlan,
)

# The floor -------------------------------------------------------------------------------------------


class QueueNow(Wire):
    """A tier on one channel at this moment. Rates in percent over the tier's window; `asked` is how many
    requests the rate rests on, 0 means the rate says nothing yet. `mean_excess_s`: by how much, on average,
    the threshold was exceeded. Source: 2.4.3-03."""

    tier: str
    channel: ChannelName
    waiting: int
    waiting_since_ms: AtMs | None
    rate: float
    target: float
    threshold_s: float
    window_min: int
    asked: int
    abandoned: int
    mean_excess_s: float
    late_decisions: int
    agents_ready: int


class GroupNow(Wire):
    """A group's agents by state: ready with room, ready but full, paused, silent; and capacity in use."""

    group: str
    free: int
    busy: int
    paused: int
    unstable: int
    load: int
    capacity: int


class Floor(Wire):
    """The whole floor at one moment. `infeasible_since_ms`: since when all targets are missed together and
    cannot be met with the agents there are; null when it is not so."""

    at_ms: AtMs
    policy: str
    queues: list[QueueNow]
    groups: list[GroupNow]
    infeasible_since_ms: AtMs | None


class ReadFloorHistory(Wire):
    minutes: Annotated[int, Field(ge=15, le=1440)]


class QueueHistory(Wire):
    """Samples of one queue, oldest first; a rate is null while nobody had asked."""

    tier: str
    channel: ChannelName
    target: float
    at_ms: list[AtMs]
    rate: list[float | None]
    waiting: list[int]


class FloorHistory(Wire):
    step_s: int
    queues: list[QueueHistory]


# Acting on the floor ---------------------------------------------------------------------------------


class ExpediteWork(Wire):
    """Serve this waiting customer before all others of his queue."""

    conversation_id: Id


class AssignWork(Wire):
    """Give a waiting customer to an agent, past the policy, his tiers and his capacity."""

    conversation_id: Id
    agent_id: Id


class SetAgentPresence(Wire):
    """Set another agent's state. `when_done`, with `offline`: no new work, gone once the current is done."""

    agent_id: Id
    state: Literal["ready", "paused", "offline"]
    reason: Literal["", "break", "meal", "training", "meeting", "offline_work", "by_supervisor"] = ""
    when_done: bool = False


# The routing plan ------------------------------------------------------------------------------------


class PlanVersion(Wire):
    """Who saved which version when; version 1 was set up with the center."""

    version: int
    saved_ms: AtMs
    saved_by: AgentRef | None
    comment: Line


class PlanAgent(Wire):
    agent: AgentRef
    login: str


class PlanView(Wire):
    """The plan in force, and the agents it can name."""

    version: PlanVersion
    plan: RoutingPlan
    agents: list[PlanAgent]


class CheckPlan(Wire):
    plan: RoutingPlan


class StaffingPoint(Wire):
    """With so many agents: the share of time they can be busy (percent) and still meet the target."""

    agents: int
    occupancy_percent: float


class GroupAdvice(Wire):
    """A group's size; `is_small` below 50 agents. `occupancy_percent`: what its size allows at the strictest
    target among its tiers; null when no load at all meets it. Source: 2.4.1-03."""

    group: str
    agents: int
    is_small: bool
    occupancy_percent: float | None


class PlanCheck(Wire):
    """What is impossible in a plan, and what deserves a thought. `staffing`: the curve behind the warning, for
    80 % within 20 s and conversations of `handling_s`."""

    problems: list[Problem]
    groups: list[GroupAdvice]
    staffing: list[StaffingPoint]
    handling_s: float


class SavePlan(Wire):
    """`version` is the one the edit began with; refused with `plan.conflict` when another was saved since."""

    version: int
    plan: RoutingPlan
    comment: Line = ""


class PlanVersionList(Wire):
    """Newest first."""

    versions: list[PlanVersion]


class ReadPlanVersion(Wire):
    version: int


# What if ---------------------------------------------------------------------------------------------


class StartWhatIf(Wire):
    """Replay the traffic of a day (`YYYY-MM-DD` in the center's time zone; empty: yesterday) under this plan and
    under the one in force."""

    plan: RoutingPlan
    day: Annotated[str, Field(max_length=10)] = ""


class WhatIfRef(Wire):
    id: Id


class WhatIfTier(Wire):
    tier: str
    target: float
    rate: float
    asked: int


class WhatIfFigures(Wire):
    """What came of it; shares in percent, waits of all callers."""

    tiers: list[WhatIfTier]
    tiers_met: int
    worst_gap_pp: float
    wait_mean_s: float
    wait_p99_s: float
    wait_max_s: float
    abandoned_percent: float
    late_decisions_percent: float
    occupancy_percent: float


class WhatIfChanged(Wire):
    """Progress and, at the end, both results. `failure`: `no_traffic`, `busy`, `failed` or empty."""

    id: Id
    day: str
    requests: int
    progress: float
    is_over: bool
    failure: str
    now: WhatIfFigures | None
    then: WhatIfFigures | None


__all__ = [
    "AssignWork",
    "CheckPlan",
    "ExpediteWork",
    "Floor",
    "FloorHistory",
    "GroupAdvice",
    "GroupNow",
    "GroupPlan",
    "Holiday",
    "HoursPlan",
    "MemberPlan",
    "Membership",
    "Opening",
    "OverflowPlan",
    "PlanAgent",
    "PlanCheck",
    "PlanVersion",
    "PlanVersionList",
    "PlanView",
    "Problem",
    "QueueHistory",
    "QueueNow",
    "ReadFloorHistory",
    "ReadPlanVersion",
    "RoutingPlan",
    "SavePlan",
    "SetAgentPresence",
    "StaffingPoint",
    "StartWhatIf",
    "TargetPlan",
    "TierPlan",
    "WhatIfChanged",
    "WhatIfFigures",
    "WhatIfRef",
    "WhatIfTier",
    "WideningPlan",
]
