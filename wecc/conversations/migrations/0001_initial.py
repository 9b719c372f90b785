from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="AgentStatus",
            fields=[
                ("agent_id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("center_id", fields.CharField(db_index=True, max_length=64)),
                ("state", fields.CharField(max_length=10)),
                ("reason", fields.CharField(default="", max_length=64)),
                ("since_ms", fields.BigIntField()),
            ],
            options={
                "table": "agent_status",
                "app": "conversations",
                "pk_attr": "agent_id",
                "table_description": "The state an agent chose last. Presence is rebuilt from here.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Attachment",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("center_id", fields.CharField(max_length=64)),
                ("owner_id", fields.CharField(max_length=64)),
                ("conversation_id", fields.CharField(null=True, max_length=64)),
                ("name", fields.CharField(max_length=200)),
                ("media_type", fields.CharField(max_length=100)),
                ("size_bytes", fields.BigIntField()),
                ("width_px", fields.IntField(null=True)),
                ("height_px", fields.IntField(null=True)),
                ("created_ms", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "attachment",
                "app": "conversations",
                "pk_attr": "id",
                "table_description": "A stored file. Without a conversation it is fresh, and dropped when it stays so.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CannedReply",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("center_id", fields.CharField(db_index=True, max_length=64)),
                ("shortcut", fields.CharField(max_length=32)),
                ("title", fields.CharField(max_length=300)),
                ("text", fields.TextField(unique=False)),
                ("locale", fields.CharField(max_length=10)),
            ],
            options={"table": "canned_reply", "app": "conversations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Conversation",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("center_id", fields.CharField(max_length=64)),
                ("visitor_id", fields.CharField(max_length=64)),
                ("open_visitor_id", fields.CharField(null=True, unique=True, max_length=64)),
                ("status", fields.CharField(max_length=10)),
                ("tier", fields.CharField(max_length=64)),
                ("agent_id", fields.CharField(default="", max_length=64)),
                ("customer_id", fields.CharField(default="", max_length=100)),
                ("started_ms", fields.BigIntField()),
                ("changed_ms", fields.BigIntField()),
                ("last_seq", fields.BigIntField()),
                ("state", fields.TextField(unique=False)),
            ],
            options={
                "table": "conversation",
                "app": "conversations",
                "indexes": [
                    Index(fields=["center_id", "status", "changed_ms"]),
                    Index(fields=["visitor_id", "started_ms"]),
                    Index(fields=["agent_id", "status"]),
                ],
                "pk_attr": "id",
                "table_description": "A conversation as of `last_seq`. `state` is the reducer's result, the other columns are for finding.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Follower",
            fields=[
                ("center_id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("entry_id", fields.CharField(max_length=40)),
                ("redis_run", fields.CharField(default="", max_length=64)),
            ],
            options={
                "table": "follower",
                "app": "conversations",
                "pk_attr": "center_id",
                "table_description": "How far the database has followed a center's routing outbox.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LogEntry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("conversation_id", fields.CharField(max_length=64)),
                ("seq", fields.BigIntField()),
                ("public_prev", fields.BigIntField()),
                ("kind", fields.CharField(max_length=20)),
                ("audience", fields.CharField(max_length=1)),
                ("sender_kind", fields.CharField(max_length=10)),
                ("sender_id", fields.CharField(max_length=64)),
                ("sender_name", fields.CharField(max_length=100)),
                ("client_id", fields.CharField(max_length=100)),
                ("at_ms", fields.BigIntField()),
                ("body", fields.TextField(unique=False)),
            ],
            options={
                "table": "log_entry",
                "app": "conversations",
                "unique_together": (
                    ("conversation_id", "seq"),
                    ("conversation_id", "sender_id", "client_id"),
                ),
                "pk_attr": "id",
                "table_description": "One event. `audience`: `e` everyone, `a` agents only. `public_prev`: the last seq before it for everyone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Mark",
            fields=[
                (
                    "conversation_id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("visitor_delivered_seq", fields.BigIntField(default=0)),
                ("visitor_read_seq", fields.BigIntField(default=0)),
                ("agent_delivered_seq", fields.BigIntField(default=0)),
                ("agent_read_seq", fields.BigIntField(default=0)),
            ],
            options={
                "table": "mark",
                "app": "conversations",
                "pk_attr": "conversation_id",
                "table_description": "How far each side of a conversation has received and read.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Work",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("center_id", fields.CharField(max_length=64)),
                ("channel", fields.CharField(max_length=20)),
                ("tier", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=12)),
                ("version", fields.BigIntField()),
                ("since_ms", fields.BigIntField()),
                ("at_ms", fields.BigIntField()),
                ("agent_id", fields.CharField(null=True, max_length=64)),
                ("only_agent", fields.CharField(null=True, max_length=64)),
                ("deadline_ms", fields.BigIntField(null=True)),
                ("assigned_ms", fields.BigIntField(null=True)),
                ("reason", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "work",
                "app": "conversations",
                "indexes": [Index(fields=["center_id", "state"])],
                "pk_attr": "id",
                "table_description": "Routing's item as the database last heard of it. Queues are rebuilt from here. Source: design §3.",
            },
            bases=["Model"],
        ),
    ]
