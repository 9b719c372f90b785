"""What the knowledge base asks of the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Depot(Protocol):
    """A directory or server that takes copies. Paths are relative to its root, their parts joined by slashes.

    Used by one thread at a time, which every method may keep waiting. Every method may raise OSError.
    """

    def names(self, path: str = "") -> list[str]:
        """What lies in a folder; nothing when there is no such folder."""
        ...

    def read(self, path: str) -> bytes | None:
        """A file's content; None when there is no such file."""
        ...

    def put(self, path: str, files: Mapping[str, bytes]) -> None:
        """A folder of exactly these files, complete or not at all, in place of any of its name."""
        ...

    def flush(self) -> None:
        """What was put is durable when this returns."""
        ...

    def put_file(self, path: str, content: bytes) -> None:
        """A file, complete or not at all, durable, in place of any of its name."""
        ...

    def remove(self, path: str) -> None:
        """A file or a folder with all it holds; may be gone already."""
        ...
