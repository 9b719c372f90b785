"""HTTP entry points of learning: gaps, the answer curve, the report."""

from __future__ import annotations

from wecc.identity.http import Doorman
from wecc.infra.http import HttpServer
from wecc.kernel.actor import Actor
from wecc.knowledge import schemas as s
from wecc.knowledge.editing.http import agent_here
from wecc.knowledge.learning.gaps import Learning
from wecc.knowledge.learning.remarks import Remarks
from wecc.knowledge.learning.reporting import Reporting
from wecc.settings import Settings


def bind(
    http: HttpServer,
    doorman: Doorman,
    learning: Learning,
    remarks: Remarks,
    reporting: Reporting,
    settings: Settings,
) -> None:
    """Serve those who learn from questions."""

    async def actor() -> Actor:
        return await agent_here(doorman, settings)

    async def gaps(query: s.FindGaps) -> s.GapList:
        """Questions without a good answer."""
        return await learning.gaps(await actor(), query)

    async def handle(cmd: s.HandleGap, gap_id: str) -> s.GapHandled:
        """Teach an article a question, write one, put a gap away or back."""
        return await learning.handle(await actor(), gap_id, cmd)

    async def read_remarks(query: s.FindRemarks) -> s.RemarkList:
        """What readers wrote about articles that did not help them."""
        return await remarks.read(await actor(), query)

    async def curve(query: s.Period) -> s.ThresholdCurve:
        """What other thresholds would answer, and how well."""
        return await reporting.curve(await actor(), query)

    async def set_thresholds(cmd: s.SetThresholds) -> s.ThresholdCurve:
        """From when on questions are answered by themselves."""
        return await reporting.set_thresholds(await actor(), cmd)

    async def report(query: s.Period) -> s.KnowledgeReport:
        """How questions went."""
        return await reporting.report(await actor(), query)

    path = "/api/v1/kb/desk"
    http.route("GET", f"{path}/gaps", gaps, asks=s.FindGaps, answers=s.GapList)
    http.route("POST", f"{path}/gaps/<gap_id>", handle, takes=s.HandleGap, answers=s.GapHandled)
    http.route("GET", f"{path}/remarks", read_remarks, asks=s.FindRemarks, answers=s.RemarkList)
    http.route("GET", f"{path}/curve", curve, asks=s.Period, answers=s.ThresholdCurve)
    http.route("PUT", f"{path}/thresholds", set_thresholds, takes=s.SetThresholds, answers=s.ThresholdCurve)
    http.route("GET", f"{path}/report", report, asks=s.Period, answers=s.KnowledgeReport)
