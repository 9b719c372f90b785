"""What visitors answer to a step of self-service."""

from __future__ import annotations

from typing import Any, ClassVar

from wecc.conversations import Access, GuidedConversations, Kind, NotGuided, State, chosen, newest_entries
from wecc.conversations.schemas import Appended, AssistedBody
from wecc.kernel.actor import Actor
from wecc.kernel.errors import WeccError
from wecc.selfservice import engine, schemas
from wecc.selfservice.flows import Flows
from wecc.selfservice.guiding import Guiding

_READ_BACK = 50


class FormInvalid(WeccError):
    """The form cannot be taken; `data["fields"]` says for each field why."""

    code: ClassVar[str] = "flow.form_invalid"
    status: ClassVar[int] = 422
    sentence: ClassVar[str] = "Some fields are missing or not valid."


class Answering:
    """Takes choices and forms, and lets the guide hear of them."""

    def __init__(
        self, conversations: GuidedConversations, access: Access, flows: Flows, guiding: Guiding
    ) -> None:
        self._conversations = conversations
        self._access = access
        self._flows = flows
        self._guiding = guiding

    async def choose(self, actor: Actor, cmd: schemas.Choose) -> Appended:
        """Store a choice of the newest step. Raises: NotGuided when it is not one, or not any more."""
        state = await self._access.conversation(actor, cmd.conversation_id)
        try:
            return await self._choose(actor, state, cmd)
        except NotGuided:
            return await self._repeated(actor, cmd)

    async def _choose(self, actor: Actor, state: State, cmd: schemas.Choose) -> Appended:
        step = await self._newest_step(state)
        body = chosen(step.model_dump() if step else None, cmd.option, state.locale)
        return await self._answer(actor, state, Kind.CHOSEN, body, cmd.client_id)

    async def fill_form(self, actor: Actor, cmd: schemas.FillForm) -> Appended:
        """Store the newest step's form. Raises: NotGuided; FormInvalid."""
        state = await self._access.conversation(actor, cmd.conversation_id)
        try:
            return await self._fill(actor, state, cmd)
        except NotGuided:
            return await self._repeated(actor, cmd)

    async def _fill(self, actor: Actor, state: State, cmd: schemas.FillForm) -> Appended:
        step = await self._newest_step(state)
        flow = await self._flows.version(actor.center_id, state.flow)
        if step is None or flow is None or not step.fields:
            raise NotGuided
        values = {field.name: field.value for field in cmd.fields}
        if problems := engine.problems_of_form(flow, step.node, values):
            raise FormInvalid(fields=problems)
        filled = [
            {"name": field.name, "label": field.label, "value": values[field.name].strip()}
            for field in step.fields
            if values.get(field.name, "").strip()
        ]
        return await self._answer(
            actor, state, Kind.FILLED, {"node": step.node, "fields": filled}, cmd.client_id
        )

    async def _repeated(self, actor: Actor, cmd: schemas.Choose | schemas.FillForm) -> Appended:
        """What is too late now may have been taken before, its acknowledgement lost. Raises: NotGuided."""
        before = await self._conversations.repeated(actor, cmd.conversation_id, cmd.client_id)
        if before is None:
            raise NotGuided
        return before

    async def _answer(
        self, actor: Actor, state: State, kind: Kind, body: dict[str, Any], client_id: str
    ) -> Appended:
        appended = await self._conversations.answer(actor, state, kind, body, client_id)
        self._guiding.heard(state)
        return appended

    async def _newest_step(self, state: State) -> AssistedBody | None:
        if state.status != "guided":
            raise NotGuided
        for entry in reversed(await newest_entries(state.id, _READ_BACK)):
            if entry.kind == Kind.ASSISTED:
                return AssistedBody.model_validate(entry.body)
        return None
