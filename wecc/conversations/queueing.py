"""Conversations as routing's work: configured from identity, rebuilt from the database, followed into the log.

Redis decides in the moment; the log and the `work` table follow its outbox, in order, in one process a center
(the jobs process). Everything here may be repeated: the log drops what it has, and versions never go back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson

from wecc.conversations import protocol, schemas, views
from wecc.conversations.domain import SYSTEM, ConversationClosed, Draft, Kind, State
from wecc.conversations.models import AgentStatus, Conversation, Follower, Mark, Work
from wecc.conversations.writer import LogWriter
from wecc.identity import AgentRef, Identity
from wecc.infra.realtime.fanout import Fanout, agent_room, desk_room
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Unavailable, WeccError
from wecc.kernel.ids import AgentId, CenterId, WorkId
from wecc.routing import (
    AgentChange,
    AgentPresence,
    AgentState,
    Channel,
    GroupConfig,
    NotHeld,
    NotLoaded,
    NotWaiting,
    Outcome,
    Policy,
    Reason,
    Rebuilding,
    Routing,
    RoutingConfig,
    RoutingRefusal,
    Snapshot,
    Target,
    TierConfig,
    Transition,
    UnknownWork,
    WorkItem,
    WorkRequest,
    WorkState,
)
from wecc.settings import Routing as RoutingSettings

log = logging.getLogger(__name__)

T = TypeVar("T")

_LIVE = ("queued", "offered", "assigned", "wrap_up")
_REBUILD_PATIENCE_S = 10.0
_APPLIED_DEADLINE_S = 6.0
_LOST_AFTER_MS = 2_000
_OUTCOMES = 20_000
_RUN_CHECK_S = 2.0


class Queueing:
    """Routing's face for conversations."""

    def __init__(
        self,
        routing: Routing,
        identity: Identity,
        writer: LogWriter,
        fanout: Fanout,
        clock: Clock,
        rules: RoutingSettings,
    ) -> None:
        self.routing = routing
        self._identity = identity
        self._writer = writer
        self._fanout = fanout
        self._clock = clock
        self._rules = rules

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
                    except Rebuilding:
                        await asyncio.sleep(0.1)
                    except NotLoaded:
                        await self.rebuild(center_id)
        except TimeoutError as error:
            raise Unavailable from error

    async def enqueue(self, state: State) -> None:
        """Put a waiting conversation into its tier's queue; known ones stay as they are. Source: 2.4.3-04."""
        work = await Work.get(id=state.id)
        request = WorkRequest(
            work_id=WorkId(state.id),
            tier=state.tier,
            channel=Channel(state.channel),
            since_ms=work.since_ms,
            version=work.version,
        )
        await self.call(
            CenterId(state.center_id), lambda routing: routing.enqueue(CenterId(state.center_id), request)
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
        except (NotWaiting, NotHeld, UnknownWork):
            # It moved on between the look and the act; `reconcile` looks again.
            return

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

    async def config(self, center_id: CenterId) -> RoutingConfig:
        tiers = await self._identity.tiers(center_id)
        highest = max((t.rank for t in tiers.values()), default=0)
        rules = self._rules
        return RoutingConfig(
            tiers=tuple(
                TierConfig(
                    code=t.code,
                    rank=highest - t.rank + 1,
                    targets={
                        Channel.CHAT: Target(
                            target_pct=t.chat_target_percent,
                            threshold_s=t.chat_threshold_s,
                            window_min=t.window_min,
                        )
                    },
                    is_subordinate=t.is_subordinate,
                )
                for t in tiers.values()
            ),
            groups=tuple(
                GroupConfig(code=code, tiers=served)
                for code, served in (await self._identity.groups(center_id)).items()
            ),
            policy=Policy(rules.policy),
            offer_timeout_s=rules.offer_timeout_s,
            max_misses=rules.max_misses,
            wrap_up_s=rules.wrap_up_s,
            unstable_after_s=rules.unstable_after_s,
            gone_after_s=rules.gone_after_s,
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

        if await self.routing.rebuild_from(center_id, await self.config(center_id), read, force=force):
            took_s = round(self._clock.monotonic_s() - began_s, 3)
            log.info("routing.rebuilt", extra={"center": center_id, "seconds": took_s})

    async def _snapshot(self, center_id: CenterId) -> Snapshot:
        works = await Work.filter(center_id=center_id, state__in=_LIVE).order_by("since_ms", "id")
        closed = await Conversation.filter(
            id__in=[w.id for w in works if w.state != "wrap_up"], status="closed"
        ).values_list("id", flat=True)
        over = {str(i) for i in closed}
        facts = await self._identity.agent_facts(center_id)
        agents = [
            AgentPresence(
                agent_id=AgentId(row.agent_id),
                state=AgentState(row.state),
                reason=row.reason or None,
                groups=facts[row.agent_id].groups,
                capacity=facts[row.agent_id].capacity,
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
        tiers = await self._identity.tiers(center_id)
        longest_ms = max((t.window_min for t in tiers.values()), default=0) * 60_000
        recent = Work.filter(center_id=center_id, at_ms__gt=self._clock.now_ms() - longest_ms)
        outcomes = []
        for work in await recent.exclude(state__in=["queued", "offered"]).limit(_OUTCOMES):
            tier = tiers.get(work.tier)
            if tier is None or (work.assigned_ms is None and work.state != "abandoned"):
                continue
            end_ms = work.assigned_ms or work.at_ms
            is_hit = work.assigned_ms is not None and end_ms - work.since_ms <= tier.chat_threshold_s * 1000
            channel = Channel(work.channel)
            outcomes.append(Outcome(tier=work.tier, channel=channel, at_ms=end_ms, is_hit=is_hit))
        return outcomes

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

        queued = {"tier": item.tier, "cause": item.cause, "since_ms": item.since_ms}
        match item.state:
            case WorkState.QUEUED if state.status == "active":
                agent = {"id": state.agent_id, "name": state.agent_name}
                if item.cause == "transferred":
                    to = await self._agent_ref(state, item.only_agent)
                    tier = None if to else item.tier
                    moved = {"by": agent, "to_agent": to.model_dump() if to else None, "to_tier": tier}
                    return [draft(Kind.TRANSFERRED, moved), draft(Kind.QUEUED, queued)]
                return [draft(Kind.LEFT, {"agent": agent, "cause": item.cause}), draft(Kind.QUEUED, queued)]
            case WorkState.QUEUED if before.version == 0 or state.tier != item.tier:
                return [
                    draft(Kind.QUEUED, queued | {"cause": "asked" if before.version == 0 else item.cause})
                ]
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


def offer_view(item: WorkItem, summary: schemas.ConversationSummary) -> schemas.Offer:
    return schemas.Offer(
        conversation=summary,
        version=item.version,
        deadline_ms=item.deadline_ms or item.at_ms,
        offered_ms=item.at_ms,
        reason=_reason(item.reason) if item.reason else None,
    )


def _reason(reason: Reason) -> schemas.Reason:
    return schemas.Reason.model_validate(orjson.loads(reason.model_dump_json()))


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
