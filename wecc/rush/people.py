"""The scripted visitors and agents, each over a socket of his own."""

from __future__ import annotations

import asyncio
import contextlib
import random
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

from wecc.bench.client import Client, Refused
from wecc.demo import Customer, IdentityKey
from wecc.demo.language import Text
from wecc.demo.site import identity_token
from wecc.infra.tasks import TaskOwner
from wecc.kernel.clock import SystemClock
from wecc.kernel.ids import CenterId, new_id
from wecc.routing.seeding import NewAgent
from wecc.rush.script import Arrival
from wecc.rush.tally import Tallies, Tally

_DEFAULT_TIER = "other"
_BEAT_EVERY_S = 5.0
_HTTP_DEADLINE_S = 15.0
_GOODBYE_S = 5.0
_CLOCK = SystemClock()

_NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
_QUESTIONS = (
    "您好，我想查一下本月账单，比上个月多了三十多元。",
    "请问宽带报装后多久可以上门安装？",
    "我下周去香港出差，怎么开通漫游流量？",
    "手机信号最近在家里不太好，能帮忙看看吗？",
    "我想换一个流量多一点的套餐，有什么推荐？",
    "刚充值的话费还没有到账。",
)
_REPLIES = ("好的，谢谢。", "号码就是这个。", "明白了，那大概要多久？", "可以的，麻烦您了。", "嗯，是的。")
_ANSWERS = (
    "您好，很高兴为您服务，我马上为您查询。",
    "已经查到了，请您稍候核对一下。",
    "这边已经为您登记，处理结果会以短信通知您。",
    "请问还有其他可以帮您的吗？",
)


