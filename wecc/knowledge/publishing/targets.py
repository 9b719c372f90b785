"""Directories and servers that published articles are copied to, and who reads there. Source: 3.2.2-12, 13."""

from __future__ import annotations

import base64
from collections import Counter
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from tortoise.functions import Count

from wecc.kernel.actor import Actor
from wecc.kernel.errors import NotFound, WeccError
from wecc.kernel.ids import CenterId
from wecc.knowledge import schemas as s
from wecc.knowledge.contents import Contents
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import Publication, Target
from wecc.knowledge.publishing.adapters import Directory, WebDav
from wecc.knowledge.publishing.ports import Depot
from wecc.knowledge.publishing.service import ON_TARGET, touched
from wecc.knowledge.rights import Rights
from wecc.settings import Data, Knowledge

FOLDER = "kb-targets"
_SECRETS = "kb-secrets"


class TargetInUse(WeccError):
    """`data["articles"]`: how many are still on it, or being removed."""

    code = "target.in_use"
    status = 409
    sentence = "There are still articles on this target. Withdraw them first."


class TargetRefused(WeccError):
    """`data["reason"]`: outside (the folders that may be published to), host (not among those allowed), taken (by
    another target), address (not one)."""

    code = "target.refused"
    status = 422
    sentence = "This place cannot be published to."


