"""Identity's part of the socket contract."""

from wecc.identity.schemas import IdentifyVisitor, SessionEnded, VisitorView
from wecc.infra.protocol import Audience, notice, request
from wecc.infra.wire import Nothing

IDENTIFY = request("visitor:identify", IdentifyVisitor, VisitorView, Audience.VISITOR)
"""Prove by the integrator's token who the visitor is. Source: 2.2-04."""

SESSION_ENDED = notice("session:ended", SessionEnded, Audience.BOTH)
"""The session is over; the socket closes after this."""

RESYNC_NEEDED = notice("session:resync_needed", Nothing, Audience.BOTH)
"""Notices may have been lost on the server's side: read everything followed from its cursor."""
