"""Where an index lives, and which of the indexes there is the one in use.

knowledge_index/<center>/
  manifest.json          which index is in use, and what it was built with
  whoosh-s2-4f2a90c1/    the index; another one is built beside it and takes its place by the manifest's renaming
  cache.db               vectors and terms by hash of their text
"""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from wecc.knowledge.search.domain import IndexDamaged
from wecc.knowledge.search.files import sync, write_durably
from wecc.knowledge.search.fts5_index import Fts5Index
from wecc.knowledge.search.index import SearchIndex
from wecc.knowledge.search.text import SCHEMA
from wecc.knowledge.search.whoosh_index import WhooshIndex

Kind = Literal["whoosh", "fts5"]

_INDEXES: dict[Kind, type[WhooshIndex | Fts5Index]] = {"whoosh": WhooshIndex, "fts5": Fts5Index}


@dataclass(frozen=True, slots=True)
class Manifest:
    kind: str
    schema: int
    index: str
    """Name of the folder of the index in use."""
    words: list[str]
    """Domain words it was cut with."""


class Folder:
    """One center's folder; a single process writes it."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path = path
        self._kind: Kind = kind
        path.mkdir(parents=True, exist_ok=True)
        self._manifest = path / "manifest.json"

    def open_current(self) -> tuple[SearchIndex, Manifest] | None:
        """The index in use, when it is one we built, of this kind and schema, and whole."""
        try:
            manifest = Manifest(**json.loads(self._manifest.read_text()))
            # A name is all it may be: what lies elsewhere is not ours.
            folder = self.path / Path(manifest.index).name
            if (manifest.kind, manifest.schema) != (self._kind, SCHEMA) or not folder.is_dir():
                return None
            return _INDEXES[self._kind].open(folder), manifest
        except (OSError, ValueError, TypeError, IndexDamaged):
            return None

    def create_beside(self) -> tuple[SearchIndex, str]:
        """A new, empty index that nobody uses yet, and its name."""
        name = f"{self._kind}-s{SCHEMA}-{secrets.token_hex(4)}"
        (self.path / name).mkdir()
        return _INDEXES[self._kind].create(self.path / name), name

    def use(self, name: str, words: list[str]) -> None:
        """From now on this index is the one; the others go."""
        for file in (self.path / name).iterdir():
            if file.is_file():
                sync(file)
        sync(self.path / name)
        manifest = Manifest(self._kind, SCHEMA, name, words)
        write_durably(self._manifest, json.dumps(asdict(manifest)))
        for other in self.path.iterdir():
            if other.is_dir() and other.name != name:
                shutil.rmtree(other, ignore_errors=True)
