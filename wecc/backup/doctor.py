"""`wecc doctor`: what an operator runs when something is wrong."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from dataclasses import asdict
from pathlib import Path

import asyncpg
import orjson
from tortoise.exceptions import BaseORMException

from wecc.backup import checks
from wecc.backup.archive import Refused
from wecc.backup.checks import Check, Finding, Patient, State
from wecc.infra import db
from wecc.kernel.clock import Clock
from wecc.kernel.errors import WeccError
from wecc.settings import Settings

_DEADLINE_S = 90.0
_MARKS = {State.OK: "ok  ", State.WARN: "WARN", State.FAIL: "FAIL"}


async def examine(settings: Settings, config_file: Path, clock: Clock) -> list[Finding]:
    """Look at everything; nothing is changed, and no secret is in what is found."""
    patient = Patient(settings, config_file, clock, checks.is_running(settings.data))
    found = [await _look(check, patient) for check in checks.ANYWHERE]
    database = await _look(checks.schema, patient)
    found.append(database)
    if database.state is State.FAIL:
        return found
    try:
        await db.connect(settings.data)
        found += [await _look(check, patient) for check in checks.WITH_DATABASE]
    except db.RestoreUnfinished:
        pass  # the data folder's finding says it
    finally:
        await db.close()
    return found


async def _look(check: Check, patient: Patient) -> Finding:
    """A check that cannot be made is a finding, too."""
    name = check.__name__.replace("_", " ")
    advice = "See DATABASE_URL, and whether the database runs." if check is checks.schema else ""
    try:
        async with asyncio.timeout(_DEADLINE_S):
            return await check(patient)
    except Refused as error:
        return Finding("database", State.FAIL, str(error), advice)
    except TimeoutError:
        return Finding(name, State.FAIL, f"no answer within {_DEADLINE_S:g} s", advice)
    except (OSError, WeccError, sqlite3.Error, asyncpg.PostgresError, BaseORMException) as error:
        return Finding(name, State.FAIL, f"cannot be looked at: {type(error).__name__}: {error}", advice)


def report(settings: Settings, found: list[Finding], *, as_json: bool) -> str:
    """For people a line each, and the settings that are not as shipped; for programs all of it."""
    now, shipped = dict(checks.shown_settings(settings)), dict(checks.shown_settings(Settings()))
    worst = max((finding.state for finding in found), key=list(State).index)
    if as_json:
        content = {"state": worst, "checks": [asdict(finding) for finding in found], "settings": now}
        return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()
    width = max(len(finding.check) for finding in found)
    lines = []
    for finding in found:
        lines.append(f"{_MARKS[finding.state]}  {finding.check:{width}}  {finding.text}")
        if finding.advice:
            lines.append(f"      {'':{width}}  → {finding.advice}")
    own = [f"      {name} = {value}" for name, value in now.items() if value != shipped[name]]
    return "\n".join([*lines, *(["", "Settings that are not as shipped:", *own] if own else [])])


def run(settings: Settings, config_file: Path, clock: Clock, *, as_json: bool) -> None:
    """Print what was found; exit code 1 when something has failed."""
    found = asyncio.run(examine(settings, config_file, clock))
    print(report(settings, found, as_json=as_json))
    if any(finding.state is State.FAIL for finding in found):
        sys.exit(1)
