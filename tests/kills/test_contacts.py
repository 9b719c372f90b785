"""Many short contacts while every process is killed at random: none lost, none doubled, nobody stuck.

A contact: a visitor asks, is offered, accepted, answered, closed; some visitors stop waiting at once, which races
with the offer. Source: reliability R1–R7; design §6. `WECC_TEST_CONTACTS=100000` makes the long run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.deployment import Deployment, chosen_store, running
from wecc.bench.client import Client, Refused
from wecc.conversations.models import Conversation, LogEntry, Work
from wecc.demo import CUSTOMERS, read_key
from wecc.demo.site import identity_token
from wecc.infra import db
from wecc.infra import redis as redis_client
from wecc.kernel.clock import SystemClock
from wecc.kernel.ids import CenterId
from wecc.routing import CenterView, Routing
from wecc.settings import Data, Settings

CONTACTS = int(os.environ.get("WECC_TEST_CONTACTS", "60"))
IS_LONG = CONTACTS >= 1000
FIRST_KILLS_EVERY_S, KILL_EVERY_S = (0.3, 0.8), (5.0, 30.0)
VISITORS = 24
LOGINS = ("1001", "1002", "1003", "2001", "9001")
CENTER = CenterId("gd")
STOPS_WAITING = 0.1
LOOK_EVERY_S = 2.0
PATIENCE_S = 60.0


class Line:
    """A connection that is made again as often as it takes."""

    def __init__(self, port: int, namespace: str, **credentials: Any) -> None:
        self.port = port
        self.namespace = namespace
        self.credentials = credentials
        self.news = asyncio.Event()
        self.hear: Callable[[str, dict[str, Any]], None] = lambda *_: None
        self.client: Client | None = None
        self.connecting = asyncio.Lock()

    async def ask(self, request: str, **payload: Any) -> dict[str, Any]:
        """Insist until it is answered. Raises: Refused when asking again would not help."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    return await (await self.connected()).ask(request, **payload)
                except Refused as error:
                    if not error.is_retryable:
                        raise
                except (OSError, TimeoutError):
                    pass
                await asyncio.sleep(0.05)

    async def connected(self) -> Client:
        async with self.connecting:
            while self.client is None or self.client.is_lost:
                self.client = Client(self.namespace, self._notice)
                with contextlib.suppress(Refused, OSError, TimeoutError):
                    await self.client.connect(self.port, **self.credentials)
                    self.news.set()  # whatever was told meanwhile is to be read
                    break
                self.client.close()
                await asyncio.sleep(0.05)
            return self.client

    def _notice(self, name: str, data: dict[str, Any]) -> None:
        if name == "session:resync_needed":
            self.news.set()
        self.hear(name, data)

    async def wait_for_news(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):
                await self.news.wait()
        self.news.clear()


@dataclass
class Book:
    """What was acknowledged, to be found again."""

    began_ms: int
    asked: dict[str, str] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    over: int = 0
    kills: Counter[str] = field(default_factory=Counter)


async def visit(line: Line, book: Book, number: int, chance: random.Random) -> None:
    """One contact after the other, until there have been enough."""
    contacts = 0
    closed = set()

    def hear(name: str, data: dict[str, Any]) -> None:
        if name == "conversation:event_appended" and data["event"]["kind"] == "closed":
            closed.add(data["conversation_id"])
            line.news.set()

    line.hear = hear
    while len(book.asked) < CONTACTS:
        key = f"contact-{number:03}-{contacts:06}"
        contacts += 1
        book.asked[key] = ""
        state = await line.ask(
            "conversation:start", client_id=key, locale="zh-CN", text=key, wants_person=True
        )
        conversation_id = book.asked[key] = state["conversation"]["id"]
        if chance.random() < STOPS_WAITING:
            await line.ask("conversation:close", conversation_id=conversation_id)
        while conversation_id not in closed and state["conversation"]["status"] != "closed":
            await line.wait_for_news()
            if conversation_id not in closed:
                state = await line.ask("visitor:resume")
                assert state["conversation"]["id"] == conversation_id
        book.over += 1


