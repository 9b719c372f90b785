"""Identity's tables. Everything belongs to exactly one center."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Center(Model):
    id = fields.CharField(max_length=64, primary_key=True)
    name_zh = fields.CharField(max_length=100)
    name_en = fields.CharField(max_length=100)
    greeting_zh = fields.CharField(max_length=300)
    greeting_en = fields.CharField(max_length=300)
    site_origins: list[str] = fields.JSONField(default=list)
    default_tier = fields.CharField(max_length=64)

    class Meta:
        table = "center"


class Tier(Model):
    """A customer class. How it is served is in the routing plan. Source: 2.2-01."""

    id = fields.CharField(max_length=130, primary_key=True)
    center_id = fields.CharField(max_length=64, db_index=True)
    code = fields.CharField(max_length=64)
    name_zh = fields.CharField(max_length=100)
    name_en = fields.CharField(max_length=100)
    rank = fields.IntField()

    class Meta:
        table = "tier"


class Agent(Model):
    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64, db_index=True)
    login = fields.CharField(max_length=64)
    name = fields.CharField(max_length=100)
    password_hash = fields.CharField(max_length=200)
    role = fields.CharField(max_length=20)
    is_disabled = fields.BooleanField(default=False)

    class Meta:
        table = "agent"
        unique_together = (("center_id", "login"),)


class AgentSignIn(Model):
    """A session. Only the token's digest is stored."""

    id = fields.CharField(max_length=64, primary_key=True)
    agent: fields.ForeignKeyRelation[Agent] = fields.ForeignKeyField(
        "identity.Agent", related_name="sign_ins"
    )
    agent_id: str
    created_ms = fields.BigIntField()
    expires_ms = fields.BigIntField()
    ended_ms = fields.BigIntField(null=True)
    role = fields.CharField(max_length=20)

    class Meta:
        table = "agent_sign_in"


class IdentityKey(Model):
    """A secret shared with an integrator, to sign who a visitor is. Two may be active, for rotation."""

    id = fields.CharField(max_length=130, primary_key=True)
    center_id = fields.CharField(max_length=64, db_index=True)
    kid = fields.CharField(max_length=64)
    secret = fields.CharField(max_length=200)
    is_active = fields.BooleanField(default=True)

    class Meta:
        table = "identity_key"


class UsedToken(Model):
    """An identity token that was accepted. Another visitor presenting it again is refused."""

    id = fields.CharField(max_length=200, primary_key=True)
    visitor_id = fields.CharField(max_length=64)
    expires_ms = fields.BigIntField(db_index=True)

    class Meta:
        table = "used_token"


class Customer(Model):
    """A person known to the operator. Source: 2.2-05."""

    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    external_id = fields.CharField(max_length=100)
    name = fields.CharField(max_length=100)
    phone = fields.CharField(max_length=40, default="")
    account_manager = fields.CharField(max_length=64, default="")
    """Sign-in name of the agent who looks after him. Source: 2.3-06."""
    tiers: list[str] = fields.JSONField(default=list)

    class Meta:
        table = "customer"
        unique_together = (("center_id", "external_id"),)


class Visitor(Model):
    """A browser. Only its token's digest is stored."""

    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    token_digest = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=100)
    locale = fields.CharField(max_length=10)
    user_agent = fields.CharField(max_length=300)
    created_ms = fields.BigIntField()
    seen_ms = fields.BigIntField()
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "identity.Customer", related_name="visitors", null=True
    )
    customer_id: str | None

    class Meta:
        table = "visitor"


class PageSeen(Model):
    """A page a visitor looked at, without query and fragment."""

    id = fields.BigIntField(primary_key=True, generated=True)
    visitor_id = fields.CharField(max_length=64, db_index=True)
    url = fields.CharField(max_length=500)
    title = fields.CharField(max_length=300)
    at_ms = fields.BigIntField()

    class Meta:
        table = "page_seen"
