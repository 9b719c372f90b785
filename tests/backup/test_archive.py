"""What is no backup, or not whole, is refused before anything is touched, and nothing in it is ever executed."""

from __future__ import annotations

import hashlib
import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backup.conftest import Make
from tests.backup.systems import System, quiet
from wecc.backup.archive import CONFIG, FOLDERS, Archive, Manifest, Refused


def read(path: Path) -> Manifest:
    with Archive.open(path, quiet()) as archive:
        archive.check()
        return archive.manifest


Members = dict[str, bytes]


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def forge(path: Path, content: Members, *, stored: tuple[str, ...] = (*FOLDERS, CONFIG)) -> Path:
    """A zip of these members with a seal that holds, as who knows the format could make it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in content.items():
            how = zipfile.ZIP_STORED if name.startswith(stored) else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), text, how)
        archive.comment = bytes(64)
    body = file.getvalue()[:-64]
    path.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
    return path


def with_manifest(content: Members, change: Callable[[dict[str, Any]], object]) -> Members:
    manifest = orjson.loads(content["manifest.json"])
    change(manifest)
    return {**content, "manifest.json": orjson.dumps(manifest)}


def add_file(content: Members, name: str, text: bytes, size: int | None = None) -> Members:
    entry = {
        "name": name,
        "size_bytes": len(text) if size is None else size,
        "sha256": hashlib.sha256(text).hexdigest(),
    }
    return {**with_manifest(content, lambda m: m["files"].append(entry)), name: text}


def with_rows(content: Members, table: str, text: bytes, rows: int = 1) -> Members:
    def change(manifest: dict[str, Any]) -> None:
        (entry,) = (t for t in manifest["tables"] if t["table"]["name"] == table)
        entry |= {"size_bytes": len(text), "sha256": hashlib.sha256(text).hexdigest(), "rows": rows}

    return {**with_manifest(content, change), f"tables/{table}.jsonl": text}


@given(data=st.data())
def test_no_damage_stays_unseen(
    backup: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Cut off anywhere, any byte changed, any bytes put in."""
    whole = backup.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    longer = whole[:place] + data.draw(st.binary(min_size=1, max_size=5)) + whole[place:]
    path = tmp_path_factory.getbasetemp() / "damaged.wecc"
    for damaged in (flipped, whole[:place], longer):
        path.write_bytes(damaged)
        with pytest.raises(Refused):
            read(path)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Also under a seal that holds."""
    path = tmp_path_factory.getbasetemp() / "any.wecc"
    for text in (content, content + hashlib.sha256(content).hexdigest().encode()):
        path.write_bytes(text)
        with pytest.raises(Refused, match="is not a backup of WECC"):
            read(path)


def test_its_forged_twin_is_read(backup: Path, tmp_path: Path) -> None:
    """The tests below change one thing of what would be accepted otherwise."""
    assert read(forge(tmp_path / "twin.wecc", members(backup))) == read(backup)


def test_a_foreign_zip_is_refused(tmp_path: Path) -> None:
    foreign = {"word/document.xml": b"<xml/>", "manifest.json": b'{"product": "other"}'}
    for content in (foreign, {}, {"manifest.json": b"[]"}, {"manifest.json": b'{"product": "wecc"}'}):
        with pytest.raises(Refused, match="is not a backup of WECC"):
            read(forge(tmp_path / "foreign.wecc", content))


def test_a_newer_format_is_refused_by_its_version(backup: Path, tmp_path: Path) -> None:
    newer = with_manifest(members(backup), lambda m: m.update(format=2, sealed_by="something not known yet"))
    with pytest.raises(Refused, match=r"written by a newer WECC \(0\.1\.0\)"):
        read(forge(tmp_path / "newer.wecc", newer))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "files/../../evil",
        "files/gd/..",
        "/etc/cron.d/evil",
        "files//evil",
        "files",
        "restoring/wecc.sqlite3",
        "wecc.sqlite3",
        "files/gd/.hidden",
        "files/gd\\..\\evil",
        "C:/evil",
        "files/C:evil",
        "files/a\nb",
        "files/" + "长" * 70,
        "config/../../../evil.toml",
    ],
)
def test_names_that_lead_elsewhere_are_refused(backup: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused):
        read(forge(tmp_path / "evil.wecc", add_file(members(backup), name, b"evil"), stored=(name,)))


def test_a_link_is_only_bytes(backup: Path, tmp_path: Path, make: Make) -> None:
    """A zip can say that a member is a symbolic link; it is written as the file its bytes are."""
    content = add_file(members(backup), "files/gd/link", b"/etc/passwd")
    path = forge(tmp_path / "link.wecc", content)
    raw = path.read_bytes()
    mode = (0o120777 << 16).to_bytes(4, "little")
    at = raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"files/gd/link"))
    raw = raw[: at + 38] + mode + raw[at + 42 :]
    path.write_bytes(raw[:-64] + hashlib.sha256(raw[:-64]).hexdigest().encode())
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("files/gd/link").external_attr >> 16 == 0o120777
    with Archive.open(path, quiet()) as opened:
        (link,) = (f for f in opened.manifest.files if f.name == "files/gd/link")
        assert b"".join(opened.content(link)) == b"/etc/passwd"


def test_members_are_those_of_the_manifest_each_once(backup: Path, tmp_path: Path) -> None:
    content = members(backup)
    more = {**content, "files/gd/more": b"x"}
    fewer = {name: text for name, text in content.items() if name != "tables/center.jsonl"}
    for wrong in (more, fewer):
        with pytest.raises(Refused, match="its members are not those"):
            read(forge(tmp_path / "wrong.wecc", wrong))
    twice = with_manifest(content, lambda m: m["files"].append(m["files"][0]))
    with pytest.raises(Refused, match="its members are not those"):
        read(forge(tmp_path / "wrong.wecc", twice))


def test_a_bomb_goes_off_at_its_first_byte(backup: Path, tmp_path: Path) -> None:
    """Files are not compressed, and a table is read line by line up to its size."""
    zeros = bytes(30_000_000)
    packed = forge(
        tmp_path / "bomb.wecc", add_file(members(backup), "files/gd/bomb", zeros), stored=(CONFIG,)
    )
    assert packed.stat().st_size < 1_000_000
    with pytest.raises(Refused, match="its members are not those"):
        read(packed)
    line = forge(tmp_path / "line.wecc", with_rows(members(backup), "center", b"[" * 30_000_000))
    with pytest.raises(Refused, match=r"tables/center\.jsonl is not what the manifest says"):
        read(line)


@pytest.mark.parametrize(
    "text",
    [
        b"not json\n",
        b"[]\n",
        b'{"id": "gd"}\n',
        b'["gd", "a", "b", "c", "d", [], 5]\n',
        b'["gd", "a", "b", "c", "d", [], true]\n',
        b'["gd", "a", "b", "c", "d", [], "other", "more"]\n',
        b'["gd", "a", "b", "c", "d", [], "other"]\n["gd2", "a", "b", "c", "d", [], "other"]\n',
        b"",
    ],
)
def test_rows_are_of_their_columns_kinds_and_number(backup: Path, tmp_path: Path, text: bytes) -> None:
    with pytest.raises(Refused, match=r"tables/center\.jsonl is not what the manifest says"):
        read(forge(tmp_path / "rows.wecc", with_rows(members(backup), "center", text)))


def test_other_content_than_its_digest_is_refused(backup: Path, tmp_path: Path) -> None:
    content = members(backup)
    name = next(n for n in content if n.startswith("files/"))
    content[name] = content[name][:-1] + b"?"
    with pytest.raises(Refused, match=f"{name} is not what the manifest says"):
        read(forge(tmp_path / "other.wecc", content))


async def test_nothing_is_unpickled(backup: Path, tmp_path: Path, make: Make) -> None:
    """An index folder in a backup, which Whoosh would unpickle, is no part of one."""
    mark = tmp_path / "executed"

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (Path.touch, (mark,))

    text = pickle.dumps(Evil())
    system = await make("sqlite")
    for name in ("knowledge_index/_MAIN_1.toc", "tables/center.pickle", "manifest.pickle"):
        with pytest.raises(Refused):
            await system.restore(forge(tmp_path / "evil.wecc", add_file(members(backup), name, text)))
    assert not mark.exists()
    assert untouched(system)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_nothing_is_left_of_what_the_database_refuses(
    make: Make, backup: Path, tmp_path: Path, kind: str
) -> None:
    """Rows that are well-formed, but not of this database's rules, are found when all but they is in place."""
    system = await make(kind)
    orphan = b'["s1", 1, 2, null, "agent", "nobody"]\n'
    wrong = forge(tmp_path / "wrong.wecc", with_rows(members(backup), "agent_sign_in", orphan))
    with pytest.raises(Refused, match=r"rows of agent_sign_in do not fit this database: .*(?i:foreign key)"):
        await system.restore(wrong)
    assert untouched(system)
    await system.restore(backup)


async def test_tables_are_those_of_the_migrations(make: Make, backup: Path, tmp_path: Path) -> None:
    system = await make("sqlite")
    content = members(backup)
    fewer = with_manifest(content, lambda m: m["tables"].pop())
    del fewer[[name for name in content if name.startswith("tables/")][-1]]
    with pytest.raises(Refused, match="not of the form its migrations say"):
        await system.restore(forge(tmp_path / "fewer.wecc", fewer))
    assert untouched(system)


def untouched(system: System) -> bool:
    return not any(system.folder.iterdir())
