"""Self-service's tables."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class FlowVersion(Model):
    """A saved flow. Versions of a code count from 1, and the newest is in force.

    `saved_by` is an agent's id, empty for the set-up.
    """

    id = fields.CharField(max_length=140, primary_key=True)
    center_id = fields.CharField(max_length=64)
    code = fields.CharField(max_length=64)
    version = fields.IntField()
    source = fields.TextField()
    saved_ms = fields.BigIntField()
    saved_by = fields.CharField(max_length=64, default="")
    comment = fields.CharField(max_length=300, default="")

    class Meta:
        table = "flow_version"
        unique_together = (("center_id", "code", "version"),)

    @property
    def is_deletion(self) -> bool:
        """A version without a source takes the flow away until another follows."""
        return not self.source


class FlowRun(Model):
    """How a guided conversation ended: `solved`, `left`, `handed_over` with its cause."""

    conversation_id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    flow = fields.CharField(max_length=100)
    tier = fields.CharField(max_length=64)
    started_ms = fields.BigIntField()
    ended_ms = fields.BigIntField()
    outcome = fields.CharField(max_length=16)
    cause = fields.CharField(max_length=32, default="")

    class Meta:
        table = "flow_run"
        indexes = (("center_id", "ended_ms"),)
