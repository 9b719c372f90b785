"""Files people send: kept for a message to come, then part of its conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wecc.conversations import schemas
from wecc.conversations.access import Access
from wecc.conversations.models import Attachment
from wecc.infra.files import Files, safe_name
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.kernel.errors import InvalidInput, NotFound
from wecc.kernel.ids import CenterId, new_id


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file and how to serve it."""

    name: str
    media_type: str
    is_image: bool
    content: bytes


class Attachments:
    """Use cases of files."""

    def __init__(self, access: Access, files: Files, clock: Clock) -> None:
        self._access = access
        self._files = files
        self._clock = clock

    async def upload(self, actor: Actor, name: str, content: bytes) -> schemas.AttachmentView:
        """Keep a file for a message to come. Raises: TooLarge, TypeRefused, Damaged."""
        accepted = await self._files.accept(content)
        file_id = new_id()
        await self._files.keep(actor.center_id, file_id, accepted.content)
        row = await Attachment.create(
            id=file_id,
            center_id=actor.center_id,
            owner_id=actor.id,
            name=safe_name(name, accepted.media_type),
            media_type=accepted.media_type,
            size_bytes=len(accepted.content),
            width_px=accepted.width_px,
            height_px=accepted.height_px,
            created_ms=self._clock.now_ms(),
        )
        return _view(row)

    async def download(self, actor: Actor, file_id: str) -> StoredFile:
        """A file of a conversation the actor may read, or his own. Raises: NotFound."""
        row = await Attachment.get_or_none(id=file_id, center_id=actor.center_id)
        if row is None:
            raise NotFound
        if row.owner_id != actor.id:
            if row.conversation_id is None:
                raise NotFound
            await self._access.conversation(actor, row.conversation_id)
        content = await self._files.read(actor.center_id, file_id)
        return StoredFile(row.name, row.media_type, row.width_px is not None, content)

    async def drop_unsent(self, older_than_ms: int) -> None:
        """Remove files no message ever carried; a periodic job."""
        before_ms = self._clock.now_ms() - older_than_ms
        for row in await Attachment.filter(conversation_id=None, created_ms__lt=before_ms).limit(200):
            await row.delete()
            await self._files.drop(CenterId(row.center_id), row.id)

    async def own(
        self, actor: Actor, ids: Sequence[str], *conversation_ids: str
    ) -> list[schemas.AttachmentView]:
        """The actor's own files by these ids, unsent or of these conversations.

        Raises: InvalidInput when one is not there.
        """
        if not ids:
            return []
        found = await Attachment.filter(id__in=list(ids), owner_id=actor.id)
        # A repeated message finds its own files bound already; another conversation's stay there.
        rows = {r.id: r for r in found if r.conversation_id in (None, *conversation_ids)}
        if len(rows) < len(set(ids)):
            raise InvalidInput(fields={"attachment_ids": "a file is not there"})
        return [_view(rows[i]) for i in dict.fromkeys(ids)]


def _view(row: Attachment) -> schemas.AttachmentView:
    return schemas.AttachmentView(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        is_image=row.width_px is not None,
        width_px=row.width_px,
        height_px=row.height_px,
    )
