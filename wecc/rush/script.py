"""Who comes when, how long he waits, how long he is served: drawn beforehand, so that a seed tells it all."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

SHARES = {
    "vip": 8,
    "group_key": 7,
    "roaming": 12,
    "group_member": 10,
    "signed": 18,
    "prepaid": 17,
    "szx": 20,
    "other": 8,
}
"""Of a hundred visitors, by tier."""

_BURST_EVERY_S = 90.0
_BURST_S = 20.0
_BURST = 4.0
_PATIENCE_S = 120.0
_HANDLING_S = 28.0
_HANDLING_CV = 0.8


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visitor. `seed` decides what else he does."""

    at_s: float
    tier: str
    patience_s: float
    handling_s: float
    seed: int


def arrivals(seed: int, minutes: float, visitors_per_min: float) -> list[Arrival]:
    """By chance, with a burst in every minute and a half; patience exponential, handling log-normal."""
    chance = random.Random(seed)
    usual_per_s = visitors_per_min / 60 / (1 + (_BURST - 1) * _BURST_S / _BURST_EVERY_S)
    tiers, shares = list(SHARES), list(SHARES.values())
    variance = math.log(1 + _HANDLING_CV**2)
    coming = []
    at_s = chance.expovariate(usual_per_s * _BURST)
    while at_s < minutes * 60:
        is_burst = at_s % _BURST_EVERY_S > _BURST_EVERY_S - _BURST_S
        if is_burst or chance.random() * _BURST < 1:
            coming.append(
                Arrival(
                    at_s=at_s,
                    tier=chance.choices(tiers, shares)[0],
                    patience_s=chance.expovariate(1 / _PATIENCE_S),
                    handling_s=chance.lognormvariate(
                        math.log(_HANDLING_S) - variance / 2, math.sqrt(variance)
                    ),
                    seed=chance.getrandbits(32),
                )
            )
        at_s += chance.expovariate(usual_per_s * _BURST)
    return coming
