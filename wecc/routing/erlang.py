"""How many agents a load needs: Erlang B, C and A. Pure; every number carries its unit in its name.

`erlangs` is the offered load: calls an hour × handling time in hours. All shares are 0 … 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


class Unstable(ValueError):
    """More work arrives than the agents can do, and nobody gives up: the queue grows for ever."""

    def __init__(self, agents: int, erlangs: float) -> None:
        super().__init__(f"agents: {agents} cannot carry {erlangs:g} erlangs; more than that many are needed")


@dataclass(frozen=True)
class Load:
    """What arrives: `calls_per_h`, each held for `handling_s` on average. Raises: ValueError unless positive."""

    calls_per_h: float
    handling_s: float

    def __post_init__(self) -> None:
        _check_positive(calls_per_h=self.calls_per_h, handling_s=self.handling_s)

    @property
    def calls_per_s(self) -> float:
        return self.calls_per_h / 3600

    @property
    def erlangs(self) -> float:
        return self.calls_per_s * self.handling_s


@dataclass(frozen=True)
class Forecast:
    """The steady state. `service_level`: share of all calls answered within the threshold asked for."""

    waiting_share: float
    service_level: float
    mean_wait_s: float
    occupancy: float
    abandoned_share: float = 0.0


@dataclass(frozen=True)
class Staffing:
    """`agents` at work meet the target with `service_level`; `scheduled` includes those away."""

    agents: int
    scheduled: int
    service_level: float


def erlang_b(erlangs: float, agents: int) -> float:
    """The share of calls refused when nobody can wait. Raises: ValueError."""
    return 1 / _inverse_b(erlangs, agents)


def erlang_c(load: Load, agents: int, threshold_s: float) -> Forecast:
    """Everybody waits until he is answered. Raises: Unstable when the agents cannot carry the load."""
    waiting_share, spare = _waiting_share(load, agents), agents - load.erlangs
    return Forecast(
        waiting_share=waiting_share,
        service_level=1 - waiting_share * math.exp(-spare * threshold_s / load.handling_s),
        mean_wait_s=waiting_share * load.handling_s / spare,
        occupancy=load.erlangs / agents,
    )


def wait_percentile_s(load: Load, agents: int, share: float) -> float:
    """Under Erlang C, the wait that `share` of the calls do not exceed. Raises: Unstable."""
    waiting_share = _waiting_share(load, agents)
    if waiting_share <= 1 - share:
        return 0.0
    return load.handling_s / (agents - load.erlangs) * math.log(waiting_share / (1 - share))


def erlang_a(load: Load, patience_s: float, agents: int, threshold_s: float) -> Forecast:
    """Callers give up after an exponential time of `patience_s` on average: always stable.

    Raises: ValueError.
    """
    _check_positive(patience_s=patience_s)
    serve_per_s, leave_per_s = agents / load.handling_s, 1 / patience_s
    # How likely j callers wait, relative to none waiting with all agents busy; as logarithms, since an
    # overload lifts them beyond any float.
    logs, peak = [0.0], 0.0
    while logs[-1] > peak - 40:
        logs.append(logs[-1] + math.log(load.calls_per_s / (serve_per_s + len(logs) * leave_per_s)))
        peak = max(peak, logs[-1])
    weights = [math.exp(log - peak) for log in logs]
    all_busy = sum(weights)
    total = all_busy + math.exp(-peak) * (_inverse_b(load.erlangs, agents) - 1)

    # Behind j others, e^(-wait/patience) is Beta(a, j+1) distributed with a = serve/leave. So the chance to be
    # served in time without giving up is a/(a+j+1) times a negative binomial tail, summed along the way.
    a = serve_per_s / leave_per_s
    late_log, late, in_time = -(serve_per_s + leave_per_s) * threshold_s, 0.0, 0.0
    for j, weight in enumerate(weights):
        late += math.exp(late_log)
        in_time += weight * a / (a + j + 1) * max(0.0, 1 - late)
        late_log += math.log((a + j + 1) / (j + 1)) + _log_passed(threshold_s / patience_s)

    mean_wait_s = sum(j * weight for j, weight in enumerate(weights)) / total / load.calls_per_s
    abandoned_share = mean_wait_s / patience_s
    return Forecast(
        waiting_share=all_busy / total,
        service_level=1 - all_busy / total + in_time / total,
        mean_wait_s=mean_wait_s,
        occupancy=load.erlangs * (1 - abandoned_share) / agents,
        abandoned_share=abandoned_share,
    )


def staffing(load: Load, threshold_s: float, service_level: float, shrinkage: float = 0.0) -> Staffing:
    """The fewest agents who answer `service_level` of the calls within `threshold_s`, under Erlang C.

    `shrinkage` is the share of scheduled time away from work: breaks, training, illness. Raises: ValueError.
    """
    if not 0 <= service_level < 1:
        raise ValueError(f"service_level: {service_level:g} is not at least 0 and below 1")
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage: {shrinkage:g} is not at least 0 and below 1")
    agents = math.floor(load.erlangs) + 1
    while (reached := erlang_c(load, agents, threshold_s).service_level) < service_level:
        agents += 1
    scheduled = math.ceil(agents / (1 - shrinkage) - 1e-9)
    return Staffing(agents=agents, scheduled=scheduled, service_level=reached)


def waiting_share_at(spare: float) -> float:
    """The share of calls that wait in a large group of R + `spare`·√R agents for R erlangs (Halfin-Whitt)."""
    _check_positive(spare=spare)
    below = (1 + math.erf(spare / math.sqrt(2))) / 2
    density = math.exp(-spare * spare / 2) / math.sqrt(2 * math.pi)
    return 1 / (1 + spare * below / density)


def _waiting_share(load: Load, agents: int) -> float:
    if agents <= load.erlangs:
        raise Unstable(agents, load.erlangs)
    blocked = erlang_b(load.erlangs, agents)
    return agents * blocked / (agents - load.erlangs * (1 - blocked))


def _inverse_b(erlangs: float, agents: int) -> float:
    _check_positive(erlangs=erlangs)
    if agents < 0:
        raise ValueError(f"agents: {agents} is negative")
    inverse = 1.0
    for k in range(1, agents + 1):
        inverse = 1 + inverse * k / erlangs
    return inverse


def _log_passed(patiences: float) -> float:
    """Log of the chance that somebody gave up by then; of nobody, at once."""
    return math.log(-math.expm1(-patiences)) if patiences > 0 else -math.inf


def _check_positive(**given: float) -> None:
    for name, value in given.items():
        if not value > 0:
            raise ValueError(f"{name}: {value:g} is not above 0")


def highest_occupancy(agents: int, handling_s: float, threshold_s: float, service_level: float) -> float:
    """How busy a group of this size can be and still answer `service_level` within the threshold (Erlang C).

    A share of the agents' time; small groups must idle more for the same promise. Source: 2.4.1-03.
    Raises: ValueError.
    """
    _check_positive(agents=agents, handling_s=handling_s)
    if not 0 < service_level < 1:
        raise ValueError(f"service_level: {service_level:g} is not between 0 and 1")
    low, high = 0.0, 1.0
    while high - low > 1e-4:
        share = (low + high) / 2
        load = Load(calls_per_h=3600 * share * agents / handling_s, handling_s=handling_s)
        if erlang_c(load, agents, threshold_s).service_level >= service_level:
            low = share
        else:
            high = share
    return low
