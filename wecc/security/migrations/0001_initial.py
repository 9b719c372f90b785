from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="AuditLine",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("center_id", fields.CharField(db_index=True, max_length=64)),
                ("at_ms", fields.BigIntField()),
                ("actor_kind", fields.CharField(max_length=10)),
                ("actor_id", fields.CharField(max_length=64)),
                ("act", fields.CharField(max_length=64)),
                ("subject", fields.CharField(max_length=128)),
                ("data", fields.TextField(unique=False)),
                ("digest", fields.CharField(max_length=64)),
            ],
            options={
                "table": "audit_line",
                "app": "security",
                "pk_attr": "id",
                "table_description": "One audited act. `digest` chains it to the line before, so a removed or changed line shows.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignInGuard",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=200)),
                ("failures", fields.IntField(default=0)),
                ("locked_until_ms", fields.BigIntField(default=0)),
            ],
            options={
                "table": "sign_in_guard",
                "app": "security",
                "pk_attr": "id",
                "table_description": "Wrong passwords for one login name, whether or not an account of that name exists.",
            },
            bases=["Model"],
        ),
    ]
