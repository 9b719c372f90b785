"""The console's lists and an agent's place at the desk: what is open, who is here, who is ready."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from tortoise.expressions import Q

from wecc.conversations import schemas, searching, views
from wecc.conversations.access import Access
from wecc.conversations.canned_replies import CannedReplies
from wecc.conversations.models import AgentStatus, Conversation, Work
from wecc.conversations.queueing import Queueing
from wecc.identity import AgentRef, Identity, TierView
from wecc.kernel.actor import Actor, Role
from wecc.kernel.clock import Clock
from wecc.kernel.errors import WeccError
from wecc.kernel.ids import AgentId, CenterId, WorkId
from wecc.routing import AgentPresence, AgentState, Routing, UnknownWork, WorkItem, WorkState

_LISTED = 500


class Desk:
    """Use cases of an agent's desk."""

    def __init__(
        self, identity: Identity, queueing: Queueing, access: Access, canned: CannedReplies, clock: Clock
    ) -> None:
        self._identity = identity
        self._queueing = queueing
        self._access = access
        self._canned = canned
        self._clock = clock

    async def open(self, actor: Actor) -> schemas.Desk:
        """All a console needs to start or to resume."""
        center_id = actor.center_id
        presences = await self._presences(center_id)
        mine = presences.get(actor.id) or await self._queueing.presence_view(
            center_id, AgentPresence(agent_id=AgentId(actor.id), state=AgentState.OFFLINE)
        )
        served = await self._access.served_tiers(actor)
        visible = Q(agent_id=actor.id, status="active") | Q(status="waiting", tier__in=list(served))
        if actor.has_role(Role.SUPERVISOR):
            visible = Q(status__in=["waiting", "active"])
        wrapping = await Work.filter(agent_id=actor.id, state="wrap_up").values_list("id", flat=True)
        visible |= Q(id__in=[str(i) for i in wrapping])
        rows = await Conversation.filter(visible, center_id=center_id).order_by("changed_ms").limit(_LISTED)
        offers = []
        for work in await Work.filter(center_id=center_id, agent_id=actor.id, state="offered"):
            row = await Conversation.get(id=work.id)
            # Redis may have been rebuilt without it, because it is over.
            with suppress(UnknownWork):
                item = await self._queueing.call(center_id, partial(_look, center_id, WorkId(work.id)))
                if item.state is WorkState.OFFERED and item.agent_id == actor.id:
                    offers.append(views.offer(item, (await views.summaries([row]))[0]))
        return schemas.Desk.model_validate(
            {
                "me": AgentRef(id=actor.id, name=actor.name),
                "role": actor.role.value,
                "center_id": center_id,
                "presence": mine,
                "offers": offers,
                "conversations": await views.summaries(rows),
                "tiers": await self._tiers(center_id),
                "colleagues": [p for i, p in presences.items() if i != actor.id],
                "canned_replies": await self._canned.all(actor),
                "now_ms": self._clock.now_ms(),
            }
        )

    async def list_conversations(
        self, actor: Actor, cmd: schemas.ListConversations
    ) -> schemas.ConversationList:
        """Conversations the agent may see, newest first; searched by name and by what was said."""
        wanted = {
            "mine": Q(agent_id=actor.id, status="active"),
            "waiting": Q(status="waiting"),
            "open": Q(status__in=["waiting", "active"]),
            "closed": Q(status="closed"),
        }[cmd.scope]
        visible = Q()
        if not actor.has_role(Role.SUPERVISOR):
            served = list(await self._access.served_tiers(actor))
            visible = Q(agent_id=actor.id) | Q(status="waiting", tier__in=served)
        found = Conversation.filter(wanted & visible, center_id=actor.center_id)
        rows, read_on = await searching.find(found, cmd)
        return schemas.ConversationList(conversations=await views.summaries(rows), read_on=read_on)

    async def set_presence(self, actor: Actor, cmd: schemas.SetPresence) -> schemas.Presence:
        """Be ready, pause with a reason, or leave."""
        presence = await self._queueing.set_presence(
            actor.center_id, AgentId(actor.id), AgentState(cmd.state), cmd.reason
        )
        return await self._queueing.presence_view(actor.center_id, presence)

    async def leave(self, actor: Actor) -> None:
        """The agent has signed out everywhere: his conversations go back to the front of their queues."""
        # When Redis is away, his heartbeats end and he is gone a little later.
        with suppress(WeccError):
            await self.set_presence(actor, schemas.SetPresence(state="offline"))

    async def beat(self, actor: Actor) -> None:
        """The agent's console lives. Should routing not know him, he is as he last chose to be."""
        center_id, agent_id = actor.center_id, AgentId(actor.id)
        strangers = await self._queueing.call(center_id, lambda r: r.heartbeat(center_id, [agent_id]))
        chosen = await AgentStatus.get_or_none(agent_id=actor.id) if strangers else None
        if chosen is not None and chosen.state != AgentState.OFFLINE.value:
            state = {"state": chosen.state, "reason": chosen.reason}
            await self.set_presence(actor, schemas.SetPresence.model_validate(state))

    async def _tiers(self, center_id: CenterId) -> list[TierView]:
        """The center's tiers, highest first, with the promise to those who chat."""
        plan = (await self._queueing.plans.current(center_id)).plan
        views = []
        for rule in (await self._identity.tiers(center_id)).values():
            tier = plan.tier(rule.code)
            target = next((t for t in tier.targets if t.channel == "chat"), None) if tier else None
            if tier is not None and target is not None:
                views.append(
                    TierView(
                        code=rule.code,
                        name_zh=rule.name_zh,
                        name_en=rule.name_en,
                        rank=rule.rank,
                        is_subordinate=tier.is_subordinate,
                        chat_threshold_s=target.threshold_s,
                        chat_target_percent=target.target_percent,
                    )
                )
        return views

    async def _presences(self, center_id: CenterId) -> dict[str, schemas.Presence]:
        """Every enabled agent's presence; when Redis is away, the last the database knows."""
        facts = await self._identity.agent_facts(center_id)
        try:
            view = await self._queueing.call(center_id, lambda r: r.view(center_id))
            live = {a.agent_id: a for a in view.agents}
        except WeccError:
            live = {}
        since = {r.agent_id: r for r in await AgentStatus.filter(center_id=center_id)}
        plan = (await self._queueing.plans.current(center_id)).plan
        capacities = {member.agent_id: member.capacity for member in plan.members}
        shown = {}
        for agent_id, fact in facts.items():
            presence, row = live.get(AgentId(agent_id)), since.get(agent_id)
            state = presence.state.value if presence else "offline"
            is_unstable = presence is not None and presence.is_unstable and state != "offline"
            shown[agent_id] = schemas.Presence.model_validate(
                {
                    "agent": AgentRef(id=fact.id, name=fact.name),
                    "state": "unstable" if is_unstable else state,
                    "reason": (presence.reason or "") if presence else "",
                    "since_ms": row.since_ms if row else 0,
                    "load": presence.load if presence else 0,
                    "capacity": capacities.get(agent_id, 0),
                }
            )
        return shown


async def _look(center_id: CenterId, work_id: WorkId, routing: Routing) -> WorkItem:
    return await routing.work(center_id, work_id)
