"""Use cases of conversations: start, write, read, hand over, close. Source: 3.4.3-03."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Q

from wecc.conversations import protocol, schemas, views
from wecc.conversations.domain import (
    AGENTS_ONLY,
    SYSTEM,
    Appended,
    ConversationClosed,
    Draft,
    Kind,
    NewConversation,
    NotYours,
    Sender,
    State,
    UnknownConversation,
)
from wecc.conversations.files import Files, safe_name
from wecc.conversations.models import AgentStatus, Attachment, CannedReply, Conversation, LogEntry, Mark, Work
from wecc.conversations.notices import Notices
from wecc.conversations.queueing import Queueing, offer_view, refusal_of_transfer
from wecc.conversations.writer import LogWriter
from wecc.identity import AgentRef, Identity
from wecc.infra import db
from wecc.infra.realtime.fanout import Fanout, conversation_room, visitor_room
from wecc.kernel.actor import Actor, Role
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Forbidden, InvalidInput, NotFound, Unavailable, WeccError
from wecc.kernel.ids import AgentId, CenterId, WorkId, new_id
from wecc.routing import (
    AgentAway,
    AgentPresence,
    AgentState,
    NotHeld,
    RoutingRefusal,
    UnknownAgent,
    UnknownTier,
    WorkItem,
    WorkState,
)
from wecc.security import audit

_FIRST_PAGE = 50
_LISTED = 500
_SEARCHED = 5000


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file and how to serve it."""

    name: str
    media_type: str
    is_image: bool
    content: bytes


