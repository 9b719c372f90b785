"""What another routing plan would have done with a day's traffic, beside the plan in force."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from wecc.conversations import Queueing
from wecc.infra.realtime.fanout import Fanout, agent_room
from wecc.infra.tasks import TaskOwner
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.kernel.errors import WeccError
from wecc.kernel.ids import new_id
from wecc.routing import PlanInvalid, RoutingConfig
from wecc.simulation import Figures, Replays, Trace, WhatIf
from wecc.supervision import protocol, schemas
from wecc.supervision.service import require_supervisor
from wecc.supervision.traffic import traffic_of

log = logging.getLogger(__name__)

_TOLD_EVERY = 0.02


class WhatIfs:
    """Runs replays in processes of their own, one at a time in each worker, and tells who asked."""

    def __init__(self, queueing: Queueing, fanout: Fanout, clock: Clock, tasks: TaskOwner) -> None:
        self._queueing = queueing
        self._fanout = fanout
        self._clock = clock
        self._tasks = tasks
        self._replays = Replays()
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}

    async def start(self, actor: Actor, cmd: schemas.StartWhatIf) -> schemas.WhatIfChanged:
        """Begin; progress and results come as notices to the agent who asked.

        Raises: PlanInvalid, InvalidInput for what is no day.
        """
        require_supervisor(actor)
        center_id, plans = actor.center_id, self._queueing.plans
        if problems := await plans.problems(center_id, cmd.plan):
            raise PlanInvalid(problems)
        configs = (await plans.config(center_id), await plans.config(center_id, cmd.plan))
        day, trace = await traffic_of(self._queueing, self._clock, center_id, cmd.day)
        state = schemas.WhatIfChanged(
            id=new_id(),
            day=day,
            requests=len(trace.requests) if trace else 0,
            progress=0.0,
            is_over=trace is None,
            failure="" if trace else "no_traffic",
            now=None,
            then=None,
        )
        if trace is not None and self._running:
            state = state.model_copy(update={"is_over": True, "failure": "busy"})
        self._tell(actor, state)
        if trace is not None and not state.is_over:
            task = self._tasks.start(self._run(actor, state, trace, configs), name=f"what if {state.id}")
            self._running[state.id] = (actor.id, task)
            task.add_done_callback(lambda _: self._running.pop(state.id, None))
        return state

    async def stop(self, actor: Actor, replay_id: str) -> None:
        """Stop one's own replay; stopping what is over does nothing."""
        require_supervisor(actor)
        owner, task = self._running.get(replay_id, ("", None))
        if task is not None and owner == actor.id:
            task.cancel()

    async def _run(
        self,
        actor: Actor,
        state: schemas.WhatIfChanged,
        trace: Trace,
        configs: tuple[RoutingConfig, RoutingConfig],
    ) -> None:
        results = []
        try:
            for half, config in enumerate(configs):
                what_if = WhatIf(**dict(trace), config=_without_wrap_up(config))
                results.append(
                    _shown(await self._replays.replay(what_if, self._teller(actor, state, half / 2)))
                )
        except WeccError as error:
            log.warning("what_if.failed", extra={"why": error.code})
            self._tell(actor, state.model_copy(update={"is_over": True, "failure": "failed"}))
            return
        done = {"is_over": True, "progress": 1.0, "now": results[0], "then": results[1]}
        self._tell(actor, state.model_copy(update=done))

    def _teller(self, actor: Actor, state: schemas.WhatIfChanged, before: float) -> Callable[[float], None]:
        told = before - 1

        def tell(share: float) -> None:
            nonlocal told
            progress = before + share / 2
            if progress - told >= _TOLD_EVERY:
                told = progress
                self._tell(actor, state.model_copy(update={"progress": round(progress, 3)}))

        return tell

    def _tell(self, actor: Actor, state: schemas.WhatIfChanged) -> None:
        self._fanout.send(agent_room(actor.id), protocol.WHAT_IF_CHANGED, state)


def _without_wrap_up(config: RoutingConfig) -> RoutingConfig:
    # The traced times contain it.
    return config.model_copy(update={"wrap_up_s": 0.0})


def _shown(figures: Figures) -> schemas.WhatIfFigures:
    chats = [tier for tier in figures.tiers if tier.channel == "chat"]
    asked = [tier for tier in chats if tier.asked]
    return schemas.WhatIfFigures(
        tiers=[
            schemas.WhatIfTier(tier=t.name, target=t.target, rate=round(t.rate, 1), asked=round(t.asked))
            for t in chats
        ],
        tiers_met=sum(t.rate >= t.target for t in asked),
        worst_gap_pp=round(min((t.rate - t.target for t in asked), default=0.0), 1),
        wait_mean_s=round(figures.wait_mean_s, 1),
        wait_p99_s=round(figures.wait_p99_s, 1),
        wait_max_s=round(figures.wait_max_s, 1),
        abandoned_percent=round(100 * figures.abandoned_share, 1),
        late_decisions_percent=round(100 * figures.late_decisions_share, 1),
        occupancy_percent=round(100 * figures.occupancy, 1),
    )
