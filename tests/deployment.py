"""A real installation for tests: `wecc serve --demo` with its own data folder and ports."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_DEADLINE_S = 90.0


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [int(s.getsockname()[1]) for s in sockets]


@dataclass
class Deployment:
    """Start with `with`; `kill` what you like in between."""

    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    demo_port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.demo_port}"

    @property
    def log_file(self) -> Path:
        return self.folder / "serve.log"

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8")

    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("WECC_")}
        clean.pop("DATABASE_URL", None)
        clean.pop("REDIS_URL", None)
        return {
            **clean,
            "WECC_WEB__PORT": str(self.port),
            "WECC_DEMO__PORT": str(self.demo_port),
            "WECC_DATA__FOLDER": str(self.folder / "var"),
            "WECC_KNOWLEDGE__INDEX_FOLDER": str(self.folder / "var" / "index"),
            **self.extra,
        }

    def start(self) -> None:
        if not self.port:
            self.port, self.demo_port = free_ports(2)
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "wecc", "serve", "--demo"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        assert self.process is not None
        deadline_s = time.monotonic() + START_DEADLINE_S
        waiting = [f"{self.origin}/readyz", f"{self.site}/"]
        why: object = None
        while time.monotonic() < deadline_s:
            assert self.process.poll() is None, self.log
            try:
                with urllib.request.urlopen(waiting[0], timeout=3):
                    waiting.pop(0)
            except urllib.error.HTTPError as error:
                why = error.read()
                error.close()
            except OSError as error:
                why = error
            if not waiting:
                return
            time.sleep(0.05)
        raise AssertionError(f"not ready: {waiting[0]} {why!r}\n{self.log}")

    def stop(self) -> int:
        """Ask it to stop; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def pids(self, child: str) -> list[int]:
        """Process ids of the running children of a name (`web`, `jobs`, `demo-site`, `valkey`)."""
        found = []
        mark = f"WECC_DATA__FOLDER={self.folder / 'var'}"
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if child == "valkey":
                    # It gives itself another title; where it works stays.
                    is_it = (
                        "valkey-server" in command[0]
                        and (entry / "cwd").readlink() == self.folder / "var/valkey"
                    )
                else:
                    environment = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
                    is_it = "wecc" in command and child in command and mark in environment
                if is_it:
                    found.append(int(entry.name))
        return found

    def kill(self, child: str) -> int:
        """kill -9 the first running child of that name; returns its process id."""
        pids = self.pids(child)
        assert pids, f"no {child} runs"
        os.kill(pids[0], signal.SIGKILL)
        return pids[0]


@contextlib.contextmanager
def running(folder: Path, extra: Mapping[str, str] | None = None) -> Iterator[Deployment]:
    deployment = Deployment(folder, extra or {})
    try:
        deployment.start()
        yield deployment
    finally:
        if deployment.process is not None and deployment.process.poll() is None:
            code = deployment.stop()
            assert code == 0, deployment.log


def find_postgres() -> Path | None:
    """The folder of PostgreSQL's programs, if it is installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A real PostgreSQL with a fresh database; yields its URL. As root it runs as nobody, which it insists on."""
    programs = find_postgres()
    assert programs is not None, "PostgreSQL is not installed; `make test` brings it where it may"
    with tempfile.TemporaryDirectory(prefix="wecc-postgres-", ignore_cleanup_errors=True) as folder:
        # Not below pytest's own folder: another session closes that to everybody but root.
        yield from _postgres(programs, Path(folder))


def _postgres(programs: Path, data: Path) -> Iterator[str]:
    demote: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(data, "nobody")
        demote = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    port = free_ports(1)[0]
    run = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": data}
    initdb = [str(programs / "initdb"), "-D", str(data / "db"), "-U", "wecc", "-A", "trust", "-E", "UTF8"]
    subprocess.run([*demote, *initdb, "--locale=C.UTF-8", "--no-sync"], **run)  # type: ignore[call-overload]  # noqa: PLW1510
    server = subprocess.Popen(
        [
            *demote,
            str(programs / "postgres"),
            "-D",
            str(data / "db"),
            "-p",
            str(port),
            "-k",
            str(data),
            "-h",
            "127.0.0.1",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=data,
    )
    try:
        deadline_s = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert server.poll() is None, "PostgreSQL does not start"
            assert time.monotonic() < deadline_s, "PostgreSQL does not start in time"
            time.sleep(0.05)
        create = [str(programs / "psql"), "-h", "127.0.0.1", "-p", str(port), "-U", "wecc", "-d", "postgres"]
        while subprocess.run(
            [*create, "-c", "CREATE DATABASE wecc"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode:
            assert time.monotonic() < deadline_s, "PostgreSQL does not answer"
            time.sleep(0.05)
        yield f"postgres://wecc@127.0.0.1:{port}/wecc"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


@contextlib.contextmanager
def chosen_store() -> Iterator[dict[str, str]]:
    """Settings for the store under test: the embedded default, or, with `WECC_TEST_STORE=postgres`, PostgreSQL and
    two web workers."""
    if os.environ.get("WECC_TEST_STORE") == "postgres":
        with postgres() as url:
            yield {"DATABASE_URL": url, "WECC_WEB__WORKERS": "2"}
    else:
        yield {}
