"""What a version says: checked before it is kept, and known by its digest."""

from __future__ import annotations

import hashlib

import orjson

from wecc.identity import Identity
from wecc.kernel.errors import InvalidInput
from wecc.kernel.ids import CenterId
from wecc.knowledge.models import ArticleFile
from wecc.knowledge.readers import GroupsOf
from wecc.knowledge.schemas import Audience, Content


def digest_of(content: Content) -> str:
    """The same for the same content, whatever fields are added to the schema later."""
    said = content.model_dump(exclude_defaults=True)
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def without_repetitions(content: Content) -> Content:
    """The same content, each wording and file once."""
    wordings = dict.fromkeys(text for text in content.alternatives if text != content.title)
    file_ids = dict.fromkeys(content.file_ids)
    return content.model_copy(update={"alternatives": list(wordings), "file_ids": list(file_ids)})


class Contents:
    """Checks what refers to other things of the center."""

    def __init__(self, identity: Identity, groups_of: GroupsOf) -> None:
        self._identity = identity
        self._groups_of = groups_of

    async def checked(self, center_id: CenterId, content: Content) -> Content:
        """The content without repetitions. Raises: InvalidInput for an audience, file or time that cannot be."""
        content = without_repetitions(content)
        begins, ends = content.valid_from_ms, content.valid_until_ms
        if ends is not None and begins is not None and ends <= begins:
            raise InvalidInput(fields={"content.valid_until_ms": "is before it begins"})
        file_ids = content.file_ids
        if file_ids and await ArticleFile.filter(id__in=file_ids, center_id=center_id).count() < len(
            file_ids
        ):
            raise InvalidInput(fields={"content.file_ids": "a file is not there"})
        audience = await self.checked_audience(center_id, content.audience, "content.audience")
        return content.model_copy(update={"audience": audience})

    async def checked_audience(self, center_id: CenterId, audience: Audience, field: str) -> Audience:
        """Raises: InvalidInput when a tier or group does not exist, or nobody could read."""
        if audience.kind == "public":
            return Audience()
        codes = list(dict.fromkeys(audience.codes))
        if audience.kind == "tiers":
            known = set(await self._identity.tiers(center_id))
        else:
            known = set(await self._groups_of(center_id)) if codes else set()
        if unknown := [code for code in codes if code not in known]:
            raise InvalidInput(fields={f"{field}.codes": f"does not exist: {', '.join(unknown)}"})
        if audience.kind == "tiers" and not codes:
            raise InvalidInput(fields={f"{field}.codes": "names no tier"})
        return Audience(kind=audience.kind, codes=codes)