class Worker:
    """An agent who takes what he is offered, answers once, and closes."""

    def __init__(self, line: Line, book: Book) -> None:
        self.line = line
        self.book = book
        self.serving: set[str] = set()
        self.owner = asyncio.TaskGroup()
        line.hear = self.hear

    async def work(self, is_done: Callable[[], bool]) -> None:
        async with self.owner:
            beating = self.owner.create_task(self.beat())
            while not is_done():
                desk = await self.line.ask("desk:open")
                if desk["presence"]["state"] != "ready":
                    await self.line.ask("presence:set", state="ready")
                for offer in desk["offers"]:
                    self.take(offer["conversation"]["id"], offer["version"])
                for conversation in desk["conversations"]:
                    if conversation["status"] == "active":
                        self.take(conversation["id"], None)
                await self.line.wait_for_news()
            beating.cancel()

    async def beat(self) -> None:
        while True:
            with contextlib.suppress(Refused):
                await self.line.ask("presence:beat")
            await asyncio.sleep(5)

    def hear(self, name: str, data: dict[str, Any]) -> None:
        if name == "routing:offer_made":
            self.take(data["offer"]["conversation"]["id"], data["offer"]["version"])

    def take(self, conversation_id: str, version: int | None) -> None:
        if conversation_id not in self.serving:
            self.serving.add(conversation_id)
            self.owner.create_task(self.serve(conversation_id, version))

    async def serve(self, conversation_id: str, version: int | None) -> None:
        """From the offer (or, without one, from where it was left) to the end."""
        place = {"conversation_id": conversation_id}
        try:
            if version is not None:
                await self.line.ask("routing:accept_offer", **place, version=version)
            key = f"said-{conversation_id}"
            done = await self.line.ask("conversation:send_message", **place, client_id=key, text="您好")
            self.book.said[conversation_id] = done["seq"]
            await self.line.ask("conversation:close", **place)
        except Refused:
            # Another has it, or the visitor was quicker; the next look at the desk finds what is his.
            pass
        finally:
            self.serving.discard(conversation_id)


async def kill_at_random(deployment: Deployment, book: Book) -> None:
    """One of each; in the long run more, as long as there are contacts. The next one comes when the door is open
    again, which may be before all have recovered from the one before."""
    chance = random.Random(7)
    due = ["web", "jobs", "valkey"]
    while book.over < CONTACTS and (due or IS_LONG):
        await asyncio.sleep(chance.uniform(*(FIRST_KILLS_EVERY_S if due else KILL_EVERY_S)))
        if book.over >= CONTACTS:
            break
        child = due.pop(0) if due else chance.choice(["web", "web", "jobs", "valkey"])
        before = len(deployment.pids(child))
        killed = await asyncio.to_thread(deployment.kill, child)
        async with asyncio.timeout(PATIENCE_S):
            while killed in (now := deployment.pids(child)) or len(now) < before:
                await asyncio.sleep(0.05)
        await asyncio.to_thread(deployment.wait_until_ready)
        book.kills[child] += 1


@contextlib.asynccontextmanager
async def people(deployment: Deployment) -> AsyncIterator[tuple[list[Line], list[Line]]]:
    """Visitors, the first of them known customers of all tiers; agents, ready."""
    visitors, agents = [], []
    key = read_key(Settings(data=Data(folder=deployment.folder / "var")))
    async with aiohttp.ClientSession(deployment.origin, headers={"Origin": deployment.origin}) as http:
        for login in LOGINS:
            body = {"center_id": CENTER, "login": login, "password": f"wecc-{login}"}
            async with http.post("/api/v1/agent/session", json=body) as response:
                cookie = f"wecc_session={response.cookies['wecc_session'].value}"
            agents.append(Line(deployment.port, "/agent", headers={"Cookie": cookie}))
            await agents[-1].ask("desk:open")
            await agents[-1].ask("presence:set", state="ready")
        for number in range(VISITORS):
            async with http.post(
                "/api/v1/visitors", json={"center_id": CENTER, "locale": "zh-CN"}
            ) as response:
                token = (await response.json())["token"]
            visitors.append(Line(deployment.port, "/visitor", auth={"token": token}))
            if number < len(CUSTOMERS):
                signed = identity_token(CUSTOMERS[number], CENTER, key, int(time.time()))  # noqa: TID251
                await visitors[-1].ask("visitor:identify", token=signed)
    try:
        yield visitors, agents
    finally:
        for line in (*visitors, *agents):
            if line.client is not None:
                line.client.close()


@pytest.fixture
def deployment(tmp_path: Path) -> Any:
    with chosen_store() as store:
        extra = {
            "WECC_LIMITS__HANDSHAKES_PER_ADDRESS_PER_S": "1000",
            "WECC_LIMITS__REQUESTS_PER_S": "1000",
            "WECC_LIMITS__REQUESTS_BURST": "1000",
            "WECC_ROUTING__GONE_AFTER_S": "120",
            "WECC_ROUTING__WRAP_UP_S": "0",
        }
        with running(tmp_path / "own", store | extra) as deployment:
            yield deployment


