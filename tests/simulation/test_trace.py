"""What is not known of traffic as it was is drawn from what is."""

from __future__ import annotations

import statistics

import orjson
import pytest
from pydantic import ValidationError

from wecc.kernel.ids import AgentId
from wecc.routing import AgentPresence, Channel
from wecc.simulation import Trace, TracedAgent, TracedRequest, WhatIf
from wecc.simulation.trace import completed

AGENT = TracedAgent(agent=AgentPresence(agent_id=AgentId("a"), groups=("all",)))


def answered(tier: str, waited_ms: int, handling_ms: int, at_ms: int = 0) -> TracedRequest:
    return TracedRequest(tier=tier, at_ms=at_ms, waited_ms=waited_ms, handling_ms=handling_ms)


def given_up(tier: str, waited_ms: int, at_ms: int = 0) -> TracedRequest:
    return TracedRequest(tier=tier, at_ms=at_ms, waited_ms=waited_ms, patience_ms=waited_ms)


def trace(*requests: TracedRequest) -> Trace:
    return Trace(length_ms=3_600_000, agents=(AGENT,), requests=requests)


def test_what_is_known_stays_and_order_is_made() -> None:
    known = TracedRequest(tier="vip", at_ms=5, waited_ms=1, handling_ms=2, patience_ms=3)
    first, second = completed(trace(known, answered("vip", 0, 7, at_ms=4)), seed=1, usual_handling_s=60)
    assert (first.at_ms, first.handling_ms) == (4, 7)
    assert (second.at_ms, second.handling_ms, second.patience_ms) == (5, 2, 3)


def test_patience_is_the_time_waited_over_those_who_gave_up() -> None:
    # 4000 waited 30 s and were answered, 1000 gave up after 80 s: (120 + 80) thousand s over 1000.
    requests = [answered("vip", 30_000, 60_000)] * 4000 + [given_up("vip", 80_000)] * 1000
    drawn = completed(trace(*requests), seed=1, usual_handling_s=60)
    more_ms = [(r.patience_ms or 0) - 30_000 for r in drawn[:4000]]
    assert min(more_ms) >= 0  # he had been patient until he was answered
    assert statistics.fmean(more_ms) == pytest.approx(200_000, rel=0.05)
    assert {r.patience_ms for r in drawn[4000:]} == {80_000}


def test_handling_of_who_gave_up_is_like_that_of_his_tier() -> None:
    requests = [answered("vip", 0, ms) for ms in (50_000, 150_000)] * 10
    requests += [answered("szx", 0, 1_000_000)] * 20 + [given_up("vip", 5000)] * 4000
    drawn = completed(trace(*requests), seed=1, usual_handling_s=60)
    lengths = [r.handling_ms for r in drawn[40:]]
    assert statistics.fmean(lengths) == pytest.approx(100_000, rel=0.05)
    assert statistics.pstdev(lengths) == pytest.approx(50_000, rel=0.1)


def test_few_are_like_everybody_and_nobody_like_the_usual() -> None:
    requests = [answered("szx", 0, 90_000)] * 20 + [given_up("szx", 40_000)] * 20 + [given_up("vip", 1)]
    few = completed(trace(*requests), seed=1, usual_handling_s=60)[-1]
    assert few.handling_ms == 90_000  # all of them took as long
    alone = [completed(trace(given_up("vip", 1)), seed, usual_handling_s=60)[0] for seed in range(2000)]
    assert statistics.fmean(r.handling_ms for r in alone) == pytest.approx(60_000, rel=0.1)


def test_where_nobody_gave_up_nobody_does() -> None:
    drawn = completed(trace(*[answered("vip", 5000, 1)] * 50), seed=1, usual_handling_s=60)
    assert {r.patience_ms for r in drawn} == {None}


def test_a_seed_draws_the_same() -> None:
    some = trace(*[given_up("vip", 5000), answered("vip", 3000, 9)] * 20)
    assert completed(some, 1, 60) == completed(some, 1, 60) != completed(some, 2, 60)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"requests": [{"tier": "x", "at_ms": 0, "waited_ms": 0}]},
            "requests.0: no target for tier x on chat",
        ),
        (
            {"requests": [{"tier": "vip", "channel": "voice", "at_ms": 0, "waited_ms": 0}]},
            "tier vip on voice",
        ),
        (
            {"agents": [{"agent": {"agent_id": "a", "groups": ["x"]}}]},
            "agents.0.agent.groups: unknown group x",
        ),
        ({"agents": [{"agent": {"agent_id": "a"}, "present": [[5, 5]]}]}, "present: spans"),
        ({"agents": []}, "agents"),
        ({"length_ms": 0}, "length_ms"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(changed: dict[str, object], told: str) -> None:
    question = {
        "length_ms": 1000,
        "agents": [{"agent": {"agent_id": "a", "groups": ["all"]}}],
        "requests": [],
        "config": {
            "tiers": [
                {
                    "code": "vip",
                    "rank": 1,
                    "targets": {"chat": {"target_pct": 9, "threshold_s": 9, "window_min": 9}},
                }
            ],
            "groups": [{"code": "all", "tiers": ["vip"]}],
        },
    }
    assert WhatIf.model_validate_json(orjson.dumps(question)).config.tiers[0].targets[Channel.CHAT]
    with pytest.raises(ValidationError, match=told):
        WhatIf.model_validate_json(orjson.dumps({**question, **changed}))
