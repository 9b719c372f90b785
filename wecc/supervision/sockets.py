"""Socket entry points: thin, one line of work each."""

from __future__ import annotations

from wecc.conversations.schemas import OpenedConversation, Presence
from wecc.infra.realtime.dispatcher import Context, Dispatcher
from wecc.infra.wire import Nothing
from wecc.supervision import protocol as p
from wecc.supervision import schemas as s
from wecc.supervision.floor import FloorWatch, floor_room
from wecc.supervision.service import Supervision
from wecc.supervision.what_if import WhatIfs


def bind(dispatcher: Dispatcher, supervision: Supervision, watch: FloorWatch, what_ifs: WhatIfs) -> None:
    """Bind every request of supervision's protocol."""

    async def watch_floor(ctx: Context, _: Nothing) -> s.Floor:
        floor = await supervision.floor(ctx.actor)
        ctx.follow(floor_room(ctx.actor.center_id))
        watch.add(ctx.actor.center_id)
        return floor

    async def unwatch_floor(ctx: Context, _: Nothing) -> None:
        ctx.unfollow(floor_room(ctx.actor.center_id))

    async def read_history(ctx: Context, cmd: s.ReadFloorHistory) -> s.FloorHistory:
        return await supervision.history(ctx.actor, cmd.minutes)

    async def expedite(ctx: Context, cmd: s.ExpediteWork) -> None:
        await supervision.expedite(ctx.actor, cmd.conversation_id)

    async def assign(ctx: Context, cmd: s.AssignWork) -> OpenedConversation:
        return await supervision.assign(ctx.actor, cmd)

    async def set_presence(ctx: Context, cmd: s.SetAgentPresence) -> Presence:
        return await supervision.set_presence(ctx.actor, cmd)

    async def read_plan(ctx: Context, _: Nothing) -> s.PlanView:
        return await supervision.plan(ctx.actor)

    async def list_versions(ctx: Context, _: Nothing) -> s.PlanVersionList:
        return await supervision.plan_versions(ctx.actor)

    async def read_version(ctx: Context, cmd: s.ReadPlanVersion) -> s.PlanView:
        return await supervision.plan_version(ctx.actor, cmd.version)

    async def stop_what_if(ctx: Context, cmd: s.WhatIfRef) -> None:
        await what_ifs.stop(ctx.actor, cmd.id)

    dispatcher.on(p.WATCH_FLOOR, watch_floor)
    dispatcher.on(p.UNWATCH_FLOOR, unwatch_floor)
    dispatcher.on(p.READ_HISTORY, read_history)
    dispatcher.on(p.EXPEDITE, expedite)
    dispatcher.on(p.ASSIGN, assign)
    dispatcher.on(p.SET_AGENT_PRESENCE, set_presence)
    dispatcher.on(p.READ_PLAN, read_plan)
    dispatcher.on(p.LIST_PLANS, list_versions)
    dispatcher.on(p.READ_PLAN_VERSION, read_version)
    dispatcher.on(p.STOP_WHAT_IF, stop_what_if)
