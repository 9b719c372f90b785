"""Review: everybody asked must approve, and an article goes where all of them let it. Source: 3.2.2-13."""

from __future__ import annotations

from collections.abc import Sequence

from wecc.kernel.actor import Actor
from wecc.kernel.errors import InvalidInput, NotFound
from wecc.kernel.ids import CenterId
from wecc.knowledge.domain import (
    InBin,
    NotAsked,
    NotReviewer,
    OwnWork,
    Step,
    Word,
    WrongStage,
    after,
    judged,
)
from wecc.knowledge.journal import Journal, Operation
from wecc.knowledge.models import Article, ArticleVersion, Opinion, Target
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import AskReview, GiveOpinion, VersionRef
from wecc.knowledge.schemas.desk import Stage


class Reviewing:
    """Use cases of review. Only the newest version of an article is reviewed."""

    def __init__(self, rights: Rights, journal: Journal) -> None:
        self._rights = rights
        self._journal = journal

    async def ask(self, actor: Actor, article_id: str, cmd: AskReview) -> None:
        """Submit the newest version. Asking the same people again changes nothing.

        Raises: Forbidden, NotFound, InBin, WrongStage, NotReviewer, OwnWork.
        """
        await self._rights.editor(actor)
        reviewer_ids = list(dict.fromkeys(cmd.reviewer_ids))
        async with self._journal.operation(actor) as op:
            article, version = await newest(op, article_id, cmd.version)
            asked = await opinions_of(article.id, version.version)
            if version.stage == "in_review" and {o.reviewer_id for o in asked} == set(reviewer_ids):
                return
            stage = after(Step.ASK_REVIEW, version.stage)
            await self.check(op.center_id, reviewer_ids, version.author_id)
            await Opinion.bulk_create(opinions_asked(op, version, reviewer_ids))
            await set_stage(op, article, version, stage)
            op.did(
                "review_asked",
                article.id,
                title=article.title,
                version=version.version,
                reviewers=reviewer_ids,
                text=cmd.text,
            )

    async def check(self, center_id: CenterId, reviewer_ids: Sequence[str], author_id: str) -> None:
        """Raises: NotReviewer, OwnWork."""
        if others := sorted(set(reviewer_ids) - await self._rights.reviewers(center_id)):
            raise NotReviewer(reviewer_ids=others)
        if author_id in reviewer_ids:
            raise OwnWork

    async def give_opinion(self, actor: Actor, article_id: str, cmd: GiveOpinion) -> None:
        """Say whether, and where, a version may be published. Until the last word one's own may be changed.

        Raises: Forbidden, NotFound, InBin, WrongStage, NotAsked, OwnWork, NoCommonTarget, InvalidInput.
        """
        await self._rights.reviewer(actor)
        async with self._journal.operation(actor) as op:
            article, version = await newest(op, article_id, cmd.version)
            targets = await self._targets(op.center_id, cmd)
            opinions = await opinions_of(article.id, version.version)
            mine = next((o for o in opinions if o.reviewer_id == actor.id), None)
            if mine is None:
                raise NotAsked
            said = (cmd.verdict, targets, cmd.text)
            if (mine.verdict, mine.target_ids, mine.text) == said:
                return
            if version.stage != "in_review":
                raise WrongStage(stage=version.stage, step=cmd.verdict)
            if version.author_id == actor.id:
                raise OwnWork
            before = mine.verdict
            mine.verdict, mine.target_ids, mine.text = said
            mine.at_ms = op.now_ms
            stage = judged([word_of(o) for o in opinions])
            await mine.save()
            if stage != "in_review":
                # Nobody is waited for any more.
                await Opinion.filter(article_id=article.id, version=version.version, verdict="").delete()
                await set_stage(op, article, version, stage)
            op.did(
                "opinion_given",
                article.id,
                title=article.title,
                version=version.version,
                before=before,
                after=cmd.verdict,
                targets=targets,
                stage=stage,
            )

    async def take_back(self, actor: Actor, article_id: str, cmd: VersionRef) -> None:
        """End a review, or fetch an article from the archive: it is a draft again.

        Raises: Forbidden, NotFound, InBin, WrongStage.
        """
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            article, version = await newest(op, article_id, cmd.version)
            if version.stage == "draft":
                return
            before = version.stage
            stage = after(Step.TAKE_BACK, before)
            await Opinion.filter(article_id=article.id, version=version.version).delete()
            await set_stage(op, article, version, stage)
            op.did(
                "review_taken_back",
                article.id,
                title=article.title,
                version=version.version,
                before=before,
                after=stage,
            )

    async def _targets(self, center_id: CenterId, cmd: GiveOpinion) -> list[str]:
        if cmd.verdict == "changes":
            return []
        ids = sorted(set(cmd.target_ids))
        known = {row.id for row in await Target.filter(center_id=center_id)}
        if not ids or not known.issuperset(ids):
            raise InvalidInput(fields={"target_ids": "names no target, or one that is not there"})
        return ids


def word_of(opinion: Opinion) -> Word:
    return Word(opinion.reviewer_id, opinion.verdict, frozenset(opinion.target_ids))


def opinions_asked(op: Operation, version: ArticleVersion, reviewer_ids: Sequence[str]) -> list[Opinion]:
    """What these are asked about a version; not saved."""
    return [
        Opinion(
            id=f"{version.id}:{reviewer_id}",
            center_id=op.center_id,
            article_id=version.article_id,
            version=version.version,
            reviewer_id=reviewer_id,
            asked_ms=op.now_ms,
        )
        for reviewer_id in reviewer_ids
    ]


async def opinions_of(article_id: str, version: int) -> list[Opinion]:
    """In the order they were asked for."""
    return await Opinion.filter(article_id=article_id, version=version).order_by("asked_ms", "id")


async def newest(op: Operation, article_id: str, number: int) -> tuple[Article, ArticleVersion]:
    """An article and its newest version, which has to be this one.

    Raises: NotFound, InBin, WrongStage when it is an older one.
    """
    article = await Article.get_or_none(id=article_id, center_id=op.center_id)
    if article is None:
        raise NotFound
    version = await ArticleVersion.get_or_none(article_id=article_id, version=number)
    if version is None:
        raise NotFound
    if article.deleted_ms is not None:
        raise InBin
    if number != article.newest_version:
        raise WrongStage("There is a newer version.", stage=version.stage, version=article.newest_version)
    return article, version


async def set_stage(op: Operation, article: Article, version: ArticleVersion, stage: Stage) -> None:
    """Of an article's newest version, and so of the article."""
    version.stage = article.stage = stage
    article.changed_ms = op.now_ms
    await version.save(update_fields=["stage"])
    await article.save(update_fields=["stage", "changed_ms"])
