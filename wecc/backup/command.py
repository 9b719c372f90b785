"""The command line: `wecc backup FILE`, `wecc restore FILE`, `wecc doctor`."""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import asyncpg
from tortoise.exceptions import BaseORMException

from wecc.backup import doctor
from wecc.backup.archive import Archive, Manifest, Refused
from wecc.backup.progress import Progress
from wecc.backup.restoring import check, restore
from wecc.backup.taking import take
from wecc.infra import db
from wecc.kernel.clock import SystemClock
from wecc.processes.supervisor import CannotStart, own_folder
from wecc.security import verify_audit
from wecc.settings import Settings


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the operator's commands to the command line."""
    backup = commands.add_parser("backup", help="write all there is to one file, while everything runs")
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.add_argument("--force", action="store_true", help="replace the file if it is there")
    backup.set_defaults(run=lambda a, s: _run("backup", _backup(a, s)), process="backup")

    back = commands.add_parser("restore", help="bring a backup into an empty system")
    back.add_argument("file", type=Path, metavar="FILE")
    back.add_argument(
        "--check", action="store_true", help="only tell whether the file is whole and can be restored"
    )
    back.set_defaults(run=lambda a, s: _run("restore", _restore(a, s)), process="restore")

    look = commands.add_parser("doctor", help="look for what is wrong, and say what to do")
    look.add_argument("--json", action="store_true", help="for programs")
    look.set_defaults(run=_doctor, process="doctor")


def _run(name: str, work: Coroutine[Any, Any, None]) -> None:
    """What cannot be done is one sentence and exit code 2."""
    try:
        asyncio.run(work)
    except (Refused, CannotStart) as error:
        reason = str(error)
    except (sqlite3.Error, asyncpg.PostgresError, BaseORMException) as error:
        reason = f"The database refuses: {error}"
    else:
        return
    print(f"wecc {name}: {reason}", file=sys.stderr)
    sys.exit(2)


async def _backup(arguments: argparse.Namespace, settings: Settings) -> None:
    progress = Progress()
    file, config = arguments.file, arguments.config.parent
    try:
        manifest = await take(
            settings.data, config, file, replaces=arguments.force, clock=SystemClock(), progress=progress
        )
    finally:
        progress.clear()
    print(f"{file}: {_content(manifest)}; {_size(file.stat().st_size)}.")
    print(
        "It holds conversations, password hashes and integrators' keys: keep it where only you can read it."
    )


async def _restore(arguments: argparse.Namespace, settings: Settings) -> None:
    progress = Progress()
    if arguments.check:
        try:
            with Archive.open(arguments.file, progress) as archive:
                check(archive, arguments.file)
        finally:
            progress.clear()
        print(f"{arguments.file} is whole: {_content(archive.manifest)}; taken {archive.manifest.origin.at}.")
        return
    data = settings.data
    with own_folder(data.folder):
        try:
            restored = await restore(data, arguments.file, progress)
        finally:
            progress.clear()
        await db.connect(data)
        try:
            broken = await verify_audit()
        finally:
            await db.close()
    print(f"Restored into {data.folder}: {_content(restored.manifest)}, as of {restored.manifest.origin.at}.")
    if broken is not None:
        print(f"The audit trail does not hold from line {broken} on, as in the backup.", file=sys.stderr)
    if restored.config is not None:
        print(f"The settings of that system are in {restored.config}, for comparison; they are not in force.")
    print("Start it with: wecc serve")


def _doctor(arguments: argparse.Namespace, settings: Settings) -> None:
    doctor.run(settings, arguments.config, SystemClock(), as_json=arguments.json)


def _content(manifest: Manifest) -> str:
    rows = sum(table.rows for table in manifest.tables)
    centers = ", ".join(manifest.origin.centers) or "no center yet"
    return f"{centers}; {rows:,} rows in {len(manifest.tables)} tables, {len(manifest.files):,} files"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 1e6 else f"{size_bytes / 1e3:,.0f} kB"
