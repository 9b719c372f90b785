"""Clients as the faces are: a visitor's page and an agent's console, over real sockets and HTTP."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
import socketio

from tests.deployment import Deployment

WAIT_S = 15.0


def client_id() -> str:
    return uuid.uuid4().hex


class Refused(Exception):
    """An error ack or problem."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["code"])
        self.code: str = error["code"]
        self.data: dict[str, Any] = error.get("data", {})
        self.is_retryable: bool = error.get("retryable", False)


class Client:
    """One Socket.IO connection that keeps every notice, and waits for what it expects."""

    namespace = ""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.http = aiohttp.ClientSession(
            headers={"Origin": deployment.origin}, cookie_jar=aiohttp.CookieJar(unsafe=True)
        )
        self.notices: list[tuple[str, dict[str, Any]]] = []
        self._news = asyncio.Condition()
        self.sio = self._socket()

    def _socket(self) -> socketio.AsyncClient:
        sio = socketio.AsyncClient(reconnection=False, http_session=self.http, handle_sigint=False)
        sio.on("*", self._on_notice, namespace=self.namespace)
        self._gone = asyncio.Event()
        sio.on("disconnect", lambda *_: self._gone.set(), namespace=self.namespace)
        return sio

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.disconnect()
        await self.http.close()

    async def _on_notice(self, name: str, data: dict[str, Any]) -> None:
        async with self._news:
            self.notices.append((name, data))
            self._news.notify_all()

    async def connect(
        self, auth: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        if self.sio.connected:
            await self.disconnect()
        self.sio = self._socket()
        await self.sio.connect(
            self.deployment.origin,
            transports=["websocket"],
            namespaces=[self.namespace],
            auth=auth,
            headers={"Origin": self.deployment.origin} | (headers or {}),
            wait_timeout=10,
        )

    async def disconnect(self) -> None:
        if self.sio.connected:
            await self.sio.disconnect()

    async def ask(self, request: str, /, **payload: Any) -> dict[str, Any]:
        """Send a request; the answer's data. Raises: Refused; ConnectionError when the socket closes before."""
        loop = asyncio.get_running_loop()
        call = loop.create_task(
            self.sio.call(request, payload, namespace=self.namespace, timeout=WAIT_S), name=request
        )
        gone = loop.create_task(self._gone.wait(), name="gone")
        try:
            await asyncio.wait((call, gone), return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise ConnectionError(f"closed before {request} was answered")
            ack = call.result()
        finally:
            call.cancel()
            gone.cancel()
        if not ack["ok"]:
            raise Refused(ack["error"])
        data: dict[str, Any] = ack["data"]
        return data

    async def expect(
        self,
        name: str,
        match: Callable[[dict[str, Any]], bool] = lambda _: True,
        within_s: float = WAIT_S,
    ) -> dict[str, Any]:
        """The first kept notice that matches; waits for it."""

        def found() -> dict[str, Any] | None:
            return next((d for n, d in self.notices if n == name and match(d)), None)

        async with asyncio.timeout(within_s), self._news:
            await self._news.wait_for(lambda: found() is not None)
        result = found()
        assert result is not None
        return result

    async def expect_event(
        self, kind: str, match: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> dict[str, Any]:
        def is_it(notice: dict[str, Any]) -> bool:
            return bool(notice["event"]["kind"] == kind and match(notice["event"]))

        notice = await self.expect("conversation:event_appended", is_it)
        event: dict[str, Any] = notice["event"]
        return event

    async def request(self, method: str, path: str, **options: Any) -> Any:
        """An HTTP request's JSON. Raises: Refused."""
        async with self.http.request(method, f"{self.deployment.origin}{path}", **options) as response:
            content = await response.json() if "json" in response.content_type else await response.read()
            if response.status >= 400:
                raise Refused(content if isinstance(content, dict) else {"code": str(response.status)})
            return content


class Visitor(Client):
    namespace = "/visitor"
    token = ""
    conversation_id = ""

    async def arrive(self, locale: str = "zh-CN") -> Self:
        answer = await self.request("POST", "/api/v1/visitors", json={"center_id": "gd", "locale": locale})
        self.token = answer["token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        await self.connect({"token": self.token})
        return self

    async def start(self, text: str = "您好", locale: str = "zh-CN") -> dict[str, Any]:
        """Ask for a person at once."""
        state = await self.ask(
            "conversation:start", client_id=client_id(), locale=locale, text=text, wants_person=True
        )
        self.conversation_id = state["conversation"]["id"]
        return state

    async def begin(self, text: str = "", option: str = "", locale: str = "zh-CN") -> dict[str, Any]:
        """Say something, or choose of the greeting, as one does who is guided first."""
        state = await self.ask(
            "conversation:start", client_id=client_id(), locale=locale, text=text, option=option
        )
        self.conversation_id = state["conversation"]["id"]
        return state

    async def say(self, text: str, key: str | None = None) -> dict[str, Any]:
        return await self.ask(
            "conversation:send_message",
            conversation_id=self.conversation_id,
            client_id=key or client_id(),
            text=text,
        )

    async def choose(self, option: str) -> dict[str, Any]:
        """Choose of the newest step."""
        return await self.ask(
            "flow:choose", conversation_id=self.conversation_id, client_id=client_id(), option=option
        )

    async def next_step(self, after_seq: int) -> dict[str, Any]:
        """What self-service says next."""
        event = await self.expect_event("assisted", lambda e: e["seq"] > after_seq)
        body: dict[str, Any] = event["body"]
        return {**body, "seq": event["seq"]}


class Agent(Client):
    namespace = "/agent"
    id = ""

    async def sign_in(self, login: str, password: str | None = None, center_id: str = "gd") -> Self:
        body = {"center_id": center_id, "login": login, "password": password or f"wecc-{login}"}
        session = await self.request("POST", "/api/v1/agent/session", json=body)
        self.id = session["agent"]["id"]
        await self.connect()
        return self

    async def open_desk(self) -> dict[str, Any]:
        return await self.ask("desk:open")

    async def be(self, state: str, reason: str = "") -> dict[str, Any]:
        return await self.ask("presence:set", state=state, reason=reason)

    def state_in(self, notice: dict[str, Any]) -> str:
        """His state as a `presence:changed` tells it; empty when it is about others."""
        return next((str(p["state"]) for p in notice["presences"] if p["agent"]["id"] == self.id), "")

    async def accept_next(self, conversation_id: str = "") -> dict[str, Any]:
        """Wait for an offer (of that conversation) and take it."""

        def is_it(notice: dict[str, Any]) -> bool:
            return not conversation_id or notice["offer"]["conversation"]["id"] == conversation_id

        offer = (await self.expect("routing:offer_made", is_it))["offer"]
        return await self.ask(
            "routing:accept_offer", conversation_id=offer["conversation"]["id"], version=offer["version"]
        )

    async def say(self, conversation_id: str, text: str, key: str | None = None) -> dict[str, Any]:
        return await self.ask(
            "conversation:send_message",
            conversation_id=conversation_id,
            client_id=key or client_id(),
            text=text,
        )
