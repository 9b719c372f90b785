"""Erlang B, C and A against published and independently computed figures."""

from __future__ import annotations

import pytest

from wecc.routing.erlang import (
    Load,
    Unstable,
    erlang_a,
    erlang_b,
    erlang_c,
    staffing,
    wait_percentile_s,
    waiting_share_at,
)


@pytest.mark.parametrize(
    ("calls_per_h", "handling_s", "agents", "threshold_s", "waiting", "level", "mean_wait_s", "occupancy"),
    [
        (200, 180, 14, 20, 0.174132, 0.888350, 7.8359, 0.714286),
        (200, 180, 11, 20, 0.682118, 0.389614, 122.7813, 0.909091),
        (100, 180, 8, 20, 0.167267, 0.880148, 10.0360, 0.625000),
        (360, 240, 28, 20, 0.333139, 0.761296, 19.9883, 0.857143),
        (360, 240, 30, 20, 0.172862, 0.895154, 6.9145, 0.800000),
        (1000, 180, 55, 20, 0.384547, 0.779365, 13.8437, 0.909091),
        (1000, 240, 70, 20, 0.589210, 0.553694, 42.4231, 0.952381),
        (1000, 300, 90, 15, 0.367289, 0.736826, 16.5280, 0.925926),
        (1200, 150, 52, 20, 0.699614, 0.464146, 52.4711, 0.961538),
        (900, 200, 56, 15, 0.309348, 0.802751, 10.3116, 0.892857),
        (60, 300, 6, 30, 0.587516, 0.468393, 176.2549, 0.833333),
        (20, 360, 3, 20, 4 / 9, 0.579574, 160.0000, 0.666667),
        (2880, 60, 50, 20, 0.694456, 0.643455, 20.8337, 0.960000),
        (5700, 180, 300, 15, 0.279465, 0.919932, 3.3536, 0.950000),
        (5880, 180, 300, 15, 0.632642, 0.616283, 18.9793, 0.980000),
        (5940, 180, 300, 15, 0.801593, 0.375719, 48.0956, 0.990000),
        (12000, 180, 620, 20, 0.311944, 0.966195, 2.8075, 0.967742),
    ],
)
def test_erlang_c(
    calls_per_h: float,
    handling_s: float,
    agents: int,
    threshold_s: float,
    waiting: float,
    level: float,
    mean_wait_s: float,
    occupancy: float,
) -> None:
    forecast = erlang_c(Load(calls_per_h, handling_s), agents, threshold_s)
    assert forecast.waiting_share == pytest.approx(waiting, abs=1e-6)
    assert forecast.service_level == pytest.approx(level, abs=1e-6)
    assert forecast.mean_wait_s == pytest.approx(mean_wait_s, abs=1e-4)
    assert forecast.occupancy == pytest.approx(occupancy, abs=1e-6)


def test_a_percentile_and_the_length_of_the_queue() -> None:
    load = Load(2880, 60)
    assert wait_percentile_s(load, 50, 0.9) == pytest.approx(58.139, abs=1e-3)
    assert load.calls_per_s * erlang_c(load, 50, 20).mean_wait_s == pytest.approx(16.667, abs=1e-3)
    assert wait_percentile_s(load, 50, 0.3) == 0


@pytest.mark.parametrize(("agents", "erlangs"), [(10, 10.0), (9, 10.0), (0, 1.0)])
def test_more_work_than_agents_is_refused(agents: int, erlangs: float) -> None:
    load = Load(erlangs * 20, 180)
    with pytest.raises(Unstable, match=f"agents: {agents} cannot carry {erlangs:g} erlangs"):
        erlang_c(load, agents, 20)
    with pytest.raises(Unstable):
        wait_percentile_s(load, agents, 0.9)


@pytest.mark.parametrize(
    ("calls_per_h", "threshold_s", "level", "agents", "reached"),
    [
        (200, 20, 0.80, 14, 0.8884),
        (200, 20, 0.90, 15, 0.9415),
        (1000, 20, 0.80, 56, 0.8412),
        (1000, 15, 0.85, 57, 0.8625),
        (6000, 20, 0.80, 309, 0.8173),
        (6000, 15, 0.85, 312, 0.8593),
        (6000, 15, 0.95, 318, 0.9518),
    ],
)
def test_staffing(calls_per_h: float, threshold_s: float, level: float, agents: int, reached: float) -> None:
    needed = staffing(Load(calls_per_h, 180), threshold_s, level)
    assert (needed.agents, needed.scheduled) == (agents, agents)
    assert needed.service_level == pytest.approx(reached, abs=5e-5)


