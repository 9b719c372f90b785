"""Supervision's tables."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class QueueSample(Model):
    """A queue at one moment, once a minute, for the charts. `rate` is null while nobody had asked."""

    id = fields.BigIntField(primary_key=True, generated=True)
    center_id = fields.CharField(max_length=64)
    queue = fields.CharField(max_length=90)
    at_ms = fields.BigIntField()
    rate = fields.FloatField(null=True)
    target = fields.FloatField()
    asked = fields.IntField()
    waiting = fields.IntField()

    class Meta:
        table = "queue_sample"
        indexes = (("center_id", "at_ms"),)
