"""Answer rates survive a flush of Redis: what the database tells of past requests. Source: reliability R7."""

from __future__ import annotations

import pytest

from tests.routing.test_plan import member, plan, target, tier
from wecc.conversations.models import AgentStatus, Work
from wecc.conversations.snapshot import snapshot
from wecc.kernel.ids import AgentId, CenterId
from wecc.routing import AgentState, Channel, GroupConfig, RoutingConfig, Target, TierConfig
from wecc.routing.config import Abandons
from wecc.settings import Data

GD = CenterId("gd")
NOW_MS = 1_000_000_000
S = 1000


def config(abandons: Abandons = Abandons.NEGATIVE) -> RoutingConfig:
    chat = Target(target_pct=80, threshold_s=20, window_min=30, abandons=abandons)
    message = Target(target_pct=80, threshold_s=3600, window_min=600)
    return RoutingConfig(
        tiers=(TierConfig(code="vip", rank=1, targets={Channel.CHAT: chat, Channel.MESSAGE: message}),),
        groups=(GroupConfig(code="key", tiers=("vip",)),),
    )


async def work(
    id_: str, waited_s: float, state: str = "closed", ago_min: int = 5, channel: str = "chat"
) -> None:
    """A request that was answered (or given up, when abandoned) after a wait, some minutes ago."""
    end_ms = NOW_MS - ago_min * 60 * S
    await Work.create(
        id=id_,
        center_id=GD,
        channel=channel,
        tier="vip",
        state=state,
        version=3,
        since_ms=end_ms - round(waited_s * S),
        at_ms=end_ms,
        assigned_ms=None if state == "abandoned" else end_ms,
    )


async def outcomes(abandons: Abandons = Abandons.NEGATIVE) -> list[tuple[bool, bool, int]]:
    found = await snapshot(GD, plan(tiers=[tier("vip")]), config(abandons), (), NOW_MS)
    return sorted((o.is_hit, o.is_abandoned, o.excess_ms) for o in found.outcomes)


@pytest.mark.usefixtures("empty_database")
async def test_answered_in_time_late_and_given_up() -> None:
    await work("hit", 20)
    await work("late", 50)
    await work("gave up", 30, "abandoned")
    await work("at once", 2, "abandoned")
    await work("long ago", 5, ago_min=31)
    assert await outcomes() == [(False, False, 30 * S), (False, True, 10 * S), (True, False, 0)]


@pytest.mark.parametrize(
    ("abandons", "expected"),
    [(Abandons.NEGATIVE, [(False, True, 0)]), (Abandons.POSITIVE, [(True, True, 0)]), (Abandons.IGNORE, [])],
)
async def test_who_gave_up_in_time_counts_as_the_plan_says(
    empty_database: Data, abandons: Abandons, expected: list[tuple[bool, bool, int]]
) -> None:
    assert empty_database.is_sqlite
    await work("gave up", 10, "abandoned")
    assert await outcomes(abandons) == expected


@pytest.mark.usefixtures("empty_database")
async def test_each_channel_has_its_own_window() -> None:
    await work("chat", 5, ago_min=60)
    await work("message", 5, ago_min=60, channel="message")
    assert await outcomes() == [(True, False, 0)]


@pytest.mark.usefixtures("empty_database")
async def test_who_waits_keeps_place_and_precedence_and_agents_their_seats() -> None:
    await work("waits", 5, "queued")
    await Work.filter(id="waits").update(assigned_ms=None, is_expedited=True)
    for agent_id in ("a1", "gone"):
        await AgentStatus.create(agent_id=agent_id, center_id=GD, state="ready", since_ms=NOW_MS)
    seated = plan(
        tiers=[tier("vip", targets=[target("chat")])], members=[member("a1", "key", level=2, capacity=3)]
    )
    found = await snapshot(GD, seated, config(), {"a1"}, NOW_MS)
    [waits] = found.works
    assert (waits.work_id, waits.is_expedited, waits.version) == ("waits", True, 3)
    [agent] = found.agents
    assert (agent.agent_id, agent.state, agent.groups) == (AgentId("a1"), AgentState.READY, ("key",))
    assert (agent.levels, agent.capacity) == ({"key": 2}, 3)
