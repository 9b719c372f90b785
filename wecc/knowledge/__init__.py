"""The knowledge base: written and reviewed by staff, published to targets, searched by everybody."""

from wecc.knowledge.feature import bind, build
from wecc.knowledge.parts import KnowledgeFeature
from wecc.knowledge.readers import Reader, Readers, customer
from wecc.knowledge.reading.asking import Asking
from wecc.knowledge.reading.browsing import Reading
from wecc.knowledge.reading.hot import Hot
from wecc.knowledge.schemas import AgentGroup
from wecc.knowledge.shelf import Shelves

__all__ = [
    "AgentGroup",
    "Asking",
    "Hot",
    "KnowledgeFeature",
    "Reader",
    "Readers",
    "Reading",
    "Shelves",
    "bind",
    "build",
    "customer",
]