@pytest.mark.live
@pytest.mark.slow
async def test_contacts_through_kills_are_neither_lost_nor_doubled(deployment: Deployment) -> None:
    book, chance = Book(SystemClock().now_ms()), random.Random(11)
    began_s = time.monotonic()
    async with people(deployment) as (visitors, agents):

        async def all_visit() -> None:
            async with asyncio.TaskGroup() as group:
                for number, line in enumerate(visitors):
                    group.create_task(visit(line, book, number, random.Random(chance.random())))

        async with asyncio.TaskGroup() as group:
            visiting = group.create_task(all_visit())
            for line in agents:
                group.create_task(Worker(line, book).work(visiting.done))
            group.create_task(kill_at_random(deployment, book))
        view = await settled(deployment)
        took_s = time.monotonic() - began_s
    print(f"{book.over} contacts in {took_s:.0f} s, killed {dict(book.kills)}")  # noqa: T201
    assert len(book.kills) == 3, "each was killed while there were contacts"
    assert book.over == len(book.asked) >= CONTACTS
    assert all(not tier.waiting for tier in view.tiers)
    assert all(not agent.load for agent in view.agents), "nobody holds what is over"
    async with database(deployment):
        served, left = await check_log(book)
        await check_works(book, served, left)
    # Counted once, while all of them are within the windows. Who stopped waiting may count, or not.
    if took_s < 10 * 60:
        asked = sum(tier.asked for tier in view.tiers)
        assert len(served) <= asked <= len(book.asked)


async def settled(deployment: Deployment) -> CenterView:
    """Routing once the jobs process has followed all; it mends what kills left behind within seconds."""
    url = redis_client.connect(Data(folder=deployment.folder / "var"))
    async with url as redis, database(deployment), asyncio.timeout(PATIENCE_S):
        routing = Routing(redis)
        while True:
            view = await routing.view(CENTER)
            is_idle = not any(tier.waiting for tier in view.tiers) and not any(a.load for a in view.agents)
            live = await Work.filter(state__in=["queued", "offered", "assigned", "wrap_up"]).count()
            if is_idle and not live:
                return view
            await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def database(deployment: Deployment) -> AsyncIterator[None]:
    EXECUTOR_CACHE.clear()
    url = deployment.extra.get("DATABASE_URL", "")
    await db.connect(Data(folder=deployment.folder / "var", database_url=url))
    try:
        yield
    finally:
        await db.close()


async def check_log(book: Book) -> tuple[set[str], set[str]]:
    """Every contact is there once, whole, and ended once. Returns those somebody served, and those who left."""
    rows = await Conversation.all().values_list("id", "status", "last_seq")
    assert {row[0] for row in rows} == set(book.asked.values()), "asked and lost, or there twice"
    assert len(set(book.asked.values())) == len(book.asked)
    assert {row[1] for row in rows} == {"closed"}
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    seqs: dict[str, list[int]] = defaultdict(list)
    said: dict[str, int] = {}
    left = set()
    fields = ("conversation_id", "kind", "seq", "sender_kind", "client_id")
    for cid, kind, seq, sender, client_id in await LogEntry.all().order_by("id").values_list(*fields):
        if (sender, kind) == ("visitor", "closed"):
            left.add(cid)
        kinds[cid][f"{sender} {kind}"] += 1
        kinds[cid][kind] += 1
        seqs[cid].append(seq)
        if client_id == f"said-{cid}":
            said[cid] = seq
    served = set()
    for cid, _, last_seq in rows:
        story = kinds[cid]
        assert sorted(seqs[cid]) == list(range(1, last_seq + 1)), f"{cid}: a gap"
        assert (story["started"], story["visitor message"], story["closed"]) == (1, 1, 1), f"{cid}: {story}"
        assert story["agent message"] <= 1, f"{cid}: {story}"
        assert 0 <= story["joined"] - story["left"] <= 1, f"{cid}: {story}"
        assert story["joined"] >= story["agent message"], f"{cid}: {story}"
        if story["joined"]:
            served.add(cid)
    lost = {cid: seq for cid, seq in book.said.items() if said.get(cid) != seq}
    assert not lost, f"acknowledged and lost or moved: {lost}"
    return served, left


async def check_works(book: Book, served: set[str], left: set[str]) -> None:
    """Routing's items as the database has them: one each, ended, with an agent where one joined.

    Who left while an agent took him is assigned, and nobody joined him.
    """
    # The demo comes with a day of history.
    works = await Work.filter(since_ms__gte=book.began_ms).values_list("id", "state", "assigned_ms")
    assert {work[0] for work in works} == set(book.asked.values())
    assert {work[1] for work in works} <= {"closed", "abandoned"}
    assigned = {work[0] for work in works if work[2] is not None}
    assert served <= assigned <= served | left
