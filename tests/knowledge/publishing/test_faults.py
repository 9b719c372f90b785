"""What happens to targets: full, silent, edited by hand, served twice, while the clock goes wrong. Source: 3.2.2-12."""

from __future__ import annotations

import errno
import shutil
import socket
from collections.abc import Mapping

import orjson
import pytest

from tests.knowledge.conftest import ADMINISTRATOR, EDITOR, GD, INSIDE, OUTSIDE, World
from tests.knowledge.publishing.conftest import until
from tests.knowledge.publishing.test_placing import root, tree
from tests.knowledge.publishing.test_publishing import published, seen, visible
from wecc.infra.tasks import TaskOwner
from wecc.kernel.clock import VirtualClock
from wecc.kernel.ids import CenterId
from wecc.knowledge.models import ArticleFile, Publication, Target
from wecc.knowledge.publishing.adapters import Directory, WebDav, webdav
from wecc.knowledge.publishing.placing import Placing
from wecc.knowledge.publishing.ports import Depot
from wecc.knowledge.schemas import Publish, Withdraw

DAY_S = 86_400


class Disk(Directory):
    """One that may have no room left."""

    is_full = False

    def put(self, path: str, files: Mapping[str, bytes]) -> None:
        self._need_room()
        super().put(path, files)

    def put_file(self, path: str, content: bytes) -> None:
        self._need_room()
        super().put_file(path, content)

    def _need_room(self) -> None:
        if Disk.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")


async def _no_file(center_id: CenterId, file_id: str) -> bytes:
    raise FileNotFoundError(center_id, file_id)


def placing_with(world: World, depot: type[Directory]) -> Placing:
    def depot_of(target: Target) -> Depot:
        return depot(root(world, target.code), [root(world, target.code).parent])

    kb = world.kb
    return Placing(GD, kb.publishing, kb.journal, depot_of, _no_file, world.clock, kb.bell)


async def errors(world: World) -> dict[str, str]:
    return {t.code: t.error for t in (await world.kb.targets.all(ADMINISTRATOR)).targets}


async def is_settled(article_id: str) -> bool:
    return not await Publication.filter(article_id=article_id, is_settled=False).exists()


def set_back(clock: VirtualClock, seconds: int) -> None:
    """As somebody does who sets the machine's clock: time goes on."""
    clock._now_ms -= seconds * 1000
    clock._start_ms -= seconds * 1000


async def test_from_a_full_disk_what_is_withdrawn_goes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    placing = placing_with(world, Disk)
    gone = await published(world, placing)
    monkeypatch.setattr(Disk, "is_full", True)
    waiting = [await published(world, placing) for _ in range(4)]
    assert [await seen(world, i) for i in waiting] == [None] * 4
    assert await errors(world) == dict.fromkeys(("inside", "outside"), "No space left on device")
    await world.kb.publishing.withdraw(EDITOR, gone, Withdraw())
    world.clock.advance(60)
    await placing.settle()
    assert not (root(world, "outside") / gone).exists()
    monkeypatch.setattr(Disk, "is_full", False)
    world.clock.advance(60)
    await placing.settle()
    assert await is_settled(gone)
    assert [await seen(world, i) for i in waiting] == [1] * 4
    assert await errors(world) == dict.fromkeys(("inside", "outside"), "")
    assert sorted(path.name for path in root(world, "inside").iterdir()) == sorted(
        [*waiting, "manifest.json"]
    )
    placing.close()


async def test_a_clock_set_back_keeps_nothing_waiting(world: World, placing: Placing) -> None:
    file = await world.kb.files.upload(EDITOR, "说明.txt", b"x")
    row = await ArticleFile.get(id=file.id)
    with_file = (await world.approve(await world.write(file_ids=[file.id]))).article.id
    stored = world.data.folder / "kb-files" / GD / row.digest[-2:] / row.digest
    stored.unlink()
    await world.kb.publishing.publish(EDITOR, with_file, Publish(version=1))
    root(world, "inside").parent.mkdir(parents=True)
    root(world, "inside").write_text("a file where the folder should be")
    article_id = await published(world, placing)
    assert await visible(article_id) == {INSIDE: None, OUTSIDE: 1}
    set_back(world.clock, DAY_S)
    root(world, "inside").unlink()
    stored.write_bytes(b"x")
    world.clock.advance(61)
    await placing.settle()
    assert await visible(article_id) == {INSIDE: 1, OUTSIDE: 1}
    assert await visible(with_file) == {INSIDE: 1, OUTSIDE: 1}


