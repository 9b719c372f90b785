"""A first knowledge base for a new center. What is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wecc.identity import Identity
from wecc.kernel.actor import Actor, system
from wecc.kernel.clock import Clock
from wecc.kernel.ids import CenterId, new_id
from wecc.knowledge.contents import digest_of
from wecc.knowledge.editing.articles import write_version
from wecc.knowledge.editing.categories import CategoryTree, find_or_add
from wecc.knowledge.editing.importing import imported_digest
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import Article, KnowledgeStaff, Pin, Target
from wecc.knowledge.publishing.service import Publishing, touched
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import Audience, Content

WEB = "web"
"""The target every center begins with: the knowledge base everybody reads on the web. Source: 3.2.2-04."""


@dataclass(frozen=True, slots=True)
class NewTarget:
    """A directory that articles are copied to. Source: 3.2.2-12."""

    code: str
    name_zh: str
    name_en: str
    audience: Audience
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class NewText:
    """A published article; `category` is the path of names, zh and en."""

    external_id: str
    category: Sequence[tuple[str, str]]
    content: Content
    targets: Sequence[str]


_SETUP = "setup"
"""Who wrote what a center was set up with."""

_WEB_TARGET = NewTarget(WEB, "网上知识库", "Web knowledge base", Audience(), is_default=True)


async def set_up_targets(
    clock: Clock, identity: Identity, center_id: CenterId, more: Iterable[NewTarget] = ()
) -> None:
    """Add the target of the web, and others, when the center has none at all."""
    if await Target.filter(center_id=center_id).exists():
        return
    async with _journal(clock, identity).operation(system(center_id, _SETUP)) as op:
        for new in (_WEB_TARGET, *more):
            row = Target(
                id=f"{center_id}:{new.code}",
                center_id=center_id,
                code=new.code,
                name_zh=new.name_zh,
                name_en=new.name_en,
                kind="directory",
                root=f"{center_id}/{new.code}",
                audience=new.audience.model_dump_json(),
                is_default=new.is_default,
            )
            await row.save(force_create=True)
            op.did("target_set", row.id, title=row.name_zh)
        await touched(op, [])


async def set_up_staff(center_id: CenterId, roles: Mapping[str, tuple[bool, bool]]) -> None:
    """Who writes and who reviews, by agent's id, when the center has nobody yet."""
    if not await KnowledgeStaff.filter(center_id=center_id).exists():
        await KnowledgeStaff.bulk_create(
            KnowledgeStaff(agent_id=agent_id, center_id=center_id, is_editor=writes, is_reviewer=reviews)
            for agent_id, (writes, reviews) in roles.items()
        )


async def add_articles(
    clock: Clock, identity: Identity, center_id: CenterId, texts: Iterable[NewText], pinned: Sequence[str]
) -> None:
    """Publish articles when the center has none at all; `pinned` are hot topics by their external ids."""
    if await Article.filter(center_id=center_id).exists():
        return
    journal = _journal(clock, identity)
    publishing = Publishing(Rights(identity), journal, clock)
    async with journal.operation(system(center_id, _SETUP), deadline_s=60) as op:
        tree = await CategoryTree.load(center_id)
        ids: dict[str, str] = {}
        for text in texts:
            category = None
            for depth in range(1, len(text.category) + 1):
                path = text.category[:depth]
                category = await find_or_add(op, tree, [zh for zh, _ in path], path[-1][1])
            assert category is not None, "an article has a category"
            article = Article(
                id=new_id(),
                center_id=center_id,
                external_id=text.external_id,
                imported_digest=imported_digest(digest_of(text.content), category.id),
                category_id=category.id,
                newest_version=0,
                created_ms=op.now_ms,
            )
            version = await write_version(op, article, text.content, "approved")
            await publishing.place(op, article, version, [f"{center_id}:{code}" for code in text.targets])
            ids[text.external_id] = article.id
        await Pin.bulk_create(
            Pin(
                id=f"root-{center_id}:{ids[external_id]}",
                center_id=center_id,
                article_id=ids[external_id],
                position=position,
            )
            for position, external_id in enumerate(pinned)
        )


async def retire_samples(clock: Clock, identity: Identity, actor: Actor) -> int:
    """Put the articles a center was set up with, and nobody has edited, into the recycle bin; answers how many.

    Where an operator publishes a base of his own, they would answer beside it.
    """
    journal = _journal(clock, identity)
    publishing = Publishing(Rights(identity), journal, clock)
    async with journal.operation(actor, deadline_s=60) as op:
        samples = await Article.filter(center_id=actor.center_id, changed_by=_SETUP, deleted_ms=None)
        for article in samples:
            before = article.stage
            await publishing.remove_all(op, article)
            article.deleted_ms = article.changed_ms = op.now_ms
            # Whoever restores it wants it: from then on it is no sample.
            article.changed_by = actor.id
            await article.save(update_fields=["deleted_ms", "changed_ms", "changed_by"])
            op.did("article_deleted", article.id, title=article.title, before=before, after=article.stage)
    return len(samples)


def _journal(clock: Clock, identity: Identity) -> Journal:
    return Journal(identity, Rights(identity), clock)
