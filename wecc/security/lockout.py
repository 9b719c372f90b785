"""Three wrong passwords lock a login name for a set time. Source: 3.4.1-04, 3.4.1-05.

The count stands in the database, so it is the same over every worker and entry; it is kept for names that do
not exist too, so the answers do not tell which do.
"""

from __future__ import annotations

import unicodedata

from wecc.infra import db
from wecc.kernel.clock import Clock
from wecc.kernel.errors import WeccError
from wecc.kernel.ids import CenterId
from wecc.security.models import SignInGuard
from wecc.settings import SignIn


class SignInRefused(WeccError):
    """Wrong name or password; which of them is not told."""

    code = "sign_in.refused"
    status = 401
    sentence = "The account or the password is wrong."


class SignInLocked(WeccError):
    """Too many wrong passwords; unlocks by itself after `data["retry_after_s"]`."""

    code = "sign_in.locked"
    status = 423
    sentence = "Too many wrong passwords. Please try again later."


class Lockout:
    def __init__(self, clock: Clock, rules: SignIn) -> None:
        self._clock = clock
        self._rules = rules

    async def reserve(self, center_id: CenterId, login: str) -> None:
        """Count an attempt before its password is looked at, so parallel attempts count too.

        Raises: SignInLocked, also for the right password.
        """
        now_ms = self._clock.now_ms()
        async with db.transaction():
            key = _key(center_id, login)
            await SignInGuard.get_or_create(id=key)
            guard = await SignInGuard.select_for_update().get(id=key)
            if guard.locked_until_ms > now_ms:
                raise SignInLocked(retry_after_s=(guard.locked_until_ms - now_ms + 999) // 1000)
            if guard.failures >= self._rules.max_failures:
                guard.failures = 0
            guard.failures += 1
            guard.locked_until_ms = (
                now_ms + self._rules.lock_s * 1000 if guard.failures >= self._rules.max_failures else 0
            )
            await guard.save()

    async def refuse(self, center_id: CenterId, login: str) -> WeccError:
        """The error for a wrong password: refused, or locked when that was the last allowed try."""
        guard = await SignInGuard.get_or_none(id=_key(center_id, login))
        now_ms = self._clock.now_ms()
        if guard is not None and guard.locked_until_ms > now_ms:
            return SignInLocked(retry_after_s=(guard.locked_until_ms - now_ms + 999) // 1000)
        return SignInRefused()

    async def clear(self, center_id: CenterId, login: str) -> None:
        """The right password, or an administrator, sets the count to nothing."""
        await SignInGuard.filter(id=_key(center_id, login)).delete()

    async def is_locked(self, center_id: CenterId, login: str) -> bool:
        guard = await SignInGuard.get_or_none(id=_key(center_id, login))
        return guard is not None and guard.locked_until_ms > self._clock.now_ms()


def normalise_login(login: str) -> str:
    """One spelling for a login name: width, case, spaces and invisible characters make no other account."""
    text = unicodedata.normalize("NFKC", login).casefold()
    return "".join(ch for ch in text if not ch.isspace() and unicodedata.category(ch) not in {"Cf", "Cc"})[
        :64
    ]


def _key(center_id: CenterId, login: str) -> str:
    return f"{center_id}:{normalise_login(login)}"