async def test_a_manifest_edited_by_hand_is_noticed_told_and_mended(world: World, placing: Placing) -> None:
    first = await published(world, placing)
    file = root(world, "inside") / "manifest.json"
    entry = orjson.loads(file.read_bytes())["articles"][0]
    file.write_bytes(orjson.dumps({"articles": [{**entry, "version": 7}, {**entry, "id": "f" * 32}]}))
    second = await published(world, placing)
    assert "changed the manifest" in (await errors(world))["inside"]
    assert await visible(second) == {INSIDE: None, OUTSIDE: 1}
    world.clock.advance(2)
    await placing.settle()
    assert await errors(world) == {"inside": "", "outside": ""}
    assert await visible(second) == {INSIDE: 1, OUTSIDE: 1}
    assert tree(root(world, "inside")) == tree(root(world, "outside"))
    assert await seen(world, first) == 1


async def test_what_somebody_deletes_is_found_within_a_day(world: World, placing: Placing) -> None:
    article_id = await published(world, placing)
    shutil.rmtree(root(world, "inside") / article_id)
    world.clock.advance(DAY_S + 1)
    await placing.settle()
    assert tree(root(world, "inside")) == tree(root(world, "outside"))


async def test_what_a_killed_process_left_half_done_is_removed(world: World, placing: Placing) -> None:
    await published(world, placing)
    (root(world, "inside") / ".tmp-0a1b2c3d-x-1").mkdir()
    again = world.kb.placing(GD)  # as after a restart
    await again.settle()
    again.close()
    assert tree(root(world, "inside")) == tree(root(world, "outside"))


async def test_two_that_serve_the_same_targets_end_with_what_should_be_there(world: World) -> None:
    ids = [(await world.approve(await world.write(f"第 {n} 篇"))).article.id for n in range(12)]
    one, other = world.kb.placing(GD), world.kb.placing(GD)
    async with TaskOwner() as owner:
        owner.keep_alive(one.run, name="one", pause_s=0.01)
        owner.keep_alive(other.run, name="other", pause_s=0.01)
        for article_id in ids:
            await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
        for article_id in ids[::2]:
            await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())

        async def is_all_settled() -> bool:
            world.clock.advance(1)
            return not await Publication.filter(is_settled=False).exists()

        await until(is_all_settled)
    last = world.kb.placing(GD)
    world.clock.advance(DAY_S + 1)
    await last.settle()
    last.close()
    assert [await seen(world, i) for i in ids] == [None, 1] * 6
    assert tree(root(world, "inside")) == tree(root(world, "outside"))
    held = {path.name for path in root(world, "inside").iterdir()}
    assert held == {*ids[1::2], "manifest.json"}


async def test_a_server_that_says_nothing_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webdav, "_WAIT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def depot_of(target: Target) -> Depot:
            if target.code == "inside":
                return WebDav(f"http://127.0.0.1:{silent.getsockname()[1]}/kb", "Bearer verysecret")
            return Directory(root(world, target.code), [root(world, target.code).parent])

        kb = world.kb
        placing = Placing(GD, kb.publishing, kb.journal, depot_of, _no_file, world.clock, kb.bell)
        article_id = (await world.approve(await world.write())).article.id
        async with TaskOwner() as owner:
            owner.keep_alive(placing.run, name="placing")
            await kb.publishing.publish(EDITOR, article_id, Publish(version=1))
            await until(lambda: _is_shown(article_id, OUTSIDE))

            async def is_told() -> bool:
                return "does not answer in time" in (await errors(world))["inside"]

            await until(is_told)
            await kb.publishing.withdraw(EDITOR, article_id, Withdraw())
            assert await seen(world, article_id) is None


async def _is_shown(article_id: str, target_id: str) -> bool:
    return (await visible(article_id))[target_id] == 1


async def test_an_attachment_that_is_no_more_holds_up_its_own_article_only(
    world: World, placing: Placing
) -> None:
    file = await world.kb.files.upload(EDITOR, "说明.txt", b"x")
    broken = (await world.approve(await world.write(file_ids=[file.id]))).article.id
    await ArticleFile.filter(id=file.id).delete()
    await world.kb.publishing.publish(EDITOR, broken, Publish(version=1))
    sound = await published(world, placing)
    assert await seen(world, sound) == 1
    assert all("attached file" in p.error for p in (await world.see(broken)).publications)


@pytest.mark.parametrize("secret", ["Bearer very\nsecret", "Bearer verysecret密"])
def test_a_secret_that_cannot_be_sent_is_not_told(secret: str) -> None:
    with pytest.raises(OSError, match="holds what HTTP cannot send") as told:
        WebDav("http://127.0.0.1:9/kb", secret).names()
    assert "very" not in repr(told.value)
    assert told.value.__suppress_context__


@pytest.mark.parametrize("listing", [b"<d:href>http://[</d:href>", b"<d:href>\xff\xfe</d:href>"])
def test_a_server_that_lists_nonsense_is_told_of(listing: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    depot = WebDav("http://127.0.0.1:9/kb")
    monkeypatch.setattr(depot, "_ask", lambda *_, **__: (207, listing))
    with pytest.raises(OSError, match="no address"):
        depot.names()
