"""Identity's HTTP entry points, and how a request's actor is found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from quart import Response, request

from wecc.identity import schemas as s
from wecc.identity.service import Identity
from wecc.infra.http import HttpServer, json_response
from wecc.infra.ratelimit import Buckets
from wecc.kernel.actor import Actor
from wecc.kernel.errors import TooMany, Unauthenticated
from wecc.settings import Settings


class Doorman:
    """Finds who sends an HTTP request or opens a socket: a cookie for agents, a bearer token for visitors."""

    def __init__(self, identity: Identity, is_https: bool) -> None:
        self._identity = identity
        self._is_https = is_https
        # Ports share cookies on one host, hence the product's own name; __Host- where the browser allows it.
        self.cookie = "__Host-wecc_session" if is_https else "wecc_session"

    async def agent(self) -> Actor:
        """Raises: Unauthenticated."""
        return (await self._identity.agent_by_token(request.cookies.get(self.cookie, "")))[0]

    async def anyone(self) -> Actor:
        """The agent of the cookie or the visitor of the bearer token. Raises: Unauthenticated."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer" and token:
            return await self._identity.visitor_by_bearer(token)
        return await self.agent()

    def give(self, response: Response, token: str, max_age_s: int) -> None:
        response.set_cookie(
            self.cookie,
            token,
            max_age=max_age_s,
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="Strict",
        )

    def take(self, response: Response) -> None:
        response.delete_cookie(self.cookie, path="/", secure=self._is_https, httponly=True, samesite="Strict")


def bind(
    http: HttpServer,
    identity: Identity,
    doorman: Doorman,
    settings: Settings,
    visitors: Buckets,
    after_last_sign_out: Callable[[Actor], Awaitable[None]],
) -> None:
    """Serve sign-in, visitors and agents' accounts. `visitors` bounds new visitors for each address."""

    async def face(center_id: str) -> s.CenterFace:
        """What a visitor's page may know before anybody acts."""
        center = await identity.center(center_id)
        return s.CenterFace(
            id=center.id,
            name_zh=center.name_zh,
            name_en=center.name_en,
            greeting_zh=center.greeting_zh,
            greeting_en=center.greeting_en,
            max_attachment_bytes=settings.data.max_attachment_bytes,
        )

    async def new_visitor(cmd: s.NewVisitor) -> s.VisitorToken:
        """Become a visitor; the token is the visitor."""
        wait_s = visitors.take(address())
        if wait_s:
            raise TooMany(retry_after_s=round(wait_s, 1))
        agent = request.headers.get("User-Agent", "")[:300]
        visitor, token = await identity.new_visitor(cmd.center_id, cmd.locale, agent)
        return s.VisitorToken(visitor=await identity.view_visitor(visitor.id), token=token)

    async def sign_in(cmd: s.SignIn) -> Response:
        """Sign an agent in; a session he had in this browser ends."""
        old = request.cookies.get(doorman.cookie)
        signed_in = await identity.sign_in(cmd.center_id, cmd.login, cmd.password, address())
        if old:
            with suppress(Unauthenticated):
                await identity.sign_out((await identity.agent_by_token(old))[0])
        response = json_response((await _session(signed_in.actor, signed_in.expires_ms)).model_dump(), 200)
        doorman.give(response, signed_in.token, settings.sign_in.session_s)
        return response

    async def session() -> s.AgentSession:
        """Who is signed in."""
        token = request.cookies.get(doorman.cookie, "")
        actor, expires_ms = await identity.agent_by_token(token)
        return await _session(actor, expires_ms)

    async def sign_out() -> Response:
        """End the session; its live sockets close and the agent leaves the desk."""
        with suppress(Unauthenticated):
            actor = await doorman.agent()
            if await identity.sign_out(actor):
                await after_last_sign_out(actor)
        response = Response(status=204)
        doorman.take(response)
        return response

    async def agents() -> s.AgentList:
        """All agents' accounts, for an administrator."""
        return s.AgentList(agents=await identity.agents(await doorman.agent()))

    async def change_agent(cmd: s.ChangeAgent, agent_id: str) -> s.AgentView:
        """Change a role, disable, enable or unlock."""
        return await identity.change_agent(await doorman.agent(), agent_id, cmd)

    async def _session(actor: Actor, expires_ms: int) -> s.AgentSession:
        center = await identity.center(actor.center_id)
        return s.AgentSession(
            agent=s.AgentRef(id=actor.id, name=actor.name),
            login=await identity.login_of(actor),
            role=actor.role.value,
            center_id=center.id,
            center_name_zh=center.name_zh,
            center_name_en=center.name_en,
            expires_ms=expires_ms,
        )

    def address() -> str:
        return client_address(request.remote_addr or "", request.headers.getlist("X-Forwarded-For"), settings)

    http.route("GET", "/api/v1/centers/<center_id>/face", face, answers=s.CenterFace)
    http.route("POST", "/api/v1/visitors", new_visitor, takes=s.NewVisitor, answers=s.VisitorToken)
    http.route("POST", "/api/v1/agent/session", sign_in, takes=s.SignIn, answers=s.AgentSession)
    http.route("GET", "/api/v1/agent/session", session, answers=s.AgentSession)
    http.route("DELETE", "/api/v1/agent/session", sign_out)
    http.route("GET", "/api/v1/agents", agents, answers=s.AgentList)
    http.route("PATCH", "/api/v1/agents/<agent_id>", change_agent, takes=s.ChangeAgent, answers=s.AgentView)


def client_address(peer: str, forwarded: list[str], settings: Settings) -> str:
    """The client's address; X-Forwarded-For counts only behind a proxy of ours, and then its last entry, the
    one that proxy wrote itself."""
    if settings.web.trusts_proxy and forwarded:
        return forwarded[-1].rsplit(",", 1)[-1].strip()
    return peer
