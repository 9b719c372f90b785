"""What-ifs: the same traffic gives the same figures, in a child that always ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
from pathlib import Path

import orjson
import pytest

from tests.simulation.test_scenario import SMALL, written
from tests.simulation.test_simulate import wecc
from wecc.kernel.ids import CenterId
from wecc.routing import Policy
from wecc.settings import SettingsError
from wecc.simulation import (
    ReplayBusy,
    ReplayFailed,
    Replays,
    ReplayTooLong,
    TracedAgent,
    TracedRequest,
    WhatIf,
)
from wecc.simulation.drive import drive, replay, simulate
from wecc.simulation.figures import figures
from wecc.simulation.run import Caller, Run, Shift
from wecc.simulation.scenario import Scenario, read
from wecc.simulation.traffic import traffic

HOUR_MS = 3_600_000


@pytest.fixture
def small(tmp_path: Path) -> Scenario:
    return read(written(tmp_path, SMALL))


def question(scenario: Scenario, requests: list[TracedRequest], length_ms: int, policy: Policy) -> WhatIf:
    return WhatIf(
        length_ms=length_ms,
        agents=tuple(TracedAgent(agent=agent) for agent in scenario.presences()),
        requests=tuple(requests),
        config=scenario.config(policy),
    )


def short(scenario: Scenario, load: float = 1.1) -> WhatIf:
    """Three minutes in which everything is known."""
    requests = [
        TracedRequest(
            tier=r.tier, at_ms=r.at_ms, waited_ms=0, handling_ms=r.handling_ms, patience_ms=r.patience_ms
        )
        for r in traffic(scenario, load, hours=0.05, seed=1)
    ]
    return question(scenario, requests, HOUR_MS // 20, Policy.GAP)


def censored(caller: Caller) -> TracedRequest:
    """What a center knows afterwards."""
    return TracedRequest(
        tier=caller.request.tier,
        at_ms=caller.request.at_ms,
        waited_ms=caller.waited_ms,
        handling_ms=caller.request.handling_ms if caller.is_answered else None,
        patience_ms=None if caller.is_answered else caller.waited_ms,
    )


def child(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(program))


@pytest.mark.slow
def test_what_is_known_of_all_gives_the_very_figures(small: Scenario) -> None:
    told = replay(short(small))
    was = simulate(small, Policy.GAP, load=1.1, hours=0.05, seeds=[1])
    assert told.tiers == was.tiers
    assert (told.wait_mean_s, told.late_decisions_share) == (was.wait_mean_s, was.late_decisions_share)
    assert (told.abandoned_share, told.occupancy) == (was.abandoned_share, was.occupancy)


@pytest.mark.slow
def test_what_a_center_knows_gives_the_figures_within_noise(small: Scenario) -> None:
    """Under another policy than the one it was recorded under, which the full truth is known of."""
    config, length_ms = small.config(Policy.VIP_STRICT), HOUR_MS // 2
    shifts = [Shift(agent, [(0, length_ms)]) for agent in small.presences()]
    recorded = Run(CenterId("0"), config, shifts, traffic(small, 1.1, 0.5, 1), length_ms)
    drive([recorded])
    told = replay(question(small, [censored(c) for c in recorded.callers], length_ms, Policy.FIFO))
    was, before = simulate(small, Policy.FIFO, 1.1, 0.5, [1]), figures([recorded], [1], load=1.1)
    assert abs(before.tiers[0].rate - was.tiers[0].rate) > 15  # or the test would tell nothing
    for tier, then in zip(told.tiers, was.tiers, strict=True):
        assert tier.rate == pytest.approx(then.rate, abs=5)
    assert told.abandoned_share == pytest.approx(was.abandoned_share, abs=0.03)
    assert told.wait_mean_s == pytest.approx(was.wait_mean_s, rel=0.25)
    assert told.occupancy == pytest.approx(was.occupancy, abs=0.03)


@pytest.mark.slow
def test_agents_come_and_go(small: Scenario) -> None:
    """Nobody is there in the second of three minutes: who calls then waits for the third, or gives up."""
    asked = short(small, load=0.3)
    assert replay(asked).wait_max_s == 0
    minute = HOUR_MS // 60
    away = [
        agent.model_copy(update={"present": ((0, minute), (2 * minute, 9 * minute))})
        for agent in asked.agents
    ]
    told = replay(asked.model_copy(update={"agents": tuple(away)}))
    assert 30 < told.wait_max_s < 61
    gone = [agent.model_copy(update={"present": ((0, minute),)}) for agent in asked.agents]
    alone = replay(asked.model_copy(update={"agents": tuple(gone)}))
    assert alone.abandoned_share >= 0.5 > told.abandoned_share
    assert alone.wait_max_s < HOUR_MS / 1000 * 1.1


def test_an_offer_taken_back_at_a_shift_s_end_is_made_again(small: Scenario) -> None:
    """He comes with a backlog waiting and goes at once: his second offer goes back before he sees it."""
    minute = HOUR_MS // 60
    requests = [TracedRequest(tier="vip", at_ms=0, waited_ms=0, handling_ms=minute) for _ in range(5)]
    [agent, *_] = small.presences()
    shifts = ((minute, minute + 1), (2 * minute, 20 * minute))
    alone = TracedAgent(agent=agent.model_copy(update={"capacity": 5}), present=shifts)
    told = replay(question(small, requests, 20 * minute, Policy.GAP).model_copy(update={"agents": (alone,)}))
    assert (told.abandoned_share, told.wait_max_s) == (0, 120)


@pytest.mark.slow
async def test_a_child_tells_the_same_and_its_progress(small: Scenario) -> None:
    shares: list[float] = []
    replays = Replays(deadline_s=60)
    told = await replays.replay(short(small), shares.append)
    assert told == await asyncio.to_thread(replay, short(small))
    assert shares
    assert shares == sorted(shares)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit('no store')", "no store"),
        ("import os; os.kill(os.getpid(), 9)", ""),
        ("print('{}')", ""),
        ("import sys; sys.stdin.read(); print('x' * 70_000, file=sys.stderr)", ""),
    ],
)
async def test_a_child_without_figures_is_a_failure(
    small: Scenario, program: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    replays = Replays(deadline_s=20, command=child(program))
    with pytest.raises(ReplayFailed):
        await replays.replay(short(small))
    (record,) = [r for r in caplog.records if r.message == "simulation.failed"]
    assert said in record.__dict__["said"]
    with pytest.raises(ReplayFailed):  # and not ReplayBusy
        await replays.replay(short(small))


HANGING = ("sh", "-c", """sleep 600 & echo '{"share": '$!'}' >&2; wait""")


def is_running(pid: int) -> bool:
    """A killed grandchild is its new parent's to reap; until then it is a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and " Z " not in stat.read_text("utf-8")


