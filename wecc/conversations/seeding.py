"""First texts for a new center."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wecc.conversations.models import CannedReply, Work
from wecc.kernel.ids import CenterId, new_id


async def add_canned_replies(center_id: CenterId, replies: Iterable[tuple[str, str, str, str]]) -> None:
    """Add (shortcut, title, text, locale) when the center has none at all: deleted ones do not come back."""
    if await CannedReply.filter(center_id=center_id).exists():
        return
    for shortcut, title, text, locale in replies:
        row = CannedReply(id=new_id(), center_id=center_id, shortcut=shortcut, title=title, text=text)
        row.locale = locale
        await row.save(force_create=True)


@dataclass(frozen=True, slots=True)
class PastWork:
    """A request that is over: answered at `assigned_ms` by `agent_id`, or given up."""

    tier: str
    since_ms: int
    assigned_ms: int | None
    ended_ms: int
    agent_id: str


async def add_past_work(center_id: CenterId, works: Sequence[PastWork]) -> None:
    """Add requests of an earlier time, for what looks back; nothing when that time has some of its own."""
    first_ms, last_ms = min(w.since_ms for w in works), max(w.since_ms for w in works)
    if await Work.filter(center_id=center_id, since_ms__gte=first_ms, since_ms__lte=last_ms).exists():
        return
    rows = [
        Work(
            id=new_id(),
            center_id=center_id,
            channel="chat",
            tier=work.tier,
            state="abandoned" if work.assigned_ms is None else "closed",
            version=1,
            since_ms=work.since_ms,
            at_ms=work.ended_ms,
            agent_id=work.agent_id or None,
            assigned_ms=work.assigned_ms,
        )
        for work in works
    ]
    await Work.bulk_create(rows, batch_size=500)
