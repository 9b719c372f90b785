"""Scenarios are read whole or refused with the field's full name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deployment import ROOT
from wecc.routing import Policy
from wecc.settings import SettingsError
from wecc.simulation.scenario import read

SMALL = """
patience_s = 120
[handling]
mean_s = 60
cv = 0.8
[[tier]]
name = "vip"
rank = 1
target_percent = 95
threshold_s = 10
window_min = 15
calls_per_h = 300
[[tier]]
name = "szx"
rank = 2
target_percent = 75
threshold_s = 20
window_min = 15
calls_per_h = 300
[[group]]
name = "all"
tiers = ["vip", "szx"]
[[agents]]
count = 10
groups = ["all"]
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "scenario.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_example_is_the_operators_center() -> None:
    example = read(ROOT / "config/example-300.toml")
    assert example.agent_count == 300
    assert len(example.tier) == 8
    offered_erlangs = sum(tier.calls_per_h for tier in example.tier) * example.handling.mean_s / 3600
    assert offered_erlangs == pytest.approx(300)
    presences = example.presences()
    for group in example.group:
        assert sum(group.name in presence.groups for presence in presences) == 100
    assert all(len(presence.groups) == 2 for presence in presences)


def test_routing_is_told_what_the_scenario_says(tmp_path: Path) -> None:
    scenario = read(written(tmp_path, SMALL + "[routing]\nlate_turn = 3\nshort_abandon_s = 0\n"))
    config = scenario.config(Policy.GAP_LIVE)
    assert (config.policy, config.late_turn, config.short_abandon_s) == (Policy.GAP_LIVE, 3, 0)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("calls_per_h = 300", "calls_per_h = 0", "tier.0.calls_per_h: Input should be greater than 0"),
        ("target_percent = 75", "target_percent = 101", "tier.1.target_percent: "),
        ("threshold_s = 10", "threshold_s = -1", "tier.0.threshold_s: "),
        ("patience_s = 120", "", "patience_s: Field required"),
        ("patience_s = 120", "patience_s = 120\ncolour = 1", "unknown field colour"),
        ("cv = 0.8", "cv = 0.8\nmood = 1", "unknown field handling.mood"),
        ('groups = ["all"]', 'groups = ["none"]', "agents.0.groups: unknown group none"),
        ('tiers = ["vip", "szx"]', 'tiers = ["vip"]', "groups: no group serves tier szx"),
        ('tiers = ["vip", "szx"]', 'tiers = ["vip", "szx", "x"]', "groups.all.tiers: unknown tier x"),
        ('name = "szx"', 'name = "vip"', "tiers: a code occurs twice"),
        ('name = "szx"', 'name = "s z"', "tier.1.name: "),
        ("count = 10", "count = ten", "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_by_name(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SMALL
    with pytest.raises(SettingsError) as refusal:
        read(written(tmp_path, SMALL.replace(old, new, 1)))
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value).partition("cannot be read")[0]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read(tmp_path / "none.toml")
