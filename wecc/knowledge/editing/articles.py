"""Writing articles: every save is the next version; what is deleted lies in the recycle bin. Source: 3.2.2-10."""

from __future__ import annotations

import hashlib

from wecc.identity import Identity
from wecc.kernel.actor import Actor
from wecc.kernel.errors import NotFound
from wecc.kernel.ids import new_id
from wecc.knowledge.contents import Contents, digest_of
from wecc.knowledge.domain import ArticleConflict, InBin, NotInBin, Step, StillLive, after
from wecc.knowledge.editing.categories import CategoryTree, uncategorised
from wecc.knowledge.editing.reviewing import set_stage
from wecc.knowledge.files import ArticleFiles
from wecc.knowledge.journal import Journal, Operation
from wecc.knowledge.models import Article, ArticleVersion, Opinion, Pin, Publication, Rating
from wecc.knowledge.publishing.service import ON_TARGET, Publishing, touched
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import Content, MoveArticle, NewArticle, SaveVersion
from wecc.knowledge.schemas.desk import Stage


class Articles:
    """Use cases of writing. Each is repeatable."""

    def __init__(
        self,
        identity: Identity,
        rights: Rights,
        journal: Journal,
        contents: Contents,
        publishing: Publishing,
        files: ArticleFiles,
    ) -> None:
        self._identity = identity
        self._rights = rights
        self._journal = journal
        self._contents = contents
        self._publishing = publishing
        self._files = files

    async def add(self, actor: Actor, cmd: NewArticle) -> str:
        """The id of a new article with its first version, a draft.

        Raises: Forbidden, NotFound for the category, InvalidInput, ArticleConflict for another content under the
        same `client_id`.
        """
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            content = await self._contents.checked(op.center_id, cmd.content)
            article_id = new_id()
            if cmd.client_id:
                article_id = hashlib.sha256(f"{actor.id}\n{cmd.client_id}".encode()).hexdigest()[:32]
                first = await ArticleVersion.get_or_none(id=f"{article_id}@1")
                if first is not None:
                    if first.digest != digest_of(content):
                        raise ArticleConflict(version=1)
                    return article_id
            category = (await CategoryTree.load(op.center_id))[cmd.category_id]
            article = Article(
                id=article_id,
                center_id=op.center_id,
                category_id=category.id,
                newest_version=0,
                created_ms=op.now_ms,
            )
            await write_version(op, article, content, "draft", cmd.comment)
            op.did("article_added", article.id, title=article.title, version=1, category=category.name_zh)
        return article_id

    async def save(self, actor: Actor, article_id: str, cmd: SaveVersion) -> None:
        """The next version, a draft. What is live stays so; a review of the version before ends.

        Raises: Forbidden, NotFound, InBin, InvalidInput; ArticleConflict when `base_version` is not the newest.
        """
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            article = await get(op, article_id)
            if article.deleted_ms is not None:
                raise InBin
            content = await self._contents.checked(op.center_id, cmd.content)
            old = await ArticleVersion.get(article_id=article.id, version=article.newest_version)
            is_same = old.digest == digest_of(content)
            if cmd.base_version != old.version:
                if is_same and old.author_id == actor.id and old.version == cmd.base_version + 1:
                    return
                names = await self._identity.agent_names(op.center_id)
                raise ArticleConflict(
                    version=old.version,
                    author_id=old.author_id,
                    author=names.get(old.author_id, old.author_id),
                    at_ms=old.at_ms,
                )
            if is_same and old.stage not in ("changes_asked", "archived"):
                return
            before = {"version": old.version, "stage": old.stage, "title": article.title}
            if old.stage == "in_review":
                await end_review(op, article, old)
            await write_version(op, article, content, "draft", cmd.comment)
            said, now = Content.model_validate_json(old.content), content
            op.did(
                "article_saved",
                article.id,
                title=article.title,
                before=before,
                after={"version": article.newest_version, "stage": "draft", "title": article.title},
                changed=[name for name in Content.model_fields if getattr(said, name) != getattr(now, name)],
                comment=cmd.comment,
            )

    async def move(self, actor: Actor, article_id: str, cmd: MoveArticle) -> None:
        """To another category. Raises: Forbidden, NotFound, InBin."""
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            article = await get(op, article_id)
            if article.deleted_ms is not None:
                raise InBin
            tree = await CategoryTree.load(op.center_id)
            goal = tree[cmd.category_id]
            if article.category_id == goal.id:
                return
            before = [ref.name_zh for ref in tree.path_of(article.category_id)]
            article.category_id, article.changed_ms = goal.id, op.now_ms
            await article.save(update_fields=["category_id", "changed_ms"])
            await touched(op, [article.id])
            after_move = [ref.name_zh for ref in tree.path_of(goal.id)]
            op.did("article_moved", article.id, title=article.title, before=before, after=after_move)

    async def archive(self, actor: Actor, article_id: str) -> None:
        """Put out of the way what is not published. Raises: Forbidden, NotFound, InBin, StillLive, WrongStage."""
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            article = await get(op, article_id)
            if article.deleted_ms is not None:
                raise InBin
            if await Publication.filter(article_id=article.id, state__in=ON_TARGET).exists():
                raise StillLive
            version = await ArticleVersion.get(article_id=article.id, version=article.newest_version)
            before, stage = version.stage, after(Step.ARCHIVE, version.stage)
            if stage != before:
                await set_stage(op, article, version, stage)
                op.did("article_archived", article.id, title=article.title, before=before, after=stage)

    # ------------------------------------------------------------------ the recycle bin

    async def delete(self, actor: Actor, article_id: str) -> None:
        """Into the recycle bin, and gone for readers. Raises: Forbidden, NotFound."""
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            article = await get(op, article_id)
            if article.deleted_ms is not None:
                return
            before = article.stage
            await self._publishing.remove_all(op, article)
            article.deleted_ms = article.changed_ms = op.now_ms
            await article.save(update_fields=["deleted_ms", "changed_ms"])
            op.did("article_deleted", article.id, title=article.title, before=before, after=article.stage)

    async def restore(self, actor: Actor, article_id: str) -> None:
        """Out of the recycle bin, to its category or, if that is gone, to the uncategorised.

        Raises: Forbidden, NotFound.
        """
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            article = await get(op, article_id)
            if article.deleted_ms is None:
                return
            tree = await CategoryTree.load(op.center_id)
            if article.category_id not in tree:
                article.category_id = (await uncategorised(op, tree)).id
            article.deleted_ms, article.changed_ms = None, op.now_ms
            await article.save(update_fields=["deleted_ms", "category_id", "changed_ms"])
            category = [ref.name_zh for ref in tree.path_of(article.category_id)]
            op.did("article_restored", article.id, title=article.title, category=category)

    async def purge(self, actor: Actor, article_id: str) -> None:
        """For ever, from the recycle bin only; the log keeps that it was. Raises: Forbidden, NotFound, NotInBin."""
        await self._rights.administrator(actor)
        async with self._journal.operation(actor) as op:
            article = await get(op, article_id)
            if article.deleted_ms is None:
                raise NotInBin
            contents = await ArticleVersion.filter(article_id=article.id).values_list("content", flat=True)
            held = {i for text in contents for i in Content.model_validate_json(str(text)).file_ids}
            # A target that still holds a copy is seen to by its own row, which stays until then.
            await Publication.filter(article_id=article.id, is_settled=True).delete()
            for model in (ArticleVersion, Opinion, Pin, Rating):
                await model.filter(article_id=article.id).delete()
            await article.delete()
            dropped = await self._files.forget_unheld(held)
            op.did("article_purged", article.id, title=article.title, versions=article.newest_version)
        await self._files.drop(actor, dropped)


