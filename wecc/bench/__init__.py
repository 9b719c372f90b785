"""The project's own measurements: `wecc bench …`, each against its bare-library floor in the same run.

What is measured runs in processes of its own, in a temporary data folder; the generator of the load is the
command itself. CPU time and memory are the kernel's counts for the process measured, never the wall clock.
"""

from __future__ import annotations

import argparse

from wecc.bench.chat import add_parser as add_chat
from wecc.bench.connections import add_parser as add_connections
from wecc.bench.routing import add_parser as add_routing
from wecc.bench.search import add_parser as add_search


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `bench` and its measurements to the command line."""
    bench = commands.add_parser("bench", help="measure this installation's code on this machine")
    measurements = bench.add_subparsers(required=True, metavar="WHAT")
    add_chat(measurements)
    add_connections(measurements)
    add_routing(measurements)
    add_search(measurements)
