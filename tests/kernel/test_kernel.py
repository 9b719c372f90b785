"""Ids, clocks, actors, errors."""

from __future__ import annotations

import uuid

import pytest

from wecc.kernel import errors
from wecc.kernel.actor import Actor, ActorKind, Role, system
from wecc.kernel.clock import SystemClock, VirtualClock, iso
from wecc.kernel.errors import TooMany, WeccError
from wecc.kernel.ids import CenterId, new_id, new_token

GD = CenterId("gd")


def test_ids_are_unique_and_of_the_standard() -> None:
    ids = [new_id() for _ in range(5000)]
    assert len(set(ids)) == 5000
    value = uuid.UUID(ids[0])
    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert ids[0] == value.hex


def test_ids_sort_by_birth_and_are_not_to_be_guessed() -> None:
    births = [int(new_id()[:12], 16) for _ in range(200)]
    assert births == sorted(births)
    assert abs(births[-1] - SystemClock().now_ms()) < 1000
    assert len({new_id()[13:] for _ in range(1000)}) == 1000, "neighbours in time share no more than the time"


def test_tokens_hold_256_bits() -> None:
    assert len(new_token()) == 43
    assert len({new_token() for _ in range(1000)}) == 1000


def test_a_virtual_clock_moves_only_when_told() -> None:
    clock = VirtualClock()
    before = clock.now_ms(), clock.monotonic_s()
    assert (clock.now_ms(), clock.monotonic_s()) == before
    clock.advance(1.5)
    assert clock.now_ms() - before[0] == 1500
    assert clock.monotonic_s() - before[1] == 1.5
    with pytest.raises(ValueError, match="never goes back"):
        clock.advance(-1)


def test_times_are_written_in_utc() -> None:
    assert iso(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"


@pytest.mark.parametrize(("role", "may"), [(Role.AGENT, 1), (Role.SUPERVISOR, 2), (Role.ADMINISTRATOR, 3)])
def test_a_higher_role_includes_the_lower(role: Role, may: int) -> None:
    agent = Actor(ActorKind.AGENT, GD, "a", role=role)
    assert [agent.has_role(r) for r in Role].count(True) == may


@pytest.mark.parametrize(
    "actor", [Actor(ActorKind.VISITOR, GD, "v", role=Role.ADMINISTRATOR), system(GD, "timer")]
)
def test_only_agents_have_roles(actor: Actor) -> None:
    assert not any(actor.has_role(role) for role in Role)


def test_errors_carry_data_and_say_a_sentence() -> None:
    error = TooMany(retry_after_s=2)
    assert (str(error), error.data, error.retryable) == (TooMany.sentence, {"retry_after_s": 2}, True)
    assert WeccError("Other words.").message == "Other words."


def test_each_error_has_a_code_of_its_own() -> None:
    kinds = [
        e
        for e in vars(errors).values()
        if isinstance(e, type) and issubclass(e, WeccError) and e is not errors.Internal
    ]
    assert len({e.code for e in kinds}) == len(kinds)
    assert all(400 <= e.status < 600 for e in kinds)
