"""What there is to keep: every feature's tables, as its models say."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules

from tortoise import Tortoise
from tortoise.fields import Field, JSONField
from tortoise.models import Model

from wecc.backup.archive import Kind, Table
from wecc.infra import db

_KINDS: Mapping[type, Kind] = {str: Kind.TEXT, int: Kind.INT, float: Kind.FLOAT, bool: Kind.BOOL}


def all_tables() -> list[Table]:
    """Of this version; who is referred to comes first. The database is connected."""
    models = {model: _referred(model) for app in Tortoise.apps.values() for model in app.values()}
    return [_table(model) for model in TopologicalSorter(models).static_order()]


def known_migrations() -> frozenset[str]:
    """Of this version, `feature.name`."""
    return frozenset(
        f"{feature}.{module.name}"
        for feature in db.MODELS
        for module in iter_modules(import_module(f"wecc.{feature}.migrations").__path__)
    )


def _referred(model: type[Model]) -> set[type[Model]]:
    meta = model._meta  # noqa: SLF001 - Tortoise has no other way to ask
    assert not meta.m2m_fields, "a table without a model is nobody's to keep"
    return {meta.fields_map[name].related_model for name in (*meta.fk_fields, *meta.o2o_fields)} - {model}  # type: ignore[attr-defined]


def _table(model: type[Model]) -> Table:
    meta = model._meta  # noqa: SLF001
    columns = {column: _kind(meta.fields_map[name]) for name, column in meta.fields_db_projection.items()}
    return Table(name=meta.db_table, key=meta.db_pk_column, columns=columns)


def _kind(field: Field[object]) -> Kind:
    return Kind.JSON if isinstance(field, JSONField) else _KINDS[field.field_type]
