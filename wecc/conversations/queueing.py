"""Conversations as routing's work: configured from identity, rebuilt from the database, followed into the log.

Redis decides in the moment; the log and the `work` table follow its outbox, in order, in one process a center
(the jobs process). Everything here may be repeated: the log drops what it has, and versions never go back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from wecc.conversations import protocol, schemas, views
from wecc.conversations.domain import SYSTEM, ConversationClosed, Draft, Kind, State
from wecc.conversations.models import AgentStatus, Conversation, Follower, Mark, Work
from wecc.conversations.writer import LogWriter
from wecc.identity import AgentRef, Identity
from wecc.infra.realtime.fanout import Fanout, agent_room, desk_room
from wecc.kernel.clock import Clock
from wecc.kernel.errors import NotFound, Unavailable, WeccError
from wecc.kernel.ids import AgentId, CenterId, WorkId
from wecc.routing import (
    AgentChange,
    AgentPresence,
    AgentState,
    Channel,
    NobodyHere,
    NotHeld,
    NotLoaded,
    NotWaiting,
    Outcome,
    Plans,
    Preferred,
    QueueFull,
    Reason,
    Rebuilding,
    Routing,
    RoutingPlan,
    RoutingRefusal,
    Snapshot,
    TargetPlan,
    Transition,
    UnknownWork,
    WorkItem,
    WorkRequest,
    WorkState,
    hours,
    seat_of,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

_LIVE = ("queued", "offered", "assigned", "wrap_up")
_REBUILD_PATIENCE_S = 10.0
_APPLIED_DEADLINE_S = 6.0
_LOST_AFTER_MS = 2_000
_OUTCOMES = 20_000
_RECENT = 300
_RUN_CHECK_S = 2.0


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
        writer: LogWriter,
        fanout: Fanout,
        clock: Clock,
    ) -> None:
        self.routing = routing
        self.plans = plans
        self._identity = identity
        self._writer = writer
        self._fanout = fanout
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

    async def enqueue(self, state: State) -> None:
        """Put a waiting conversation into its tier's queue; known ones stay as they are.

        The account manager and the agent of last time are asked first (2.3-06, 2.5-04). Outside opening hours,
        when nobody is there, or when the tier's share is used up (2.3-21, 2.3-23), it is queued as a message,
        to be answered later. Source: 2.4.3-04.
        """
        center_id = CenterId(state.center_id)
        work = await Work.get(id=state.id)
        plan = (await self.plans.current(center_id)).plan
        request = WorkRequest(
            work_id=WorkId(state.id),
            tier=state.tier,
            channel=Channel(work.channel),
            since_ms=work.since_ms,
            version=work.version,
            preferred=await self._preferred(state, plan),
            needs_agent=True,
        )
        opening_hours = plan.hours_of(state.tier)
        if opening_hours is not None and not hours.is_open(opening_hours, self._clock.now_ms()):
            request = _as_message(request, "closed")
        try:
            await self.call(center_id, lambda r: r.enqueue(center_id, request))
        except (NobodyHere, QueueFull) as error:
            message = _as_message(request, "nobody" if isinstance(error, NobodyHere) else "full")
            await self.call(center_id, lambda r: r.enqueue(center_id, message))

    async def _preferred(self, state: State, plan: RoutingPlan) -> tuple[Preferred, ...]:
        tier = plan.tier(state.tier)
        if tier is None:
            return ()
        preferred = []
        if tier.manager_wait_s and (manager := await self._identity.account_manager_of(state.visitor_id)):
            preferred.append(Preferred(agent_id=AgentId(manager), wait_s=tier.manager_wait_s))
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
        seat = seat_of((await self.plans.current(center_id)).plan, agent_id)
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
            live = Work.filter(id=work_id, state__in=_LIVE)
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
        plan = (await self.plans.current(center_id)).plan
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

        async def read() -> Snapshot:
            if first is not None:
                await first()
            return await self._snapshot(center_id)

        if await self.routing.rebuild_from(center_id, await self.plans.config(center_id), read, force=force):
            took_s = round(self._clock.monotonic_s() - began_s, 3)
            log.info("routing.rebuilt", extra={"center": center_id, "seconds": took_s})

    async def _snapshot(self, center_id: CenterId) -> Snapshot:
        works = await Work.filter(center_id=center_id, state__in=_LIVE).order_by("since_ms", "id")
        closed = await Conversation.filter(
            id__in=[w.id for w in works if w.state != "wrap_up"], status="closed"
        ).values_list("id", flat=True)
        over = {str(i) for i in closed}
        facts = await self._identity.agent_facts(center_id)
        plan = (await self.plans.current(center_id)).plan
        agents = [
            seat_of(plan, row.agent_id).model_copy(
                update={"state": AgentState(row.state), "reason": row.reason or None}
            )
            for row in await AgentStatus.filter(center_id=center_id)
            if row.agent_id in facts
        ]
        known = {a.agent_id for a in agents}
        items = []
        for w in works:
            if w.id in over:
                continue
            item = _work_item(w)
            if item.agent_id is not None and item.agent_id not in known:
                item = item.model_copy(
                    update={"state": WorkState.QUEUED, "agent_id": None, "deadline_ms": None}
                )
            items.append(item)
        return Snapshot(tuple(items), tuple(agents), tuple(await self._outcomes(center_id)))

    async def _outcomes(self, center_id: CenterId) -> list[Outcome]:
        """Who was answered in time within the longest window, so that answer rates survive a flush."""
        plan = (await self.plans.current(center_id)).plan
        targets = {(tier.code, str(t.channel)): t for tier in plan.tiers for t in tier.targets}
        outcomes = []
        for work in await self._recent(center_id, targets.values()):
            target = targets.get((work.tier, work.channel))
            if target is None or (work.assigned_ms is None and work.state != "abandoned"):
                continue
            end_ms = work.assigned_ms or work.at_ms
            is_hit = work.assigned_ms is not None and end_ms - work.since_ms <= target.threshold_s * 1000
            channel = Channel(work.channel)
            outcomes.append(Outcome(tier=work.tier, channel=channel, at_ms=end_ms, is_hit=is_hit))
        return outcomes

    async def _recent(self, center_id: CenterId, targets: Iterable[TargetPlan]) -> list[Work]:
        """Work that changed within its channel's longest window, and is not waiting."""
        windows: dict[str, int] = {}
        for target in targets:
            windows[target.channel] = max(windows.get(target.channel, 0), target.window_min)
        rows: list[Work] = []
        for channel, window_min in windows.items():
            since_ms = self._clock.now_ms() - window_min * 60_000
            recent = Work.filter(center_id=center_id, channel=channel, at_ms__gt=since_ms)
            newest = recent.exclude(state__in=["queued", "offered"]).order_by("-at_ms")
            rows.extend(await newest.limit(_OUTCOMES))
        return rows

    # ------------------------------------------------------------------ following the outbox

    async def follow(self, center_id: CenterId) -> None:
        """Apply the outbox of a center; only one process does at a time. Returns when Redis is another one
        than before, to be started again."""
        row, _ = await Follower.get_or_create(center_id=center_id, defaults={"entry_id": "0"})
        run = await self.routing.redis_run()
        if run != row.redis_run:
            if row.redis_run:
                # A restarted Redis may have lost its last second, which we have followed already. What it
                # still tells is followed first, so that the database is not behind it.
                await self.rebuild(center_id, force=True, first=lambda: self._follow_rest(center_id))
            await Follower.filter(center_id=center_id).update(redis_run=run)
        checked_s = self._clock.monotonic_s()
        while True:
            await self._follow_some(center_id, block_ms=1000)
            # A quick restart or a fail-over may hide behind a reconnect.
            if self._clock.monotonic_s() - checked_s > _RUN_CHECK_S:
                if await self.routing.redis_run() != run:
                    return
                checked_s = self._clock.monotonic_s()

    async def _follow_rest(self, center_id: CenterId) -> None:
        while await self._follow_some(center_id, block_ms=0):
            pass

    async def _follow_some(self, center_id: CenterId, block_ms: int) -> bool:
        """Apply what the outbox holds beyond the stored place; False when there is nothing."""
        after = (await Follower.get(center_id=center_id)).entry_id
        events = await self.routing.follow(center_id, after, block_ms=block_ms)
        if not events:
            return False
        presences: dict[str, AgentPresence] = {}
        for entry in events:
            if isinstance(entry, Transition):
                await self._apply(entry.work)
            elif isinstance(entry, AgentChange):
                presences[entry.agent.agent_id] = entry.agent
        for presence in presences.values():
            await self._presence(center_id, presence)
        await Follower.filter(center_id=center_id).update(entry_id=events[-1].entry_id)
        return True

    async def reconcile(self, center_id: CenterId) -> None:
        """Mend what a killed process left half done: waiting work routing never heard of, closed work it still
        holds. Called every few seconds; cost grows with the work in flight."""
        now_ms = self._clock.now_ms()
        unheard = Work.filter(
            center_id=center_id, state="queued", version=0, at_ms__lt=now_ms - _LOST_AFTER_MS
        )
        for work in await unheard.limit(200):
            row = await Conversation.get_or_none(id=work.id)
            if row is not None and row.status == "waiting":
                await self.enqueue(State.decode(row.state))
            elif row is not None:
                await Work.filter(id=work.id, version=0).update(state="abandoned")
        held = Work.filter(center_id=center_id, state__in=("queued", "offered", "assigned"))
        ids = await held.limit(5000).values_list("id", flat=True)
        for row in await Conversation.filter(id__in=list(ids), status="closed").limit(200):
            await self.settle(State.decode(row.state))

    async def _apply(self, item: WorkItem) -> None:
        before = await Work.get_or_none(id=item.work_id)
        if before is None or before.version >= item.version:
            return
        row = await Conversation.get(id=item.work_id)
        state = State.decode(row.state)
        if before.state == "offered" and before.agent_id and item.state is not WorkState.OFFERED:
            self._withdraw(before, item)
        drafts = await self._drafts(state, before, item)
        if drafts:
            try:
                state = (await self._writer.append(*drafts))[-1].state
            except ConversationClosed:
                log.info("routing.after_close", extra={"conversation": item.work_id, "state": item.state})
        await Work.filter(id=item.work_id, version__lt=item.version).update(
            tier=item.tier,
            channel=item.channel.value,
            state=item.state.value,
            version=item.version,
            since_ms=item.since_ms,
            at_ms=item.at_ms,
            agent_id=item.agent_id,
            only_agent=item.only_agent,
            deadline_ms=item.deadline_ms,
            assigned_ms=item.assigned_ms,
            reason=item.reason.model_dump_json() if item.reason else None,
        )
        if item.state is WorkState.OFFERED and item.agent_id is not None and item.deadline_ms is not None:
            offer = offer_view(
                item, views.summary(state, views.marks(await Mark.get_or_none(conversation_id=state.id)))
            )
            self._fanout.send(agent_room(item.agent_id), protocol.OFFER_MADE, schemas.OfferMade(offer=offer))

    def _withdraw(self, before: Work, item: WorkItem) -> None:
        cause = {WorkState.ASSIGNED: "accepted", WorkState.ABANDONED: "abandoned"}.get(item.state, item.cause)
        if item.state is WorkState.ASSIGNED and item.agent_id != before.agent_id:
            cause = "reassigned"
        gone = schemas.OfferWithdrawn(conversation_id=before.id, version=before.version, cause=cause)
        self._fanout.send(agent_room(str(before.agent_id)), protocol.OFFER_WITHDRAWN, gone)

    async def _drafts(self, state: State, before: Work, item: WorkItem) -> list[Draft]:
        """What the log says of a transition; offers and their returns are routing's own business."""

        def draft(kind: Kind, body: dict[str, Any]) -> Draft:
            token = f"work:{item.version}:{kind}"
            return Draft(state.id, SYSTEM, kind, body, token, item.at_ms)

        queued = {
            "tier": item.tier,
            "cause": item.cause,
            "since_ms": item.since_ms,
            "channel": item.channel.value,
            "opens_ms": None,
        }
        match item.state:
            case WorkState.QUEUED if state.status == "active":
                agent = {"id": state.agent_id, "name": state.agent_name}
                if item.cause == "transferred":
                    to = await self._agent_ref(state, item.only_agent)
                    tier = None if to else item.tier
                    moved = {"by": agent, "to_agent": to.model_dump() if to else None, "to_tier": tier}
                    return [draft(Kind.TRANSFERRED, moved), draft(Kind.QUEUED, queued)]
                return [draft(Kind.LEFT, {"agent": agent, "cause": item.cause}), draft(Kind.QUEUED, queued)]
            case WorkState.QUEUED if before.version == 0 or (state.tier, before.channel) != (
                item.tier,
                item.channel,
            ):
                if item.cause == "closed":
                    queued["opens_ms"] = await self._opens_ms(state)
                elif item.cause == "converted":
                    queued["cause"] = "chosen"
                return [draft(Kind.QUEUED, queued)]
            case WorkState.ASSIGNED:
                agent_view = await self._agent_ref(state, item.agent_id)
                agent = agent_view.model_dump() if agent_view else {"id": str(item.agent_id), "name": ""}
                drafts = [draft(Kind.JOINED, {"agent": agent})]
                if item.reason is not None:
                    drafts.append(
                        draft(Kind.ROUTED, {"agent": agent, "reason": _reason(item.reason).model_dump()})
                    )
                return drafts
            case WorkState.WRAP_UP:
                agent = {"id": state.agent_id, "name": state.agent_name}
                wrap_up = draft(
                    Kind.WRAP_UP_STARTED, {"agent": agent, "until_ms": item.deadline_ms or item.at_ms}
                )
                if state.status == "closed":
                    return [wrap_up]
                return [draft(Kind.CLOSED, {"cause": "agent"}), wrap_up]
            case WorkState.CLOSED if state.is_wrap_up or before.state == "wrap_up":
                return [
                    draft(Kind.WRAP_UP_ENDED, {"agent": {"id": state.agent_id, "name": state.agent_name}})
                ]
            case WorkState.CLOSED | WorkState.ABANDONED if state.status != "closed":
                cause = "abandoned" if item.state is WorkState.ABANDONED else "system"
                return [draft(Kind.CLOSED, {"cause": cause})]
        return []

    async def _opens_ms(self, state: State) -> int | None:
        # Another process saw that it is closed, perhaps by a plan saved just now.
        plan = (await self.plans.current(CenterId(state.center_id), max_age_s=0)).plan
        opening_hours = plan.hours_of(state.tier)
        return hours.next_opening_ms(opening_hours, self._clock.now_ms()) if opening_hours else None

    async def _agent_ref(self, state: State, agent_id: str | None) -> AgentRef | None:
        if agent_id is None:
            return None
        facts = (await self._identity.agent_facts(CenterId(state.center_id))).get(agent_id)
        return AgentRef(id=agent_id, name=facts.name if facts else "")

    async def _presence(self, center_id: CenterId, presence: AgentPresence) -> None:
        shown = await self.presence_view(center_id, presence)
        notice = schemas.PresenceChanged(presence=shown)
        self._fanout.send(desk_room(center_id), protocol.PRESENCE_CHANGED, notice)

    async def presence_view(self, center_id: CenterId, presence: AgentPresence) -> schemas.Presence:
        """An agent's presence for the faces; remembers since when he is in this state."""
        agent_id, reason = presence.agent_id, presence.reason or ""
        row = await AgentStatus.get_or_none(agent_id=agent_id)
        if row is None or (row.state, row.reason) != (presence.state.value, reason):
            values = {"center_id": center_id, "state": presence.state.value, "reason": reason}
            row, _ = await AgentStatus.update_or_create(
                agent_id=agent_id, defaults={**values, "since_ms": self._clock.now_ms()}
            )
        facts = (await self._identity.agent_facts(center_id)).get(agent_id)
        return schemas.Presence.model_validate(
            {
                "agent": AgentRef(id=agent_id, name=facts.name if facts else ""),
                "state": "unstable" if presence.is_unstable and row.state != "offline" else row.state,
                "reason": row.reason,
                "since_ms": row.since_ms,
                "load": presence.load,
                "capacity": presence.capacity,
            }
        )


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


