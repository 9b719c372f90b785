from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="FlowRun",
            fields=[
                (
                    "conversation_id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("center_id", fields.CharField(max_length=64)),
                ("flow", fields.CharField(max_length=100)),
                ("tier", fields.CharField(max_length=64)),
                ("started_ms", fields.BigIntField()),
                ("ended_ms", fields.BigIntField()),
                ("outcome", fields.CharField(max_length=16)),
                ("cause", fields.CharField(default="", max_length=32)),
            ],
            options={
                "table": "flow_run",
                "app": "selfservice",
                "indexes": [Index(fields=["center_id", "ended_ms"])],
                "pk_attr": "conversation_id",
                "table_description": "How a guided conversation ended: `solved`, `left`, `handed_over` with its cause.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FlowVersion",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=140)),
                ("center_id", fields.CharField(max_length=64)),
                ("code", fields.CharField(max_length=64)),
                ("version", fields.IntField()),
                ("source", fields.TextField(unique=False)),
                ("saved_ms", fields.BigIntField()),
                ("saved_by", fields.CharField(default="", max_length=64)),
                ("comment", fields.CharField(default="", max_length=300)),
            ],
            options={
                "table": "flow_version",
                "app": "selfservice",
                "unique_together": (("center_id", "code", "version"),),
                "pk_attr": "id",
                "table_description": "A saved flow. Versions of a code count from 1, and the newest is in force.",
            },
            bases=["Model"],
        ),
    ]
