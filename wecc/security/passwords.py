"""Argon2id off the loop, few at a time, so a flood of sign-ins cannot stop the chat."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wecc.infra.blocking import BlockingPool

_DEADLINE_S = 10.0


class Passwords:
    """Hashes and verifies; at most two at once, forty in line."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._pool = BlockingPool("passwords", workers=2, waiting=40)
        # Verified when the account does not exist, so the answer takes as long as for one that does.
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        return await self._pool.run(_DEADLINE_S, self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """True when `password` belongs to `stored`; None takes as long and is False."""
        is_right = await self._pool.run(_DEADLINE_S, self._check, password, stored or self._nobody)
        return is_right and stored is not None

    def needs_rehash(self, stored: str) -> bool:
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        self._pool.close()

    def _check(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
