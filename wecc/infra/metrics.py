"""What operators watch, in Prometheus' form."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from wecc.kernel.clock import Clock

_LAG_EVERY_S = 0.5


class Metrics:
    """One process's counts; every request's outcome and time, sockets, loop lag."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "wecc_requests_total", "Socket requests", ("request", "outcome"), registry=self._registry
        )
        self._seconds = Histogram(
            "wecc_request_seconds",
            "Time from a socket request to its ack",
            registry=self._registry,
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )
        self._lag = Gauge(
            "wecc_loop_lag_seconds", "How late the event loop runs timers", registry=self._registry
        )

    def request(self, name: str, outcome: str, seconds: float) -> None:
        self._requests.labels(name, outcome).inc()
        self._seconds.observe(seconds)

    def watch(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a gauge that is read when asked for."""
        Gauge(name, text, registry=self._registry).set_function(read)

    async def watch_lag(self, clock: Clock) -> None:
        """Measure the loop's lag for ever."""
        while True:
            began_s = clock.monotonic_s()
            await asyncio.sleep(_LAG_EVERY_S)
            self._lag.set(max(0.0, clock.monotonic_s() - began_s - _LAG_EVERY_S))

    def text(self) -> bytes:
        return generate_latest(self._registry)
