"""Use cases of identity: signing in, being a visitor, becoming a customer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from tortoise.exceptions import IntegrityError

from wecc.identity.domain import TierRule, highest_tier, masked_phone, page_address
from wecc.identity.models import (
    Agent,
    AgentSignIn,
    Center,
    Customer,
    IdentityKey,
    PageSeen,
    Tier,
    UsedToken,
    Visitor,
)
from wecc.identity.schemas import AgentRef, AgentView, ChangeAgent, VisitorView
from wecc.identity.tokens import TokenInvalid, read_token
from wecc.infra import db
from wecc.infra.ratelimit import Buckets
from wecc.infra.wire import Line, is_id
from wecc.kernel.actor import Actor, ActorKind, Role
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Forbidden, NotFound, TooMany, Unauthenticated
from wecc.kernel.ids import CenterId, new_id, new_token
from wecc.security import Lockout, Passwords, audit
from wecc.security.lockout import normalise_login
from wecc.settings import SignIn

MAX_PAGES_KEPT = 50


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session; `token` exists only here and in the cookie."""

    actor: Actor
    token: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What the console's customer pane shows. Source: 2.2-05."""

    visitor: VisitorView
    tiers: list[str]
    phone: str
    user_agent: str
    first_seen_ms: int
    pages: list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """Who an agent is to his colleagues."""

    id: str
    name: str
    login: str
    role: Role


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Identity:
    """Who is who. One instance a process; keeps the small tables of centers and tiers in memory for 2 s."""

    def __init__(self, clock: Clock, rules: SignIn, passwords: Passwords) -> None:
        self._clock = clock
        self._rules = rules
        self._passwords = passwords
        self.lockout = Lockout(clock, rules)
        per_minute = rules.failures_per_address_per_minute
        self._addresses = Buckets(clock, per_minute / 60, per_minute)
        self._tiers: dict[CenterId, tuple[float, dict[str, TierRule]]] = {}

    # ------------------------------------------------------------------ centers

    async def center(self, center_id: str) -> Center:
        """Raises: NotFound."""
        center = await Center.get_or_none(id=center_id) if is_id(center_id) else None
        if center is None:
            raise NotFound("There is no such center.")
        return center

    async def center_ids(self) -> list[CenterId]:
        ids = await Center.all().order_by("id").values_list("id", flat=True)
        return [CenterId(str(i)) for i in ids]

    async def tiers(self, center_id: CenterId) -> dict[str, TierRule]:
        """The center's tiers by code, highest first."""
        now_s = self._clock.monotonic_s()
        known = self._tiers.get(center_id)
        if known is not None and now_s - known[0] < 2:
            return known[1]
        rows = await Tier.filter(center_id=center_id).order_by("-rank", "code")
        rules = {
            r.code: TierRule(
                code=r.code,
                name_zh=r.name_zh,
                name_en=r.name_en,
                rank=r.rank,
            )
            for r in rows
        }
        self._tiers[center_id] = (now_s, rules)
        return rules

    # ------------------------------------------------------------------ agents

    async def sign_in(self, center_id: str, login: str, password: str, address: str) -> SignedIn:
        """Start a session. Source: 3.4.1-03 … 05.

        Raises: SignInRefused, SignInLocked (the same for names that do not exist), TooMany.
        """
        wait_s = self._addresses.take(address)
        if wait_s:
            raise TooMany(retry_after_s=round(wait_s, 1))
        center = CenterId(center_id)
        await self.lockout.reserve(center, login)
        agent = await Agent.get_or_none(center_id=center_id, login=normalise_login(login))
        stored = agent.password_hash if agent is not None and not agent.is_disabled else None
        now_ms = self._clock.now_ms()
        if not await self._passwords.verify(password, stored) or agent is None:
            error = await self.lockout.refuse(center, login)
            known = Actor(ActorKind.AGENT, center, agent.id if agent else "")
            await audit(now_ms, known, f"agent.{error.code.replace('.', '_')}", address=address)
            raise error
        await self.lockout.clear(center, login)
        if self._passwords.needs_rehash(agent.password_hash):
            await Agent.filter(id=agent.id).update(password_hash=await self._passwords.hash(password))
        token = new_token()
        session = await AgentSignIn.create(
            id=_digest(token),
            agent_id=agent.id,
            created_ms=now_ms,
            expires_ms=now_ms + self._rules.session_s * 1000,
            role=agent.role,
        )
        actor = _actor(agent, session.id)
        await audit(now_ms, actor, "agent.signed_in", agent.id, address=address)
        return SignedIn(actor, token, session.expires_ms)

    async def agent_by_token(self, token: str) -> tuple[Actor, int]:
        """The session's agent and its expiry.

        Raises: Unauthenticated when it ended, expired, or the agent's role changed since.
        """
        session = await AgentSignIn.get_or_none(id=_digest(token)).prefetch_related("agent")
        if session is None:
            raise Unauthenticated
        agent = session.agent
        facts = (session.role, agent.role, agent.is_disabled, session.ended_ms, session.expires_ms)
        if _why_lost(self._clock.now_ms(), *facts):
            raise Unauthenticated
        return _actor(session.agent, session.id), session.expires_ms

    async def login_of(self, actor: Actor) -> str:
        return (await Agent.get(id=actor.id)).login

    async def lost_sessions(self, session_ids: Iterable[str]) -> dict[str, str]:
        """Of these sessions, those that no longer hold, and why."""
        ids = set(session_ids)
        if not ids:
            return {}
        now_ms = self._clock.now_ms()
        # Every second, for everybody who is signed in: rows, not objects.
        fields = ("role", "agent__role", "agent__is_disabled", "ended_ms", "expires_ms")
        rows = await AgentSignIn.filter(id__in=list(ids)).values_list("id", *fields)
        causes = dict.fromkeys(ids, "expired") | {i: _why_lost(now_ms, *facts) for i, *facts in rows}
        return {i: cause for i, cause in causes.items() if cause}

    async def sign_out(self, actor: Actor) -> bool:
        """End the session; repeating it does nothing. True when the agent has no other one left."""
        now_ms = self._clock.now_ms()
        ended = await AgentSignIn.filter(id=actor.session_id, ended_ms=None).update(ended_ms=now_ms)
        if ended:
            await audit(now_ms, actor, "agent.signed_out", actor.id)
        live = AgentSignIn.filter(agent_id=actor.id, ended_ms=None, expires_ms__gt=now_ms)
        return not await live.exists()

    async def change_agent(self, actor: Actor, agent_id: str, change: ChangeAgent) -> AgentView:
        """Change role, disable, enable or unlock. Sessions under an old role end with it.

        Raises: Forbidden unless an administrator; NotFound also for another center's agent.
        """
        if not actor.has_role(Role.ADMINISTRATOR):
            raise Forbidden
        agent = await Agent.get_or_none(id=agent_id, center_id=actor.center_id)
        if agent is None:
            raise NotFound
        if agent.id == actor.id and (change.is_disabled or change.role not in (None, agent.role)):
            raise Forbidden("You cannot disable yourself or change your own role.")
        if change.role is not None:
            agent.role = change.role
        if change.is_disabled is not None:
            agent.is_disabled = change.is_disabled
        await agent.save()
        if change.is_unlocked:
            await self.lockout.clear(actor.center_id, agent.login)
        now_ms = self._clock.now_ms()
        await audit(now_ms, actor, "agent.changed", agent.id, **change.model_dump(exclude_none=True))
        return await self._agent_view(agent)

    async def agents(self, actor: Actor) -> list[AgentView]:
        """All agents of the center. Raises: Forbidden unless an administrator."""
        if not actor.has_role(Role.ADMINISTRATOR):
            raise Forbidden
        rows = await Agent.filter(center_id=actor.center_id).order_by("login")
        return [await self._agent_view(row) for row in rows]

    async def agent_facts(self, center_id: CenterId) -> dict[str, AgentFacts]:
        """Every enabled agent of the center, by id."""
        rows = await Agent.filter(center_id=center_id, is_disabled=False).order_by("name")
        return {r.id: AgentFacts(r.id, r.name, r.login, Role(r.role)) for r in rows}

    async def agent_names(self, center_id: CenterId) -> dict[str, str]:
        """The name of everybody who ever worked in the center, by id."""
        rows = await Agent.filter(center_id=center_id).values_list("id", "name")
        return {str(i): str(name) for i, name in rows}

    async def _agent_view(self, agent: Agent) -> AgentView:
        return AgentView(
            agent=AgentRef(id=agent.id, name=agent.name),
            login=agent.login,
            role=Role(agent.role).value,
            is_disabled=agent.is_disabled,
            is_locked=await self.lockout.is_locked(CenterId(agent.center_id), agent.login),
        )

    # ------------------------------------------------------------------ visitors

    async def new_visitor(self, center_id: str, locale: str, user_agent: str) -> tuple[Visitor, str]:
        """A visitor and the token that is him. Raises: NotFound for an unknown center."""
        await self.center(center_id)
        token = new_token()
        visitor_id = new_id()
        now_ms = self._clock.now_ms()
        visitor = await Visitor.create(
            id=visitor_id,
            center_id=center_id,
            token_digest=_digest(token),
            name=("访客 " if locale == "zh-CN" else "Visitor ") + visitor_id[-4:].upper(),
            locale=locale,
            user_agent=user_agent,
            created_ms=now_ms,
            seen_ms=now_ms,
        )
        return visitor, token

    async def visitor_by_token(self, center_id: str, token: str) -> Actor:
        """Raises: Unauthenticated, also for another center's token."""
        visitor = await Visitor.get_or_none(token_digest=_digest(token), center_id=center_id)
        now_ms = self._clock.now_ms()
        if visitor is None or now_ms - visitor.seen_ms > self._rules.visitor_session_s * 1000:
            raise Unauthenticated
        if now_ms - visitor.seen_ms > 3_600_000:
            await Visitor.filter(id=visitor.id).update(seen_ms=now_ms)
        return Actor(ActorKind.VISITOR, CenterId(center_id), visitor.id, visitor.name)

    async def visitor_by_bearer(self, token: str) -> Actor:
        """The visitor of an HTTP request. Raises: Unauthenticated."""
        visitor = await Visitor.get_or_none(token_digest=_digest(token))
        if visitor is None:
            raise Unauthenticated
        return await self.visitor_by_token(visitor.center_id, token)

    async def view_visitor(self, visitor_id: str) -> VisitorView:
        """Who a visitor is to everybody. Source: 2.2-04, 2.3-03."""
        visitor = await Visitor.get(id=visitor_id).prefetch_related("customer")
        return await self._view(visitor)

    async def identify(self, actor: Actor, token: str) -> VisitorView:
        """Make a visitor a customer by the integrator's token, and give him his tier.

        The same visitor may present his token again; another one is refused.
        Raises: TokenInvalid.
        """
        now_ms = self._clock.now_ms()
        rows = await IdentityKey.filter(center_id=actor.center_id, is_active=True)
        claims = read_token(token, {r.kid: r.secret for r in rows}, actor.center_id, now_ms)
        await self._use_once(actor, claims.token_id, claims.expires_ms)
        known = await self.tiers(actor.center_id)
        async with db.transaction():
            customer, _ = await Customer.get_or_create(
                center_id=actor.center_id,
                external_id=claims.customer,
                defaults={"id": new_id(), "name": claims.name or claims.customer},
            )
            customer.tiers = [
                code for code in dict.fromkeys([*customer.tiers, *claims.tiers]) if code in known
            ]
            if claims.tiers:
                customer.tiers = [code for code in claims.tiers if code in known]
            customer.name = claims.name or customer.name
            customer.phone = claims.phone or customer.phone
            customer.account_manager = claims.account_manager or customer.account_manager
            await customer.save()
            visitor = await Visitor.select_for_update().get(id=actor.id)
            if visitor.customer_id not in (None, customer.id):
                # A shared browser: one person's conversations must never become another's.
                raise TokenInvalid(reason="other customer")
            visitor.customer_id = customer.id
            visitor.name = customer.name
            await visitor.save()
        await audit(now_ms, actor, "visitor.identified", customer.id)
        return await self.view_visitor(actor.id)

    async def _use_once(self, actor: Actor, token_id: str, expires_ms: int) -> None:
        key = f"{actor.center_id}:{token_id}"
        try:
            await UsedToken.create(id=key, visitor_id=actor.id, expires_ms=expires_ms)
        except IntegrityError as error:
            used = await UsedToken.get_or_none(id=key)
            if used is None or used.visitor_id != actor.id:
                raise TokenInvalid(reason="used before") from error

    async def forget_used_tokens(self) -> None:
        """Drop what can no longer be replayed; a periodic job."""
        await UsedToken.filter(expires_ms__lt=self._clock.now_ms() - 60_000).delete()

    async def see_page(self, actor: Actor, url: str, title: Line) -> None:
        """Add to the visitor's page history; the same page twice in a row is one."""
        address = page_address(url)
        if not address:
            return
        last = await PageSeen.filter(visitor_id=actor.id).order_by("-id").first()
        now_ms = self._clock.now_ms()
        if last is not None and last.url == address:
            return
        page = await PageSeen.create(visitor_id=actor.id, url=address, title=title, at_ms=now_ms)
        await PageSeen.filter(visitor_id=actor.id, id__lt=page.id - MAX_PAGES_KEPT * 20).delete()

    async def customer_facts(self, visitor_id: str) -> CustomerFacts:
        visitor = await Visitor.get(id=visitor_id).prefetch_related("customer")
        known = await self.tiers(CenterId(visitor.center_id))
        codes = visitor.customer.tiers if visitor.customer else []
        pages = await PageSeen.filter(visitor_id=visitor_id).order_by("-id").limit(MAX_PAGES_KEPT)
        return CustomerFacts(
            visitor=await self._view(visitor),
            tiers=sorted((c for c in codes if c in known), key=lambda c: -known[c].rank),
            phone=masked_phone(visitor.customer.phone) if visitor.customer else "",
            user_agent=visitor.user_agent,
            first_seen_ms=visitor.created_ms,
            pages=[(p.url, p.title, p.at_ms) for p in pages],
        )

    async def account_manager_of(self, visitor_id: str) -> str:
        """The id of the agent who looks after this customer; empty when nobody does. Source: 2.3-06, 2.5-04."""
        visitor = await Visitor.get(id=visitor_id).prefetch_related("customer")
        if visitor.customer is None or not visitor.customer.account_manager:
            return ""
        login = normalise_login(visitor.customer.account_manager)
        found = Agent.filter(center_id=visitor.center_id, login=login, is_disabled=False)
        return str(next(iter(await found.values_list("id", flat=True)), ""))

    async def same_person(self, visitor_id: str) -> list[str]:
        """All visitor ids that are the same customer; an unverified visitor is only himself."""
        visitor = await Visitor.get(id=visitor_id)
        if visitor.customer_id is None:
            return [visitor_id]
        ids = await Visitor.filter(customer_id=visitor.customer_id).values_list("id", flat=True)
        return [str(i) for i in ids]

    async def _view(self, visitor: Visitor) -> VisitorView:
        center_id = CenterId(visitor.center_id)
        default = (await self.center(center_id)).default_tier
        codes = visitor.customer.tiers if visitor.customer else []
        return VisitorView(
            id=visitor.id,
            name=visitor.name,
            is_verified=visitor.customer is not None,
            customer_id=visitor.customer.external_id if visitor.customer else "",
            tier=highest_tier(codes, await self.tiers(center_id), default),
        )


def _actor(agent: Agent, session_id: str) -> Actor:
    center = CenterId(agent.center_id)
    return Actor(ActorKind.AGENT, center, agent.id, agent.name, Role(agent.role), session_id)


def _why_lost(
    now_ms: int, role: str, agent_role: str, is_disabled: bool, ended_ms: int | None, expires_ms: int
) -> str:
    """The cause as SessionEnded has it; empty while the session holds."""
    if is_disabled:
        return "disabled"
    if role != agent_role:
        return "role_changed"
    if ended_ms is not None:
        return "signed_out"
    return "expired" if expires_ms <= now_ms else ""
