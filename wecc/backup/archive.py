"""The archive a backup is: a zip that any tool opens, and that shows every bit of damage.

`manifest.json`            where it is from, what is in it: sizes, row counts, SHA-256 of every member
`tables/<table>.jsonl`     a JSON array for each row, in the order of the key; values in the order of the columns
`files/`, `kb-files/`      what people sent and what articles carry, as it was
`kb-secrets/`              what servers that are published to ask for
`config/`                  the settings' files, for comparison

Its last 64 bytes, the zip's comment, are the SHA-256 of all bytes before them. Nothing in it is ever executed,
and no name in it is used as a path before it was looked at. Source: 3.2.2-11.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from wecc.backup.progress import Progress

FORMAT = 1
FOLDERS = ("files", "kb-files", "kb-secrets")
"""Folders below the data folder whose content is the truth, as the database is."""

CONFIG = "config"

_MANIFEST = "manifest.json"
_SEAL_BYTES = 64
_MAX_MANIFEST_BYTES = 256 * 1024 * 1024
_MAX_LINE_BYTES = 64 * 1024 * 1024
_BATCH_ROWS = 1000
_CHUNK_BYTES = 1024 * 1024
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises on what is not as it expects."""

Row = Sequence[Any]


class Refused(Exception):
    """Why there is no backup, or no restore from it: a sentence for people. Nothing was changed."""


