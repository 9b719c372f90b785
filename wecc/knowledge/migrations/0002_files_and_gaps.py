from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]

    initial = False

    operations = [
        ops.AddField(
            model_name="ArticleFile",
            name="is_held",
            field=fields.BooleanField(default=False),
        ),
        ops.AddIndex(
            model_name="ArticleFile",
            index=Index(fields=["is_held", "created_ms"]),
        ),
        ops.AddField(
            model_name="Question",
            name="made_article_id",
            field=fields.CharField(default="", max_length=64),
        ),
        ops.AddField(
            model_name="Question",
            name="made_version",
            field=fields.IntField(null=True),
        ),
        ops.AddIndex(
            model_name="Rating",
            index=Index(fields=["center_id", "at_ms"]),
        ),
    ]
