"""What greets whoever opens the panel, before he says anything: nothing of it is stored."""

from __future__ import annotations

from wecc.conversations.schemas import AssistedBody
from wecc.identity import Identity
from wecc.kernel.actor import Actor
from wecc.kernel.errors import InvalidInput
from wecc.kernel.ids import CenterId
from wecc.selfservice import schemas as s
from wecc.selfservice.flows import Flows
from wecc.selfservice.guiding import Guiding


class Entry:
    def __init__(self, guiding: Guiding, flows: Flows, identity: Identity) -> None:
        self._guiding = guiding
        self._flows = flows
        self._identity = identity

    async def read(self, actor: Actor | None, query: s.ReadEntry) -> s.FlowEntry:
        """The greeting of a visitor's tier; of the center's default tier for somebody unknown.

        Raises: NotFound for an unknown center; InvalidInput when several could be meant.
        """
        if actor is not None and actor.is_visitor and query.center in (None, actor.center_id):
            visitor = await self._identity.view_visitor(actor.id)
            center_id, tier, name = actor.center_id, visitor.tier, visitor.name
        else:
            center_id = CenterId(query.center or await self._only_center())
            tier, name = (await self._identity.center(center_id)).default_tier, ""
        greeting = await self._guiding.greet(center_id, tier, query.locale, name)
        flow = await self._flows.flow_of_tier(center_id, tier)
        if greeting is None or flow is None:
            return s.FlowEntry(flow="", step=None, offers_person=False)
        step = AssistedBody.model_validate(greeting.step) if greeting.step else None
        return s.FlowEntry(flow=greeting.flow, step=step, offers_person=flow.offers_person == "at_once")

    async def _only_center(self) -> str:
        ids = await self._identity.center_ids()
        if len(ids) != 1:
            raise InvalidInput(fields={"center": "is needed"})
        return ids[0]
