"""The two databases, as a backup reads them and a restore fills them: one contract.

Statements are put together from names of tables and columns that were matched against the database itself.
SQLite's block; the command has its process for itself.
"""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

import asyncpg
import orjson

from wecc.backup.archive import Kind, Refused, Row, Table
from wecc.infra import db
from wecc.settings import Data

Form = Mapping[str, frozenset[str]]
"""The columns of each table."""

_OWN = ("tortoise_migrations", "sqlite_sequence")
"""Tables that are not content."""
_BATCH_ROWS = 1000
_CONNECT_S = 10.0
_COMMAND_S = 600.0
_LOCK_S = 10
_BESIDE = "wecc_restore"


class Store(Protocol):
    """One connection to a database."""

    kind: Literal["sqlite", "postgres"]

    def reading(self) -> AbstractAsyncContextManager[None]:
        """All that is read inside is of one moment, whoever writes meanwhile."""
        ...

    def writing(self) -> AbstractAsyncContextManager[None]:
        """One transaction."""
        ...

    async def form(self) -> Form: ...

    async def applied(self) -> list[str]:
        """Migrations, `feature.name`, in the order they were applied."""
        ...

    async def centers(self) -> list[str]: ...

    async def size_bytes(self) -> int:
        """About how much there is to read."""
        ...

    def rows(self, table: Table) -> AsyncIterator[list[Row]]:
        """All rows in batches, by the table's key, with values as JSON has them."""
        ...

    async def insert(self, table: Table, rows: Iterable[Row]) -> None:
        """The reverse. Raises: Refused when the database does not take them."""
        ...

    async def continue_ids(self) -> None:
        """Ids the database gives go on after those that were inserted."""
        ...

    async def aclose(self) -> None: ...


class Beside(Protocol):
    """A place in which a new database grows until it takes the present one's place."""

    data: Data
    """Settings under which it is migrated."""

    async def present(self) -> Store | None:
        """The database it is to replace, if there is one."""
        ...

    async def is_alone(self) -> bool:
        """Whether nobody else has the present one open."""
        ...

    async def clear(self) -> None:
        """Nothing is left of any attempt."""
        ...

    async def make(self) -> None:
        """An empty place, to be migrated."""
        ...

    async def open(self) -> Store: ...

    async def put_in_place(self) -> None:
        """At once and for good, or not at all."""
        ...


async def open_store(data: Data) -> Store:
    """The installation's own database. Raises: Refused when it cannot be opened."""
    return (
        SqliteStore(db.sqlite_file(data)) if data.is_sqlite else await PostgresStore.open(data.database_url)
    )


def beside(data: Data) -> Beside:
    return SqliteBeside(data) if data.is_sqlite else PostgresBeside(data)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise Refused("A number in the database is not one; no backup can hold it.")
    return float(value)


def _json_text(value: object) -> str:
    return orjson.dumps(value).decode()


_READ: dict[Kind, Callable[[Any], Any]] = {Kind.BOOL: bool, Kind.FLOAT: _finite, Kind.JSON: orjson.loads}
_WRITE: dict[Kind, Callable[[Any], Any]] = {Kind.JSON: _json_text}


def _converted(table: Table, how: Mapping[Kind, Callable[[Any], Any]], rows: Iterable[Row]) -> list[Row]:
    places = [(i, how[kind]) for i, kind in enumerate(table.columns.values()) if kind in how]
    done: list[Row] = []
    for row in rows:
        values = list(row)
        for i, convert in places:
            if values[i] is not None:
                values[i] = convert(values[i])
        done.append(values)
    return done


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


