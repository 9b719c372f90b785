"""A restored center answers as the one that was backed up: equal manifests, equal answers. Source: 3.2.2-11."""

from __future__ import annotations

import asyncio
import contextlib
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.backup.systems import System
from tests.backup.test_restoring import wecc
from tests.deployment import Deployment, running
from wecc.demo import knowledge
from wecc.infra import db
from wecc.kernel.ids import CenterId
from wecc.knowledge import Shelves
from wecc.knowledge.readers import PUBLIC
from wecc.knowledge.search import Access, Engine
from wecc.knowledge.search_process.documents import documents, vocabulary
from wecc.settings import Data

GD = CenterId("gd")
PROBES = 100
_PATIENCE_S = 120.0

_MANIFEST = {
    "articles": "SELECT id, external_id, category_id, stage, newest_version, deleted_ms FROM kb_article ORDER BY id",
    "versions": "SELECT id, stage, digest FROM kb_article_version ORDER BY id",
    "publications": "SELECT id, state, version, visible_version FROM kb_publication ORDER BY id",
    "categories": "SELECT id, path, position, name_zh, name_en FROM kb_category ORDER BY id",
    "revision": "SELECT center_id, revision FROM kb",
}


async def manifest(system: System) -> dict[str, list[dict[str, Any]]]:
    """What the knowledge base says, in which versions, and who sees them."""
    async with system.opened():
        return {
            name: list(await db.connection().execute_query_dict(query)) for name, query in _MANIFEST.items()
        }


def probes() -> list[str]:
    """Titles and similar questions of what is published."""
    texts = [text.content for text in knowledge.articles()]
    questions = [q for content in texts for q in (content.title, *content.alternatives)]
    return questions[:: max(1, len(questions) // PROBES)][:PROBES]


async def found(system: System, folder: Path) -> list[list[str]]:
    """The ids that an index of this system's articles finds for each probe, in their order."""
    async with system.opened():
        held, (words, _) = await documents(GD), await vocabulary(GD)
        targets = (await Shelves().open(GD)).targets_for(PUBLIC)
    engine = Engine.open(folder, "whoosh", held, 1, words)
    hits = [engine.search(question, Access(targets, PUBLIC)).hits for question in probes()]
    engine.close()
    return [[hit.article_id for hit in some] for some in hits]


def answers(deployment: Deployment) -> list[tuple[str, str]]:
    """What the running center does about each probe, and the article it would answer with."""
    said = []
    for question in probes():
        asked = urllib.parse.urlencode({"q": question, "limit": 1, "center": GD})
        with urllib.request.urlopen(f"{deployment.origin}/api/v1/kb/search?{asked}", timeout=10) as response:
            result = orjson.loads(response.read())
        said.append((result["decision"], "".join(hit["id"] for hit in result["results"])))
    return said


def until_settled(system: System, deployment: Deployment) -> None:
    """Every article is where it should be, and the index holds all of them."""
    environment = _own(deployment)
    for _ in _patiently("not settled"):
        with contextlib.suppress(KeyError):
            code, out, _ = wecc(system, "doctor", "--json", **environment)
            texts = {check["check"]: check for check in orjson.loads(out)["checks"]}
            rows = asyncio.run(manifest(system))["publications"]
            visible = all(row["visible_version"] == row["version"] for row in rows)
            if code == 0 and rows and visible and texts["search index"]["state"] == "ok":
                return


def _patiently(why: str) -> Iterator[None]:
    deadline_s = time.monotonic() + _PATIENCE_S
    while True:
        yield
        assert time.monotonic() < deadline_s, why


def _own(deployment: Deployment) -> dict[str, str]:
    return {key: value for key, value in deployment.environment().items() if key.startswith("WECC_")}


@pytest.mark.live
@pytest.mark.slow
def test_a_restored_demo_answers_as_before(tmp_path: Path) -> None:
    backup = tmp_path / "backup.wecc"
    first = System(Data(folder=tmp_path / "first/var"))
    with running(tmp_path / "first") as deployment:
        until_settled(first, deployment)
        before = answers(deployment)
        code, _, complaint = wecc(first, "backup", backup, **_own(deployment))
        assert (code, complaint) == (0, "")
        said = asyncio.run(manifest(first))
        copies = names(first)
    assert {decision for decision, _ in before} >= {"answer"}
    second = System(Data(folder=tmp_path / "second/var"))
    code, _, complaint = wecc(second, "restore", backup)
    assert (code, complaint) == (0, "")
    assert asyncio.run(manifest(second)) == said
    assert asyncio.run(second.verify_audit()) is None
    hits = asyncio.run(found(second, tmp_path / "second-index"))
    assert hits == asyncio.run(found(first, tmp_path / "first-index"))
    assert len(hits) == PROBES
    assert all(hits)
    with running(tmp_path / "second") as deployment:
        until_settled(second, deployment)
        assert answers(deployment) == before
        for _ in _patiently("the targets are not filled again"):
            if names(second) == copies != set():
                break


def names(system: System) -> set[str]:
    """What lies in the targets' directories."""
    folder = system.folder / "kb-targets"
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
