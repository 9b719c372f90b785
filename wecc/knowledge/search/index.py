"""What the engine asks of an index on disk; Whoosh and SQLite FTS5 both are one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from wecc.knowledge.search.domain import Access, Document


@dataclass(frozen=True, slots=True)
class Entry:
    """A document with its text already cut: no tokenizer of ours is ever stored inside an index."""

    document: Document
    phrases: Sequence[str]
    """Terms of the title and of all similar questions."""
    body: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where one looks: always within what the asker may see."""

    access: Access
    category_id: str = ""
    lang: str = ""


class SearchIndex(Protocol):
    """Documents on disk, found by their terms. One user at a time; a change is seen when `replace` returns.

    Every method may raise IndexDamaged.
    """

    def candidates(self, terms: Sequence[str], scope: Scope, limit: int) -> list[tuple[str, float]]:
        """Keys of documents in the scope that hold any of the terms, with a score, best first."""
        ...

    def prepare(self, entries: Iterable[Entry], removed: Iterable[str]) -> Callable[[], None]:
        """Put these in, in place of any with the same key, and take those keys out: one batch, all or nothing.

        What takes long of it is done here, in another thread if you like; searches see it when what is returned
        has been called, in theirs. One batch at a time.
        """
        ...

    def replace(self, entries: Iterable[Entry], removed: Iterable[str]) -> None:
        """Both at once."""
        ...

    def manifest(self) -> dict[str, str]:
        """The digest of every document held, by key."""
        ...

    def load(self, keys: Sequence[str]) -> dict[str, Document]:
        """The documents as they were put in."""
        ...

    def close(self) -> None:
        """Leave everything on disk, complete. May be repeated."""
        ...
