from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="QueueSample",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("center_id", fields.CharField(max_length=64)),
                ("queue", fields.CharField(max_length=90)),
                ("at_ms", fields.BigIntField()),
                ("rate", fields.FloatField(null=True)),
                ("target", fields.FloatField()),
                ("asked", fields.IntField()),
                ("waiting", fields.IntField()),
            ],
            options={
                "table": "queue_sample",
                "app": "supervision",
                "indexes": [Index(fields=["center_id", "at_ms"])],
                "pk_attr": "id",
                "table_description": "A queue at one moment, once a minute, for the charts. `rate` is null while nobody had asked.",
            },
            bases=["Model"],
        ),
    ]
