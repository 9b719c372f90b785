"""Empty systems of both kinds, each with a data folder and a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.backup.systems import System
from wecc.infra import db
from wecc.settings import Data

Make = Callable[[str], Coroutine[Any, Any, System]]


@pytest.fixture
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    """A new system of a kind, `sqlite` or `postgres`, on an empty database without any table."""
    databases: list[str] = []
    number = 0

    async def make(kind: str) -> System:
        nonlocal number
        number += 1
        folder = tmp_path / f"system-{number}"
        folder.mkdir()
        if kind == "sqlite":
            return System(Data(folder=folder))
        name = f"backup_{abs(hash(str(folder)))}"
        await run(f"CREATE DATABASE {name}")
        databases.append(name)
        return System(Data(folder=folder, database_url=f"{url().rpartition('/')[0]}/{name}"))

    def url() -> str:
        return str(request.getfixturevalue("postgres_url"))

    async def run(statement: str) -> None:
        connection = await asyncpg.connect(url().replace("postgres://", "postgresql://", 1))
        await connection.execute(statement)
        await connection.close()

    yield make
    for name in databases:
        await run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> System:
    """SQLite, migrated and full. Only to be read."""
    return asyncio.run(_full(System(Data(folder=tmp_path_factory.mktemp("full")))))


@pytest.fixture(scope="session")
def backup(system: System, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of that."""
    path = tmp_path_factory.mktemp("backup") / "backup.wecc"
    asyncio.run(system.take(path))
    return path


async def full(make: Make, kind: str) -> System:
    return await _full(await make(kind))


async def _full(system: System) -> System:
    await db.migrate(system.data)
    await system.fill()
    return system
