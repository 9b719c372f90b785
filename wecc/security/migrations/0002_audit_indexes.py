from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("security", "0001_initial")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="AuditLine",
            index=Index(fields=["center_id", "id"]),
        ),
        ops.AddIndex(
            model_name="AuditLine",
            index=Index(fields=["center_id", "subject", "id"]),
        ),
        ops.AddIndex(
            model_name="AuditLine",
            index=Index(fields=["center_id", "actor_id", "id"]),
        ),
    ]
