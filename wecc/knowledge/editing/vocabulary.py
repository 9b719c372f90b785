"""The words search knows: equal ones, and those it must not cut."""

from __future__ import annotations

from wecc.kernel.actor import Actor
from wecc.kernel.errors import WeccError
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import KnowledgeBase
from wecc.knowledge.publishing.service import touched
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import SetVocabulary, VocabularyView


class VocabularyConflict(WeccError):
    """`data["version"]` is the newest."""

    code = "vocabulary.conflict"
    status = 409
    sentence = "Somebody has changed the words meanwhile. Yours were not saved."


class Words:
    """Use cases of the words."""

    def __init__(self, rights: Rights, journal: Journal) -> None:
        self._rights = rights
        self._journal = journal

    async def read(self, actor: Actor) -> VocabularyView:
        """Raises: Forbidden."""
        await self._rights.viewer(actor)
        base = await KnowledgeBase.get_or_none(center_id=actor.center_id)
        return _view(base or KnowledgeBase(center_id=actor.center_id))

    async def save(self, actor: Actor, cmd: SetVocabulary) -> VocabularyView:
        """Search knows them within a second. Raises: Forbidden, VocabularyConflict."""
        await self._rights.administrator(actor)
        # A word alone in its row is equal to nothing.
        rows = [list(dict.fromkeys(word for word in row if word)) for row in cmd.synonyms]
        said = {
            "synonyms": [row for row in rows if len(row) > 1],
            "words": list(dict.fromkeys(word for word in cmd.words if word)),
        }
        async with self._journal.operation(actor) as op:
            before = _view(op.base)
            now = VocabularyView.model_validate({"version": before.version + 1, **said})
            if _said(now) == _said(before):
                return before
            if cmd.base_version != before.version:
                raise VocabularyConflict(version=before.version)
            op.base.vocabulary = now.model_dump_json(exclude={"version"})
            op.base.vocabulary_version = now.version
            await op.base.save(update_fields=["vocabulary", "vocabulary_version"])
            await touched(op, [])
            op.did("vocabulary_saved", "", before=_sizes(before), after=_sizes(now))
        return now


def _view(base: KnowledgeBase) -> VocabularyView:
    empty = VocabularyView(version=base.vocabulary_version, synonyms=[], words=[])
    if not base.vocabulary_version:
        return empty
    said = SetVocabulary.model_validate_json(f'{{"base_version":0,{base.vocabulary[1:]}')
    return VocabularyView(version=base.vocabulary_version, synonyms=said.synonyms, words=said.words)


def _said(view: VocabularyView) -> tuple[list[list[str]], list[str]]:
    return view.synonyms, view.words


def _sizes(view: VocabularyView) -> dict[str, int]:
    return {"version": view.version, "synonyms": len(view.synonyms), "words": len(view.words)}
