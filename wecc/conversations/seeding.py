"""First texts for a new center."""

from __future__ import annotations

from collections.abc import Iterable

from wecc.conversations.models import CannedReply
from wecc.kernel.ids import CenterId, new_id


async def add_canned_replies(center_id: CenterId, replies: Iterable[tuple[str, str, str, str]]) -> None:
    """Add (shortcut, title, text, locale) when the center has none at all: deleted ones do not come back."""
    if await CannedReply.filter(center_id=center_id).exists():
        return
    for shortcut, title, text, locale in replies:
        row = CannedReply(id=new_id(), center_id=center_id, shortcut=shortcut, title=title, text=text)
        row.locale = locale
        await row.save(force_create=True)
