"""How every measurement is run and told."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import orjson
import uvloop

Result = TypeVar("Result")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="figures for programs, units in their names")


def run(
    arguments: argparse.Namespace, work: Coroutine[Any, Any, Result], report: Callable[[Result], str]
) -> None:
    """Measure and print; what cannot be measured is one sentence and exit code 1."""
    # The generator lives for a minute; its own pauses must not look like the server's.
    gc.disable()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            result = runner.run(work)
        except RuntimeError as error:
            print(f"wecc bench: {error}", file=sys.stderr)
            sys.exit(1)
    if arguments.json:
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    else:
        print(report(result))
