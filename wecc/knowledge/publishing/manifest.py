"""What a target says it holds, and bringing a batch of copies there: a depot's part of placing. Blocking."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import orjson

from wecc.knowledge.publishing.copies import Copy
from wecc.knowledge.publishing.ports import Depot

MANIFEST = "manifest.json"
_GIVE_UP_AFTER = 3
"""Failures in a row that are the target's, not the articles'."""
_PARTIAL = re.compile(r"\.(tmp|old)-.*")
_OURS = re.compile(rf"[0-9a-f]{{32}}|{_PARTIAL.pattern}")
"""Names that only we give; whatever else lies in a root is somebody's."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the manifest says of an article: `sha256` is its copy's digest."""

    id: str
    external_id: str | None
    version: int
    sha256: str


NOTHING = Held("", None, 0, "")


class ForeignManifest(OSError):
    """Somebody else wrote the manifest since: another process of ours, or a hand."""

    def __init__(self) -> None:
        super().__init__("somebody else changed the manifest")


def is_ours(name: str) -> bool:
    """Whether something in a root was put there by us."""
    return _OURS.fullmatch(name) is not None


def bring(
    depot: Depot, held: Mapping[str, Held], wanted: Mapping[str, Copy | None]
) -> tuple[dict[str, Held], dict[str, str]]:
    """Put these copies and remove what stands for None; the manifest then, and why articles failed.

    A copy is there, whole, before the manifest names it, and gone from it before it is removed.
    Raises: ForeignManifest; OSError when it is the target that fails.
    """
    if parsed(depot.read(MANIFEST)) != held:
        raise ForeignManifest
    manifest = dict(held)
    failed: dict[str, str] = {}
    in_a_row = 0
    for article_id, copy in wanted.items():
        try:
            if copy is not None:
                if not _is_there(depot, copy):
                    depot.put(copy.path, copy.files)
                    if not _is_there(depot, copy):
                        raise OSError("what was written does not read back")
                manifest[article_id] = Held(article_id, copy.external_id, copy.version, copy.digest)
            else:
                manifest.pop(article_id, None)
            in_a_row = 0
        except OSError as error:
            failed[article_id] = reason(error)
            in_a_row += 1
            if in_a_row == min(_GIVE_UP_AFTER, len(wanted)):
                raise
    depot.flush()
    try:
        if manifest != held:
            write(depot, manifest)
    finally:
        # Also where there is no room for another manifest: what is withdrawn goes, and makes some.
        for article_id in (i for i, copy in wanted.items() if copy is None):
            depot.remove(article_id)
    for article_id, copy in wanted.items():
        if copy is not None and article_id not in failed:
            for name in depot.names(article_id):
                if name != str(copy.version):
                    depot.remove(f"{article_id}/{name}")
    return manifest, failed


def write(depot: Depot, manifest: Mapping[str, Held]) -> None:
    """Let the target say that it holds this."""
    depot.put_file(MANIFEST, _manifest_bytes(manifest))


def clear(depot: Depot) -> None:
    """Remove what somebody who was killed left half done."""
    for name in depot.names():
        if _PARTIAL.fullmatch(name):
            depot.remove(name)


def _is_there(depot: Depot, copy: Copy) -> bool:
    return set(depot.names(copy.path)) == set(copy.files) and all(
        depot.read(f"{copy.path}/{name}") == content for name, content in copy.files.items()
    )


def sound(depot: Depot, held: Mapping[str, Held], copies: Sequence[Copy]) -> set[str]:
    """The articles whose copies are what they should be, and nothing else beside them."""
    return {
        copy.article_id
        for copy in copies
        if held.get(copy.article_id, NOTHING).sha256 == copy.digest
        and depot.names(copy.article_id) == [str(copy.version)]
        and _is_there(depot, copy)
    }


def tidy(depot: Depot, extra: Sequence[str], held: Mapping[str, Held]) -> None:
    """Remove what nobody wants; the manifest says what is held."""
    for name in extra:
        depot.remove(name)
    if depot.read(MANIFEST) != _manifest_bytes(held):
        write(depot, held)


def _manifest_bytes(held: Mapping[str, Held]) -> bytes:
    articles = [asdict(entry) for _, entry in sorted(held.items())]
    return orjson.dumps({"articles": articles}, option=orjson.OPT_INDENT_2)


def parsed(raw: bytes | None) -> dict[str, Held]:
    """A damaged manifest says nothing."""
    try:
        articles = orjson.loads(raw or b"{}").get("articles", [])
        return {entry["id"]: Held(**entry) for entry in articles}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def reason(error: Exception) -> str:
    """What people are told: no paths, no secrets."""
    if isinstance(error, OSError):
        return (error.strerror or str(error) or type(error).__name__)[:300]
    return str(error)[:300]
