"""Conversations as routing's work: configured by the plan, rebuilt from the database.

Redis decides in the moment; `following` brings what it decided into the log and the `work` table.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from wecc.conversations import schemas
from wecc.conversations.domain import State
from wecc.conversations.models import AgentStatus, Conversation, Work
from wecc.conversations.snapshot import LIVE, snapshot
from wecc.identity import AgentRef, Identity
from wecc.kernel.clock import Clock
from wecc.kernel.errors import NotFound, Unavailable, WeccError
from wecc.kernel.ids import AgentId, CenterId, WorkId
from wecc.routing import (
    AgentPresence,
    AgentState,
    Channel,
    NobodyHere,
    NotHeld,
    NotLoaded,
    NotWaiting,
    Plans,
    Preferred,
    QueueFull,
    Rebuilding,
    Routing,
    RoutingPlan,
    RoutingRefusal,
    Snapshot,
    UnknownWork,
    WorkItem,
    WorkRequest,
    WorkState,
    hours,
    seat_of,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

_REBUILD_PATIENCE_S = 10.0
_APPLIED_DEADLINE_S = 6.0
_RECENT = 300
_CHOSEN_WAIT_S = 120


@dataclass(frozen=True, slots=True)
class FinishedWork:
    """A request that is over: answered at `assigned_ms`, or given up. `ended_ms` includes the wrap-up."""

    tier: str
    channel: Channel
    since_ms: int
    assigned_ms: int | None
    ended_ms: int
    agent_id: str


class Queueing:
    """Routing's face for conversations."""

    def __init__(
        self,
        routing: Routing,
        plans: Plans,
        identity: Identity,
        clock: Clock,
    ) -> None:
        self.routing = routing
        self.plans = plans
        self._identity = identity
        self._clock = clock

    # ------------------------------------------------------------------ calls

    async def call(self, center_id: CenterId, use: Callable[[Routing], Awaitable[T]]) -> T:
        """Use routing; when Redis has lost the center, rebuild it from the database first.

        Raises: whatever `use` raises; Unavailable when the rebuild takes too long.
        """
        try:
            async with asyncio.timeout(_REBUILD_PATIENCE_S):
                while True:
                    try:
                        return await use(self.routing)
                    except NotLoaded:
                        try:
                            await self.rebuild(center_id)
                        except Rebuilding:  # by another process
                            await asyncio.sleep(0.1)
        except TimeoutError as error:
            raise Unavailable from error

    async def enqueue(self, state: State) -> WorkItem:
        """Put a waiting conversation into its tier's queue; known ones stay as they are.

        The account manager and the agent of last time are asked first (2.3-06, 2.5-04). Outside opening hours,
        when nobody is there, or when the tier's share is used up (2.3-21, 2.3-23), it is queued as a message,
        to be answered later. Source: 2.4.3-04.
        """
        center_id = CenterId(state.center_id)
        work = await Work.get(id=state.id)
        plan = (await self.plans.current(center_id, max_age_s=0)).plan
        request = WorkRequest(
            work_id=WorkId(state.id),
            tier=state.tier,
            channel=Channel(work.channel),
            since_ms=work.since_ms,
            version=work.version,
            preferred=await self._preferred(state, plan),
            needs_agent=True,
        )
        if state.wish == "message":
            request = _as_message(request, "chosen")
        opening_hours = plan.hours_of(state.tier)
        if opening_hours is not None and not hours.is_open(opening_hours, self._clock.now_ms()):
            request = _as_message(request, "closed")
        try:
            return await self.call(center_id, lambda r: r.enqueue(center_id, request))
        except (NobodyHere, QueueFull) as error:
            message = _as_message(request, "nobody" if isinstance(error, NobodyHere) else "full")
            return await self.call(center_id, lambda r: r.enqueue(center_id, message))

    async def _preferred(self, state: State, plan: RoutingPlan) -> tuple[Preferred, ...]:
        tier = plan.tier(state.tier)
        if tier is None:
            return ()
        preferred = []
        # Who chose his account manager waits for him; who chose other senior staff does not (2.3-06).
        manager_wait_s = {"account_manager": max(tier.manager_wait_s, _CHOSEN_WAIT_S), "senior": 0}.get(
            state.wish, tier.manager_wait_s
        )
        if manager_wait_s and (manager := await self._identity.account_manager_of(state.visitor_id)):
            preferred.append(Preferred(agent_id=AgentId(manager), wait_s=manager_wait_s))
        if tier.last_agent_min:
            since_ms = self._clock.now_ms() - tier.last_agent_min * 60_000
            person = await self._identity.same_person(state.visitor_id)
            served = Conversation.filter(visitor_id__in=person, id__not=state.id, agent_id__not="")
            last = await served.filter(changed_ms__gt=since_ms).order_by("-changed_ms").first()
            if last is not None:
                preferred.append(Preferred(agent_id=AgentId(last.agent_id), wait_s=0))
        return tuple(preferred)

    async def leave_message(self, state: State) -> None:
        """Turn a waiting chat into a message, at its place; acknowledged once the database has followed."""
        center_id, work_id = CenterId(state.center_id), WorkId(state.id)
        item = await self.call(center_id, lambda r: r.convert(center_id, work_id, Channel.MESSAGE))
        await self.applied(item)

    async def set_presence(
        self,
        center_id: CenterId,
        agent_id: AgentId,
        state: AgentState,
        reason: str = "",
        *,
        when_done: bool = False,
    ) -> AgentPresence:
        """Make an agent ready, paused or offline, seated as the plan has him; `when_done`: once he is free.

        Raises: NotFound when he is not an enabled agent of this center.
        """
        if agent_id not in await self._identity.agent_facts(center_id):
            raise NotFound
        # A stale plan would seat him where he is no more, for good.
        seat = seat_of((await self.plans.current(center_id, max_age_s=0)).plan, agent_id)
        return await self.call(
            center_id,
            lambda r: r.set_agent(
                center_id,
                agent_id,
                state,
                reason=reason or None,
                groups=seat.groups,
                levels=seat.levels,
                capacity=seat.capacity,
                when_done=when_done,
            ),
        )

    async def retier(self, center_id: CenterId, conversation_id: str, tier: str) -> None:
        """Move a waiting conversation to another tier's queue, at the place its original time gives it."""
        try:
            await self.call(center_id, lambda r: r.retier(center_id, WorkId(conversation_id), tier))
        except (NotWaiting, UnknownWork):
            return

    async def settle(self, state: State) -> None:
        """Tell routing that a conversation is over: the waiting one is abandoned, the served one wraps up."""
        center, work_id = CenterId(state.center_id), WorkId(state.id)
        try:
            item = await self.call(center, lambda r: r.work(center, work_id))
            if item.state in (WorkState.QUEUED, WorkState.OFFERED):
                await self.routing.abandon(center, work_id)
            elif item.state is WorkState.ASSIGNED and item.agent_id is not None:
                await self.routing.finish(center, work_id, item.agent_id)
        except UnknownWork:
            # Redis was rebuilt since, and what is over is not restored.
            live = Work.filter(id=work_id, state__in=LIVE)
            await live.filter(assigned_ms__isnull=True).update(state=WorkState.ABANDONED.value)
            await live.update(state=WorkState.CLOSED.value)
        except (NotWaiting, NotHeld):
            # It moved on between the look and the act; `reconcile` looks again.
            return

    async def finished(self, center_id: CenterId, from_ms: int, before_ms: int) -> list[FinishedWork]:
        """Requests made in that time that are over, in their order."""
        ended = Work.filter(center_id=center_id, since_ms__gte=from_ms, since_ms__lt=before_ms)
        rows = await ended.filter(state__in=["closed", "abandoned"]).order_by("since_ms", "id")
        return [
            FinishedWork(
                row.tier, Channel(row.channel), row.since_ms, row.assigned_ms, row.at_ms, row.agent_id or ""
            )
            for row in rows
        ]

    async def usual_handling_s(self, center_id: CenterId) -> float | None:
        """How long conversations took lately, wrap-up included; None before there were any."""
        newest = Work.filter(center_id=center_id).order_by("-at_ms").limit(_RECENT)
        lengths_ms = [
            row.at_ms - row.assigned_ms
            for row in await newest
            if row.state == "closed" and row.assigned_ms is not None
        ]
        return sum(lengths_ms) / len(lengths_ms) / 1000 if lengths_ms else None

    async def applied(self, work: WorkItem) -> None:
        """Wait until the database has followed to this version: only then is it acknowledged.

        Raises: Unavailable; repeating the request is harmless.
        """
        pause_s = 0.01
        try:
            async with asyncio.timeout(_APPLIED_DEADLINE_S):
                while not await Work.filter(id=work.work_id, version__gte=work.version).exists():
                    await asyncio.sleep(pause_s)
                    pause_s = min(0.1, pause_s * 1.5)
        except TimeoutError as error:
            raise Unavailable from error

    # ------------------------------------------------------------------ configuration and rebuild

    async def adopt_plan(self, center_id: CenterId) -> None:
        """Bring the plan in force to the engine, and to everybody who is signed in. Repeating it is harmless.

        Whoever waits keeps his place.
        """
        plan = (await self.plans.current(center_id, max_age_s=0)).plan
        config = await self.plans.config(center_id, plan)
        await self.call(center_id, lambda r: r.configure(center_id, config))
        for agent in (await self.call(center_id, lambda r: r.view(center_id))).agents:
            seat = seat_of(plan, agent.agent_id)
            if (agent.groups, agent.levels, agent.capacity) != (seat.groups, seat.levels, seat.capacity):
                await self.call(
                    center_id, partial(_reseat, center_id, agent.agent_id, agent.state, agent.reason, seat)
                )

    async def rebuild(
        self, center_id: CenterId, *, force: bool = False, first: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Restore queues, held work and presence from the database; `force` also replaces what is there.

        `first` is done once nothing can change any more, before the database is read. Source: reliability R7.
        """
        began_s = self._clock.monotonic_s()
        plan = (await self.plans.current(center_id, max_age_s=0)).plan
        config = await self.plans.config(center_id, plan)

        async def read() -> Snapshot:
            if first is not None:
                await first()
            agent_ids = await self._identity.agent_facts(center_id)
            return await snapshot(center_id, plan, config, agent_ids, self._clock.now_ms())

        if await self.routing.rebuild_from(center_id, config, read, force=force):
            took_s = round(self._clock.monotonic_s() - began_s, 3)
            log.info("routing.rebuilt", extra={"center": center_id, "seconds": took_s})

    async def remember_states(self, center_id: CenterId, presences: Iterable[AgentPresence]) -> None:
        """Keep which state each is in and since when; from there presence is rebuilt."""
        now = {p.agent_id: (p.state.value, p.reason or "") for p in presences}
        known = {r.agent_id: (r.state, r.reason) for r in await AgentStatus.filter(agent_id__in=list(now))}
        for agent_id, (state, reason) in now.items():
            if known.get(agent_id) != (state, reason):
                values = {"center_id": center_id, "state": state, "reason": reason}
                await AgentStatus.update_or_create(
                    agent_id=agent_id, defaults={**values, "since_ms": self._clock.now_ms()}
                )

    async def presence_view(self, center_id: CenterId, presence: AgentPresence) -> schemas.Presence:
        """An agent's presence for the faces; remembers since when he is in this state."""
        await self.remember_states(center_id, [presence])
        [view] = await self.presence_views(center_id, [presence])
        return view

    async def presence_views(
        self, center_id: CenterId, presences: Iterable[AgentPresence]
    ) -> list[schemas.Presence]:
        """Presences for the faces, in their order."""
        shown = list(presences)
        since_ms = {
            row.agent_id: row.since_ms
            for row in await AgentStatus.filter(agent_id__in=[p.agent_id for p in shown])
        }
        facts = await self._identity.agent_facts(center_id)
        return [
            schemas.Presence.model_validate(
                {
                    "agent": AgentRef(
                        id=p.agent_id, name=facts[p.agent_id].name if p.agent_id in facts else ""
                    ),
                    "state": "unstable" if p.is_unstable and p.state != "offline" else p.state.value,
                    "reason": p.reason or "",
                    "since_ms": since_ms.get(p.agent_id, 0),
                    "load": p.load,
                    "capacity": p.capacity,
                }
            )
            for p in shown
        ]


def _as_message(request: WorkRequest, cause: str) -> WorkRequest:
    changed = {"channel": Channel.MESSAGE, "cause": cause, "preferred": (), "needs_agent": False}
    return request.model_copy(update=changed)


async def _reseat(
    center_id: CenterId,
    agent_id: AgentId,
    state: AgentState,
    reason: str | None,
    seat: AgentPresence,
    routing: Routing,
) -> AgentPresence:
    return await routing.set_agent(
        center_id,
        agent_id,
        state,
        reason=reason,
        groups=seat.groups,
        levels=seat.levels,
        capacity=seat.capacity,
    )


def refusal_of_transfer(error: RoutingRefusal) -> WeccError:
    """Routing's refusal of a transfer in the conversation's words."""
    return TransferTargetUnavailable(code=error.code)


class TransferTargetUnavailable(WeccError):
    """The colleague or tier cannot take it; the conversation stays where it is."""

    code = "transfer.target_unavailable"
    status = 409
    sentence = "This colleague is not available right now. The conversation is still yours."
