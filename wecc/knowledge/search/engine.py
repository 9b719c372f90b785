"""One center's search: an index on disk, its documents as numbers in memory, and what is worked out of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np

from wecc.knowledge.search import encoder
from wecc.knowledge.search.cache import Cache
from wecc.knowledge.search.catalogue import Catalogue
from wecc.knowledge.search.completion import Completions, spell
from wecc.knowledge.search.confidence import Evidence
from wecc.knowledge.search.domain import Access, Completion, Document, Found, Vocabulary
from wecc.knowledge.search.folder import Folder, Kind
from wecc.knowledge.search.index import Entry, Scope, SearchIndex
from wecc.knowledge.search.query import Querying
from wecc.knowledge.search.readings import Synonyms
from wecc.knowledge.search.text import SCHEMA, Cutter, TermIds, normalize

_REPAIR_AT_MOST = 0.3
"""Of the documents; when more differ, building anew is quicker and leaves a tidier index."""
_REPAIR_FREELY = 10
_BATCH = 5_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Learned:
    """What is kept in memory of a document."""

    document: Document
    phrase_terms: Sequence[TermIds]
    body_terms: TermIds
    vectors: encoder.Vectors | None
    spelled: Sequence[str]


class Engine:
    """See `open`. Used by one thread at a time, but for `prepare`."""

    def __init__(self, folder: Folder, vocabulary: Vocabulary, *, with_encoder: bool) -> None:
        self.revision = 0
        self._folder = folder
        self._vocabulary = vocabulary
        self._has_encoder = with_encoder and encoder.is_installed()
        self._cache = Cache(folder.path / "cache.db")
        self._cutter = Cutter(vocabulary.words)
        self._synonyms = Synonyms(vocabulary)
        self._catalogue = Catalogue(self._has_encoder)
        self._completions = Completions()
        self._index: SearchIndex
        self._index_name: str

    @classmethod
    def open(
        cls,
        folder: Path,
        kind: Kind,
        documents: Iterable[Document],
        revision: int,
        vocabulary: Vocabulary,
        *,
        with_encoder: bool = True,
        progress: Progress | None = None,
    ) -> Engine:
        """Make what is on disk hold exactly these documents, and ready to be searched.

        A sound index that differs little is repaired in place. One that is damaged, foreign, of another kind or
        schema, or very different is rebuilt beside and put in its place. `progress` hears (done, all) documents.
        """
        engine = cls(Folder(folder, kind), vocabulary, with_encoder=with_encoder)
        by_key = {document.key: document for document in documents}
        engine._learn(list(by_key.values()), progress or (lambda _done, _all: None))
        if not engine._repair(by_key):
            engine._build(by_key.values())
        engine._cache.tidy()
        engine.revision = revision
        return engine

    @property
    def has_encoder(self) -> bool:
        return self._has_encoder

    @property
    def count(self) -> int:
        return len(self._catalogue)

    def apply(self, changed: Sequence[Document], removed: Sequence[str], revision: int) -> None:
        """Put these versions in and take those keys out: one commit, searchable on return.

        Raises: IndexDamaged; open a new engine.
        """
        self.prepare(changed, removed, revision)()

    def prepare(
        self, changed: Sequence[Document], removed: Sequence[str], revision: int
    ) -> Callable[[], None]:
        """The long part of `apply`, for another thread than searches use; what it returns, called in theirs, is
        the rest. One at a time, and not beside `set_vocabulary`.

        Raises, as does what it returns: IndexDamaged; open a new engine.
        """
        show = self._index.prepare([self._entry(document) for document in changed], removed)
        learned = list(self._worked_out(changed)) if changed else []

        def apply() -> None:
            show()
            for key in removed:
                self._catalogue.drop(key)
                self._completions.drop(key)
            self._take_in(learned)
            self.revision = revision

        return apply

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Understand these words from now on; documents that hold a word new to the cutter are cut again."""
        changed = set(self._vocabulary.words) ^ set(vocabulary.words)
        self._vocabulary = vocabulary
        self._synonyms = Synonyms(vocabulary)
        if changed:
            self._cutter = Cutter(vocabulary.words)
            self._recut(changed)
            self._folder.use(self._index_name, list(vocabulary.words))

    def search(
        self, query: str, access: Access, limit: int = 10, *, category_id: str = "", lang: str = ""
    ) -> Found:
        """The best articles for a question in anybody's words, among those the asker may see.

        Raises: IndexDamaged; open a new engine.
        """
        return self._querying().find(query, Scope(access, category_id, lang), limit)

    def evidence(self, query: str, access: Access) -> tuple[str, Evidence] | None:
        """Key of the first hit, and what the confidence in it is made of: for fitting it to rated answers."""
        return self._querying().evidence(query, Scope(access))

    def complete(self, prefix: str, access: Access, limit: int = 8) -> list[Completion]:
        """Titles and similar questions the half-typed may become, by characters, pinyin or its initials."""
        seen = self._catalogue.seen(Scope(access))
        return self._completions.find(prefix, lambda key: self._catalogue.is_seen(key, seen), limit)

    def close(self) -> None:
        self._index.close()
        self._cache.close()

    def _querying(self) -> Querying:
        return Querying(self._index, self._catalogue, self._cutter, self._synonyms, self._has_encoder)

    def _repair(self, wanted: dict[str, Document]) -> bool:
        """Whether the index on disk could be made to hold what is wanted."""
        current = self._folder.open_current()
        if current is None:
            return False
        index, manifest = current
        held = index.manifest()
        changed = [document for key, document in wanted.items() if held.get(key) != document.digest()]
        removed = [key for key in held if key not in wanted]
        if len(changed) + len(removed) > max(_REPAIR_FREELY, _REPAIR_AT_MOST * len(wanted)):
            index.close()
            return False
        self._index, self._index_name = index, manifest.index
        if changed or removed:
            index.replace([self._entry(document) for document in changed], removed)
        recut = set(manifest.words) ^ set(self._vocabulary.words)
        if recut:
            self._recut(recut)
            self._folder.use(self._index_name, list(self._vocabulary.words))
        return True

    def _build(self, documents: Iterable[Document]) -> None:
        index, name = self._folder.create_beside()
        index.replace((self._entry(document) for document in documents), [])
        self._folder.use(name, list(self._vocabulary.words))
        self._index, self._index_name = index, name

    def _recut(self, words: Iterable[str]) -> None:
        """Cut the documents again that hold any of these words."""
        needles = [normalize(word) for word in words]
        documents = self._index.load(list(self._catalogue.keys())).values()
        changed = [
            document
            for document in documents
            if any(needle in text for text in map(normalize, _texts(document)) for needle in needles)
        ]
        self._index.replace([self._entry(document) for document in changed], [])
        self._learn(changed)

    def _entry(self, document: Document) -> Entry:
        phrases = [
            term
            for phrase in (document.title, *document.alternatives)
            for term in self._cutter.terms(normalize(phrase))
        ]
        return Entry(document, phrases, self._cutter.terms(normalize(document.body)))

    def _learn(self, documents: Sequence[Document], progress: Progress = lambda _done, _all: None) -> None:
        """Take documents into memory, with what the cache knows of their texts."""
        for start in range(0, len(documents), _BATCH):
            batch = documents[start : start + _BATCH]
            self._take_in(
                self._worked_out(batch, partial(_tell, progress, start, len(batch), len(documents)))
            )
        progress(len(documents), len(documents))

    def _take_in(self, learned: Iterable[_Learned]) -> None:
        for one in learned:
            document = one.document
            self._catalogue.put(document, one.phrase_terms, one.body_terms, one.vectors)
            self._completions.put(document.key, (document.title, *document.alternatives), one.spelled)

    def _worked_out(
        self, documents: Sequence[Document], progress: Callable[[float], None] = lambda _: None
    ) -> Iterator[_Learned]:
        phrases_of = [(document.title, *document.alternatives) for document in documents]
        phrases = list(chain.from_iterable(phrases_of))
        kind = f"terms {SCHEMA} {','.join(sorted(self._vocabulary.words))}"
        bodies = self._cache.values(kind, [document.body for document in documents], self._cut)
        cut = iter(self._cache.values(kind, phrases, self._cut))
        spelled = iter(self._cache.values(f"spell {SCHEMA}", phrases, _spell))
        vectors: Iterator[bytes] = iter(())
        if self._has_encoder:
            vectors = iter(
                self._cache.values(
                    f"vector {SCHEMA}", phrases, _encode, lambda done: progress(done / max(1, len(phrases)))
                )
            )
        for document, own, body in zip(documents, phrases_of, bodies, strict=True):
            yield _Learned(
                document,
                [_ids(value) for value in islice(cut, len(own))],
                _ids(body),
                _matrix(islice(vectors, len(own))) if self._has_encoder else None,
                [value.decode() for value in islice(spelled, len(own))],
            )

    def _cut(self, texts: Sequence[str]) -> Iterable[bytes]:
        return (self._cutter.features(normalize(text)).tobytes() for text in texts)


def _tell(progress: Progress, before: int, batch: int, total: int, share: float) -> None:
    progress(before + int(share * batch), total)


def _texts(document: Document) -> tuple[str, ...]:
    return (document.title, *document.alternatives, document.body)


def _ids(value: bytes) -> TermIds:
    return np.frombuffer(value, dtype=np.uint32)


def _spell(texts: Sequence[str]) -> Iterable[bytes]:
    return (spell(text).encode() for text in texts)


def _encode(texts: Sequence[str]) -> Iterable[bytes]:
    return (
        vector.tobytes() for vector in encoder.encode([normalize(text) for text in texts]).astype(np.float16)
    )


def _matrix(values: Iterable[bytes]) -> encoder.Vectors:
    joined = np.frombuffer(b"".join(values), dtype=np.float16)
    return joined.reshape(-1, encoder.DIMENSIONS).astype(np.float32)
