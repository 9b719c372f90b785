"""Kill one process after the other while articles come and go: none is lost, none is seen that was withdrawn.

`WECC_TEST_KILLS=40` makes the long run. Source: issue "The right answer before a person is needed", figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.clients import Agent, Refused
from tests.deployment import ROOT, Deployment, postgres, running

KILLS = int(os.environ.get("WECC_TEST_KILLS", "4"))
ARTICLES = 40
PROBE = ARTICLES
"""An article that the measuring publishes and withdraws, and nobody else."""
PATIENCE_S = 60.0
READY_S = float(os.environ.get("WECC_TEST_READY_S", "60"))
"""On a machine that does nothing else three seconds are enough; on a busy one nobody can say."""

_WORDS = ["流量包", "宽带", "国际漫游", "停机", "补卡", "发票", "积分", "亲情号", "呼叫转移", "语音信箱"]


def title(number: int) -> str:
    return f"第{number}号{_WORDS[number % len(_WORDS)]}怎么办理"


def take_in(deployment: Deployment) -> None:
    """Articles of the center's own, published at once."""
    file = deployment.folder / "articles.jsonl"
    lines = [
        {
            "id": f"nf-{n}",
            "category": ["业务"],
            "title": title(n),
            "answer": f"编号{n}：请到营业厅。",
            "lang": "zh",
        }
        for n in (*range(ARTICLES), PROBE)
    ]
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    command = [sys.executable, "-m", "wecc", "kb", "import", str(file), "--publish"]
    subprocess.run(command, cwd=ROOT, env=deployment.environment(), check=True, timeout=120)


async def found(agent: Agent, number: int) -> set[str]:
    """External ids found for an article's title. Raises: Refused while no index answers."""
    query = {"q": title(number), "limit": "50", "center": "gd"}
    answer = await agent.request("GET", "/api/v1/kb/search", params=query)
    return {result["external_id"] for result in answer["results"]}


async def is_readable(agent: Agent, number: int) -> bool:
    try:
        await agent.request("GET", f"/api/v1/kb/articles/nf-{number}")
    except Refused as error:
        if error.is_retryable:
            raise
        return False
    return True


class Shelf:
    """What was said of each article, and what was acknowledged."""

    def __init__(self, agent: Agent, ids: list[str]) -> None:
        self.agent = agent
        self._ids = ids
        self.is_on = dict.fromkeys((*range(ARTICLES), PROBE), True)
        self.words = dict.fromkeys(self.is_on, 0)
        """How often somebody began to say something of it: what is asked across a word proves nothing."""

    async def say(self, number: int, *, is_on: bool) -> None:
        """Until it is acknowledged, as often as it takes."""
        verb, body = ("publish", {"version": 1}) if is_on else ("withdraw", {})
        self.words[number] += 1
        self.is_on[number] = True  # it may be, until it is acknowledged that it is not
        await insist(self.agent, f"/api/v1/kb/desk/articles/{self._ids[number]}/{verb}", body)
        self.is_on[number] = is_on

    async def change(self, working: asyncio.Event) -> None:
        """Publish and withdraw, until told to stop."""
        chance = random.Random(11)
        while working.is_set():
            number = chance.randrange(ARTICLES)
            await self.say(number, is_on=not self.is_on[number])

    async def look(self, working: asyncio.Event) -> int:
        """Ask for what is off, by reading and by searching; how often somebody answered."""
        chance = random.Random(12)
        answers = 0
        while working.is_set():
            off = [number for number, is_on in self.is_on.items() if not is_on]
            if not off:
                await asyncio.sleep(0.02)
                continue
            number = chance.choice(off)
            words = self.words[number]
            try:
                seen = [
                    await is_readable(self.agent, number),
                    f"nf-{number}" in await found(self.agent, number),
                ]
            except (Refused, aiohttp.ClientError, TimeoutError):
                continue  # nobody answers just now
            answers += 1
            assert seen == [False, False] or self.words[number] != words, f"{number} is seen: {seen}"
        return answers


