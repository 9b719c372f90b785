from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial"), ("routing", "0001_initial")]

    initial = False

    operations = [
        ops.RemoveField(model_name="Agent", name="capacity"),
        ops.RemoveField(model_name="Agent", name="groups"),
        ops.AddField(
            model_name="Customer",
            name="account_manager",
            field=fields.CharField(default="", max_length=64),
        ),
        ops.AlterModelOptions(
            name="Tier",
            options={
                "table": "tier",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "A customer class. How it is served is in the routing plan. Source: 2.2-01.",
            },
        ),
        ops.RemoveField(model_name="Tier", name="chat_target_percent"),
        ops.RemoveField(model_name="Tier", name="chat_threshold_s"),
        ops.RemoveField(model_name="Tier", name="is_subordinate"),
        ops.RemoveField(model_name="Tier", name="voice_target_percent"),
        ops.RemoveField(model_name="Tier", name="voice_threshold_s"),
        ops.RemoveField(model_name="Tier", name="window_min"),
        ops.DeleteModel(name="AgentGroup"),
    ]
