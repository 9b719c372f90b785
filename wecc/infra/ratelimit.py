"""Token buckets in memory: they still hold when Redis does not."""

from __future__ import annotations

from collections import OrderedDict

from wecc.kernel.clock import Clock


class Bucket:
    """`burst` at once, `per_s` sustained."""

    __slots__ = ("_at_s", "_burst", "_per_s", "_tokens")

    def __init__(self, per_s: float, burst: int, now_s: float) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._tokens = float(burst)
        self._at_s = now_s

    def take(self, now_s: float) -> float:
        """Take one; 0 when allowed, else the seconds to wait."""
        self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._per_s


class Buckets:
    """A bucket for each key, at most `keys`; the longest unused are forgotten."""

    def __init__(self, clock: Clock, per_s: float, burst: int, keys: int = 50_000) -> None:
        self._clock = clock
        self._per_s = per_s
        self._burst = burst
        self._keys = keys
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one for `key`; 0 when allowed, else the seconds to wait."""
        now_s = self._clock.monotonic_s()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._per_s, self._burst, now_s)
            if len(self._buckets) > self._keys:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket.take(now_s)
