"""A directory of some file system: another disk, or a mounted one."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_AT_ONCE = 8
_OURS = secrets.token_hex(4)
"""Of this process: another that does the same at the same time has its own."""


class Directory:
    """A depot below one of the folders that the operator allows, wherever symbolic links lead."""

    def __init__(self, root: Path, allowed: Sequence[Path]) -> None:
        self._root = root
        self._allowed = allowed
        self._unsynced: set[Path] = set()

    def names(self, path: str = "") -> list[str]:
        try:
            return sorted(entry.name for entry in self._place(path).iterdir())
        except FileNotFoundError:
            return []

    def read(self, path: str) -> bytes | None:
        try:
            return self._place(path).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, path: str, files: Mapping[str, bytes]) -> None:
        final, partial = self._place(path), self._aside(path, "tmp")
        partial.mkdir(parents=True)
        for name, content in files.items():
            (partial / name).write_bytes(content)
        final.parent.mkdir(parents=True, exist_ok=True)
        if final.exists():
            final.rename(self._aside(path, "old"))
        partial.rename(final)
        self._aside(path, "old")
        self._unsynced |= {final.parent, final, *(final / name for name in files)}

    def flush(self) -> None:
        # At once: a disk that is asked by several at a time writes for all of them in one go.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(_sync, [path for path in self._unsynced if path.exists()]))
        self._unsynced.clear()
        if self._root.is_dir():
            _sync(self._root)

    def put_file(self, path: str, content: bytes) -> None:
        final, partial = self._place(path), self._aside(path, "tmp")
        final.parent.mkdir(parents=True, exist_ok=True)
        _write(partial, content)
        partial.rename(final)
        _sync(final.parent)

    def remove(self, path: str) -> None:
        _delete(self._place(path))

    def _aside(self, path: str, mark: str) -> Path:
        """A name beside, with nothing there."""
        place = self._place(f".{mark}-{_OURS}-{path.replace('/', '-')}")
        _delete(place)
        return place

    def _place(self, path: str) -> Path:
        root = self._root.resolve()
        place = (root / path).resolve()
        if not any(root.is_relative_to(folder.resolve()) for folder in self._allowed):
            raise PermissionError("the directory lies outside the folders that may be published to")
        if not place.is_relative_to(root):
            raise PermissionError("a link leads outside the directory")
        return place


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _delete(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
