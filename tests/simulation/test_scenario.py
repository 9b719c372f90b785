"""Scenarios are read whole or refused with the field's full name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deployment import ROOT
from wecc.routing import Abandons, Channel, Overflow, Policy
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


@pytest.mark.parametrize("name", ["burst-300.toml", "blended.toml"])
def test_the_other_scenarios_can_be_read(name: str) -> None:
    assert read(ROOT / "config" / name).presences()


def test_routing_is_told_what_the_scenario_says(tmp_path: Path) -> None:
    rules = '[routing]\nlate_turn = 3\nagent_choice = "most_skilled"\n[channels.voice]\ncost = 2\n'
    text = SMALL.replace("window_min = 15", 'window_min = 15\nabandons = "ignore"\nmax_waiting = 7', 1)
    text = text.replace("count = 10", "count = 10\ncapacity = 3\nlevels = { all = 2 }")
    helped = '[[group]]\nname = "few"\ntiers = ["vip"]\nwidened = { szx = 30 }\n'
    helped += 'overflow = { to = "all", after_s = 60 }\n'
    scenario = read(written(tmp_path, text + helped + rules))
    config = scenario.config(Policy.GAP_LIVE)
    assert (config.policy, config.late_turn, config.agent_choice) == (Policy.GAP_LIVE, 3, "most_skilled")
    assert config.channels[Channel.VOICE].cost == 2
    vip, szx = config.tiers
    assert (vip.code, vip.max_waiting, vip.targets[Channel.CHAT].abandons) == ("vip", 7, Abandons.IGNORE)
    assert (szx.code, szx.max_waiting, szx.targets[Channel.CHAT].abandons) == ("szx", None, Abandons.NEGATIVE)
    few = config.groups[1]
    assert (few.widened, few.overflow) == ({"szx": 30}, Overflow(to="all", after_s=60))
    agent = scenario.presences()[0]
    assert (agent.capacity, agent.levels) == (3, {"all": 2})


def test_a_tier_has_a_target_on_each_of_its_channels(tmp_path: Path) -> None:
    by_voice = SMALL.replace('name = "szx"\nrank = 2', 'name = "vip"\nchannel = "voice"\nrank = 1')
    config = read(written(tmp_path, by_voice.replace('"vip", "szx"', '"vip"'))).config(Policy.GAP)
    (vip,) = config.tiers
    assert [(channel, target.target_pct) for channel, target in vip.targets.items()] == [
        (Channel.CHAT, 95),
        (Channel.VOICE, 75),
    ]


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
        ('name = "szx"', 'name = "vip"', "tier.1: vip is on chat already"),
        (
            'name = "szx"',
            'name = "vip"\nchannel = "voice"',
            "tier.1.rank: not the same on all channels of vip",
        ),
        ('name = "szx"', 'name = "szx"\nchannel = "fax"', "tier.1.channel: "),
        ('name = "szx"', 'name = "szx"\nabandons = "often"', "tier.1.abandons: "),
        ('name = "szx"', 'name = "szx"\npatience_s = 0', "tier.1.patience_s: "),
        ('name = "szx"', 'name = "szx"\nhandling = { mean_s = 9 }', "tier.1.handling.cv: Field required"),
        ("count = 10", "count = 10\ncapacity = 0", "agents.0.capacity: "),
        ("count = 10", "count = 10\nlevels = { few = 1 }", "agents.0.levels: not a group of theirs: few"),
        ("count = 10", "count = 10\nlevels = { all = 0 }", "agents.0.levels.all: "),
        ('name = "all"', 'name = "all"\nwidened = { x = 9 }', "groups.all.widened: unknown tier x"),
        (
            'name = "all"',
            'name = "all"\noverflow = { to = "all", after_s = 9 }',
            "groups.all.overflow: leads to",
        ),
        (
            "[handling]",
            "burst = [{ from_min = 5, minutes = 0, factor = 2 }]\n[handling]",
            "burst.0.minutes: ",
        ),
        (
            "[handling]",
            'burst = [{ from_min = 5, minutes = 1, factor = 2, tiers = ["x"] }]\n[handling]',
            "burst.0.tiers: unknown tier x",
        ),
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
