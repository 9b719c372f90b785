"""What is measured: a fresh installation and the bare relay, as processes of their own; and the kernel's counts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from wecc.identity import Identity
from wecc.identity.seeding import NewCenter
from wecc.infra import db
from wecc.kernel.actor import Role
from wecc.kernel.clock import SystemClock
from wecc.kernel.ids import CenterId
from wecc.routing.seeding import NewAgent, set_up_center
from wecc.security import Passwords
from wecc.settings import Settings, load

_CENTER = CenterId("bench")
_TIERS = ("vip", "group_key", "roaming", "group_member", "signed", "prepaid", "szx", "other")
_START_DEADLINE_S = 60.0
_GOODBYE_S = 20.0
_SPARE_FILES = 500
_CLOCK = SystemClock()
_UNLIMITED = {
    "WECC_LIMITS__REQUESTS_PER_S": "1000000",
    "WECC_LIMITS__REQUESTS_BURST": "1000000",
    "WECC_LIMITS__HANDSHAKES_PER_ADDRESS_PER_S": "1000000",
    "WECC_LIMITS__HANDSHAKES_BURST": "1000000",
    "WECC_LOG__LEVEL": "error",
}
"""One generator stands for many people, who each would stay within the limits."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A running center with agents and visitors, who are known by their tokens."""

    port: int
    pids: Mapping[str, int]
    """`web`, `jobs`, `valkey`."""
    agent_tokens: list[str]
    visitor_tokens: list[str]


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process. `pss` divides shared pages among those who share them."""

    rss_kib: int
    pss_kib: int


@contextlib.asynccontextmanager
async def installation(agents: int, capacity: int, visitors: int) -> AsyncIterator[Installation]:
    """Serve a new center from a temporary folder, with the embedded database and Valkey and one web worker."""
    with tempfile.TemporaryDirectory(prefix="wecc-bench-") as folder:
        port, _ = free_ports()
        own = {
            "WECC_DATA__FOLDER": f"{folder}/var",
            "WECC_KNOWLEDGE__INDEX_FOLDER": f"{folder}/var/index",
            "WECC_WEB__PORT": str(port),
            **_UNLIMITED,
        }
        agent_tokens, visitor_tokens = await _prepare(load(None, own), agents, capacity, visitors)
        strangers = ("WECC_", "DATABASE_URL", "REDIS_URL")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(strangers)}
        command = [sys.executable, "-m", "wecc", "--config", f"{folder}/none", "serve"]
        with _process(command, {**clean, **own}) as supervisor:
            await _until_answers(f"http://127.0.0.1:{port}/readyz", supervisor)
            yield Installation(port, _children(supervisor.pid), agent_tokens, visitor_tokens)
            await _until_all_are_gone(port)


@contextlib.asynccontextmanager
async def relay() -> AsyncIterator[tuple[int, int]]:
    """Serve the bare relay; its port and process id."""
    port, _ = free_ports()
    command = [sys.executable, "-m", "wecc.bench.relay", str(port)]
    with _process(command, dict(os.environ), signal.SIGKILL) as process:
        await _until_answers(f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling", process)
        yield port, process.pid


def allow_connections(number: int) -> None:
    """Let this process and its children open so many. Raises: RuntimeError when the system does not."""
    files = number + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < files:
        raise RuntimeError(f"{files} open files are needed and {hard} allowed: raise `ulimit -Hn`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, files), hard))


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def thread_cpu_s(pid: int) -> float:
    """CPU seconds of the process's main thread, to the microsecond."""
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e9


def memory(pid: int) -> Memory:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]
    kib = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    return Memory(kib["Rss"], kib["Pss"])


def free_ports() -> tuple[int, int]:
    """Two ports nobody listens on now."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


async def _prepare(
    settings: Settings, agents: int, capacity: int, visitors: int
) -> tuple[list[str], list[str]]:
    settings.data.folder.mkdir(parents=True)
    await db.migrate(settings.data)
    await db.connect(settings.data)
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))  # nobody attacks them
    identity = Identity(_CLOCK, settings.sign_in, passwords)
    try:
        new = NewCenter(_CENTER, "测试中心", "Bench", "您好", "Hello", _TIERS[0], ())
        password = secrets.token_urlsafe()
        logins = [f"agent{number}" for number in range(agents)]
        staff = [NewAgent(login, login, Role.AGENT, ("all",), password, capacity) for login in logins]
        await set_up_center(settings, _CLOCK, passwords, new, {"all": ("全体", "All", _TIERS)}, staff)
        agent_tokens = [(await identity.sign_in(_CENTER, i, password, i)).token for i in logins]
        visitor_tokens = []
        async with db.transaction(deadline_s=60):
            for _ in range(visitors):
                visitor_tokens.append((await identity.new_visitor(_CENTER, "zh-CN", "bench"))[1])
    finally:
        passwords.close()
        await db.close()
    return agent_tokens, visitor_tokens


@contextlib.contextmanager
def _process(
    command: list[str], environment: dict[str, str], stop: signal.Signals = signal.SIGTERM
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _until_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=3) as response:  # noqa: S310
            return bool(response.status == 200)
        return False

    deadline_s = _CLOCK.monotonic_s() + _START_DEADLINE_S
    while not await asyncio.to_thread(answers):
        if process.poll() is not None or _CLOCK.monotonic_s() > deadline_s:
            raise RuntimeError(f"{url} does not answer (exit code {process.poll()})")
        await asyncio.sleep(0.05)


async def _until_all_are_gone(port: int) -> None:
    """Let the web process see its clients' ends before its own, or it tells of each."""

    def sockets() -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
            return bytes(response.read())

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GOODBYE_S):
            while b"\nwecc_sockets 0.0\n" not in await asyncio.to_thread(sockets):
                await asyncio.sleep(0.1)


def _children(pid: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            parent = (entry / "stat").read_text("ascii", errors="replace").rpartition(")")[2].split()[1]
            command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if int(parent) == pid:
                name = next((n for n in ("web", "jobs") if n in command), "valkey")
                found[name] = int(entry.name)
    return found
