"""The index in one SQLite file, by FTS5: for tens of thousands of articles."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from wecc.knowledge.search.domain import Document, IndexDamaged
from wecc.knowledge.search.files import checksum, write_durably
from wecc.knowledge.search.index import Entry, Scope

_TABLES = """
CREATE TABLE document (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, digest TEXT NOT NULL,
    admission INTEGER NOT NULL, path TEXT NOT NULL, lang TEXT NOT NULL);
CREATE TABLE content (id INTEGER PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE admission (id INTEGER PRIMARY KEY, targets TEXT NOT NULL, audience TEXT NOT NULL,
    UNIQUE (targets, audience));
CREATE VIRTUAL TABLE terms USING fts5 (phrases, body, tokenize = 'unicode61 remove_diacritics 0');
"""
_PHRASE_WEIGHT = 3.0
_BATCH = 500


class Fts5Index:
    """See SearchIndex.

    Which targets and audiences a document has is one small number, its admission: most documents share a few.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "index.db"
        self._seal = folder / "sealed"
        self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        # Alone with it, SQLite maps no file into memory: one that somebody truncates would end the process.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._is_open = True

    @classmethod
    def create(cls, folder: Path) -> Fts5Index:
        """A new, empty index in an empty folder."""
        index = cls(folder)
        index._db.executescript(_TABLES)
        return index

    @classmethod
    def open(cls, folder: Path) -> Fts5Index:
        """What `close` sealed is taken as it is; what a killed process left is checked whole.

        Raises: IndexDamaged.
        """
        seal = folder / "sealed"
        with _damage():
            is_sealed = seal.exists() and seal.read_text() == str(checksum(folder / "index.db"))
            seal.unlink(missing_ok=True)
            index = cls(folder)
        try:
            with _damage():
                if not is_sealed:
                    index._check()
        except IndexDamaged:
            index._db.close()
            raise
        return index

    def candidates(self, terms: Sequence[str], scope: Scope, limit: int) -> list[tuple[str, float]]:
        admissions = self._admissions(scope)
        if not terms or not admissions:
            return []
        with _damage():
            rows = self._db.execute(
                "SELECT document.key, -bm25(terms, ?, 1.0) AS score FROM terms"
                " JOIN document ON document.id = terms.rowid"
                " WHERE terms MATCH ?"
                "  AND document.admission IN (SELECT value FROM json_each(?))"
                "  AND (? = '' OR instr(document.path, ?)) AND (? = '' OR document.lang = ?)"
                " ORDER BY score DESC, document.key LIMIT ?",
                (
                    _PHRASE_WEIGHT,
                    " OR ".join(f'"{term}"' for term in terms),
                    json.dumps(admissions),
                    scope.category_id,
                    _path([scope.category_id]),
                    scope.lang,
                    scope.lang,
                    limit,
                ),
            )
            return [(key, score) for key, score in rows]

    def prepare(self, entries: Iterable[Entry], removed: Iterable[str]) -> Callable[[], None]:
        return partial(self.replace, list(entries), list(removed))  # a millisecond each

    def replace(self, entries: Iterable[Entry], removed: Iterable[str]) -> None:
        with _damage(), self._transaction():
            for key in removed:
                self._remove(key)
            for entry in entries:
                self._remove(entry.document.key)
                self._add(entry)

    def manifest(self) -> dict[str, str]:
        with _damage():
            return dict(self._db.execute("SELECT key, digest FROM document"))

    def load(self, keys: Sequence[str]) -> dict[str, Document]:
        found: dict[str, Document] = {}
        with _damage():
            for start in range(0, len(keys), _BATCH):
                rows = self._db.execute(
                    "SELECT key, json FROM document JOIN content USING (id)"
                    " WHERE key IN (SELECT value FROM json_each(?))",
                    (json.dumps(keys[start : start + _BATCH]),),
                )
                found |= {key: Document.from_json(text) for key, text in rows}
        return found

    def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        # What cannot be closed in order stays unsealed, and is checked when it is opened next.
        with contextlib.suppress(IndexDamaged), _damage(), contextlib.closing(self._db):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.close()
            write_durably(self._seal, str(checksum(self._path)))

    def _check(self) -> None:
        (verdict,) = self._db.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise IndexDamaged(str(verdict))
        self._db.execute("INSERT INTO terms(terms) VALUES ('integrity-check')")

    def _admissions(self, scope: Scope) -> list[int]:
        with _damage():
            rows = self._db.execute("SELECT id, targets, audience FROM admission").fetchall()
        access = scope.access
        return [
            number
            for number, targets, audience in rows
            if not access.targets.isdisjoint(json.loads(targets))
            and not access.keys.isdisjoint(json.loads(audience))
        ]

    def _add(self, entry: Entry) -> None:
        document = entry.document
        held = (json.dumps(sorted(document.targets)), json.dumps(sorted(document.audience)))
        self._db.execute("INSERT OR IGNORE INTO admission (targets, audience) VALUES (?, ?)", held)
        number = self._db.execute(
            "INSERT INTO document (key, digest, admission, path, lang) VALUES (?, ?,"
            " (SELECT id FROM admission WHERE targets = ? AND audience = ?), ?, ?)",
            (document.key, document.digest(), *held, _path(document.category_ids), document.lang),
        ).lastrowid
        self._db.execute("INSERT INTO content VALUES (?, ?)", (number, document.to_json()))
        self._db.execute(
            "INSERT INTO terms (rowid, phrases, body) VALUES (?, ?, ?)",
            (number, " ".join(entry.phrases), " ".join(entry.body)),
        )

    def _remove(self, key: str) -> None:
        found = self._db.execute("SELECT id FROM document WHERE key = ?", (key,)).fetchone()
        if found:
            self._db.execute("DELETE FROM document WHERE id = ?", found)
            self._db.execute("DELETE FROM content WHERE id = ?", found)
            self._db.execute("DELETE FROM terms WHERE rowid = ?", found)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _path(category_ids: Sequence[str]) -> str:
    return "".join(f"\n{category_id}\n" for category_id in category_ids)


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"FTS5: {error}") from error