def test_shrinkage_is_scheduled_on_top() -> None:
    needed = staffing(Load(200, 180), 20, 0.8, shrinkage=0.3)
    assert (needed.agents, needed.scheduled) == (14, 20)


@pytest.mark.parametrize(
    ("erlangs", "agents", "occupancy"),
    [
        (1, 3, 0.333),
        (5, 8, 0.625),
        (10, 14, 0.714),
        (25, 30, 0.833),
        (50, 56, 0.893),
        (100, 107, 0.935),
        (300, 309, 0.971),
    ],
)
def test_larger_groups_are_busier_at_the_same_service(erlangs: float, agents: int, occupancy: float) -> None:
    """Why a group has at least 50 agents."""
    load = Load(erlangs * 20, 180)
    assert staffing(load, 20, 0.8).agents == agents
    assert erlang_c(load, agents, 20).occupancy == pytest.approx(occupancy, abs=5e-4)


@pytest.mark.parametrize(
    ("erlangs", "agents", "blocked"),
    [(5, 10, 0.01838457), (20, 30, 0.00845750), (100, 117, 0.00979007), (285, 300, 0.01902394), (7, 0, 1)],
)
def test_erlang_b(erlangs: float, agents: int, blocked: float) -> None:
    assert erlang_b(erlangs, agents) == pytest.approx(blocked, abs=1e-8)


@pytest.mark.parametrize(
    ("load", "patience_s", "agents", "threshold_s", "waiting", "abandoned", "mean_wait_s", "busy", "level"),
    [
        (Load(2880, 60), 120, 50, 20, 0.467774, 0.030912, 3.7095, 0.930324, 0.943019),
        (Load(200, 180), 180, 11, 20, 0.416960, 0.083414, 15.0145, 0.833260, 0.705371),
        (Load(360, 240), 300, 26, 20, 0.385550, 0.043624, 13.0873, 0.882808, 0.746849),
        (Load(5880, 180), 300, 300, 15, 0.414767, 0.012104, 3.6312, 0.968138, 0.915367),
        (Load(6000, 180), 300, 300, 15, 0.570184, 0.020103, 6.0309, 0.979897, 0.836357),
        (Load(6000, 180), 180, 300, 15, 0.507678, 0.023027, 4.1448, 0.976973, 0.905207),
        (Load(6120, 180), 300, 300, 15, 0.717346, 0.030857, 9.2570, 0.988526, 0.718364),
    ],
)
def test_erlang_a(
    load: Load,
    patience_s: float,
    agents: int,
    threshold_s: float,
    waiting: float,
    abandoned: float,
    mean_wait_s: float,
    busy: float,
    level: float,
) -> None:
    forecast = erlang_a(load, patience_s, agents, threshold_s)
    assert forecast.waiting_share == pytest.approx(waiting, abs=1e-6)
    assert forecast.abandoned_share == pytest.approx(abandoned, abs=1e-6)
    assert forecast.mean_wait_s == pytest.approx(mean_wait_s, abs=1e-4)
    assert forecast.occupancy == pytest.approx(busy, abs=1e-6)
    assert forecast.service_level == pytest.approx(level, abs=1e-6)


def test_patience_makes_any_overload_a_number() -> None:
    forecast = erlang_a(Load(60_000, 180), 7200, 300, 15)
    assert forecast.abandoned_share == pytest.approx(0.9, abs=1e-3)
    assert forecast.service_level == pytest.approx(0, abs=1e-6)


def test_a_threshold_of_nothing_is_met_by_who_does_not_wait() -> None:
    forecast = erlang_a(Load(200, 180), 180, 11, 0)
    assert forecast.service_level == pytest.approx(1 - forecast.waiting_share)


@pytest.mark.parametrize(
    ("spare", "waiting"),
    [(0.1, 0.8803), (0.2, 0.7714), (0.5, 0.5045), (1, 0.2234), (1.5, 0.0847), (2, 0.0269)],
)
def test_the_square_root_rule(spare: float, waiting: float) -> None:
    assert waiting_share_at(spare) == pytest.approx(waiting, abs=5e-5)


@pytest.mark.parametrize(
    ("calls_per_h", "handling_s", "named"), [(0, 180, "calls_per_h"), (1, -1, "handling_s")]
)
def test_a_load_is_positive(calls_per_h: float, handling_s: float, named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named}: .* is not above 0$"):
        Load(calls_per_h, handling_s)


@pytest.mark.parametrize(("level", "shrinkage", "named"), [(1, 0, "service_level"), (0.8, 1, "shrinkage")])
def test_impossible_staffing_is_refused(level: float, shrinkage: float, named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named}: "):
        staffing(Load(200, 180), 20, level, shrinkage)
