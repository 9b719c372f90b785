"""`wecc restore`: a backup into an empty system, all of it or nothing.

Everything is made ready beside: the files and SQLite's database in the folder `restoring`, PostgreSQL's in a schema
of its own. Then the files, and last the database, take their places. Killed before that, the system is empty as it
was, is not served (`wecc.infra.db` refuses), and the restore can be run again.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from wecc.backup.archive import CONFIG, FOLDERS, Archive, Manifest, Refused, StoredTable, encode
from wecc.backup.progress import Progress
from wecc.backup.stores import Beside, Store, beside, sync
from wecc.backup.tables import known_migrations
from wecc.infra import db
from wecc.infra import redis as redis_client
from wecc.settings import Data

_CONFIG = "config-from-backup"
_ALONE_S = 5.0
_REDIS_S = 10.0


@dataclass(frozen=True, slots=True)
class Restored:
    """`config`: where the settings' files lie for comparison, if there were any."""

    manifest: Manifest
    config: Path | None


async def restore(data: Data, path: Path, progress: Progress) -> Restored:
    """Bring the backup into the empty system of these settings, whose data folder the caller owns.

    An older backup is restored at its level and then migrated. What was stored is read back and compared.
    Raises: Refused; the system is then as it was. Source: 3.2.2-11.
    """
    with Archive.open(path, progress) as archive:
        check(archive, path)
        place = beside(data)
        unfinished = data.folder / db.RESTORING
        if await _is_done(place, archive.manifest, data):
            shutil.rmtree(unfinished)
            return Restored(archive.manifest, _config(data))
        if unfinished.exists():
            _clear(data)
        await _refuse_unless_fit(place, archive.manifest, data)
        unfinished.mkdir(parents=True)
        sync(data.folder)
        try:
            await _fill(place, archive, progress)
            _unpack(archive, unfinished, progress)
            _put_files_in_place(data)
            await place.put_in_place()
        except BaseException as error:
            await db.close()
            await place.clear()
            _clear(data)
            if isinstance(error, OSError):
                raise Refused(
                    f"{data.folder} cannot be filled: {(error.strerror or str(error)).lower()}."
                ) from error
            raise
        shutil.rmtree(unfinished)
        return Restored(archive.manifest, _config(data))


def check(archive: Archive, path: Path) -> None:
    """Whether this version can restore it. Raises: Refused."""
    origin = archive.manifest.origin
    if unknown := frozenset(origin.migrations) - known_migrations():
        raise Refused(
            f"{path} was written by a newer WECC ({origin.version}; {', '.join(sorted(unknown))}). "
            f"Restore it with that version."
        )
    archive.check()


async def _is_done(place: Beside, manifest: Manifest, data: Data) -> bool:
    """Whether another attempt was killed when all but its last tidying was done. Raises: Refused when not empty."""
    present = await place.present()
    if present is None:
        return False
    async with aclosing(present):
        centers = await present.centers()
    if not centers:
        return False
    if (data.folder / db.RESTORING).exists() and centers == manifest.origin.centers:
        return True
    held = ", ".join(centers[:5])
    raise Refused(
        f"The database holds center {held} already. A backup is restored only into an empty system: name an empty "
        f"folder in WECC_DATA__FOLDER, or an empty database in DATABASE_URL."
    )


async def _refuse_unless_fit(place: Beside, manifest: Manifest, data: Data) -> None:
    if any(p.is_file() for folder in FOLDERS for p in (data.folder / folder).rglob("*")):
        raise Refused(
            f"There are files in {data.folder} already. A backup is restored only into an empty system."
        )
    deadline_s = asyncio.get_running_loop().time() + _ALONE_S
    while not await place.is_alone():
        if asyncio.get_running_loop().time() > deadline_s:
            raise Refused(
                "Somebody else has the database open. Stop every wecc process, also on other hosts."
            )
        await asyncio.sleep(0.1)
    await _refuse_remembering_redis(data, manifest.origin.centers)
    free = shutil.disk_usage(data.folder).free
    needed = sum(file.size_bytes for file in manifest.files)
    if data.is_sqlite:
        needed += 2 * sum(
            table.size_bytes for table in manifest.tables
        )  # rows, and indexes of about their size
    if needed > free:
        raise Refused(
            f"The backup needs about {needed / 1e6:,.0f} MB; {data.folder} has {free / 1e6:,.0f} MB left."
        )


