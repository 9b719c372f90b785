"""The index in a folder, by Whoosh: the default, for up to about ten thousand articles."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import nsmallest
from pathlib import Path
from typing import Any

from whoosh import fields, query
from whoosh.codec.whoosh3 import W3Codec
from whoosh.formats import Existence
from whoosh.index import FileIndex
from whoosh.index import IndexError as WhooshError
from whoosh.reading import SegmentReader, TermNotFound
from whoosh.searching import Searcher
from whoosh.writing import SegmentWriter

from wecc.knowledge.search.domain import Document, IndexDamaged
from wecc.knowledge.search.files import CheckedStorage
from wecc.knowledge.search.index import Entry, Scope

_NAME = "articles"
_PHRASE_WEIGHT = 3.0
_USUAL_BODY_TERMS = 300
"""A body of this many terms is neither favoured nor punished for its length."""
_LARGE_SEGMENT = 1_000
_MERGE_BELOW = 4
"""A segment joins the new one when it is not this many times larger than all smaller ones."""


class Impacts(fields.FieldType):  # type: ignore[misc]
    """Terms with what each adds to a document's score, worked out beforehand.

    Whoosh would work it out for each document at each search, from lengths it looks up one by one.
    """

    def __init__(self) -> None:
        super().__init__(format=Existence(), analyzer=None)

    def index(self, value: Mapping[str, float], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        return ((term.encode(), 1, weight, b"") for term, weight in value.items())


def _schema() -> fields.Schema:
    """Given at every opening, so the pickled one in the index is never loaded. Commas part the ids."""
    return fields.Schema(
        key=fields.ID(unique=True, stored=True),
        digest=fields.STORED(),
        json=fields.STORED(),
        targets=fields.KEYWORD(commas=True),
        audience=fields.KEYWORD(commas=True),
        categories=fields.KEYWORD(commas=True),
        lang=fields.ID(),
        terms=Impacts(),
    )


class WhooshIndex:
    """See SearchIndex."""

    def __init__(self, folder: Path) -> None:
        with _damage():
            self._index = FileIndex(CheckedStorage(folder), _schema(), _NAME)
            self._searcher: Searcher = self._index.searcher()
        self._admitted: dict[Scope, set[int]] = {}
        self._is_open = True

    @classmethod
    def create(cls, folder: Path) -> WhooshIndex:
        """A new, empty index in an empty folder."""
        FileIndex.create(CheckedStorage(folder), _schema(), _NAME)
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> WhooshIndex:
        """Raises: IndexDamaged."""
        return cls(folder)

    def candidates(self, terms: Sequence[str], scope: Scope, limit: int) -> list[tuple[str, float]]:
        with _damage():
            scores = self._scores(terms, self._within(scope))
            best = nsmallest(limit, scores, key=lambda number: (-scores[number], number))
            stored = self._searcher.stored_fields
            return [(stored(number)["key"], scores[number]) for number in best]

    def prepare(self, entries: Iterable[Entry], removed: Iterable[str]) -> Callable[[], None]:
        # A searcher of its own: they know where they are in a file, and others search with theirs meanwhile.
        with _damage(), self._index.searcher() as held:
            # Nearly all terms have few postings: compressing them costs time and saves nothing.
            writer = self._index.writer(codec=W3Codec(blocklimit=2048, compression=0))
            try:
                for key in removed:
                    writer.delete_by_term("key", key, searcher=held)
                for entry in entries:
                    writer.delete_by_term("key", entry.document.key, searcher=held)
                    writer.add_document(**_row(entry))
            except BaseException:
                writer.cancel()
                raise
            writer.commit(mergetype=_merge)
            return partial(self._show, self._index.searcher())

    def replace(self, entries: Iterable[Entry], removed: Iterable[str]) -> None:
        self.prepare(entries, removed)()

    def manifest(self) -> dict[str, str]:
        with _damage():
            return {row["key"]: row["digest"] for row in self._searcher.reader().all_stored_fields()}

    def load(self, keys: Sequence[str]) -> dict[str, Document]:
        with _damage():
            rows = (self._searcher.document(key=key) for key in keys)
            return {row["key"]: Document.from_json(row["json"]) for row in rows if row is not None}

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._searcher.close()

    def _show(self, searcher: Searcher) -> None:
        self._searcher.close()
        self._searcher = searcher
        self._admitted.clear()

    def _scores(self, terms: Sequence[str], admitted: set[int]) -> dict[int, float]:
        """Whoosh's own union of matchers does the same at three times the time."""
        scores: dict[int, float] = {}
        count = self._searcher.doc_count_all()
        for term in terms if admitted else ():
            rarity = math.log(1 + count / (1 + self._searcher.doc_frequency("terms", term)))
            for reader, offset in self._searcher.reader().leaf_readers():
                try:
                    matcher = reader.postings("terms", term)
                except TermNotFound:
                    continue
                while matcher.is_active():
                    number = matcher.id() + offset
                    if number in admitted:
                        scores[number] = scores.get(number, 0.0) + rarity * matcher.weight()
                    matcher.next()
        return scores

    def _within(self, scope: Scope) -> set[int]:
        """The documents of a scope, found by the index and kept until the next change."""
        if scope not in self._admitted:
            parts = [_any("targets", scope.access.targets), _any("audience", scope.access.keys)]
            if scope.category_id:
                parts.append(query.Term("categories", scope.category_id))
            if scope.lang:
                parts.append(query.Term("lang", scope.lang))
            self._admitted[scope] = set(self._searcher.docs_for_query(query.And(parts)))
        return self._admitted[scope]


def _row(entry: Entry) -> dict[str, Any]:
    document = entry.document
    return {
        "key": document.key,
        "digest": document.digest(),
        "json": document.to_json(),
        "targets": ",".join(document.targets),
        "audience": ",".join(document.audience),
        "categories": ",".join(document.category_ids),
        "lang": document.lang,
        "terms": _impacts(entry),
    }


def _impacts(entry: Entry) -> dict[str, float]:
    """BM25 for the body; a phrase's term counts once however many similar questions hold it."""
    counts = Counter(entry.body)
    length_factor = 0.25 + 0.75 * len(entry.body) / _USUAL_BODY_TERMS
    impacts = {term: 2.2 * count / (count + 1.2 * length_factor) for term, count in counts.items()}
    for term in set(entry.phrases):
        impacts[term] = impacts.get(term, 0.0) + _PHRASE_WEIGHT
    return impacts


def _any(field: str, values: Iterable[str]) -> query.Query:
    return query.Or([query.Term(field, value) for value in values])


def _merge(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    """Few segments at little work: small ones join the new one, a large one only when half of it is gone."""
    kept: list[Any] = []
    gathered = 1
    for segment in sorted(segments, key=lambda segment: segment.doc_count_all()):
        count, deleted = segment.doc_count_all(), segment.deleted_count()
        is_due = count < min(_LARGE_SEGMENT, _MERGE_BELOW * gathered) or deleted * 2 > count
        if not is_due:
            kept.append(segment)
            continue
        gathered += count
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return kept


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (OSError, WhooshError) as error:
        raise IndexDamaged(f"Whoosh: {error}") from error
