"""When a process begins its work and when it ends: as its supervisor says, or a signal."""

from __future__ import annotations

import asyncio
import ctypes
import os
import select
import signal
import sys

SUPERVISOR_PIPE = "SUPERVISOR_PIPE_OF_WECC"
"""Number of the reading end of a pipe whose writing end only the supervisor holds."""
GATE = "GATE_OF_WECC"
"""Number of the reading end of a pipe whose writing end the supervisor closes once the database is prepared."""


def until_prepared() -> None:
    """Return when the database may be used: at once, except in a process that loads while it is prepared."""
    gate, pipe = os.environ.get(GATE), os.environ.get(SUPERVISOR_PIPE)
    if gate is None or pipe is None:
        return
    os.read(int(gate), 1)  # nothing is ever written
    if select.select([int(pipe)], [], [], 0)[0]:
        sys.exit()  # the supervisor ended before it was prepared


async def until_told_to_stop() -> None:
    """Return on SIGTERM, SIGINT, or the supervisor's end, however it ended."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    pipe = os.environ.get(SUPERVISOR_PIPE)
    if pipe is not None:
        # Nothing is ever written: readable means closed, which the kernel does even after kill -9.
        loop.add_reader(int(pipe), told.set)
    try:
        await told.wait()
    finally:
        if pipe is not None:
            loop.remove_reader(int(pipe))


def die_with_parent() -> None:
    """In a child that is not ours (the embedded Valkey), before it starts: end when the supervisor ends."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
