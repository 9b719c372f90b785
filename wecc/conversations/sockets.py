"""Socket entry points: thin, one line of work each."""

from __future__ import annotations

from wecc.conversations import protocol as p
from wecc.conversations import schemas as s
from wecc.conversations.notices import rooms_of_agent, tier_room
from wecc.conversations.parts import ConversationsFeature
from wecc.identity import Identity
from wecc.infra.realtime.dispatcher import Context, Dispatcher
from wecc.infra.realtime.fanout import conversation_room, desk_room
from wecc.infra.wire import Nothing
from wecc.kernel.actor import Role


def bind(dispatcher: Dispatcher, feature: ConversationsFeature, identity: Identity) -> None:
    """Bind every request of the conversations' protocol."""
    conversations, desk, access = feature.service, feature.desk, feature.access

    async def resume(ctx: Context, _: Nothing) -> s.VisitorState:
        for room in await conversations.rooms_of_visitor(ctx.actor):
            ctx.follow(room)
        return await conversations.resume(ctx.actor)

    async def view_page(ctx: Context, cmd: s.ViewPage) -> None:
        await identity.see_page(ctx.actor, cmd.url, cmd.title)

    async def start(ctx: Context, cmd: s.StartConversation) -> s.VisitorState:
        for room in await conversations.rooms_of_visitor(ctx.actor):
            ctx.follow(room)
        return await conversations.start(ctx.actor, cmd)

    async def leave_message(ctx: Context, cmd: s.LeaveMessage) -> s.VisitorState:
        return await conversations.leave_message(ctx.actor, cmd)

    async def open_desk(ctx: Context, _: Nothing) -> s.Desk:
        # Subscribe first, then read: nothing falls between the two.
        center_id, tiers = ctx.actor.center_id, await access.served_tiers(ctx.actor)
        for tier in set(await identity.tiers(center_id)) - tiers:
            ctx.unfollow(tier_room(center_id, tier))  # the plan may have changed
        is_supervisor = ctx.actor.has_role(Role.SUPERVISOR)
        for room in rooms_of_agent(center_id, ctx.actor.id, tiers, is_supervisor):
            ctx.follow(room)
        ctx.follow(desk_room(ctx.actor.center_id))
        return await desk.open(ctx.actor)

    async def list_conversations(ctx: Context, cmd: s.ListConversations) -> s.ConversationList:
        return await desk.list_conversations(ctx.actor, cmd)

    async def open_conversation(ctx: Context, cmd: s.ConversationRef) -> s.OpenedConversation:
        await access.conversation(ctx.actor, cmd.conversation_id)
        ctx.follow(conversation_room(cmd.conversation_id))
        return await conversations.open(ctx.actor, cmd.conversation_id)

    async def unfollow(ctx: Context, cmd: s.ConversationRef) -> None:
        ctx.unfollow(conversation_room(cmd.conversation_id))

    async def add_note(ctx: Context, cmd: s.AddNote) -> s.Appended:
        return await conversations.add_note(ctx.actor, cmd)

    async def transfer(ctx: Context, cmd: s.Transfer) -> None:
        await conversations.transfer(ctx.actor, cmd)

    async def accept(ctx: Context, cmd: s.AcceptOffer) -> s.OpenedConversation:
        opened = await conversations.accept(ctx.actor, cmd)
        ctx.follow(conversation_room(cmd.conversation_id))
        # What came between reading and following is read now.
        return await conversations.open(ctx.actor, opened.conversation.id)

    async def decline(ctx: Context, cmd: s.DeclineOffer) -> None:
        await conversations.decline(ctx.actor, cmd)

    async def pick(ctx: Context, cmd: s.ConversationRef) -> s.OpenedConversation:
        opened = await conversations.pick(ctx.actor, cmd.conversation_id)
        ctx.follow(conversation_room(cmd.conversation_id))
        return await conversations.open(ctx.actor, opened.conversation.id)

    async def end_wrap_up(ctx: Context, cmd: s.ConversationRef) -> None:
        await conversations.end_wrap_up(ctx.actor, cmd.conversation_id)

    async def set_presence(ctx: Context, cmd: s.SetPresence) -> s.Presence:
        return await desk.set_presence(ctx.actor, cmd)

    async def beat(ctx: Context, _: Nothing) -> None:
        await desk.beat(ctx.actor)

    async def send_message(ctx: Context, cmd: s.SendMessage) -> s.Appended:
        return await conversations.send_message(ctx.actor, cmd)

    async def read_log(ctx: Context, cmd: s.ReadLog) -> s.LogPage:
        return await conversations.read_log(ctx.actor, cmd)

    async def set_marks(ctx: Context, cmd: s.SetMarks) -> s.Marks:
        return await conversations.set_marks(ctx.actor, cmd)

    async def set_typing(ctx: Context, cmd: s.SetTyping) -> None:
        await conversations.set_typing(ctx.actor, cmd)

    async def close(ctx: Context, cmd: s.CloseConversation) -> None:
        await conversations.close(ctx.actor, cmd.conversation_id)

    dispatcher.on(p.RESUME, resume)
    dispatcher.on(p.VIEW_PAGE, view_page)
    dispatcher.on(p.START, start)
    dispatcher.on(p.LEAVE_MESSAGE, leave_message)
    dispatcher.on(p.OPEN_DESK, open_desk)
    dispatcher.on(p.LIST, list_conversations)
    dispatcher.on(p.OPEN, open_conversation)
    dispatcher.on(p.UNFOLLOW, unfollow)
    dispatcher.on(p.ADD_NOTE, add_note)
    dispatcher.on(p.TRANSFER, transfer)
    dispatcher.on(p.ACCEPT, accept)
    dispatcher.on(p.DECLINE, decline)
    dispatcher.on(p.PICK, pick)
    dispatcher.on(p.END_WRAP_UP, end_wrap_up)
    dispatcher.on(p.SET_PRESENCE, set_presence)
    dispatcher.on(p.BEAT, beat)
    dispatcher.on(p.SEND_MESSAGE, send_message)
    dispatcher.on(p.READ_LOG, read_log)
    dispatcher.on(p.SET_MARKS, set_marks)
    dispatcher.on(p.SET_TYPING, set_typing)
    dispatcher.on(p.CLOSE, close)
