"""The command line: `wecc simulate SCENARIO.toml --policy P --load X --hours H --seed N [N …] [--json]`.

Or, for the what-if, `wecc simulate --trace FILE [--json]`.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
from abc import ABC, abstractmethod
from dataclasses import asdict
from pathlib import Path

import orjson
from pydantic import ValidationError

from wecc.kernel.clock import SystemClock
from wecc.routing import Channel, Policy
from wecc.settings import SettingsError
from wecc.simulation.drive import replay, simulate
from wecc.simulation.figures import Figures, TierFigures
from wecc.simulation.scenario import read
from wecc.simulation.trace import WhatIf

_BAR = 30
_REDRAW_S = 0.2


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `simulate` to the command line."""
    parser = commands.add_parser(
        "simulate", help="what a policy does to answer rates, before callers meet it"
    )
    parser.add_argument("scenario", type=Path, nargs="?", help="for example config/example-300.toml")
    parser.add_argument(
        "--trace", type=Path, metavar="FILE", help="instead: traffic as it was, as JSON; - for standard input"
    )
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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the store of its own would outlive it
    if (arguments.scenario is None) == (arguments.trace is None):
        raise SettingsError("simulate: name either a scenario or a --trace")
    if arguments.trace is not None:
        _replay(arguments.trace, as_json=arguments.json)
        return
    scenario = read(arguments.scenario)
    progress = _Bar(f"{arguments.policy}, load {arguments.load:g}")
    figures = simulate(
        scenario, Policy(arguments.policy), arguments.load, arguments.hours, arguments.seed, progress.show
    )
    progress.clear()
    _print(figures, as_json=arguments.json)


def _replay(file: Path, *, as_json: bool) -> None:
    """As other processes use it: with `as_json`, progress on standard error is a line of JSON each time."""
    try:
        question = sys.stdin.buffer.read() if file == Path("-") else file.read_bytes()
        what_if = WhatIf.model_validate_json(question)
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{file}: {name}: {first['msg']}") from error
    progress: _Progress = _Lines() if as_json else _Bar(f"{what_if.config.policy}, {file}")
    figures = replay(what_if, progress.show)
    progress.clear()
    _print(figures, as_json=as_json)


def _print(figures: Figures, *, as_json: bool) -> None:
    if as_json:
        print(orjson.dumps(asdict(figures), option=orjson.OPT_INDENT_2).decode())
    else:
        print(table(figures))


class _Progress(ABC):
    """Shows the share done, a few times a second."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._shown_s = -math.inf

    def show(self, share: float) -> None:
        if self._clock.monotonic_s() - self._shown_s >= _REDRAW_S:
            self._shown_s = self._clock.monotonic_s()
            self._show(share)

    @abstractmethod
    def clear(self) -> None:
        """Make room for the figures."""

    @abstractmethod
    def _show(self, share: float) -> None: ...


class _Bar(_Progress):
    """On a terminal a bar, elsewhere nothing."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._is_shown = sys.stderr.isatty()

    def _show(self, share: float) -> None:
        bar = "█" * round(share * _BAR)
        if self._is_shown:
            print(f"\r{self._title}  {bar:░<{_BAR}} {share:4.0%}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._is_shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class _Lines(_Progress):
    """Lines of JSON. When nobody is left to read them, writing fails, and the run ends."""

    def _show(self, share: float) -> None:
        print(f'{{"share": {share:.4f}}}', file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Lines are in nobody's way."""


def table(figures: Figures) -> str:
    """For people: a line a tier, then the whole."""
    names = [_name(tier) for tier in figures.tiers]
    width = max(len(name) for name in ["tier", *names])
    seeds = " ".join(map(str, figures.seeds))
    lines = [
        f"{figures.policy}, load {figures.load:g}, {figures.hours:g} h, seeds {seeds}",
        "",
        f"{'tier':{width}}  target %  rate %  gap pp  missed  requests  mean s  P99 s  longest s  gave up",
    ]
    for name, tier in zip(names, figures.tiers, strict=True):
        gap = tier.rate - tier.target
        lines.append(
            f"{name:{width}}  {tier.target:8.1f}  {tier.rate:6.1f}  {gap:+6.1f}  {tier.missed_share:6.0%}"
            f"  {tier.asked:8.0f}  {tier.wait_mean_s:6.0f}  {tier.wait_p99_s:5.0f}  {tier.wait_max_s:9.0f}"
            f"  {tier.abandoned_share:7.1%}"
        )
    met, worst = f"{figures.tiers_met:.1f} of {len(figures.tiers)}", f"{figures.worst_gap_pp:+.1f} pp"
    mean, p99, longest = (f"{s:.0f} s" for s in (figures.wait_mean_s, figures.wait_p99_s, figures.wait_max_s))
    refused = [f"not let in       {figures.refused_share:.1%}"] if figures.refused_share else []
    return "\n".join(
        [
            *lines,
            "",
            f"tiers on target  {met}, worst gap {worst}",
            f"minutes missed   {figures.missed_share:.0%}, by the rate over each tier's window",
            f"wait             mean {mean}, P99 {p99}, longest {longest}",
            f"gave up          {figures.abandoned_share:.1%}",
            *refused,
            f"late decisions   {figures.late_decisions_share:.1%}",
            f"agents busy      {figures.occupancy:.1%}",
        ]
    )


def _name(tier: TierFigures) -> str:
    return tier.name if tier.channel == Channel.CHAT else f"{tier.name} {tier.channel}"
