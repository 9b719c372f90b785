"""`wecc serve`: starts the processes, keeps them, stops them in order.

It listens itself and hands the socket down, so a killed web process costs its clients a reconnect and nobody
a refused connection. Its children end with it, however it ends. They load while it prepares the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from wecc.infra import db
from wecc.infra import redis as redis_client
from wecc.kernel.clock import Clock, SystemClock
from wecc.processes import valkey
from wecc.processes.life import GATE, SUPERVISOR_PIPE, die_with_parent
from wecc.settings import Settings

log = logging.getLogger(__name__)

_STOP_DEADLINE_S = 12.0
_START_DEADLINE_S = 30.0
_QUICK_S = 5.0
_MAX_QUICK_ENDS = 8
_STALLED_MS = 30_000


class CannotStart(Exception):
    """Why the installation does not start, in a sentence for people."""


@dataclass(slots=True)
class Child:
    """A process to keep."""

    name: str
    command: Sequence[str]
    pass_fds: tuple[int, ...] = ()
    is_foreign: bool = False
    process: asyncio.subprocess.Process | None = field(default=None, init=False)


@contextlib.contextmanager
def own_folder(folder: Path) -> Iterator[None]:
    """The data folder, for this supervisor alone. Raises: CannotStart."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "wecc.lock").open("w")
    except OSError as error:
        raise CannotStart(f"The data folder {folder} cannot be written: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(f"Another wecc is running on the data folder {folder}.") from error
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket to hand down. Raises: CannotStart when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Accepted sockets inherit it: who takes nothing of what is sent to him is let go, so that a client
        # that was cut off and still does not read cannot hold its socket for ever.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MS)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise CannotStart(
            f"{host}:{port} cannot be used: {(error.strerror or str(error)).lower()}. "
            f"Stop what listens there, or choose another port, for example WECC_WEB__PORT={port + 10}."
        ) from error
    listening.listen(2048)
    listening.set_inheritable(True)
    return listening


def _pipe(stack: contextlib.ExitStack) -> tuple[int, BinaryIO]:
    """The reading end, to hand down, and the writing end; both are closed with the stack."""
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    stack.callback(os.close, reading)
    return reading, stack.enter_context(os.fdopen(writing, "wb"))


