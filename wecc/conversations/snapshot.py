"""What the database knows of a center's routing, from which Redis is rebuilt. Source: reliability R7."""

from __future__ import annotations

from collections.abc import Collection

from wecc.conversations.models import AgentStatus, Conversation, Work
from wecc.kernel.ids import AgentId, CenterId, WorkId
from wecc.routing import (
    Abandons,
    AgentState,
    Channel,
    Outcome,
    Reason,
    RoutingConfig,
    RoutingPlan,
    Snapshot,
    Target,
    WorkItem,
    WorkState,
    seat_of,
)

LIVE = ("queued", "offered", "assigned", "wrap_up")
_OUTCOMES = 20_000
"""Of each channel at most, the newest: beyond it the rates hardly change."""


async def snapshot(
    center_id: CenterId, plan: RoutingPlan, config: RoutingConfig, agent_ids: Collection[str], now_ms: int
) -> Snapshot:
    """All of it at this moment. `config` is the plan as the engine has it; `agent_ids` may work here."""
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
    return Snapshot(tuple(items), tuple(agents), tuple(await _outcomes(center_id, config, now_ms)))


async def _outcomes(center_id: CenterId, config: RoutingConfig, now_ms: int) -> list[Outcome]:
    """How requests fared within their windows, so that answer rates survive a flush."""
    targets = {(tier.code, channel): t for tier in config.tiers for channel, t in tier.targets.items()}
    found = [
        _outcome(work, targets[work.tier, Channel(work.channel)])
        for work in await _recent(center_id, config, now_ms)
        if (work.tier, work.channel) in targets
    ]
    return [outcome for outcome in found if outcome is not None]


def _outcome(work: Work, target: Target) -> Outcome | None:
    """What counts of it; None for who gave up so soon, or is not to be counted, or is counted later."""
    threshold_ms = target.threshold_s * 1000
    end_ms = work.at_ms if work.assigned_ms is None else work.assigned_ms
    wait_ms = end_ms - work.since_ms
    is_hit = wait_ms <= threshold_ms
    if work.assigned_ms is None:
        is_early = is_hit and target.abandons is Abandons.IGNORE
        if work.state != WorkState.ABANDONED or is_early or wait_ms < target.short_abandon_s * 1000:
            return None
        is_hit = is_hit and target.abandons is Abandons.POSITIVE
    return Outcome(
        tier=work.tier,
        channel=Channel(work.channel),
        at_ms=end_ms,
        is_hit=is_hit,
        is_abandoned=work.assigned_ms is None,
        excess_ms=max(0, round(wait_ms - threshold_ms)),
    )


async def _recent(center_id: CenterId, config: RoutingConfig, now_ms: int) -> list[Work]:
    """Work that changed within its channel's longest window, and is not waiting."""
    windows: dict[Channel, int] = {}
    for tier in config.tiers:
        for channel, target in tier.targets.items():
            windows[channel] = max(windows.get(channel, 0), target.window_min)
    rows: list[Work] = []
    for channel, window_min in windows.items():
        since_ms = now_ms - window_min * 60_000
        recent = Work.filter(center_id=center_id, channel=channel.value, at_ms__gt=since_ms)
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
        is_expedited=row.is_expedited,
        reason=Reason.model_validate_json(row.reason) if row.reason else None,
    )
