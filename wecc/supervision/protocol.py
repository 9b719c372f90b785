"""Supervision's part of the socket contract; all of it is for supervisors and administrators.

What carries a whole routing plan to the server goes by HTTP: it may be larger than a socket's packet.
"""

from wecc.conversations.schemas import OpenedConversation, Presence
from wecc.infra.protocol import Audience, notice, request
from wecc.infra.wire import Nothing
from wecc.supervision import schemas as s

_AGENT = Audience.AGENT

WATCH_FLOOR = request("floor:watch", Nothing, s.Floor, _AGENT)
"""See queues and groups now; `floor:changed` follows, at most four times a second."""
UNWATCH_FLOOR = request("floor:unwatch", Nothing, Nothing, _AGENT)
"""Stop watching."""
READ_HISTORY = request("floor:read_history", s.ReadFloorHistory, s.FloorHistory, _AGENT)
"""Rates and waiting of the last minutes, for the charts."""
EXPEDITE = request("floor:expedite_work", s.ExpediteWork, Nothing, _AGENT)
"""Put a waiting customer before all others of his queue."""
ASSIGN = request("floor:assign_work", s.AssignWork, OpenedConversation, _AGENT)
"""Give a waiting customer to an agent by hand."""
SET_AGENT_PRESENCE = request("floor:set_presence", s.SetAgentPresence, Presence, _AGENT)
"""Make another agent ready, pause him, sign him off, or let him finish and leave."""
READ_PLAN = request("plan:read", Nothing, s.PlanView, _AGENT)
"""The routing plan in force."""
LIST_PLANS = request("plan:list_versions", Nothing, s.PlanVersionList, _AGENT)
"""What was saved by whom."""
READ_PLAN_VERSION = request("plan:read_version", s.ReadPlanVersion, s.PlanView, _AGENT)
"""An earlier plan; saving it again restores it."""
STOP_WHAT_IF = request("whatif:stop", s.WhatIfRef, Nothing, _AGENT)
"""Stop a replay."""

FLOOR_CHANGED = notice("floor:changed", s.Floor, _AGENT)
"""The floor as it is now; only to those who watch."""
PLAN_CHANGED = notice("plan:changed", s.PlanVersion, _AGENT)
"""Another plan is in force."""
WHAT_IF_CHANGED = notice("whatif:changed", s.WhatIfChanged, _AGENT)
"""How far a replay is, and its results; only to who started it."""