class Kind(StrEnum):
    """What a column holds, in whichever database."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    JSON = "json"

    def fits(self, value: object) -> bool:
        return value is None or self is Kind.JSON or type(value) is _TYPES[self]


_TYPES = {Kind.TEXT: str, Kind.INT: int, Kind.FLOAT: float, Kind.BOOL: bool}

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Size = Annotated[int, Field(ge=0)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Table(_Part):
    """A table's form. `key` is the column its rows are ordered by."""

    name: Name
    key: Name
    columns: Annotated[dict[Name, Kind], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_its_key(self) -> Self:
        if self.key not in self.columns:
            raise ValueError("a table is ordered by one of its columns")
        return self


class _Member(_Part):
    size_bytes: Size
    sha256: Digest


class StoredTable(_Member):
    table: Table
    rows: Size

    @property
    def name(self) -> str:
        return f"tables/{self.table.name}.jsonl"


class StoredFile(_Member):
    name: str

    @model_validator(mode="after")
    def _stays_inside(self) -> Self:
        folder, *rest = self.name.split("/")
        is_ours = folder in (*FOLDERS, CONFIG) and rest
        if not is_ours or not all(map(_is_plain, rest)):
            raise ValueError("a file's name leads where no backup puts one")
        return self


def _is_plain(part: str) -> bool:
    """A file's name: no way up, no hidden or temporary file, nothing a file system would read otherwise."""
    return (
        0 < len(part.encode()) <= 200
        and part[0] != "."
        and part.isprintable()
        and not set(part) & set('\\:*?"<>|')
    )


class Origin(_Part):
    """Where a backup is from. `migrations`: `feature.name`, in the order they were applied."""

    version: str
    at: str
    store: Literal["sqlite", "postgres"]
    centers: list[str]
    migrations: list[Annotated[str, Field(pattern=r"^[a-z_]+\.[0-9a-z_]+$")]]


class Manifest(_Part):
    product: Literal["wecc"] = "wecc"
    format: Literal[1] = 1
    origin: Origin
    tables: list[StoredTable]
    """A table that another refers to stands before it."""
    files: list[StoredFile]

    @property
    def size_bytes(self) -> int:
        return sum(member.size_bytes for member in (*self.tables, *self.files))


class Writer:
    """Puts an archive together."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._tables: list[StoredTable] = []
        self._files: list[StoredFile] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Left before its end, it is thrown away by the caller; `zipfile` would still finish it, too late.
        with suppress(OSError, ValueError):
            self._zip.close()

    async def add_table(self, table: Table, batches: AsyncIterator[list[Row]]) -> None:
        """Rows as they come; values as JSON has them."""
        digest, size, rows = hashlib.sha256(), 0, 0
        with self._zip.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as member:
            async for batch in batches:
                text = b"".join(map(encode, batch))
                member.write(text)
                digest.update(text)
                size += len(text)
                rows += len(batch)
                self._progress.advance(len(text))
        self._tables.append(StoredTable(table=table, rows=rows, size_bytes=size, sha256=digest.hexdigest()))

    def add_file(self, name: str, file: IO[bytes]) -> None:
        """A file's content, stored as it is: most are compressed already."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
            while chunk := file.read(_CHUNK_BYTES):
                member.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                self._progress.advance(len(chunk))
        self._files.append(StoredFile(name=name, size_bytes=size, sha256=digest.hexdigest()))

    def close(self, origin: Origin) -> Manifest:
        """Add the manifest and the seal; durable when it returns."""
        manifest = Manifest(origin=origin, tables=self._tables, files=self._files)
        self._zip.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
        self._zip.comment = bytes(_SEAL_BYTES)
        self._zip.close()
        self._progress.begin("Sealing", self._file.tell())
        seal = _seal(self._file, self._progress)
        self._file.seek(-_SEAL_BYTES, os.SEEK_END)
        self._file.write(seal)
        self._file.flush()
        os.fsync(self._file.fileno())
        return manifest


class Archive:
    """An archive to read. Opened, its seal holds and its manifest describes it; `check` proves the rest."""

    def __init__(self, path: Path, file: IO[bytes], progress: Progress) -> None:
        """Raises: Refused when it is none of ours, damaged, or newer than this version can read."""
        self._path = path
        self._progress = progress
        size = file.seek(0, os.SEEK_END)
        progress.begin("Reading the backup", size)
        if size <= _SEAL_BYTES or _seal(file, progress) != file.read():
            raise Refused(f"{path} is not a backup of WECC, or it is damaged or cut off.")
        try:
            self._zip = zipfile.ZipFile(file)
        except _UNREADABLE as error:
            raise Refused(f"{path} is not a backup of WECC.") from error
        self.manifest = _manifest(path, self._zip)

    @classmethod
    @contextmanager
    def open(cls, path: Path, progress: Progress) -> Iterator[Self]:
        """Raises: Refused, as above, or when it cannot be opened."""
        try:
            file = path.open("rb")
        except OSError as error:
            raise Refused(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from error
        with file:
            yield cls(path, file, progress)

    def check(self) -> None:
        """Read all of it once. Raises: Refused when anything is not as the manifest says."""
        self._progress.begin("Checking the backup", self.manifest.size_bytes)
        for stored in self.manifest.tables:
            for _ in self.rows(stored):
                pass
        for file in self.manifest.files:
            for _ in self.content(file):
                pass

    def rows(self, stored: StoredTable) -> Iterator[list[Row]]:
        """A table's rows in batches, each value of its column's kind. Raises: Refused."""
        kinds = tuple(stored.table.columns.values())
        batch: list[Row] = []
        count = 0
        for line in self._lines(stored):
            row = _parse(line)
            if (
                not isinstance(row, list)
                or len(row) != len(kinds)
                or not all(kind.fits(value) for kind, value in zip(kinds, row, strict=True))
            ):
                raise self._differs(stored.name)
            batch.append(row)
            count += 1
            if len(batch) == _BATCH_ROWS:
                yield batch
                batch = []
        if count != stored.rows:
            raise self._differs(stored.name)
        if batch:
            yield batch

    def content(self, stored: StoredFile) -> Iterator[bytes]:
        """A file's bytes. Raises: Refused."""
        return self._read(stored.name, stored, lambda member: member.read(_CHUNK_BYTES))

    def _lines(self, stored: StoredTable) -> Iterator[bytes]:
        return self._read(stored.name, stored, lambda member: member.readline(_MAX_LINE_BYTES))

    def _read(self, name: str, stored: _Member, read: Callable[[IO[bytes]], bytes]) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as member:
                while part := read(member):
                    digest.update(part)
                    size += len(part)
                    self._progress.advance(len(part))
                    yield part
        except _UNREADABLE as error:
            raise self._differs(name) from error
        if size != stored.size_bytes or digest.hexdigest() != stored.sha256:
            raise self._differs(name)

    def _differs(self, name: str) -> Refused:
        return Refused(
            f"{self._path} is not a backup of WECC as it was written: {name} is not what the manifest says."
        )


def encode(row: Row) -> bytes:
    """A row's line, the same for the same values wherever they were read."""
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS)


def _parse(line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _seal(file: IO[bytes], progress: Progress) -> bytes:
    """The digest of all but the last bytes, before which it leaves the file's position."""
    left = file.seek(0, os.SEEK_END) - _SEAL_BYTES
    file.seek(0)
    digest = hashlib.sha256()
    while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
        digest.update(chunk)
        left -= len(chunk)
        progress.advance(len(chunk))
    return digest.hexdigest().encode()


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    """The manifest, which names all members, each once, with its size. Raises: Refused."""
    foreign = Refused(f"{path} is not a backup of WECC.")
    head = archive.NameToInfo.get(_MANIFEST)
    if head is None or head.file_size > _MAX_MANIFEST_BYTES:
        raise foreign
    try:
        text = archive.read(head)
        raw = orjson.loads(text)
        if raw["product"] != "wecc":
            raise foreign
        if raw["format"] > FORMAT:
            raise Refused(
                f"{path} was written by a newer WECC ({raw['origin']['version']}). Restore it with that version."
            )
        manifest = Manifest.model_validate_json(text)
    except (*_UNREADABLE, KeyError, TypeError, ValidationError) as error:
        raise foreign from error
    table, file = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED
    named = [(t.name, t.size_bytes, table) for t in manifest.tables]
    named += [(f.name, f.size_bytes, file) for f in manifest.files]
    there = [(i.filename, i.file_size, i.compress_type) for i in archive.infolist() if i is not head]
    if sorted(named) != sorted(there) or len(set(named)) != len(named):
        raise Refused(
            f"{path} is not a backup of WECC as it was written: its members are not those of its manifest."
        )
    return manifest
