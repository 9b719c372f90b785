"""What supervisors do: see the floor, serve somebody out of turn, set agents' states, change the routing plan."""

from __future__ import annotations

from wecc.conversations import Conversations, Queueing
from wecc.conversations.schemas import OpenedConversation, Presence
from wecc.identity import AgentRef, Identity
from wecc.identity.protocol import RESYNC_NEEDED
from wecc.infra.realtime.fanout import Fanout, desk_room
from wecc.infra.wire import Nothing
from wecc.kernel.actor import Actor, Role
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Forbidden
from wecc.kernel.ids import AgentId, CenterId, WorkId
from wecc.routing import AgentState, SavedPlan
from wecc.security import audit
from wecc.supervision import advice, protocol, schemas
from wecc.supervision.changes import changed_paths
from wecc.supervision.floor import Floor

_VERSIONS_LISTED = 100
_USUAL_HANDLING_S = 300.0


class Supervision:
    """Use cases of supervisors and administrators; everybody else is refused. Source: 2.4.3, 2.4.1-03."""

    def __init__(
        self,
        floor: Floor,
        conversations: Conversations,
        queueing: Queueing,
        identity: Identity,
        fanout: Fanout,
        clock: Clock,
    ) -> None:
        self._floor = floor
        self._conversations = conversations
        self._queueing = queueing
        self._plans = queueing.plans
        self._identity = identity
        self._fanout = fanout
        self._clock = clock

    # ------------------------------------------------------------------ the floor

    async def floor(self, actor: Actor) -> schemas.Floor:
        require_supervisor(actor)
        return await self._floor.look(actor.center_id)

    async def history(self, actor: Actor, minutes: int) -> schemas.FloorHistory:
        require_supervisor(actor)
        return await self._floor.history(actor.center_id, minutes)

    async def expedite(self, actor: Actor, conversation_id: str) -> None:
        """Serve this one before all others of his queue. Raises: NotWaiting."""
        require_supervisor(actor)
        state = await self._conversations.find(actor, conversation_id)
        await self._queueing.call(
            actor.center_id, lambda r: r.expedite(actor.center_id, WorkId(conversation_id))
        )
        await audit(self._clock.now_ms(), actor, "work.expedited", state.id)

    async def assign(self, actor: Actor, cmd: schemas.AssignWork) -> OpenedConversation:
        """Give a waiting one to an agent by hand, past tiers and capacity.

        Raises: NotWaiting, AgentAway, UnknownAgent.
        """
        require_supervisor(actor)
        opened = await self._conversations.assign(actor, cmd.conversation_id, AgentId(cmd.agent_id))
        await audit(self._clock.now_ms(), actor, "work.assigned", cmd.conversation_id, agent=cmd.agent_id)
        return opened

    async def set_presence(self, actor: Actor, cmd: schemas.SetAgentPresence) -> Presence:
        """Set another agent's state. Raises: NotFound for who is not of this center."""
        require_supervisor(actor)
        presence = await self._queueing.set_presence(
            actor.center_id,
            AgentId(cmd.agent_id),
            AgentState(cmd.state),
            cmd.reason,
            when_done=cmd.when_done,
        )
        done = {"state": cmd.state, "reason": cmd.reason, "when_done": cmd.when_done}
        await audit(self._clock.now_ms(), actor, "agent.state_set", cmd.agent_id, **done)
        return await self._queueing.presence_view(actor.center_id, presence)

    # ------------------------------------------------------------------ the routing plan

    async def plan(self, actor: Actor) -> schemas.PlanView:
        require_supervisor(actor)
        return await self._view(actor.center_id, await self._plans.current(actor.center_id, max_age_s=0))

    async def plan_version(self, actor: Actor, version: int) -> schemas.PlanView:
        """Raises: NotFound."""
        require_supervisor(actor)
        return await self._view(actor.center_id, await self._plans.version(actor.center_id, version))

    async def plan_versions(self, actor: Actor) -> schemas.PlanVersionList:
        require_supervisor(actor)
        agents = await self._identity.agent_names(actor.center_id)
        rows = await self._plans.versions(actor.center_id, _VERSIONS_LISTED)
        return schemas.PlanVersionList(
            versions=[_version(row.version, row.saved_ms, row.saved_by, row.comment, agents) for row in rows]
        )

    async def check_plan(self, actor: Actor, cmd: schemas.CheckPlan) -> schemas.PlanCheck:
        """What is impossible, and what deserves a thought; changes nothing."""
        require_supervisor(actor)
        handling_s = await self._queueing.usual_handling_s(actor.center_id) or _USUAL_HANDLING_S
        return schemas.PlanCheck(
            problems=await self._plans.problems(actor.center_id, cmd.plan),
            groups=advice.group_advice(cmd.plan, handling_s),
            staffing=advice.staffing_curve(handling_s),
            handling_s=handling_s,
        )

    async def save_plan(self, actor: Actor, cmd: schemas.SavePlan) -> schemas.PlanView:
        """Put a plan in force; whoever waits keeps his place.

        Raises: PlanInvalid, PlanConflict; then nothing was changed.
        """
        require_supervisor(actor)
        center_id = actor.center_id
        before = await self._plans.current(center_id, max_age_s=0)
        saved = await self._plans.save(center_id, cmd.plan, cmd.version, actor.id, cmd.comment)
        paths = changed_paths(before.plan, saved.plan)
        await audit(saved.saved_ms, actor, "plan.saved", str(saved.version), changed=paths)
        await self._queueing.adopt_plan(center_id)
        view = await self._view(center_id, saved)
        self._fanout.send(desk_room(center_id), protocol.PLAN_CHANGED, view.version)
        # Who serves what may have changed: the consoles look again, and follow what is theirs now.
        self._fanout.send(desk_room(center_id), RESYNC_NEEDED, Nothing())
        return view

    async def _view(self, center_id: CenterId, saved: SavedPlan) -> schemas.PlanView:
        names = await self._identity.agent_names(center_id)
        facts = await self._identity.agent_facts(center_id)
        return schemas.PlanView(
            version=_version(saved.version, saved.saved_ms, saved.saved_by, saved.comment, names),
            plan=saved.plan,
            agents=[
                schemas.PlanAgent(agent=AgentRef(id=f.id, name=f.name), login=f.login) for f in facts.values()
            ],
        )


def require_supervisor(actor: Actor) -> None:
    """Raises: Forbidden."""
    if not actor.has_role(Role.SUPERVISOR):
        raise Forbidden


def _version(
    version: int, saved_ms: int, saved_by: str, comment: str, names: dict[str, str]
) -> schemas.PlanVersion:
    by = AgentRef(id=saved_by, name=names.get(saved_by, "")) if saved_by else None
    return schemas.PlanVersion(version=version, saved_ms=saved_ms, saved_by=by, comment=comment)
