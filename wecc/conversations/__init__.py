"""The one durable thing between a visitor and a center: a conversation and its log."""

from wecc.conversations.feature import Places, bind, build, tidy
from wecc.conversations.parts import ConversationsFeature
from wecc.conversations.queueing import FinishedWork, Queueing
from wecc.conversations.service import Conversations

__all__ = [
    "Conversations",
    "ConversationsFeature",
    "FinishedWork",
    "Places",
    "Queueing",
    "bind",
    "build",
    "tidy",
]
