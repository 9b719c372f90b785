"""Taking in the center's own articles by their external ids, through the same gate. Source: 3.2.2-04.

What was edited here since the last import is never overwritten. A batch is one transaction: it is there or not.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from pydantic import ValidationError

from wecc.infra.wire import field_errors
from wecc.kernel.actor import Actor
from wecc.kernel.errors import WeccError
from wecc.kernel.ids import new_id
from wecc.knowledge.contents import digest_of, without_repetitions
from wecc.knowledge.editing.articles import end_review, next_version, write_version
from wecc.knowledge.editing.categories import CategoryTree, find_or_add
from wecc.knowledge.editing.reviewing import Reviewing, opinions_asked
from wecc.knowledge.journal import Journal, Operation
from wecc.knowledge.models import Article, ArticleVersion, Opinion, Target
from wecc.knowledge.publishing.service import Publishing, touched
from wecc.knowledge.rights import Rights
from wecc.knowledge.schemas import Content, ImportArticle, ImportOutcome, ImportReport, ImportRequest
from wecc.knowledge.schemas.desk import Stage

_BATCH = 50
"""Other writers wait for a batch, so it is short …"""
_PAUSE_S = 0.1
"""… and then come: who waits for SQLite looks that often."""
_BATCH_DEADLINE_S = 60.0
_LANGS = {"zh": "zh-CN"}


class NoDefaultTarget(WeccError):
    code = "publish.no_default_target"
    status = 409
    sentence = "There is no target to publish to by default."


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an import: an article, or why it is none."""

    number: int
    article: ImportArticle | None
    about: str = ""


@dataclass(slots=True)
class Tally:
    """What came of the lines so far."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    conflicts: list[ImportOutcome] = field(default_factory=list)
    refused: list[ImportOutcome] = field(default_factory=list)

    def count(self, outcome: ImportOutcome) -> None:
        match outcome.outcome:
            case "added":
                self.added += 1
            case "changed":
                self.changed += 1
            case "unchanged":
                self.unchanged += 1
            case "conflict":
                self.conflicts.append(outcome)
            case "refused":
                self.refused.append(outcome)

    def report(self) -> ImportReport:
        return ImportReport(
            added=self.added,
            changed=self.changed,
            unchanged=self.unchanged,
            conflicts=self.conflicts,
            refused=self.refused,
        )


@dataclass(frozen=True, slots=True)
class Gate:
    """What becomes of what is new: a draft, reviewed by these, or published on these at the operator's word."""

    reviewer_ids: Sequence[str] = ()
    target_ids: Sequence[str] = ()

    @property
    def stage(self) -> Stage:
        return "approved" if self.target_ids else "in_review" if self.reviewer_ids else "draft"


class _TrialOver(Exception):
    """Nothing of it stays."""


