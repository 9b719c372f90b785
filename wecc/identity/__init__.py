"""Centers, agents, tiers, visitors and customers: who is who, and proof of it."""

from wecc.identity.domain import TierRule, highest_tier, page_address
from wecc.identity.schemas import AgentRef, TierView, VisitorView
from wecc.identity.service import AgentFacts, CustomerFacts, Identity, SignedIn
from wecc.identity.tokens import TokenInvalid

__all__ = [
    "AgentFacts",
    "AgentRef",
    "CustomerFacts",
    "Identity",
    "SignedIn",
    "TierRule",
    "TierView",
    "TokenInvalid",
    "VisitorView",
    "highest_tier",
    "page_address",
]
