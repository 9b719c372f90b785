"""Requests come as the scenario says, and the same ones whatever decides."""

from __future__ import annotations

import statistics
from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.test_scenario import SMALL, written
from wecc.simulation.scenario import read
from wecc.simulation.traffic import traffic

BURSTS = """
[[burst]]
from_min = 60
minutes = 60
factor = 3
tiers = ["vip"]
[[burst]]
from_min = 90
minutes = 60
factor = 0
"""


def test_as_many_as_said_in_their_order(tmp_path: Path) -> None:
    requests = list(traffic(read(written(tmp_path, SMALL)), load=2, hours=10, seed=1))
    assert Counter(r.tier for r in requests) == {
        "vip": pytest.approx(6000, rel=0.05),
        "szx": pytest.approx(6000, rel=0.05),
    }
    times = [r.at_ms for r in requests]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] < 36_000_000
    assert statistics.fmean(r.handling_ms for r in requests) == pytest.approx(60_000, rel=0.05)
    assert statistics.fmean(r.patience_ms or 0 for r in requests) == pytest.approx(120_000, rel=0.05)


def test_a_tier_may_differ_from_the_others(tmp_path: Path) -> None:
    own = 'name = "szx"\nhandling = { mean_s = 600, cv = 0 }\npatience_s = 10'
    scenario = read(written(tmp_path, SMALL.replace('name = "szx"', own)))
    szx = [r for r in traffic(scenario, load=1, hours=10, seed=1) if r.tier == "szx"]
    assert {r.handling_ms for r in szx} == {600_000}
    assert statistics.fmean(r.patience_ms or 0 for r in szx) == pytest.approx(10_000, rel=0.1)


def test_bursts_multiply_in_their_minutes_alone(tmp_path: Path) -> None:
    scenario = read(written(tmp_path, SMALL + BURSTS))
    half_hours = Counter((r.tier, r.at_ms // 1_800_000) for r in traffic(scenario, load=20, hours=3, seed=1))
    expected = {"vip": [1, 1, 3, 0, 0, 1], "szx": [1, 1, 1, 0, 0, 1]}
    for tier, factors in expected.items():
        for i, factor in enumerate(factors):
            assert half_hours[tier, i] == pytest.approx(3000 * factor, rel=0.07)


def test_what_one_tier_does_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    plain = traffic(read(written(tmp_path, SMALL)), load=1, hours=1, seed=1)
    scenario = read(written(tmp_path, SMALL + BURSTS.partition("[[burst]]\nfrom_min = 90")[0]))
    burst = traffic(scenario, load=1, hours=1, seed=1)
    assert [r for r in plain if r.tier == "szx"] == [r for r in burst if r.tier == "szx"]
