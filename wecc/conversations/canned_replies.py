"""Ready answers that agents insert with `/`; supervisors look after them."""

from __future__ import annotations

from wecc.conversations import schemas
from wecc.conversations.models import CannedReply
from wecc.infra import db
from wecc.kernel.actor import Actor, Role
from wecc.kernel.clock import Clock
from wecc.kernel.errors import Forbidden, InvalidInput, NotFound
from wecc.kernel.ids import new_id
from wecc.security import audit


class CannedReplies:
    """The canned replies of a center."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def all(self, actor: Actor) -> list[schemas.CannedReply]:
        rows = await CannedReply.filter(center_id=actor.center_id).order_by("locale", "shortcut")
        return [_view(row) for row in rows]

    async def save(
        self, actor: Actor, reply: schemas.CannedReplyText, reply_id: str = ""
    ) -> schemas.CannedReply:
        """Add one, or change the one of `reply_id`.

        Raises: Forbidden below supervisor; NotFound; InvalidInput when the shortcut is taken in that language.
        """
        if not actor.has_role(Role.SUPERVISOR):
            raise Forbidden
        async with db.transaction():
            same = CannedReply.filter(center_id=actor.center_id, shortcut=reply.shortcut, locale=reply.locale)
            if await same.exclude(id=reply_id).exists():
                raise InvalidInput(fields={"shortcut": "is taken"})
            row = CannedReply(id=new_id(), center_id=actor.center_id)
            if reply_id:
                known = await CannedReply.get_or_none(id=reply_id, center_id=actor.center_id)
                if known is None:
                    raise NotFound
                row = known
            row.shortcut, row.title, row.text, row.locale = (
                reply.shortcut,
                reply.title,
                reply.text,
                reply.locale,
            )
            await row.save()
        await audit(self._clock.now_ms(), actor, "canned_reply.saved", row.id)
        return _view(row)

    async def delete(self, actor: Actor, reply_id: str) -> None:
        """Raises: Forbidden below supervisor; NotFound."""
        if not actor.has_role(Role.SUPERVISOR):
            raise Forbidden
        if not await CannedReply.filter(id=reply_id, center_id=actor.center_id).delete():
            raise NotFound
        await audit(self._clock.now_ms(), actor, "canned_reply.deleted", reply_id)


def _view(row: CannedReply) -> schemas.CannedReply:
    return schemas.CannedReply.model_validate(
        {"id": row.id, "shortcut": row.shortcut, "title": row.title, "text": row.text, "locale": row.locale}
    )
