"""Flows are kept as versions: the newest is in force, older ones guide whom they began with, two writers are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest

from tests.selfservice.conftest import GD, Center
from tests.selfservice.flows import FOLDER, SMALL, TIERS
from wecc.kernel.errors import NotFound
from wecc.security import verify_audit
from wecc.security.models import AuditLine
from wecc.selfservice.flow import CompiledFlow
from wecc.selfservice.flows import FlowConflict, FlowInUse, FlowInvalid, Flows
from wecc.selfservice.models import FlowVersion
from wecc.settings import SettingsError


async def source(center: Center, code: str) -> str:
    return (await center.flows.all(GD))[code].row.source


async def flow_of(center: Center, tier: str) -> CompiledFlow:
    flow = await center.flows.flow_of_tier(GD, tier)
    assert flow is not None
    return flow


async def test_a_new_center_has_a_flow_for_each_tier(center: Center) -> None:
    assert [(await flow_of(center, tier)).version_id for tier in TIERS] == [f"{tier}:1:1" for tier in TIERS]
    assert await center.flows.flow_of_tier(GD, "gold") is None


async def test_seeding_again_changes_nothing_that_was_edited(center: Center) -> None:
    text = (await source(center, "szx")).replace("idle_min: 20", "idle_min: 25")
    await center.flows.save(center.supervisor, "szx", text, 1, "长一点")
    assert await center.flows.seed(GD, FOLDER) == []
    assert (await flow_of(center, "szx")).limits.idle_min == 25


async def test_seeding_takes_no_tier_another_flow_greets(center: Center, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8")
    assert await center.flows.seed(GD, tmp_path) == []
    (tmp_path / "small.yaml").write_text(SMALL.replace("[szx]", "[]"), "utf-8")
    assert await center.flows.seed(GD, tmp_path) == ["small"]


async def test_a_folder_with_a_mistake_is_refused_by_line(center: Center, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL.replace("start: news", "start: nowhere"), "utf-8")
    with pytest.raises(SettingsError, match=r"small\.yaml:4: target\.missing nowhere"):
        await center.flows.seed(GD, tmp_path)


async def test_a_saved_version_is_in_force_at_once_and_elsewhere_within_a_second(center: Center) -> None:
    elsewhere = Flows(center.identity, center.clock)
    before = await elsewhere.flow_of_tier(GD, "szx")
    text = (await source(center, "szx")).replace("idle_min: 20", "idle_min: 25")
    saved = await center.flows.save(center.supervisor, "szx", text, 1, "长一点")
    assert (saved.row.version, saved.row.saved_by, saved.row.comment) == (2, center.supervisor.id, "长一点")
    assert (await flow_of(center, "szx")).version_id == "szx:2:1"
    assert await elsewhere.flow_of_tier(GD, "szx") is before
    center.clock.advance(1.01)
    now = await elsewhere.flow_of_tier(GD, "szx")
    assert now is not None
    assert now.version_id == "szx:2:1"
    elsewhere.close()
    line = await AuditLine.filter(act="flow.saved").get()
    assert (line.subject, line.actor_id) == ("szx", center.supervisor.id)
    assert await verify_audit() is None


async def test_the_version_someone_began_with_stays_playable(center: Center) -> None:
    first = await flow_of(center, "szx")
    common = (await source(center, "common")).replace(
        "查余额, en: Check my balance", "看余额, en: See my balance"
    )
    await center.flows.save(center.supervisor, "common", common, 1, "")
    assert (await flow_of(center, "szx")).version_id == "szx:1:2"
    old = await center.flows.version(GD, "szx:1:1")
    assert old is not None
    assert (old.version_id, old.nodes) == ("szx:1:1", first.nodes)
    assert await center.flows.version(GD, "szx:1:1") is old
    assert await center.flows.version(GD, "szx:1:2") is await flow_of(center, "szx")
    for unknown in ("szx:9:1", "szx:1:9", "none:1", "", "szx", "szx:x", "szx:1:", "szx:²"):
        assert await center.flows.version(GD, unknown) is None


async def test_who_began_with_an_older_version_is_told_and_saves_nothing(center: Center) -> None:
    text = await source(center, "szx")
    await center.flows.save(center.supervisor, "szx", text + "\n", 1, "")
    for base in (0, 1, 7):
        with pytest.raises(FlowConflict) as refused:
            await center.flows.save(center.supervisor, "szx", text, base, "")
        assert refused.value.data["version"] == 2
        assert refused.value.data["saved_by"] == {"id": center.supervisor.id, "name": "周海"}
    assert await FlowVersion.filter(code="szx").count() == 2
    assert await AuditLine.filter(act="flow.saved").count() == 1


async def test_of_two_who_save_at_once_one_is_told(center: Center) -> None:
    text = await source(center, "szx")
    told: list[str] = []

    async def save(comment: str) -> None:
        try:
            await center.flows.save(center.supervisor, "szx", text, 1, comment)
        except FlowConflict:
            told.append(comment)

    async with asyncio.TaskGroup() as group:
        for comment in ("甲", "乙", "丙"):
            group.create_task(save(comment))
    assert len(told) == 2
    assert await FlowVersion.filter(code="szx").count() == 2


async def test_two_new_flows_for_one_tier_cannot_slip_past_each_other(center: Center) -> None:
    free = (await source(center, "szx")).replace("tiers: [szx]", "tiers: []")
    await center.flows.save(center.supervisor, "szx", free, 1, "")
    refused: list[str] = []

    async def save(code: str) -> None:
        try:
            await center.flows.save(
                center.supervisor, code, SMALL.replace("flow: small", f"flow: {code}"), 0, ""
            )
        except FlowInvalid as error:
            problems = error.data["problems"]
            assert isinstance(problems, list)
            refused.append(problems[0]["code"])

    async with asyncio.TaskGroup() as group:
        for code in ("small", "little"):
            group.create_task(save(code))
    assert refused == ["tier.taken"]
    assert (await flow_of(center, "szx")).code in ("small", "little")


async def test_mistakes_are_refused_with_their_lines(center: Center) -> None:
    with pytest.raises(FlowInvalid) as refused:
        await center.flows.save(center.supervisor, "small", SMALL.replace("go: ask", "go: nowhere"), 0, "")
    assert refused.value.data["problems"] == [
        {"line": 3, "column": 9, "code": "tier.taken", "about": "szx (szx)", "is_warning": False},
        {"line": 19, "column": 43, "code": "target.missing", "about": "nowhere", "is_warning": False},
        {"line": 23, "column": 3, "code": "node.unreachable", "about": "ask", "is_warning": True},
    ]
    assert await FlowVersion.filter(code="small").count() == 0


async def test_shared_nodes_others_need_cannot_be_taken_away(center: Center) -> None:
    common = await source(center, "common")
    reading = await center.flows.check(GD, "common", common.replace("\n  abroad:", "\n  away:"))
    broken = [p.about for p in reading.problems if p.code == "users.broken"]
    assert [about.partition(":")[0] for about in broken] == sorted({*TIERS} - {"prepaid", "other", "roaming"})
    assert all("target.missing abroad" in about for about in broken)
    private = await center.flows.check(
        GD, "common", common.replace("nodes:", "tiers: []\nstart: bills\nnodes:", 1)
    )
    assert [p.code for p in private.problems if not p.is_warning] == ["users.broken"]


async def test_a_flow_that_greets_or_is_used_cannot_be_deleted(center: Center) -> None:
    with pytest.raises(FlowInUse) as refused:
        await center.flows.delete(center.supervisor, "szx", 1)
    assert refused.value.data == {"tiers": ["szx"], "users": []}
    with pytest.raises(FlowInUse) as refused:
        await center.flows.delete(center.supervisor, "common", 1)
    assert refused.value.data == {"tiers": [], "users": sorted(TIERS)}
    assert await center.flows.deleted(GD) == {}
    assert await AuditLine.filter(act="flow.deleted").count() == 0


async def test_a_deleted_flow_goes_on_where_it_guides_and_can_be_brought_back(
    center: Center, tmp_path: Path
) -> None:
    reserve = SMALL.replace("[szx]", "[]")
    await center.flows.save(center.supervisor, "small", reserve, 0, "")
    elsewhere = Flows(center.identity, center.clock)
    assert "small" in await elsewhere.all(GD)
    with pytest.raises(FlowConflict):
        await center.flows.delete(center.supervisor, "small", 7)
    await center.flows.delete(center.supervisor, "small", 1)
    assert "small" not in await center.flows.all(GD)
    center.clock.advance(1.01)
    assert "small" not in await elsewhere.all(GD)
    assert (await elsewhere.deleted(GD))["small"].reading.title.zh == "小"
    guiding = await elsewhere.version(GD, "small:1")
    elsewhere.close()
    assert guiding is not None
    assert guiding.code == "small"
    line = await AuditLine.filter(act="flow.deleted").get()
    assert (line.subject, line.actor_id) == ("small", center.supervisor.id)

    with pytest.raises(NotFound):
        await center.flows.delete(center.supervisor, "small", 2)
    with pytest.raises(NotFound):
        await center.flows.stored(GD, "small", 2)
    (tmp_path / "small.yaml").write_text(reserve, "utf-8")
    assert await center.flows.seed(GD, tmp_path) == []
    with pytest.raises(FlowConflict):
        await center.flows.save(center.supervisor, "small", reserve, 0, "")
    saved = await center.flows.save(center.supervisor, "small", reserve, 2, "")
    assert (saved.row.version, list(await center.flows.deleted(GD))) == (3, [])
    assert [row.is_deletion for row in await center.flows.versions(GD, "small", 9)] == [False, True, False]


async def test_nobody_begins_to_use_a_flow_in_the_moment_it_is_deleted(center: Center) -> None:
    shared = "flow: spare\nname: { zh: 备用, en: Spare }\nnodes: { gone: { end: true } }\n"
    await center.flows.save(center.supervisor, "spare", shared, 0, "")
    user = SMALL.replace("[szx]", "[]\nuses: spare").replace("go: bye", "go: gone")
    refused: list[str] = []

    async def told(act: Awaitable[object]) -> None:
        try:
            await act
        except (FlowInUse, FlowInvalid) as error:
            refused.append(error.code)

    async with asyncio.TaskGroup() as group:
        group.create_task(told(center.flows.delete(center.supervisor, "spare", 1)))
        group.create_task(told(center.flows.save(center.supervisor, "small", user, 0, "")))
    assert len(refused) == 1
    assert ("spare" in await center.flows.all(GD)) == ("small" in await center.flows.all(GD))


async def test_codes_that_are_paths_of_our_own_are_refused(center: Center) -> None:
    for code in ("entry", "check", "preview"):
        text = SMALL.replace("flow: small", f"flow: {code}").replace("[szx]", "[]")
        reading = await center.flows.check(GD, code, text)
        assert [p.code for p in reading.problems] == ["name.reserved"]


async def test_what_is_not_there_is_not_found(center: Center) -> None:
    with pytest.raises(NotFound):
        await center.flows.stored(GD, "szx", 9)
    with pytest.raises(NotFound):
        await center.flows.versions(GD, "none", 10)
