"""Blocking work is bounded in number and in time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from wecc.infra.blocking import BlockingPool
from wecc.kernel.errors import Unavailable


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Holds the work back; open in the end, so that no thread stays."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def pool(gate: threading.Event) -> Iterator[BlockingPool]:
    made = BlockingPool("test", workers=1, waiting=1)
    yield made
    gate.set()
    made.close()


async def test_results_and_errors_come_back(pool: BlockingPool) -> None:
    assert await pool.run(5, divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await pool.run(5, divmod, 7, 0)


async def test_a_full_line_is_refused_at_once(pool: BlockingPool, gate: threading.Event) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(pool.run(5, gate.wait, 5))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await pool.run(5, divmod, 7, 2)
        gate.set()
    assert await pool.run(5, divmod, 7, 2) == (3, 1)


async def test_a_deadline_is_kept_and_the_room_is_not_lost(pool: BlockingPool, gate: threading.Event) -> None:
    with pytest.raises(Unavailable):
        await pool.run(0.01, gate.wait, 5)
    with pytest.raises(Unavailable):
        await pool.run(0.01, gate.wait, 5)
    with pytest.raises(Unavailable):
        await pool.run(5, divmod, 7, 2)
    gate.set()
    async with asyncio.timeout(5):
        while True:
            try:
                assert await pool.run(5, divmod, 7, 2) == (3, 1)
                break
            except Unavailable:
                await asyncio.sleep(0)
