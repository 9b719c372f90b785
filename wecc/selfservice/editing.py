"""What supervisors do with flows: read, check, save, and look at earlier versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wecc.identity import AgentRef, Identity
from wecc.kernel.actor import Actor, Role
from wecc.kernel.errors import Forbidden, NotFound
from wecc.selfservice import schemas as s
from wecc.selfservice.flow import Finish, Form, Leave, Menu, Node, Onward, Question
from wecc.selfservice.flows import Flows, SavedFlow
from wecc.selfservice.models import FlowVersion
from wecc.selfservice.parsing import Outlined, Reading
from wecc.selfservice.yaml_tree import Problem

_LISTED_VERSIONS = 200


class Editing:
    """The flows as the console edits them."""

    def __init__(self, flows: Flows, identity: Identity) -> None:
        self._flows = flows
        self._identity = identity

    async def list(self, actor: Actor) -> s.FlowList:
        """All flows in force, and the tiers nothing greets."""
        require_supervisor(actor)
        saved = await self._flows.all(actor.center_id, max_age_s=0)
        deleted = await self._flows.deleted(actor.center_id)
        names = await self._identity.agent_names(actor.center_id)
        guided = {tier for flow in saved.values() for tier in flow.reading.tiers}
        return s.FlowList(
            flows=[_summary(flow.row, flow.reading, names) for flow in saved.values()],
            unguided=[tier for tier in await self._identity.tiers(actor.center_id) if tier not in guided],
            deleted=[_summary(flow.row, flow.reading, names) for flow in deleted.values()],
        )

    async def read(self, actor: Actor, code: str) -> s.FlowView:
        """The version in force. Raises: NotFound."""
        require_supervisor(actor)
        saved = (await self._flows.all(actor.center_id, max_age_s=0)).get(code)
        if saved is None:
            raise NotFound
        return await self._view(actor, saved)

    async def read_version(self, actor: Actor, code: str, version: int) -> s.FlowView:
        """An earlier version, with what would be wrong with it today. Raises: NotFound."""
        require_supervisor(actor)
        return await self._view(actor, await self._flows.stored(actor.center_id, code, version))

    async def versions(self, actor: Actor, code: str) -> s.FlowVersionList:
        """The newest two hundred, newest first. Raises: NotFound."""
        require_supervisor(actor)
        rows = await self._flows.versions(actor.center_id, code, _LISTED_VERSIONS)
        current = {**await self._flows.deleted(actor.center_id), **await self._flows.all(actor.center_id)}[
            code
        ]
        names = await self._identity.agent_names(actor.center_id)
        return s.FlowVersionList(versions=[_summary(row, current.reading, names) for row in rows])

    async def check(self, actor: Actor, cmd: s.CheckFlow) -> s.FlowCheck:
        """What is wrong with an edited flow, and its outline. Changes nothing."""
        require_supervisor(actor)
        reading = await self._flows.check(actor.center_id, cmd.code, cmd.source)
        return s.FlowCheck(problems=_problems(reading.problems), outline=_outline(reading.outline))

    async def save(self, actor: Actor, code: str, cmd: s.SaveFlow) -> s.FlowView:
        """Put a flow in force; conversations go on with the version they began with.

        Raises: FlowInvalid, FlowConflict; then nothing was changed.
        """
        require_supervisor(actor)
        saved = await self._flows.save(actor, code, cmd.source, cmd.base_version, cmd.comment)
        return await self._view(actor, saved)

    async def delete(self, actor: Actor, code: str, cmd: s.DeleteFlow) -> s.FlowList:
        """Take a flow away that greets nobody; its versions stay. Raises: NotFound, FlowInUse, FlowConflict."""
        require_supervisor(actor)
        await self._flows.delete(actor, code, cmd.base_version)
        return await self.list(actor)

    async def _view(self, actor: Actor, saved: SavedFlow) -> s.FlowView:
        names = await self._identity.agent_names(actor.center_id)
        return s.FlowView(
            summary=_summary(saved.row, saved.reading, names),
            source=saved.row.source,
            problems=_problems(saved.reading.problems),
            outline=_outline(saved.reading.outline),
        )


def require_supervisor(actor: Actor) -> None:
    """Raises: Forbidden."""
    if not actor.has_role(Role.SUPERVISOR):
        raise Forbidden


def _summary(row: FlowVersion, reading: Reading, names: Mapping[str, str]) -> s.FlowSummary:
    return s.FlowSummary(
        code=row.code,
        name_zh=reading.title.zh,
        name_en=reading.title.en,
        tiers=[] if row.is_deletion else list(reading.tiers),
        version=row.version,
        saved_ms=row.saved_ms,
        saved_by=AgentRef(id=row.saved_by, name=names.get(row.saved_by, "")) if row.saved_by else None,
        comment=row.comment,
        is_shared=reading.is_shared,
        is_deleted=row.is_deletion,
    )


def _problems(problems: Iterable[Problem]) -> list[s.FlowProblem]:
    return [
        s.FlowProblem(line=p.line, column=p.column, code=p.code, about=p.about, is_warning=p.is_warning)
        for p in problems
    ]


def _outline(outlined: Iterable[Outlined]) -> list[s.FlowNode]:
    return [
        s.FlowNode(
            id=o.node.id,
            line=o.node.line,
            kind=_kind(o.node),
            text_zh=o.node.say.at("zh-CN"),
            text_en=o.node.say.at("en"),
            leads_to=list(dict.fromkeys(o.node.targets())),
            is_reachable=o.is_reachable,
        )
        for o in outlined
    ]


def _kind(node: Node) -> s.NodeKind:
    match node.act:
        case Menu():
            return "menu"
        case Question():
            return "question"
        case Form():
            return "form"
        case Onward():
            return "say"
        case Leave():
            return "hand_over"
        case Finish():
            return "end"
