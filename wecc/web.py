"""The web process's application: what every process is made of, and sockets, HTTP and pages before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

from quart import Response, request
from redis.asyncio import Redis
from redis.exceptions import RedisError

from wecc import conversations, knowledge, selfservice, supervision
from wecc.app import Core, core
from wecc.conversations import Places
from wecc.help import HelpPages
from wecc.identity import http as identity_http
from wecc.identity import protocol as identity_protocol
from wecc.identity import sockets as identity_sockets
from wecc.identity.http import Doorman, client_address
from wecc.infra import db
from wecc.infra.http import HttpServer, json_response
from wecc.infra.metrics import Metrics
from wecc.infra.pages import Pages
from wecc.infra.protocol import REQUESTS
from wecc.infra.ratelimit import Buckets
from wecc.infra.realtime.dispatcher import Dispatcher
from wecc.infra.realtime.fanout import encode
from wecc.infra.realtime.server import Peer, SocketServer
from wecc.infra.wire import Nothing
from wecc.kernel.clock import Clock, SystemClock
from wecc.kernel.errors import NotFound
from wecc.settings import Settings
from wecc.supervision import FLOOR_PAUSE_S

Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

_SELF = "'self'"


class WebApp:
    """The ASGI application of a web process: sockets, HTTP, pages. Opened and closed by ASGI's lifespan."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.metrics = Metrics()
        web = settings.web
        self.sockets = SocketServer(
            self.clock, settings.limits, web.max_connections, lambda origin: origin in web.origins
        )
        self.sockets.address_of = self._address
        self.dispatcher = Dispatcher(self.sockets, self.clock, self.metrics.request)
        self.http = HttpServer(web.origins, settings.data.max_attachment_bytes + 4096)
        self.metrics.watch("wecc_sockets", "Connected sockets", lambda: len(self.sockets.peers))
        self._opened = asyncio.Event()
        self._core: Core | None = None

    @property
    def core(self) -> Core:
        assert self._core is not None, "the application is not open"
        return self._core

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["path"].startswith("/socket.io/"):
            await self.sockets(scope, receive, send)
        else:
            await self.http.quart(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self.opened():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Core]:
        """The application at work."""
        async with core(self.settings, self.sockets, self.clock) as opened:
            self._core = opened
            self._bind(opened)
            try:
                yield opened
            finally:
                await self.dismiss()
                self._core = None

    async def dismiss(self) -> None:
        """Close every socket in order, a few at a time, so that clients move on."""
        peers = list(self.sockets.peers.values())
        for start in range(0, len(peers), 200):
            async with asyncio.TaskGroup() as group:
                for peer in peers[start : start + 200]:
                    group.create_task(self._dismiss_one(peer))

    async def _dismiss_one(self, peer: Peer) -> None:
        try:
            async with asyncio.timeout(2):
                await self.sockets.disconnect(peer)
        except TimeoutError:
            self.sockets.cut(peer.eio_sid, "did not close")

    # ------------------------------------------------------------------ binding

    def _bind(self, opened: Core) -> None:
        settings, identity = self.settings, opened.identity
        doorman = Doorman(identity, settings.web.is_https)
        sessions = identity_sockets.Sessions(self.sockets, identity, doorman, opened.fanout)
        self.dispatcher.is_current = sessions.holds
        per_minute = settings.limits.visitors_per_address_per_minute
        visitors = Buckets(self.clock, per_minute / 60, per_minute)
        leave = opened.conversations.desk.leave
        identity_http.bind(self.http, identity, doorman, settings, visitors, leave)
        identity_sockets.bind(self.dispatcher, identity, opened.conversations.service.identified)
        conversations.bind(
            opened.conversations, self.http, self.dispatcher, doorman, identity, settings, self.clock
        )
        knowledge.bind(
            opened.knowledge, self.http, doorman, opened.selfservice.runs.contained, settings, self.clock
        )
        selfservice.bind(opened.selfservice, self.http, self.dispatcher, doorman, identity)
        watch = supervision.bind(
            opened.supervision,
            opened.conversations,
            self.http,
            self.dispatcher,
            doorman,
            self.sockets,
            opened.fanout,
            self.clock,
            opened.tasks,
        )
        unbound = set(REQUESTS) - self.dispatcher.bound
        assert not unbound, f"declared but not served: {unbound}"
        self._bind_pages(opened)
        HelpPages(identity, opened.knowledge, settings, self.clock).bind(self.http.quart)
        places = Places(opened.conversations.line, opened.conversations.notices, self.sockets)
        opened.fanout.on_gap = self._resync
        tasks = opened.tasks
        tasks.keep_alive(opened.fanout.run_subscriber, name="fanout subscriber", pause_s=0.5)
        tasks.keep_alive(sessions.drop_lost, name="lost sessions", pause_s=1.0)
        opened.selfservice.guiding.start(tasks)
        tasks.keep_alive(places.tell, name="places", pause_s=1.0)
        tasks.keep_alive(watch.tell, name="floors", pause_s=FLOOR_PAUSE_S)
        tasks.keep_alive(self._settle_heap, name="heap", pause_s=5.0)
        tasks.keep_alive(self.sockets.tend, name="sockets", pause_s=1.0)
        tasks.keep_alive(lambda: self._poll_when_deaf(opened), name="deaf poll", pause_s=2.0)
        tasks.start(self.metrics.watch_lag(self.clock), name="loop lag")

    async def _settle_heap(self) -> None:
        self.sockets.heap.settle()

    def _resync(self) -> None:
        """Notices may have been lost: every client reads from its cursors."""
        text = encode(identity_protocol.RESYNC_NEEDED, Nothing())
        for peer in tuple(self.sockets.peers.values()):
            self.sockets.push_text(peer, f"2{peer.namespace},{text}")

    async def _poll_when_deaf(self, opened: Core) -> None:
        """Without Redis other workers' notices do not come: clients are told to look every two seconds."""
        if opened.fanout.is_deaf:
            self._resync()

    def _bind_pages(self, opened: Core) -> None:
        pages = Pages(self.settings.static_folder)
        quart = self.http.quart
        sockets = " ".join(sorted(o.replace("http", "ws", 1) for o in self.settings.web.origins))
        common = (
            f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
            f"font-src 'self'; media-src 'self' blob:; connect-src 'self' {sockets}; "
            f"base-uri 'none'; form-action 'none'; "
        )

        async def console(_: str = "") -> Response:
            policy = common + "frame-ancestors 'none'; require-trusted-types-for 'script'"
            return pages.serve("console/index.html", policy=policy)

        async def widget(center_id: str) -> Response:
            center = await opened.identity.center(center_id)
            hosts = " ".join([_SELF, *center.site_origins])
            # The help page is shown within it.
            policy = f"{common}frame-src 'self'; frame-ancestors {hosts}"
            return pages.serve("widget/index.html", policy=policy)

        async def embed() -> Response:
            response = pages.serve("embed.js")
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            response.headers["Cache-Control"] = "public, max-age=300"
            return response

        async def static(name: str) -> Response:
            return pages.serve(name)

        async def home() -> Response:
            return Response(status=302, headers={"Location": "/console"})

        async def health() -> Response:
            return json_response({"status": "ok"}, 200)

        async def ready() -> Response:
            checks = {
                "database": await db.is_answering(),
                "redis": await _is_answering(opened.redis),
                "notices": not opened.fanout.is_deaf,
            }
            # Without search, pages are still browsed and conversations held: it is told, and keeps nobody out.
            told = {"checks": checks, "search": await opened.knowledge.index.is_answering()}
            return json_response(told, 200 if all(checks.values()) else 503)

        async def metrics() -> Response:
            # Numbers about traffic are the operator's own: scraped from the machine itself or through a proxy
            # he sets up for it.
            is_local = ip_address(request.remote_addr or "::").is_loopback
            if not is_local or "X-Forwarded-For" in request.headers:
                raise NotFound
            return Response(self.metrics.text(), content_type="text/plain; version=0.0.4")

        async def openapi() -> Response:
            return json_response(self.http.openapi(), 200)

        for path, view in (
            ("/", home),
            ("/console", console),
            ("/console/<path:_>", console),
            ("/widget/<center_id>", widget),
            ("/embed.js", embed),
            ("/static/<path:name>", static),
            ("/healthz", health),
            ("/readyz", ready),
            ("/metrics", metrics),
            ("/api/v1/openapi.json", openapi),
        ):
            quart.add_url_rule(path, f"GET {path}", view, methods=["GET"])

    def _address(self, scope: Any) -> str:
        peer = (scope.get("client") or ("", 0))[0]
        forwarded = [v.decode("latin-1") for k, v in scope["headers"] if k == b"x-forwarded-for"]
        return client_address(peer, forwarded, self.settings)


async def _is_answering(redis: Redis) -> bool:
    try:
        async with asyncio.timeout(2):
            await redis.ping()
    except (RedisError, TimeoutError, OSError):
        return False
    return True
