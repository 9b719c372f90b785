"""Setting up a center: its tiers, agents, the integrator's key. What was edited since stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wecc.identity.models import Agent, Center, IdentityKey, Tier
from wecc.infra import db
from wecc.kernel.actor import Role
from wecc.kernel.ids import CenterId, new_id, new_token
from wecc.security import Passwords
from wecc.security.lockout import normalise_login


@dataclass(frozen=True, slots=True)
class NewCenter:
    id: CenterId
    name_zh: str
    name_en: str
    greeting_zh: str
    greeting_en: str
    default_tier: str
    site_origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewTier:
    """The higher the rank, the more valued."""

    code: str
    name_zh: str
    name_en: str
    rank: int


async def create_center(new: NewCenter, tiers: Iterable[NewTier]) -> None:
    """Create the center and its tiers (2.2-01), where missing.

    The center's names, greeting and site origins are set anew.
    """
    async with db.transaction():
        values = {
            "name_zh": new.name_zh,
            "name_en": new.name_en,
            "greeting_zh": new.greeting_zh,
            "greeting_en": new.greeting_en,
            "default_tier": new.default_tier,
            "site_origins": list(new.site_origins),
        }
        await Center.update_or_create(id=new.id, defaults=values)
        for tier in tiers:
            names = {"name_zh": tier.name_zh, "name_en": tier.name_en, "rank": tier.rank}
            known = {"center_id": new.id, "code": tier.code, **names}
            await Tier.get_or_create(id=f"{new.id}:{tier.code}", defaults=known)


async def add_agent(
    center_id: CenterId, login: str, name: str, role: Role, password: str, passwords: Passwords
) -> str | None:
    """Add an agent and return his id; None when the sign-in name exists already, which stays as it is."""
    login = normalise_login(login)
    if await Agent.filter(center_id=center_id, login=login).exists():
        return None
    agent = await Agent.create(
        id=new_id(),
        center_id=center_id,
        login=login,
        name=name,
        password_hash=await passwords.hash(password),
        role=role.value,
    )
    return agent.id


async def identity_key(center_id: CenterId, kid: str) -> str:
    """The secret of an integrator's key, made when missing. Source: 3.4.1-01."""
    key, _ = await IdentityKey.get_or_create(
        id=f"{center_id}:{kid}", defaults={"center_id": center_id, "kid": kid, "secret": new_token()}
    )
    return key.secret
