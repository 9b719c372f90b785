"""The database: SQLite (WAL) in the embedded default, PostgreSQL when it is outgrown.

Models are Tortoise's; the conversation log's hot path writes its own SQL (`wecc.conversations.store`).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tortoise import Tortoise, models
from tortoise.backends.base.client import BaseDBAsyncClient, ConnectionWrapper
from tortoise.backends.sqlite.client import SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import BaseORMException
from tortoise.migrations.api import migrate as tortoise_migrate
from tortoise.transactions import in_transaction

from wecc.kernel.errors import Unavailable
from wecc.settings import Data

MODELS = ("identity", "security", "routing", "knowledge", "conversations", "supervision", "selfservice")
"""Features with tables of their own: `wecc.<feature>.models`, `wecc.<feature>.migrations`."""

RESTORING = "restoring"
"""Folder in the data folder while a restore (`wecc.backup`) is not finished."""

_BUSY_MS = 10_000


class RestoreUnfinished(Exception):
    """Nothing is served from a data folder in which a restore did not end; the text says what to do."""


def sqlite_file(data: Data) -> Path:
    return data.folder / "wecc.sqlite3"


def _config(data: Data, features: Sequence[str] = MODELS) -> dict[str, Any]:
    if data.is_sqlite:
        # FULL: an acknowledged message survives a power cut. Group commit makes it affordable.
        url = f"sqlite://{quote(str(sqlite_file(data)))}?busy_timeout={_BUSY_MS}&synchronous=FULL"
    else:
        url = data.database_url.replace("postgresql://", "postgres://", 1)
    apps = {
        name: {
            "models": [f"wecc.{name}.models"],
            "migrations": f"wecc.{name}.migrations",
            "default_connection": "default",
        }
        for name in features
    }
    return {"connections": {"default": url}, "apps": apps, "use_tz": True, "timezone": "UTC"}


async def _begin_immediate(self: SqliteTransactionWrapper) -> None:
    # A deferred transaction that reads and then writes fails at once with "locked" when another process has
    # written meanwhile, whatever the busy timeout; taking the write lock first waits instead.
    await self._connection.commit()
    beginning = asyncio.ensure_future(self._connection.execute("BEGIN IMMEDIATE"))  # noqa: TID251 - awaited below
    try:
        await asyncio.shield(beginning)
    except asyncio.CancelledError:
        # The thread still begins it; left open, it would hold the write lock for ever.
        with contextlib.suppress(sqlite3.Error):
            await beginning
            await self._connection.rollback()
        raise


async def _enter_connection(self: ConnectionWrapper[Any]) -> Any:
    # Tortoise keeps the lock when opening fails or is cancelled, and everything after waits for ever.
    await self._lock.acquire()
    try:
        await self.ensure_connection()
    except BaseException:
        self._lock.release()
        raise
    return self.connection


async def _enter_transaction(self: SqliteTransactionContext) -> Any:
    # As above, for a transaction that cannot begin.
    await self._trxlock.acquire()
    try:
        await self.ensure_connection()
        self.token = get_connections().set(self.connection_name, self.connection)
        try:
            await self.connection.begin()
        except BaseException:
            get_connections().reset(self.token)
            raise
    except BaseException:
        self._trxlock.release()
        raise
    return self.connection


# Mended from outside, for Tortoise 1.1.9; tests/infra/test_db.py shows each of them is still needed.
SqliteTransactionWrapper.begin = _begin_immediate  # type: ignore[method-assign]
ConnectionWrapper.__aenter__ = _enter_connection  # type: ignore[method-assign]
SqliteTransactionContext.__aenter__ = _enter_transaction  # type: ignore[method-assign]
# Comments of columns, which we have none of: to look for them it parses a model's whole file for each model.
models._get_comments = lambda cls: {}  # noqa: ARG005, SLF001


async def migrate(data: Data, upto: Sequence[str] = ()) -> None:
    """Bring the schema up to date; safe to repeat and to resume.

    `upto`: only these migrations, `feature.name` each, in the order in which they were once applied.
    Raises: RestoreUnfinished.
    """
    refuse_unfinished_restore(data)
    for target in upto or (None,):
        await tortoise_migrate(config=_config(data), target=target, direction="forward")
        await Tortoise.close_connections()


async def connect(data: Data, features: Sequence[str] = MODELS) -> None:
    """Open this process's connections; `features` are those whose tables it uses. Raises: RestoreUnfinished."""
    refuse_unfinished_restore(data)
    await Tortoise.init(config=_config(data, features), _enable_global_fallback=True)
    # Connect now: a deadline that strikes while Tortoise connects leaves its lock held for ever.
    await connection().execute_query("SELECT 1")


def refuse_unfinished_restore(data: Data) -> None:
    """Raises: RestoreUnfinished."""
    if (data.folder / RESTORING).exists():
        raise RestoreUnfinished(
            f"A restore into {data.folder} was not finished. Run it again: wecc restore FILE."
        )


async def close() -> None:
    """Close them; bounded. Idempotent."""
    async with asyncio.timeout(5):
        await Tortoise.close_connections()


def connection() -> BaseDBAsyncClient:
    """The open connection, for hand-written SQL."""
    return Tortoise.get_connection("default")


@asynccontextmanager
async def transaction(deadline_s: float = 10.0) -> AsyncIterator[BaseDBAsyncClient]:
    """One transaction; commits when left normally.

    Raises: Unavailable when the database does not answer in time.
    """
    try:
        async with asyncio.timeout(deadline_s), in_transaction("default") as tx:
            yield tx
    except TimeoutError as error:
        raise Unavailable from error


async def is_answering(deadline_s: float = 2.0) -> bool:
    """True when the database answers a trivial question in time."""
    try:
        async with asyncio.timeout(deadline_s):
            await connection().execute_query("SELECT 1")
    except (TimeoutError, OSError, BaseORMException):
        return False
    return True


TORTOISE = _config(Data())
"""For `tortoise -c wecc.infra.db.TORTOISE makemigrations`, after a model changed."""
