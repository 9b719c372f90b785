"""The search process: follows what is shown, opens what it left, rebuilds what was damaged. Source: 3.2.2-05."""

from __future__ import annotations

import contextlib
import shutil
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest

from tests.knowledge.conftest import ADMINISTRATOR, EDITOR, GD, World
from tests.knowledge.publishing.conftest import until
from tests.knowledge.publishing.test_publishing import published
from wecc.infra.tasks import TaskOwner
from wecc.kernel.clock import SystemClock
from wecc.kernel.errors import Unavailable
from wecc.knowledge.publishing.placing import Placing
from wecc.knowledge.readers import PUBLIC, Reader
from wecc.knowledge.schemas import Search, SetVocabulary, Withdraw
from wecc.knowledge.search_process.client import IndexState, socket_file
from wecc.knowledge.search_process.server import SearchServer
from wecc.settings import Knowledge, Settings

ANYBODY = Reader(GD, "a1", PUBLIC)


@contextlib.asynccontextmanager
async def serving(
    world: World, folder: Path, engine: Literal["whoosh", "fts5"] = "whoosh"
) -> AsyncIterator[None]:
    """A search process's work on this database."""
    knowledge = Knowledge(index_folder=folder, has_encoder=False, engine=engine)
    settings = Settings(data=world.data, knowledge=knowledge)
    async with TaskOwner() as owner:
        owner.start(SearchServer(settings, SystemClock(), world.kb.bell).run(), name="search")
        await until(lambda: is_current(world))
        yield


async def state(world: World) -> IndexState | None:
    with contextlib.suppress(Unavailable):
        return await world.kb.index.state(GD)
    return None


async def is_current(world: World) -> bool:
    now = await state(world)
    return now is not None and now.revision >= (await world.kb.shelves.open(GD)).revision


async def finds(world: World, text: str) -> list[str]:
    found = await world.kb.asking.search(ANYBODY, Search(q=text), is_asked=False)
    return [result.id for result in found.results]


async def test_it_follows_what_is_shown(world: World, placing: Placing, tmp_path: Path) -> None:
    async with serving(world, tmp_path / "index"):
        article_id = await published(world, placing)
        await until(lambda: is_current(world))
        assert await finds(world, "话费怎么查") == [article_id]
        await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
        assert await finds(world, "话费怎么查") == []
        await until(lambda: is_current(world))
        now = await state(world)
        assert now is not None
        assert now.documents == 0


async def test_new_words_are_understood_at_once(world: World, placing: Placing, tmp_path: Path) -> None:
    article_id = await published(world, placing)
    async with serving(world, tmp_path / "index"):
        assert await finds(world, "zzz") == []
        words = SetVocabulary(base_version=0, synonyms=[["zzz", "话费"]], words=[])
        await world.kb.words.save(ADMINISTRATOR, words)
        await until(lambda: is_current(world))
        assert await finds(world, "zzz") == [article_id]


@pytest.mark.parametrize("damage", ["none", "truncated", "garbage", "gone"])
async def test_what_it_left_is_opened_and_what_was_damaged_rebuilt(
    world: World, placing: Placing, tmp_path: Path, damage: str
) -> None:
    article_id = await published(world, placing)
    folder = tmp_path / "index"
    async with serving(world, folder):
        assert await finds(world, "话费怎么查") == [article_id]
    for file in (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"):
        if damage == "truncated":
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        elif damage == "garbage":
            file.write_bytes(b"\x80\x04\x95garbage" * 20)
        elif damage == "gone":
            file.unlink()
    async with serving(world, folder):
        assert await finds(world, "话费怎么查") == [article_id]


def spoil(folder: Path, damage: str) -> None:
    """As somebody does who takes the index folder for something else."""
    center = folder / GD
    if damage == "not a folder":
        shutil.rmtree(center)
        center.write_text("in the way")
        return
    for file in (path for path in center.rglob("*") if path.is_file()):
        if damage == "truncated":
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        elif damage == "garbage":
            file.write_bytes(b"\x80\x04\x95garbage" * 20)
    if damage == "gone":
        shutil.rmtree(center)


@pytest.mark.parametrize("engine", ["whoosh", "fts5"])
@pytest.mark.parametrize("damage", ["truncated", "garbage", "gone", "not a folder"])
async def test_what_is_damaged_while_it_is_used_is_rebuilt_and_told_once(
    world: World,
    placing: Placing,
    tmp_path: Path,
    damage: str,
    engine: Literal["whoosh", "fts5"],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("wecc.knowledge.search_process.indexes._REBUILD_PAUSE_S", 0.05)
    ids = {await published(world, placing)}
    folder = tmp_path / "index"
    async with serving(world, folder, engine):
        spoil(folder, damage)

        async def finds_all() -> bool:
            with contextlib.suppress(Unavailable):
                return set(await finds(world, "话费怎么查")) == ids
            return False

        for _ in range(2):
            ids.add(await published(world, placing))
            await until(finds_all)
        if damage == "not a folder":
            now = await state(world)
            assert now is not None
            # SQLite goes on with the files it has open.
            assert now.is_provisional == (engine == "whoosh"), "there is no place for another"
            (folder / GD).unlink()
        await until(lambda: is_sound(world))
        assert await finds_all()
    for told in ("index.damaged", "index.not_built", "background.failed"):
        assert caplog.messages.count(told) <= 1
    assert "background.failed" not in caplog.messages
    async with serving(world, folder, engine):
        assert await finds_all()


async def is_sound(world: World) -> bool:
    now = await state(world)
    return now is not None and not now.is_provisional and await is_current(world)


async def test_while_an_index_is_built_a_lesser_one_answers(
    world: World, placing: Placing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wecc.knowledge.search_process.indexes._NEW_PATIENCE_S", 0)
    article_id = await published(world, placing)
    async with serving(world, tmp_path / "index"):
        assert await finds(world, "话费怎么查") == [article_id]

        async def is_rebuilt() -> bool:
            now = await state(world)
            return now is not None and not now.is_provisional

        await until(is_rebuilt)
        assert await finds(world, "话费怎么查") == [article_id]


async def test_nobody_else_may_ask(world: World, tmp_path: Path) -> None:
    async with serving(world, tmp_path / "index"):
        assert stat.S_IMODE(socket_file(world.data).stat().st_mode) == 0o600


async def test_without_it_search_is_unavailable(world: World) -> None:
    with pytest.raises(Unavailable):
        await finds(world, "话费")
