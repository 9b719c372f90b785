"""The floor as supervisors see it: live, and over the last hours for the charts."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from wecc.conversations import Queueing
from wecc.infra.realtime.fanout import Room, encode
from wecc.kernel.clock import Clock
from wecc.kernel.errors import WeccError
from wecc.kernel.ids import CenterId
from wecc.routing import CenterView, Channel, RoutingPlan, TierView, is_infeasible
from wecc.supervision import protocol, schemas
from wecc.supervision.models import QueueSample

if TYPE_CHECKING:
    from wecc.infra.realtime.server import SocketServer

log = logging.getLogger(__name__)

SAMPLE_S = 60
FLOOR_PAUSE_S = 0.25
"""Between two looks at a floor somebody watches."""

_ALARM_READ_S = 10
_ALARM_LOOKS_BACK_MS = 6 * 3_600_000
_KEPT_MS = 14 * 86_400_000


def floor_room(center_id: CenterId) -> Room:
    """Consoles that watch the floor."""
    return Room(f"floor:{center_id}")


class Floor:
    """Looks at a center's queues and groups. Source: 2.4.3-03."""

    def __init__(self, queueing: Queueing, clock: Clock) -> None:
        self._queueing = queueing
        self._clock = clock
        self._alarms: dict[CenterId, tuple[float, int | None]] = {}

    async def look(self, center_id: CenterId) -> schemas.Floor:
        """Everything at this moment."""
        view = await self._queueing.call(center_id, lambda r: r.view(center_id))
        plan = (await self._queueing.plans.current(center_id)).plan
        return _shown(view, plan, await self._infeasible_since_ms(center_id, view, plan))

    async def sample(self, center_id: CenterId) -> None:
        """Keep what the charts show; called every minute by one process."""
        view = await self._queueing.call(center_id, lambda r: r.view(center_id))
        rows = [
            QueueSample(
                center_id=center_id,
                queue=f"{tier.channel}:{tier.tier}",
                at_ms=view.at_ms,
                rate=tier.rate if tier.asked else None,
                target=tier.target,
                asked=tier.asked,
                waiting=tier.waiting,
            )
            for tier in view.tiers
            if tier.channel is Channel.CHAT or tier.asked or tier.waiting
        ]
        await QueueSample.bulk_create(rows)
        await QueueSample.filter(center_id=center_id, at_ms__lt=view.at_ms - _KEPT_MS).delete()

    async def history(self, center_id: CenterId, minutes: int) -> schemas.FloorHistory:
        """The last minutes of every queue, oldest first."""
        since_ms = self._clock.now_ms() - minutes * 60_000
        rows = await QueueSample.filter(center_id=center_id, at_ms__gte=since_ms).order_by("at_ms")
        queues: dict[str, list[QueueSample]] = {}
        for row in rows:
            queues.setdefault(row.queue, []).append(row)
        return schemas.FloorHistory(
            step_s=SAMPLE_S, queues=[_history(queue, samples) for queue, samples in queues.items()]
        )

    async def _infeasible_since_ms(
        self, center_id: CenterId, view: CenterView, plan: RoutingPlan
    ) -> int | None:
        """Since when no shift between the tiers helps; only once it has held for a whole window.

        Source: reference, routing §5 (all gaps negative for one window).
        """
        now_s = self._clock.monotonic_s()
        read_s, since_ms = self._alarms.get(center_id, (now_s - _ALARM_READ_S, None))
        if now_s - read_s < _ALARM_READ_S:
            return since_ms
        since_ms = None
        if is_infeasible(_chats(view.tiers)):
            windows = [t.window_min for tier in plan.tiers for t in tier.targets if t.channel == "chat"]
            window_ms = min(windows) * 60_000
            held_ms = await self._held_since_ms(center_id, view.at_ms)
            since_ms = held_ms if view.at_ms - held_ms >= window_ms else None
        self._alarms[center_id] = (now_s, since_ms)
        return since_ms

    async def _held_since_ms(self, center_id: CenterId, now_ms: int) -> int:
        recent = QueueSample.filter(
            center_id=center_id, at_ms__gte=now_ms - _ALARM_LOOKS_BACK_MS, queue__startswith="chat:"
        )
        minutes: dict[int, list[QueueSample]] = {}
        for row in await recent.filter(asked__gt=0).order_by("-at_ms"):
            minutes.setdefault(row.at_ms, []).append(row)
        since_ms = now_ms
        for at_ms, rows in minutes.items():
            if not is_infeasible([_as_view(row) for row in rows]):
                break
            since_ms = at_ms
        return since_ms


