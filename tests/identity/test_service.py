"""Signing in against the clock: what a live test would have to wait for. Source: 3.4.1-03 … 05."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator

import pytest

from wecc.identity import Identity
from wecc.identity.seeding import NewCenter
from wecc.kernel.actor import Role
from wecc.kernel.clock import VirtualClock
from wecc.kernel.errors import TooMany, Unauthenticated
from wecc.kernel.ids import CenterId
from wecc.routing.seeding import NewAgent, set_up_center
from wecc.security import Passwords, SignInLocked, SignInRefused
from wecc.settings import Data, Settings, SettingsError, SignIn

GD = CenterId("gd")
CENTER = NewCenter(GD, "南方通信", "Nanfang", "您好", "Hello", "other", ())
TIERS = ("vip", "group_key", "roaming", "group_member", "signed", "prepaid", "szx", "other")
RULES = SignIn(lock_s=900, failures_per_address_per_minute=10)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def identity(empty_database: Data, clock: VirtualClock) -> AsyncIterator[Identity]:
    passwords = Passwords()
    agent = NewAgent("1001", "李晓雯", Role.AGENT, ("all",), "right")
    await set_up_center(Settings(), clock, passwords, CENTER, {"all": ("全部", "All", TIERS)}, [agent])
    yield Identity(clock, RULES, passwords)
    passwords.close()


async def fail(identity: Identity, login: str = "1001", address: str = "1.1.1.1") -> type[Exception]:
    with pytest.raises((SignInRefused, SignInLocked, TooMany)) as refused:
        await identity.sign_in("gd", login, "wrong", address)
    return refused.type


async def test_a_lock_ends_by_itself(identity: Identity, clock: VirtualClock) -> None:
    assert [await fail(identity) for _ in range(3)] == [SignInRefused, SignInRefused, SignInLocked]
    clock.advance(899)
    with pytest.raises(SignInLocked):
        await identity.sign_in("gd", "1001", "right", "1.1.1.1")
    clock.advance(1)
    assert (await identity.sign_in("gd", "1001", "right", "1.1.1.1")).actor.name == "李晓雯"


async def test_one_address_cannot_lock_everybody(identity: Identity, clock: VirtualClock) -> None:
    found = [await fail(identity, f"agent{n}") for n in range(12)]
    assert found == [SignInRefused] * 10 + [TooMany] * 2
    assert await fail(identity, "agent99", "2.2.2.2") is SignInRefused, "others are not held up"
    clock.advance(6)
    assert await fail(identity, "agent99") is SignInRefused


async def test_a_session_ends_in_time(identity: Identity, clock: VirtualClock) -> None:
    signed_in = await identity.sign_in("gd", "1001", "right", "1.1.1.1")
    clock.advance(RULES.session_s - 1)
    assert (await identity.agent_by_token(signed_in.token))[0].id == signed_in.actor.id
    assert await identity.lost_sessions([signed_in.actor.session_id, "never"]) == {"never": "expired"}
    clock.advance(1)
    with pytest.raises(Unauthenticated):
        await identity.agent_by_token(signed_in.token)
    assert await identity.lost_sessions([signed_in.actor.session_id]) == {
        signed_in.actor.session_id: "expired"
    }


async def test_a_visitor_is_forgotten_in_time(identity: Identity, clock: VirtualClock) -> None:
    _, token = await identity.new_visitor("gd", "en", "browser")
    clock.advance(RULES.visitor_session_s)
    visitor = await identity.visitor_by_bearer(token)
    assert visitor.center_id == GD
    clock.advance(RULES.visitor_session_s)
    assert (await identity.visitor_by_bearer(token)).id == visitor.id, "being seen prolongs it"
    clock.advance(RULES.visitor_session_s + 1)
    with pytest.raises(Unauthenticated):
        await identity.visitor_by_bearer(token)


async def test_an_unknown_login_takes_as_long(identity: Identity, clock: VirtualClock) -> None:
    """Source: reliability 37."""
    took_s: dict[str, list[float]] = {"1001": [], "nobody": []}
    for _ in range(7):
        for login, times in took_s.items():
            clock.advance(60)
            await identity.lockout.clear(GD, login)
            began_s = time.perf_counter()
            assert await fail(identity, login) is SignInRefused
            times.append(time.perf_counter() - began_s)
    known_s, unknown_s = (statistics.median(times) for times in took_s.values())
    assert 0.5 < unknown_s / known_s < 2


async def test_every_tier_has_somebody(empty_database: Data) -> None:
    groups = {"few": ("少", "Few", TIERS[:-1])}
    with pytest.raises(SettingsError, match=r"tiers\.other: unserved"):
        await set_up_center(Settings(), VirtualClock(), Passwords(), CENTER, groups, [])
