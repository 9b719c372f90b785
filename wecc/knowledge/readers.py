"""Who reads the knowledge base, and what he may see of it. Source: 3.2.2-13, 3.3.1-05."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from wecc.identity import Identity
from wecc.kernel.actor import Actor, Role
from wecc.kernel.errors import InvalidInput, NotFound
from wecc.kernel.ids import CenterId
from wecc.knowledge.schemas import AgentGroup, Audience

PUBLIC = frozenset({"public"})
_PREFIX_BITS = {4: 24, 6: 48}

GroupsOf = Callable[[CenterId], Awaitable[Mapping[str, AgentGroup]]]
"""The center's agent groups by code, in order."""
GroupsOfAgent = Callable[[Actor], Awaitable[set[str]]]
"""The groups an agent is in."""


@dataclass(frozen=True, slots=True)
class Reader:
    """`id` is who is counted once, with his neighbours if it `is_shared`. `keys`: whatever is meant for one of them
    he may see."""

    center_id: CenterId
    id: str
    keys: frozenset[str]
    tier: str = ""
    is_shared: bool = False


def keys_of(audience: Audience) -> frozenset[str]:
    """Any of these admits."""
    match audience.kind:
        case "public":
            return PUBLIC
        case "tiers":
            return frozenset(f"tier:{code}" for code in audience.codes)
        case "agents":
            return frozenset(f"group:{code}" for code in audience.codes) or frozenset({"agents"})


def customer(center_id: CenterId, visitor_id: str, tier: str) -> Reader:
    """A visitor of some tier."""
    return Reader(center_id, visitor_id, PUBLIC | {f"tier:{tier}"}, tier)


class Readers:
    """Finds out who somebody is to the knowledge base."""

    def __init__(self, identity: Identity, groups_of: GroupsOf, groups_of_agent: GroupsOfAgent) -> None:
        self._identity = identity
        self._groups_of = groups_of
        self._groups_of_agent = groups_of_agent
        self._centers: dict[str, CenterId] = {}

    async def reader(self, actor: Actor) -> Reader:
        """An agent sees what his groups may and what any customer may; who supervises, what any group may."""
        center_id = actor.center_id
        if actor.is_visitor:
            tier = (await self._identity.view_visitor(actor.id)).tier
            return customer(center_id, actor.id, tier)
        is_over_all = actor.has_role(Role.SUPERVISOR)
        groups = {*await self._groups_of(center_id)} if is_over_all else await self._groups_of_agent(actor)
        tiers = await self._identity.tiers(center_id)
        keys = {"agents", *(f"group:{code}" for code in groups), *(f"tier:{code}" for code in tiers)}
        return Reader(center_id, actor.id, PUBLIC | keys)

    async def anybody(self, center_id: str | None, address: str) -> Reader:
        """Somebody who did not say who he is; counted by the neighbourhood of his address, which is not kept.

        Raises: NotFound for an unknown center; InvalidInput when several could be meant.
        """
        center = await self._center(center_id)
        where = hashlib.sha256(f"{center} {_neighbourhood(address)}".encode()).hexdigest()[:24]
        return Reader(center, f"a{where}", PUBLIC, is_shared=True)

    async def _center(self, name: str | None) -> CenterId:
        # Centers come and never go; which ones there are is asked again only for one that is not known.
        if (name or "") not in self._centers:
            ids = await self._identity.center_ids()
            self._centers = {str(i): i for i in ids} | ({"": ids[0]} if len(ids) == 1 else {})
        if name is None and "" not in self._centers:
            raise InvalidInput(fields={"center": "is needed"})
        if (name or "") not in self._centers:
            raise NotFound("There is no such center.")
        return self._centers[name or ""]


def _neighbourhood(address: str) -> str:
    try:
        host = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((host, _PREFIX_BITS[host.version]), strict=False))
