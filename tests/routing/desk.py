"""A small center to tell stories with: short verbs over the facade, and what must always hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import AgentId, CenterId, WorkId
from wecc.routing import (
    AgentPresence,
    AgentState,
    CenterView,
    Channel,
    GroupConfig,
    Outcome,
    Place,
    Policy,
    Routing,
    RoutingConfig,
    Target,
    TierConfig,
    TierView,
    Transition,
    WorkItem,
    WorkRequest,
)


def tier(
    code: str,
    rank: int,
    target_pct: float,
    threshold_s: float = 15,
    window_min: int = 15,
    channels: Iterable[Channel] = (Channel.CHAT,),
    **also: Any,
) -> TierConfig:
    target = Target(target_pct=target_pct, threshold_s=threshold_s, window_min=window_min)
    return TierConfig(code=code, rank=rank, targets=dict.fromkeys(channels, target), **also)


CONFIG = RoutingConfig(
    tiers=(tier("vip", 1, 95), tier("roaming", 2, 85), tier("szx", 3, 75)),
    groups=(
        GroupConfig(code="all", tiers=("vip", "roaming", "szx")),
        GroupConfig(code="vip", tiers=("vip",)),
        GroupConfig(code="low", tiers=("roaming", "szx")),
    ),
)


@dataclass
class Desk:
    routing: Routing
    clock: VirtualClock
    center_id: CenterId
    config: RoutingConfig = CONFIG
    last_entry: str = field(default="0", init=False)

    async def open(self, config: RoutingConfig = CONFIG, outcomes: Iterable[Outcome] = ()) -> None:
        self.config = config
        await self.routing.rebuild(self.center_id, config, [], [], outcomes, force=True)

    async def policy(self, policy: Policy, **also: object) -> None:
        config = self.config.model_copy(update={"policy": policy, **also})
        await self.routing.configure(self.center_id, config)

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def ask(
        self,
        work_id: str,
        tier: str = "vip",
        since_ms: int | None = None,
        version: int = 0,
        channel: Channel = Channel.CHAT,
        **also: Any,
    ) -> WorkItem:
        request = WorkRequest(
            work_id=WorkId(work_id), tier=tier, channel=channel, since_ms=since_ms, version=version, **also
        )
        return await self.routing.enqueue(self.center_id, request)

    async def ready(
        self,
        agent: str,
        groups: Iterable[str] | None = ("all",),
        capacity: int | None = 1,
        levels: Mapping[str, int] | None = None,
    ) -> AgentPresence:
        return await self.routing.set_agent(
            self.center_id,
            AgentId(agent),
            AgentState.READY,
            groups=None if groups is None else tuple(groups),
            capacity=capacity,
            levels=levels,
        )

    async def pause(self, agent: str, reason: str = "lunch") -> AgentPresence:
        return await self.routing.set_agent(self.center_id, AgentId(agent), AgentState.PAUSED, reason=reason)

    async def leave(self, agent: str) -> AgentPresence:
        return await self.routing.set_agent(self.center_id, AgentId(agent), AgentState.OFFLINE)

    async def drain(self, agent: str) -> AgentPresence:
        return await self.routing.set_agent(
            self.center_id, AgentId(agent), AgentState.OFFLINE, when_done=True
        )

    async def work(self, work_id: str) -> WorkItem:
        return await self.routing.work(self.center_id, WorkId(work_id))

    async def accept(self, work_id: str, agent: str, version: int | None = None) -> WorkItem:
        if version is None:
            version = (await self.work(work_id)).version
        return await self.routing.accept(self.center_id, WorkId(work_id), AgentId(agent), version)

    async def decline(self, work_id: str, agent: str) -> WorkItem:
        version = (await self.work(work_id)).version
        return await self.routing.decline(self.center_id, WorkId(work_id), AgentId(agent), version)

    async def pick(self, work_id: str, agent: str, **flags: bool) -> WorkItem:
        return await self.routing.pick(self.center_id, WorkId(work_id), AgentId(agent), **flags)

    async def expedite(self, work_id: str) -> WorkItem:
        return await self.routing.expedite(self.center_id, WorkId(work_id))

    async def convert(self, work_id: str, channel: Channel) -> WorkItem:
        return await self.routing.convert(self.center_id, WorkId(work_id), channel)

    async def finish(self, work_id: str, agent: str) -> WorkItem:
        return await self.routing.finish(self.center_id, WorkId(work_id), AgentId(agent))

    async def end_wrap_up(self, work_id: str, agent: str) -> WorkItem:
        return await self.routing.end_wrap_up(self.center_id, WorkId(work_id), AgentId(agent))

    async def abandon(self, work_id: str) -> WorkItem:
        return await self.routing.abandon(self.center_id, WorkId(work_id))

    async def beat(self, *agents: str) -> tuple[AgentId, ...]:
        return await self.routing.heartbeat(self.center_id, [AgentId(agent) for agent in agents])

    async def sweep(self) -> None:
        while (await self.routing.sweep(self.center_id)).has_more:
            pass

    async def view(self) -> CenterView:
        return await self.routing.view(self.center_id)

    async def agent(self, agent: str) -> AgentPresence:
        return next(a for a in (await self.view()).agents if a.agent_id == agent)

    async def tier(self, code: str, channel: Channel = Channel.CHAT) -> TierView:
        return next(t for t in (await self.view()).tiers if (t.tier, t.channel) == (code, channel))

    async def place(self, work_id: str) -> Place:
        return (await self.routing.places(self.center_id, [WorkId(work_id)]))[WorkId(work_id)]

    async def told(self) -> list[str]:
        """What the outbox said since the last call, of work: `work state cause`."""
        events = await self.routing.follow(self.center_id, self.last_entry, block_ms=0)
        if events:
            self.last_entry = events[-1].entry_id
        return [
            f"{event.work.work_id} {event.work.state} {event.work.cause}"
            for event in events
            if isinstance(event, Transition)
        ]
