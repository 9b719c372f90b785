"""What routing refuses, and the short codes by which the library says so."""

from __future__ import annotations

from typing import ClassVar, Self

from wecc.kernel.errors import WeccError


class RoutingRefusal(WeccError):
    """A refusal; `data` names what it is about under `key`."""

    status = 409
    key: ClassVar[str] = ""

    @classmethod
    def about(cls, value: str) -> Self:
        return cls(**({cls.key: value} if cls.key else {}))


class NotLoaded(RoutingRefusal):
    """Redis has lost this center: rebuild it from the database, then repeat."""

    code = "routing.not_loaded"
    status = 503
    retryable = True
    sentence = "The queues are being restored. Nothing was lost; please try again."


class Rebuilding(NotLoaded):
    """Another process rebuilds this center already: wait for it, then repeat."""

    code = "routing.rebuilding"


class UnknownWork(RoutingRefusal):
    code = "routing.unknown_work"
    status = 404
    sentence = "This request is not known."
    key = "work_id"


class UnknownAgent(RoutingRefusal):
    """No such agent has signed on to routing."""

    code = "routing.unknown_agent"
    status = 404
    sentence = "This agent is not known."
    key = "agent_id"


class UnknownTier(RoutingRefusal):
    """The configuration has no such tier on this channel."""

    code = "routing.unknown_tier"
    status = 404
    sentence = "This customer tier does not exist."
    key = "tier"


class UnknownGroup(RoutingRefusal):
    code = "routing.unknown_group"
    status = 404
    sentence = "This agent group does not exist."
    key = "group"


class OfferGone(RoutingRefusal):
    """The offer ran out, was withdrawn, or was another's."""

    code = "routing.offer_gone"
    sentence = "This offer is no longer open."
    key = "work_id"


class NotWaiting(RoutingRefusal):
    """Somebody has taken it, or it has ended."""

    code = "routing.not_waiting"
    sentence = "This request is no longer waiting."
    key = "work_id"


class NotHeld(RoutingRefusal):
    """The agent does not hold this work in the state the action needs; also what an old tab is told."""

    code = "routing.not_held"
    sentence = "This conversation is no longer yours."
    key = "work_id"


class NotServed(RoutingRefusal):
    code = "routing.not_served"
    status = 403
    sentence = "You do not serve this customer tier."
    key = "tier"


class AtCapacity(RoutingRefusal):
    code = "routing.at_capacity"
    sentence = "This agent has as many conversations as allowed."
    key = "agent_id"


class AgentAway(RoutingRefusal):
    """The agent is not there to take it."""

    code = "routing.agent_away"
    sentence = "This agent is not available right now."
    key = "agent_id"


class QueueFull(RoutingRefusal):
    """As many of this tier wait, or are served, as the center allows. Source: 2.3-21, 2.3-23."""

    code = "routing.queue_full"
    sentence = "Too many are waiting already."
    key = "tier"


class NobodyHere(RoutingRefusal):
    """No agent who serves the tier is ready."""

    code = "routing.nobody_here"
    sentence = "Nobody is available right now."
    key = "tier"


class TierInUse(RoutingRefusal):
    """A tier with live work cannot be removed."""

    code = "routing.tier_in_use"
    sentence = "This customer tier still has open conversations."
    key = "tier"


REFUSALS: dict[str, type[RoutingRefusal]] = {
    "NOTLOADED": NotLoaded,
    "REBUILDING": Rebuilding,
    "UNKNOWNWORK": UnknownWork,
    "UNKNOWNAGENT": UnknownAgent,
    "UNKNOWNTIER": UnknownTier,
    "UNKNOWNGROUP": UnknownGroup,
    "OFFERGONE": OfferGone,
    "NOTWAITING": NotWaiting,
    "NOTHELD": NotHeld,
    "NOTSERVED": NotServed,
    "ATCAPACITY": AtCapacity,
    "AGENTAWAY": AgentAway,
    "QUEUEFULL": QueueFull,
    "NOBODYHERE": NobodyHere,
    "TIERINUSE": TierInUse,
}
