"""The parts a process runs: every process writes logs; web serves people, jobs follows routing."""

from __future__ import annotations

from dataclasses import dataclass

from wecc.conversations.access import Access
from wecc.conversations.attachments import Attachments
from wecc.conversations.canned_replies import CannedReplies
from wecc.conversations.desk import Desk
from wecc.conversations.following import Following
from wecc.conversations.guided import GuidedConversations
from wecc.conversations.line import Line
from wecc.conversations.notices import Notices
from wecc.conversations.queueing import Queueing
from wecc.conversations.service import Conversations
from wecc.conversations.store import LogStore
from wecc.conversations.writer import LogWriter
from wecc.infra.files import Files


@dataclass(slots=True)
class ConversationsFeature:
    """All of the conversations in one process."""

    service: Conversations
    guided: GuidedConversations
    line: Line
    desk: Desk
    access: Access
    attachments: Attachments
    canned_replies: CannedReplies
    queueing: Queueing
    following: Following
    writer: LogWriter
    notices: Notices
    files: Files
    store: LogStore

    async def close(self) -> None:
        """Store what was taken in, then let go."""
        await self.writer.drain(5)
        await self.store.close()
        self.files.close()
