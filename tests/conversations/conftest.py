"""Both stores, each on a real database with the real schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.conftest import Migrated
from wecc.conversations.store import LogStore, PostgresLogStore, SqliteLogStore
from wecc.infra import db
from wecc.settings import Data


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, migrated: Migrated) -> Data:
    return migrated(request.param, tmp_path)


@pytest.fixture
async def data(empty: Data) -> AsyncIterator[Data]:
    """An open, migrated, empty database."""
    data = empty
    # Tortoise keeps statements for each model, whatever the database: here both kinds come in one process.
    EXECUTOR_CACHE.clear()
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