class SqliteStore:
    kind: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(self, file: Path, *, is_new: bool = False) -> None:
        """Raises: Refused when it cannot be opened."""
        if not file.exists():
            raise Refused(f"There is no database {file}.")
        uri = f"{file.absolute().as_uri()}?mode={'rw' if is_new else 'ro'}"
        try:
            self._db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_LOCK_S)
            if is_new:
                # What is written here counts only once all of it is on the disk and the file is renamed.
                self._db.execute("PRAGMA synchronous=OFF")
                self._db.execute("PRAGMA foreign_keys=ON")
        except sqlite3.Error as error:
            raise Refused(f"The database {file} cannot be opened: {error}.") from error

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        self._db.execute("BEGIN")
        self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it is one moment
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    async def form(self) -> Form:
        tables = [row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {
            t: self._db.execute("SELECT name FROM pragma_table_info(?)", (t,))
            for t in tables
            if t not in _OWN
        }
        return {table: frozenset(row[0] for row in rows) for table, rows in columns.items()}

    async def applied(self) -> list[str]:
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'tortoise_migrations'").fetchone():
            return []
        rows = self._db.execute("SELECT app, name FROM tortoise_migrations ORDER BY id")
        return [f"{app}.{name}" for app, name in rows]

    async def centers(self) -> list[str]:
        if "center" not in await self.form():
            return []
        return [row[0] for row in self._db.execute("SELECT id FROM center ORDER BY id")]

    async def size_bytes(self) -> int:
        (pages,), (page,) = (self._db.execute(f"PRAGMA {p}").fetchone() for p in ("page_count", "page_size"))
        return int(pages * page)

    async def rows(self, table: Table) -> AsyncIterator[list[Row]]:
        query = f'SELECT {_listed(table.columns)} FROM "{table.name}" ORDER BY "{table.key}"'
        cursor = self._db.execute(query)
        while batch := cursor.fetchmany(_BATCH_ROWS):
            yield _converted(table, _READ, batch)

    async def insert(self, table: Table, rows: Iterable[Row]) -> None:
        marks = ", ".join("?" * len(table.columns))
        statement = f'INSERT INTO "{table.name}" ({_listed(table.columns)}) VALUES ({marks})'
        try:
            self._db.executemany(statement, _converted(table, _WRITE, rows))
        except (sqlite3.Error, OverflowError) as error:
            raise Refused(f"The rows of {table.name} do not fit this database: {error}.") from error

    async def continue_ids(self) -> None:
        """SQLite does so by itself."""

    async def aclose(self) -> None:
        self._db.close()


class SqliteBeside:
    """A file below the data folder, renamed over the present one."""

    def __init__(self, data: Data) -> None:
        self._file = db.sqlite_file(data)
        self.data = data.model_copy(update={"folder": data.folder / db.RESTORING})

    async def present(self) -> Store | None:
        return SqliteStore(self._file) if self._file.exists() else None

    async def is_alone(self) -> bool:
        if not self._file.exists():
            return True
        connection = sqlite3.connect(self._file, isolation_level=None, timeout=0)
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        finally:
            connection.close()
        return True

    async def clear(self) -> None:
        _remove_sqlite(db.sqlite_file(self.data))

    async def make(self) -> None:
        await self.clear()

    async def open(self) -> Store:
        return SqliteStore(db.sqlite_file(self.data), is_new=True)

    async def put_in_place(self) -> None:
        new = db.sqlite_file(self.data)
        connection = sqlite3.connect(new, isolation_level=None)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()  # which also removes its log
        sync(new)
        # The present one's log must not be taken for the new one's.
        _remove_sqlite(self._file)
        new.replace(self._file)
        sync(self._file.parent)


def _remove_sqlite(file: Path) -> None:
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """What stands in this file, or this folder's list of names, survives a power cut."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class PostgresStore:
    kind: Literal["sqlite", "postgres"] = "postgres"

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._db = connection

    @classmethod
    async def open(cls, url: str, schema: str = "") -> PostgresStore:
        try:
            connection = await asyncpg.connect(
                url.replace("postgres://", "postgresql://", 1),
                timeout=_CONNECT_S,
                command_timeout=_COMMAND_S,
                server_settings={"search_path": schema} if schema else None,
            )
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            raise Refused(f"The database cannot be reached: {error or type(error).__name__}.") from error
        return cls(connection)

    @property
    def connection(self) -> asyncpg.Connection:
        """For statements of its own kind."""
        return self._db

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        async with self._db.transaction(isolation="repeatable_read", readonly=True):
            yield

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        async with self._db.transaction():
            yield

    async def form(self) -> Form:
        rows = await self._db.fetch(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns "
            "WHERE table_schema = current_schema() GROUP BY table_name"
        )
        return {table: frozenset(columns) for table, columns in rows if table not in _OWN}

    async def applied(self) -> list[str]:
        if not await self._db.fetchval("SELECT to_regclass('tortoise_migrations') IS NOT NULL"):
            return []
        rows = await self._db.fetch("SELECT app, name FROM tortoise_migrations ORDER BY id")
        return [f"{app}.{name}" for app, name in rows]

    async def centers(self) -> list[str]:
        if "center" not in await self.form():
            return []
        return [row[0] for row in await self._db.fetch('SELECT id FROM center ORDER BY id COLLATE "C"')]

    async def size_bytes(self) -> int:
        query = "SELECT coalesce(sum(pg_table_size(oid)), 0) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
        return int(await self._db.fetchval(f"{query} current_schema()::regnamespace"))

    async def rows(self, table: Table) -> AsyncIterator[list[Row]]:
        order = ' COLLATE "C"' if table.columns[table.key] is Kind.TEXT else ""
        query = f'SELECT {_listed(table.columns)} FROM "{table.name}" ORDER BY "{table.key}"{order}'
        cursor = await self._db.cursor(query)
        while batch := await cursor.fetch(_BATCH_ROWS):
            yield _converted(table, _READ, batch)

    async def insert(self, table: Table, rows: Iterable[Row]) -> None:
        records = _converted(table, _WRITE, rows)
        try:
            await self._db.copy_records_to_table(table.name, records=records, columns=list(table.columns))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TypeError) as error:
            raise Refused(f"The rows of {table.name} do not fit this database: {error}.") from error

    async def continue_ids(self) -> None:
        for table, columns in (await self.form()).items():
            for column in columns:
                find = "SELECT pg_get_serial_sequence($1, $2)"
                sequence = await self._db.fetchval(find, f'"{table}"', column)
                if sequence:
                    last = await self._db.fetchval(f'SELECT max("{column}") FROM "{table}"')
                    await self._db.execute(
                        "SELECT setval($1::regclass, $2, $3)", sequence, last or 1, last is not None
                    )

    async def aclose(self) -> None:
        await self._db.close(timeout=_CONNECT_S)


class PostgresBeside:
    """A schema of the same database, whose tables take the present ones' place in one transaction."""

    def __init__(self, data: Data) -> None:
        self._url = data.database_url
        joint = "&" if "?" in self._url else "?"
        url = f"{self._url}{joint}schema={_BESIDE}"
        self.data = data.model_copy(update={"folder": data.folder / db.RESTORING, "database_url": url})

    async def present(self) -> Store | None:
        return await PostgresStore.open(self._url)

    async def is_alone(self) -> bool:
        async with self._connection() as connection:
            return bool(
                await connection.fetchval(
                    # Its own workers, which have no user, do not count.
                    "SELECT count(*) = 1 FROM pg_stat_activity "
                    "WHERE datname = current_database() AND usesysid IS NOT NULL"
                )
            )

    async def clear(self) -> None:
        async with self._connection() as connection:
            await connection.execute(
                f"SET lock_timeout = '{_LOCK_S}s'; DROP SCHEMA IF EXISTS {_BESIDE} CASCADE"
            )

    async def make(self) -> None:
        await self.clear()
        async with self._connection() as connection:
            await connection.execute(f"CREATE SCHEMA {_BESIDE}")

    async def open(self) -> Store:
        return await PostgresStore.open(self._url, _BESIDE)

    async def put_in_place(self) -> None:
        async with self._connection() as connection, connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_S}s'")
            place = await connection.fetchval("SELECT quote_ident(current_schema())")
            for (table,) in await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = $1", _BESIDE
            ):
                await connection.execute(f'DROP TABLE IF EXISTS {place}."{table}" CASCADE')
                await connection.execute(f'ALTER TABLE {_BESIDE}."{table}" SET SCHEMA {place}')
            await connection.execute(f"DROP SCHEMA {_BESIDE} RESTRICT")

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        async with aclosing(await PostgresStore.open(self._url)) as store:
            yield store.connection
