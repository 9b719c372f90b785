"""Traffic as it was, to be met by another configuration.

What did not happen is not known: how long somebody who gave up would have talked, and how much longer
somebody who was answered would have waited. It is drawn from what is known of the others of his tier and
channel, or of everybody when they are few:

- handling is log-normal with the mean and deviation of those who were answered;
- patience is exponential. Its mean is the time all of them waited, over the number who gave up, which is the
  estimate of greatest likelihood when answers cut waits short (as Erlang A assumes). Who was answered had been
  patient until then, so he is given that wait and a draw on top; where nobody gave up, nobody does.
"""

from __future__ import annotations

import itertools
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator

from wecc.routing import AgentPresence, Channel, RoutingConfig
from wecc.routing.config import (
    Code,
    Frozen,
)
from wecc.simulation.scenario import log_mean_and_deviation
from wecc.simulation.traffic import Request

Ms = Annotated[int, Field(ge=0, le=400 * 86_400_000)]
_ENOUGH = 10


class TracedRequest(Frozen):
    """Someone asked for a person `at_ms` after the start, and waited until he was answered or gave up.

    `handling_ms` is known of who was answered, `patience_ms` of who gave up: then it is `waited_ms`.
    """

    tier: Code
    channel: Channel = Channel.CHAT
    at_ms: Ms
    waited_ms: Ms
    handling_ms: Ms | None = None
    patience_ms: Ms | None = None


class TracedAgent(Frozen):
    """An agent as routing knows him, and when he took work: spans of ms from the start; None for all the time."""

    agent: AgentPresence
    present: tuple[tuple[Ms, Ms], ...] | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        times = [ms for span in self.present or () for ms in span]
        if any(later <= earlier for earlier, later in itertools.pairwise(times)):
            raise ValueError("present: spans that follow one another")
        return self


class Trace(Frozen):
    """`length_ms` of traffic: who asked and who was there. Requests may come in any order."""

    length_ms: Annotated[int, Field(gt=0, le=8 * 86_400_000)]
    agents: Annotated[tuple[TracedAgent, ...], Field(min_length=1, max_length=10_000)]
    requests: Annotated[tuple[TracedRequest, ...], Field(max_length=1_000_000)]


class WhatIf(Trace):
    """What would `config` have done with this traffic? `seed` decides what is not known of it."""

    config: RoutingConfig
    seed: int = 1

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        queues = {(tier.code, channel) for tier in self.config.tiers for channel in tier.targets}
        for i, request in enumerate(self.requests):
            if (request.tier, request.channel) not in queues:
                raise ValueError(f"requests.{i}: no target for tier {request.tier} on {request.channel}")
            if request.at_ms >= self.length_ms:
                raise ValueError(f"requests.{i}.at_ms: not before the end")
        groups = {group.code for group in self.config.groups}
        for i, traced in enumerate(self.agents):
            if unknown := set(traced.agent.groups) - groups:
                raise ValueError(f"agents.{i}.agent.groups: unknown group {min(unknown)}")
        return self


def completed(trace: Trace, seed: int, usual_handling_s: float) -> list[Request]:
    """The requests in their order, with what is not known of them drawn.

    `usual_handling_s` stands in where nobody at all was answered.
    """
    chance = random.Random(seed)
    nothing_known = _Known(log_mean_and_deviation(usual_handling_s * 1000, cv=1), patience_ms=None)
    everybody = _Known.of(trace.requests, nothing_known, enough=1)
    groups: dict[tuple[str, Channel], list[TracedRequest]] = {}
    for request in trace.requests:
        groups.setdefault((request.tier, request.channel), []).append(request)
    known = {queue: _Known.of(requests, everybody, _ENOUGH) for queue, requests in groups.items()}
    return [
        known[request.tier, request.channel].complete(request, chance)
        for request in sorted(trace.requests, key=lambda request: request.at_ms)
    ]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a set of requests tells about others like them, in ms. `patience_ms` None: without end."""

    handling: tuple[float, float]
    patience_ms: float | None

    @classmethod
    def of(cls, requests: Sequence[TracedRequest], fallback: _Known, enough: int) -> Self:
        handled = [request.handling_ms for request in requests if request.handling_ms is not None]
        handling, patience_ms = fallback.handling, fallback.patience_ms
        if len(handled) >= enough:
            mean = max(1, statistics.fmean(handled))
            handling = log_mean_and_deviation(mean, statistics.pstdev(handled) / mean)
        given_up = sum(request.patience_ms is not None for request in requests)
        if given_up >= enough:
            patience_ms = sum(request.waited_ms for request in requests) / given_up
        return cls(handling, patience_ms)

    def complete(self, request: TracedRequest, chance: random.Random) -> Request:
        handling_ms, patience_ms = request.handling_ms, request.patience_ms
        if handling_ms is None:
            handling_ms = round(chance.lognormvariate(*self.handling))
        if patience_ms is None and self.patience_ms:
            patience_ms = request.waited_ms + round(chance.expovariate(1 / self.patience_ms))
        return Request(request.tier, request.channel, request.at_ms, handling_ms, patience_ms)
