"""What is on disk: kept, repaired, rebuilt, never trusted."""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.knowledge.search.texts import ARTICLES, PUBLIC, OpenEngine, article, found_ids, opener
from wecc.knowledge.search import Engine, Kind, Vocabulary


def _index(folder: Path) -> Path:
    return folder / str(json.loads((folder / "manifest.json").read_text())["index"])


def _damage_by_cutting(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _damage_by_noise(file: Path) -> None:
    content = bytearray(file.read_bytes())
    chance = random.Random(5)
    for _ in range(200):
        content[chance.randrange(len(content))] = chance.randrange(256)
    file.write_bytes(content)


def _damage_by_absence(file: Path) -> None:
    file.unlink()


def test_a_sound_index_is_kept(tmp_path: Path, open_engine: OpenEngine) -> None:
    open_engine().close()
    before = _index(tmp_path / "index")
    engine = open_engine(revision=5)
    assert engine.revision == 5
    assert _index(tmp_path / "index") == before
    engine.close()
    engine.close()


def test_small_differences_are_repaired_in_place(tmp_path: Path, open_engine: OpenEngine) -> None:
    open_engine().close()
    before = _index(tmp_path / "index")
    changed = article("bill", "账单寄送方式如何修改", "可以改为电子账单。", path=("all", "bills"))
    engine = open_engine((*(item for item in ARTICLES if item.article_id not in ("bill", "port")), changed))
    assert _index(tmp_path / "index") == before
    assert engine.count == len(ARTICLES) - 1
    assert found_ids(engine, "携号转网")[:1] != ["port"]
    assert found_ids(engine, "账单寄送")[0] == "bill"
    engine.close()


def test_another_base_is_built_beside_and_swapped(tmp_path: Path, open_engine: OpenEngine) -> None:
    old = open_engine()
    before = _index(tmp_path / "index")
    new = open_engine(tuple(article(f"n{number}", f"新业务{number}号") for number in range(20)))
    assert _index(tmp_path / "index") != before
    assert found_ids(new, "新业务3号")[0] == "n3"
    assert found_ids(old, "怎么重置宽带密码")[0] == "broadband-password", "who has the old one open goes on"
    new.close()
    old.close()
    assert [path.name for path in (tmp_path / "index").iterdir() if path.is_dir()] == [
        _index(tmp_path / "index").name
    ]


@pytest.mark.parametrize("damage", [_damage_by_cutting, _damage_by_noise, _damage_by_absence])
def test_damage_of_any_file_is_found_and_healed(
    tmp_path: Path, open_engine: OpenEngine, damage: Callable[[Path], None]
) -> None:
    open_engine().close()
    folder = tmp_path / "index"
    names = [
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_size and path.name != "articles_WRITELOCK"
    ]
    assert len(names) >= 4
    for name in names:
        target = folder / name
        if not target.exists():  # the index was built anew since, under another name
            target = max(_index(folder).glob(f"*{name.suffix}"), key=lambda path: path.stat().st_size)
        damage(target)
        engine = open_engine()
        assert engine.count == len(ARTICLES)
        assert found_ids(engine, "怎么重置宽带密码")[0] == "broadband-password"
        assert found_ids(engine, "授权码有效期")[0] == "port"
        engine.close()


class _Trap:
    """What a pickle from elsewhere may do to who opens it."""

    def __init__(self, sprung: Path) -> None:
        self._sprung = sprung

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self._sprung,))


def test_a_foreign_pickle_is_never_opened(tmp_path: Path) -> None:
    open_engine = opener(tmp_path / "index", "whoosh")
    open_engine().close()
    sprung = tmp_path / "sprung"
    trap = pickle.dumps(_Trap(sprung))
    index = _index(tmp_path / "index")
    for path in list(index.iterdir()):
        if path.name != "checksums.json" and path.stat().st_size:
            path.write_bytes(trap)
    (index / "_articles_999.toc").write_bytes(trap)
    engine = open_engine()
    assert found_ids(engine, "怎么重置宽带密码")[0] == "broadband-password"
    engine.close()
    assert not sprung.exists()


def test_a_folder_from_elsewhere_is_not_opened(tmp_path: Path, kind: Kind) -> None:
    elsewhere = opener(tmp_path / "elsewhere", kind)
    elsewhere((article("evil", "怎么重置宽带密码"),)).close()
    open_engine = opener(tmp_path / "index", kind)
    open_engine().close()
    manifest = tmp_path / "index" / "manifest.json"
    stolen = json.loads(manifest.read_text()) | {"index": str(_index(tmp_path / "elsewhere"))}
    manifest.write_text(json.dumps(stolen))
    engine = open_engine()
    assert found_ids(engine, "怎么重置宽带密码")[0] == "broadband-password"
    engine.close()


def test_the_other_kind_is_built_anew(tmp_path: Path) -> None:
    opener(tmp_path / "index", "whoosh")().close()
    engine = opener(tmp_path / "index", "fts5")()
    assert found_ids(engine, "怎么重置宽带密码")[0] == "broadband-password"
    engine.close()


def test_progress_is_told_to_the_end(tmp_path: Path, kind: Kind) -> None:
    told: list[tuple[int, int]] = []
    Engine.open(
        tmp_path,
        kind,
        ARTICLES,
        1,
        Vocabulary(),
        with_encoder=False,
        progress=lambda done, of: told.append((done, of)),
    ).close()
    assert told[-1] == (len(ARTICLES), len(ARTICLES))


_PUBLISHER = """
import sys
from pathlib import Path
from tests.knowledge.search.texts import ARTICLES, article, opener
engine = opener(Path(sys.argv[1]), sys.argv[2])()
print("ready", flush=True)
for number in range(10_000):
    engine.apply([article(f"new-{number}", f"新增业务编号{number}", "说明")], [f"new-{number - 3}@1"], number)
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_killed_writer_loses_nothing_and_leaves_nothing_stale(tmp_path: Path, kind: Kind) -> None:
    folder = tmp_path / "index"
    for kill_after in (2, 5, 9):
        child = subprocess.Popen(
            [sys.executable, "-c", _PUBLISHER, str(folder), kind], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        told = [line for line, _ in zip(child.stdout, range(kill_after + 1), strict=False)]
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert told[0] == "ready\n"
        newest = int(told[-1]) if len(told) > 1 else -1
        before = _index(folder)
        # What the database holds after the kill: the last batch it heard of.
        held = tuple(
            article(f"new-{number}", f"新增业务编号{number}", "说明")
            for number in range(max(0, newest - 2), newest + 1)
        )
        engine = opener(folder, kind)((*ARTICLES, *held))
        assert _index(folder) == before, "repaired, not rebuilt"
        assert engine.count == len(ARTICLES) + len(held)
        found = engine.search("新增业务编号", PUBLIC, 100)
        assert {hit.article_id for hit in found.hits if hit.article_id.startswith("new-")} == {
            document.article_id for document in held
        }
        engine.close()
    shutil.rmtree(folder)
