"""The `wecc kb` command: taking in the center's own articles."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from wecc.identity import Identity
from wecc.infra import db
from wecc.kernel.actor import Actor, system
from wecc.kernel.clock import Clock, SystemClock
from wecc.kernel.errors import Unavailable, WeccError
from wecc.kernel.ids import CenterId
from wecc.knowledge.editing.importing import Gate, Importing, Line, read_line
from wecc.knowledge.editing.reviewing import Reviewing
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import Publication
from wecc.knowledge.publishing.service import Publishing
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import ImportReport
from wecc.knowledge.search_process import command as search_command
from wecc.knowledge.search_process.client import SearchClient, socket_file
from wecc.knowledge.seeding import retire_samples
from wecc.knowledge.shelf import revision_of
from wecc.security import Passwords
from wecc.settings import Settings

_SHOWN = 20
_PATIENCE_S = 120.0
"""Without any progress: a large import is one step of the index."""
_POLL_S = 0.2


class CannotImport(Exception):
    """A sentence for whoever typed the command."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `kb` and what it does to the command line."""
    kb = commands.add_parser("kb", help="the knowledge base")
    acts = kb.add_subparsers(required=True, metavar="WHAT")
    taking = acts.add_parser("import", help="take in articles by their external ids")
    taking.add_argument("file", type=Path, help="one article a line, as JSON: id, category, title, answer, …")
    taking.add_argument("--center", help="short name; may be left out where there is only one")
    gate = taking.add_mutually_exclusive_group()
    gate.add_argument("--publish", action="store_true", help="on the default targets, without a review")
    gate.add_argument("--reviewer", action="append", default=[], help="sign-in name to ask; repeatable")
    taking.add_argument(
        "--keep-samples", action="store_true", help="leave the demo's articles beside what is published"
    )
    taking.add_argument("--trial", action="store_true", help="only tell what would happen")
    taking.set_defaults(run=_import, process="kb import")
    search_command.add_parser(acts)


def _import(arguments: argparse.Namespace, settings: Settings) -> None:
    try:
        report = asyncio.run(_take_in(arguments, settings))
    except (CannotImport, WeccError, OSError) as error:
        print(f"wecc kb import: {error}", file=sys.stderr)
        sys.exit(2)
    _print(report, is_trial=arguments.trial)
    if report.refused:
        sys.exit(1)


async def _take_in(arguments: argparse.Namespace, settings: Settings) -> ImportReport:
    raw = arguments.file.read_bytes().splitlines()
    await db.connect(settings.data)
    clock, passwords = SystemClock(), Passwords()
    try:
        identity = Identity(clock, settings.sign_in, passwords)
        rights = Rights(identity)
        journal = Journal(identity, rights, clock)
        importing = Importing(rights, journal, Reviewing(rights, journal), Publishing(rights, journal, clock))
        operator = system(await _center(identity, arguments.center), "import")
        gate = Gate()
        if arguments.publish:
            gate = Gate(target_ids=await importing.default_targets(operator))
        elif arguments.reviewer:
            gate = Gate(reviewer_ids=await _reviewers(identity, operator, arguments.reviewer))
        meter = _Meter(len(raw))
        report = await importing.run(
            operator, _lines(raw), gate, is_trial=arguments.trial, progress=meter.show
        )
        is_published = arguments.publish and not arguments.trial
        if is_published and report.added and not arguments.keep_samples:
            retired = await retire_samples(clock, identity, operator)
            if retired:
                print(f"{retired} sample articles went to the recycle bin, from where they can be restored.")
        if is_published and report.added + report.changed:
            await _wait_until_found(operator.center_id, settings, clock, meter)
        meter.end()
        return report
    finally:
        passwords.close()
        await db.close()


async def _center(identity: Identity, name: str | None) -> CenterId:
    ids = await identity.center_ids()
    if name is None and len(ids) == 1:
        return ids[0]
    if name not in ids:
        known = ", ".join(ids) or "none yet"
        raise CannotImport(f"--center has to be one of: {known}")
    return CenterId(name)


async def _reviewers(identity: Identity, operator: Actor, logins: Sequence[str]) -> list[str]:
    by_login = {facts.login: i for i, facts in (await identity.agent_facts(operator.center_id)).items()}
    if unknown := [login for login in logins if login not in by_login]:
        raise CannotImport(f"there is no agent {', '.join(unknown)}")
    return [by_login[login] for login in logins]


def _lines(raw: Sequence[bytes]) -> Iterator[Line]:
    for number, text in enumerate(raw, start=1):
        if not text.strip():
            continue
        said: object = None
        with suppress(orjson.JSONDecodeError):
            said = orjson.loads(text)
        yield read_line(number, said if isinstance(said, dict) else None)


async def _wait_until_found(center_id: CenterId, settings: Settings, clock: Clock, meter: _Meter) -> None:
    """Until readers find what was published; not without a search process, nor when nothing moves any more."""
    socket = socket_file(settings.data)
    index = SearchClient(socket)
    last, since_s = -1, clock.monotonic_s()
    try:
        while socket.exists() and clock.monotonic_s() - since_s < _PATIENCE_S:
            to_go = await Publication.filter(center_id=center_id, is_settled=False, error="").count()
            with suppress(Unavailable):  # it may still be opening its index
                to_go += max(0, await revision_of(center_id) - (await index.state(center_id)).revision)
                if to_go == 0:
                    return
            if to_go != last:
                last, since_s = to_go, clock.monotonic_s()
            meter.say(f"publishing, {to_go:,} to go")
            await asyncio.sleep(_POLL_S)
    finally:
        await index.close()
    meter.say("")
    print("Readers do not find all of it yet; they will once the center runs undisturbed.", file=sys.stderr)


class _Meter:
    """One line that is written over, for people only."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._is_seen = sys.stderr.isatty()

    def show(self, done: int) -> None:
        self.say(f"{done:,} of {self._total:,}")

    def say(self, text: str) -> None:
        if self._is_seen:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._is_seen:
            print(file=sys.stderr)


def _print(report: ImportReport, *, is_trial: bool) -> None:
    would = "Would be: " if is_trial else ""
    print(
        f"{would}added {report.added:,}, changed {report.changed:,}, unchanged {report.unchanged:,}, "
        f"in conflict {len(report.conflicts):,}, refused {len(report.refused):,}"
    )
    reasons = {"edited_here": "edited here since", "deleted_here": "in the recycle bin here"}
    for one in report.conflicts[:_SHOWN]:
        print(f"  conflict  {one.external_id}  {reasons[one.about]}")
    for one in report.refused[:_SHOWN]:
        print(f"  refused   {one.external_id}  {one.about}")
    if (more := max(len(report.conflicts), len(report.refused)) - _SHOWN) > 0:
        print(f"  … and {more:,} more")
