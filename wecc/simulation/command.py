"""The command line: `wecc simulate SCENARIO.toml --policy P --load X --hours H --seed N [N …] [--json]`."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import asdict
from pathlib import Path

import orjson

from wecc.kernel.clock import SystemClock
from wecc.routing import Policy
from wecc.simulation.drive import Figures, simulate
from wecc.simulation.scenario import read

_BAR = 30
_REDRAW_S = 0.2


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `simulate` to the command line."""
    parser = commands.add_parser(
        "simulate", help="what a policy does to answer rates, before callers meet it"
    )
    parser.add_argument("scenario", type=Path, help="for example config/example-300.toml")
    policies = [policy.value for policy in Policy]
    parser.add_argument("--policy", choices=policies, default="gap", help="what decides (default: gap)")
    parser.add_argument("--load", type=_load, default=1.0, help="factor on all calls an hour (default: 1)")
    parser.add_argument("--hours", type=_hours, default=6.0, help="of calls, virtual time (default: 6)")
    parser.add_argument("--seed", type=int, nargs="+", default=[1], help="one run for each (default: 1)")
    parser.add_argument("--json", action="store_true", help="figures for programs")
    parser.set_defaults(run=_run, process="simulate")


def _load(text: str) -> float:
    return _between(text, 0, 10)


def _hours(text: str) -> float:
    return _between(text, 0, 168)


def _between(text: str, above: float, up_to: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not above < value <= up_to:
        raise argparse.ArgumentTypeError(f"{text} is not a number above {above:g}, up to {up_to:g}")
    return value


def _run(arguments: argparse.Namespace, _: object) -> None:
    scenario = read(arguments.scenario)
    progress = _Progress(f"{arguments.policy}, load {arguments.load:g}")
    figures = simulate(
        scenario, Policy(arguments.policy), arguments.load, arguments.hours, arguments.seed, progress.show
    )
    progress.clear()
    if arguments.json:
        print(orjson.dumps(asdict(figures), option=orjson.OPT_INDENT_2).decode())
    else:
        print(table(figures))


class _Progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._is_shown = sys.stderr.isatty()
        self._clock = SystemClock()
        self._drawn_s = -math.inf

    def show(self, share: float) -> None:
        if not self._is_shown or self._clock.monotonic_s() - self._drawn_s < _REDRAW_S:
            return
        self._drawn_s = self._clock.monotonic_s()
        bar = "█" * round(share * _BAR)
        print(f"\r{self._title}  {bar:░<{_BAR}} {share:4.0%}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._is_shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def table(figures: Figures) -> str:
    """For people: a line a tier, then the whole."""
    width = max(len("tier"), *(len(tier.name) for tier in figures.tiers))
    seeds = " ".join(map(str, figures.seeds))
    lines = [
        f"{figures.policy}, load {figures.load:g}, {figures.hours:g} h, seeds {seeds}",
        "",
        f"{'tier':{width}}  target %  rate %  gap pp  requests",
    ]
    for tier in figures.tiers:
        gap = tier.rate - tier.target
        lines.append(
            f"{tier.name:{width}}  {tier.target:8.1f}  {tier.rate:6.1f}  {gap:+6.1f}  {tier.asked:8.0f}"
        )
    met, worst = f"{figures.tiers_met:.1f} of {len(figures.tiers)}", f"{figures.worst_gap_pp:+.1f} pp"
    mean, p99, longest = (f"{s:.0f} s" for s in (figures.wait_mean_s, figures.wait_p99_s, figures.wait_max_s))
    return "\n".join(
        [
            *lines,
            "",
            f"tiers on target  {met}, worst gap {worst}",
            f"wait             mean {mean}, P99 {p99}, longest {longest}",
            f"gave up          {figures.abandoned_share:.1%}",
            f"late decisions   {figures.late_decisions_share:.1%}",
            f"agents busy      {figures.occupancy:.1%}",
        ]
    )
