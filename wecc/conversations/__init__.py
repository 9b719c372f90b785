"""The one durable thing between a visitor and a center: a conversation and its log."""

from wecc.conversations.access import Access
from wecc.conversations.domain import (
    PERSON,
    ClientIdConflict,
    ConversationClosed,
    Kind,
    NotGuided,
    State,
    answer_token,
    answered_seq,
)
from wecc.conversations.feature import bind, build, tidy
from wecc.conversations.guide import Greeting, chosen
from wecc.conversations.guided import GuidedConversations
from wecc.conversations.line import Places
from wecc.conversations.parts import ConversationsFeature
from wecc.conversations.queueing import FinishedWork, Queueing
from wecc.conversations.reading import Written, newest_entries
from wecc.conversations.service import Conversations

__all__ = [
    "PERSON",
    "Access",
    "ClientIdConflict",
    "ConversationClosed",
    "Conversations",
    "ConversationsFeature",
    "FinishedWork",
    "Greeting",
    "GuidedConversations",
    "Kind",
    "NotGuided",
    "Places",
    "Queueing",
    "State",
    "Written",
    "answer_token",
    "answered_seq",
    "bind",
    "build",
    "chosen",
    "newest_entries",
    "tidy",
]