class NoDemo(Exception):
    """What is expected to run does not; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """The running demo, and the key by which the integrator vouches for his customers."""

    host: str
    port: int
    center_id: CenterId
    key: IdentityKey

    async def request(
        self, method: str, path: str, body: dict[str, Any] | None = None, cookie: str = ""
    ) -> tuple[dict[str, Any], str]:
        """The JSON and the cookie of an HTTP answer; waits when told to come back later. Raises: NoDemo."""
        origin = f"http://{self.host}:{self.port}"
        headers = {"Origin": origin, "Content-Type": "application/json", "Cookie": cookie}
        asked = urllib.request.Request(  # noqa: S310  # our own address
            f"{origin}{path}", orjson.dumps(body) if body else None, headers, method=method
        )

        def ask() -> tuple[int, bytes, str]:
            try:
                with urllib.request.urlopen(asked, timeout=_HTTP_DEADLINE_S) as answer:  # noqa: S310
                    cookies = (answer.headers.get("Set-Cookie") or "").partition(";")[0]
                    return answer.status, answer.read(), cookies
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read(), ""

        while True:
            try:
                status, content, given = await asyncio.to_thread(ask)
            except OSError as error:
                raise NoDemo(f"nothing answers at {origin}: start the demo with `make run`") from error
            answer = orjson.loads(content) if content else {}
            if status != 429:
                break
            await asyncio.sleep(float(answer["data"]["retry_after_s"]))
        if status >= 400:
            raise NoDemo(f"{method} {path}: {answer.get('code', status)}")
        return answer, given


@dataclass
class Rush:
    """What visitors and agents share."""

    place: Place
    tallies: Tallies = field(default_factory=Tallies)
    handling_s: dict[str, float] = field(default_factory=dict)
    """How long the conversations of our own visitors take."""
    _rested: dict[str, list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # ------------------------------------------------------------------ visitors

    async def visit(self, arrival: Arrival) -> None:
        """Ask, wait as long as one is patient, talk until the agent closes. Cancelled: leaves at once."""
        chance = random.Random(arrival.seed)
        token, is_known = await self._somebody(arrival.tier)
        visit = _Visit(chance, self.tallies.tiers[arrival.tier])
        client = visit.client = Client("/visitor", visit.hear)
        try:
            await client.connect(self.place.port, {"token": token})
            if not is_known and arrival.tier != _DEFAULT_TIER:
                await client.ask("visitor:identify", token=self._vouch(arrival.tier, chance))
            text = chance.choice(_QUESTIONS)
            state = await visit.start(text)
            self.handling_s[visit.conversation_id] = arrival.handling_s
            visit.see(state)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(arrival.patience_s):
                    await visit.is_served.wait()
            if visit.is_served.is_set():
                await visit.is_over.wait()
        finally:
            await visit.leave()
            client.close()
            self.handling_s.pop(visit.conversation_id, None)
        self._rested[arrival.tier].append((token, True))

    async def _somebody(self, tier: str) -> tuple[str, bool]:
        """A visitor of the tier who was here before, or a new one; and whether the center knows him."""
        if self._rested[tier]:
            return self._rested[tier].pop(0)
        new = {"center_id": self.place.center_id, "locale": "zh-CN"}
        answer, _ = await self.place.request("POST", "/api/v1/visitors", new)
        return str(answer["token"]), False

    def _vouch(self, tier: str, chance: random.Random) -> str:
        number = next(self._numbers)
        name = chance.choice(_NAMES) + chance.choice(("先生", "女士"))
        customer = Customer(
            external_id=f"RUSH{new_id()[-10:]}",
            name=Text(name, name),
            phone=f"139{number:08}",
            tiers=(tier,),
            note=Text("", ""),
            plan=None,
            balance_minor=0,
            usage=None,
            bills=(),
        )
        return identity_token(customer, self.place.center_id, self.place.key, _CLOCK.now_ms() // 1000)

    # ------------------------------------------------------------------ agents

    @contextlib.asynccontextmanager
    async def at_work(self, agents: tuple[NewAgent, ...], seed: int) -> AsyncIterator[None]:
        """These agents, signed in and ready; they sign out at the end."""
        async with contextlib.AsyncExitStack() as stack:
            for number, agent in enumerate(agents):
                script = _Agent(self, random.Random(f"{seed} {number}"))
                await stack.enter_async_context(script.at_work(agent))
            yield


@dataclass
class _Visit:
    """One visitor's conversation."""

    chance: random.Random
    tally: Tally
    conversation_id: str = ""
    is_served: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    client: Client | None = None
    _asked_s: float | None = None
    _owner: TaskOwner = field(default_factory=TaskOwner)

    async def start(self, text: str) -> dict[str, Any]:
        assert self.client is not None
        self._asked_s = _CLOCK.monotonic_s()
        self.tally.ask()
        state = await self.client.ask(
            "conversation:start",
            client_id=f"rush-{new_id()}",
            locale="zh-CN",
            text=text,
            page_title="南方通信",
            wants_person=True,
        )
        self.conversation_id = state["conversation"]["id"]
        return state

    def see(self, state: dict[str, Any]) -> None:
        """Take what happened before the answer to the start came."""
        if state["conversation"]["status"] == "active":
            self._served()

    def hear(self, name: str, data: dict[str, Any]) -> None:
        if name != "conversation:event_appended":
            return
        event = data["event"]
        match event["kind"]:
            case "joined":
                self._served()
            case "closed":
                self.is_over.set()
            case "message" if event["sender"]["kind"] == "agent" and self.chance.random() < 0.7:
                self._owner.start(self._reply(), name="reply")

    def _served(self) -> None:
        if self._asked_s is not None and not self.is_served.is_set():
            self.is_served.set()
            self.tally.answer(_CLOCK.monotonic_s() - self._asked_s)

    async def _reply(self) -> None:
        await asyncio.sleep(self.chance.uniform(2, 8))
        await self._say(self.chance.choice(_REPLIES))

    async def _say(self, text: str) -> None:
        assert self.client is not None
        if not self.is_over.is_set():
            with contextlib.suppress(Refused, OSError, TimeoutError):  # closed meanwhile
                await self.client.ask(
                    "conversation:send_message",
                    conversation_id=self.conversation_id,
                    client_id=f"rush-{new_id()}",
                    text=text,
                )

    async def leave(self) -> None:
        """Go, and take the request along."""
        await self._owner.stop()
        if self._asked_s is not None and not self.is_served.is_set():
            self.tally.give_up(_CLOCK.monotonic_s() - self._asked_s)
        if self.conversation_id and not self.is_over.is_set() and self.client is not None:
            with contextlib.suppress(Refused, OSError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await self.client.ask("conversation:close", conversation_id=self.conversation_id)


class _Agent:
    """Takes every offer, answers a few times, closes when the time is over."""

    def __init__(self, rush: Rush, chance: random.Random) -> None:
        self._rush = rush
        self._chance = chance
        self._client = Client("/agent", self._hear)
        self._owner = TaskOwner()
        self._offers: set[tuple[str, int]] = set()

    @contextlib.asynccontextmanager
    async def at_work(self, agent: NewAgent) -> AsyncIterator[None]:
        place, session = self._rush.place, "/api/v1/agent/session"
        credentials = {"center_id": place.center_id, "login": agent.login, "password": agent.password}
        _, cookie = await place.request("POST", session, credentials)
        try:
            await self._client.connect(place.port, headers={"Cookie": cookie})
            desk = await self._client.ask("desk:open")
            tiers = [Tally(t["code"], t["chat_threshold_s"], t["chat_target_percent"]) for t in desk["tiers"]]
            for tier in tiers:
                self._rush.tallies.tiers.setdefault(tier.code, tier)
            await self._client.ask("presence:set", state="ready")
            self._owner.keep_alive(self._beat, name=f"{agent.login} beats", pause_s=_BEAT_EVERY_S)
            yield
        finally:
            await self._owner.stop()
            with contextlib.suppress(Refused, OSError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await self._client.ask("presence:set", state="offline")
            self._client.close()
            with contextlib.suppress(NoDemo):
                await place.request("DELETE", session, cookie=cookie)

    async def _beat(self) -> None:
        await self._client.ask("presence:beat")

    def _hear(self, name: str, data: dict[str, Any]) -> None:
        # An offer may be told twice: by who made it, and from the outbox.
        if name == "routing:offer_made" and self._is_new(data["offer"]):
            self._owner.start(self._serve(data["offer"]), name="serve")

    def _is_new(self, offer: dict[str, Any]) -> bool:
        key = (offer["conversation"]["id"], offer["version"])
        is_new = key not in self._offers
        self._offers.add(key)
        return is_new

    async def _serve(self, offer: dict[str, Any]) -> None:
        place = {"conversation_id": offer["conversation"]["id"]}
        ask = self._client.ask
        with contextlib.suppress(Refused, OSError, TimeoutError):  # the visitor was quicker, or left
            await asyncio.sleep(self._chance.uniform(0.5, 2.5))
            await ask("routing:accept_offer", **place, version=offer["version"])
            left_s = self._rush.handling_s.get(place["conversation_id"], 40.0)
            for text in _ANSWERS:
                await ask("conversation:send_message", **place, client_id=f"rush-{new_id()}", text=text)
                await asyncio.sleep(left_s / len(_ANSWERS))
            await ask("conversation:close", **place)
        with contextlib.suppress(Refused, OSError, TimeoutError):
            await asyncio.sleep(self._chance.uniform(1, 4))
            await ask("routing:end_wrap_up", **place)
