"""Token buckets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecc.infra.ratelimit import Bucket, Buckets
from wecc.kernel.clock import VirtualClock


def test_a_burst_then_a_rate() -> None:
    bucket = Bucket(per_s=2, burst=3, now_s=0)
    assert [bucket.take(0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.take(0.5) == 0
    assert bucket.take(0.75) == pytest.approx(0.25)
    assert [bucket.take(100) for _ in range(4)] == [0, 0, 0, 0.5], "never more than the burst"


@given(st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_never_more_than_burst_and_rate_allow(pauses_s: list[float]) -> None:
    bucket = Bucket(per_s=5, burst=10, now_s=0)
    now_s, taken = 0.0, 0
    for pause_s in pauses_s:
        now_s += pause_s
        taken += bucket.take(now_s) == 0
        assert taken <= 10 + 5 * now_s + 1e-6


def test_keys_are_apart_and_bounded() -> None:
    clock = VirtualClock()
    buckets = Buckets(clock, per_s=1, burst=1, keys=2)
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0
    assert buckets.take("a") > 0
    assert buckets.take("c") == 0, "b, the longest unused, is forgotten"
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0
    clock.advance(1)
    assert buckets.take("b") == 0
