"""Saving flows on PostgreSQL, where several really write at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.selfservice.conftest import AGENTS, CENTER
from tests.selfservice.flows import FOLDER, SMALL, TIERS
from wecc.identity import Identity
from wecc.infra import db
from wecc.kernel.actor import Actor, ActorKind, Role
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId, new_id
from wecc.routing.seeding import set_up_center
from wecc.security import Passwords
from wecc.selfservice.flows import FlowConflict, FlowInvalid, Flows
from wecc.settings import Data, Settings

WRITERS = 4


@pytest.fixture
async def supervisor(postgres_url: str, tmp_path: Path) -> AsyncIterator[Actor]:
    """The supervisor of a center of its own."""
    data = Data(folder=tmp_path, database_url=postgres_url)
    EXECUTOR_CACHE.clear()
    await db.migrate(data)
    await db.connect(data)
    center_id = CenterId(f"c{new_id()}")
    passwords = Passwords()
    groups = {"all": ("全部", "All", TIERS)}
    await set_up_center(Settings(), VirtualClock(), passwords, replace(CENTER, id=center_id), groups, AGENTS)
    passwords.close()
    yield Actor(ActorKind.AGENT, center_id, new_id(), "周海", Role.SUPERVISOR)
    await db.close()


@pytest.fixture
async def processes(supervisor: Actor) -> AsyncIterator[list[Flows]]:
    """As many processes as there are writers, each with its own view of the flows."""
    passwords, clock = Passwords(), VirtualClock()
    made = [Flows(Identity(clock, Settings().sign_in, passwords), clock) for _ in range(WRITERS)]
    await made[0].seed(supervisor.center_id, FOLDER)
    yield made
    for flows in made:
        flows.close()
    passwords.close()


async def save_at_once(processes: list[Flows], supervisor: Actor, *writes: tuple[str, str, int]) -> list[str]:
    """What became of each write of (code, source, base version)."""
    told = [""] * len(writes)

    async def save(place: int, code: str, source: str, base: int) -> None:
        try:
            await processes[place].save(supervisor, code, source, base, "")
        except (FlowConflict, FlowInvalid) as error:
            told[place] = error.code

    async with asyncio.TaskGroup() as group:
        for place, write in enumerate(writes):
            group.create_task(save(place, *write))
    return told


async def test_of_those_who_save_at_once_one_wins(processes: list[Flows], supervisor: Actor) -> None:
    source = (await processes[0].all(supervisor.center_id))["szx"].row.source
    writes = [("szx", source + f"# {n}\n", 1) for n in range(WRITERS)]
    told = await save_at_once(processes, supervisor, *writes)
    assert sorted(told) == ["", *["flow.conflict"] * (WRITERS - 1)]
    assert len(await processes[0].versions(supervisor.center_id, "szx", 10)) == 2


async def test_one_tier_is_not_taken_twice(processes: list[Flows], supervisor: Actor) -> None:
    source = (await processes[0].all(supervisor.center_id))["szx"].row.source
    await processes[0].save(supervisor, "szx", source.replace("tiers: [szx]", "tiers: []"), 1, "")
    codes = [f"small{n}" for n in range(WRITERS)]
    writes = [(code, SMALL.replace("flow: small", f"flow: {code}"), 0) for code in codes]
    told = await save_at_once(processes, supervisor, *writes)
    assert sorted(told) == ["", *["flow.invalid"] * (WRITERS - 1)]
    flow = await processes[0].flow_of_tier(supervisor.center_id, "szx")
    assert flow is not None
    assert flow.code == codes[told.index("")]
