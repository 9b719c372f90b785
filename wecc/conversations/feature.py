"""Puts the conversations together for a process."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from redis.asyncio import Redis

from wecc.conversations.access import Access
from wecc.conversations.attachments import Attachments
from wecc.conversations.canned_replies import CannedReplies
from wecc.conversations.desk import Desk
from wecc.conversations.following import Following
from wecc.conversations.guided import GuidedConversations
from wecc.conversations.line import Line
from wecc.conversations.notices import Notices
from wecc.conversations.parts import ConversationsFeature
from wecc.conversations.queueing import Queueing
from wecc.conversations.service import Conversations
from wecc.conversations.store import LogStore, PostgresLogStore, SqliteLogStore
from wecc.conversations.writer import LogWriter
from wecc.identity import Identity
from wecc.infra import db
from wecc.infra.files import Files
from wecc.infra.ratelimit import Buckets
from wecc.infra.realtime.fanout import Fanout
from wecc.kernel.clock import Clock
from wecc.routing import Plans, Routing
from wecc.settings import Settings

if TYPE_CHECKING:
    from wecc.identity.http import Doorman
    from wecc.infra.http import HttpServer
    from wecc.infra.realtime.dispatcher import Dispatcher

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
    line = Line(queueing, clock)
    service = Conversations(identity, queueing, writer, notices, fanout, access, attachments, line, clock)
    guided = GuidedConversations(queueing, writer, notices, clock)
    desk = Desk(identity, queueing, access, canned, clock)
    return ConversationsFeature(
        service,
        guided,
        line,
        desk,
        access,
        attachments,
        canned,
        queueing,
        following,
        writer,
        notices,
        files,
        store,
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
    # Only there what serves browsers is loaded.
    from wecc.conversations import http as http_entry  # noqa: PLC0415
    from wecc.conversations import sockets  # noqa: PLC0415

    uploads = Buckets(clock, settings.limits.uploads_per_minute / 60, settings.limits.uploads_per_minute)
    http_entry.bind(http, feature, doorman, uploads, settings.data.max_attachment_bytes)
    sockets.bind(dispatcher, feature, identity)


async def tidy(feature: ConversationsFeature) -> None:
    """Periodic cleaning, in the jobs process."""
    await feature.attachments.drop_unsent(_UNSENT_FILE_LIFE_MS)
