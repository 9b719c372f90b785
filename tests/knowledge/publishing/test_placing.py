"""Targets hold what they should; one that does not work holds up no other. Source: 3.2.2-12."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Mapping
from pathlib import Path

import orjson
import pytest

from tests.knowledge.conftest import ADMINISTRATOR, EDITOR, GD, INSIDE, OUTSIDE, World
from tests.knowledge.publishing.conftest import PASSWORD, USER, DavServer, until
from tests.knowledge.publishing.test_publishing import published, seen, visible
from wecc import knowledge
from wecc.infra.tasks import TaskOwner
from wecc.kernel.actor import Actor
from wecc.kernel.ids import CenterId
from wecc.knowledge import AgentGroup
from wecc.knowledge.models import ArticleFile, Publication, Target
from wecc.knowledge.publishing.adapters import Directory
from wecc.knowledge.publishing.placing import Placing
from wecc.knowledge.publishing.ports import Depot
from wecc.knowledge.schemas import Publish, TargetText, Withdraw
from wecc.security import Passwords
from wecc.settings import Knowledge, Settings


def root(world: World, code: str) -> Path:
    return world.data.folder / "kb-targets" / code


def tree(folder: Path) -> dict[str, bytes]:
    """Everything below, by path; no folder is left out for being empty."""
    found = {}
    for path in sorted(folder.rglob("*")):
        found[str(path.relative_to(folder))] = path.read_bytes() if path.is_file() else b"/"
    return found


async def check(world: World, placing: Placing, code: str) -> None:
    await world.kb.targets.check(ADMINISTRATOR, code)
    await placing.settle()


async def test_targets_with_the_same_articles_are_the_same_byte_by_byte(
    world: World, placing: Placing
) -> None:
    for _ in range(3):
        await published(world, placing)
    inside, outside = tree(root(world, "inside")), tree(root(world, "outside"))
    assert inside == outside
    manifest = orjson.loads(outside["manifest.json"])["articles"]
    assert len(manifest) == 3
    for entry in manifest:
        files = {p: c for p, c in outside.items() if p.startswith(f"{entry['id']}/1/")}
        whole = hashlib.sha256()
        for path, content in sorted(files.items()):
            whole.update(f"{path.rsplit('/', 1)[1]}\0{hashlib.sha256(content).hexdigest()}\0".encode())
        assert (entry["version"], entry["sha256"]) == (1, whole.hexdigest())


async def test_a_copy_says_what_the_article_says(world: World, placing: Placing) -> None:
    body = "发送 **HF**。\n\n<script>alert(1)</script> [坏](javascript:alert(1))"
    article_id = (await world.approve(await world.write("<b>话费</b>", body=body))).article.id
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    await placing.settle()
    folder = root(world, "outside") / article_id / "1"
    said = orjson.loads((folder / "article.json").read_bytes())
    assert (said["id"], said["version"], said["title"], said["body"]) == (article_id, 1, "<b>话费</b>", body)
    page = (folder / "article.html").read_text("utf-8")
    assert "<strong>HF</strong>" in page
    assert "<script" not in page
    assert "href" not in page
    assert "<b>" not in page


async def test_attachments_go_with_it(world: World, placing: Placing) -> None:
    file = await world.kb.files.upload(EDITOR, "说明.txt", "怎么办".encode())
    article_id = (await world.approve(await world.write(file_ids=[file.id]))).article.id
    await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    await placing.settle()
    folder = root(world, "outside") / article_id / "1"
    assert (folder / f"{file.id}.txt").read_text("utf-8") == "怎么办"


async def test_an_attachment_that_is_lost_holds_up_its_own_article_only(
    world: World, placing: Placing
) -> None:
    file = await world.kb.files.upload(EDITOR, "说明.txt", b"x")
    row = await ArticleFile.get(id=file.id)
    broken = (await world.approve(await world.write(file_ids=[file.id]))).article.id
    stored = world.data.folder / "kb-files" / GD / row.digest[-2:] / row.digest
    stored.unlink()
    await world.kb.publishing.publish(EDITOR, broken, Publish(version=1))
    sound = await published(world, placing)
    assert await seen(world, sound) == 1
    assert await seen(world, broken) is None
    publications = (await world.see(broken)).publications
    assert all("attached file" in p.error and not p.is_settled for p in publications)
    stored.write_bytes(b"x")
    world.clock.advance(60)
    await placing.settle()
    assert await seen(world, broken) == 1


async def test_a_target_that_takes_nothing_holds_up_no_other(world: World, placing: Placing) -> None:
    root(world, "inside").parent.mkdir(parents=True)
    root(world, "inside").write_text("a file where the folder should be")
    article_id = await published(world, placing)
    assert await visible(article_id) == {INSIDE: None, OUTSIDE: 1}
    assert await seen(world, article_id) == 1
    targets = {t.code: t for t in (await world.kb.targets.all(ADMINISTRATOR)).targets}
    assert targets["inside"].error
    assert targets["inside"].pending == 1
    assert not targets["outside"].error
    waiting = next(p for p in (await world.see(article_id)).publications if p.target_id == INSIDE)
    assert waiting.error == targets["inside"].error
    root(world, "inside").unlink()
    world.clock.advance(60)
    await placing.settle()
    assert await visible(article_id) == {INSIDE: 1, OUTSIDE: 1}
    assert tree(root(world, "inside")) == tree(root(world, "outside"))
    targets = {t.code: t for t in (await world.kb.targets.all(ADMINISTRATOR)).targets}
    assert (targets["inside"].error, targets["inside"].pending) == ("", 0)


async def test_whatever_happened_to_a_directory_is_found_and_mended(world: World, placing: Placing) -> None:
    ids = [await published(world, placing) for _ in range(4)]
    inside, outside = root(world, "inside"), root(world, "outside")
    (inside / ids[0] / "1" / "article.json").write_bytes(b"damaged")
    (inside / ids[1] / "1" / "article.html").unlink()
    (inside / ids[2] / "1" / "more.txt").write_text("more")
    (inside / ids[2] / "7").mkdir()
    for path in sorted((inside / ids[3]).rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    stranger = inside / ("f" * 32) / "1"
    stranger.mkdir(parents=True)
    (stranger / "article.json").write_text("{}")
    await check(world, placing, "inside")
    assert tree(inside) == tree(outside)
    assert [await seen(world, i) for i in ids] == [1] * 4, "readers never notice"


@pytest.mark.parametrize("manifest", [None, b"not json", b'{"articles": [{"id": 1}]}', b"[]"])
async def test_a_lost_manifest_is_made_anew(world: World, placing: Placing, manifest: bytes | None) -> None:
    await published(world, placing)
    file = root(world, "inside") / "manifest.json"
    before = file.read_bytes()
    file.unlink()
    if manifest is not None:
        file.write_bytes(manifest)
    again = world.kb.placing(GD)  # as after a restart
    await again.settle()
    again.close()
    assert file.read_bytes() == before


async def test_after_a_restart_the_manifest_is_compared(world: World, placing: Placing) -> None:
    kept, gone = await published(world, placing), await published(world, placing)
    file = root(world, "inside") / "manifest.json"
    before = file.read_bytes()
    entries = orjson.loads(before)["articles"]
    entries = [e for e in entries if e["id"] != kept] + [{**entries[0], "id": "f" * 32}]
    file.write_bytes(orjson.dumps({"articles": entries}))
    again = world.kb.placing(GD)
    await again.settle()
    again.close()
    assert file.read_bytes() == before
    assert await seen(world, gone) == 1


async def test_what_is_withdrawn_goes_before_all_that_waits_to_be_brought(world: World) -> None:
    gone = (await world.approve(await world.write(), OUTSIDE)).article.id
    ids = [(await world.approve(await world.write(), OUTSIDE)).article.id for _ in range(3)]
    happened: list[str] = []

    class Watched(Directory):
        def put(self, path: str, files: Mapping[str, bytes]) -> None:
            happened.append("put")
            super().put(path, files)

        def remove(self, path: str) -> None:
            if path == gone:
                happened.append("removed")
            super().remove(path)

    def depot(target: Target) -> Depot:
        return Watched(root(world, target.code), [root(world, target.code).parent])

    kb = world.kb
    placing = Placing(GD, kb.publishing, kb.journal, depot, _no_file, world.clock, kb.bell)
    await kb.publishing.publish(EDITOR, gone, Publish(version=1))
    await placing.settle()
    happened.clear()
    for article_id in ids:
        await kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    world.clock.advance(1)
    await kb.publishing.withdraw(EDITOR, gone, Withdraw())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wecc.knowledge.publishing.keeping._BATCH", 1)
        await placing.settle()
    placing.close()
    assert happened == ["removed", "put", "put", "put"]


async def _no_file(center_id: CenterId, file_id: str) -> bytes:
    raise FileNotFoundError(center_id, file_id)


async def test_what_is_not_ours_in_a_directory_stays(world: World, placing: Placing) -> None:
    await published(world, placing)
    foreign = root(world, "inside") / "README.txt"
    foreign.write_text("the operator's own")
    await check(world, placing, "inside")
    assert foreign.exists()


async def test_a_server_holds_the_same_as_a_directory(world: World, dav: DavServer) -> None:
    secrets = world.data.folder / "kb-secrets" / GD
    secrets.mkdir(parents=True)
    (secrets / "server").write_text(f"Basic {USER}:{PASSWORD}\n", "utf-8")
    settings = Settings(data=world.data, knowledge=Knowledge(target_hosts=(dav.host,)))
    passwords = Passwords()

    async def no_groups(_: CenterId) -> dict[str, AgentGroup]:
        return {}

    async def none(_: Actor) -> set[str]:
        return set()

    kb = knowledge.build(settings, world.clock, world.kb.readers._identity, no_groups, none)
    text = TargetText(code="server", name_zh="服务器", kind="server", root=dav.url, is_default=True)
    await kb.targets.set(ADMINISTRATOR, text)
    placing = kb.placing(GD)
    article = await world.approve(await world.write(), INSIDE, "gd:server")
    article_id = article.article.id
    await kb.publishing.publish(EDITOR, article_id, Publish(version=1))
    await placing.settle()
    assert (await Target.get(id="gd:server")).error == ""
    assert await visible(article_id) == {INSIDE: 1, "gd:server": 1}
    assert tree(dav.folder / "kb") == tree(root(world, "inside"))
    (dav.folder / "kb" / article_id / "1" / "article.json").write_bytes(b"damaged")
    (dav.folder / "kb" / ("f" * 32)).mkdir()
    await kb.targets.check(ADMINISTRATOR, "server")
    await placing.settle()
    assert tree(dav.folder / "kb") == tree(root(world, "inside"))
    dav.stop()
    await kb.publishing.withdraw(EDITOR, article_id, Withdraw())
    await placing.settle()
    assert await visible(article_id) == {INSIDE: None, "gd:server": None}, (
        "a dead server keeps nothing visible"
    )
    assert "refused" in (await Target.get(id="gd:server")).error.lower()
    assert not (root(world, "inside") / article_id).exists()
    placing.close()
    await kb.close()
    passwords.close()


async def test_it_happens_by_itself(world: World, placing: Placing) -> None:
    """As the jobs process runs it: nobody calls, everything is brought within a moment."""
    async with TaskOwner() as owner:
        owner.start(placing.run(), name="placing")
        article_id = (await world.approve(await world.write())).article.id
        await world.kb.publishing.publish(EDITOR, article_id, Publish(version=1))
        shown = Publication.filter(article_id=article_id, visible_version=1)
        await until(lambda: _are(shown.count(), 2))
        await world.kb.publishing.withdraw(EDITOR, article_id, Withdraw())
        settled = Publication.filter(article_id=article_id, is_settled=True)
        await until(lambda: _are(settled.count(), 2))
    assert not (root(world, "outside") / article_id).exists()


async def test_a_target_that_moves_is_filled_anew_and_one_switched_off_shows_nothing(
    world: World, placing: Placing
) -> None:
    article_id = await published(world, placing)
    moved = TargetText(code="outside", name_zh="外", root="elsewhere", is_default=True)
    await world.kb.targets.set(ADMINISTRATOR, moved)
    await placing.settle()
    assert tree(root(world, "elsewhere")) == tree(root(world, "inside"))
    for code in ("outside", "inside"):
        off = TargetText(code=code, name_zh=code, root=f"{code}-off", is_enabled=False)
        await world.kb.targets.set(ADMINISTRATOR, off)
    assert await seen(world, article_id) is None


async def _are(count: Awaitable[int], wanted: int) -> bool:
    return await count == wanted
