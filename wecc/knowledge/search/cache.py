"""What is dear to work out and depends on a text alone, kept on disk by the text's hash."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

_BATCH = 512


class Cache:
    """A file nobody misses: what cannot be read is worked out again, a damaged file is begun anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._used: set[bytes] = set()
        try:
            self._db = self._open()
        except sqlite3.DatabaseError:
            self._begin_anew()

    def values(
        self,
        kind: str,
        texts: Sequence[str],
        work_out: Callable[[Sequence[str]], Iterable[bytes]],
        done: Callable[[int], None] = lambda _: None,
    ) -> list[bytes]:
        """A value for each text; `work_out` is asked, in batches, for those not known yet.

        `kind` names the working out and whatever it depends on besides the text; `done` is told how many are known.
        """
        keys = [_key(kind, text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        self._used |= wanted.keys()
        known = self._known(list(wanted))
        missing = iter({key: text for key, text in wanted.items() if key not in known}.items())
        done(len(known))
        while batch := dict(islice(missing, _BATCH)):
            new = dict(zip(batch, work_out(list(batch.values())), strict=True))
            self._keep(new)
            known |= new
            done(len(known))
        return [known[key] for key in keys]

    def tidy(self) -> None:
        """Forget what was not asked for since the opening, once it is the larger part."""
        try:
            (count,) = self._db.execute("SELECT count(*) FROM value").fetchone()
            if count > 2 * len(self._used):
                keys = {bytes(key) for (key,) in self._db.execute("SELECT key FROM value")} - self._used
                with self._db:
                    self._db.executemany("DELETE FROM value WHERE key = ?", ((key,) for key in keys))
                self._db.execute("VACUUM")
        except sqlite3.DatabaseError:
            self._begin_anew()

    def close(self) -> None:
        self._db.close()

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        known: dict[bytes, bytes] = {}
        try:
            for start in range(0, len(keys), _BATCH):
                batch = keys[start : start + _BATCH]
                marks = ",".join("?" * len(batch))
                rows = self._db.execute(f"SELECT key, value FROM value WHERE key IN ({marks})", batch)  # noqa: S608  marks
                known |= {key: sealed[4:] for key, sealed in rows if sealed[:4] == _seal(sealed[4:])}
        except sqlite3.DatabaseError:
            self._begin_anew()
        return known

    def _keep(self, values: dict[bytes, bytes]) -> None:
        rows = ((key, _seal(value) + value) for key, value in values.items())
        try:
            with self._db:
                self._db.executemany("INSERT OR REPLACE INTO value VALUES (?, ?)", rows)
        except sqlite3.DatabaseError:
            self._begin_anew()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, check_same_thread=False)
        try:
            # Not WAL: its index is mapped into memory, and whoever truncates that file ends the process.
            db.execute("PRAGMA journal_mode = TRUNCATE")
            db.execute("PRAGMA synchronous = OFF")
            db.execute("CREATE TABLE IF NOT EXISTS value (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
        except BaseException:
            db.close()
            raise
        return db

    def _begin_anew(self) -> None:
        for path in self._path.parent.glob(self._path.name + "*"):
            path.unlink()
        self._db = self._open()


def _key(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{text}".encode("utf-8", "surrogatepass")).digest()[:16]


def _seal(value: bytes) -> bytes:
    return zlib.crc32(value).to_bytes(4, "big")
