"""Routing under a virtual clock: `wecc simulate`, and what-ifs on traffic as it was.

What decides is the very function library of the center.
"""

from wecc.simulation.command import add_parser
from wecc.simulation.figures import Figures, TierFigures
from wecc.simulation.replay import ReplayBusy, ReplayFailed, Replays, ReplayTooLong
from wecc.simulation.trace import Trace, TracedAgent, TracedRequest, WhatIf

__all__ = [
    "Figures",
    "ReplayBusy",
    "ReplayFailed",
    "ReplayTooLong",
    "Replays",
    "TierFigures",
    "Trace",
    "TracedAgent",
    "TracedRequest",
    "WhatIf",
    "add_parser",
]
