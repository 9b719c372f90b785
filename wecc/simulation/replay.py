"""A what-if for a process that must stay quick: the run happens in a child, which ends with whoever asked."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError

from wecc.kernel.errors import WeccError
from wecc.simulation.figures import Figures
from wecc.simulation.trace import TracedRequest, WhatIf

log = logging.getLogger(__name__)

_COMMAND: Final = (sys.executable, "-m", "wecc", "simulate", "--trace", "-", "--json")
_FIGURES: Final = TypeAdapter(Figures)
_REQUESTS: Final = TypeAdapter(tuple[TracedRequest, ...])
_PART: Final = 500
_READ_BYTES: Final = 65_536
_LAST_WORDS_BYTES: Final = 2000


class ReplayBusy(WeccError):
    """One what-if at a time: each keeps a processor busy."""

    code = "simulation.busy"
    status = 409
    retryable = True
    sentence = "Another simulation is running here. Please try again in a moment."


class ReplayTooLong(WeccError):
    """The traffic is too much for the time; a shorter span may do."""

    code = "simulation.too_long"
    status = 504
    sentence = "The simulation took too long and was stopped. Please choose a shorter time."


class ReplayFailed(WeccError):
    """The child ended without figures; its last words are in the log."""

    code = "simulation.failed"
    status = 500
    sentence = "The simulation failed. Nothing was changed."


class Replays:
    """Runs what-ifs in a child process, one at a time."""

    def __init__(self, deadline_s: float = 300, command: tuple[str, ...] = _COMMAND) -> None:
        self._deadline_s = deadline_s
        self._command = command
        self._is_busy = False

    async def replay(self, what_if: WhatIf, on_progress: Callable[[float], None] = lambda _: None) -> Figures:
        """The figures; `on_progress` is told the share done, a few times a second.

        Cancelled or past the deadline, the child is killed with all it started. Raises: ReplayBusy,
        ReplayTooLong, ReplayFailed. Source: 2.4.3-03.
        """
        if self._is_busy:
            raise ReplayBusy
        self._is_busy = True
        try:
            # What the child leaves behind when it is killed lies in here.
            with tempfile.TemporaryDirectory(prefix="wecc-replay-", ignore_cleanup_errors=True) as folder:
                async with asyncio.timeout(self._deadline_s):
                    return await self._run(what_if, on_progress, folder)
        except TimeoutError as error:
            raise ReplayTooLong(deadline_s=self._deadline_s) from error
        finally:
            self._is_busy = False

    async def _run(self, what_if: WhatIf, on_progress: Callable[[float], None], folder: str) -> Figures:
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env={**os.environ, "TMPDIR": folder},
            start_new_session=True,  # a group of its own, to be killed as one
        )
        assert child.stdin
        assert child.stdout
        assert child.stderr
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_tell(child.stdin, what_if), name="trace")
                output = tasks.create_task(child.stdout.read(), name="figures")
                said = tasks.create_task(_follow(child.stderr, on_progress), name="progress")
            returned = await child.wait()
        finally:
            _kill(child.pid)
            await child.wait()
        try:
            return _FIGURES.validate_json(output.result())
        except ValidationError as error:
            log.warning("simulation.failed", extra={"returned": returned, "said": said.result()})
            raise ReplayFailed from error


async def _tell(stdin: asyncio.StreamWriter, what_if: WhatIf) -> None:
    """In parts: a day of requests takes longer to write down than others should wait."""
    try:
        head = what_if.model_dump_json(exclude={"requests"}).encode()
        stdin.write(head[:-1] + b',"requests":[')
        for i in range(0, len(what_if.requests), _PART):
            part = _REQUESTS.dump_json(what_if.requests[i : i + _PART])[1:-1]
            stdin.write(b"," + part if i else part)
            await stdin.drain()
        stdin.write(b"]}")
        await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return  # a child that does not listen says why on its way out
    finally:
        stdin.close()


async def _follow(stderr: asyncio.StreamReader, on_progress: Callable[[float], None]) -> str:
    """Progress goes on; what else the child says comes back, the end of it."""
    said, rest = b"", b""
    while more := await stderr.read(_READ_BYTES):
        *lines, rest = (rest + more).split(b"\n")
        for line in lines:
            try:
                on_progress(orjson.loads(line)["share"])
            except (orjson.JSONDecodeError, KeyError, TypeError):
                said += line + b"\n"
        said, rest = said[-_LAST_WORDS_BYTES:], rest[-_LAST_WORDS_BYTES:]
    return (said + rest).decode(errors="replace").strip()


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