async def insist(agent: Agent, path: str, body: dict[str, Any]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await agent.request("POST", path, json=body)
            except Refused as error:
                if not error.is_retryable:
                    raise
                await asyncio.sleep(0.05)
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.05)
            else:
                return


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it, whoever is away meanwhile."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(Refused, aiohttp.ClientError, TimeoutError):
                if await is_so():
                    return
            await asyncio.sleep(0.02)


class Killing:
    """Kills a process and measures until what it does is done again."""

    def __init__(self, deployment: Deployment, shelf: Shelf) -> None:
        self._deployment = deployment
        self._shelf = shelf
        self._agent = shelf.agent
        self.ready_s: defaultdict[str, list[float]] = defaultdict(list)

    async def kill(self, child: str) -> None:
        await asyncio.to_thread(self._deployment.kill, child)
        began_s = time.monotonic()
        await self._until_ready(child)
        self.ready_s[child].append(time.monotonic() - began_s)
        assert self.ready_s[child][-1] < READY_S, f"{child} after {self.ready_s[child][-1]:.1f} s"

    async def _until_ready(self, child: str) -> None:
        if child == "search":
            await until(self._is_searching)
        elif child == "jobs":
            await self._shelf.say(PROBE, is_on=False)
            await self._shelf.say(PROBE, is_on=True)
            await until(lambda: is_readable(self._agent, PROBE))
        else:
            await until(self._is_ready)

    async def _is_searching(self) -> bool:
        await found(self._agent, PROBE)
        return True

    async def _is_ready(self) -> bool:
        async with self._agent.http.get(f"{self._deployment.origin}/readyz") as answer:
            return answer.status == HTTPStatus.OK

    def report(self) -> str:
        return "\n".join(
            f"{child}: ready after {statistics.median(times):.2f} s, at most {max(times):.2f} s of {len(times)}"
            for child, times in self.ready_s.items()
        )


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
        for number in (*range(ARTICLES), PROBE):
            article = await agent.request("GET", f"/api/v1/kb/articles/nf-{number}")
            ids.append(article["id"])
        shelf = Shelf(agent, ids)
        killing = Killing(deployment, shelf)
        working = asyncio.Event()
        working.set()
        chance = random.Random(7)
        async with asyncio.TaskGroup() as group:
            group.create_task(shelf.change(working))
            looking = group.create_task(shelf.look(working))
            for child in islice(cycle(("search", "jobs", "web", "valkey")), KILLS):
                await asyncio.sleep(chance.uniform(0.05, 0.6))
                await killing.kill(child)
            working.clear()
        told = f"{killing.report()}\n{sum(shelf.words.values())} changes, {looking.result()} looks\n"
        sys.stderr.write(f"\n{told}")
        assert sum(shelf.words.values()) > KILLS, "articles came and went between the kills"
        assert looking.result() > KILLS, "somebody looked between the kills"

        wanted = {f"nf-{number}" for number, is_on in shelf.is_on.items() if is_on}

        async def are_found() -> bool:
            seen = {f"nf-{n}" for n in shelf.is_on if f"nf-{n}" in await found(agent, n)}
            return seen == wanted

        async def are_held() -> bool:
            manifest = orjson.loads((deployment.folder / "var/kb-targets/kills/manifest.json").read_bytes())
            return {entry["external_id"] for entry in manifest["articles"]} >= wanted

        await until(are_found)
        await until(are_held)
        readable = {f"nf-{number}" for number in shelf.is_on if await is_readable(agent, number)}
        assert readable == wanted
        copies = deployment.folder / "var/kb-targets/kills"
        held = {number for number in shelf.is_on if (copies / ids[number] / "1/article.json").exists()}
        assert held == {number for number, is_on in shelf.is_on.items() if is_on}
