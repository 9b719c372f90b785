"""Both stores, each on a real database with the real schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from wecc.conversations.store import LogStore, PostgresLogStore, SqliteLogStore
from wecc.infra import db
from wecc.settings import Data


@pytest.fixture(params=["sqlite", "postgres"])
async def data(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Data]:
    """An open, migrated, empty database."""
    if request.param == "sqlite":
        data = Data(folder=tmp_path)
    else:
        data = Data(folder=tmp_path, database_url=request.getfixturevalue("postgres_url"))
    # Tortoise keeps statements for each model, whatever the database: here both kinds come in one process.
    EXECUTOR_CACHE.clear()
    await db.migrate(data)
    await db.connect(data)
    if not data.is_sqlite:
        await db.connection().execute_script("TRUNCATE conversation, log_entry, work, mark, attachment")
    yield data
    await db.close()


@pytest.fixture
async def store(data: Data) -> AsyncIterator[LogStore]:
    made: LogStore = (
        SqliteLogStore(db.sqlite_file(data))
        if data.is_sqlite
        else PostgresLogStore(data.database_url.replace("postgres://", "postgresql://", 1))
    )
    yield made
    await made.close()
