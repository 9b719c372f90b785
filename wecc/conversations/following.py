"""The log and the `work` table follow routing's outbox, in order, in one process a center (the jobs process).

Everything here may be repeated: the log drops what it has, and versions never go back.
"""

from __future__ import annotations

import logging
from typing import Any

from wecc.conversations import protocol, schemas, views
from wecc.conversations.domain import SYSTEM, ConversationClosed, Draft, Kind, State
from wecc.conversations.models import Conversation, Follower, Mark, Work
from wecc.conversations.queueing import Queueing
from wecc.conversations.writer import LogWriter
from wecc.identity import AgentRef, Identity
from wecc.infra.realtime.fanout import Fanout, agent_room, desk_room
from wecc.kernel.clock import Clock
from wecc.kernel.ids import CenterId
from wecc.routing import AgentChange, AgentPresence, Transition, WorkItem, WorkState, hours

log = logging.getLogger(__name__)

_LOST_AFTER_MS = 2_000
_RUN_CHECK_S = 2.0
_TOLD_EVERY_S = 0.5


class Following:
    """Brings what routing decided into the database, and to the consoles."""

    def __init__(
        self, queueing: Queueing, identity: Identity, writer: LogWriter, fanout: Fanout, clock: Clock
    ) -> None:
        self._queueing = queueing
        self._identity = identity
        self._writer = writer
        self._fanout = fanout
        self._clock = clock
        self._changed: dict[CenterId, dict[str, AgentPresence]] = {}
        self._told_s: dict[CenterId, float] = {}

    async def follow(self, center_id: CenterId) -> None:
        """Apply the outbox of a center; only one process does at a time. Returns when Redis is another one
        than before, to be started again."""
        row, _ = await Follower.get_or_create(center_id=center_id, defaults={"entry_id": "0"})
        run = await self._queueing.routing.redis_run()
        if run != row.redis_run:
            if row.redis_run:
                # A restarted Redis may have lost its last second, which we have followed already. What it
                # still tells is followed first, so that the database is not behind it.
                await self._queueing.rebuild(
                    center_id, force=True, first=lambda: self._follow_rest(center_id)
                )
            await Follower.filter(center_id=center_id).update(redis_run=run)
        checked_s = self._clock.monotonic_s()
        while True:
            await self._follow_some(center_id, block_ms=250 if self._changed.get(center_id) else 1000)
            # A quick restart or a fail-over may hide behind a reconnect.
            if self._clock.monotonic_s() - checked_s > _RUN_CHECK_S:
                if await self._queueing.routing.redis_run() != run:
                    return
                checked_s = self._clock.monotonic_s()

    async def _follow_rest(self, center_id: CenterId) -> None:
        while await self._follow_some(center_id, block_ms=0):
            pass

    async def _follow_some(self, center_id: CenterId, block_ms: int) -> bool:
        """Apply what the outbox holds beyond the stored place; False when there is nothing."""
        after = (await Follower.get(center_id=center_id)).entry_id
        events = await self._queueing.routing.follow(center_id, after, block_ms=block_ms)
        if not events:
            await self._tell_presences(center_id)
            return False
        presences: dict[str, AgentPresence] = {}
        for entry in events:
            if isinstance(entry, Transition):
                await self._apply(entry.work)
            elif isinstance(entry, AgentChange):
                presences[entry.agent.agent_id] = entry.agent
        await self._queueing.remember_states(center_id, presences.values())
        self._changed.setdefault(center_id, {}).update(presences)
        await Follower.filter(center_id=center_id).update(entry_id=events[-1].entry_id)
        await self._tell_presences(center_id)
        return True

    async def _tell_presences(self, center_id: CenterId) -> None:
        """Together, twice a second at most: every console hears of every agent's load."""
        changed, now_s = self._changed.get(center_id), self._clock.monotonic_s()
        if changed and now_s - self._told_s.get(center_id, -_TOLD_EVERY_S) >= _TOLD_EVERY_S:
            self._changed[center_id], self._told_s[center_id] = {}, now_s
            shown = await self._queueing.presence_views(center_id, changed.values())
            self._fanout.send(
                desk_room(center_id), protocol.PRESENCE_CHANGED, schemas.PresenceChanged(presences=shown)
            )

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
                await self._queueing.enqueue(State.decode(row.state))
            elif row is not None:
                await Work.filter(id=work.id, version=0).update(state="abandoned")
        held = Work.filter(center_id=center_id, state__in=("queued", "offered", "assigned"))
        ids = await held.limit(5000).values_list("id", flat=True)
        for row in await Conversation.filter(id__in=list(ids), status="closed").limit(200):
            await self._queueing.settle(State.decode(row.state))

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
            is_expedited=item.is_expedited,
            reason=item.reason.model_dump_json() if item.reason else None,
        )
        if item.state is WorkState.OFFERED and item.agent_id is not None and item.deadline_ms is not None:
            offer = views.offer(
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
                        draft(Kind.ROUTED, {"agent": agent, "reason": views.reason(item.reason).model_dump()})
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
        plan = (await self._queueing.plans.current(CenterId(state.center_id), max_age_s=0)).plan
        opening_hours = plan.hours_of(state.tier)
        return hours.next_opening_ms(opening_hours, self._clock.now_ms()) if opening_hours else None

    async def _agent_ref(self, state: State, agent_id: str | None) -> AgentRef | None:
        if agent_id is None:
            return None
        facts = (await self._identity.agent_facts(CenterId(state.center_id))).get(agent_id)
        return AgentRef(id=agent_id, name=facts.name if facts else "")
