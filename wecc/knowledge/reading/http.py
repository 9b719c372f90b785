"""HTTP entry points of readers: visitors with their token, agents with their session, anybody else as he comes."""

from __future__ import annotations

from quart import Response, request

from wecc.identity.http import Doorman, client_address
from wecc.infra.http import HttpServer, as_file
from wecc.infra.ratelimit import Buckets
from wecc.kernel.errors import TooMany, Unauthenticated
from wecc.knowledge import schemas as s
from wecc.knowledge.readers import Reader, Readers
from wecc.knowledge.reading.asking import Asking
from wecc.knowledge.reading.browsing import Reading
from wecc.knowledge.reading.hot import Hot
from wecc.settings import Settings

PATH = "/api/v1/kb"


def bind(
    http: HttpServer,
    doorman: Doorman,
    readers: Readers,
    reading: Reading,
    asking: Asking,
    hot: Hot,
    reads: Buckets,
    settings: Settings,
) -> None:
    """Serve readers. `reads` bounds requests from one address."""

    async def reader(center_id: str | None) -> Reader:
        address = client_address(
            request.remote_addr or "", request.headers.getlist("X-Forwarded-For"), settings
        )
        if wait_s := reads.take(address):
            raise TooMany(retry_after_s=round(wait_s, 1))
        try:
            actor = await doorman.anyone()
        except Unauthenticated:
            # Whose token is not known any more gets a new one; whose session ended reads as everybody does.
            if "Authorization" in request.headers:
                raise
            return await readers.anybody(center_id, address)
        if center_id not in (None, actor.center_id):
            return await readers.anybody(center_id, address)
        return await readers.reader(actor)

    async def search(query: s.Search) -> s.SearchResults:
        """The best articles for a question in anybody's words."""
        # What the console looks up for an agent was asked by nobody.
        return await asking.search(await reader(query.center), query, is_asked=query.place != "console")

    async def complete(query: s.Complete) -> s.CompletionList:
        """What the half-typed may become."""
        return await asking.complete(await reader(query.center), query)

    async def tree(query: s.Browse) -> s.Tree:
        """The categories that hold something for the reader."""
        return await reading.tree(await reader(query.center))

    async def browse(query: s.Browse) -> s.CategoryArticles:
        """Articles of a category and all below it, the newest first."""
        return await reading.browse(await reader(query.center), query)

    async def hot_topics(query: s.Browse) -> s.HotList:
        """Hot topics of a category, or of everything."""
        return await hot.topics(await reader(query.center), query.category or "", query.lang or "")

    async def article(query: s.ReadArticle, article_id: str) -> s.KbArticle:
        """An article, by its id or its external id."""
        return await reading.article(await reader(query.center), article_id)

    async def view(cmd: s.ViewArticle, article_id: str) -> None:
        """Say that an article was opened."""
        await reading.view(await reader(cmd.center_id), article_id, cmd)

    async def rate(cmd: s.RateArticle, article_id: str) -> None:
        """Say whether an article helped."""
        await reading.rate(await reader(cmd.center_id), article_id, cmd)

    async def settle(cmd: s.OutcomeGiven) -> None:
        """Say whether what was found solved the question."""
        await asking.settle((await reader(cmd.center_id)).center_id, cmd.question_id, cmd.outcome)

    async def file(query: s.ReadArticle, file_id: str) -> Response:
        """A file of an article one may read. Images show; everything else is only saved."""
        found = await reading.file(await reader(query.center), file_id)
        response = Response(found.content, content_type=found.media_type)
        as_file(response, found.name, "inline" if found.is_image else "attachment")
        # What is withdrawn is gone: a cache asks again.
        response.headers["Cache-Control"] = "no-store"
        return response

    one = f"{PATH}/articles/<article_id>"
    http.route("GET", f"{PATH}/search", search, asks=s.Search, answers=s.SearchResults)
    http.route("GET", f"{PATH}/complete", complete, asks=s.Complete, answers=s.CompletionList)
    http.route("GET", f"{PATH}/tree", tree, asks=s.Browse, answers=s.Tree)
    http.route("GET", f"{PATH}/articles", browse, asks=s.Browse, answers=s.CategoryArticles)
    http.route("GET", f"{PATH}/hot", hot_topics, asks=s.Browse, answers=s.HotList)
    http.route("GET", one, article, asks=s.ReadArticle, answers=s.KbArticle)
    http.route("POST", f"{one}/views", view, takes=s.ViewArticle)
    http.route("POST", f"{one}/rating", rate, takes=s.RateArticle)
    http.route("POST", f"{PATH}/outcomes", settle, takes=s.OutcomeGiven)
    http.route("GET", f"{PATH}/files/<file_id>", file, asks=s.ReadArticle)
