"""The sample center has a yesterday that a what-if can replay."""

from __future__ import annotations

from pathlib import Path

from wecc.conversations.models import Work
from wecc.conversations.seeding import add_past_work
from wecc.demo import CENTER
from wecc.demo.seed import seed
from wecc.demo.yesterday import yesterday
from wecc.identity import Identity
from wecc.kernel.clock import SystemClock
from wecc.routing import Plans
from wecc.security import Passwords
from wecc.settings import Data, Settings

DAY_MS = 86_400_000


async def test_the_day_before_is_there_once(empty_database: Data, tmp_path: Path) -> None:
    clock, passwords = SystemClock(), Passwords()
    settings = Settings(data=Data(folder=tmp_path))
    await seed(settings, passwords)
    plan = (
        await Plans(Identity(clock, settings.sign_in, passwords), clock, settings.routing).current(CENTER)
    ).plan
    works = yesterday(plan, clock.now_ms())
    passwords.close()
    assert await Work.all().count() == len(works)
    await add_past_work(CENTER, works)
    assert await Work.all().count() == len(works), "a second start adds nothing"
    assert {w.tier for w in works} == {tier.code for tier in plan.tiers}
    assert all(0 < clock.now_ms() - w.since_ms < 2 * DAY_MS for w in works)
    answered = [w for w in works if w.assigned_ms is not None]
    assert 0.8 < len(answered) / len(works) < 1
    for work in answered:
        assert work.tier in plan.served_tiers(work.agent_id)
        assert work.assigned_ms is not None
        assert work.since_ms <= work.assigned_ms <= work.ended_ms