def offer_view(item: WorkItem, summary: schemas.ConversationSummary) -> schemas.Offer:
    return schemas.Offer(
        conversation=summary,
        version=item.version,
        deadline_ms=item.deadline_ms or item.at_ms,
        offered_ms=item.at_ms,
        reason=_reason(item.reason) if item.reason else None,
    )


def _reason(reason: Reason) -> schemas.Reason:
    shown = {name for name in schemas.Reason.model_fields if name != "candidates"}
    seen = set(schemas.Candidate.model_fields)
    dumped = reason.model_dump(
        mode="json", include={**dict.fromkeys(shown, True), "candidates": {"__all__": seen}}
    )
    return schemas.Reason.model_validate(dumped | {"candidates": list(dumped["candidates"])})


def _work_item(row: Work) -> WorkItem:
    return WorkItem(
        work_id=WorkId(row.id),
        state=WorkState(row.state),
        tier=row.tier,
        channel=Channel(row.channel),
        version=row.version,
        since_ms=row.since_ms,
        at_ms=row.at_ms,
        agent_id=AgentId(row.agent_id) if row.agent_id else None,
        only_agent=AgentId(row.only_agent) if row.only_agent else None,
        deadline_ms=row.deadline_ms,
        assigned_ms=row.assigned_ms,
        reason=Reason.model_validate_json(row.reason) if row.reason else None,
    )


def refusal_of_transfer(error: RoutingRefusal) -> WeccError:
    """Routing's refusal of a transfer in the conversation's words."""
    return TransferTargetUnavailable(code=error.code)


class TransferTargetUnavailable(WeccError):
    """The colleague or tier cannot take it; the conversation stays where it is."""

    code = "transfer.target_unavailable"
    status = 409
    sentence = "This colleague is not available right now. The conversation is still yours."
