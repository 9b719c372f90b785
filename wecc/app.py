"""The composition root: what every process is made of, in order, and what the jobs process does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from redis.asyncio import Redis

from wecc import conversations, knowledge, selfservice, supervision
from wecc.conversations import ConversationsFeature
from wecc.identity import Identity
from wecc.infra import db
from wecc.infra import redis as redis_client
from wecc.infra.realtime.fanout import Fanout
from wecc.infra.tasks import TaskOwner
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock, SystemClock
from wecc.kernel.ids import CenterId
from wecc.knowledge import AgentGroup, KnowledgeFeature
from wecc.routing import Plans
from wecc.security import Passwords
from wecc.selfservice import SelfServiceFeature
from wecc.settings import Settings
from wecc.supervision import SAMPLE_S, SupervisionFeature

if TYPE_CHECKING:
    from wecc.infra.realtime.server import SocketServer


@dataclass(slots=True)
class Core:
    """What every process has."""

    settings: Settings
    clock: Clock
    redis: Redis
    fanout: Fanout
    identity: Identity
    conversations: ConversationsFeature
    knowledge: KnowledgeFeature
    selfservice: SelfServiceFeature
    supervision: SupervisionFeature
    tasks: TaskOwner


@asynccontextmanager
async def core(
    settings: Settings, server: SocketServer | None = None, clock: Clock | None = None
) -> AsyncIterator[Core]:
    """Open stores and start what runs in every process; close them in order."""
    clock = clock or SystemClock()
    await db.connect(settings.data)
    redis = redis_client.connect(settings.data)
    passwords = Passwords()
    identity = Identity(clock, settings.sign_in, passwords)
    fanout = Fanout(redis, clock, server)
    feature = conversations.build(settings, clock, redis, fanout, identity)
    plans = feature.queueing.plans
    known = knowledge.build(
        settings, clock, identity, partial(_groups_of, plans), partial(_groups_of_agent, plans), redis
    )
    guided = selfservice.build(feature, known, identity, clock)
    supervised = supervision.build(feature, identity, fanout, clock)
    tasks = TaskOwner()
    tasks.keep_alive(fanout.run_publisher, name="fanout publisher", pause_s=0.1)
    tasks.keep_alive(feature.writer.run, name="log writer", pause_s=0.05)
    tasks.keep_alive(feature.notices.run, name="list notices", pause_s=0.1)
    known.start(tasks)
    try:
        yield Core(settings, clock, redis, fanout, identity, feature, known, guided, supervised, tasks)
    finally:
        await feature.close()
        guided.close()
        await known.close()
        await tasks.stop()
        passwords.close()
        await redis.aclose()
        await db.close()


async def _groups_of(plans: Plans, center_id: CenterId) -> dict[str, AgentGroup]:
    """The agent groups of a center by code, as its routing plan has them."""
    groups = (await plans.current(center_id)).plan.groups
    return {
        group.code: AgentGroup(code=group.code, name_zh=group.name_zh, name_en=group.name_en)
        for group in groups
    }


async def _groups_of_agent(plans: Plans, actor: Actor) -> set[str]:
    member = (await plans.current(actor.center_id)).plan.member(actor.id)
    return {membership.group for membership in member.groups}


async def run_jobs(opened: Core) -> None:
    """What one process does for each center: follow routing, sweep, mend, tidy."""
    queueing = opened.conversations.queueing

    async def sweep(center_id: CenterId) -> None:
        while True:
            swept = await queueing.call(center_id, lambda r: r.sweep(center_id))
            if not swept.has_more:
                await asyncio.sleep(0.5)

    async def mend(center_id: CenterId) -> None:
        while True:
            await opened.conversations.following.reconcile(center_id)
            await asyncio.sleep(2)

    async def guide(center_id: CenterId) -> None:
        while True:
            await opened.selfservice.guiding.mend(center_id)
            await asyncio.sleep(2)

    async def tidy() -> None:
        while True:
            await conversations.tidy(opened.conversations)
            await opened.identity.forget_used_tokens()
            await opened.knowledge.tidy(await opened.identity.center_ids())
            await asyncio.sleep(600)

    async def adopt_plans(center_id: CenterId) -> None:
        """Whatever kept the one who saved a plan from telling the engine, it is told within a second."""
        adopted = 0
        while True:
            version = (await queueing.plans.current(center_id)).version
            if version != adopted:
                await queueing.adopt_plan(center_id)
                adopted = version
            await asyncio.sleep(1)

    async def sample(center_id: CenterId) -> None:
        while True:
            await opened.supervision.floor.sample(center_id)
            await asyncio.sleep(SAMPLE_S)

    known: set[CenterId] = set()
    async with TaskOwner() as owner:
        owner.keep_alive(tidy, name="tidy", pause_s=60)
        opened.knowledge.bell.listen(owner)
        while True:
            for center_id in await opened.identity.center_ids():
                if center_id not in known:
                    known.add(center_id)
                    follow = partial(opened.conversations.following.follow, center_id)
                    owner.keep_alive(follow, name=f"follow {center_id}", pause_s=0.3)
                    owner.keep_alive(partial(sweep, center_id), name=f"sweep {center_id}")
                    owner.keep_alive(partial(mend, center_id), name=f"mend {center_id}")
                    owner.keep_alive(partial(adopt_plans, center_id), name=f"plan {center_id}")
                    owner.keep_alive(partial(sample, center_id), name=f"sample {center_id}", pause_s=5)
                    owner.keep_alive(partial(guide, center_id), name=f"guide {center_id}")
                    placing = opened.knowledge.placing(center_id)
                    owner.keep_alive(placing.run, name=f"placing {center_id}")
            await asyncio.sleep(2)
