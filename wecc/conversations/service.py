"""Use cases of conversations: start, write, read, hand over, close. Source: 3.4.3-03."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from wecc.conversations import protocol, reading, schemas, views
from wecc.conversations.access import Access
from wecc.conversations.attachments import Attachments
from wecc.conversations.domain import (
    PERSON,
    SYSTEM,
    Appended,
    ConversationClosed,
    Draft,
    Kind,
    NewConversation,
    NotGuided,
    NotYours,
    Sender,
    State,
)
from wecc.conversations.guide import Greeting, Guide, chosen
from wecc.conversations.guided import ask_for_person
from wecc.conversations.line import Line
from wecc.conversations.models import Conversation, Mark
from wecc.conversations.notices import Notices, visitors_of
from wecc.conversations.queueing import Queueing, refusal_of_transfer
from wecc.conversations.writer import LogWriter
from wecc.identity import Identity, page_address
from wecc.infra import db
from wecc.infra.realtime.fanout import Fanout, Room, conversation_room, customer_room
from wecc.kernel.actor import Actor, Role
from wecc.kernel.clock import Clock
from wecc.kernel.errors import InvalidInput, Unavailable
from wecc.kernel.ids import AgentId, WorkId
from wecc.routing import (
    AgentAway,
    NotHeld,
    OfferGone,
    UnknownAgent,
    UnknownTier,
    UnknownWork,
    WorkItem,
)
from wecc.security import audit

_FIRST_PAGE = 50


class Conversations:
    """All that a visitor, an agent or a supervisor does with conversations."""

    def __init__(
        self,
        identity: Identity,
        queueing: Queueing,
        writer: LogWriter,
        notices: Notices,
        fanout: Fanout,
        access: Access,
        attachments: Attachments,
        line: Line,
        clock: Clock,
    ) -> None:
        self._identity = identity
        self._queueing = queueing
        self._writer = writer
        self._notices = notices
        self._fanout = fanout
        self._access = access
        self._attachments = attachments
        self._line = line
        self._clock = clock
        self.guide: Guide | None = None

    # ------------------------------------------------------------------ visitors

    async def resume(self, actor: Actor) -> schemas.VisitorState:
        """Who the visitor is, his open (else newest) conversation and its newest page."""
        row = await (await self._of_visitor(actor)).order_by("-started_ms").first()
        view = await self._identity.view_visitor(actor.id)
        if row is None:
            return schemas.VisitorState(visitor=view, conversation=None, log=None)
        state = State.decode(row.state)
        self._notices.remember(state)
        conversation = views.for_visitor(state, await reading.marks(state.id), await self._line.place(state))
        page = await reading.page(
            state, schemas.ReadLog(conversation_id=state.id, limit=_FIRST_PAGE), newest=True
        )
        return schemas.VisitorState(visitor=view, conversation=conversation, log=page)

    async def start(self, actor: Actor, cmd: schemas.StartConversation) -> schemas.VisitorState:
        """Ask; durable before it is acknowledged. The tier's flow answers first, or a person is asked for.

        Source: 3.4.3-03, 2.4.3-04.
        """
        visitor = await self._identity.view_visitor(actor.id)
        now_ms = self._clock.now_ms()
        # The id follows from the visitor's intent, so a repeat finds it even when it is over by then.
        intent = hashlib.sha256(f"{actor.id}:{cmd.client_id}".encode()).hexdigest()[:32]
        own_open = await Conversation.get_or_none(open_visitor_id=actor.id)
        elsewhere = (await self._of_visitor(actor)).filter(status__not="closed").exclude(visitor_id=actor.id)
        open_row = own_open or await elsewhere.first()
        targets = (intent, open_row.id) if open_row else (intent,)
        attachments = await self._attachments.own(actor, cmd.attachment_ids, *targets)
        greeting = None
        if self.guide is not None and not (cmd.wants_person and cmd.text):
            greeting = await self.guide.greet(actor.center_id, visitor.tier, cmd.locale, visitor.name)
        says_nothing = not (cmd.text or attachments or cmd.option or cmd.wants_person)
        if says_nothing and not (greeting and greeting.step and greeting.step["fields"]):
            raise InvalidInput(fields={"text": "is empty"})
        new = NewConversation(
            id=intent,
            center_id=actor.center_id,
            visitor_id=actor.id,
            visitor_name=visitor.name,
            is_verified=visitor.is_verified,
            customer_id=visitor.customer_id,
            tier=visitor.tier,
            locale=cmd.locale,
            channel=cmd.channel,
            started_ms=now_ms,
            flow=greeting.flow if greeting else "",
        )
        body = {
            "locale": cmd.locale,
            "channel": cmd.channel,
            "page_url": page_address(cmd.page_url),
            "page_title": cmd.page_title,
        }
        if open_row is not None and open_row.id != intent:
            # He has asked in another tab or, as a customer, on another device: one conversation, wherever
            # he goes on. It may end in this very moment; then he asks anew.
            with suppress(ConversationClosed):
                # A choice may be too late there; then he sees where he is.
                with suppress(NotGuided):
                    said = self._said(
                        actor, open_row.id, cmd, attachments, State.decode(open_row.state), greeting
                    )
                    if said:
                        self._after(await self._writer.append(*said))
                return await self.resume(actor)
        drafts = [Draft(new.id, SYSTEM, Kind.STARTED, body, "started", now_ms)]
        if greeting and greeting.step:
            drafts.append(Draft(new.id, SYSTEM, Kind.ASSISTED, greeting.step, "greeting", now_ms))
        drafts += self._said(actor, new.id, cmd, attachments, State.new(new), greeting)
        if greeting and greeting.handed_over:
            drafts.append(Draft(new.id, SYSTEM, Kind.HANDED_OVER, greeting.handed_over, "greeting", now_ms))
        try:
            done = await self._writer.append(*drafts, new=new)
        except NotGuided:
            # He asked for a person in another tab in this very moment: that conversation goes on.
            return await (self.resume(actor) if open_row else self.start(actor, cmd))
        state = done[-1].state
        self._after(done)
        if state.status == "waiting":
            await ask_for_person(self._queueing, self._notices, state)
        return await self.resume(actor)

    def _said(
        self,
        actor: Actor,
        conversation_id: str,
        cmd: schemas.StartConversation,
        attachments: Sequence[schemas.AttachmentView],
        state: State,
        greeting: Greeting | None,
    ) -> list[Draft]:
        """What the visitor begins with: words, a quick reply, or only the wish for a person."""
        now_ms = self._clock.now_ms()
        said, key = [], cmd.client_id
        if cmd.text or attachments:
            said = [_message(actor, conversation_id, key, cmd.text, attachments, now_ms)]
            key = f"{key}:{PERSON}"
        # Who is not guided asked for a person by beginning.
        if state.status == "guided" and (cmd.wants_person or (cmd.option and not said)):
            option = PERSON if cmd.wants_person else cmd.option
            body = chosen(greeting.step if greeting else None, option, cmd.locale)
            sender = Sender(actor.kind.value, actor.id, actor.name)
            said.append(Draft(conversation_id, sender, Kind.CHOSEN, body, key, now_ms))
        return said

    def _after(self, done: Sequence[Appended]) -> None:
        """Whoever guides hears what was said."""
        if self.guide is not None and done and done[-1].state.status == "guided":
            self.guide.heard(done[-1].state)

    async def leave_message(self, actor: Actor, cmd: schemas.LeaveMessage) -> schemas.VisitorState:
        """Stop waiting for a chat: the request keeps its place and is answered later. Repeating it is harmless.

        Also stores how the visitor can be reached. Raises: ConversationClosed; NotWaiting when an agent has it.
        """
        state = await self._access.conversation(actor, cmd.conversation_id)
        if cmd.contact and cmd.contact != state.contact:
            sender = Sender(actor.kind.value, actor.id, actor.name)
            body = {"contact": cmd.contact}
            draft = Draft(state.id, sender, Kind.CONTACT_LEFT, body, cmd.client_id, self._clock.now_ms())
            await self._writer.append(draft)
        if state.status != "waiting" or not state.away_cause:
            await self._queueing.leave_message(state)
        return await self.resume(actor)

    async def _of_visitor(self, actor: Actor) -> QuerySet[Conversation]:
        """The visitor's conversations; a customer's also from his other devices."""
        person = await self._identity.same_person(actor.id)
        mine = Q(visitor_id=actor.id) | Q(visitor_id__in=person, customer_id__not="")
        return Conversation.filter(mine)

    async def rooms_of_visitor(self, actor: Actor) -> list[Room]:
        """What his page follows besides the notices to the visitor himself."""
        view = await self._identity.view_visitor(actor.id)
        return [customer_room(actor.center_id, view.customer_id)] if view.is_verified else []

    async def identified(self, actor: Actor) -> None:
        """A visitor became a customer: his open conversation carries it, and his place follows his tier."""
        row = await Conversation.get_or_none(open_visitor_id=actor.id)
        if row is None:
            return
        view = await self._identity.view_visitor(actor.id)
        state = State.decode(row.state)
        if (state.customer_id, state.tier) == (view.customer_id, view.tier):
            return
        body = {"name": view.name, "customer_id": view.customer_id, "tier": view.tier}
        token = f"identified:{view.customer_id}:{view.tier}"
        await self._writer.append(Draft(state.id, SYSTEM, Kind.IDENTIFIED, body, token, self._clock.now_ms()))
        if state.tier == view.tier:
            return
        if state.status == "waiting":
            await self._queueing.retier(actor.center_id, state.id, view.tier)
        elif state.status == "guided" and self.guide is not None:
            await self.guide.identified(await self._access.conversation(actor, state.id))

    # ------------------------------------------------------------------ both sides

    async def send_message(self, actor: Actor, cmd: schemas.SendMessage) -> schemas.Appended:
        """Write into the log; what is returned is durable.

        Raises: ConversationClosed, NotYours, ClientIdConflict, NotFound.
        """
        if not cmd.text and not cmd.attachment_ids:
            raise InvalidInput(fields={"text": "is empty"})
        state = self._notices.seen(cmd.conversation_id)
        if state is None or not _may_write(actor, state):
            state = await self._access.conversation(actor, cmd.conversation_id)
        attachments = await self._attachments.own(actor, cmd.attachment_ids, state.id)
        now_ms = self._clock.now_ms()
        message = _message(actor, state.id, cmd.client_id, cmd.text, attachments, now_ms)
        done = await self._writer.append(message)
        if actor.is_visitor:
            self._after(done)
        return _appended(done[0])

    async def read_log(self, actor: Actor, cmd: schemas.ReadLog) -> schemas.LogPage:
        return await reading.page(
            await self._access.conversation(actor, cmd.conversation_id), cmd, for_agents=actor.is_agent
        )

    async def set_marks(self, actor: Actor, cmd: schemas.SetMarks) -> schemas.Marks:
        """Move the side's marks forward, at most to the log's end. Only the agent in charge moves the agents'."""
        state = await self._access.conversation(actor, cmd.conversation_id)
        if actor.is_agent and state.agent_id != actor.id:
            return await reading.marks(state.id)
        side = "agent" if actor.is_agent else "visitor"
        delivered = min(max(cmd.delivered_seq, cmd.read_seq), state.last_seq)
        read = min(cmd.read_seq, state.last_seq)
        fresh = f"{side}_delivered_seq", f"{side}_read_seq"
        async with db.transaction():
            row, _ = await Mark.get_or_create(conversation_id=state.id)
            row = await Mark.select_for_update().get(conversation_id=state.id)
            if getattr(row, fresh[0]) >= delivered and getattr(row, fresh[1]) >= read:
                return views.marks(row)
            setattr(row, fresh[0], max(delivered, getattr(row, fresh[0])))
            setattr(row, fresh[1], max(read, getattr(row, fresh[1])))
            await row.save()
        moved = views.marks(row)
        notice = schemas.MarksMoved(conversation_id=state.id, marks=moved)
        self._fanout.send(conversation_room(state.id), protocol.MARKS_MOVED, notice)
        self._fanout.send(visitors_of(state), protocol.MARKS_MOVED, notice)
        self._notices.remember(state)
        self._notices.row_changed(state)
        return moved

    async def set_typing(self, actor: Actor, cmd: schemas.SetTyping) -> None:
        """Tell the other side; kept nowhere."""
        state = self._notices.seen(cmd.conversation_id)
        if state is None or not _may_write(actor, state):
            state = await self._access.conversation(actor, cmd.conversation_id)
            self._notices.remember(state)
        sender = schemas.Sender.model_validate({"kind": actor.kind.value, "id": actor.id, "name": actor.name})
        notice = schemas.TypingChanged(conversation_id=state.id, sender=sender, is_typing=cmd.is_typing)
        if actor.is_visitor:
            self._fanout.send(conversation_room(state.id), protocol.TYPING_CHANGED, notice)
        elif state.agent_id == actor.id and state.status == "active":
            self._fanout.send(visitors_of(state), protocol.TYPING_CHANGED, notice)

    async def close(self, actor: Actor, conversation_id: str) -> None:
        """End it; a waiting visitor stops waiting. Closing what is closed does nothing.

        Raises: NotYours for an agent who is not in charge (supervisors may).
        """
        state = await self._access.conversation(actor, conversation_id)
        if actor.is_agent and state.agent_id != actor.id and not actor.has_role(Role.SUPERVISOR):
            raise NotYours
        if state.status != "closed":
            cause = "abandoned" if state.status == "waiting" else "visitor"
            if actor.is_agent:
                cause = "agent"
            sender = Sender(actor.kind.value, actor.id, actor.name)
            draft = Draft(
                state.id,
                sender,
                Kind.CLOSED,
                {"cause": cause},
                f"close:{state.last_seq}",
                self._clock.now_ms(),
            )
            if state.status == "guided" and self.guide is not None:
                await self.guide.left(state)
            with suppress(ConversationClosed):
                state = (await self._writer.append(draft))[0].state
        # When Redis is away, the jobs process settles closed conversations that routing still holds.
        with suppress(Unavailable):
            await self._queueing.settle(state)

    # ------------------------------------------------------------------ agents

    async def find(self, actor: Actor, conversation_id: str) -> State:
        """The conversation as it stands. Raises: NotFound, also for what this actor may not see."""
        return await self._access.conversation(actor, conversation_id)

    async def open(self, actor: Actor, conversation_id: str) -> schemas.OpenedConversation:
        """A thread with its newest events and who the customer is. Supervisors' look at others' is audited."""
        state = await self._access.conversation(actor, conversation_id)
        self._notices.remember(state)
        cmd = schemas.ReadLog(conversation_id=state.id, limit=_FIRST_PAGE)
        facts = await self._identity.customer_facts(state.visitor_id)
        person = await self._identity.same_person(state.visitor_id)
        earlier = (
            await Conversation.filter(visitor_id__in=person, id__not=state.id)
            .order_by("-started_ms")
            .limit(20)
        )
        if state.agent_id not in ("", actor.id):
            await audit(self._clock.now_ms(), actor, "conversation.viewed", state.id)
        card = schemas.CustomerCard(
            visitor=facts.visitor,
            tiers=facts.tiers,
            phone=facts.phone,
            pages=[schemas.PageView(url=u, title=t, at_ms=a) for u, t, a in facts.pages],
            earlier=await views.summaries(earlier),
            user_agent=facts.user_agent,
            first_seen_ms=facts.first_seen_ms,
        )
        return schemas.OpenedConversation(
            conversation=views.summary(state, await reading.marks(state.id)),
            log=await reading.page(state, cmd, newest=True, for_agents=True),
            customer=card,
        )

    async def add_note(self, actor: Actor, cmd: schemas.AddNote) -> schemas.Appended:
        state = await self._access.conversation(actor, cmd.conversation_id)
        sender = Sender(actor.kind.value, actor.id, actor.name)
        draft = Draft(state.id, sender, Kind.NOTE, {"text": cmd.text}, cmd.client_id, self._clock.now_ms())
        return _appended((await self._writer.append(draft))[0])

    async def accept(self, actor: Actor, cmd: schemas.AcceptOffer) -> schemas.OpenedConversation:
        """Take an offer. Raises: OfferGone when it is too late, or never was."""
        work_id, agent_id = WorkId(cmd.conversation_id), AgentId(actor.id)
        try:
            item = await self._queueing.call(
                actor.center_id, lambda r: r.accept(actor.center_id, work_id, agent_id, cmd.version)
            )
        except UnknownWork as error:
            raise OfferGone.about(work_id) from error
        await self._queueing.applied(item)
        return await self.open(actor, cmd.conversation_id)

    async def decline(self, actor: Actor, cmd: schemas.DeclineOffer) -> None:
        """Give an offer back to its place. Raises: OfferGone."""
        work_id, agent_id = WorkId(cmd.conversation_id), AgentId(actor.id)
        try:
            await self._queueing.call(
                actor.center_id, lambda r: r.decline(actor.center_id, work_id, agent_id, cmd.version)
            )
        except UnknownWork as error:
            raise OfferGone.about(work_id) from error

    async def pick(self, actor: Actor, conversation_id: str) -> schemas.OpenedConversation:
        """Take a waiting conversation by hand. Raises: NotWaiting, NotServed, AtCapacity, AgentAway."""
        await self._access.conversation(actor, conversation_id)
        item: WorkItem = await self._queueing.call(
            actor.center_id,
            lambda r: r.pick(
                actor.center_id,
                WorkId(conversation_id),
                AgentId(actor.id),
                is_supervisor=actor.has_role(Role.SUPERVISOR),
            ),
        )
        await self._queueing.applied(item)
        return await self.open(actor, conversation_id)

    async def assign(
        self, actor: Actor, conversation_id: str, agent_id: AgentId
    ) -> schemas.OpenedConversation:
        """Give a waiting conversation to an agent by hand, past his tiers and his capacity; for supervisors.

        Raises: NotWaiting, AgentAway, UnknownAgent.
        """
        await self._access.conversation(actor, conversation_id)
        center_id, work_id = actor.center_id, WorkId(conversation_id)
        item: WorkItem = await self._queueing.call(
            center_id, lambda r: r.pick(center_id, work_id, agent_id, is_supervisor=True, is_forced=True)
        )
        await self._queueing.applied(item)
        return await self.open(actor, conversation_id)

    async def transfer(self, actor: Actor, cmd: schemas.Transfer) -> None:
        """Hand the conversation over, with a note for whoever gets it.

        Raises: NotYours; TransferTargetUnavailable, and then nothing has moved.
        """
        if (cmd.to_agent_id is None) == (cmd.to_tier is None):
            raise InvalidInput(fields={"to_agent_id": "exactly one of to_agent_id and to_tier is expected"})
        state = await self._access.conversation(actor, cmd.conversation_id)
        if state.agent_id != actor.id or state.status != "active":
            raise NotYours
        if cmd.to_agent_id == actor.id:
            raise InvalidInput(fields={"to_agent_id": "is yourself"})
        center_id, work_id, agent_id = actor.center_id, WorkId(state.id), AgentId(actor.id)
        try:
            if cmd.to_agent_id is not None:
                target = AgentId(cmd.to_agent_id)
                item = await self._queueing.call(
                    center_id, lambda r: r.transfer_to_agent(center_id, work_id, agent_id, target)
                )
            else:
                tier = str(cmd.to_tier)
                item = await self._queueing.call(
                    center_id, lambda r: r.transfer_to_tier(center_id, work_id, agent_id, tier)
                )
        except NotHeld as error:
            raise NotYours from error
        except (AgentAway, UnknownAgent, UnknownTier) as error:
            raise refusal_of_transfer(error) from error
        if cmd.note:
            sender = Sender(actor.kind.value, actor.id, actor.name)
            note = Draft(state.id, sender, Kind.NOTE, {"text": cmd.note}, cmd.client_id, self._clock.now_ms())
            await self._writer.append(note)
        await self._queueing.applied(item)
        to = {"to_agent": cmd.to_agent_id} if cmd.to_agent_id else {"to_tier": cmd.to_tier}
        await audit(self._clock.now_ms(), actor, "conversation.transferred", state.id, **to)

    async def end_wrap_up(self, actor: Actor, conversation_id: str) -> None:
        await self._access.conversation(actor, conversation_id)
        center_id, work_id, agent_id = actor.center_id, WorkId(conversation_id), AgentId(actor.id)
        await self._queueing.call(center_id, lambda r: r.end_wrap_up(center_id, work_id, agent_id))


def _may_write(actor: Actor, state: State) -> bool:
    """Whether the newest state seen here allows it; the store decides again, under lock."""
    if state.center_id != actor.center_id:
        return False
    return state.visitor_id == actor.id if actor.is_visitor else state.agent_id == actor.id


def _message(
    actor: Actor,
    conversation_id: str,
    client_id: str,
    text: str,
    attachments: Sequence[schemas.AttachmentView],
    at_ms: int,
) -> Draft:
    body: dict[str, Any] = {"text": text, "attachments": [a.model_dump() for a in attachments]}
    sender = Sender(actor.kind.value, actor.id, actor.name)
    ids = tuple(a.id for a in attachments)
    return Draft(conversation_id, sender, Kind.MESSAGE, body, client_id, at_ms, ids)


def _appended(done: Appended) -> schemas.Appended:
    return schemas.Appended(seq=done.entry.seq, at_ms=done.entry.at_ms)
