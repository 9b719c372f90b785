"""The command: brings the people together, and tells every few seconds how the tiers fare."""

from __future__ import annotations

import argparse
import asyncio
import sys

import uvloop

from wecc.demo import CENTER, read_key
from wecc.demo.seed import SCRIPTED_AGENTS
from wecc.kernel.clock import SystemClock
from wecc.rush.people import NoDemo, Place, Rush
from wecc.rush.script import Arrival, arrivals
from wecc.settings import Settings

_TELL_EVERY_S = 5.0
_HEAD_EVERY = 12
_DRAIN_S = 45.0
_CLOCK = SystemClock()


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `rush` to the command line."""
    parser = commands.add_parser("rush", help="send visitors of all tiers to the running demo")
    parser.add_argument("--minutes", type=float, default=5, help="of visitors coming (default: 5)")
    parser.add_argument("--visitors-per-min", type=float, default=44, help="on average (default: 44)")
    every = len(SCRIPTED_AGENTS)
    agents = range(1, every + 1)
    parser.add_argument(
        "--agents", type=int, choices=agents, metavar="N", default=every, help=f"who serve (default: {every})"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same one brings the same visitors")
    parser.set_defaults(run=_run, process="rush")


def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    try:
        key = read_key(settings)
    except OSError:
        print("wecc rush: there is no demo in this data folder: start it with `make run`", file=sys.stderr)
        sys.exit(1)
    place = Place(settings.web.host, settings.web.port, CENTER, key)
    coming = arrivals(arguments.seed, arguments.minutes, arguments.visitors_per_min)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_rush(Rush(place), coming, arguments.agents, arguments.seed))
        except NoDemo as error:
            print(f"wecc rush: {error}", file=sys.stderr)
            sys.exit(1)


async def _rush(rush: Rush, coming: list[Arrival], agents: int, seed: int) -> None:
    async with rush.at_work(SCRIPTED_AGENTS[:agents], seed):
        try:
            await _receive(rush, coming)
        finally:
            print(f"\n{rush.tallies.table()}", flush=True)


async def _receive(rush: Rush, coming: list[Arrival]) -> None:
    """Let everybody come at his time; who is still here when the time is over leaves."""
    began_s = _CLOCK.monotonic_s()

    async def tell() -> None:
        lines = 0
        while True:
            if lines % _HEAD_EVERY == 0:
                print(rush.tallies.head(), flush=True)
            lines += 1
            await asyncio.sleep(_TELL_EVERY_S)
            print(rush.tallies.line(_CLOCK.monotonic_s() - began_s), flush=True)

    async with asyncio.TaskGroup() as telling:
        teller = telling.create_task(tell())
        async with asyncio.TaskGroup() as visiting:
            visits = []
            for arrival in coming:
                await asyncio.sleep(began_s + arrival.at_s - _CLOCK.monotonic_s())
                visits.append(visiting.create_task(rush.visit(arrival)))
            if visits:
                _, staying = await asyncio.wait(visits, timeout=_DRAIN_S)
                for visit in staying:
                    visit.cancel()
        teller.cancel()
