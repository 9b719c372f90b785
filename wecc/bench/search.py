"""`wecc bench search`: how often the right article comes first, when it may be answered, and how long it takes.

Over a labelled set (`corpus.jsonl`, `queries.jsonl`): both indexes, with the sentence encoder and without, each
beside the bare library; the engine at fifty thousand articles; and a running center over HTTP.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, field
from pathlib import Path

from wecc.bench.command import add_json, run


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over the answerable tasks, each task counting the same; the decision's shares over all questions."""

    recall_at_1: float
    recall_at_5: float
    mrr_at_10: float
    recall_at_1_of: dict[str, float]
    answered: float
    right_of_answered: float
    unanswerable_answered: float


@dataclass(frozen=True, slots=True)
class Times:
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    """Of this process, for one; where another process works, only the asking."""


@dataclass(frozen=True, slots=True)
class Measured:
    name: str
    articles: int
    quality: Quality
    search: Times
    build_s: float = 0.0
    rebuild_s: float = 0.0
    """With what the cache on disk knows."""
    reopen_s: float = 0.0
    publish: Times | None = None
    complete: Times | None = None
    peak_memory_mb: float = 0.0
    """Of the process so far."""


@dataclass(frozen=True, slots=True)
class Result:
    answer_at: float
    measured: list[Measured] = field(default_factory=list)


def report(result: Result) -> str:
    """The result for people."""
    load = os.getloadavg()[0]
    lines = [
        f"Answers from confidence {result.answer_at}; the machine's load is {load:.1f}; p50 / p95 in ms.",
        " " * 26
        + f"{'R@1':>6}{'R@5':>7}{'MRR':>7}  {'answered':>8}{'right':>7}{'unansw.':>8}"
        + f"  {'search':>15}{'CPU':>7}  {'complete':>13}  {'publish':>13}  build / cached / reopen s",
    ]
    for one in result.measured:
        quality = one.quality
        lines.append(
            f"{one.name:26}{quality.recall_at_1:6.3f}{quality.recall_at_5:7.3f}{quality.mrr_at_10:7.3f}"
            f"  {quality.answered:8.3f}{quality.right_of_answered:7.3f}{quality.unanswerable_answered:8.3f}"
            f"  {_pair(one.search):>15}{one.search.cpu_ms:7.1f}"
            f"  {_pair(one.complete):>13}  {_pair(one.publish):>13}"
            f"  {one.build_s:.1f} / {one.rebuild_s:.1f} / {one.reopen_s:.1f}"
            + (f", {one.articles} articles, {one.peak_memory_mb:.0f} MB" if one.articles else "")
        )
    return "\n".join(lines)


def _pair(times: Times | None) -> str:
    return f"{times.p50_ms:.1f} / {times.p95_ms:.1f}" if times else ""


def add_parser(measurements: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = measurements.add_parser(
        "search", help="find the right article, and know when it is the right one"
    )
    parser.add_argument("--set", type=Path, required=True, help="folder with corpus.jsonl and queries.jsonl")
    parser.add_argument(
        "--articles", type=int, default=0, help="FTS5 alone, over so many articles made of the set's"
    )
    parser.add_argument(
        "--url", default="", help="ask a running center that holds the set, http://127.0.0.1:8000"
    )
    add_json(parser)
    parser.set_defaults(run=_run, process="bench")


def _run(arguments: argparse.Namespace, _: object) -> None:
    # Every command of ours reads this module; only this one needs what searching needs.
    from wecc.bench.searching import measure  # noqa: PLC0415

    run(arguments, measure(arguments.set, arguments.articles, arguments.url), report)
