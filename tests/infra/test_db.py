"""The database under cancellation and contention: nothing stays locked."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3

import pytest
from tortoise import Tortoise, fields
from tortoise.models import Model

from wecc.infra import db
from wecc.kernel.errors import Unavailable
from wecc.settings import Data


@pytest.fixture
def data(empty_database: Data) -> Data:
    return empty_database


async def test_migrating_twice_changes_nothing(data: Data) -> None:
    await db.migrate(data)
    await db.connect(data)
    assert await db.is_answering()


async def test_a_connection_whose_opening_is_cancelled_can_be_opened_later(data: Data) -> None:
    await db.close()
    await Tortoise.init(config=db._config(data), _enable_global_fallback=True)
    opening = asyncio.get_running_loop().create_task(db.connection().execute_query("SELECT 1"))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert await db.is_answering()


async def test_a_transaction_that_cannot_begin_in_time_leaves_nothing_locked(data: Data) -> None:
    """Another process writes for long: we are refused, and work again once it is done."""
    other = sqlite3.connect(db.sqlite_file(data), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def finish() -> None:
        await asyncio.sleep(0.3)
        other.execute("COMMIT")

    async with asyncio.TaskGroup() as group:
        group.create_task(finish())
        with pytest.raises(Unavailable):
            async with db.transaction(deadline_s=0.1):
                raise AssertionError("the write lock is another's")
    async with db.transaction(deadline_s=5) as tx:
        await tx.execute_query("UPDATE center SET name_zh = name_zh")
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()


def test_a_model_is_made_without_reading_its_file_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tortoise looks there for comments, and parses the whole file for each model in it."""
    read: list[object] = []
    monkeypatch.setattr(inspect, "getsource", read.append)

    class Told(Model):
        id = fields.IntField(primary_key=True)

    assert Told._meta.pk_attr == "id"
    assert read == []
