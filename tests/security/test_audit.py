"""The audit trail is append-only, and shows when somebody touched it."""

from __future__ import annotations

import asyncio

import pytest

from wecc.kernel.actor import system
from wecc.kernel.ids import CenterId
from wecc.security import audit, verify_audit
from wecc.security.models import AuditLine

pytestmark = pytest.mark.usefixtures("empty_database")

ACTOR = system(CenterId("gd"), "test")


async def write(count: int) -> None:
    async with asyncio.TaskGroup() as group:
        for n in range(count):
            group.create_task(audit(n, ACTOR, "thing.done", f"subject {n}", number=n))


async def test_lines_written_at_once_make_one_chain() -> None:
    await write(15)
    assert await AuditLine.all().count() == 15
    assert await verify_audit() is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("data", '{"number":99}'), ("at_ms", 5), ("actor_id", "x"), ("act", "thing.undone"), ("subject", "other"), ("digest", "0" * 64)],
)  # fmt: skip
async def test_a_changed_line_shows(field: str, value: object) -> None:
    await write(4)
    await AuditLine.filter(id=2).update(**{field: value})
    assert await verify_audit() == 2


async def test_a_removed_line_shows() -> None:
    await write(4)
    await AuditLine.filter(id=3).delete()
    assert await verify_audit() == 3
