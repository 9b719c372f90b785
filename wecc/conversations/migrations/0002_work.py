from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Work",
            name="is_expedited",
            field=fields.BooleanField(default=False),
        ),
        ops.AddIndex(
            model_name="Work",
            index=Index(fields=["center_id", "at_ms"]),
        ),
        ops.AddIndex(
            model_name="Work",
            index=Index(fields=["center_id", "since_ms"]),
        ),
    ]
