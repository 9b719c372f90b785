"""HTTP entry points of the flows' editor: sources are larger than a socket's packet."""

from __future__ import annotations

from quart import request

from wecc.identity.http import Doorman
from wecc.infra.http import HttpServer
from wecc.kernel.errors import NotFound
from wecc.selfservice import schemas as s
from wecc.selfservice.editing import Editing
from wecc.selfservice.entry import Entry
from wecc.selfservice.preview import Preview

_PATH = "/api/v1/flows"
_MAX_BYTES = 6 * s.SOURCE_CHARS + 64 * 1024
"""The longest source, each of its characters escaped, and what is around it."""


def bind(http: HttpServer, doorman: Doorman, editing: Editing, preview: Preview, entry: Entry) -> None:
    """Serve what supervisors do with flows, and how visitors are greeted."""
    bind_editor(http, doorman, editing, preview)

    async def greeting(query: s.ReadEntry) -> s.FlowEntry:
        """What greets whoever opens the panel."""
        visitor = None
        if "Authorization" in request.headers:
            visitor = await doorman.anyone()
        return await entry.read(visitor, query)

    http.route("GET", f"{_PATH}/entry", greeting, asks=s.ReadEntry, answers=s.FlowEntry)


def bind_editor(http: HttpServer, doorman: Doorman, editing: Editing, preview: Preview) -> None:
    """Serve what supervisors do with flows."""

    async def flows() -> s.FlowList:
        """All flows in force, and the tiers nothing greets."""
        return await editing.list(await doorman.agent())

    async def flow(code: str) -> s.FlowView:
        """A flow as it is in force."""
        return await editing.read(await doorman.agent(), code)

    async def versions(code: str) -> s.FlowVersionList:
        """Who saved a flow when, newest first."""
        return await editing.versions(await doorman.agent(), code)

    async def version(code: str, version: str) -> s.FlowView:
        """An earlier version of a flow."""
        if not (version.isascii() and version.isdecimal()) or len(version) > 9:
            raise NotFound
        return await editing.read_version(await doorman.agent(), code, int(version))

    async def check(cmd: s.CheckFlow) -> s.FlowCheck:
        """What is wrong with an edited flow. Changes nothing."""
        return await editing.check(await doorman.agent(), cmd)

    async def save(cmd: s.SaveFlow, code: str) -> s.FlowView:
        """Put a flow in force; `flow.invalid` or `flow.conflict` when it cannot be."""
        return await editing.save(await doorman.agent(), code, cmd)

    async def delete(query: s.DeleteFlow, code: str) -> s.FlowList:
        """Take a flow away; `flow.in_use` or `flow.conflict` when it cannot be."""
        return await editing.delete(await doorman.agent(), code, query)

    async def play(cmd: s.PreviewFlow) -> s.FlowPreview:
        """Play an edited flow. Changes nothing."""
        return await preview.play(await doorman.agent(), cmd)

    one = f"{_PATH}/<code>"
    http.route("GET", _PATH, flows, answers=s.FlowList)
    http.route("GET", one, flow, answers=s.FlowView)
    http.route("PUT", one, save, takes=s.SaveFlow, answers=s.FlowView, max_bytes=_MAX_BYTES)
    http.route("DELETE", one, delete, asks=s.DeleteFlow, answers=s.FlowList)
    http.route("GET", f"{one}/versions", versions, answers=s.FlowVersionList)
    http.route("GET", f"{one}/versions/<version>", version, answers=s.FlowView)
    http.route("POST", f"{_PATH}/check", check, takes=s.CheckFlow, answers=s.FlowCheck, max_bytes=_MAX_BYTES)
    http.route(
        "POST", f"{_PATH}/preview", play, takes=s.PreviewFlow, answers=s.FlowPreview, max_bytes=_MAX_BYTES
    )
