"""A directory and a server take copies alike: one contract. Source: 3.2.2-12."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.knowledge.publishing.conftest import PASSWORD, USER, DavServer
from wecc.knowledge.publishing.adapters import Directory, WebDav
from wecc.knowledge.publishing.ports import Depot

ARTICLE = "0" * 32
FILES = {"article.json": b'{"title": "x"}', "图 1.png": bytes(range(256)), "empty.txt": b""}
BASIC = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"


@pytest.fixture(params=["directory", "webdav"])
def depot(request: pytest.FixtureRequest, tmp_path: Path) -> Depot:
    if request.param == "directory":
        return Directory(tmp_path / "allowed" / "web", [tmp_path / "allowed"])
    server: DavServer = request.getfixturevalue("dav")
    return WebDav(server.url, BASIC)


def held(depot: Depot, path: str) -> dict[str, bytes | None]:
    return {name: depot.read(f"{path}/{name}") for name in depot.names(path)}


def test_nothing_is_there_at_first(depot: Depot) -> None:
    assert depot.names() == []
    assert depot.names(f"{ARTICLE}/1") == []
    assert depot.read("manifest.json") is None
    depot.remove(ARTICLE)


def test_a_copy_is_there_whole_and_nothing_beside_it(depot: Depot) -> None:
    depot.put(f"{ARTICLE}/1", FILES)
    depot.flush()
    assert held(depot, f"{ARTICLE}/1") == FILES
    assert depot.names() == [ARTICLE]
    assert depot.names(ARTICLE) == ["1"]


def test_another_copy_takes_the_place_of_the_first(depot: Depot) -> None:
    depot.put(f"{ARTICLE}/1", FILES)
    depot.put(f"{ARTICLE}/1", {"article.json": b"{}"})
    assert held(depot, f"{ARTICLE}/1") == {"article.json": b"{}"}
    assert depot.names() == [ARTICLE]


def test_a_file_is_replaced(depot: Depot) -> None:
    depot.put_file("manifest.json", b"old and longer")
    depot.put_file("manifest.json", b"new")
    assert depot.read("manifest.json") == b"new"
    assert depot.names() == ["manifest.json"]


def test_what_is_removed_is_gone_and_may_be_removed_again(depot: Depot) -> None:
    depot.put(f"{ARTICLE}/1", FILES)
    depot.put(f"{ARTICLE}/2", FILES)
    depot.remove(f"{ARTICLE}/1")
    assert depot.names(ARTICLE) == ["2"]
    depot.remove(ARTICLE)
    depot.remove(ARTICLE)
    assert depot.names() == []


def test_a_directory_behind_a_link_to_elsewhere_is_not_written(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "web").symlink_to(outside)
    with pytest.raises(PermissionError):
        Directory(allowed / "web", [allowed]).put(f"{ARTICLE}/1", FILES)
    sound = Directory(allowed / "desk", [allowed])
    sound.put_file("manifest.json", b"")
    (allowed / "desk" / ARTICLE).symlink_to(outside)
    with pytest.raises(PermissionError):
        sound.put(f"{ARTICLE}/1", FILES)
    with pytest.raises(PermissionError):
        sound.read("../../outside")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("authorization", ["", "Bearer nonsense"])
def test_a_server_that_does_not_know_us_is_told_of(dav: DavServer, authorization: str) -> None:
    with pytest.raises(OSError, match="MKCOL: the server answers 401"):
        WebDav(f"http://{dav.host}", authorization).put_file("manifest.json", b"")


def test_no_server_is_an_error_like_others(dav: DavServer) -> None:
    dav.stop()
    with pytest.raises(OSError, match="refused"):
        WebDav(dav.url, BASIC).put(f"{ARTICLE}/1", FILES)
