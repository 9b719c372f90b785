"""Kill the search process while articles come and go: none is lost, none is found that was withdrawn.

`WECC_TEST_KILLS=40` makes the long run. Source: issue "The right answer before a person is needed", figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.clients import Agent, Refused
from tests.deployment import ROOT, Deployment, postgres, running

KILLS = int(os.environ.get("WECC_TEST_KILLS", "3"))
ARTICLES = 40
PATIENCE_S = 60.0
READY_S = float(os.environ.get("WECC_TEST_READY_S", "60"))
"""On a machine that does nothing else three seconds are enough; on a busy one nobody can say."""

_WORDS = ["流量包", "宽带", "国际漫游", "停机", "补卡", "发票", "积分", "亲情号", "呼叫转移", "语音信箱"]


def title(number: int) -> str:
    return f"第{number}号{_WORDS[number % len(_WORDS)]}怎么办理"


def take_in(deployment: Deployment) -> None:
    """Forty articles of the center's own, published at once."""
    file = deployment.folder / "articles.jsonl"
    lines = [
        {
            "id": f"nf-{n}",
            "category": ["业务"],
            "title": title(n),
            "answer": f"编号{n}：请到营业厅。",
            "lang": "zh",
        }
        for n in range(ARTICLES)
    ]
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    command = [sys.executable, "-m", "wecc", "kb", "import", str(file), "--publish"]
    subprocess.run(command, cwd=ROOT, env=deployment.environment(), check=True, timeout=120)


async def found(agent: Agent, number: int) -> set[str]:
    """External ids found for an article's title. Raises: Refused while no index answers."""
    query = {"q": title(number), "limit": "50", "center": "gd"}
    answer = await agent.request("GET", "/api/v1/kb/search", params=query)
    return {result["external_id"] for result in answer["results"]}


class Publisher:
    """Publishes and withdraws for as long as it is let, and remembers what was acknowledged."""

    def __init__(self, agent: Agent, ids: list[str]) -> None:
        self._agent = agent
        self._ids = ids
        self._chance = random.Random(11)
        self.is_on = dict.fromkeys(range(ARTICLES), True)
        self.changes = 0

    async def work(self, working: asyncio.Event) -> None:
        while working.is_set():
            number = self._chance.randrange(ARTICLES)
            verb, body = ("withdraw", {}) if self.is_on[number] else ("publish", {"version": 1})
            path = f"/api/v1/kb/desk/articles/{self._ids[number]}/{verb}"
            await self._agent.request("POST", path, json=body)
            self.is_on[number] = not self.is_on[number]
            self.changes += 1
            if verb == "withdraw":
                with contextlib.suppress(Refused):  # no index answers just now
                    assert f"nf-{number}" not in await found(self._agent, number), (
                        "found after its withdrawal"
                    )


async def until_answered(agent: Agent) -> float:
    """Seconds until search answers."""
    began_s = time.monotonic()
    while True:
        try:
            await found(agent, 0)
        except Refused:
            assert time.monotonic() - began_s < READY_S, f"no search after {READY_S} s"
            await asyncio.sleep(0.02)
        else:
            return time.monotonic() - began_s


@pytest.fixture(params=["sqlite", "postgres"])
def own_deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    with contextlib.ExitStack() as stack:
        extra = {}
        if request.param != "sqlite":
            extra["DATABASE_URL"] = stack.enter_context(postgres())
        yield stack.enter_context(running(tmp_path / "own", extra))


@pytest.mark.live
@pytest.mark.slow
async def test_kills_lose_no_article_and_leave_none_behind(own_deployment: Deployment) -> None:
    deployment = own_deployment
    async with Agent(deployment) as agent:
        await agent.sign_in("9001")
        target: dict[str, Any] = {"code": "web", "name_zh": "网站", "root": "kills", "is_default": True}
        await agent.request("PUT", "/api/v1/kb/desk/targets", json={"target": target})
        await asyncio.to_thread(take_in, deployment)
        ids = []
        for number in range(ARTICLES):
            article = await agent.request("GET", f"/api/v1/kb/articles/nf-{number}")
            ids.append(article["id"])
        publisher = Publisher(agent, ids)
        working = asyncio.Event()
        working.set()
        chance = random.Random(7)
        async with asyncio.TaskGroup() as group:
            group.create_task(publisher.work(working))
            for _ in range(KILLS):
                await until_answered(agent)
                await asyncio.sleep(chance.uniform(0.05, 0.6))
                killed = await asyncio.to_thread(deployment.kill, "search")
                async with asyncio.timeout(PATIENCE_S):
                    while killed in (pids := deployment.pids("search")) or not pids:
                        await asyncio.sleep(0.05)
            await until_answered(agent)
            working.clear()
        assert publisher.changes > KILLS, "articles came and went between the kills"
        wanted = {f"nf-{number}" for number, is_on in publisher.is_on.items() if is_on}
        async with asyncio.timeout(PATIENCE_S):
            while True:
                seen: set[str] = set()
                for number in range(ARTICLES):
                    seen |= {i for i in await found(agent, number) if i == f"nf-{number}"}
                if seen == wanted:
                    break
                await asyncio.sleep(0.05)
        listed = await agent.request("GET", "/api/v1/kb/articles", params={"limit": "100"})
        assert listed["total"] >= len(wanted)
