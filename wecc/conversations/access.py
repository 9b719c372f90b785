"""Who may see which conversation: the one way to reach one."""

from __future__ import annotations

from wecc.conversations.domain import State, UnknownConversation
from wecc.conversations.models import Conversation, Work
from wecc.identity import Identity
from wecc.kernel.actor import Actor, Role
from wecc.routing import Plans


class Access:
    """Finds conversations for an actor, or nothing."""

    def __init__(self, identity: Identity, plans: Plans) -> None:
        self._identity = identity
        self._plans = plans

    async def conversation(self, actor: Actor, conversation_id: str) -> State:
        """The conversation, when this actor may read it; the only way to one.

        A visitor: his own; a customer also those from his other devices. An agent: one he serves or served;
        waiting in a tier he serves; or of a customer he is serving. A supervisor: all of the center. Raises:
        NotFound, the same for what does not exist and what is another's.
        """
        row = await Conversation.get_or_none(id=conversation_id, center_id=actor.center_id)
        if row is None or not await self._may_read(actor, row):
            raise UnknownConversation
        return State.decode(row.state)

    async def _may_read(self, actor: Actor, row: Conversation) -> bool:
        if actor.is_visitor:
            return row.visitor_id == actor.id or (
                row.customer_id != "" and row.visitor_id in await self._identity.same_person(actor.id)
            )
        if actor.has_role(Role.SUPERVISOR) or actor.id in State.decode(row.state).served_by:
            return True
        if row.status == "waiting" and row.tier in await self.served_tiers(actor):
            return True
        if await Work.filter(id=row.id, agent_id=actor.id, state__in=["offered", "wrap_up"]).exists():
            return True
        person = await self._identity.same_person(row.visitor_id)
        return await Conversation.filter(agent_id=actor.id, visitor_id__in=person).exists()

    async def served_tiers(self, actor: Actor) -> set[str]:
        """Tiers the agent serves, by the plan in force. Source: 2.4.1-04."""
        return (await self._plans.current(actor.center_id)).plan.served_tiers(actor.id)
