"""Three wrong passwords lock for a set time. Source: 3.4.1-04, 3.4.1-05."""

from __future__ import annotations

import asyncio

import pytest

from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId
from wecc.security import Lockout, SignInLocked, SignInRefused
from wecc.security.lockout import normalise_login
from wecc.settings import Data, SignIn

GD, HN = CenterId("gd"), CenterId("hn")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def lockout(empty_database: Data, clock: VirtualClock) -> Lockout:
    return Lockout(clock, SignIn(lock_s=900))


async def fail(lockout: Lockout, times: int = 3, login: str = "1001") -> None:
    for _ in range(times):
        await lockout.reserve(GD, login)


async def test_the_third_failure_locks_and_time_unlocks(lockout: Lockout, clock: VirtualClock) -> None:
    await fail(lockout, 2)
    assert isinstance(await lockout.refuse(GD, "1001"), SignInRefused)
    await fail(lockout, 1)
    assert isinstance(await lockout.refuse(GD, "1001"), SignInLocked)
    clock.advance(899)
    with pytest.raises(SignInLocked) as locked:
        await lockout.reserve(GD, "1001")
    assert locked.value.data == {"retry_after_s": 1}
    clock.advance(1)
    assert not await lockout.is_locked(GD, "1001")
    await fail(lockout, 2)
    assert isinstance(await lockout.refuse(GD, "1001"), SignInRefused), "counted from the beginning again"


async def test_attempts_while_locked_do_not_prolong(lockout: Lockout, clock: VirtualClock) -> None:
    await fail(lockout)
    for _ in range(10):
        clock.advance(60)
        with pytest.raises(SignInLocked):
            await lockout.reserve(GD, "1001")
    clock.advance(300)
    await lockout.reserve(GD, "1001")


async def test_clearing_sets_the_count_to_nothing(lockout: Lockout) -> None:
    await fail(lockout)
    await lockout.clear(GD, " １００１ ")
    assert not await lockout.is_locked(GD, "1001")
    await fail(lockout, 2)
    assert not await lockout.is_locked(GD, "1001")


async def test_attempts_at_once_all_count(lockout: Lockout) -> None:
    """As many workers would: no attempt slips past the third."""

    async def attempt() -> bool:
        try:
            await lockout.reserve(GD, "1001")
        except SignInLocked:
            return False
        return True

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(attempt()) for _ in range(20)]
    assert sum(task.result() for task in tasks) == 3


async def test_others_are_not_locked(lockout: Lockout) -> None:
    await fail(lockout)
    assert not await lockout.is_locked(GD, "1002")
    assert not await lockout.is_locked(HN, "1001")


@pytest.mark.parametrize(
    "spelling",
    [
        "Agent",
        " agent ",
        "AGENT\u3000",
        "ａｇｅｎｔ",
        "a\u200bgent",
        "agent\x00",
        "a\tgent",
        "\ufeffagent",
        "ag\u00adent",
    ],
)
def test_spellings_are_one_login(spelling: str) -> None:
    assert normalise_login(spelling) == "agent"
    assert normalise_login(normalise_login(spelling)) == "agent"
