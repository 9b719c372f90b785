"""Who does something: the one shape every use case is handed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wecc.kernel.ids import CenterId


class ActorKind(StrEnum):
    VISITOR = "visitor"
    AGENT = "agent"
    SYSTEM = "system"


class Role(StrEnum):
    """What an agent may do; a higher role includes the lower ones."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


_RANK = {Role.AGENT: 0, Role.SUPERVISOR: 1, Role.ADMINISTRATOR: 2}


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated party of one center.

    `id` is an AgentId or VisitorId; the system's is its process name. `session_id` is the sign-in it came by,
    `address` where from, if whoever audits wants to know.
    """

    kind: ActorKind
    center_id: CenterId
    id: str
    name: str = ""
    role: Role = Role.AGENT
    session_id: str = ""
    address: str = ""

    @property
    def is_agent(self) -> bool:
        return self.kind is ActorKind.AGENT

    @property
    def is_visitor(self) -> bool:
        return self.kind is ActorKind.VISITOR

    def has_role(self, role: Role) -> bool:
        """True for an agent whose role includes `role`."""
        return self.is_agent and _RANK[self.role] >= _RANK[role]


def system(center_id: CenterId, name: str) -> Actor:
    """The system acting by itself, for example a timer."""
    return Actor(kind=ActorKind.SYSTEM, center_id=center_id, id=name, name=name)
