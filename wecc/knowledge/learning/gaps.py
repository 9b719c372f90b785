"""What editors learn from what was asked: gaps, and what becomes of them. Source: 3.2.2-10, 2.4.3-04."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tortoise.expressions import Q

from wecc.infra.blocking import BlockingPool
from wecc.kernel.actor import Actor
from wecc.kernel.clock import Clock
from wecc.kernel.errors import InvalidInput, NotFound
from wecc.knowledge import schemas as s
from wecc.knowledge.domain import DraftChanged
from wecc.knowledge.editing.articles import Articles
from wecc.knowledge.journal import Journal
from wecc.knowledge.models import Article, ArticleVersion, Question
from wecc.knowledge.readers import Readers
from wecc.knowledge.reading.browsing import related
from wecc.knowledge.rights import Rights
from wecc.knowledge.shelf import Shelves

_DAYS_MS = 90 * 86_400_000
_LOOKED_AT = 2_000
_EXAMPLES = 5
_NEAREST = 3
_SAME = 0.6
_UNCLICKED_AFTER_MS = 600_000
_DEADLINE_S = 5.0
_NOT_WORDS = re.compile(r"[\W_]+")
_BROWSED = ("help", "widget")
"""Where whoever asks clicks on what he wants."""


@dataclass(slots=True)
class Group:
    """Questions that ask the same, the newest first."""

    questions: list[Question] = field(default_factory=list)


class Learning:
    """The editors' work list."""

    def __init__(
        self,
        rights: Rights,
        journal: Journal,
        articles: Articles,
        readers: Readers,
        shelves: Shelves,
        clock: Clock,
    ) -> None:
        self._rights = rights
        self._journal = journal
        self._articles = articles
        self._readers = readers
        self._shelves = shelves
        self._clock = clock
        self._pool = BlockingPool("learning", workers=1, waiting=4)

    def close(self) -> None:
        self._pool.close()

    async def gaps(self, actor: Actor, find: s.FindGaps) -> s.GapList:
        """Questions without a good answer in the last ninety days, those asked most often first.

        Raises: Forbidden.
        """
        await self._rights.viewer(actor)
        groups = await self._groups(actor, find.state)
        ranked = sorted(groups, key=lambda g: (-len(g.questions), -g.questions[0].at_ms))
        reader = await self._readers.reader(actor)
        shelf = await self._shelves.open(actor.center_id)
        gaps = []
        for group in ranked[find.offset : find.offset + find.limit]:
            newest = group.questions[0]
            near = (shelf.find(reader.keys, i) for i in newest.article_ids)
            gaps.append(
                s.Gap.model_validate(
                    {
                        "id": newest.id,
                        "text": newest.text,
                        "examples": _examples(group),
                        "times": len(group.questions),
                        "newest_ms": newest.at_ms,
                        "lang": newest.lang,
                        "cause": _cause(group.questions),
                        "decision": newest.decision,
                        "confidence": newest.confidence,
                        "nearest": [related(shelf, shown) for shown in near if shown][:_NEAREST],
                        "state": find.state,
                        "article": await _handled_with(newest),
                    }
                )
            )
        return s.GapList(gaps=gaps, total=len(ranked))

    async def handle(self, actor: Actor, gap_id: str, cmd: s.HandleGap) -> s.GapHandled:
        """Teach an article the question, begin one, or put the gap away or back, with the draft undone on demand.

        Raises: Forbidden; NotFound, also when somebody has handled it meanwhile; DraftChanged, with nothing undone.
        """
        await self._rights.editor(actor)
        state: s.GapState = "open"
        if cmd.act == "reopen":
            row = await Question.get_or_none(
                id=gap_id, center_id=actor.center_id, gap__in=["done", "dismissed"]
            )
            if row is None:
                raise NotFound
            state = "done" if row.gap == "done" else "dismissed"
        groups = await self._groups(actor, state)
        group = next((g for g in groups if any(q.id == gap_id for q in g.questions)), None)
        if group is None:
            raise NotFound
        newest = group.questions[0]
        text = cmd.text or newest.text
        article_id, version = "", None
        if cmd.act == "reopen" and cmd.is_draft_undone:
            await self._undo(actor, newest)
        if cmd.act == "add_alternative":
            article_id, version = await self._teach(actor, cmd.article_id, text)
        elif cmd.act == "write":
            if cmd.category_id is None:
                raise InvalidInput(fields={"category_id": "is needed"})
            content = s.Content(title=text, lang=newest.lang or "zh-CN")
            new = s.NewArticle(category_id=cmd.category_id, content=content)
            article_id, version = await self._articles.add(actor, new), 1
        after = {"dismiss": "dismissed", "reopen": "open"}.get(cmd.act, "done")
        async with self._journal.operation(actor) as op:
            ids = [question.id for question in group.questions]
            await Question.filter(id__in=ids).update(
                gap=after, handled_by=actor.id, made_article_id=article_id, made_version=version
            )
            op.did(
                "gap_handled", article_id or gap_id, title=text, before=state, after=after, questions=len(ids)
            )
        newest.made_article_id, newest.made_version = article_id, version
        return s.GapHandled(article=await _handled_with(newest))

    async def _teach(self, actor: Actor, article_id: str | None, text: str) -> tuple[str, int | None]:
        """The next draft of an article, with one more way to ask for it; its version, if it needed one."""
        article = await Article.get_or_none(id=article_id or "", center_id=actor.center_id)
        if article is None:
            raise NotFound
        newest = await ArticleVersion.get(id=f"{article.id}@{article.newest_version}")
        content = s.Content.model_validate_json(newest.content)
        known = {key_of(content.title), *map(key_of, content.alternatives)}
        if key_of(text) in known:
            return article.id, None
        more = content.model_copy(update={"alternatives": [*content.alternatives, text]})
        await self._articles.save(actor, article.id, s.SaveVersion(base_version=newest.version, content=more))
        return article.id, newest.version + 1

    async def _undo(self, actor: Actor, question: Question) -> None:
        """A begun article into the recycle bin; a taught one as it was before, in its next draft."""
        made = await _handled_with(question)
        if made is None or not made.is_undoable or question.made_version is None:
            raise DraftChanged
        if made.is_begun:
            await self._articles.delete(actor, made.article_id)
            return
        before = await ArticleVersion.get(id=f"{made.article_id}@{question.made_version - 1}")
        content = s.Content.model_validate_json(before.content)
        cmd = s.SaveVersion(base_version=question.made_version, content=content)
        await self._articles.save(actor, made.article_id, cmd)

    async def _groups(self, actor: Actor, state: s.GapState) -> list[Group]:
        now_ms = self._clock.now_ms()
        wanted = Q(gap=state)
        if state == "open":
            wanted |= Q(
                gap="",
                decision="suggest",
                outcome="",
                read_article_id="",
                place__in=list(_BROWSED),
                at_ms__lt=now_ms - _UNCLICKED_AFTER_MS,
            )
        asked = Question.filter(wanted, center_id=actor.center_id, at_ms__gt=now_ms - _DAYS_MS)
        rows = await asked.order_by("-at_ms").limit(_LOOKED_AT)
        return await self._pool.run(_DEADLINE_S, grouped, rows)


