"""Routing's tables."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PlanVersion(Model):
    """A saved routing plan. Versions of a center count from 1, and the newest is in force."""

    id = fields.CharField(max_length=100, primary_key=True)
    center_id = fields.CharField(max_length=64)
    version = fields.IntField()
    saved_ms = fields.BigIntField()
    saved_by = fields.CharField(max_length=64, default="")
    comment = fields.CharField(max_length=300, default="")
    plan = fields.TextField()

    class Meta:
        table = "plan_version"
        unique_together = (("center_id", "version"),)
