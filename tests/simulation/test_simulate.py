"""The simulated center behaves as queueing theory and the policies say."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import orjson
import pytest

from tests.simulation.test_scenario import SMALL, written
from wecc.routing import Policy
from wecc.routing.erlang import Load, erlang_a
from wecc.settings import SettingsError
from wecc.simulation import add_parser
from wecc.simulation.command import table
from wecc.simulation.drive import simulate
from wecc.simulation.scenario import Scenario, read

pytestmark = pytest.mark.slow


@pytest.fixture
def small(tmp_path: Path) -> Scenario:
    return read(written(tmp_path, SMALL))


def test_it_agrees_with_erlang_a(tmp_path: Path) -> None:
    """One queue by order of asking, as many hours as keep the noise at a few percent."""
    alike = SMALL.replace("threshold_s = 10", "threshold_s = 20").replace("cv = 0.8", "cv = 1")
    alike = alike.replace("window_min", "short_abandon_s = 0\nwindow_min")
    scenario = read(written(tmp_path, alike))
    figures = simulate(scenario, Policy.FIFO, load=1, hours=1, seeds=range(1, 9))
    theory = erlang_a(Load(600, 60), patience_s=120, agents=10, threshold_s=20)
    asked = sum(tier.asked for tier in figures.tiers)
    rate = sum(tier.rate * tier.asked for tier in figures.tiers) / asked
    assert asked == pytest.approx(600, rel=0.05)
    assert rate / 100 == pytest.approx(theory.service_level, abs=0.05)
    assert figures.abandoned_share == pytest.approx(theory.abandoned_share, abs=0.02)
    assert figures.occupancy == pytest.approx(theory.occupancy, abs=0.03)


def test_a_seed_tells_the_same_story_twice_and_alone(small: Scenario) -> None:
    first = simulate(small, Policy.GAP, load=1.1, hours=0.25, seeds=[7])
    assert simulate(small, Policy.GAP, load=1.1, hours=0.25, seeds=[7]) == first
    both = simulate(small, Policy.GAP, load=1.1, hours=0.25, seeds=[7, 8])
    assert both.tiers[0].rate != first.tiers[0].rate
    second = simulate(small, Policy.GAP, load=1.1, hours=0.25, seeds=[8])
    assert both.wait_max_s == (first.wait_max_s + second.wait_max_s) / 2
    deviation_pp = abs(first.tiers[0].rate - second.tiers[0].rate) / math.sqrt(2)
    assert both.tiers[0].rate_deviation_pp == pytest.approx(deviation_pp)


def test_policies_differ_as_they_promise(small: Scenario) -> None:
    fifo, strict, live = (
        simulate(small, policy, load=1.15, hours=0.5, seeds=[1])
        for policy in (Policy.FIFO, Policy.VIP_STRICT, Policy.GAP_LIVE)
    )
    assert strict.tiers[0].rate > fifo.tiers[0].rate
    assert strict.tiers[1].rate < live.tiers[1].rate
    assert live.worst_gap_pp > fifo.worst_gap_pp
    assert live.late_decisions_share < fifo.late_decisions_share


def test_wrap_up_holds_the_agents(tmp_path: Path) -> None:
    scenario = read(written(tmp_path, SMALL.replace("mean_s = 60", "mean_s = 30\nwrap_up_s = 30")))
    figures = simulate(scenario, Policy.GAP, load=1, hours=1, seeds=[1])
    assert figures.occupancy > 0.8
    assert figures.abandoned_share > 0


def test_who_is_not_let_in_is_told_apart(tmp_path: Path) -> None:
    text = SMALL.replace("calls_per_h = 300", "calls_per_h = 600").replace(
        "rank = 2", "rank = 2\nmax_waiting = 2"
    )
    vip, szx = simulate(read(written(tmp_path, text)), Policy.GAP, load=1, hours=0.25, seeds=[1]).tiers
    assert vip.refused_share == 0
    assert 0.1 < szx.refused_share < 0.9


HELPED = """
[[tier]]
name = "key"
rank = 3
target_percent = 80
threshold_s = 20
window_min = 15
calls_per_h = 240
[[group]]
name = "few"
tiers = ["key"]
[[agents]]
count = 2
groups = ["few"]
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "few"', 'name = "few"\noverflow = { to = "all", after_s = 10 }'),
        ('tiers = ["vip", "szx"]', 'tiers = ["vip", "szx"]\nwidened = { key = 10 }'),
    ],
)
def test_others_help_after_a_wait(tmp_path: Path, old: str, new: str) -> None:
    """Two agents for two people's work; whoever has waited 10 s is served by ten more, a second later at most."""
    alone = read(written(tmp_path, SMALL + HELPED))
    helped = read(written(tmp_path, (SMALL + HELPED).replace(old, new)))
    before, after = (
        simulate(s, Policy.GAP, load=0.5, hours=0.25, seeds=[1]).tiers[2] for s in (alone, helped)
    )
    assert before.rate < 70
    assert after.rate > 95
    assert 10 < after.wait_max_s < 20


