from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Agent",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("center_id", fields.CharField(db_index=True, max_length=64)),
                ("login", fields.CharField(max_length=64)),
                ("name", fields.CharField(max_length=100)),
                ("password_hash", fields.CharField(max_length=200)),
                ("role", fields.CharField(max_length=20)),
                ("is_disabled", fields.BooleanField(default=False)),
                ("capacity", fields.IntField(default=5)),
                ("groups", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "agent",
                "app": "identity",
                "unique_together": (("center_id", "login"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AgentGroup",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("center_id", fields.CharField(db_index=True, max_length=64)),
                ("code", fields.CharField(max_length=64)),
                ("name_zh", fields.CharField(max_length=100)),
                ("name_en", fields.CharField(max_length=100)),
                ("tiers", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "agent_group",
                "app": "identity",
                "unique_together": (("center_id", "code"),),
                "pk_attr": "id",
                "table_description": "Agents who may serve a set of tiers. Source: 2.4.1-01, 2.4.1-04.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AgentSignIn",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                (
                    "agent",
                    fields.ForeignKeyField(
                        "identity.Agent",
                        source_field="agent_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sign_ins",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_ms", fields.BigIntField()),
                ("expires_ms", fields.BigIntField()),
                ("ended_ms", fields.BigIntField(null=True)),
                ("role", fields.CharField(max_length=20)),
            ],
            options={
                "table": "agent_sign_in",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "A session. Only the token's digest is stored.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Center",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("name_zh", fields.CharField(max_length=100)),
                ("name_en", fields.CharField(max_length=100)),
                ("greeting_zh", fields.CharField(max_length=300)),
                ("greeting_en", fields.CharField(max_length=300)),
                ("site_origins", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("default_tier", fields.CharField(max_length=64)),
            ],
            options={"table": "center", "app": "identity", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Customer",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("center_id", fields.CharField(max_length=64)),
                ("external_id", fields.CharField(max_length=100)),
                ("name", fields.CharField(max_length=100)),
                ("phone", fields.CharField(default="", max_length=40)),
                ("tiers", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "customer",
                "app": "identity",
                "unique_together": (("center_id", "external_id"),),
                "pk_attr": "id",
                "table_description": "A person known to the operator. Source: 2.2-05.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IdentityKey",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=130)),
                ("center_id", fields.CharField(db_index=True, max_length=64)),
                ("kid", fields.CharField(max_length=64)),
                ("secret", fields.CharField(max_length=200)),
                ("is_active", fields.BooleanField(default=True)),
            ],
            options={
                "table": "identity_key",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "A secret shared with an integrator, to sign who a visitor is. Two may be active, for rotation.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PageSeen",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("visitor_id", fields.CharField(db_index=True, max_length=64)),
                ("url", fields.CharField(max_length=500)),
                ("title", fields.CharField(max_length=300)),
                ("at_ms", fields.BigIntField()),
            ],
            options={
                "table": "page_seen",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "A page a visitor looked at, without query and fragment.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Tier",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=130)),
                ("center_id", fields.CharField(db_index=True, max_length=64)),
                ("code", fields.CharField(max_length=64)),
                ("name_zh", fields.CharField(max_length=100)),
                ("name_en", fields.CharField(max_length=100)),
                ("rank", fields.IntField()),
                ("is_subordinate", fields.BooleanField(default=False)),
                ("voice_threshold_s", fields.IntField()),
                ("voice_target_percent", fields.FloatField()),
                ("chat_threshold_s", fields.IntField()),
                ("chat_target_percent", fields.FloatField()),
                ("window_min", fields.IntField()),
            ],
            options={
                "table": "tier",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "A customer class with its answer-rate targets. Source: 2.2-01, 2.4.3-01, 2.4.3-02.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="UsedToken",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=200)),
                ("visitor_id", fields.CharField(max_length=64)),
                ("expires_ms", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "used_token",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "An identity token that was accepted. Another visitor presenting it again is refused.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Visitor",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("center_id", fields.CharField(max_length=64)),
                ("token_digest", fields.CharField(unique=True, max_length=64)),
                ("name", fields.CharField(max_length=100)),
                ("locale", fields.CharField(max_length=10)),
                ("user_agent", fields.CharField(max_length=300)),
                ("created_ms", fields.BigIntField()),
                ("seen_ms", fields.BigIntField()),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "identity.Customer",
                        source_field="customer_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="visitors",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "visitor",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "A browser. Only its token's digest is stored.",
            },
            bases=["Model"],
        ),
    ]