async def until_ended(pid: int) -> None:
    async with asyncio.timeout(5):
        while is_running(pid):
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_a_child_that_hangs_is_killed_with_all_it_started(small: Scenario) -> None:
    pids: list[float] = []
    with pytest.raises(ReplayTooLong):
        await Replays(deadline_s=1, command=HANGING).replay(short(small), pids.append)
    await until_ended(int(pids[0]))


@pytest.mark.slow
async def test_one_at_a_time_and_cancelling_ends_it(small: Scenario) -> None:
    replays, started = Replays(deadline_s=60, command=HANGING), asyncio.Queue[float]()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(replays.replay(short(small), started.put_nowait))
        pid = int(await started.get())
        with pytest.raises(ReplayBusy):
            await replays.replay(short(small))
        first.cancel()
    await until_ended(pid)


@pytest.mark.slow
async def test_a_child_ends_when_nobody_listens_any_more(tmp_path: Path) -> None:
    """A killed web process: its end of the pipes is closed."""
    scenario = read(written(tmp_path, SMALL))
    file = tmp_path / "trace.json"
    requests = [TracedRequest(tier="vip", at_ms=i, waited_ms=0, handling_ms=1000) for i in range(10_000)]
    file.write_text(question(scenario, requests, 60_000, Policy.GAP).model_dump_json(), encoding="utf-8")
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wecc", "simulate", "--trace", str(file), "--json", stderr=writing
    )
    os.close(writing)
    os.read(reading, 1)  # it is under way
    os.close(reading)
    try:
        async with asyncio.timeout(30):
            assert await process.wait() != 0
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--trace", "broken.json"], "broken.json: length_ms: Input should be greater than 0"),
        (["--trace", "none.json"], "none.json cannot be read"),
        (["--trace", "broken.json", "scenario.toml"], "name either a scenario or a --trace"),
        ([], "name either a scenario or a --trace"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.json").write_bytes(orjson.dumps({"length_ms": 0}))
    with pytest.raises(SettingsError, match=told):
        wecc(*arguments)
