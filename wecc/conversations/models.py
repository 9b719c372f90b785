"""The conversations' tables. `store` writes log, conversation and mark with SQL of its own.

Docstrings of models become comments of tables: no semicolons in them, the migrations would split there.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Conversation(Model):
    """A conversation as of `last_seq`. `state` is the reducer's result, the other columns are for finding."""

    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    visitor_id = fields.CharField(max_length=64)
    open_visitor_id = fields.CharField(max_length=64, unique=True, null=True)
    """The visitor while it is open, so that a visitor has one open conversation at most."""
    status = fields.CharField(max_length=10)
    tier = fields.CharField(max_length=64)
    agent_id = fields.CharField(max_length=64, default="")
    customer_id = fields.CharField(max_length=100, default="")
    started_ms = fields.BigIntField()
    changed_ms = fields.BigIntField()
    last_seq = fields.BigIntField()
    state = fields.TextField()

    class Meta:
        table = "conversation"
        indexes = (
            Index(fields=("center_id", "status", "changed_ms")),
            Index(fields=("visitor_id", "started_ms")),
            Index(fields=("agent_id", "status")),
        )


class LogEntry(Model):
    """One event. `audience`: `e` everyone, `a` agents only. `public_prev`: the last seq before it for everyone."""

    id = fields.BigIntField(primary_key=True, generated=True)
    conversation_id = fields.CharField(max_length=64)
    seq = fields.BigIntField()
    public_prev = fields.BigIntField()
    kind = fields.CharField(max_length=20)
    audience = fields.CharField(max_length=1)
    sender_kind = fields.CharField(max_length=10)
    sender_id = fields.CharField(max_length=64)
    sender_name = fields.CharField(max_length=100)
    client_id = fields.CharField(max_length=100)
    at_ms = fields.BigIntField()
    body = fields.TextField()

    class Meta:
        table = "log_entry"
        unique_together = (("conversation_id", "seq"), ("conversation_id", "sender_id", "client_id"))


class Mark(Model):
    """How far each side of a conversation has received and read."""

    conversation_id = fields.CharField(max_length=64, primary_key=True)
    visitor_delivered_seq = fields.BigIntField(default=0)
    visitor_read_seq = fields.BigIntField(default=0)
    agent_delivered_seq = fields.BigIntField(default=0)
    agent_read_seq = fields.BigIntField(default=0)

    class Meta:
        table = "mark"


class Attachment(Model):
    """A stored file. Without a conversation it is fresh, and dropped when it stays so."""

    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    owner_id = fields.CharField(max_length=64)
    conversation_id = fields.CharField(max_length=64, null=True)
    name = fields.CharField(max_length=200)
    media_type = fields.CharField(max_length=100)
    size_bytes = fields.BigIntField()
    width_px = fields.IntField(null=True)
    height_px = fields.IntField(null=True)
    created_ms = fields.BigIntField(db_index=True)

    class Meta:
        table = "attachment"


class Work(Model):
    """Routing's item as the database last heard of it. Queues are rebuilt from here. Source: design §3."""

    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64)
    channel = fields.CharField(max_length=20)
    tier = fields.CharField(max_length=64)
    state = fields.CharField(max_length=12)
    version = fields.BigIntField()
    since_ms = fields.BigIntField()
    at_ms = fields.BigIntField()
    agent_id = fields.CharField(max_length=64, null=True)
    only_agent = fields.CharField(max_length=64, null=True)
    deadline_ms = fields.BigIntField(null=True)
    assigned_ms = fields.BigIntField(null=True)
    is_expedited = fields.BooleanField(default=False)
    reason = fields.TextField(null=True)

    class Meta:
        table = "work"
        indexes = (
            Index(fields=("center_id", "state")),
            Index(fields=("center_id", "at_ms")),
            Index(fields=("center_id", "since_ms")),
        )


class AgentStatus(Model):
    """The state an agent chose last. Presence is rebuilt from here."""

    agent_id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64, db_index=True)
    state = fields.CharField(max_length=10)
    reason = fields.CharField(max_length=64, default="")
    since_ms = fields.BigIntField()

    class Meta:
        table = "agent_status"


class Follower(Model):
    """How far the database has followed a center's routing outbox."""

    center_id = fields.CharField(max_length=64, primary_key=True)
    entry_id = fields.CharField(max_length=40)
    redis_run = fields.CharField(max_length=64, default="")
    """Identity of the Redis process that wrote it: another one may have lost its last second."""

    class Meta:
        table = "follower"


class CannedReply(Model):
    id = fields.CharField(max_length=64, primary_key=True)
    center_id = fields.CharField(max_length=64, db_index=True)
    shortcut = fields.CharField(max_length=32)
    title = fields.CharField(max_length=300)
    text = fields.TextField()
    locale = fields.CharField(max_length=10)

    class Meta:
        table = "canned_reply"
