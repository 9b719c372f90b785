"""Files of articles: stored once each, by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from wecc.infra.files import Files, safe_name
from wecc.kernel.actor import Actor, system
from wecc.kernel.clock import Clock
from wecc.kernel.errors import NotFound
from wecc.kernel.ids import CenterId
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import ArticleFile, ArticleVersion
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import FileView

UNUSED_LIFE_MS = 30 * 86_400_000
"""What editors have not saved yet stays on their computers with its files."""
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file and how to serve it."""

    name: str
    media_type: str
    content: bytes

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")


class ArticleFiles:
    """Use cases of files. What readers may have of them is the reading side's to say."""

    def __init__(self, files: Files, rights: Rights, journal: Journal, clock: Clock) -> None:
        self._files = files
        self._rights = rights
        self._journal = journal
        self._clock = clock

    async def upload(self, actor: Actor, name: str, content: bytes) -> FileView:
        """Keep a file for versions to come; the same file again is the same one.

        Raises: Forbidden, TooLarge, TypeRefused, Damaged.
        """
        await self._rights.editor(actor)
        accepted = await self._files.accept(content)
        name = safe_name(name, accepted.media_type)
        digest = hashlib.sha256(accepted.content).hexdigest()
        await self._files.keep(actor.center_id, digest, accepted.content)
        file_id = hashlib.sha256(f"{actor.center_id}\n{digest}\n{name}".encode()).hexdigest()[:32]
        async with self._journal.operation(actor) as op:
            row = await ArticleFile.get_or_none(id=file_id)
            if row is not None:
                row.created_ms = op.now_ms
                await row.save(update_fields=["created_ms"])
            else:
                row = await ArticleFile.create(
                    id=file_id,
                    center_id=actor.center_id,
                    name=name,
                    media_type=accepted.media_type,
                    size_bytes=len(accepted.content),
                    digest=digest,
                    created_ms=op.now_ms,
                )
                op.did("file_added", file_id, title=name, size_bytes=row.size_bytes)
            # The last row of this content may have gone since it was kept.
            if not await self._files.has(actor.center_id, digest):
                await self._files.keep(actor.center_id, digest, accepted.content)
        return file_view(row)

    async def download(self, actor: Actor, file_id: str) -> StoredFile:
        """For the desk. Raises: Forbidden, NotFound."""
        await self._rights.viewer(actor)
        return await self.stored(actor.center_id, file_id)

    async def stored(self, center_id: CenterId, file_id: str) -> StoredFile:
        """A file, whoever asks. Raises: NotFound."""
        row = await ArticleFile.get_or_none(id=file_id, center_id=center_id)
        if row is None:
            raise NotFound
        return StoredFile(row.name, row.media_type, await self._files.read(center_id, row.digest))

    async def drop_unused(self, center_id: CenterId) -> None:
        """Remove what was uploaded a while ago and never saved with any version; a periodic job."""
        actor = system(center_id, "jobs")
        before_ms = self._clock.now_ms() - UNUSED_LIFE_MS
        old = ArticleFile.filter(center_id=center_id, is_held=False, created_ms__lt=before_ms)
        ids = [str(i) for i in await old.limit(_AT_ONCE).values_list("id", flat=True)]
        for file_id in ids:
            async with self._journal.operation(actor) as op:
                dropped = await self.forget_unheld([file_id])
                for row in dropped:
                    op.did("file_removed", row.id, title=row.name, size_bytes=row.size_bytes)
            await self.drop(actor, dropped)

    async def forget_unheld(self, file_ids: Collection[str]) -> list[ArticleFile]:
        """Within an operation: delete and return those among these that no version holds, and note the others."""
        free = []
        for row in await ArticleFile.filter(id__in=list(file_ids)):
            row.is_held = await ArticleVersion.filter(content__contains=row.id).exists()
            if row.is_held:
                await row.save(update_fields=["is_held"])
            else:
                await row.delete()
                free.append(row)
        return free

    async def drop(self, actor: Actor, rows: Collection[ArticleFile]) -> None:
        """Remove the contents of rows that are gone, unless another row has the same."""
        if not rows:
            return
        async with self._journal.operation(actor):
            for row in rows:
                if not await ArticleFile.filter(center_id=actor.center_id, digest=row.digest).exists():
                    await self._files.drop(actor.center_id, row.digest)

    def close(self) -> None:
        self._files.close()


def file_view(row: ArticleFile) -> FileView:
    return FileView(id=row.id, name=row.name, media_type=row.media_type, size_bytes=row.size_bytes)
