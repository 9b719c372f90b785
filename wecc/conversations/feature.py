"""Puts the conversations together for a process."""

from __future__ import annotations

import logging

from redis.asyncio import Redis

from wecc.conversations import http as http_entry
from wecc.conversations import protocol, schemas, sockets
from wecc.conversations.access import Access
from wecc.conversations.attachments import Attachments
from wecc.conversations.canned_replies import CannedReplies
from wecc.conversations.desk import Desk
from wecc.conversations.following import Following
from wecc.conversations.notices import Notices
from wecc.conversations.parts import ConversationsFeature
from wecc.conversations.queueing import Queueing
from wecc.conversations.service import Conversations
from wecc.conversations.store import LogStore, PostgresLogStore, SqliteLogStore
from wecc.conversations.writer import LogWriter
from wecc.identity import Identity
from wecc.identity.http import Doorman
from wecc.infra import db
from wecc.infra.files import Files
from wecc.infra.http import HttpServer
from wecc.infra.ratelimit import Buckets
from wecc.infra.realtime import VISITOR, Dispatcher, Fanout, SocketServer
from wecc.infra.realtime.fanout import encode, visitor_room
from wecc.kernel.clock import Clock
from wecc.kernel.errors import WeccError
from wecc.kernel.ids import CenterId
from wecc.routing import Plans, Routing
from wecc.settings import Settings

log = logging.getLogger(__name__)

_UNSENT_FILE_LIFE_MS = 3_600_000


def build(
    settings: Settings, clock: Clock, redis: Redis, fanout: Fanout, identity: Identity
) -> ConversationsFeature:
    data = settings.data
    store: LogStore = (
        SqliteLogStore(db.sqlite_file(data))
        if data.is_sqlite
        else PostgresLogStore(data.database_url.replace("postgres://", "postgresql://", 1))
    )
    notices = Notices(fanout)
    writer = LogWriter(store, notices.told)
    plans = Plans(identity, clock, settings.routing)
    queueing = Queueing(Routing(redis), plans, identity, clock)
    following = Following(queueing, identity, writer, fanout, clock)
    files = Files(data.folder / "files", data.max_attachment_bytes)
    access = Access(identity, plans)
    attachments = Attachments(access, files, clock)
    canned = CannedReplies(clock)
    service = Conversations(identity, queueing, writer, notices, fanout, access, attachments, clock)
    desk = Desk(identity, queueing, access, canned, clock)
    return ConversationsFeature(
        service, desk, access, attachments, canned, queueing, following, writer, notices, files, store
    )


def bind(
    feature: ConversationsFeature,
    http: HttpServer,
    dispatcher: Dispatcher,
    doorman: Doorman,
    identity: Identity,
    settings: Settings,
    clock: Clock,
) -> None:
    """Serve the feature in a web process."""
    uploads = Buckets(clock, settings.limits.uploads_per_minute / 60, settings.limits.uploads_per_minute)
    http_entry.bind(http, feature, doorman, uploads, settings.data.max_attachment_bytes)
    sockets.bind(dispatcher, feature, identity)


class Places:
    """Tells waiting visitors of this worker where they stand, when it changed. Source: 2.4.3-04."""

    def __init__(self, feature: ConversationsFeature, server: SocketServer) -> None:
        self._feature = feature
        self._server = server
        self._told: dict[str, schemas.Place] = {}

    async def tell(self) -> None:
        """Called every second; asks for all of them at once."""
        waiting: dict[CenterId, dict[str, str]] = {}
        for peer in tuple(self._server.peers.values()):
            if peer.namespace == VISITOR and (
                conversation_id := self._feature.notices.waiting_of(peer.actor.id)
            ):
                waiting.setdefault(peer.actor.center_id, {})[conversation_id] = peer.actor.id
        told: dict[str, schemas.Place] = {}
        for center_id, visitors in waiting.items():
            try:
                places = await self._feature.service.places(center_id, list(visitors))
            except WeccError as error:
                log.warning("places.unknown", extra={"center": center_id, "why": error.code})
                told |= {i: p for i, p in self._told.items() if i in visitors}
                continue
            for conversation_id, place in places.items():
                told[conversation_id] = place
                if self._told.get(conversation_id) != place:
                    notice = schemas.PlaceChanged(conversation_id=conversation_id, place=place)
                    room = visitor_room(visitors[conversation_id])
                    self._server.deliver(room, encode(protocol.PLACE_CHANGED, notice))
        self._told = told


async def tidy(feature: ConversationsFeature) -> None:
    """Periodic cleaning, in the jobs process."""
    await feature.attachments.drop_unsent(_UNSENT_FILE_LIFE_MS)
