"""Where one may publish to, and who says so. Source: 3.2.2-12, 3.2.2-13."""

from __future__ import annotations

from typing import Any

import pytest

from tests.knowledge.conftest import (
    ADMINISTRATOR,
    EDITOR,
    GD,
    READER,
    STRANGER,
    SUPERVISOR,
    World,
)
from tests.knowledge.publishing.test_publishing import published
from wecc.kernel.errors import Forbidden, InvalidInput, NotFound
from wecc.knowledge.models import Publication, Target
from wecc.knowledge.publishing.copies import ReadFile
from wecc.knowledge.publishing.placing import Placing
from wecc.knowledge.publishing.targets import TargetInUse, TargetRefused
from wecc.knowledge.schemas import Audience, Publish, TargetText, Withdraw


def text(code: str = "new", **fields: Any) -> TargetText:
    return TargetText.model_validate({"code": code, "name_zh": "新", "root": code, **fields})


async def test_administrators_set_targets_and_staff_sees_them(world: World) -> None:
    for actor in (EDITOR, SUPERVISOR, READER):
        with pytest.raises(Forbidden):
            await world.kb.targets.set(actor, text())
    made = await world.kb.targets.set(ADMINISTRATOR, text())
    assert [target.code for target in made.targets] == ["inside", "new", "outside"]
    assert (await world.kb.targets.all(EDITOR)).targets == made.targets
    with pytest.raises(Forbidden):
        await world.kb.targets.all(READER)
    with pytest.raises(NotFound):
        await world.kb.targets.check(STRANGER, "new")


@pytest.mark.parametrize("root", ["../elsewhere", "a/../../b", "/etc", "/", ".", "a\x00b"])
async def test_a_directory_lies_where_the_operator_allows(world: World, root: str) -> None:
    with pytest.raises(TargetRefused):
        await world.kb.targets.set(ADMINISTRATOR, text(root=root))


async def test_a_link_that_leads_outside_is_refused(world: World) -> None:
    folder = world.data.folder / "kb-targets"
    folder.mkdir()
    (folder / "new").symlink_to("/tmp")
    with pytest.raises(TargetRefused):
        await world.kb.targets.set(ADMINISTRATOR, text())


@pytest.mark.parametrize(
    "root",
    [
        "http://127.0.0.1:8080/kb",
        "http://169.254.169.254/latest",
        "https://example.com/kb",
        "file:///etc",
        "ftp://host/kb",
        "http://user:secret@host/kb",
        "http://host/kb?x=1",
        "http://host/../kb",
        "http://host:99999/kb",
        "http://",
        "nonsense",
    ],
)
async def test_only_servers_the_operator_listed_are_called(world: World, root: str) -> None:
    with pytest.raises(TargetRefused):
        await world.kb.targets.set(ADMINISTRATOR, text(kind="server", root=root))


@pytest.mark.parametrize("root", ["inside", "inside/below", "./inside"])
async def test_no_two_targets_share_a_place(world: World, root: str) -> None:
    with pytest.raises(TargetRefused):
        await world.kb.targets.set(ADMINISTRATOR, text(root=root))
    with pytest.raises(TargetRefused):
        await world.kb.targets.set(STRANGER, text(root=root))


async def test_its_audience_is_checked(world: World) -> None:
    with pytest.raises(InvalidInput):
        await world.kb.targets.set(ADMINISTRATOR, text(audience=Audience(kind="tiers", codes=["none"])))


async def test_only_one_that_holds_nothing_is_removed(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    with pytest.raises(TargetInUse):
        await world.kb.targets.remove(ADMINISTRATOR, "inside")
    await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
    with pytest.raises(TargetInUse):
        await world.kb.targets.remove(ADMINISTRATOR, "inside")
    await placing.settle()
    left = await world.kb.targets.remove(ADMINISTRATOR, "inside")
    assert [target.code for target in left.targets] == ["outside"]
    assert not await Publication.filter(target_id="gd:inside").exists()
    assert not await Target.filter(id="gd:inside").exists()


async def test_what_is_withdrawn_while_it_is_brought_is_not_shown(world: World) -> None:
    file = await world.kb.files.upload(EDITOR, "a.txt", b"x")
    article_id = (await world.approve(await world.write(file_ids=[file.id]))).article.id

    async def read_slowly(center_id: Any, file_id: str) -> bytes:
        await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
        return (await world.kb.files.stored(center_id, file_id)).content

    reading: ReadFile = read_slowly
    kb = world.kb
    placing = Placing(GD, kb.publishing, kb.journal, kb.targets.depot, reading, world.clock, kb.bell)
    await kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    await placing.settle()
    placing.close()
    assert not await Publication.filter(article_id=article_id, visible_version__not_isnull=True).exists()
    assert not list((world.data.folder / "kb-targets").rglob("article.json"))