async def get(op: Operation, article_id: str) -> Article:
    """Raises: NotFound."""
    article = await Article.get_or_none(id=article_id, center_id=op.center_id)
    if article is None:
        raise NotFound
    return article


async def write_version(
    op: Operation, article: Article, content: Content, stage: Stage, comment: str = ""
) -> ArticleVersion:
    """Store the next version of an article, which may be new, and what the article has of it."""
    is_new = article.newest_version == 0
    version = next_version(op, article, content, stage, comment)
    fields = ["newest_version", "stage", "title", "lang", "changed_ms", "changed_by"]
    await article.save(force_create=is_new, update_fields=None if is_new else fields)
    await version.save(force_create=True)
    return version


def next_version(
    op: Operation, article: Article, content: Content, stage: Stage, comment: str = ""
) -> ArticleVersion:
    """The next version of an article, which has of it what it has; nothing is stored."""
    article.newest_version += 1
    article.stage, article.title, article.lang = stage, content.title, content.lang
    article.changed_ms, article.changed_by = op.now_ms, op.actor.id
    return ArticleVersion(
        id=f"{article.id}@{article.newest_version}",
        center_id=op.center_id,
        article_id=article.id,
        version=article.newest_version,
        stage=stage,
        content=content.model_dump_json(),
        digest=digest_of(content),
        author_id=op.actor.id,
        at_ms=op.now_ms,
        comment=comment,
    )


async def end_review(op: Operation, article: Article, version: ArticleVersion) -> None:
    """Nobody needs to say anything about a version that another takes the place of."""
    await Opinion.filter(article_id=article.id, version=version.version, verdict="").delete()
    await set_stage(op, article, version, after(Step.TAKE_BACK, version.stage))
