"""Who may do what in the knowledge base. Source: 3.2.2-13.

Editors and reviewers are named by the administrators, who may do everything; supervisors see everything; other
agents are readers.
"""

from __future__ import annotations

from wecc.identity import Identity
from wecc.kernel.actor import Actor, ActorKind, Role
from wecc.kernel.errors import Forbidden
from wecc.kernel.ids import CenterId
from wecc.knowledge.models import KnowledgeStaff
from wecc.knowledge.schemas import KnowledgeRights


class Rights:
    """Each check raises Forbidden. What the system does by itself was allowed to whoever set it up."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def of(self, actor: Actor) -> KnowledgeRights:
        is_administrator = actor.has_role(Role.ADMINISTRATOR) or actor.kind is ActorKind.SYSTEM
        if is_administrator or not actor.is_agent:
            return KnowledgeRights(
                is_editor=is_administrator, is_reviewer=is_administrator, is_administrator=is_administrator
            )
        row = await KnowledgeStaff.get_or_none(agent_id=actor.id, center_id=actor.center_id)
        return KnowledgeRights(
            is_editor=row is not None and row.is_editor,
            is_reviewer=row is not None and row.is_reviewer,
            is_administrator=False,
        )

    async def editor(self, actor: Actor) -> None:
        """He may write."""
        if not (await self.of(actor)).is_editor:
            raise Forbidden

    async def reviewer(self, actor: Actor) -> None:
        """He may give opinions, where he is asked."""
        if not (await self.of(actor)).is_reviewer:
            raise Forbidden

    async def publisher(self, actor: Actor) -> None:
        """He may publish what is approved, and withdraw: who writes or reviews."""
        rights = await self.of(actor)
        if not (rights.is_editor or rights.is_reviewer):
            raise Forbidden

    async def administrator(self, actor: Actor) -> None:
        """He may set targets, staff and words, and purge."""
        if not (await self.of(actor)).is_administrator:
            raise Forbidden

    async def viewer(self, actor: Actor) -> None:
        """He may see the desk."""
        if not actor.has_role(Role.SUPERVISOR):
            await self.publisher(actor)

    async def auditor(self, actor: Actor) -> None:
        """He may read the log."""
        if not actor.has_role(Role.SUPERVISOR):
            raise Forbidden

    async def reviewers(self, center_id: CenterId) -> set[str]:
        """The ids of all who may give opinions."""
        facts = await self._identity.agent_facts(center_id)
        rows = await KnowledgeStaff.filter(center_id=center_id, is_reviewer=True)
        named = {row.agent_id for row in rows}
        return {i for i, agent in facts.items() if i in named or agent.role is Role.ADMINISTRATOR}