class Importing:
    """Use cases of import."""

    def __init__(
        self, rights: Rights, journal: Journal, reviewing: Reviewing, publishing: Publishing
    ) -> None:
        self._rights = rights
        self._journal = journal
        self._reviewing = reviewing
        self._publishing = publishing

    async def take_in(self, actor: Actor, cmd: ImportRequest) -> ImportReport:
        """Articles an editor sends. Raises: Forbidden, NotReviewer, OwnWork."""
        await self._rights.editor(actor)
        gate = Gate(reviewer_ids=list(dict.fromkeys(cmd.reviewer_ids)))
        lines = [Line(number, article) for number, article in enumerate(cmd.articles, start=1)]
        return await self.run(actor, lines, gate, is_trial=cmd.is_trial)

    async def default_targets(self, actor: Actor) -> list[str]:
        """Raises: NoDefaultTarget."""
        rows = await Target.filter(center_id=actor.center_id, is_default=True, is_enabled=True).order_by("id")
        if not rows:
            raise NoDefaultTarget
        return [row.id for row in rows]

    async def run(
        self,
        actor: Actor,
        lines: Iterable[Line],
        gate: Gate,
        *,
        is_trial: bool = False,
        progress: Callable[[int], None] = lambda _: None,
    ) -> ImportReport:
        """Take in lines, in batches; `progress` hears how many are done. A trial changes nothing.

        Stopped in between, what was told as done stays; running it again does the rest.
        Raises: NotReviewer, OwnWork.
        """
        await self._reviewing.check(actor.center_id, gate.reviewer_ids, actor.id)
        tally, seen, done = Tally(), set[str](), 0
        remaining = iter(lines)
        while batch := list(islice(remaining, _BATCH)):
            outcomes: list[ImportOutcome] = []
            with suppress(_TrialOver):
                async with self._journal.operation(actor, _BATCH_DEADLINE_S) as op:
                    outcomes = await self._take_batch(op, batch, gate, seen)
                    if is_trial:
                        raise _TrialOver
            for outcome in outcomes:
                tally.count(outcome)
            done += len(batch)
            progress(done)
            await asyncio.sleep(_PAUSE_S)
        return tally.report()

    async def _take_batch(
        self, op: Operation, batch: Sequence[Line], gate: Gate, seen: set[str]
    ) -> list[ImportOutcome]:
        tree = await CategoryTree.load(op.center_id)
        ids = [line.article.id for line in batch if line.article]
        articles = {
            str(row.external_id): row
            for row in await Article.filter(center_id=op.center_id, external_id__in=ids)
        }
        newest_ids = [f"{row.id}@{row.newest_version}" for row in articles.values()]
        newest = {row.article_id: row for row in await ArticleVersion.filter(id__in=newest_ids)}
        outcomes = []
        added: list[tuple[Article, ArticleVersion]] = []
        for line in batch:
            given = line.article
            if given is None:
                outcomes.append(_refused("", f"line {line.number}: {line.about}"))
            elif given.id in seen:
                outcomes.append(_refused(given.id, f"line {line.number}: this id was there before"))
            else:
                seen.add(given.id)
                try:
                    content = _content(given)
                except ValidationError as error:
                    about = "; ".join(f"{name}: {why}" for name, why in field_errors(error).items())
                    outcomes.append(_refused(given.id, f"line {line.number}: {about}"))
                    continue
                article = articles.get(given.id)
                if article is None:
                    added.append(await _new(op, tree, given, content, gate))
                    outcomes.append(
                        ImportOutcome(
                            external_id=given.id, outcome="added", article_id=added[-1][0].id, about=""
                        )
                    )
                else:
                    here = newest[article.id]
                    outcomes.append(await self._change(op, tree, given, content, gate, article, here))
        if added:
            await self._store(op, added, gate)
        return outcomes

    async def _store(
        self, op: Operation, added: Sequence[tuple[Article, ArticleVersion]], gate: Gate
    ) -> None:
        """All that are new, at once."""
        if gate.target_ids:
            await self._publishing.place_new(op, added, gate.target_ids)
        await Article.bulk_create([article for article, _ in added])
        await ArticleVersion.bulk_create([version for _, version in added])
        asked = [o for _, version in added for o in opinions_asked(op, version, gate.reviewer_ids)]
        await Opinion.bulk_create(asked, batch_size=200)

    async def _change(
        self,
        op: Operation,
        tree: CategoryTree,
        given: ImportArticle,
        content: Content,
        gate: Gate,
        article: Article,
        newest: ArticleVersion,
    ) -> ImportOutcome:
        category = tree.at(given.category)
        wanted = imported_digest(digest_of(content), category.id if category else "")
        here = imported_digest(newest.digest, article.category_id)

        def came(outcome: str, about: str = "") -> ImportOutcome:
            return ImportOutcome.model_validate(
                {"external_id": given.id, "outcome": outcome, "article_id": article.id, "about": about}
            )

        if wanted == article.imported_digest:
            if gate.target_ids and here == wanted and newest.stage in ("draft", "in_review", "approved"):
                # Taken in before, and only now to be published.
                if newest.stage == "in_review":
                    await end_review(op, article, newest)
                newest.stage = "approved"
                await newest.save(update_fields=["stage"])
                await self._publishing.place(op, article, newest, gate.target_ids)
                return came("changed")
            return came("unchanged")
        if article.deleted_ms is not None:
            return came("conflict", "deleted_here")
        if here == wanted:
            article.imported_digest = wanted
            await article.save(update_fields=["imported_digest"])
            return came("unchanged")
        if here != article.imported_digest:
            return came("conflict", "edited_here")
        if newest.stage == "in_review":
            await end_review(op, article, newest)
        goal = category or await find_or_add(op, tree, given.category)
        is_moved = goal.id != article.category_id
        article.category_id = goal.id
        article.imported_digest = imported_digest(digest_of(content), goal.id)
        await article.save(update_fields=["category_id", "imported_digest"])
        if is_moved:
            await touched(op, [article.id])
        version = await write_version(op, article, content, gate.stage)
        await Opinion.bulk_create(opinions_asked(op, version, gate.reviewer_ids))
        _note(op, article, gate)
        if gate.target_ids:
            await self._publishing.place(op, article, version, gate.target_ids)
        return came("changed")


async def _new(
    op: Operation, tree: CategoryTree, given: ImportArticle, content: Content, gate: Gate
) -> tuple[Article, ArticleVersion]:
    """A new article and its first version, to be stored; its category is."""
    category = await find_or_add(op, tree, given.category)
    article = Article(
        id=new_id(),
        center_id=op.center_id,
        external_id=given.id,
        imported_digest=imported_digest(digest_of(content), category.id),
        category_id=category.id,
        newest_version=0,
        created_ms=op.now_ms,
    )
    version = next_version(op, article, content, gate.stage)
    _note(op, article, gate)
    return article, version


def _note(op: Operation, article: Article, gate: Gate) -> None:
    op.did(
        "article_imported",
        article.id,
        title=article.title,
        external_id=article.external_id,
        version=article.newest_version,
        stage=gate.stage,
    )


def read_line(number: int, raw: Mapping[str, object] | None) -> Line:
    """A parsed line of a file; None: it is no JSON object."""
    if raw is None:
        return Line(number, None, "not a JSON object")
    try:
        return Line(number, ImportArticle.model_validate(raw))
    except ValidationError as error:
        return Line(number, None, "; ".join(f"{k}: {why}" for k, why in field_errors(error).items()))


def _content(given: ImportArticle) -> Content:
    """Raises: ValidationError."""
    content = Content(
        title=given.title,
        alternatives=given.alt,
        body=given.answer,
        lang=_LANGS.get(given.lang, given.lang),
    )
    return without_repetitions(content)


def imported_digest(content_digest: str, category_id: str) -> str:
    """Of all an import says about an article."""
    return hashlib.sha256(f"{content_digest} {category_id}".encode()).hexdigest()


def _refused(external_id: str, about: str) -> ImportOutcome:
    return ImportOutcome(external_id=external_id, outcome="refused", article_id="", about=about)
