"""Files of articles: stored once each, by their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from wecc.infra.files import Files, safe_name
from wecc.kernel.actor import Actor
from wecc.kernel.errors import NotFound
from wecc.kernel.ids import CenterId
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import ArticleFile
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import FileView


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

    def __init__(self, files: Files, rights: Rights, journal: Journal) -> None:
        self._files = files
        self._rights = rights
        self._journal = journal

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
            if row is None:
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

    async def drop(self, center_id: CenterId, rows: list[ArticleFile]) -> None:
        """Remove the contents of rows that are gone, unless another row has the same."""
        for row in rows:
            if not await ArticleFile.filter(center_id=center_id, digest=row.digest).exists():
                await self._files.drop(center_id, row.digest)

    def close(self) -> None:
        self._files.close()


def file_view(row: ArticleFile) -> FileView:
    return FileView(id=row.id, name=row.name, media_type=row.media_type, size_bytes=row.size_bytes)
