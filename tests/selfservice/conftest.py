"""A center with people in it and the operator's flows."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.selfservice.flows import FOLDER, TIERS
from wecc.identity import Identity
from wecc.identity.seeding import NewCenter
from wecc.infra import db
from wecc.kernel.actor import Actor, ActorKind, Role
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId
from wecc.routing.seeding import NewAgent, set_up_center
from wecc.security import Passwords
from wecc.selfservice.flows import Flows
from wecc.settings import Data, Settings

GD = CenterId("gd")
CENTER = NewCenter(GD, "南方通信", "Nanfang", "您好", "Hello", "other", ())
AGENTS = [
    NewAgent("1001", "李晓雯", Role.AGENT, ("all",), "right"),
    NewAgent("2001", "周海", Role.SUPERVISOR, ("all",), "right"),
]


@dataclass(frozen=True, slots=True)
class Center:
    identity: Identity
    flows: Flows
    clock: VirtualClock
    supervisor: Actor


@pytest.fixture(scope="session")
def new_center(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the center in it, made once and copied for each test."""
    data = Data(folder=tmp_path_factory.mktemp("center"))

    async def make() -> None:
        EXECUTOR_CACHE.clear()
        await db.migrate(data)
        await db.connect(data)
        clock, passwords = VirtualClock(), Passwords()
        await set_up_center(Settings(), clock, passwords, CENTER, {"all": ("全部", "All", TIERS)}, AGENTS)
        flows = Flows(Identity(clock, Settings().sign_in, passwords), clock)
        assert await flows.seed(GD, FOLDER) == sorted([*TIERS, "common"])
        flows.close()
        passwords.close()
        await db.close()

    asyncio.run(make())
    return data.folder


@pytest.fixture
async def center(new_center: Path, tmp_path: Path) -> AsyncIterator[Center]:
    EXECUTOR_CACHE.clear()
    shutil.copytree(new_center, tmp_path / "var")
    await db.connect(Data(folder=tmp_path / "var"))
    clock, passwords = VirtualClock(), Passwords()
    identity = Identity(clock, Settings().sign_in, passwords)
    flows = Flows(identity, clock)
    supervisor = next(f for f in (await identity.agent_facts(GD)).values() if f.login == "2001")
    actor = Actor(ActorKind.AGENT, GD, supervisor.id, supervisor.name, Role.SUPERVISOR)
    yield Center(identity, flows, clock, actor)
    flows.close()
    passwords.close()
    await db.close()
