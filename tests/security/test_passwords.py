"""Passwords are hashed off the loop, few at once, and tell nothing by the time they take."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from wecc.kernel.errors import Unavailable
from wecc.security import Passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    yield made
    made.close()


async def test_only_the_right_password_belongs(passwords: Passwords) -> None:
    stored = await passwords.hash("正确的密码")
    assert stored.startswith("$argon2id$")
    assert "正确" not in stored
    assert await passwords.verify("正确的密码", stored)
    assert not await passwords.verify("wrong", stored)
    assert await passwords.hash("正确的密码") != stored, "salted"


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken", "$2b$12$x"])
async def test_a_broken_hash_is_nobodys(passwords: Passwords, stored: str) -> None:
    assert not await passwords.verify("plain", stored)


async def test_nobody_has_no_password(passwords: Passwords) -> None:
    assert not await passwords.verify("nobody has this password", None)


async def test_a_flood_is_refused_not_queued(passwords: Passwords) -> None:
    stored = await passwords.hash("x")

    async def attempt() -> bool | Unavailable:
        try:
            return await passwords.verify("x", stored)
        except Unavailable as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(attempt()) for _ in range(100)]
    results = [task.result() for task in tasks]
    assert results.count(True) == 42
    assert await passwords.verify("x", stored), "and there is room again"


async def test_weaker_hashes_are_renewed() -> None:
    passwords = Passwords()
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("x")
    assert passwords.needs_rehash(weak)
    assert not passwords.needs_rehash(await passwords.hash("x"))
    passwords.close()
