"""Naming who writes and who reviews."""

from __future__ import annotations

from wecc.identity import AgentRef, Identity
from wecc.kernel.actor import Actor
from wecc.kernel.errors import NotFound
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import KnowledgeStaff
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import SetStaff, StaffList, StaffView


class Staff:
    """Use cases of the staff list."""

    def __init__(self, identity: Identity, rights: Rights, journal: Journal) -> None:
        self._identity = identity
        self._rights = rights
        self._journal = journal

    async def all(self, actor: Actor) -> StaffList:
        """Every enabled agent and what he is here. Raises: Forbidden."""
        await self._rights.viewer(actor)
        rows = {row.agent_id: row for row in await KnowledgeStaff.filter(center_id=actor.center_id)}
        agents = (await self._identity.agent_facts(actor.center_id)).values()
        return StaffList(
            staff=[
                StaffView(
                    agent=AgentRef(id=agent.id, name=agent.name),
                    role=agent.role.value,
                    is_editor=agent.id in rows and rows[agent.id].is_editor,
                    is_reviewer=agent.id in rows and rows[agent.id].is_reviewer,
                )
                for agent in agents
            ]
        )

    async def set(self, actor: Actor, cmd: SetStaff) -> StaffList:
        """Raises: Forbidden unless an administrator; NotFound for who is not an agent here."""
        await self._rights.administrator(actor)
        agent = (await self._identity.agent_facts(actor.center_id)).get(cmd.agent_id)
        if agent is None:
            raise NotFound
        async with self._journal.operation(actor) as op:
            row = await KnowledgeStaff.get_or_none(agent_id=cmd.agent_id)
            row = row or KnowledgeStaff(agent_id=cmd.agent_id, center_id=actor.center_id)
            before = {"is_editor": row.is_editor, "is_reviewer": row.is_reviewer}
            now = {"is_editor": cmd.is_editor, "is_reviewer": cmd.is_reviewer}
            if now != before:
                row.is_editor, row.is_reviewer = cmd.is_editor, cmd.is_reviewer
                await row.save()
                op.did("staff_set", agent.id, title=agent.name, before=before, after=now)
        return await self.all(actor)