async def _refuse_remembering_redis(data: Data, centers: Iterable[str]) -> None:
    """Queues of another life would be taken for newer than the restored ones."""
    if data.is_embedded_redis:
        return
    redis = redis_client.connect(data)
    try:
        async with asyncio.timeout(_REDIS_S):
            for center in centers:
                async for _ in redis.scan_iter(match=f"wecc:{{{center}}}*", count=1000):
                    raise Refused(
                        f"The Redis of these settings still holds queues of center {center}. Empty it "
                        f"(FLUSHDB), or name another in REDIS_URL; it is filled again from the database."
                    )
    except (OSError, TimeoutError, redis_client.RedisError) as error:
        raise Refused("Redis does not answer, so that nobody knows whether it is empty.") from error
    finally:
        await redis.aclose()


async def _fill(place: Beside, archive: Archive, progress: Progress) -> None:
    """A new database with the backup's rows, of this version's form."""
    manifest = archive.manifest
    is_older = frozenset(manifest.origin.migrations) != known_migrations()
    await place.make()
    await db.migrate(place.data, manifest.origin.migrations if is_older else ())
    async with aclosing(await place.open()) as store:
        await _refuse_other_form(store, manifest)
        progress.begin("Database", sum(table.size_bytes for table in manifest.tables))
        async with store.writing():
            for stored in manifest.tables:
                for batch in archive.rows(stored):
                    await store.insert(stored.table, batch)
            await store.continue_ids()
        progress.begin("Comparing", sum(table.size_bytes for table in manifest.tables))
        async with store.reading():
            for stored in manifest.tables:
                await _compare(store, stored, progress)
    if is_older:
        await db.migrate(place.data)


async def _refuse_other_form(store: Store, manifest: Manifest) -> None:
    form = {stored.table.name: frozenset(stored.table.columns) for stored in manifest.tables}
    applied = frozenset(await store.applied())
    if applied != frozenset(manifest.origin.migrations) or await store.form() != form:
        raise Refused("The backup is not of the form its migrations say; it was not written by WECC.")


async def _compare(store: Store, stored: StoredTable, progress: Progress) -> None:
    digest = hashlib.sha256()
    async for batch in store.rows(stored.table):
        for row in batch:
            line = encode(row)
            digest.update(line)
            progress.advance(len(line))
    if digest.hexdigest() != stored.sha256:
        raise Refused(
            f"The database keeps the rows of {stored.table.name} otherwise than they were given to it."
        )


def _unpack(archive: Archive, folder: Path, progress: Progress) -> None:
    progress.begin("Files", sum(file.size_bytes for file in archive.manifest.files))
    for stored in archive.manifest.files:
        path = folder / stored.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb", opener=_own) as file:
            file.writelines(archive.content(stored))
    os.sync()


def _own(path: str, flags: int) -> int:
    """Secrets are among them."""
    return os.open(path, flags, 0o600)


def _put_files_in_place(data: Data) -> None:
    unpacked = data.folder / db.RESTORING
    for name, place in (*((f, f) for f in FOLDERS), (CONFIG, _CONFIG)):
        if (unpacked / name).exists():
            shutil.rmtree(data.folder / place, ignore_errors=True)  # without a file in it
            (unpacked / name).rename(data.folder / place)
    # What the embedded Valkey remembers is of another life.
    shutil.rmtree(data.folder / "valkey", ignore_errors=True)
    sync(data.folder)


def _clear(data: Data) -> None:
    """What an unfinished attempt left: nothing else was there when it began, and nobody has served since."""
    for name in (*FOLDERS, _CONFIG):
        shutil.rmtree(data.folder / name, ignore_errors=True)
    shutil.rmtree(data.folder / db.RESTORING)


def _config(data: Data) -> Path | None:
    config = data.folder / _CONFIG
    return config if config.exists() else None
