"""What the database knows of a center's routing, from which Redis is rebuilt. Source: reliability R7."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from wecc.conversations.models import AgentStatus, Conversation, Work
from wecc.kernel.ids import AgentId, CenterId, WorkId
from wecc.routing import (
    AgentState,
    Channel,
    Outcome,
    Reason,
    RoutingPlan,
    Snapshot,
    TargetPlan,
    WorkItem,
    WorkState,
    seat_of,
)

LIVE = ("queued", "offered", "assigned", "wrap_up")
_OUTCOMES = 20_000
"""Of each channel at most, the newest: beyond it the rates hardly change."""


async def snapshot(
    center_id: CenterId, plan: RoutingPlan, agent_ids: Collection[str], now_ms: int
) -> Snapshot:
    """All of it at this moment; `agent_ids` are those who may work here."""
    works = await Work.filter(center_id=center_id, state__in=LIVE).order_by("since_ms", "id")
    closed = await Conversation.filter(
        id__in=[w.id for w in works if w.state != "wrap_up"], status="closed"
    ).values_list("id", flat=True)
    over = {str(i) for i in closed}
    agents = [
        seat_of(plan, row.agent_id).model_copy(
            update={"state": AgentState(row.state), "reason": row.reason or None}
        )
        for row in await AgentStatus.filter(center_id=center_id)
        if row.agent_id in agent_ids
    ]
    known = {a.agent_id for a in agents}
    items = []
    for w in works:
        if w.id in over:
            continue
        item = _work_item(w)
        if item.agent_id is not None and item.agent_id not in known:
            item = item.model_copy(update={"state": WorkState.QUEUED, "agent_id": None, "deadline_ms": None})
        items.append(item)
    return Snapshot(tuple(items), tuple(agents), tuple(await _outcomes(center_id, plan, now_ms)))


async def _outcomes(center_id: CenterId, plan: RoutingPlan, now_ms: int) -> list[Outcome]:
    """Who was answered in time within the longest window, so that answer rates survive a flush."""
    targets = {(tier.code, str(t.channel)): t for tier in plan.tiers for t in tier.targets}
    outcomes = []
    for work in await _recent(center_id, targets.values(), now_ms):
        target = targets.get((work.tier, work.channel))
        if target is None or (work.assigned_ms is None and work.state != "abandoned"):
            continue
        end_ms = work.assigned_ms or work.at_ms
        is_hit = work.assigned_ms is not None and end_ms - work.since_ms <= target.threshold_s * 1000
        channel = Channel(work.channel)
        outcomes.append(Outcome(tier=work.tier, channel=channel, at_ms=end_ms, is_hit=is_hit))
    return outcomes


async def _recent(center_id: CenterId, targets: Iterable[TargetPlan], now_ms: int) -> list[Work]:
    """Work that changed within its channel's longest window, and is not waiting."""
    windows: dict[str, int] = {}
    for target in targets:
        windows[target.channel] = max(windows.get(target.channel, 0), target.window_min)
    rows: list[Work] = []
    for channel, window_min in windows.items():
        since_ms = now_ms - window_min * 60_000
        recent = Work.filter(center_id=center_id, channel=channel, at_ms__gt=since_ms)
        newest = recent.exclude(state__in=["queued", "offered"]).order_by("-at_ms")
        rows.extend(await newest.limit(_OUTCOMES))
    return rows


def _work_item(row: Work) -> WorkItem:
    return WorkItem(
        work_id=WorkId(row.id),
        state=WorkState(row.state),
        tier=row.tier,
        channel=Channel(row.channel),
        version=row.version,
        since_ms=row.since_ms,
        at_ms=row.at_ms,
        agent_id=AgentId(row.agent_id) if row.agent_id else None,
        only_agent=AgentId(row.only_agent) if row.only_agent else None,
        deadline_ms=row.deadline_ms,
        assigned_ms=row.assigned_ms,
        reason=Reason.model_validate_json(row.reason) if row.reason else None,
    )
