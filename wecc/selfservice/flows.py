"""The flows of all centers: kept as versions, the newest of each in force. Source: 2.3-02."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tortoise.exceptions import IntegrityError
from tortoise.functions import Max

from wecc.identity import Identity
from wecc.infra import db
from wecc.infra.blocking import BlockingPool
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.kernel.errors import NotFound, WeccError
from wecc.kernel.ids import CenterId
from wecc.security import Act, audit_in
from wecc.selfservice.flow import CompiledFlow
from wecc.selfservice.models import FlowVersion
from wecc.selfservice.parsing import Reading, read_flow, two_for_a_tier
from wecc.selfservice.schemas import SOURCE_CHARS
from wecc.selfservice.yaml_tree import Problem
from wecc.settings import SettingsError

log = logging.getLogger(__name__)

MAX_FLOWS = 100

_PARSE_DEADLINE_S = 5.0
_KEPT_VERSIONS = 200
_TRIES = 3


class FlowInvalid(WeccError):
    """A flow that cannot be used; `data["problems"]` says where and why. Nothing was saved."""

    code = "flow.invalid"
    status = 422
    sentence = "The flow has mistakes. Nothing was saved."

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            problems=[
                {
                    "line": p.line,
                    "column": p.column,
                    "code": p.code,
                    "about": p.about,
                    "is_warning": p.is_warning,
                }
                for p in problems
            ]
        )


class FlowConflict(WeccError):
    """Somebody saved another version meanwhile; `data` says which, who and when. Nothing was saved."""

    code = "flow.conflict"
    status = 409
    sentence = "Somebody has changed this flow meanwhile. Nothing was saved."


class FlowInUse(WeccError):
    """A flow that greets tiers, or that others use (`data`), cannot be deleted. Nothing was changed."""

    code = "flow.in_use"
    status = 409
    sentence = "The flow is in use. Nothing was deleted."


@dataclass(frozen=True, slots=True)
class SavedFlow:
    """A version of a flow, as it was read with the shared flow in force; of a deletion, what was deleted."""

    row: FlowVersion
    reading: Reading


@dataclass(slots=True)
class _Center:
    """What is in force in a center. `versions`: code → version, also of deleted ones."""

    read_s: float
    versions: Mapping[str, int]
    flows: Mapping[str, SavedFlow]
    deleted: Mapping[str, SavedFlow]
    by_tier: Mapping[str, CompiledFlow]
    compiled: dict[str, CompiledFlow | None] = field(default_factory=dict)
    """Of versions that are not in force any more but still guide somebody, by version id."""


class Flows:
    """Reads and saves flows. One instance a process; what is in force is asked for every second at most."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock
        self._pool = BlockingPool("flows", workers=1, waiting=50)
        self._known: dict[CenterId, _Center] = {}

    def close(self) -> None:
        self._pool.close()

    # ------------------------------------------------------------------ in force

    async def flow_of_tier(self, center_id: CenterId, tier: str) -> CompiledFlow | None:
        """The flow that greets the customers of a tier; None when they ask for a person directly."""
        return (await self._center(center_id)).by_tier.get(tier)

    async def version(self, center_id: CenterId, version_id: str) -> CompiledFlow | None:
        """The flow a conversation began with (`CompiledFlow.version_id`); None when there is none such."""
        center = await self._center(center_id)
        code = version_id.partition(":")[0]
        current = center.flows.get(code)
        if current and current.reading.flow and current.reading.flow.version_id == version_id:
            return current.reading.flow
        if version_id not in center.compiled:
            if len(center.compiled) >= _KEPT_VERSIONS:
                center.compiled.pop(next(iter(center.compiled)))
            center.compiled[version_id] = await self._compile(center_id, version_id)
        return center.compiled[version_id]

    async def all(self, center_id: CenterId, max_age_s: float = 1.0) -> Mapping[str, SavedFlow]:
        """The flows in force by code."""
        return (await self._center(center_id, max_age_s)).flows

    async def deleted(self, center_id: CenterId) -> Mapping[str, SavedFlow]:
        """The flows that were deleted and not brought back, by code."""
        return (await self._center(center_id, max_age_s=0)).deleted

    async def stored(self, center_id: CenterId, code: str, version: int) -> SavedFlow:
        """Raises: NotFound."""
        row = await FlowVersion.get_or_none(center_id=center_id, code=code, version=version)
        if row is None or row.is_deletion:
            raise NotFound
        return SavedFlow(row, await self._read(center_id, code, row.source))

    async def versions(self, center_id: CenterId, code: str, limit: int) -> list[FlowVersion]:
        """The newest ones, newest first. Raises: NotFound."""
        rows = await FlowVersion.filter(center_id=center_id, code=code).order_by("-version").limit(limit)
        if not rows:
            raise NotFound
        return rows

    # ------------------------------------------------------------------ changing

    async def check(self, center_id: CenterId, code: str, source: str) -> Reading:
        """An edited flow, with what is wrong with it beside the center's other flows: a tier two flows want, flows
        that could not use it any more."""
        reading, _ = await self._checked(center_id, code, source)
        return reading

    async def save(self, actor: Actor, code: str, source: str, base_version: int, comment: str) -> SavedFlow:
        """Store the version after `base_version` (0: a new flow); it is in force at once here, within a second
        elsewhere. A deleted flow is back with it.

        Raises: FlowInvalid with its problems; FlowConflict when `base_version` is not the newest.
        """
        for _ in range(_TRIES):
            reading, checked = await self._checked(actor.center_id, code, source)
            if not reading.is_usable:
                raise FlowInvalid(list(reading.problems))
            row = self._next(actor, code, base_version, source, comment)
            act = Act("flow.saved", code, {"version": row.version, "tiers": list(reading.tiers)})
            if await self._store(actor, row, act, checked):
                return (await self._center(actor.center_id, max_age_s=0)).flows[code]
        raise FlowConflict

    async def delete(self, actor: Actor, code: str, base_version: int) -> None:
        """Take a flow away that greets nobody. Its versions stay: conversations go on with the one they began with,
        and any of them can be saved again.

        Raises: NotFound; FlowInUse; FlowConflict when `base_version` is not the newest.
        """
        for _ in range(_TRIES):
            center = await self._center(actor.center_id, max_age_s=0)
            if code not in center.flows:
                raise NotFound
            tiers = center.flows[code].reading.tiers
            users = [c for c, saved in center.flows.items() if saved.reading.uses == code]
            if tiers or users:
                raise FlowInUse(tiers=list(tiers), users=users)
            row = self._next(actor, code, base_version, "", "")
            act = Act("flow.deleted", code, {"version": row.version})
            if await self._store(actor, row, act, center.versions):
                self._known.pop(actor.center_id, None)
                return
        raise FlowConflict

    def _next(self, actor: Actor, code: str, base_version: int, source: str, comment: str) -> FlowVersion:
        return FlowVersion(
            id=f"{actor.center_id}:{code}:{base_version + 1}",
            center_id=actor.center_id,
            code=code,
            version=base_version + 1,
            source=source,
            saved_ms=self._clock.now_ms(),
            saved_by=actor.id if actor.is_agent else "",
            comment=comment,
        )

    async def _store(self, actor: Actor, row: FlowVersion, act: Act, checked: Mapping[str, int]) -> bool:
        """False when another flow was saved meanwhile, so that the check says nothing any more.

        Raises: FlowConflict when this one was.
        """
        center_id, code = actor.center_id, row.code
        try:
            async with db.transaction() as tx:
                await row.save(force_create=True, using_db=tx)
                # Writing the audit line lets one at a time pass: what is read from here on is the truth.
                await audit_in(tx, row.saved_ms, actor, [act])
                now = await _newest(center_id)
                if now.get(code) != row.version or checked.get(code, 0) != row.version - 1:
                    raise IntegrityError
                if {**now, code: 0} != {**checked, code: 0}:
                    raise _Overtaken
        except _Overtaken:
            return False
        except IntegrityError as error:
            newest = await FlowVersion.filter(center_id=center_id, code=code).order_by("-version").first()
            names = await self._identity.agent_names(center_id)
            by = {"id": newest.saved_by, "name": names.get(newest.saved_by, "")} if newest else None
            raise FlowConflict(
                version=newest.version if newest else 0,
                saved_ms=newest.saved_ms if newest else 0,
                saved_by=by if by and by["id"] else None,
            ) from error
        return True

    async def seed(self, center_id: CenterId, folder: Path) -> list[str]:
        """Store the first version of each flow of a folder the center never had; returns their codes.

        What was edited or deleted since stays as it is, and no flow takes a tier that another one greets.
        Raises: SettingsError naming the file and line that cannot be used.
        """
        texts = await self._pool.run(_PARSE_DEADLINE_S, _read_folder, folder)
        center = await self._center(center_id, max_age_s=0)
        stored = center.flows
        tiers = list(await self._identity.tiers(center_id))
        sources = {**texts, **{code: saved.row.source for code, saved in stored.items()}}
        added = []
        held = {code: saved.reading.tiers for code, saved in stored.items()}
        for code in sorted(texts.keys() - center.versions.keys()):
            reading = await self._pool.run(_PARSE_DEADLINE_S, read_flow, code, texts[code], sources, tiers)
            for problem in reading.problems:
                if not problem.is_warning:
                    where = f"{folder / code}.yaml:{problem.line}"
                    raise SettingsError(f"{where}: {problem.code} {problem.about}")
            if not two_for_a_tier(reading, held):
                held[code] = reading.tiers
                added.append(code)
        for code in added:
            await FlowVersion.get_or_create(
                id=f"{center_id}:{code}:1",
                defaults={
                    "center_id": center_id,
                    "code": code,
                    "version": 1,
                    "source": texts[code],
                    "saved_ms": self._clock.now_ms(),
                },
            )
        self._known.pop(center_id, None)
        return added

    # ------------------------------------------------------------------ its parts

    async def _center(self, center_id: CenterId, max_age_s: float = 1.0) -> _Center:
        now_s = self._clock.monotonic_s()
        known = self._known.get(center_id)
        if known is not None and now_s - known.read_s < max_age_s:
            return known
        versions = await _newest(center_id)
        if known is not None and known.versions == versions:
            known.read_s = now_s
            return known
        newest = await _rows(center_id, versions)
        rows = {code: row for code, row in newest.items() if not row.is_deletion}
        gone = await _rows(center_id, {c: row.version - 1 for c, row in newest.items() if row.is_deletion})
        readings = await self._pool.run(_PARSE_DEADLINE_S, _read_all, rows, rows)
        gone_readings = await self._pool.run(_PARSE_DEADLINE_S, _read_all, gone, rows)
        by_tier: dict[str, CompiledFlow] = {}
        for code in sorted(readings):
            flow = readings[code].flow
            if flow is None:
                if not readings[code].is_shared:
                    log.warning("flow.unusable", extra={"center": center_id, "flow": code})
                continue
            for tier in flow.tiers:
                by_tier.setdefault(tier, flow)
        flows = {code: SavedFlow(rows[code], readings[code]) for code in sorted(readings)}
        deleted = {code: SavedFlow(newest[code], gone_readings[code]) for code in sorted(gone)}
        center = _Center(now_s, versions, flows, deleted, by_tier)
        self._known[center_id] = center
        return center

    async def _checked(
        self, center_id: CenterId, code: str, source: str
    ) -> tuple[Reading, Mapping[str, int]]:
        """The flow as it reads now, and the versions of all flows it was read beside."""
        center = await self._center(center_id, max_age_s=0)
        reading = await self._read(center_id, code, source)
        problems = list(reading.problems)
        problems += two_for_a_tier(reading, {c: saved.reading.tiers for c, saved in center.flows.items()})
        if code not in center.flows and len(center.flows) >= MAX_FLOWS:
            problems.append(Problem(1, 1, "flows.many", str(MAX_FLOWS)))
        users = {c: saved.row.source for c, saved in center.flows.items() if saved.reading.uses == code}
        if users and not reading.is_shared and reading.is_usable:
            problems.append(Problem(1, 1, "users.broken", ", ".join(users)))
        elif users and reading.is_usable:
            problems += await self._pool.run(_PARSE_DEADLINE_S, _broken_users, code, source, users)
        problems.sort(key=lambda p: (p.line, p.column))
        return replace(reading, problems=tuple(problems)), center.versions

    async def _read(self, center_id: CenterId, code: str, source: str) -> Reading:
        center = await self._center(center_id)
        shared = {c: saved.row.source for c, saved in center.flows.items() if saved.reading.is_shared}
        tiers = list(await self._identity.tiers(center_id))
        return await self._pool.run(_PARSE_DEADLINE_S, read_flow, code, source, shared, tiers)

    async def _compile(self, center_id: CenterId, version_id: str) -> CompiledFlow | None:
        code, _, numbers = version_id.partition(":")
        version, _, shared_version = numbers.partition(":")
        if not (version.isdecimal() and (not shared_version or shared_version.isdecimal())):
            return None
        row = await FlowVersion.get_or_none(center_id=center_id, code=code, version=int(version))
        if row is None:
            return None
        shared: dict[str, str] = {}
        if shared_version:
            of_that_version = await FlowVersion.filter(center_id=center_id, version=int(shared_version))
            shared = {other.code: other.source for other in of_that_version if other.code != code}
        reading = await self._pool.run(_PARSE_DEADLINE_S, read_flow, code, row.source, shared, None)
        return replace(reading.flow, version_id=version_id) if reading.flow else None


