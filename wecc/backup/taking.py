"""`wecc backup`: the whole system as it is at one moment, while it serves."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import aclosing, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import IO

from wecc.backup.archive import CONFIG, FOLDERS, Manifest, Origin, Refused, Writer
from wecc.backup.progress import Progress
from wecc.backup.stores import open_store, sync
from wecc.backup.tables import all_tables, known_migrations
from wecc.infra import db
from wecc.kernel.clock import Clock, iso
from wecc.settings import Data

_CONFIG_FILES = ("*.toml", "flows/**/*")


async def take(
    data: Data, config: Path, path: Path, *, replaces: bool, clock: Clock, progress: Progress
) -> Manifest:
    """Write a backup of the installation to `path`, readable by its owner only.

    Indexes and Redis are not in it: both are made anew from what is. `config` is the settings' folder. A file that
    is there already is replaced only if so wished, and not before the new one is complete.
    Raises: Refused, RestoreUnfinished. Source: 3.2.2-11.
    """
    db.refuse_unfinished_restore(data)
    async with aclosing(await open_store(data)) as store:
        _refuse_other_level(frozenset(await store.applied()))
        await db.connect(data)
        tables = all_tables()
        await db.close()
        with _complete(path, replaces=replaces) as file, Writer(file, progress) as writer:
            async with store.reading():
                migrations, centers = await store.applied(), await store.centers()
                progress.begin("Database", await store.size_bytes())
                for table in tables:
                    await writer.add_table(table, store.rows(table))
            # Files are there before, and gone after, the rows that name them.
            _add_files(writer, data, config, progress)
            at = iso(clock.now_ms())
            origin = Origin(
                version=version("wecc"), at=at, store=store.kind, centers=centers, migrations=migrations
            )
            return writer.close(origin)


@contextmanager
def _complete(path: Path, *, replaces: bool) -> Iterator[IO[bytes]]:
    """A file that gets its name when all is in it. Raises: Refused when it cannot be written."""
    if path.exists() and not replaces:
        raise Refused(f"{path} is there already. Name another file, or replace it with --force.")
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
        partial = Path(name)
        try:
            with os.fdopen(number, "w+b") as file:
                yield file
            partial.replace(path)
            sync(path.parent)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error}.") from error


def _refuse_other_level(applied: frozenset[str]) -> None:
    if missing := known_migrations() - applied:
        raise Refused(f"The database is not up to date ({', '.join(sorted(missing))}). Run: wecc migrate.")
    if unknown := applied - known_migrations():
        raise Refused(
            f"A newer WECC has migrated the database ({', '.join(sorted(unknown))}). Use that version."
        )


def _add_files(writer: Writer, data: Data, config: Path, progress: Progress) -> None:
    files = [file for folder in FOLDERS for file in _below(data.folder / folder, folder, ("**/*",))]
    files += _below(config, CONFIG, _CONFIG_FILES)
    progress.begin("Files", sum(size for _, _, size in files))
    for name, path, _ in files:
        # One that was sent for no message may be dropped meanwhile.
        with suppress(FileNotFoundError), path.open("rb") as content:
            writer.add_file(name, content)


def _below(folder: Path, name: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, Path, int]]:
    """Name in the archive, place, size in bytes of each file that is complete."""
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        is_temporary = path.name.startswith(".") or path.suffix == ".partial"
        if path.is_file() and not path.is_symlink() and not is_temporary:
            with suppress(FileNotFoundError):
                yield f"{name}/{path.relative_to(folder).as_posix()}", path, path.stat().st_size