class Targets:
    """Use cases of targets."""

    def __init__(
        self, rights: Rights, journal: Journal, contents: Contents, data: Data, settings: Knowledge
    ) -> None:
        self._rights = rights
        self._journal = journal
        self._contents = contents
        self._data = data
        self._settings = settings

    async def all(self, actor: Actor) -> s.TargetList:
        """Raises: Forbidden."""
        await self._rights.viewer(actor)
        rows = await Target.filter(center_id=actor.center_id).order_by("code")
        held = await _counts(actor.center_id, state__in=["scheduled", "live"])
        pending = await _counts(actor.center_id, is_settled=False)
        return s.TargetList(targets=[_view(row, held[row.id], pending[row.id]) for row in rows])

    async def set(self, actor: Actor, cmd: s.TargetText) -> s.TargetList:
        """Add or change a target. In another place its copies are made anew; the old place stays as it is.

        Raises: Forbidden unless an administrator; InvalidInput, TargetRefused.
        """
        await self._rights.administrator(actor)
        audience = await self._contents.checked_audience(actor.center_id, cmd.audience, "target.audience")
        self._check_place(cmd)
        async with self._journal.operation(actor) as op:
            await self._check_free(actor.center_id, cmd)
            target_id = f"{actor.center_id}:{cmd.code}"
            row = await Target.get_or_none(id=target_id)
            before = _facts(row) if row is not None else None
            is_elsewhere = row is not None and (row.kind, row.root) != (cmd.kind, cmd.root)
            row = row or Target(id=target_id, center_id=actor.center_id, code=cmd.code)
            row.name_zh, row.name_en = cmd.name_zh, cmd.name_en or cmd.name_zh
            row.kind, row.root = cmd.kind, cmd.root
            row.audience = audience.model_dump_json()
            row.is_default, row.is_enabled = cmd.is_default, cmd.is_enabled
            if _facts(row) == before:
                return await self.all(actor)
            if is_elsewhere or before is None:
                row.checked_ms, row.error = 0, ""
                held = Publication.filter(target_id=target_id, placed_version__not_isnull=True)
                await held.update(is_settled=False, placed_version=None, retry_ms=0)
            await row.save()
            await touched(op, [])
            op.did("target_set", target_id, title=row.name_zh, before=before, after=_facts(row))
        return await self.all(actor)

    async def remove(self, actor: Actor, code: str) -> s.TargetList:
        """Forget a target that holds nothing. Raises: Forbidden, NotFound, TargetInUse."""
        await self._rights.administrator(actor)
        async with self._journal.operation(actor) as op:
            row = await self._target(actor, code)
            rows = Publication.filter(target_id=row.id)
            in_use = await rows.filter(state__in=list(ON_TARGET)).count()
            if in_use := in_use or await rows.filter(placed_version__not_isnull=True).count():
                raise TargetInUse(articles=in_use)
            await rows.delete()
            await row.delete()
            await touched(op, [])
            op.did("target_removed", row.id, title=row.name_zh, before=_facts(row))
        return await self.all(actor)

    async def check(self, actor: Actor, code: str) -> s.TargetList:
        """Have all that a target holds compared with what it should, and mended. Raises: Forbidden, NotFound."""
        await self._rights.administrator(actor)
        async with self._journal.operation(actor) as op:
            row = await self._target(actor, code)
            await Target.filter(id=row.id).update(checked_ms=0)
            await touched(op, [])
            op.did("target_check_asked", row.id, title=row.name_zh)
        return await self.all(actor)

    def depot(self, target: Target) -> Depot:
        """Where a target's copies go. Raises: TargetRefused when the settings do not allow it any more."""
        if target.kind == "directory":
            return Directory(self._folder(target.root), self._folders)
        if not self._is_allowed(target.root):
            raise TargetRefused(reason="host")
        return WebDav(target.root, self._authorization(CenterId(target.center_id), target.code))

    async def _target(self, actor: Actor, code: str) -> Target:
        row = await Target.get_or_none(id=f"{actor.center_id}:{code}")
        if row is None:
            raise NotFound
        return row

    # ------------------------------------------------------------------ where one may publish to

    @property
    def _folders(self) -> list[Path]:
        return [self._data.folder / FOLDER, *self._settings.target_folders]

    def _folder(self, root: str) -> Path:
        return (self._data.folder / FOLDER / root).absolute()

    def _check_place(self, cmd: s.TargetText) -> None:
        if cmd.kind == "server":
            if not _is_address(cmd.root):
                raise TargetRefused(reason="address")
            if not self._is_allowed(cmd.root):
                raise TargetRefused(reason="host")
            return
        folder = self._folder(cmd.root)
        is_plain = cmd.root.isprintable() and ".." not in PurePosixPath(cmd.root).parts
        allowed = [allowed.resolve() for allowed in self._folders]
        # The folder itself would swallow what others keep below it.
        if not is_plain or not any(a in folder.resolve().parents for a in allowed):
            raise TargetRefused(reason="outside")

    async def _check_free(self, center_id: CenterId, cmd: s.TargetText) -> None:
        """No two targets, of whichever centers, in one place or one inside the other."""
        mine = self._place(cmd.kind, cmd.root)
        for other in await Target.exclude(id=f"{center_id}:{cmd.code}").filter(kind=cmd.kind):
            place = self._place(other.kind, other.root)
            if place == mine or place in mine.parents or mine in place.parents:
                raise TargetRefused(reason="taken")

    def _place(self, kind: str, root: str) -> PurePosixPath:
        if kind == "directory":
            return PurePosixPath(self._folder(root).resolve())
        parts = urlsplit(root)
        return PurePosixPath(f"/{parts.netloc.lower()}") / parts.path.strip("/")

    def _is_allowed(self, root: str) -> bool:
        """Only servers the operator has listed: nobody makes ours call others by writing an address."""
        parts = urlsplit(root)
        return bool({parts.hostname, parts.netloc.lower()} & {h.lower() for h in self._settings.target_hosts})

    def _authorization(self, center_id: CenterId, code: str) -> str:
        file = self._data.folder / _SECRETS / center_id / code
        kind, _, secret = (file.read_text("utf-8", "replace").strip() if file.exists() else "").partition(" ")
        if kind.lower() == "basic":
            return f"Basic {base64.b64encode(secret.encode()).decode()}"
        return f"Bearer {secret}" if secret else ""


def _is_address(root: str) -> bool:
    try:
        parts = urlsplit(root)
        port = parts.port
    except ValueError:
        return False
    return (
        root.isascii()
        and root.isprintable()
        and parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and port != 0
        and not (parts.username or parts.password or parts.query or parts.fragment)
        and not {"..", "."} & set(parts.path.split("/"))
    )


async def _counts(center_id: CenterId, **where: object) -> Counter[str]:
    rows = Publication.filter(center_id=center_id, **where).annotate(number=Count("id")).group_by("target_id")
    return Counter({str(target): int(n) for target, n in await rows.values_list("target_id", "number")})


def _facts(row: Target) -> dict[str, object]:
    names = ("code", "name_zh", "name_en", "kind", "root", "audience", "is_default", "is_enabled")
    return {name: getattr(row, name) for name in names}


def _view(row: Target, articles: int, pending: int) -> s.TargetView:
    return s.TargetView(
        id=row.id,
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        kind="server" if row.kind == "server" else "directory",
        root=row.root,
        audience=s.Audience.model_validate_json(row.audience),
        is_default=row.is_default,
        is_enabled=row.is_enabled,
        articles=articles,
        pending=pending,
        error=row.error,
        checked_ms=row.checked_ms,
    )
