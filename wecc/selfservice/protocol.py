"""Self-service's part of the socket contract. What it says arrives as events of the log. Source: 2.3, 2.4.3-04."""

from wecc.conversations.schemas import Appended
from wecc.infra.protocol import Audience, request
from wecc.selfservice import schemas as s

CHOOSE = request("flow:choose", s.Choose, Appended, Audience.VISITOR)
"""Choose a quick reply; `person` asks for a person at any time."""
FILL_FORM = request("flow:fill_form", s.FillForm, Appended, Audience.VISITOR)
"""Send a step's small form."""
