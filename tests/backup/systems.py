"""Whole systems, filled and compared: rows of every table that any feature has, made from its model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from tortoise import Tortoise, fields
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.models import Model

from wecc.backup.archive import FOLDERS, Manifest
from wecc.backup.progress import Progress
from wecc.backup.restoring import Restored, restore
from wecc.backup.taking import take
from wecc.infra import db
from wecc.kernel.actor import system
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId
from wecc.security import audit, verify_audit
from wecc.settings import Data

ROWS = 23

ACTOR = system(CenterId("id-0"), "test")

Content = dict[str, list[dict[str, Any]]]


def quiet() -> Progress:
    return Progress(StringIO())


@dataclass(frozen=True)
class System:
    data: Data

    @property
    def folder(self) -> Path:
        return self.data.folder

    async def fill(self) -> None:
        """Rows in every table, files of both kinds, a few lines of the audit trail."""
        async with self.opened():
            for model in models():
                if model.__name__ != "AuditLine":
                    await model.bulk_create([row(model, number) for number in range(ROWS)])
            for number in range(5):
                await audit(number, ACTOR, "kb.article_saved", f"article {number}", title="资费说明")
        for name in (
            "files/gd/ab/0123ab",
            "files/gd/cd/0123cd",
            "kb-files/gd/ff/资料.pdf",
            "kb-secrets/gd/outside",
        ):
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode() * 1000)

    async def content(self) -> Content:
        """Every row of every table, by key."""
        async with self.opened():
            return {m._meta.db_table: await m.all().order_by(m._meta.pk_attr).values() for m in models()}

    async def verify_audit(self) -> int | None:
        async with self.opened():
            return await verify_audit()

    def config(self) -> str:
        """What a restore left of the settings, for comparison."""
        return (self.folder / "config-from-backup/tiers.toml").read_text("utf-8")

    def files(self) -> dict[str, bytes]:
        found = [p for name in FOLDERS for p in (self.folder / name).rglob("*") if p.is_file()]
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in found}

    async def take(self, path: Path, *, replaces: bool = False) -> Manifest:
        return await take(
            self.data, Path("config"), path, replaces=replaces, clock=VirtualClock(), progress=quiet()
        )

    async def restore(self, path: Path) -> Restored:
        self.folder.mkdir(exist_ok=True)
        return await restore(self.data, path, quiet())

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        # Tortoise keeps statements for each model, whatever the database: here both kinds come in one process.
        EXECUTOR_CACHE.clear()
        await db.connect(self.data)
        try:
            yield
        finally:
            await db.close()


def models() -> list[type[Model]]:
    """All of all features, who is referred to first."""
    found = [model for app in (Tortoise.apps or {}).values() for model in app.values()]
    return sorted(found, key=lambda m: len(m._meta.fk_fields))


def row(model: type[Model], number: int) -> Model:
    values: dict[str, Any] = {}
    for name, field in model._meta.fields_map.items():
        if name in model._meta.fields_db_projection:
            values[name] = value(name, field, number)
    return model(**values)


def value(name: str, field: Any, number: int) -> object:
    if field.null and number % 3 == 0:
        return None
    if isinstance(field, fields.JSONField):
        return ["大客户", "vip", {"b": [number, None, 1.5, True], "a": "\u2028"}]
    if isinstance(field, fields.BooleanField):
        return number % 2 == 0
    if isinstance(field, fields.FloatField):
        return number / 7
    if isinstance(field, fields.IntField):
        return number + 1 if field.pk else -(2**31) + number
    if isinstance(field, fields.BigIntField):
        return number * 3 + 1 if field.pk else 2**53 + number
    text = f"{name.replace('_', '-')}-{number}"
    if field.reference is not None:  # the key of another table's row
        return f"id-{number}"
    if name == "id" and field.pk:
        return f"id-{number}"
    if isinstance(field, fields.TextField):
        return f'{text} “好” 😀 \\ " \n' * 3
    return text[-field.max_length :] if field.max_length < 40 else text
