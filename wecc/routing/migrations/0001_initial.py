import time
from typing import Any

import orjson
from tortoise import fields, migrations
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations import operations as ops

from wecc.routing.plan import GroupPlan, Membership, MemberPlan, RoutingPlan, TargetPlan, TierPlan


async def first_plans(_: object, editor: BaseSchemaEditor) -> None:
    """What was in identity's tables until now becomes the first version of each center's plan."""

    async def rows(query: str) -> list[dict[str, Any]]:
        return list(await editor.client.execute_query_dict(query))

    tiers = await rows('SELECT * FROM "tier" ORDER BY "rank" DESC, "code"')
    groups = await rows('SELECT * FROM "agent_group" ORDER BY "code"')
    agents = await rows('SELECT "id", "center_id", "groups", "capacity" FROM "agent" ORDER BY "login"')
    for center in await rows('SELECT "id" FROM "center"'):
        center_id = center["id"]

        def own(table: list[dict[str, Any]], center_id: str = center_id) -> list[dict[str, Any]]:
            return [row for row in table if row["center_id"] == center_id]

        plan = RoutingPlan(
            tiers=[_tier(row) for row in own(tiers)],
            groups=[
                GroupPlan(
                    code=row["code"],
                    name_zh=row["name_zh"],
                    name_en=row["name_en"],
                    tiers=_json(row["tiers"]),
                    widened=[],
                )
                for row in own(groups)
            ],
            members=[
                MemberPlan(
                    agent_id=row["id"],
                    capacity=row["capacity"],
                    groups=[Membership(group=group) for group in _json(row["groups"])],
                )
                for row in own(agents)
            ],
            hours=[],
        )
        values = [f"{center_id}:1", center_id, 1, round(time.time() * 1000), "", "", plan.model_dump_json()]
        mark = "${}" if editor.client.capabilities.dialect == "postgres" else "?"
        marks = ", ".join(mark.format(i) for i in range(1, len(values) + 1))
        columns = '"id", "center_id", "version", "saved_ms", "saved_by", "comment", "plan"'
        await editor.client.execute_query(f'INSERT INTO "plan_version" ({columns}) VALUES ({marks})', values)  # noqa: S608


def _tier(row: dict[str, Any]) -> TierPlan:
    def target(channel: Any, share: float, threshold_s: float, window_min: int) -> TargetPlan:
        return TargetPlan(
            channel=channel, target_percent=share, threshold_s=threshold_s, window_min=window_min
        )

    chat, voice = row["chat_target_percent"], row["voice_target_percent"]
    return TierPlan(
        code=row["code"],
        targets=[
            target("chat", chat, row["chat_threshold_s"], row["window_min"]),
            target("voice", voice, row["voice_threshold_s"], row["window_min"]),
            target("callback", voice, 1800, row["window_min"]),
            target("message", chat, 14_400, 1440),
        ],
        is_subordinate=bool(row["is_subordinate"]),
    )


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, (str, bytes)) else value


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]  # noqa: RUF012

    initial = True

    operations = [  # noqa: RUF012
        ops.CreateModel(
            name="PlanVersion",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ("center_id", fields.CharField(max_length=64)),
                ("version", fields.IntField()),
                ("saved_ms", fields.BigIntField()),
                ("saved_by", fields.CharField(default="", max_length=64)),
                ("comment", fields.CharField(default="", max_length=300)),
                ("plan", fields.TextField(unique=False)),
            ],
            options={
                "table": "plan_version",
                "app": "routing",
                "unique_together": (("center_id", "version"),),
                "pk_attr": "id",
                "table_description": "A saved routing plan. Versions of a center count from 1, and the newest is in force.",
            },
            bases=["Model"],
        ),
        ops.RunPython(first_plans, ops.RunPython.noop),
    ]