class _Overtaken(Exception):
    """Other flows than those the check saw."""


async def _newest(center_id: CenterId) -> dict[str, int]:
    newest = FlowVersion.filter(center_id=center_id).annotate(newest=Max("version")).group_by("code")
    return {str(code): int(str(version)) for code, version in await newest.values_list("code", "newest")}


async def _rows(center_id: CenterId, versions: Mapping[str, int]) -> dict[str, FlowVersion]:
    ids = [f"{center_id}:{code}:{version}" for code, version in versions.items()]
    return {row.code: row for row in await FlowVersion.filter(id__in=ids)}


def _read_all(rows: Mapping[str, FlowVersion], beside: Mapping[str, FlowVersion]) -> dict[str, Reading]:
    """What is stored, with the flows it may use, whichever tiers the center has by now."""
    sources = {code: row.source for code, row in beside.items()}
    readings = {}
    for code, row in rows.items():
        reading = read_flow(code, row.source, sources, None)
        if reading.flow:
            version_id = f"{code}:{row.version}"
            if reading.uses:
                version_id += f":{beside[reading.uses].version}"
            reading = replace(reading, flow=replace(reading.flow, version_id=version_id))
        readings[code] = reading
    return readings


def _broken_users(code: str, source: str, users: Mapping[str, str]) -> list[Problem]:
    """One problem for each flow that could not use this shared one any more."""
    found = []
    for user, text in users.items():
        bad = [p for p in read_flow(user, text, {code: source}, None).problems if not p.is_warning]
        if bad:
            found.append(Problem(1, 1, "users.broken", f"{user}:{bad[0].line} {bad[0].code} {bad[0].about}"))
    return found


def _read_folder(folder: Path) -> dict[str, str]:
    """The texts of a folder's flows by code. Raises: SettingsError."""
    texts = {}
    for file in sorted(folder.glob("*.yaml")):
        try:
            texts[file.stem] = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} cannot be read: {error}") from error
        if len(texts[file.stem]) > SOURCE_CHARS:
            raise SettingsError(f"{file} is longer than {SOURCE_CHARS} characters")
    return texts
