"""HTTP entry points of the editors' desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

from quart import Response, request

from wecc.identity.http import Doorman, client_address
from wecc.infra.http import HttpServer, as_file
from wecc.infra.ratelimit import Buckets
from wecc.infra.wire import Wire
from wecc.kernel.actor import Actor
from wecc.kernel.errors import InvalidInput, TooLarge, TooMany
from wecc.knowledge import schemas as s
from wecc.knowledge.parts import KnowledgeFeature
from wecc.settings import Settings

T = TypeVar("T", bound=Wire)

_Change = Callable[[Actor, str, T], Awaitable[None]]

PATH = "/api/v1/kb/desk"
_MAX_VERSION_BYTES = 1024 * 1024
_MAX_WORDS_BYTES = 4 * 1024 * 1024
_MAX_IMPORT_BYTES = 8 * 1024 * 1024


def bind(
    http: HttpServer, feature: KnowledgeFeature, doorman: Doorman, uploads: Buckets, settings: Settings
) -> None:
    """Serve the desk. `uploads` bounds files for each editor."""
    at = _Desk(feature, doorman, uploads, settings)
    one = f"{PATH}/articles/<article_id>"
    detail = s.ArticleDetail
    http.route("GET", f"{PATH}/rights", at.rights, answers=s.KnowledgeStanding)
    http.route("GET", f"{PATH}/articles", at.articles, asks=s.FindArticles, answers=s.ArticleList)
    http.route(
        "POST",
        f"{PATH}/articles",
        at.add,
        takes=s.NewArticle,
        answers=detail,
        max_bytes=_MAX_VERSION_BYTES,
    )
    http.route("GET", one, at.article, answers=detail)
    http.route("DELETE", one, at.delete, answers=detail)
    http.route("GET", f"{one}/versions/<version>", at.version, answers=s.VersionView)
    http.route(
        "POST",
        f"{one}/versions",
        at.save,
        takes=s.SaveVersion,
        answers=detail,
        max_bytes=_MAX_VERSION_BYTES,
    )
    changes: tuple[tuple[str, type[Wire], _Change[Any], str], ...] = (
        ("review", s.AskReview, feature.reviewing.ask, "Submit the newest version to reviewers."),
        ("opinion", s.GiveOpinion, feature.reviewing.give_opinion, "Approve a version, or ask for changes."),
        ("take-back", s.VersionRef, feature.reviewing.take_back, "End a review, or leave the archive."),
        ("publish", s.Publish, feature.publishing.publish, "Put a version on targets, now or later."),
        ("withdraw", s.Withdraw, feature.publishing.withdraw, "Take an article from targets, at once."),
        ("suspend", s.Suspend, feature.publishing.suspend, "Take an article from targets for a time."),
        ("resume", s.Withdraw, feature.publishing.resume, "End a suspension."),
        ("move", s.MoveArticle, feature.articles.move, "Move an article to another category."),
    )
    for verb, schema, change, about in changes:
        http.route("POST", f"{one}/{verb}", at.changing(change, about), takes=schema, answers=detail)
    http.route("POST", f"{one}/archive", at.archive, answers=detail)
    http.route("POST", f"{one}/restore", at.restore, answers=detail)
    http.route("POST", f"{one}/purge", at.purge)

    tree = f"{PATH}/categories"
    http.route("GET", tree, at.categories, answers=s.CategoryList)
    http.route("POST", tree, at.add_category, takes=s.CategoryText, answers=s.CategoryList)
    category = f"{tree}/<category_id>"
    http.route("PUT", category, at.rename_category, takes=s.CategoryText, answers=s.CategoryList)
    http.route("POST", f"{category}/move", at.move_category, takes=s.MoveCategory, answers=s.CategoryList)
    http.route("DELETE", category, at.delete_category, answers=s.CategoryList)

    http.route("GET", f"{PATH}/log", at.log, asks=s.FindLog, answers=s.LogPageView)
    http.route("GET", f"{PATH}/log.csv", at.log_csv, asks=s.FindLog)
    http.route("GET", f"{PATH}/vocabulary", at.vocabulary, answers=s.VocabularyView)
    http.route(
        "PUT",
        f"{PATH}/vocabulary",
        at.save_vocabulary,
        takes=s.SetVocabulary,
        answers=s.VocabularyView,
        max_bytes=_MAX_WORDS_BYTES,
    )
    http.route("GET", f"{PATH}/groups", at.groups, answers=s.AgentGroupList)
    http.route("GET", f"{PATH}/staff", at.staff, answers=s.StaffList)
    http.route("PUT", f"{PATH}/staff", at.set_staff, takes=s.SetStaff, answers=s.StaffList)
    http.route(
        "POST",
        f"{PATH}/imports",
        at.take_in,
        takes=s.ImportRequest,
        answers=s.ImportReport,
        max_bytes=_MAX_IMPORT_BYTES,
    )
    http.route("POST", f"{PATH}/files", at.upload, answers=s.FileView)
    http.route("GET", f"{PATH}/files/<file_id>", at.download)


async def agent_here(doorman: Doorman, settings: Settings) -> Actor:
    """The agent who asks, and from where: the log tells both."""
    forwarded = request.headers.getlist("X-Forwarded-For")
    address = client_address(request.remote_addr or "", forwarded, settings)
    return replace(await doorman.agent(), address=address)


class _Desk:
    def __init__(
        self, feature: KnowledgeFeature, doorman: Doorman, uploads: Buckets, settings: Settings
    ) -> None:
        self._feature = feature
        self._doorman = doorman
        self._uploads = uploads
        self._settings = settings

    async def _actor(self) -> Actor:
        return await agent_here(self._doorman, self._settings)

    async def rights(self) -> s.KnowledgeStanding:
        """What one may do at the desk, and what waits for one's word there."""
        return await self._feature.desk.standing(await self._actor())

    # ------------------------------------------------------------------ articles

    async def articles(self, find: s.FindArticles) -> s.ArticleList:
        """Articles of a scope, newest change first."""
        return await self._feature.desk.articles(await self._actor(), find)

    async def article(self, article_id: str) -> s.ArticleDetail:
        """An article with its newest version, reviews and publications."""
        return await self._feature.desk.article(await self._actor(), article_id)

    async def version(self, article_id: str, version: str) -> s.VersionView:
        """What a version says, and what reviewers said about it."""
        actor = await self._actor()
        number = int(version) if version.isdecimal() and len(version) < 10 else 0
        return await self._feature.desk.version(actor, article_id, number)

    async def add(self, cmd: s.NewArticle) -> s.ArticleDetail:
        """Write a new article: a draft."""
        actor = await self._actor()
        return await self._feature.desk.article(actor, await self._feature.articles.add(actor, cmd))

    async def save(self, cmd: s.SaveVersion, article_id: str) -> s.ArticleDetail:
        """Save the next version; `article.conflict` when somebody was quicker."""
        actor = await self._actor()
        await self._feature.articles.save(actor, article_id, cmd)
        return await self._feature.desk.article(actor, article_id)

    def changing(self, change: _Change[T], about: str) -> Callable[[T, str], Awaitable[s.ArticleDetail]]:
        """An entry point that does one thing to an article and answers what it is then."""

        async def entry(cmd: T, article_id: str) -> s.ArticleDetail:
            actor = await self._actor()
            await change(actor, article_id, cmd)
            return await self._feature.desk.article(actor, article_id)

        entry.__doc__ = about
        return entry

    async def archive(self, article_id: str) -> s.ArticleDetail:
        """Put an article that is not published out of the way."""
        actor = await self._actor()
        await self._feature.articles.archive(actor, article_id)
        return await self._feature.desk.article(actor, article_id)

    async def delete(self, article_id: str) -> s.ArticleDetail:
        """Into the recycle bin, and gone for readers at once."""
        actor = await self._actor()
        await self._feature.articles.delete(actor, article_id)
        return await self._feature.desk.article(actor, article_id)

    async def restore(self, article_id: str) -> s.ArticleDetail:
        """Out of the recycle bin."""
        actor = await self._actor()
        await self._feature.articles.restore(actor, article_id)
        return await self._feature.desk.article(actor, article_id)

    async def purge(self, article_id: str) -> None:
        """Delete for ever what lies in the recycle bin."""
        await self._feature.articles.purge(await self._actor(), article_id)

    # ------------------------------------------------------------------ categories

    async def categories(self) -> s.CategoryList:
        """The tree of categories."""
        return await self._feature.categories.all(await self._actor())

    async def add_category(self, cmd: s.CategoryText) -> s.CategoryList:
        """Add a category below another, at the end."""
        return await self._feature.categories.add(await self._actor(), cmd)

    async def rename_category(self, cmd: s.CategoryText, category_id: str) -> s.CategoryList:
        """Rename a category; its place stays."""
        return await self._feature.categories.rename(await self._actor(), category_id, cmd)

    async def move_category(self, cmd: s.MoveCategory, category_id: str) -> s.CategoryList:
        """Move a category and all below it."""
        return await self._feature.categories.move(await self._actor(), category_id, cmd)

    async def delete_category(self, category_id: str) -> s.CategoryList:
        """Delete an empty category."""
        return await self._feature.categories.delete(await self._actor(), category_id)

    # ------------------------------------------------------------------ all else

    async def log(self, find: s.FindLog) -> s.LogPageView:
        """Who did what, newest first."""
        return await self._feature.journal.page(await self._actor(), find)

    async def log_csv(self, find: s.FindLog) -> Response:
        """The same as a spreadsheet, 50,000 lines at most."""
        text = await self._feature.journal.export(await self._actor(), find)
        # With a byte order mark, or spreadsheets misread Chinese.
        response = Response(f"\ufeff{text}".encode(), content_type="text/csv; charset=utf-8")
        as_file(response, "wecc-knowledge-log.csv", "attachment")
        response.headers["Cache-Control"] = "no-store"
        return response

    async def vocabulary(self) -> s.VocabularyView:
        """Equal words and words that are kept whole."""
        return await self._feature.words.read(await self._actor())

    async def save_vocabulary(self, cmd: s.SetVocabulary) -> s.VocabularyView:
        """Change them; search knows within a second."""
        return await self._feature.words.save(await self._actor(), cmd)

    async def groups(self) -> s.AgentGroupList:
        """The agent groups an article or a target may be meant for."""
        return await self._feature.desk.groups(await self._actor())

    async def staff(self) -> s.StaffList:
        """Who writes and who reviews."""
        return await self._feature.staff.all(await self._actor())

    async def set_staff(self, cmd: s.SetStaff) -> s.StaffList:
        """Let an agent write or review, or no more."""
        return await self._feature.staff.set(await self._actor(), cmd)

    async def take_in(self, cmd: s.ImportRequest) -> s.ImportReport:
        """Import the center's own articles, as drafts or to these reviewers; a trial changes nothing."""
        return await self._feature.importing.take_in(await self._actor(), cmd)

    async def upload(self) -> s.FileView:
        """Keep a file for versions to come; the body is the file, `name` its name."""
        actor = await self._actor()
        if wait_s := self._uploads.take(actor.id):
            raise TooMany(retry_after_s=round(wait_s, 1))
        limit = self._settings.data.max_attachment_bytes
        if request.content_length is None or request.content_length > limit:
            raise TooLarge(limit=limit)
        content = await request.body
        if not content:
            raise InvalidInput(fields={"": "the file is empty"})
        return await self._feature.files.upload(actor, request.args.get("name", "")[:300], content)

    async def download(self, file_id: str) -> Response:
        """A file of any version. Images show; everything else is only saved."""
        file = await self._feature.files.download(await self._actor(), file_id)
        response = Response(file.content, content_type=file.media_type)
        as_file(response, file.name, "inline" if file.is_image else "attachment")
        response.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return response