def key_of(text: str) -> str:
    """What is left of a question when only its letters count."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())


def grouped(questions: Iterable[Question]) -> list[Group]:
    """Questions put together that ask the same: equal but for punctuation, or with most of their bigrams shared."""
    groups: list[Group] = []
    exact: dict[str, int] = {}
    sizes: list[int] = []
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for question in questions:
        key = key_of(question.text)
        place = exact.get(key)
        if place is None:
            bigrams = {key[i : i + 2] for i in range(len(key) - 1)} or {key}
            shared = Counter(group for bigram in bigrams for group in holders[bigram])
            place = next(
                (g for g, n in shared.most_common(1) if n / (len(bigrams) + sizes[g] - n) >= _SAME), None
            )
            if place is None:
                place = len(groups)
                groups.append(Group())
                sizes.append(len(bigrams))
                for bigram in bigrams:
                    holders[bigram].append(place)
            exact[key] = place
        groups[place].questions.append(question)
    return groups


async def _handled_with(question: Question) -> s.GapArticle | None:
    """The article a gap was handled with, unless that is gone for ever."""
    if not question.made_article_id:
        return None
    article = await Article.get_or_none(id=question.made_article_id, center_id=question.center_id)
    if article is None:
        return None
    is_as_made = (article.newest_version, article.stage) == (question.made_version, "draft")
    return s.GapArticle(
        article_id=article.id,
        title=article.title,
        is_begun=question.made_version == 1,
        is_undoable=is_as_made and article.deleted_ms is None,
    )


def _examples(group: Group) -> list[str]:
    """Other wordings, each once."""
    words = {key_of(question.text): question.text for question in group.questions}
    words.pop(key_of(group.questions[0].text), None)
    return list(words.values())[:_EXAMPLES]


def _cause(questions: Sequence[Question]) -> str:
    """The worst of what came of them."""
    if any(q.outcome == "unsolved" for q in questions):
        return "unhelpful"
    if any(q.outcome == "handed_over" for q in questions):
        return "handed_over"
    return "unanswered" if any(q.decision == "escalate" for q in questions) else "no_click"
