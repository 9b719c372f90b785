"""All documents in memory, as numbers: what the ranking looks at, within what the asker may see.

Terms are hashes in arrays and phrases rows of one matrix, so fifty thousand articles fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wecc.knowledge.search.domain import Access, Document
from wecc.knowledge.search.encoder import DIMENSIONS, Vectors
from wecc.knowledge.search.index import Scope
from wecc.knowledge.search.space import Space
from wecc.knowledge.search.text import TERM_SPACE, TermIds, term_id

Mask = npt.NDArray[np.bool_]

_NOBODY = -1
_MOST_SCOPES = 64
_BLOCK = 1_000
_MOST_STATISTICS = 16
"""Each is 10 MB and more; there are as many as there are kinds of askers."""


@dataclass(slots=True)
class Row:
    """A document as the ranking sees it."""

    key: str
    article_id: str
    version: int
    lang: str
    category_ids: tuple[str, ...]
    phrases: tuple[str, ...]
    """The title first."""
    phrase_terms: tuple[TermIds, ...]
    body_terms: TermIds
    admission: int
    first_slot: int
    """Of its phrases in the matrix, which follow each other."""

    def terms(self) -> TermIds:
        return np.unique(np.concatenate([*self.phrase_terms, self.body_terms]))


@dataclass(slots=True)
class Statistics:
    """How rare terms are, among the documents one asker may see: others do not show even in scores."""

    count: int
    frequency: npt.NDArray[np.int32]
    """Documents that hold a term, by its number."""

    def rarity(self, terms: TermIds) -> npt.NDArray[np.float32]:
        frequency = self.frequency[terms]
        return np.log1p((self.count - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)

    @property
    def most(self) -> float:
        """The rarity of a term that no document holds."""
        return math.log1p((self.count + 0.5) / 0.5)

    def weigh(self, terms: Sequence[str]) -> dict[str, float]:
        numbers = np.array([term_id(term) for term in terms], dtype=np.uint32)
        return dict(zip(terms, self.rarity(numbers).tolist(), strict=True))

    def knows(self, term: str) -> bool:
        """Whether any document seen holds it."""
        return self.count_of(term) > 0

    def count_of(self, term: str) -> int:
        """Documents that hold it."""
        return int(self.frequency[term_id(term)])

    def add(self, terms: TermIds, times: int) -> None:
        self.count += times
        self.frequency[terms] += times


class Catalogue:
    def __init__(self, has_vectors: bool) -> None:
        self._rows: list[Row | None] = []
        self._free: list[int] = []
        self._number_of: dict[str, int] = {}
        self._admissions: dict[tuple[frozenset[str], frozenset[str]], int] = {}
        self._has_vectors = has_vectors
        self._matrix: Vectors = np.empty((0, DIMENSIONS if has_vectors else 0), dtype=np.float32)
        self._owner: npt.NDArray[np.int32] = np.empty(0, dtype=np.int32)
        """The number of the row a slot of the matrix belongs to."""
        self._slots = 0
        self._seen: dict[Scope, Mask] = {}
        self._statistics: dict[frozenset[int], Statistics] = {}
        self._spaces: dict[frozenset[int], Space] = {}

    def __len__(self) -> int:
        return len(self._number_of)

    def keys(self) -> Iterable[str]:
        return self._number_of.keys()

    def rows(self) -> Iterable[Row]:
        return (row for row in self._rows if row is not None)

    def row(self, number: int) -> Row:
        row = self._rows[number]
        assert row is not None, "only rows of documents are asked for"
        return row

    def numbers_of(self, keys: Iterable[str]) -> list[int]:
        return [self._number_of[key] for key in keys if key in self._number_of]

    def is_seen(self, key: str, seen: Mask) -> bool:
        return key in self._number_of and bool(seen[self._number_of[key]])

    def put(
        self,
        document: Document,
        phrase_terms: Sequence[TermIds],
        body_terms: TermIds,
        vectors: Vectors | None,
    ) -> None:
        """Take in a document, in place of one with the same key."""
        self.drop(document.key)
        number = self._free.pop() if self._free else len(self._rows)
        held = (document.targets, document.audience)
        admission = self._admissions.setdefault(held, len(self._admissions))
        phrases = (document.title, *document.alternatives)
        first_slot = self._fill_slots(number, len(phrases), vectors)
        row = Row(
            key=document.key,
            article_id=document.article_id,
            version=document.version,
            lang=document.lang,
            category_ids=document.category_ids,
            phrases=phrases,
            phrase_terms=tuple(phrase_terms),
            body_terms=body_terms,
            admission=admission,
            first_slot=first_slot,
        )
        if number == len(self._rows):
            self._rows.append(row)
        else:
            self._rows[number] = row
        self._number_of[document.key] = number
        self._changed(row, 1)

    def drop(self, key: str) -> None:
        number = self._number_of.pop(key, None)
        if number is None:
            return
        row = self.row(number)
        self._rows[number] = None
        self._free.append(number)
        self._owner[row.first_slot : row.first_slot + len(row.phrases)] = _NOBODY
        self._changed(row, -1)

    def seen(self, scope: Scope) -> Mask:
        """Which rows are in the scope; kept until the next change."""
        if scope not in self._seen:
            if len(self._seen) >= _MOST_SCOPES:
                self._seen.clear()
            admitted = self._admitted(scope.access)
            self._seen[scope] = np.fromiter(
                (
                    row is not None and row.admission in admitted and _is_within(row, scope)
                    for row in self._rows
                ),
                dtype=np.bool_,
                count=len(self._rows),
            )
        return self._seen[scope]

    def statistics(self, access: Access) -> Statistics:
        """Of what the asker may see; kept, and kept true, from change to change."""
        admitted = self._admitted(access)
        if admitted not in self._statistics:
            if len(self._statistics) >= _MOST_STATISTICS:
                self._statistics.clear()
            statistics = Statistics(0, np.zeros(TERM_SPACE, dtype=np.int32))
            for row in self.rows():
                if row.admission in admitted:
                    statistics.add(row.terms(), 1)
            self._statistics[admitted] = statistics
        return self._statistics[admitted]

    def space(self, access: Access) -> Space:
        """Of the phrases the asker may see; kept, and kept true, from change to change."""
        admitted = self._admitted(access)
        if admitted not in self._spaces:
            if len(self._spaces) >= _MOST_STATISTICS:
                self._spaces.clear()
            space = Space()
            owner = self._owner[: self._slots]
            slots = np.flatnonzero(self.seen(Scope(access))[owner] & (owner != _NOBODY))
            for start in range(0, len(slots), _BLOCK):
                space.add(self._matrix[slots[start : start + _BLOCK]], 1)
            self._spaces[admitted] = space
        return self._spaces[admitted]

    def vectors(self, rows: Sequence[Row]) -> Vectors:
        """Of all phrases of these rows, one after the other."""
        return np.concatenate([self._vectors(row) for row in rows])

    def nearest(self, vectors: Vectors, scope: Scope, limit: int) -> list[int]:
        """Numbers of the rows in the scope that own the phrases nearest to any of the vectors."""
        nearness = self.space(scope.access).nearness(self._matrix[: self._slots], vectors)
        owner = self._owner[: self._slots]
        best = np.where(self.seen(scope)[owner] & (owner != _NOBODY), nearness.max(axis=1), -1.0)
        nearest = np.argpartition(-best, limit - 1)[:limit] if len(best) > limit else np.arange(len(best))
        return [int(number) for number in np.unique(owner[nearest[best[nearest] > 0]])]

    def _vectors(self, row: Row) -> Vectors:
        return self._matrix[row.first_slot : row.first_slot + len(row.phrases)]

    def _admitted(self, access: Access) -> frozenset[int]:
        return frozenset(
            number
            for (targets, audience), number in self._admissions.items()
            if not targets.isdisjoint(access.targets) and not audience.isdisjoint(access.keys)
        )

    def _changed(self, row: Row, times: int) -> None:
        self._seen.clear()
        for admitted, statistics in self._statistics.items():
            if row.admission in admitted:
                statistics.add(row.terms(), times)
        for admitted, space in self._spaces.items():
            if row.admission in admitted:
                space.add(self._vectors(row), times)

    def _fill_slots(self, number: int, count: int, vectors: Vectors | None) -> int:
        if self._slots + count > len(self._owner):
            self._compact(count)
        first, self._slots = self._slots, self._slots + count
        self._owner[first : self._slots] = number
        if vectors is not None:
            self._matrix[first : self._slots] = vectors
        return first

    def _compact(self, room: int) -> None:
        """Drop slots of nobody and make room for half as many again."""
        kept = np.flatnonzero(self._owner[: self._slots] != _NOBODY)
        capacity = max(1024, room + len(kept) * 3 // 2)
        matrix = np.empty((capacity, self._matrix.shape[1]), dtype=np.float32)
        matrix[: len(kept)] = self._matrix[kept]
        owner = np.full(capacity, _NOBODY, dtype=np.int32)
        owner[: len(kept)] = self._owner[kept]
        moved = np.cumsum(self._owner[: self._slots] != _NOBODY) - 1
        for row in self.rows():
            row.first_slot = int(moved[row.first_slot])
        self._matrix, self._owner, self._slots = matrix, owner, len(kept)


def _is_within(row: Row, scope: Scope) -> bool:
    is_category = not scope.category_id or scope.category_id in row.category_ids
    return is_category and (not scope.lang or scope.lang == row.lang)
