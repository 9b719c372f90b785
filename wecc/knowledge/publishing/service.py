"""Saying which target holds which version of an article. `placing` then makes it so. Source: 3.2.2-13, 14.

A withdrawal is seen at once, by the transaction that says it; a publication once the target holds the copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.kernel.errors import InvalidInput, NotFound
from wecc.kernel.ids import CenterId
from wecc.knowledge.domain import (
    Expired,
    InBin,
    NotApproved,
    Step,
    Word,
    WrongStage,
    after,
    common_targets,
    passed_review,
    shown_stage,
)
from wecc.knowledge.journal import Journal, Operation
from wecc.knowledge.models import Article, ArticleVersion, Change, Opinion, Publication, Target
from wecc.knowledge.readers import keys_of
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import Content, Publish, Suspend, Withdraw

ON_TARGET = ("scheduled", "live", "suspended")


class NotPublished(WrongStage):
    code = "publish.not_published"
    sentence = "The article is not published there."


class Publishing:
    """Use cases of publishing. Each is repeatable and can be taken back."""

    def __init__(self, rights: Rights, journal: Journal, clock: Clock) -> None:
        self._rights = rights
        self._journal = journal
        self._clock = clock

    # ------------------------------------------------------------------ what people ask for

    async def publish(self, actor: Actor, article_id: str, cmd: Publish) -> None:
        """Put a version that passed its review on targets, now or later.

        Raises: Forbidden, NotFound, WrongStage, InBin, Expired, NotApproved.
        """
        await self._rights.publisher(actor)
        async with self._journal.operation(actor) as op:
            article = await _article(op, article_id)
            version = await ArticleVersion.get_or_none(article_id=article_id, version=cmd.version)
            if version is None:
                raise NotFound
            if not passed_review(version.stage):
                raise WrongStage(stage=version.stage, step=Step.PUBLISH.value)
            opinions = await Opinion.filter(article_id=article_id, version=cmd.version)
            words = [Word(o.reviewer_id, o.verdict, frozenset(o.target_ids)) for o in opinions]
            approved = common_targets(words)
            targets = cmd.target_ids or await self._default_targets(op.center_id, approved)
            if approved is not None and (others := set(targets) - approved):
                raise NotApproved(target_ids=sorted(others))
            await self.place(op, article, version, targets, cmd.starts_ms)

    async def withdraw(self, actor: Actor, article_id: str, cmd: Withdraw) -> None:
        """Take an article from targets; readers do not see it from the commit on. Raises: Forbidden, NotFound."""
        await self._rights.publisher(actor)
        async with self._journal.operation(actor, is_urgent=True) as op:
            article = await _article(op, article_id)
            rows = await _publications(article_id, cmd.target_ids, ON_TARGET)
            await self._take_off(op, article, rows, "withdrawn", None)
            if rows:
                op.did(
                    "article_withdrawn",
                    article.id,
                    title=article.title,
                    targets=_codes(rows),
                    comment=cmd.comment,
                )

    async def suspend(self, actor: Actor, article_id: str, cmd: Suspend) -> None:
        """As withdraw, until a time or until somebody resumes it.

        Raises: Forbidden, NotFound, InvalidInput for a time that has passed, NotPublished.
        """
        await self._rights.publisher(actor)
        if cmd.until_ms is not None and cmd.until_ms <= self._clock.now_ms():
            raise InvalidInput(fields={"until_ms": "has passed"})
        async with self._journal.operation(actor, is_urgent=True) as op:
            article = await _article(op, article_id)
            rows = await _publications(article_id, cmd.target_ids, ON_TARGET)
            if not rows:
                raise NotPublished(stage=article.stage)
            await self._take_off(op, article, rows, "suspended", cmd.until_ms)
            op.did(
                "article_suspended",
                article.id,
                title=article.title,
                targets=_codes(rows),
                until_ms=cmd.until_ms,
                comment=cmd.comment,
            )

    async def resume(self, actor: Actor, article_id: str, cmd: Withdraw) -> None:
        """End a suspension. Raises: Forbidden, NotFound, InBin, Expired."""
        await self._rights.publisher(actor)
        async with self._journal.operation(actor) as op:
            article = await _article(op, article_id)
            rows = await _publications(article_id, cmd.target_ids, ("suspended",))
            if any(row.ends_ms is not None and row.ends_ms <= op.now_ms for row in rows):
                raise Expired
            await self.put_back(op, article, rows)
            if rows:
                op.did("article_resumed", article.id, title=article.title, targets=_codes(rows))

    # ------------------------------------------------------------------ parts of others' operations

    async def place(
        self,
        op: Operation,
        article: Article,
        version: ArticleVersion,
        target_ids: Iterable[str],
        starts_ms: int | None = None,
    ) -> None:
        """Say that these targets shall hold this version, from a time on.

        What they hold stays until the copy is there. Notes a line; sets the stages of all versions.
        Raises: InBin, Expired, NotFound for an unknown target, WrongStage.
        """
        if article.deleted_ms is not None:
            raise InBin
        content = Content.model_validate_json(version.content)
        ends_ms = content.valid_until_ms
        starts_ms = max(starts_ms or 0, content.valid_from_ms or 0)
        if ends_ms is not None and ends_ms <= max(op.now_ms, starts_ms):
            raise Expired
        ids = sorted(set(target_ids))
        targets = await Target.filter(id__in=ids, center_id=op.center_id).order_by("id")
        if len(targets) != len(ids) or not ids:
            raise NotFound("There is no such target.")
        is_later = starts_ms > op.now_ms
        state = "scheduled" if is_later else "live"
        rows = {row.target_id: row for row in await Publication.filter(article_id=article.id)}
        changed = []
        for target in targets:
            row = rows.get(target.id)
            if row is None:
                row = rows[target.id] = Publication(
                    id=f"{article.id}:{target.code}",
                    center_id=op.center_id,
                    article_id=article.id,
                    target_id=target.id,
                    state="withdrawn",
                    version=0,
                    changed_ms=op.now_ms,
                )
            wish = (state, version.version, starts_ms if is_later else None, ends_ms)
            if wish == (row.state, row.version, row.starts_ms, row.ends_ms):
                continue
            row.state, row.version, row.starts_ms, row.ends_ms = wish
            row.until_ms = None
            await _wished(op, row)
            changed.append(row)
        after(Step.PUBLISH, version.stage)
        if changed:
            await set_stages(article, rows.values(), version)
            op.did(
                "article_published",
                article.id,
                title=content.title,
                version=version.version,
                targets=_codes(changed),
                **({"starts_ms": starts_ms} if is_later else {}),
            )

    async def place_new(
        self, op: Operation, written: Sequence[tuple[Article, ArticleVersion]], target_ids: Sequence[str]
    ) -> None:
        """As `place`, at once and for many, before they are stored: new articles, valid at any time.

        Raises: NotFound for an unknown target.
        """
        targets = await Target.filter(id__in=list(target_ids), center_id=op.center_id).order_by("id")
        if len(targets) != len(target_ids):
            raise NotFound("There is no such target.")
        for article, version in written:
            version.stage = article.stage = after(Step.PUBLISH, version.stage)
            op.did(
                "article_published",
                article.id,
                title=article.title,
                version=version.version,
                targets=[target.code for target in targets],
            )
        await Publication.bulk_create(
            [
                Publication(
                    id=f"{article.id}:{target.code}",
                    center_id=op.center_id,
                    article_id=article.id,
                    target_id=target.id,
                    state="live",
                    version=version.version,
                    changed_ms=op.now_ms,
                )
                for article, version in written
                for target in targets
            ],
            batch_size=200,
        )

    async def remove_all(self, op: Operation, article: Article) -> None:
        """Take an article from wherever it is; readers do not see it from the commit on. Notes no line."""
        rows = await _publications(article.id, (), ON_TARGET)
        await self._take_off(op, article, rows, "withdrawn", None)

    async def put_back(self, op: Operation, article: Article, rows: Sequence[Publication]) -> None:
        """End the suspension of these; seen again once the copies are there. Notes no line. Raises: InBin."""
        if article.deleted_ms is not None:
            raise InBin
        for row in rows:
            row.state, row.until_ms = "live", None
            await _wished(op, row)
        if rows:
            await set_stages(article)

    async def expire(self, op: Operation, article: Article, rows: Sequence[Publication]) -> None:
        """The time until which these are valid is over. Notes no line."""
        await self._take_off(op, article, rows, "withdrawn", None)

    async def _take_off(
        self, op: Operation, article: Article, rows: Sequence[Publication], state: str, until_ms: int | None
    ) -> None:
        for row in rows:
            row.state, row.until_ms, row.starts_ms, row.visible_version = state, until_ms, None, None
            await _wished(op, row)
        if rows:
            await set_stages(article)
            await touched(op, [article.id])

    async def _default_targets(self, center_id: CenterId, approved: frozenset[str] | None) -> list[str]:
        if approved is not None:
            return sorted(approved)
        ids = await Target.filter(center_id=center_id, is_default=True).values_list("id", flat=True)
        return [str(i) for i in ids]


async def touched(op: Operation, article_ids: Sequence[str]) -> None:
    """Tell followers to look again: at these articles, or, without any, at words, categories and targets.

    Whoever has seen one revision has seen all before it, as operations take turns.
    """
    ids = list(dict.fromkeys(article_ids)) or [""]
    first = op.base.revision + 1
    op.base.revision += len(ids)
    await op.base.save(update_fields=["revision"])
    changes = [
        Change(center_id=op.center_id, revision=first + n, article_id=i, at_ms=op.now_ms)
        for n, i in enumerate(ids)
    ]
    await Change.bulk_create(changes, batch_size=500)


async def set_stages(
    article: Article,
    rows: Iterable[Publication] | None = None,
    placed: ArticleVersion | None = None,
) -> None:
    """Bring the stages of all versions that were published in line with what targets are to hold."""
    if rows is None:
        rows = await Publication.filter(article_id=article.id)
    placements = [(row.version, row.state) for row in rows]
    versions = await ArticleVersion.filter(
        article_id=article.id, stage__in=["published", "suspended", "withdrawn", "superseded"]
    ).only("id", "version", "stage")
    if placed is not None and all(v.id != placed.id for v in versions):
        versions.append(placed)
    for version in versions:
        stage = shown_stage(version.version, placements)
        if stage != version.stage:
            await ArticleVersion.filter(id=version.id).update(stage=stage)
            version.stage = stage
        if version.version == article.newest_version and article.stage != stage:
            article.stage = stage
            await Article.filter(id=article.id).update(stage=stage)


def shown_facts(content: Content, now_ms: int) -> str:
    """What a publication keeps of the version its readers see."""
    facts = {
        "title": content.title,
        "lang": content.lang,
        "audience": sorted(keys_of(content.audience)),
        "file_ids": content.file_ids,
        "published_ms": now_ms,
    }
    return orjson.dumps(facts).decode()


async def _wished(op: Operation, row: Publication) -> None:
    """Store what is wished of a target, for `placing` to see to."""
    now_or_later = {"scheduled": row.starts_ms, "suspended": row.until_ms}.get(row.state)
    dues = [at for at in (now_or_later, row.ends_ms if row.state in ON_TARGET else None) if at is not None]
    row.due_ms = min(dues, default=None)
    row.changed_ms = op.now_ms
    row.is_settled, row.error, row.retry_ms = False, "", 0
    await row.save()


async def _article(op: Operation, article_id: str) -> Article:
    article = await Article.get_or_none(id=article_id, center_id=op.center_id)
    if article is None:
        raise NotFound
    return article


async def _publications(
    article_id: str, target_ids: Sequence[str], states: Sequence[str]
) -> list[Publication]:
    """Those of an article in one of these states, on these targets (all without any), in order of their ids."""
    found = Publication.filter(article_id=article_id, state__in=list(states)).order_by("id")
    return await (found.filter(target_id__in=list(target_ids)) if target_ids else found)


def _codes(rows: Iterable[Publication]) -> list[str]:
    return [row.id.split(":", 1)[1] for row in rows]
