"""How long it took: percentiles of many waits."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    p50_ms: float
    p99_ms: float


def latency(waits_ms: Sequence[float]) -> Latency:
    """Of two waits or more."""
    percentiles = statistics.quantiles(waits_ms, n=100)
    return Latency(percentiles[49], percentiles[98])
