"""Security's tables."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class SignInGuard(Model):
    """Wrong passwords for one login name, whether or not an account of that name exists."""

    id = fields.CharField(max_length=200, primary_key=True)
    failures = fields.IntField(default=0)
    locked_until_ms = fields.BigIntField(default=0)

    class Meta:
        table = "sign_in_guard"


class AuditLine(Model):
    """One audited act. `digest` chains it to the line before, so a removed or changed line shows."""

    id = fields.BigIntField(primary_key=True)
    center_id = fields.CharField(max_length=64, db_index=True)
    at_ms = fields.BigIntField()
    actor_kind = fields.CharField(max_length=10)
    actor_id = fields.CharField(max_length=64)
    act = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=128)
    data = fields.TextField()
    digest = fields.CharField(max_length=64)

    class Meta:
        table = "audit_line"
        indexes = (
            Index(fields=("center_id", "id")),
            Index(fields=("center_id", "subject", "id")),
            Index(fields=("center_id", "actor_id", "id")),
        )
