"""Puts the knowledge base together for a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.asyncio import Redis

from wecc.identity import Identity
from wecc.infra.files import Files
from wecc.infra.ratelimit import Buckets
from wecc.kernel.clock import Clock
from wecc.kernel.ids import CenterId
from wecc.knowledge.bell import Bell
from wecc.knowledge.contents import Contents
from wecc.knowledge.editing.articles import Articles
from wecc.knowledge.editing.categories import Categories
from wecc.knowledge.editing.desk import Desk
from wecc.knowledge.editing.importing import Importing
from wecc.knowledge.editing.reviewing import Reviewing
from wecc.knowledge.editing.staff import Staff
from wecc.knowledge.editing.vocabulary import Words
from wecc.knowledge.files import ArticleFiles
from wecc.knowledge.journal import Journal
from wecc.knowledge.learning.gaps import Learning
from wecc.knowledge.learning.remarks import Remarks
from wecc.knowledge.learning.reporting import Containment, Reporting
from wecc.knowledge.parts import KnowledgeFeature
from wecc.knowledge.publishing.placing import Placing
from wecc.knowledge.publishing.service import Publishing
from wecc.knowledge.publishing.targets import Targets
from wecc.knowledge.readers import GroupsOf, GroupsOfAgent, Readers
from wecc.knowledge.reading.asking import Asking
from wecc.knowledge.reading.browsing import Reading
from wecc.knowledge.reading.hot import Hot
from wecc.knowledge.rights import Rights
from wecc.knowledge.search_process.client import SearchClient, socket_file
from wecc.knowledge.shelf import Shelves
from wecc.settings import Settings

if TYPE_CHECKING:
    from wecc.identity.http import Doorman
    from wecc.infra.http import HttpServer


def build(
    settings: Settings,
    clock: Clock,
    identity: Identity,
    groups_of: GroupsOf,
    groups_of_agent: GroupsOfAgent,
    redis: Redis | None = None,
) -> KnowledgeFeature:
    """`groups_of` tells the agent groups an article may be meant for, `groups_of_agent` those of one agent.

    Without `redis` other processes hear a little later of what changed.
    """
    rights = Rights(identity)
    bell = Bell(redis)
    journal = Journal(identity, rights, clock, bell)
    data = settings.data
    files = ArticleFiles(Files(data.folder / "kb-files", data.max_attachment_bytes), rights, journal, clock)
    publishing = Publishing(rights, journal, clock)
    reviewing = Reviewing(rights, journal)
    contents = Contents(identity, groups_of)
    targets = Targets(rights, journal, contents, data, settings.knowledge)
    shelves = Shelves()
    hot = Hot(shelves, rights, journal, clock)
    index = SearchClient(socket_file(data))

    async def read_file(center_id: CenterId, file_id: str) -> bytes:
        return (await files.stored(center_id, file_id)).content

    articles = Articles(identity, rights, journal, contents, publishing, files)
    readers = Readers(identity, groups_of, groups_of_agent)

    def placing(center_id: CenterId) -> Placing:
        return Placing(center_id, publishing, journal, targets.depot, read_file, clock, bell)

    return KnowledgeFeature(
        rights=rights,
        journal=journal,
        bell=bell,
        staff=Staff(identity, rights, journal),
        desk=Desk(identity, rights, groups_of),
        articles=articles,
        categories=Categories(rights, journal),
        reviewing=reviewing,
        publishing=publishing,
        importing=Importing(rights, journal, reviewing, publishing),
        words=Words(rights, journal),
        files=files,
        targets=targets,
        readers=readers,
        shelves=shelves,
        reading=Reading(identity, shelves, hot, files, clock),
        hot=hot,
        index=index,
        asking=Asking(shelves, index, clock),
        learning=Learning(rights, journal, articles, readers, shelves, clock),
        placing=placing,
    )


def bind(
    feature: KnowledgeFeature,
    http: HttpServer,
    doorman: Doorman,
    containment: Containment,
    settings: Settings,
    clock: Clock,
) -> None:
    """Serve the feature in a web process; `containment` tells how self-service ended."""
    # Only there what serves browsers is loaded.
    from wecc.knowledge.editing import http as editing_http  # noqa: PLC0415
    from wecc.knowledge.learning import http as learning_http  # noqa: PLC0415
    from wecc.knowledge.publishing import http as publishing_http  # noqa: PLC0415
    from wecc.knowledge.reading import http as reading_http  # noqa: PLC0415

    per_minute = settings.limits.uploads_per_minute
    editing_http.bind(http, feature, doorman, Buckets(clock, per_minute / 60, per_minute), settings)
    reporting = Reporting(
        feature.rights, feature.journal, feature.learning, feature.index.state, containment, clock
    )
    remarks = Remarks(feature.rights, clock)
    learning_http.bind(http, doorman, feature.learning, remarks, reporting, settings)
    publishing_http.bind(http, doorman, feature.targets, feature.hot, settings)
    per_minute = settings.limits.reads_per_address_per_minute
    reads = Buckets(clock, per_minute / 60, per_minute)
    readers, reading, asking = feature.readers, feature.reading, feature.asking
    reading_http.bind(http, doorman, readers, reading, asking, feature.hot, reads, settings)
