"""What came of the runs: answer rates, waits, who gave up, how busy the agents were."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from wecc.routing import Abandons, Channel, Target
from wecc.simulation.run import Caller, Run

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class TierFigures:
    """A tier on one channel, means over the seeds. Shares are 0 … 1.

    `target` and `rate` (over the whole run) in percent; `rate_deviation_pp`: the rates' standard deviation
    between the seeds. `missed_share`: of all minutes, those at whose end the rate over the tier's window was
    below the target.
    """

    name: str
    channel: Channel
    target: float
    rate: float
    rate_deviation_pp: float
    missed_share: float
    asked: float
    wait_mean_s: float
    wait_p99_s: float
    wait_max_s: float
    abandoned_share: float
    refused_share: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it, means over the seeds, the longest waits too. Shares are 0 … 1.

    `tiers_met`: tiers that met their targets. `worst_gap_pp`: the lowest of the tiers' rates over their
    targets, in percent points. `missed_share`: of all minutes of all tiers, those with the rate over the
    window below the target. Waits are those of all callers let in, answered or not. `late_decisions_share`: of the
    callers answered after a wait, those already late while one still in time waited for the same agent.
    """

    policy: str
    load: float
    hours: float
    seeds: list[int]
    tiers: list[TierFigures]
    tiers_met: float
    worst_gap_pp: float
    missed_share: float
    wait_mean_s: float
    wait_p99_s: float
    wait_max_s: float
    abandoned_share: float
    refused_share: float
    late_decisions_share: float
    occupancy: float


def figures(runs: Sequence[Run], seeds: Sequence[int], load: float) -> Figures:
    """Sum up runs of one configuration, one for each seed."""
    config = runs[0].config
    queues = [
        (tier.code, channel, target) for tier in config.tiers for channel, target in tier.targets.items()
    ]
    rates: dict[int, list[float]] = {}
    tiers = []
    for i, (name, channel, target) in enumerate(queues):
        callers = [
            [c for c in run.callers if (c.request.tier, c.request.channel) == (name, channel)] for run in runs
        ]
        fates = [_fates(of_run, target) for of_run in callers]
        rates[i] = [_rate([is_hit for _, is_hit in of_run]) for of_run in fates]
        waits = [_Waits.of(of_run) for of_run in callers]
        tiers.append(
            TierFigures(
                name=name,
                channel=channel,
                target=target.target_pct,
                rate=_mean(rates[i]),
                rate_deviation_pp=statistics.stdev(rates[i]) if len(runs) > 1 else 0.0,
                missed_share=_mean([_missed_share(of_run, target, runs[0].length_ms) for of_run in fates]),
                asked=_mean([len(of_run) for of_run in fates]),
                wait_mean_s=_mean([w.mean_s for w in waits]),
                wait_p99_s=_mean([w.p99_s for w in waits]),
                wait_max_s=_mean([w.max_s for w in waits]),
                abandoned_share=_mean([w.abandoned_share for w in waits]),
                refused_share=_mean([w.refused_share for w in waits]),
            )
        )
    met = [
        sum(rates[i][k] >= queue[2].target_pct for i, queue in enumerate(queues)) for k in range(len(runs))
    ]
    everybody = [_Waits.of(run.callers) for run in runs]
    return Figures(
        policy=config.policy,
        load=load,
        hours=runs[0].length_ms / 3_600_000,
        seeds=list(seeds),
        tiers=tiers,
        tiers_met=_mean(met),
        worst_gap_pp=min(tier.rate - tier.target for tier in tiers),
        missed_share=_mean([tier.missed_share for tier in tiers]),
        wait_mean_s=_mean([w.mean_s for w in everybody]),
        wait_p99_s=_mean([w.p99_s for w in everybody]),
        wait_max_s=_mean([w.max_s for w in everybody]),
        abandoned_share=_mean([w.abandoned_share for w in everybody]),
        refused_share=_mean([w.refused_share for w in everybody]),
        late_decisions_share=_mean([_late_share(run.callers) for run in runs]),
        occupancy=_mean([min(1.0, run.busy_ms / max(1, run.capacity_ms)) for run in runs]),
    )


@dataclass(frozen=True, slots=True)
class _Waits:
    mean_s: float
    p99_s: float
    max_s: float
    abandoned_share: float
    refused_share: float

    @classmethod
    def of(cls, callers: Sequence[Caller]) -> Self:
        let_in = [caller for caller in callers if not caller.is_refused]
        waits_s = sorted(caller.waited_ms / 1000 for caller in let_in) or [0.0]
        return cls(
            mean_s=_mean(waits_s),
            p99_s=waits_s[math.ceil(0.99 * len(waits_s)) - 1],
            max_s=waits_s[-1],
            abandoned_share=sum(not caller.is_answered for caller in let_in) / len(waits_s),
            refused_share=1 - len(let_in) / len(callers) if callers else 0.0,
        )


def _fates(callers: Sequence[Caller], target: Target) -> list[tuple[int, bool]]:
    """When each request that counts was decided, in ms from the start, and whether it was a hit."""
    fates = []
    for caller in callers:
        if caller.is_refused:
            continue
        waited_s = caller.waited_ms / 1000
        in_time = waited_s <= target.threshold_s
        if not caller.is_answered:
            if waited_s < target.short_abandon_s or (in_time and target.abandons == Abandons.IGNORE):
                continue
            in_time = in_time and target.abandons == Abandons.POSITIVE
        fates.append((caller.request.at_ms + caller.waited_ms, in_time))
    return fates


def _rate(hits: Sequence[bool]) -> float:
    """In percent; as everywhere, nobody asked is 100."""
    return 100 * sum(hits) / len(hits) if hits else 100.0


def _missed_share(fates: Sequence[tuple[int, bool]], target: Target, length_ms: int) -> float:
    minutes: dict[int, list[bool]] = {}
    for at_ms, is_hit in fates:
        minutes.setdefault(at_ms // _MINUTE_MS, []).append(is_hit)
    last = max(1, length_ms // _MINUTE_MS)
    missed, hits, asked = 0, 0, 0
    for minute in range(last):
        come, gone = minutes.get(minute, []), minutes.get(minute - target.window_min, [])
        hits, asked = hits + sum(come) - sum(gone), asked + len(come) - len(gone)
        missed += asked > 0 and 100 * hits / asked < target.target_pct
    return missed / last


def _late_share(callers: Sequence[Caller]) -> float:
    answered = [caller for caller in callers if caller.is_answered and caller.waited_ms > 0]
    return sum(caller.is_late_decision for caller in answered) / max(1, len(answered))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
