"""Who asks for a person, when, how patiently, and how long he then keeps an agent busy."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass

from wecc.routing import Channel
from wecc.simulation.scenario import Scenario, Tier


@dataclass(frozen=True, slots=True)
class Request:
    """`at_ms` from the start of the run. `patience_ms` None: he never gives up."""

    tier: str
    channel: Channel
    at_ms: int
    handling_ms: int
    patience_ms: int | None


def traffic(scenario: Scenario, load: float, hours: float, seed: int) -> Iterator[Request]:
    """The requests of a scenario in their order, `load` times as many as it says.

    Each tier has its own chance, so all policies meet the same people with the same needs.
    """
    streams = (_of_tier(scenario, tier, load, hours, seed) for tier in scenario.tier)
    return heapq.merge(*streams, key=lambda request: request.at_ms)


def _of_tier(scenario: Scenario, tier: Tier, load: float, hours: float, seed: int) -> Iterator[Request]:
    chance = random.Random(f"{seed} {tier.label}")
    log_mean, log_deviation = (tier.handling or scenario.handling).log_mean_and_deviation
    patience_s = tier.patience_s or scenario.patience_s
    peak = scenario.peak_factor(tier)
    at_s = 0.0
    while True:
        at_s += chance.expovariate(tier.calls_per_h * load * peak / 3600)
        at_ms = round(at_s * 1000)
        if at_ms >= hours * 3_600_000:
            return
        # Drawn as at the peak; outside of it some are left out.
        factor = scenario.factor(tier, at_s / 60)
        if factor < peak and chance.random() * peak >= factor:
            continue
        handling_s = chance.lognormvariate(log_mean, log_deviation)
        given_up_s = chance.expovariate(1 / patience_s)
        yield Request(tier.name, tier.channel, at_ms, round(handling_s * 1000), round(given_up_s * 1000))
