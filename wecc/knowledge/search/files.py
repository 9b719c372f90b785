"""Files that are whole after a crash, and known when they are not."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile, StructFile

from wecc.knowledge.search.domain import IndexDamaged


def write_durably(path: Path, text: str) -> None:
    """Replace the file by one with this text: after a crash it is the old or the new one."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until the file, or the names in the folder, are on disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def checksum(path: Path) -> int:
    """Raises: OSError."""
    total = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total = zlib.crc32(block, total)
    return total


class CheckedStorage(FileStorage):  # type: ignore[misc]
    """Whoosh's files, synced when written and read only as they were written.

    Whoosh does neither, and it reads pickles. So a list of checksums stands beside its files; a commit's are in it
    before the renaming that makes the commit valid, and what the list does not name, or names differently, is not
    read. Files are read whole and once, however many searchers open them: one that is damaged later harms nobody.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self._folder = folder
        self._list = folder / "checksums.json"
        self._checksums: dict[str, int] = {}
        self._unlisted: set[str] = set()
        """Written by us since the last commit."""
        self._read: dict[str, bytes] = {}
        """What is in the list, as it was found on disk."""
        if self._list.exists():
            try:
                self._checksums = dict(json.loads(self._list.read_text()))
            except (OSError, ValueError, TypeError) as error:
                raise IndexDamaged(f"checksums: {error}") from error

    def create_file(self, name: str, **kwargs: Any) -> StructFile:
        self._unlisted.add(name)
        return super().create_file(name, **kwargs)

    def open_file(self, name: str, **_: Any) -> BufferFile:
        content = self._read.get(name)
        if content is None:
            content = (self._folder / name).read_bytes()
            if name not in self._unlisted:
                if self._checksums.get(name) != zlib.crc32(content):
                    raise IndexDamaged(f"{name} is not what was written")
                self._read[name] = content
        return BufferFile(content, name=name)

    def file_exists(self, name: str) -> bool:
        """Whoosh asks for every posting: what we never wrote needs no look at the disk."""
        return self._is_ours(name) and super().file_exists(name)

    def list(self) -> list[str]:
        return [path.name for path in self._folder.iterdir() if self._is_ours(path.name)]

    def _is_ours(self, name: str) -> bool:
        return name in self._checksums or name in self._unlisted

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """How Whoosh commits: a new table of contents gets its name."""
        for name in self.list():
            if name in self._unlisted:
                sync(self._folder / name)
                self._checksums[newname if name == oldname else name] = checksum(self._folder / name)
        present = {newname, *self.list()}
        self._checksums = {name: value for name, value in self._checksums.items() if name in present}
        self._read = {name: content for name, content in self._read.items() if name in present}
        write_durably(self._list, json.dumps(self._checksums))
        super().rename_file(oldname, newname, safe)
        sync(self._folder)
        self._unlisted.clear()
