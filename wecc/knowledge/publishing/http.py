"""HTTP entry points of targets and hot topics."""

from __future__ import annotations

from wecc.identity.http import Doorman
from wecc.infra.http import HttpServer
from wecc.knowledge import schemas as s
from wecc.knowledge.editing.http import PATH, agent_here
from wecc.knowledge.publishing.targets import Targets
from wecc.knowledge.reading.hot import Hot
from wecc.settings import Settings


def bind(http: HttpServer, doorman: Doorman, targets: Targets, hot: Hot, settings: Settings) -> None:
    """Serve the desk's part of publishing that is not about one article."""

    async def all_targets() -> s.TargetList:
        """Where articles may be published to, and how that goes."""
        return await targets.all(await agent_here(doorman, settings))

    async def set_target(cmd: s.SetTargets) -> s.TargetList:
        """Add or change a target."""
        return await targets.set(await agent_here(doorman, settings), cmd.target)

    async def remove_target(code: str) -> s.TargetList:
        """Forget a target that holds nothing."""
        return await targets.remove(await agent_here(doorman, settings), code)

    async def check_target(code: str) -> s.TargetList:
        """Have a target compared with what it should hold, and mended."""
        return await targets.check(await agent_here(doorman, settings), code)

    async def pins(query: s.Browse) -> s.SetPins:
        """The pinned hot topics of a category, or of everything."""
        return await hot.pins(await agent_here(doorman, settings), query.category or "")

    async def set_pins(cmd: s.SetPins) -> s.SetPins:
        """Pin hot topics, in their order."""
        return await hot.set_pins(await agent_here(doorman, settings), cmd)

    http.route("GET", f"{PATH}/targets", all_targets, answers=s.TargetList)
    http.route("PUT", f"{PATH}/targets", set_target, takes=s.SetTargets, answers=s.TargetList)
    http.route("DELETE", f"{PATH}/targets/<code>", remove_target, answers=s.TargetList)
    http.route("POST", f"{PATH}/targets/<code>/check", check_target, answers=s.TargetList)
    http.route("GET", f"{PATH}/pins", pins, asks=s.Browse, answers=s.SetPins)
    http.route("PUT", f"{PATH}/pins", set_pins, takes=s.SetPins, answers=s.SetPins)
