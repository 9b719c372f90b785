"""The simulated center behaves as queueing theory and the policies say."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.deployment import ROOT
from tests.simulation.test_scenario import SMALL, written
from wecc.routing import Policy
from wecc.routing.erlang import Load, erlang_a
from wecc.simulation import add_parser
from wecc.simulation.command import table
from wecc.simulation.drive import simulate
from wecc.simulation.scenario import Scenario, read

pytestmark = pytest.mark.slow


@pytest.fixture
def small(tmp_path: Path) -> Scenario:
    return read(written(tmp_path, SMALL))


def test_it_agrees_with_erlang_a(tmp_path: Path) -> None:
    """One queue by order of asking, as many hours as keep the noise at a percent or two."""
    alike = SMALL.replace("threshold_s = 10", "threshold_s = 20").replace("cv = 0.8", "cv = 1")
    scenario = read(written(tmp_path, alike + "[routing]\nshort_abandon_s = 0\n"))
    figures = simulate(scenario, Policy.FIFO, load=1, hours=2, seeds=[1, 2])
    theory = erlang_a(Load(600, 60), patience_s=120, agents=10, threshold_s=20)
    asked = sum(tier.asked for tier in figures.tiers)
    rate = sum(tier.rate * tier.asked for tier in figures.tiers) / asked
    assert asked == pytest.approx(1200, rel=0.05)
    assert rate / 100 == pytest.approx(theory.service_level, abs=0.04)
    assert figures.abandoned_share == pytest.approx(theory.abandoned_share, abs=0.02)
    assert figures.occupancy == pytest.approx(theory.occupancy, abs=0.03)


def test_a_seed_tells_the_same_story_twice_and_alone(small: Scenario) -> None:
    first = simulate(small, Policy.GAP, load=1.1, hours=0.25, seeds=[7])
    assert simulate(small, Policy.GAP, load=1.1, hours=0.25, seeds=[7]) == first
    both = simulate(small, Policy.GAP, load=1.1, hours=0.25, seeds=[7, 8])
    assert both.tiers[0].rate != first.tiers[0].rate
    assert both.wait_max_s >= first.wait_max_s


def test_policies_differ_as_they_promise(small: Scenario) -> None:
    fifo, strict, live = (
        simulate(small, policy, load=1.15, hours=1, seeds=[1])
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


def test_progress_runs_to_the_end(small: Scenario) -> None:
    shares: list[float] = []
    simulate(small, Policy.GAP, load=0.5, hours=0.1, seeds=[1], on_progress=shares.append)
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1


def wecc(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "wecc", "simulate", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)


def test_the_command_prints_figures_for_programs(tmp_path: Path) -> None:
    file = str(written(tmp_path, SMALL))
    done = wecc(file, "--policy", "gap_live", "--load", "0.9", "--hours", "0.1", "--seed", "1", "2", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    figures = orjson.loads(done.stdout)
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
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    with pytest.raises(SystemExit):
        parser.parse_args(["simulate", "scenario.toml", *arguments])
    assert told in capsys.readouterr().err


def test_a_bad_scenario_is_one_sentence(tmp_path: Path) -> None:
    done = wecc(str(written(tmp_path, SMALL.replace("cv = 0.8", "cv = -1"))))
    assert done.returncode == 2
    assert b"scenario.toml: handling.cv: " in done.stderr
    assert b"Traceback" not in done.stderr
