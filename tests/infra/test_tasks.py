"""Background work has an owner."""

from __future__ import annotations

import asyncio
import logging

import pytest

from wecc.infra.tasks import TaskOwner


async def test_leaving_ends_everything() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with TaskOwner() as owner:
        task = owner.start(work(), name="work")
        await asyncio.sleep(0)
    assert ended.is_set()
    assert task.cancelled()


async def test_what_fails_is_logged_and_started_again(caplog: pytest.LogCaptureFixture) -> None:
    starts = asyncio.Queue[int]()

    async def fail() -> None:
        starts.put_nowait(1)
        raise RuntimeError("on purpose")

    async with TaskOwner() as owner, asyncio.timeout(5):
        owner.keep_alive(fail, name="fails", pause_s=0)
        for _ in range(3):
            await starts.get()
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR].count(
        "background.failed"
    ) >= 2


async def test_what_dies_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise RuntimeError("on purpose")

    async with TaskOwner() as owner:
        await asyncio.wait([owner.start(fail(), name="fails")])
    assert "background.died" in caplog.messages


async def test_what_does_not_end_is_left_and_named(caplog: pytest.LogCaptureFixture) -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    owner = TaskOwner(stop_deadline_s=0.02)
    task = owner.start(stubborn(), name="stubborn")
    await asyncio.sleep(0)
    await owner.stop()
    assert "background.late" in caplog.messages
    release.set()
    await task
