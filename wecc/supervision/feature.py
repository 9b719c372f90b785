"""Puts supervision together for a process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wecc.conversations import ConversationsFeature
from wecc.identity import Identity
from wecc.infra.realtime.fanout import Fanout
from wecc.infra.tasks import TaskOwner
from wecc.kernel.clock import Clock
from wecc.supervision.floor import Floor, FloorWatch
from wecc.supervision.service import Supervision

if TYPE_CHECKING:
    from wecc.identity.http import Doorman
    from wecc.infra.http import HttpServer
    from wecc.infra.realtime.dispatcher import Dispatcher
    from wecc.infra.realtime.server import SocketServer


@dataclass(frozen=True, slots=True)
class SupervisionFeature:
    """All of supervision in one process: web serves people, jobs keeps the samples."""

    floor: Floor
    service: Supervision


def build(
    conversations: ConversationsFeature, identity: Identity, fanout: Fanout, clock: Clock
) -> SupervisionFeature:
    floor = Floor(conversations.queueing, clock)
    service = Supervision(floor, conversations.service, conversations.queueing, identity, fanout, clock)
    return SupervisionFeature(floor, service)


def bind(
    feature: SupervisionFeature,
    conversations: ConversationsFeature,
    http: HttpServer,
    dispatcher: Dispatcher,
    doorman: Doorman,
    server: SocketServer,
    fanout: Fanout,
    clock: Clock,
    tasks: TaskOwner,
) -> FloorWatch:
    """Serve the feature in a web process; returns what pushes the floor to its watchers."""
    # Only there what serves browsers is loaded.
    from wecc.supervision import http as http_entry  # noqa: PLC0415
    from wecc.supervision import sockets  # noqa: PLC0415
    from wecc.supervision.what_if import WhatIfs  # noqa: PLC0415

    watch = FloorWatch(feature.floor, server)
    what_ifs = WhatIfs(conversations.queueing, fanout, clock, tasks)
    http_entry.bind(http, doorman, feature.service, what_ifs)
    sockets.bind(dispatcher, feature.service, watch, what_ifs)
    return watch