class Conversations:
    """All that a visitor, an agent or a supervisor does with conversations."""

    def __init__(
        self,
        identity: Identity,
        queueing: Queueing,
        writer: LogWriter,
        notices: Notices,
        fanout: Fanout,
        files: Files,
        clock: Clock,
    ) -> None:
        self._identity = identity
        self._queueing = queueing
        self._writer = writer
        self._notices = notices
        self._fanout = fanout
        self._files = files
        self._clock = clock

    # ------------------------------------------------------------------ visitors

    async def resume(self, actor: Actor) -> schemas.VisitorState:
        """Who the visitor is, his open (else newest) conversation and its newest page."""
        row = await Conversation.filter(visitor_id=actor.id).order_by("-started_ms").first()
        view = await self._identity.view_visitor(actor.id)
        if row is None:
            return schemas.VisitorState(visitor=view, conversation=None, log=None)
        state = State.decode(row.state)
        self._notices.remember(state)
        conversation = views.for_visitor(state, await self._marks(state.id), await self._place(state))
        page = await self._page(state, schemas.ReadLog(conversation_id=state.id, limit=_FIRST_PAGE), newest=True)
        return schemas.VisitorState(visitor=view, conversation=conversation, log=page)

    async def start(self, actor: Actor, cmd: schemas.StartConversation) -> schemas.VisitorState:
        """Ask for a person; durable before it is acknowledged, then queued. Source: 3.4.3-03, 2.4.3-04."""
        visitor = await self._identity.view_visitor(actor.id)
        attachments = await self._own_files(actor, cmd.attachment_ids)
        if not cmd.text and not attachments:
            raise InvalidInput(fields={"text": "is empty"})
        now_ms = self._clock.now_ms()
        # The id follows from the visitor's intent, so a repeat finds it even when it is over by then.
        intent = hashlib.sha256(f"{actor.id}:{cmd.client_id}".encode()).hexdigest()[:32]
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
        )
        body = {
            "locale": cmd.locale,
            "channel": cmd.channel,
            "page_url": cmd.page_url,
            "page_title": cmd.page_title,
        }
        done = await self._writer.append(
            Draft(new.id, SYSTEM, Kind.STARTED, body, "started", now_ms),
            _message(actor, new.id, cmd.client_id, cmd.text, attachments, now_ms),
            new=new,
        )
        state = done[-1].state
        if state.status == "waiting":
            try:
                await self._queueing.enqueue(state)
            except Unavailable:
                # The request is durable; the jobs process queues it as soon as Redis is back.
                pass
        return await self.resume(actor)

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
        if state.tier != view.tier and state.status == "waiting":
            await self._queueing.retier(actor.center_id, state.id, view.tier)

    # ------------------------------------------------------------------ both sides

    async def send_message(self, actor: Actor, cmd: schemas.SendMessage) -> schemas.Appended:
        """Write into the log; what is returned is durable.

        Raises: ConversationClosed, NotYours, ClientIdConflict, NotFound.
        """
        if not cmd.text and not cmd.attachment_ids:
            raise InvalidInput(fields={"text": "is empty"})
        state = self._notices.seen(cmd.conversation_id)
        if state is None or not _may_write(actor, state):
            state = await self.access(actor, cmd.conversation_id)
        attachments = await self._own_files(actor, cmd.attachment_ids) if cmd.attachment_ids else []
        now_ms = self._clock.now_ms()
        message = _message(actor, state.id, cmd.client_id, cmd.text, attachments, now_ms)
        return _appended((await self._writer.append(message))[0])

    async def read_log(self, actor: Actor, cmd: schemas.ReadLog) -> schemas.LogPage:
        return await self._page(await self.access(actor, cmd.conversation_id), cmd, for_agents=actor.is_agent)

    async def set_marks(self, actor: Actor, cmd: schemas.SetMarks) -> schemas.Marks:
        """Move the side's marks forward, at most to the log's end. Only the agent in charge moves the agents'."""
        state = await self.access(actor, cmd.conversation_id)
        if actor.is_agent and state.agent_id != actor.id:
            return await self._marks(state.id)
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
        self._fanout.send(conversation_room(state.id, for_agents=True), protocol.MARKS_MOVED, notice)
        self._fanout.send(visitor_room(state.visitor_id), protocol.MARKS_MOVED, notice)
        self._notices.remember(state)
        self._notices.row_changed(state)
        return moved

    async def set_typing(self, actor: Actor, cmd: schemas.SetTyping) -> None:
        """Tell the other side; kept nowhere."""
        state = self._notices.seen(cmd.conversation_id)
        if state is None or not _may_write(actor, state):
            state = await self.access(actor, cmd.conversation_id)
            self._notices.remember(state)
        sender = schemas.Sender.model_validate({"kind": actor.kind.value, "id": actor.id, "name": actor.name})
        notice = schemas.TypingChanged(conversation_id=state.id, sender=sender, is_typing=cmd.is_typing)
        if actor.is_visitor:
            self._fanout.send(conversation_room(state.id, for_agents=True), protocol.TYPING_CHANGED, notice)
        elif state.agent_id == actor.id and state.status == "active":
            self._fanout.send(visitor_room(state.visitor_id), protocol.TYPING_CHANGED, notice)

    async def close(self, actor: Actor, conversation_id: str) -> None:
        """End it; a waiting visitor stops waiting. Closing what is closed does nothing.

        Raises: NotYours for an agent who is not in charge (supervisors may).
        """
        state = await self.access(actor, conversation_id)
        if actor.is_agent and state.agent_id != actor.id and not actor.has_role(Role.SUPERVISOR):
            raise NotYours
        if state.status != "closed":
            cause = "agent" if actor.is_agent else ("visitor" if state.status == "active" else "abandoned")
            sender = Sender(actor.kind.value, actor.id, actor.name)
            draft = Draft(state.id, sender, Kind.CLOSED, {"cause": cause}, f"close:{state.last_seq}", self._clock.now_ms())
            try:
                state = (await self._writer.append(draft))[0].state
            except ConversationClosed:
                pass
        try:
            await self._queueing.settle(state)
        except Unavailable:
            pass  # the jobs process settles closed conversations that routing still holds

    # ------------------------------------------------------------------ agents

    async def desk(self, actor: Actor) -> schemas.Desk:
        """All a console needs to start or to resume."""
        center_id = actor.center_id
        presences = await self._presences(center_id)
        mine = presences.get(actor.id) or await self._queueing.presence_view(
            center_id, AgentPresence(agent_id=AgentId(actor.id), state=AgentState.OFFLINE)
        )
        served = await self.served_tiers(actor)
        visible = Q(agent_id=actor.id, status="active") | Q(status="waiting", tier__in=list(served))
        if actor.has_role(Role.SUPERVISOR):
            visible = Q(status__in=["waiting", "active"])
        wrapping = await Work.filter(agent_id=actor.id, state="wrap_up").values_list("id", flat=True)
        visible |= Q(id__in=[str(i) for i in wrapping])
        rows = await Conversation.filter(visible, center_id=center_id).order_by("changed_ms").limit(_LISTED)
        offers = []
        for work in await Work.filter(center_id=center_id, agent_id=actor.id, state="offered"):
            row = await Conversation.get(id=work.id)
            item = await self._queueing.call(center_id, lambda r, i=work.id: r.work(center_id, WorkId(i)))
            if item.state is WorkState.OFFERED and item.agent_id == actor.id:
                offers.append(offer_view(item, (await self._summaries([row]))[0]))
        return schemas.Desk.model_validate(
            {
                "me": AgentRef(id=actor.id, name=actor.name),
                "role": actor.role.value,
                "center_id": center_id,
                "presence": mine,
                "offers": offers,
                "conversations": await self._summaries(rows),
                "tiers": await self._identity.tier_views(center_id),
                "colleagues": [p for i, p in presences.items() if i != actor.id],
                "canned_replies": await self.canned_replies(actor),
                "now_ms": self._clock.now_ms(),
            }
        )

    async def list_conversations(self, actor: Actor, cmd: schemas.ListConversations) -> schemas.ConversationList:
        """Conversations the agent may see, newest first; searched by name and by what was said."""
        wanted = {
            "mine": Q(agent_id=actor.id, status="active"),
            "waiting": Q(status="waiting"),
            "open": Q(status__in=["waiting", "active"]),
            "closed": Q(status="closed"),
        }[cmd.scope]
        visible = Q()
        if not actor.has_role(Role.SUPERVISOR):
            served = list(await self.served_tiers(actor))
            visible = Q(agent_id=actor.id) | Q(status="waiting", tier__in=served)
        found = Conversation.filter(wanted & visible, center_id=actor.center_id)
        if cmd.before_ms is not None:
            found = found.filter(changed_ms__lt=cmd.before_ms)
        found = found.order_by("-changed_ms")
        if cmd.query:
            # A bounded part of the past, so that searching costs the same after years.
            ids = [str(i) for i in await found.limit(_SEARCHED).values_list("id", flat=True)]
            said = LogEntry.filter(conversation_id__in=ids, kind__in=["message", "note"], body__icontains=cmd.query)
            hits = {str(i) for i in await said.distinct().values_list("conversation_id", flat=True)}
            by_name = Conversation.filter(id__in=ids).filter(
                Q(state__icontains=cmd.query, customer_id__not="") | Q(customer_id=cmd.query)
            )
            hits |= {r.id for r in await by_name if cmd.query.lower() in State.decode(r.state).visitor_name.lower()}
            hits |= {r.id for r in await by_name if r.customer_id == cmd.query}
            found = Conversation.filter(id__in=list(hits)).order_by("-changed_ms")
        rows = await found.limit(cmd.limit + 1)
        return schemas.ConversationList(
            conversations=await self._summaries(rows[: cmd.limit]), has_more=len(rows) > cmd.limit
        )

    async def open(self, actor: Actor, conversation_id: str) -> schemas.OpenedConversation:
        """A thread with its newest events and who the customer is. Supervisors' look at others' is audited."""
        state = await self.access(actor, conversation_id)
        self._notices.remember(state)
        cmd = schemas.ReadLog(conversation_id=state.id, limit=_FIRST_PAGE)
        facts = await self._identity.customer_facts(state.visitor_id)
        person = await self._identity.same_person(state.visitor_id)
        earlier = await Conversation.filter(visitor_id__in=person, id__not=state.id).order_by("-started_ms").limit(20)
        if state.agent_id not in ("", actor.id):
            await audit(self._clock.now_ms(), actor, "conversation.viewed", state.id)
        card = schemas.CustomerCard(
            visitor=facts.visitor,
            tiers=facts.tiers,
            phone=facts.phone,
            pages=[schemas.PageView(url=u, title=t, at_ms=a) for u, t, a in facts.pages],
            earlier=await self._summaries(earlier),
            user_agent=facts.user_agent,
            first_seen_ms=facts.first_seen_ms,
        )
        return schemas.OpenedConversation(
            conversation=views.summary(state, await self._marks(state.id)),
            log=await self._page(state, cmd, newest=True, for_agents=True),
            customer=card,
        )

    async def add_note(self, actor: Actor, cmd: schemas.AddNote) -> schemas.Appended:
        state = await self.access(actor, cmd.conversation_id)
        sender = Sender(actor.kind.value, actor.id, actor.name)
        draft = Draft(state.id, sender, Kind.NOTE, {"text": cmd.text}, cmd.client_id, self._clock.now_ms())
        return _appended((await self._writer.append(draft))[0])

    async def accept(self, actor: Actor, cmd: schemas.AcceptOffer) -> schemas.OpenedConversation:
        """Take an offer. Raises: OfferGone when it is too late."""
        work_id, agent_id = WorkId(cmd.conversation_id), AgentId(actor.id)
        item = await self._queueing.call(
            actor.center_id, lambda r: r.accept(actor.center_id, work_id, agent_id, cmd.version)
        )
        await self._queueing.applied(item)
        return await self.open(actor, cmd.conversation_id)

    async def decline(self, actor: Actor, cmd: schemas.DeclineOffer) -> None:
        """Give an offer back to its place. Raises: OfferGone."""
        work_id, agent_id = WorkId(cmd.conversation_id), AgentId(actor.id)
        await self._queueing.call(
            actor.center_id, lambda r: r.decline(actor.center_id, work_id, agent_id, cmd.version)
        )

    async def pick(self, actor: Actor, conversation_id: str) -> schemas.OpenedConversation:
        """Take a waiting conversation by hand. Raises: NotWaiting, NotServed, AtCapacity, AgentAway."""
        await self.access(actor, conversation_id)
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

    async def transfer(self, actor: Actor, cmd: schemas.Transfer) -> None:
        """Hand the conversation over, with a note for whoever gets it.

        Raises: NotYours; TransferTargetUnavailable, and then nothing has moved.
        """
        if (cmd.to_agent_id is None) == (cmd.to_tier is None):
            raise InvalidInput(fields={"to_agent_id": "exactly one of to_agent_id and to_tier is expected"})
        state = await self.access(actor, cmd.conversation_id)
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
        await self.access(actor, conversation_id)
        center_id, work_id, agent_id = actor.center_id, WorkId(conversation_id), AgentId(actor.id)
        await self._queueing.call(center_id, lambda r: r.end_wrap_up(center_id, work_id, agent_id))

    async def set_presence(self, actor: Actor, cmd: schemas.SetPresence) -> schemas.Presence:
        """Be ready, pause with a reason, or leave."""
        facts = (await self._identity.agent_facts(actor.center_id)).get(actor.id)
        if facts is None:
            raise NotFound
        presence = await self._queueing.call(
            actor.center_id,
            lambda r: r.set_agent(
                actor.center_id,
                AgentId(actor.id),
                AgentState(cmd.state),
                reason=cmd.reason or None,
                groups=facts.groups,
                capacity=facts.capacity,
            ),
        )
        return await self._queueing.presence_view(actor.center_id, presence)

    async def beat(self, actor: Actor) -> bool:
        """The agent's console lives. False when routing takes him for gone."""
        center_id, agent_id = actor.center_id, AgentId(actor.id)
        strangers = await self._queueing.call(center_id, lambda r: r.heartbeat(center_id, [agent_id]))
        return not strangers

    async def served_tiers(self, actor: Actor) -> set[str]:
        """Tiers of all groups the agent is in. Source: 2.4.1-04."""
        facts = (await self._identity.agent_facts(actor.center_id)).get(actor.id)
        groups = await self._identity.groups(actor.center_id)
        return {tier for code in (facts.groups if facts else ()) for tier in groups.get(code, ())}

    # ------------------------------------------------------------------ canned replies

    async def canned_replies(self, actor: Actor) -> list[schemas.CannedReply]:
        rows = await CannedReply.filter(center_id=actor.center_id).order_by("locale", "shortcut")
        return [_canned(row) for row in rows]

    async def save_canned_reply(self, actor: Actor, reply: schemas.CannedReplyText, reply_id: str) -> schemas.CannedReply:
        """Add (empty `reply_id`) or change one. Raises: Forbidden below supervisor; InvalidInput when the
        shortcut is taken in that language."""
        if not actor.has_role(Role.SUPERVISOR):
            raise Forbidden
        async with db.transaction():
            same = CannedReply.filter(center_id=actor.center_id, shortcut=reply.shortcut, locale=reply.locale)
            if await same.exclude(id=reply_id).exists():
                raise InvalidInput(fields={"shortcut": "is taken"})
            values = {"shortcut": reply.shortcut, "title": reply.title, "text": reply.text, "locale": reply.locale}
            if reply_id:
                row = await CannedReply.get_or_none(id=reply_id, center_id=actor.center_id)
                if row is None:
                    raise NotFound
                await row.update_from_dict(values).save()
            else:
                row = await CannedReply.create(id=new_id(), center_id=actor.center_id, **values)
        await audit(self._clock.now_ms(), actor, "canned_reply.saved", row.id)
        return _canned(row)

    async def delete_canned_reply(self, actor: Actor, reply_id: str) -> None:
        if not actor.has_role(Role.SUPERVISOR):
            raise Forbidden
        if not await CannedReply.filter(id=reply_id, center_id=actor.center_id).delete():
            raise NotFound
        await audit(self._clock.now_ms(), actor, "canned_reply.deleted", reply_id)

    # ------------------------------------------------------------------ files

    async def upload(self, actor: Actor, name: str, content: bytes) -> schemas.AttachmentView:
        """Keep a file for a message to come. Raises: TooLarge, TypeRefused, Damaged."""
        accepted = await self._files.accept(content)
        file_id = new_id()
        await self._files.keep(actor.center_id, file_id, accepted.content)
        row = await Attachment.create(
            id=file_id,
            center_id=actor.center_id,
            owner_id=actor.id,
            name=safe_name(name, accepted.media_type),
            media_type=accepted.media_type,
            size_bytes=len(accepted.content),
            width_px=accepted.width_px,
            height_px=accepted.height_px,
            created_ms=self._clock.now_ms(),
        )
        return _attachment(row)

    async def download(self, actor: Actor, file_id: str) -> StoredFile:
        """A file of a conversation the actor may read, or his own. Raises: NotFound."""
        row = await Attachment.get_or_none(id=file_id, center_id=actor.center_id)
        if row is None:
            raise NotFound
        if row.owner_id != actor.id:
            if row.conversation_id is None:
                raise NotFound
            await self.access(actor, row.conversation_id)
        content = await self._files.read(actor.center_id, file_id)
        return StoredFile(row.name, row.media_type, row.width_px is not None, content)

    async def drop_unsent_files(self, older_than_ms: int) -> None:
        """Remove files no message ever carried; a periodic job."""
        before_ms = self._clock.now_ms() - older_than_ms
        for row in await Attachment.filter(conversation_id=None, created_ms__lt=before_ms).limit(200):
            await row.delete()
            await self._files.drop(CenterId(row.center_id), row.id)

    # ------------------------------------------------------------------ access and reading

    async def access(self, actor: Actor, conversation_id: str) -> State:
        """The conversation, when this actor may read it; the only way to one.

        A visitor: his own. An agent: in charge of it, now or at its end; waiting in a tier he serves; or of a
        customer he is serving. A supervisor: all of the center. Raises: NotFound, the same for what does not
        exist and what is another's.
        """
        row = await Conversation.get_or_none(id=conversation_id, center_id=actor.center_id)
        if row is None or not await self._may_read(actor, row):
            raise UnknownConversation
        return State.decode(row.state)

    async def _may_read(self, actor: Actor, row: Conversation) -> bool:
        if actor.is_visitor:
            return row.visitor_id == actor.id
        if actor.has_role(Role.SUPERVISOR) or row.agent_id == actor.id:
            return True
        if row.status == "waiting" and row.tier in await self.served_tiers(actor):
            return True
        if await Work.filter(id=row.id, agent_id=actor.id, state__in=["offered", "wrap_up"]).exists():
            return True
        person = await self._identity.same_person(row.visitor_id)
        return await Conversation.filter(agent_id=actor.id, visitor_id__in=person).exists()

    async def entries(self, actor: Actor, state: State) -> list[LogEntry]:
        """The whole log as the actor may see it, for a transcript."""
        rows = LogEntry.filter(conversation_id=state.id)
        if not actor.is_agent:
            rows = rows.filter(audience="e")
        return await rows.order_by("seq").limit(20_000)

    async def _page(
        self, state: State, cmd: schemas.ReadLog, *, newest: bool = False, for_agents: bool = False
    ) -> schemas.LogPage:
        rows = LogEntry.filter(conversation_id=state.id)
        if not for_agents:
            rows = rows.filter(audience="e")
        if newest or cmd.before_seq is not None:
            if cmd.before_seq is not None:
                rows = rows.filter(seq__lt=cmd.before_seq)
            found = list(reversed(await rows.order_by("-seq").limit(cmd.limit)))
        else:
            found = await rows.filter(seq__gt=cmd.after_seq).order_by("seq").limit(cmd.limit)
        # Read the end after the events: a page never claims to reach further than it does.
        last = state.last_seq if for_agents else state.public_seq
        last = max(last, found[-1].seq if found else 0)
        events = [views.event_of_row(row, for_agents=for_agents) for row in found]
        return schemas.LogPage.model_validate({"events": events, "last_seq": last, "first_seq": 1})

    async def _marks(self, conversation_id: str) -> schemas.Marks:
        return views.marks(await Mark.get_or_none(conversation_id=conversation_id))

    async def _place(self, state: State) -> schemas.Place | None:
        if state.status != "waiting":
            return None
        try:
            return (await self.places(CenterId(state.center_id), [state.id])).get(state.id)
        except (Unavailable, RoutingRefusal):
            return None

    async def places(self, center_id: CenterId, conversation_ids: Sequence[str]) -> dict[str, schemas.Place]:
        """Where these stand in line; those no longer waiting are left out."""
        ids = [WorkId(i) for i in conversation_ids]
        known = await self._queueing.call(center_id, lambda r: r.places(center_id, ids))
        shown = {str(i): views.place(p) for i, p in known.items()}
        return {i: p for i, p in shown.items() if p is not None}

    async def _summaries(self, rows: Sequence[Conversation]) -> list[schemas.ConversationSummary]:
        marks = {m.conversation_id: m for m in await Mark.filter(conversation_id__in=[r.id for r in rows])}
        return [views.summary(State.decode(r.state), views.marks(marks.get(r.id))) for r in rows]

    async def _presences(self, center_id: CenterId) -> dict[str, schemas.Presence]:
        """Every enabled agent's presence; when Redis is away, the last the database knows."""
        facts = await self._identity.agent_facts(center_id)
        try:
            view = await self._queueing.call(center_id, lambda r: r.view(center_id))
            live = {a.agent_id: a for a in view.agents}
        except WeccError:
            live = {}
        since = {r.agent_id: r for r in await AgentStatus.filter(center_id=center_id)}
        shown = {}
        for agent_id, fact in facts.items():
            presence, row = live.get(AgentId(agent_id)), since.get(agent_id)
            state = presence.state.value if presence else "offline"
            is_unstable = presence is not None and presence.is_unstable and state != "offline"
            shown[agent_id] = schemas.Presence.model_validate(
                {
                    "agent": AgentRef(id=fact.id, name=fact.name),
                    "state": "unstable" if is_unstable else state,
                    "reason": (presence.reason or "") if presence else "",
                    "since_ms": row.since_ms if row else 0,
                    "load": presence.load if presence else 0,
                    "capacity": fact.capacity,
                }
            )
        return shown

    async def _own_files(self, actor: Actor, ids: Sequence[str]) -> list[schemas.AttachmentView]:
        if not ids:
            return []
        rows = {r.id: r for r in await Attachment.filter(id__in=list(ids), owner_id=actor.id)}
        if len(rows) < len(set(ids)):
            raise InvalidInput(fields={"attachment_ids": "a file is not there"})
        return [_attachment(rows[i]) for i in dict.fromkeys(ids)]


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


def _attachment(row: Attachment) -> schemas.AttachmentView:
    return schemas.AttachmentView(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        is_image=row.width_px is not None,
        width_px=row.width_px,
        height_px=row.height_px,
    )


def _canned(row: CannedReply) -> schemas.CannedReply:
    return schemas.CannedReply.model_validate(
        {"id": row.id, "shortcut": row.shortcut, "title": row.title, "text": row.text, "locale": row.locale}
    )