class Supervisor:
    """Keeps the children of one installation."""

    def __init__(self, settings: Settings, config_file: Path | None, clock: Clock | None = None) -> None:
        self._settings = settings
        self._config_file = config_file
        self._clock = clock or SystemClock()
        self._stopping = asyncio.Event()
        self._children: list[Child] = []
        self._environment: dict[str, str] = {}
        self._failure: str | None = None

    async def run(
        self,
        *,
        is_demo: bool,
        is_reloading: bool,
        prepare: Callable[[], Awaitable[None]],
        announce: Callable[[], None],
    ) -> None:
        """Serve until SIGTERM or SIGINT. `prepare` runs after the migrations, `announce`
        once everything answers. Raises: CannotStart."""
        settings = self._settings
        with contextlib.ExitStack() as stack:
            stack.enter_context(own_folder(settings.data.folder))
            web = stack.enter_context(listen(settings.web.host, settings.web.port))
            demo = stack.enter_context(listen(settings.web.host, settings.demo.port)) if is_demo else None
            db.refuse_unfinished_restore(settings.data)
            alive, _ = _pipe(stack)
            gate, barrier = _pipe(stack)
            self._environment = {**os.environ, SUPERVISOR_PIPE: str(alive), GATE: str(gate)}
            self._children = self._plan(web, demo, (alive, gate))
            try:
                for child in self._children:
                    await self._start(child)
                await db.migrate(settings.data)
                await prepare()
                if settings.data.is_embedded_redis:
                    await self._until_redis_answers()
                barrier.close()
            except BaseException:
                await self._stop_all()
                raise
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stopping.set)
            async with asyncio.TaskGroup() as group:
                keepers = [
                    group.create_task(self._keep(child), name=f"keep {child.name}")
                    for child in self._children
                ]
                if is_reloading:
                    keepers.append(group.create_task(self._reload(), name="reload"))
                waiter = group.create_task(self._announce_when_ready(announce), name="announce")
                await self._stopping.wait()
                waiter.cancel()
                for keeper in keepers:
                    keeper.cancel()
            await self._stop_all()
        if self._failure is not None:
            raise CannotStart(self._failure)

    def _plan(self, web: socket.socket, demo: socket.socket | None, pipes: tuple[int, ...]) -> list[Child]:
        settings = self._settings
        wecc = [sys.executable, "-m", "wecc"]
        if self._config_file is not None:
            wecc += ["--config", str(self._config_file)]
        children = []
        if settings.data.is_embedded_redis:
            children.append(Child("valkey", valkey.command(settings.data), is_foreign=True))
        children.append(Child("jobs", [*wecc, "jobs"], pipes))
        children.append(Child("search", [*wecc, "search"], pipes))
        for number in range(1, settings.web.workers + 1):
            fd = web.fileno()
            children.append(Child(f"web {number}", [*wecc, "web", "--fd", str(fd)], (fd, *pipes)))
        if demo is not None:
            fd = demo.fileno()
            children.append(Child("demo site", [*wecc, "demo-site", "--fd", str(fd)], (fd, *pipes)))
        return children

    async def _start(self, child: Child) -> None:
        child.process = await asyncio.create_subprocess_exec(
            *child.command,
            env=self._environment,
            pass_fds=child.pass_fds,
            # A Ctrl-C is for the supervisor, which stops its children in order.
            start_new_session=True,
            preexec_fn=die_with_parent if child.is_foreign else None,
        )
        log.info("process.started", extra={"child": child.name, "pid": child.process.pid})

    async def _keep(self, child: Child) -> None:
        quick_ends = 0
        while True:
            assert child.process is not None
            began_s = self._clock.monotonic_s()
            code = await child.process.wait()
            log.warning("process.ended", extra={"child": child.name, "code": code})
            # Killed from outside, however often, is no reason to give up; ending by itself at once is.
            is_quick = code >= 0 and self._clock.monotonic_s() - began_s < _QUICK_S
            quick_ends = quick_ends + 1 if is_quick else 0
            if quick_ends >= _MAX_QUICK_ENDS:
                self._failure = (
                    f"The {child.name} process ends again and again (exit code {code}); see the log above."
                )
                self._stopping.set()
                return
            await asyncio.sleep(min(5.0, 0.1 * 2**quick_ends))
            await self._start(child)

    async def _until_redis_answers(self) -> None:
        path = redis_client.socket_file(self._settings.data)
        try:
            async with asyncio.timeout(_START_DEADLINE_S):
                while True:
                    redis = redis_client.connect(self._settings.data)
                    try:
                        await redis.ping()
                    except (OSError, redis_client.RedisError):
                        await asyncio.sleep(0.05)
                    else:
                        return
                    finally:
                        await redis.aclose()
        except TimeoutError as error:
            raise CannotStart(f"The embedded Valkey does not answer on {path}.") from error

    async def _announce_when_ready(self, announce: Callable[[], None]) -> None:
        web = self._settings.web
        request = f"GET /readyz HTTP/1.1\r\nHost: {web.host}\r\nConnection: close\r\n\r\n".encode()
        while True:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(3):
                    reader, writer = await asyncio.open_connection(web.host, web.port)
                    writer.write(request)
                    first = await reader.readline()
                    writer.close()
                    if b" 200 " in first:
                        announce()
                        return
            await asyncio.sleep(0.1)

    async def _stop_all(self) -> None:
        """Web first, so that nobody new comes in; the stores last."""
        for child in reversed(self._children):
            process = child.process
            if process is None or process.returncode is not None:
                continue
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
                try:
                    async with asyncio.timeout(_STOP_DEADLINE_S):
                        await process.wait()
                except TimeoutError:
                    log.warning("process.killed", extra={"child": child.name})
                    process.kill()
                    await process.wait()
        log.info("stopped")

    async def _reload(self) -> None:
        """For development: restart our processes when a Python or Lua file changed."""
        folder = Path(__file__).parent.parent

        def stamp() -> int:
            files = [*folder.rglob("*.py"), *folder.rglob("*.lua"), *folder.rglob("*.html")]
            return max(f.stat().st_mtime_ns for f in files)

        seen = stamp()
        while True:
            await asyncio.sleep(0.7)
            now = stamp()
            if now != seen:
                seen = now
                log.info("reload")
                for child in self._children:
                    if (
                        not child.is_foreign
                        and child.process is not None
                        and child.process.returncode is None
                    ):
                        child.process.terminate()