class FloorWatch:
    """Tells this worker's watching consoles what changed. Nothing is read while nobody watches."""

    def __init__(self, floor: Floor, server: SocketServer) -> None:
        self._floor = floor
        self._server = server
        self._told: dict[CenterId, schemas.Floor | None] = {}

    def add(self, center_id: CenterId) -> None:
        """Somebody watches this center's floor from now on."""
        self._told.setdefault(center_id, None)

    async def tell(self) -> None:
        """One look at every watched floor."""
        for center_id, told in tuple(self._told.items()):
            room = floor_room(center_id)
            if not self._server.members(room):
                del self._told[center_id]
                continue
            try:
                floor = await self._floor.look(center_id)
            except WeccError as error:
                log.warning("floor.unknown", extra={"center": center_id, "why": error.code})
                continue
            if told is None or floor.model_copy(update={"at_ms": told.at_ms}) != told:
                self._told[center_id] = floor
                self._server.deliver(room, encode(protocol.FLOOR_CHANGED, floor))


def _shown(view: CenterView, plan: RoutingPlan, infeasible_since_ms: int | None) -> schemas.Floor:
    targets = {(tier.code, target.channel): target for tier in plan.tiers for target in tier.targets}
    queues = []
    for tier in view.tiers:
        target = targets.get((tier.tier, tier.channel.value))
        if target is None:
            continue
        queues.append(
            schemas.QueueNow(
                tier=tier.tier,
                channel=tier.channel.value,
                waiting=tier.waiting,
                waiting_since_ms=view.at_ms - tier.longest_wait_ms if tier.waiting else None,
                rate=round(tier.rate, 1),
                target=tier.target,
                threshold_s=target.threshold_s,
                window_min=target.window_min,
                asked=tier.asked,
                abandoned=tier.abandoned,
                mean_excess_s=round(tier.mean_excess_s, 1),
                late_decisions=tier.late_decisions,
                agents_ready=tier.agents_ready,
            )
        )
    groups = [schemas.GroupNow(**group.model_dump()) for group in view.groups]
    return schemas.Floor(
        at_ms=view.at_ms,
        policy=plan.policy,
        queues=queues,
        groups=groups,
        infeasible_since_ms=infeasible_since_ms,
    )


def _history(queue: str, samples: Sequence[QueueSample]) -> schemas.QueueHistory:
    channel, _, tier = queue.partition(":")
    return schemas.QueueHistory.model_validate(
        {
            "tier": tier,
            "channel": channel,
            "target": samples[-1].target,
            "at_ms": [sample.at_ms for sample in samples],
            "rate": [sample.rate for sample in samples],
            "waiting": [sample.waiting for sample in samples],
        }
    )


def _chats(tiers: Iterable[TierView]) -> list[TierView]:
    return [tier for tier in tiers if tier.channel is Channel.CHAT]


def _as_view(row: QueueSample) -> TierView:
    rate = row.rate or 0.0
    return TierView(
        tier=row.queue,
        channel=Channel.CHAT,
        waiting=row.waiting,
        longest_wait_ms=0,
        rate=rate,
        target=row.target,
        asked=row.asked,
        hits=round(rate * row.asked / 100),
        agents_ready=0,
        slots=0,
    )
