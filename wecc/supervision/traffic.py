"""A day's traffic from the database, as the simulation replays it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wecc.conversations import FinishedWork, Queueing
from wecc.kernel.clock import Clock
from wecc.kernel.errors import InvalidInput
from wecc.kernel.ids import CenterId
from wecc.routing import AgentPresence, AgentState, RoutingPlan, hours, seat_of
from wecc.simulation import Trace, TracedAgent, TracedRequest

_AROUND_WORK_MS = 30 * 60_000
"""Presence is not kept: an agent counts as there from half an hour before his work until half an hour after."""


async def traffic_of(
    queueing: Queueing, clock: Clock, center_id: CenterId, day: str
) -> tuple[str, Trace | None]:
    """The day (empty: yesterday) and its traffic; None when nobody was served on it.

    Raises: InvalidInput for what is no day.
    """
    plan = (await queueing.plans.current(center_id)).plan
    zone = ZoneInfo(plan.hours[0].time_zone if plan.hours else hours.USUAL_ZONE)
    if day and not hours.is_date(day):
        raise InvalidInput(fields={"day": "is not a date (YYYY-MM-DD)"})
    today = datetime.fromtimestamp(clock.now_ms() / 1000, zone).date()
    chosen = date.fromisoformat(day) if day else today - timedelta(days=1)
    begin_ms, end_ms = _midnight_ms(chosen, zone), _midnight_ms(chosen + timedelta(days=1), zone)
    return chosen.isoformat(), trace_of(
        await queueing.finished(center_id, begin_ms, end_ms), plan, begin_ms, end_ms
    )


def trace_of(works: Iterable[FinishedWork], plan: RoutingPlan, begin_ms: int, end_ms: int) -> Trace | None:
    """Who asked between the two moments and who was there; None when nobody was served."""
    queues = {(tier.code, str(target.channel)) for tier in plan.tiers for target in tier.targets}
    known = [work for work in works if (work.tier, work.channel.value) in queues]
    spans: dict[str, list[tuple[int, int]]] = {}
    for work in known:
        if work.agent_id and work.assigned_ms is not None:
            span = (work.assigned_ms - _AROUND_WORK_MS, work.ended_ms + _AROUND_WORK_MS)
            spans.setdefault(work.agent_id, []).append(span)
    if not spans:
        return None
    length_ms = end_ms - begin_ms
    return Trace(
        length_ms=length_ms,
        agents=tuple(
            TracedAgent(agent=_ready(plan, agent_id), present=_merged(own, begin_ms, length_ms))
            for agent_id, own in spans.items()
        ),
        requests=tuple(_request(work, begin_ms) for work in known),
    )


def _request(work: FinishedWork, begin_ms: int) -> TracedRequest:
    until_ms = work.ended_ms if work.assigned_ms is None else work.assigned_ms
    waited_ms = max(0, until_ms - work.since_ms)
    return TracedRequest(
        tier=work.tier,
        channel=work.channel,
        at_ms=work.since_ms - begin_ms,
        waited_ms=waited_ms,
        # Wrap-up included: to the agent's time it is the same.
        handling_ms=None if work.assigned_ms is None else work.ended_ms - work.assigned_ms,
        patience_ms=waited_ms if work.assigned_ms is None else None,
    )


def _ready(plan: RoutingPlan, agent_id: str) -> AgentPresence:
    return seat_of(plan, agent_id).model_copy(update={"state": AgentState.READY})


def _merged(spans: list[tuple[int, int]], begin_ms: int, length_ms: int) -> tuple[tuple[int, int], ...]:
    """Spans from the beginning of the day, those that touch joined."""
    merged: list[tuple[int, int]] = []
    for start_ms, stop_ms in sorted(spans):
        start, stop = max(0, start_ms - begin_ms), min(length_ms, stop_ms - begin_ms)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        elif start < stop:
            merged.append((start, stop))
    return tuple(merged)


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)