def test_calls_take_an_agent_whole_and_chats_a_part_of_him(tmp_path: Path) -> None:
    """Ten agents for four chats each carry twenty conversations at a time easily, but not as calls."""
    chats = SMALL.replace("count = 10", "count = 10\ncapacity = 4").replace("mean_s = 60", "mean_s = 120")
    calls = chats.replace("rank =", 'channel = "voice"\nrank =')
    by_chat, by_voice = (
        simulate(read(written(tmp_path, text)), Policy.GAP, load=1, hours=0.25, seeds=[1])
        for text in (chats, calls)
    )
    assert by_chat.occupancy < 0.6
    assert by_chat.wait_max_s == 0
    assert by_voice.occupancy > 0.95
    assert by_voice.wait_mean_s > 30
    assert {tier.channel for tier in by_voice.tiers} == {"voice"}
    assert "vip voice" in table(by_voice)


def test_progress_runs_to_the_end(small: Scenario) -> None:
    shares: list[float] = []
    simulate(small, Policy.GAP, load=0.5, hours=0.1, seeds=[1], on_progress=shares.append)
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1


def wecc(*arguments: str) -> None:
    """The command, in this process."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["simulate", *arguments])
    parsed.run(parsed, None)


def test_the_command_prints_figures_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(written(tmp_path, SMALL))
    wecc(file, "--policy", "gap_live", "--load", "0.9", "--hours", "0.1", "--seed", "1", "2", "--json")
    printed = capsys.readouterr()
    assert printed.err == ""
    figures = orjson.loads(printed.out)
    assert (figures["policy"], figures["load"], figures["seeds"]) == ("gap_live", 0.9, [1, 2])
    assert [(tier["name"], tier["target"]) for tier in figures["tiers"]] == [("vip", 95), ("szx", 75)]
    assert 0 <= figures["tiers_met"] <= 2
    numbers = {"worst_gap_pp", "wait_p99_s", "wait_max_s", "abandoned_share", "late_decisions_share"}
    assert all(isinstance(figures[name], float) for name in numbers)


def test_people_read_a_table(small: Scenario) -> None:
    text = table(simulate(small, Policy.GAP, load=0.2, hours=0.1, seeds=[1]))
    assert text.startswith("gap, load 0.2, 0.1 h, seeds 1\n")
    assert "tiers on target  2.0 of 2, worst gap +" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--load", "0"), "argument --load: 0 is not a number above 0, up to 10"),
        (("--hours", "many"), "argument --hours: many is not a number above 0"),
        (("--policy", "luck"), "argument --policy: invalid choice: 'luck' (choose from "),
    ],
)
def test_bad_arguments_are_one_sentence(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        wecc("scenario.toml", *arguments)
    assert told in capsys.readouterr().err


def test_a_bad_scenario_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"scenario\.toml: handling\.cv: ") as refusal:
        wecc(str(written(tmp_path, SMALL.replace("cv = 0.8", "cv = -1"))))
    assert "\n" not in str(refusal.value)
