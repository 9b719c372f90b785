"""Setting up a center: tiers from a file, groups, agents, the integrator's key. Repeating it changes nothing
that was edited since, but the tiers' names and targets stay the database's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wecc.identity.models import Agent, AgentGroup, Center, IdentityKey, Tier
from wecc.infra import db
from wecc.kernel.actor import Role
from wecc.kernel.ids import CenterId, new_id, new_token
from wecc.security import Passwords
from wecc.security.lockout import normalise_login
from wecc.settings import SettingsError


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Names(_Closed):
    zh: Annotated[str, Field(min_length=1, max_length=100)]
    en: Annotated[str, Field(min_length=1, max_length=100)]


class _Target(_Closed):
    threshold_s: Annotated[int, Field(gt=0, le=3600)]
    target_percent: Annotated[float, Field(gt=0, le=100)]


class _TierRow(_Closed):
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    name: _Names
    rank: Annotated[int, Field(ge=0, le=1000)]
    voice: _Target
    chat: _Target
    window_min: Annotated[int, Field(ge=1, le=1440)]
    subordinate: bool = False


class _TiersFile(_Closed):
    tier: Annotated[list[_TierRow], Field(min_length=1, max_length=50)]


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
class NewAgent:
    login: str
    name: str
    role: Role
    groups: tuple[str, ...]
    password: str
    capacity: int = 5


async def create_center(
    new: NewCenter, tiers_file: Path, groups: Mapping[str, tuple[str, str, Sequence[str]]]
) -> None:
    """Create the center, its tiers (2.4.3-02) and groups (code → name zh, name en, tiers), where missing.

    The center's names, greeting and site origins are set anew. Raises: SettingsError for a bad tiers file.
    """
    rows = _read_tiers(tiers_file)
    known = {row.code for row in rows}
    for code, (_, _, served) in groups.items():
        if not set(served) <= known:
            raise SettingsError(f"group {code} serves a tier that {tiers_file} does not have")
    for code in known.difference(*(served for _, _, served in groups.values())):
        raise SettingsError(f"no group serves tier {code}")
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
        for position, row in enumerate(rows):
            await Tier.get_or_create(
                id=f"{new.id}:{row.code}",
                defaults={
                    "center_id": new.id,
                    "code": row.code,
                    "name_zh": row.name.zh,
                    "name_en": row.name.en,
                    # Of equal ranks the earlier row is the higher one.
                    "rank": row.rank * 100 - position,
                    "is_subordinate": row.subordinate,
                    "voice_threshold_s": row.voice.threshold_s,
                    "voice_target_percent": row.voice.target_percent,
                    "chat_threshold_s": row.chat.threshold_s,
                    "chat_target_percent": row.chat.target_percent,
                    "window_min": row.window_min,
                },
            )
        for code, (name_zh, name_en, served) in groups.items():
            defaults = {"id": new_id(), "name_zh": name_zh, "name_en": name_en, "tiers": list(served)}
            await AgentGroup.get_or_create(center_id=new.id, code=code, defaults=defaults)


async def add_agent(center_id: CenterId, new: NewAgent, passwords: Passwords) -> bool:
    """Add an agent; False when the login exists already, which stays as it is."""
    login = normalise_login(new.login)
    if await Agent.filter(center_id=center_id, login=login).exists():
        return False
    await Agent.create(
        id=new_id(),
        center_id=center_id,
        login=login,
        name=new.name,
        password_hash=await passwords.hash(new.password),
        role=new.role.value,
        capacity=new.capacity,
        groups=list(new.groups),
    )
    return True


async def identity_key(center_id: CenterId, kid: str) -> str:
    """The secret of an integrator's key, made when missing. Source: 3.4.1-01."""
    key, _ = await IdentityKey.get_or_create(
        id=f"{center_id}:{kid}", defaults={"center_id": center_id, "kid": kid, "secret": new_token()}
    )
    return key.secret


def _read_tiers(file: Path) -> list[_TierRow]:
    try:
        return _TiersFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).tier
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}") from error
