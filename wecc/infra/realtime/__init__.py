"""Sockets: python-socketio behind a guard, one dispatcher for every request, notices across workers."""

from wecc.infra.realtime.dispatcher import Context, Dispatcher
from wecc.infra.realtime.fanout import Fanout, Room
from wecc.infra.realtime.server import AGENT, VISITOR, Peer, SocketServer

__all__ = ["AGENT", "VISITOR", "Context", "Dispatcher", "Fanout", "Peer", "Room", "SocketServer"]
