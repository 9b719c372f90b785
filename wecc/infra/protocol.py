"""The declared contract of the sockets: every request and notice, with its schemas and audience.

Handlers are bound to requests in `wecc.infra.realtime`; documents and TypeScript types are generated from
these declarations, so neither can drift from the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto

from wecc.infra.wire import Wire

VISITOR = "/visitor"
AGENT = "/agent"
"""The namespaces of the sockets."""


class Audience(Flag):
    VISITOR = auto()
    AGENT = auto()
    BOTH = VISITOR | AGENT


@dataclass(frozen=True, slots=True)
class Request:
    """`context:verb_object`, acked with `{ok: true, data}` or `{ok: false, error}`."""

    name: str
    takes: type[Wire]
    answers: type[Wire]
    audience: Audience


@dataclass(frozen=True, slots=True)
class Notice:
    """`context:object_past`, sent by the server, never acked."""

    name: str
    carries: type[Wire]
    audience: Audience


REQUESTS: dict[str, Request] = {}
NOTICES: dict[str, Notice] = {}


def request(name: str, takes: type[Wire], answers: type[Wire], audience: Audience) -> Request:
    """Declare a request; its name is unique."""
    if name in REQUESTS:
        raise ValueError(f"{name} is declared twice")
    return REQUESTS.setdefault(name, Request(name, takes, answers, audience))


def notice(name: str, carries: type[Wire], audience: Audience) -> Notice:
    """Declare a notice; its name is unique."""
    if name in NOTICES:
        raise ValueError(f"{name} is declared twice")
    return NOTICES.setdefault(name, Notice(name, carries, audience))
