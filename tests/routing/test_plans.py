"""Plans are kept as versions: of two who save one is told, and nothing is half saved."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from wecc.identity import Identity
from wecc.identity.models import Agent
from wecc.identity.seeding import NewCenter
from wecc.kernel.actor import Role
from wecc.kernel.clock import VirtualClock
from wecc.kernel.errors import NotFound
from wecc.kernel.ids import CenterId
from wecc.routing import Channel, PlanConflict, PlanInvalid, Plans, Policy
from wecc.routing.seeding import NewAgent, set_up_center
from wecc.security import Passwords
from wecc.settings import Settings

GD, CENTER = CenterId("gd"), NewCenter(CenterId("gd"), "南方通信", "Nanfang", "您好", "Hello", "other", ())
TIERS = ("vip", "group_key", "roaming", "group_member", "signed", "prepaid", "szx", "other")
GROUPS = {"all": ("全部", "All", TIERS)}
AGENTS = [NewAgent("1001", "李晓雯", Role.AGENT, ("all",), "right", capacity=3)]


@pytest.fixture
async def plans(empty_database: object) -> AsyncIterator[Plans]:
    assert empty_database
    passwords, clock = Passwords(), VirtualClock()
    assert await set_up_center(Settings(), clock, passwords, CENTER, GROUPS, AGENTS) == ["1001"]
    yield Plans(Identity(clock, Settings().sign_in, passwords), clock, Settings().routing)
    passwords.close()


async def test_the_first_plan_is_the_tiers_file_s(plans: Plans) -> None:
    saved = await plans.current(GD)
    assert (saved.version, saved.saved_by, saved.plan.policy) == (1, "", "gap")
    assert [tier.code for tier in saved.plan.tiers] == list(TIERS)
    vip = saved.plan.tiers[0]
    assert (vip.manager_wait_s, vip.last_agent_min) == (30, 10_080)
    config = await plans.config(GD)
    assert [tier.rank for tier in config.tiers] == list(range(1, 9))
    assert set(config.tiers[0].targets) == set(Channel)


async def test_each_save_is_a_version_and_the_newest_rules(plans: Plans) -> None:
    first = await plans.current(GD)
    live = first.plan.model_copy(update={"policy": "gap_live", "late_turn": 4})
    saved = await plans.save(GD, live, 1, "someone", "试一试")
    assert (await plans.current(GD)) == saved
    assert ((await plans.config(GD)).policy, (await plans.config(GD)).late_turn) == (Policy.GAP_LIVE, 4)
    assert (await plans.version(GD, 1)).plan == first.plan
    assert [(v.version, v.comment) for v in await plans.versions(GD, 10)] == [(2, "试一试"), (1, "")]
    with pytest.raises(NotFound):
        await plans.version(GD, 3)


async def test_who_began_with_an_older_one_is_told_and_saves_nothing(plans: Plans) -> None:
    plan = (await plans.current(GD)).plan
    await plans.save(GD, plan.model_copy(update={"wrap_up_s": 45.0}), 1, "first", "")
    for began_with in (1, 0, 7):
        with pytest.raises(PlanConflict) as refused:
            await plans.save(GD, plan, began_with, "second", "")
        assert (refused.value.data["version"], refused.value.data["saved_by"]) == (2, "first")
    assert (await plans.current(GD)).plan.wrap_up_s == 45


async def test_an_impossible_one_is_refused_by_field(plans: Plans) -> None:
    plan = (await plans.current(GD)).plan
    with pytest.raises(PlanInvalid) as refused:
        await plans.save(GD, plan.model_copy(update={"groups": []}), 1, "someone", "")
    assert ("tiers.vip", "unserved") in [(p.path, p.code) for p in refused.value.problems]
    assert (await plans.current(GD)).version == 1


async def test_a_disabled_agent_does_not_stand_in_the_way(plans: Plans) -> None:
    await Agent.all().update(is_disabled=True)
    plan = (await plans.current(GD)).plan
    assert len(plan.members) == 1
    assert (await plans.save(GD, plan, 1, "someone", "")).version == 2
