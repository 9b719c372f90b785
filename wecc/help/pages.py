"""The help page, rendered here: the whole of it, or the parts that the page's own script asks for.

Customers read it, so an agent's cookie does not count: who is to see more sends the token that the chat gave him.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from quart import Quart, Response, redirect, request
from werkzeug.wrappers import Response as Redirect

from wecc.help.place import Place
from wecc.help.texts import date_of, file_size, iso_date, say
from wecc.help.views import Listing, branches, category_of, excerpt, filters, fits, path_to
from wecc.identity import Identity
from wecc.identity.http import client_address
from wecc.infra.http import as_file
from wecc.infra.markdown import article_html
from wecc.infra.ratelimit import Buckets
from wecc.infra.wire import is_id, one_line
from wecc.kernel.clock import Clock
from wecc.kernel.errors import (
    InvalidInput,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    WeccError,
)
from wecc.kernel.ids import CenterId
from wecc.knowledge import KnowledgeFeature
from wecc.knowledge.readers import Reader
from wecc.knowledge.schemas.reading import (
    Browse,
    Complete,
    Completion,
    KbArticle,
    RateArticle,
    Search,
    Tree,
)
from wecc.settings import Settings

_DEADLINE_S = 15.0
_HTML = "text/html; charset=utf-8"
_PAGE = 30
_RESULTS, _MORE_RESULTS = 20, 50
_CHOICES = 4
_COMMENT_CHARS = 300
_FORM_BYTES = 16_384
_RATED = "wecc_rated"
"""Where a browser without a visitor's token keeps what it said of an article, at that article's address alone."""
_RATED_S = 90 * 86400
_RATINGS = ("yes", "no", "commented")
_WIDE = re.compile("<(pre|table)>")
_OUTCOMES = ("solved", "unsolved")

_View = Callable[..., Awaitable[Response | Redirect]]


class _Named(Protocol):
    """What has a name in both languages."""

    @property
    def name_zh(self) -> str: ...

    @property
    def name_en(self) -> str: ...


_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; "
    "trusted-types wecc-help; frame-ancestors "
)


def _marked(text: str, marks: list[tuple[int, int]]) -> Markup:
    """`text` with what matched in `<mark>`."""
    parts, at = [], 0
    for start, end in marks:
        parts += [escape(text[at:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        at = end
    return Markup("").join([*parts, escape(text[at:])])


_TEMPLATES = Environment(
    loader=PackageLoader("wecc.help"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(marked=_marked, iso_date=iso_date, file_size=file_size)


class HelpPages:
    """Serves `/help/<center>` and what lies below.

    Source: 3.2.2-02, 05 … 08, 15 … 17, 5.4-04.
    """

    def __init__(
        self,
        identity: Identity,
        knowledge: KnowledgeFeature,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._identity = identity
        self._knowledge = knowledge
        self._settings = settings
        per_minute = settings.limits.reads_per_address_per_minute
        self._reads = Buckets(clock, per_minute / 60, per_minute)

    def bind(self, quart: Quart) -> None:
        for method, path, view in (
            ("GET", "/help/<center_id>", self.show),
            ("GET", "/help/<center_id>/articles/<article_id>", self.show),
            ("GET", "/help/<center_id>/files/<file_id>", self.file),
            ("POST", "/help/<center_id>/articles/<article_id>/rating", self.rate),
            ("POST", "/help/<center_id>/outcome", self.settle),
        ):
            quart.add_url_rule(path, f"{method} {path}", _for_people(view), methods=[method])

    async def show(self, center_id: str, article_id: str = "") -> Response:
        """The page at a place; with `X-Part: panes` without what is around it, with `document` without the list."""
        place = Place.of(request, center_id, article_id)
        part = request.headers.get("X-Part", "")
        center = await self._identity.center(center_id)
        reader = await self._reader(center_id)
        document = await self._document(reader, article_id)
        tree = await self._knowledge.reading.tree(reader)
        if document:
            place = replace(place, article_id=document.id)  # the address may name it as its own base does
        if not category_of(tree, place.category_id):
            place = replace(place, category_id="")
        leaf = document.category[-1].id if document and document.category else ""
        here = place.category_id or ("" if place.q else leaf)
        is_gone = bool(article_id) and document is None
        hot = await self._knowledge.hot.topics(reader, "" if is_gone else place.category_id, place.language)
        is_list_wanted = part != "document" and (place.has_list or not article_id or document is not None)
        listing = await self._listing(reader, place, here, tree) if is_list_wanted else None
        category = category_of(tree, place.category_id or (here if article_id else ""))
        values = {
            "view": "article" if article_id else "list" if place.has_list else "home",
            "title": _title(place, center, document, category),
            "center": center,
            "tree": tree,
            "branches": branches(tree, here),
            "category": category,
            "category_path": path_to(tree, here),
            "below": [node for node in tree.categories if node.parent_id == here],
            "hot": hot.topics,
            "listing": listing,
            "document": document,
            "document_html": _html(place, document.body) if document else "",
            "origin": self._settings.web.origin,
            "rated": _rated(document) if document else "",
            "outcome": listing.outcome if listing else "",
            "query": _query(place),
        }
        status = 404 if is_gone else 200
        template = "panes.html" if part else "page.html"
        hosts = " ".join(["'self'", *center.site_origins]) if place.in_widget else "'none'"
        return _respond(_render(template, place, values), status, _POLICY + hosts)

    async def file(self, center_id: str, file_id: str) -> Response:
        """A file of an article that he may read."""
        found = await self._knowledge.reading.file(await self._reader(center_id), file_id)
        response = Response(found.content, content_type=found.media_type)
        as_file(response, found.name, "inline" if found.is_image else "attachment")
        response.headers["Cache-Control"] = "no-store"
        return response

    async def rate(self, center_id: str, article_id: str) -> Response | Redirect:
        """Keep whether an article helped; without script, show the article again."""
        place = Place.of(request, center_id, article_id)
        form = await _form()
        is_helpful = _chosen(form, "helpful", ("yes", "no")) == "yes"
        comment = one_line(form.get("comment", "")[: 4 * _COMMENT_CHARS])[:_COMMENT_CHARS]
        reader = await self._reader(center_id)
        rating = RateArticle(is_helpful=is_helpful, comment=comment, question_id=_question(form))
        version = await self._knowledge.reading.rate(reader, article_id, rating)
        rated = "yes" if is_helpful else "commented" if comment else "no"
        values = {"rated": rated, "query": _query(place)}
        response = (
            _respond(_render("rating.html", place, values), 200, _POLICY + "'none'")
            if "X-Part" in request.headers
            else redirect(f"{place.url()}#rating", 303)
        )
        if reader.is_shared:
            response.set_cookie(
                _RATED,
                f"{version}.{rated}",
                max_age=_RATED_S,
                path=f"/help/{center_id}/articles/{article_id}",
                secure=self._settings.web.origin.startswith("https://"),
                httponly=True,
                samesite="Lax",
            )
        return response

    async def settle(self, center_id: str) -> Response | Redirect:
        """Keep whether an answer solved the question."""
        place = Place.of(request, center_id)
        form = await _form()
        outcome = _chosen(form, "outcome", _OUTCOMES)
        center = await self._identity.center(center_id)
        question_id = _question(form)
        await self._knowledge.asking.settle(CenterId(center.id), question_id, outcome)
        if "X-Part" not in request.headers:
            return redirect(f"{place.url(question_id=question_id)}#outcome", 303)
        values = {"outcome": outcome, "query": _query(place)}
        return _respond(_render("outcome.html", place, values), 200, _POLICY + "'none'")

    async def _reader(self, center_id: str) -> Reader:
        forwarded = request.headers.getlist("X-Forwarded-For")
        address = client_address(request.remote_addr or "", forwarded, self._settings)
        if wait_s := self._reads.take(address):
            raise TooMany(retry_after_s=round(wait_s, 1))
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer" and token:
            try:
                visitor = await self._identity.visitor_by_bearer(token)
            except Unauthenticated:  # forgotten by now: he reads as everybody does
                pass
            else:
                if visitor.center_id == center_id:
                    return await self._knowledge.readers.reader(visitor)
        return await self._knowledge.readers.anybody(center_id, address)

    async def _document(self, reader: Reader, article_id: str) -> KbArticle | None:
        if not is_id(article_id):
            return None
        try:
            return await self._knowledge.reading.article(reader, article_id)
        except NotFound:
            return None

    async def _listing(self, reader: Reader, place: Place, category_id: str, tree: Tree) -> Listing:
        if place.q:
            try:
                return await self._results(reader, place, tree)
            except Unavailable:
                return Listing("trouble", "")
        if not category_id:
            return Listing("home", place.list_key)
        found = await self._knowledge.reading.browse(
            reader, Browse(category=category_id, lang=place.language, offset=place.offset, limit=_PAGE)
        )
        before = min(place.offset - _PAGE, (found.total - 1) // _PAGE * _PAGE)
        after = place.offset + _PAGE
        return Listing(
            "category",
            place.list_key,
            articles=found,
            earlier=max(0, before) if place.offset else None,
            later=after if after < found.total else None,
        )

    async def _results(self, reader: Reader, place: Place, tree: Tree) -> Listing:
        search = Search(
            q=place.q,
            limit=_MORE_RESULTS if place.shows_more else _RESULTS,
            category=place.category_id or None,
            lang=place.language,
            place="widget" if place.in_widget else "help",
        )
        # Only what was put as a question counts as one: not a look back at its results, nor more of them.
        question_id = request.headers.get("X-Question", place.question_id)
        is_look_back = (
            "X-Question" in request.headers or place.question_id or place.article_id or place.shows_more
        )
        found = await self._knowledge.asking.search(reader, search, is_asked=not is_look_back)
        outcome = ""
        if is_look_back:
            found = found.model_copy(update={"question_id": question_id if is_id(question_id) else ""})
            before = await self._knowledge.asking.asked(reader.center_id, [found.question_id])
            outcome = next((question.outcome for question in before if question.outcome in _OUTCOMES), "")
        answer = None
        if found.decision == "answer" and not place.article_id:
            answer = await self._document(reader, found.results[0].id)
        is_found = fits(place.q, found)
        completions: list[Completion] = []
        if not is_found:  # pinyin perhaps, or a word half typed
            meant = Complete(q=place.q, limit=_CHOICES)
            completions = (await self._knowledge.asking.complete(reader, meant)).completions
        beginning, is_cut = excerpt(answer.body) if answer else ("", False)
        return Listing(
            "results",
            place.list_key,
            found=found,
            answer=answer,
            answer_html=_html(place, beginning),
            is_cut=is_cut,
            outcome=outcome,
            first=_CHOICES if found.decision == "suggest" or not is_found else _MORE_RESULTS,
            fits=is_found,
            completions=completions,
            filters=filters(tree, found.category_counts, place.category_id),
        )


def _title(place: Place, center: _Named, document: KbArticle | None, category: _Named | None) -> str:
    site = f"{_name(place, center)} {say(place.language, 'title')}"
    if document:
        heading = document.title
    elif place.article_id:
        heading = say(place.language, "gone")
    elif place.q:
        heading = say(place.language, "results_for", q=place.q)
    elif category:
        heading = _name(place, category)
    else:
        return site
    return f"{heading} · {site}"


def _name(place: Place, thing: _Named) -> str:
    return thing.name_zh if place.language == "zh-CN" else thing.name_en


def _html(place: Place, body: str) -> Markup:
    # Cleaned there: tags and attributes of the subset, nothing else. What scrolls can be reached with the keyboard.
    html = article_html(body, f"/help/{place.center_id}/files/")
    return Markup(_WIDE.sub(r'<\1 tabindex="0">', html))  # noqa: S704


def _query(place: Place) -> str:
    """What stands behind the address of a place, with its question mark."""
    return "".join(place.url().partition("?")[1:])


def _rated(document: KbArticle) -> str:
    """What the reader said of this version before: one of `_RATINGS`, or nothing."""
    if document.my_rating is not None:
        return "yes" if document.my_rating else "commented" if document.is_commented else "no"
    version, _, rated = request.cookies.get(_RATED, "").partition(".")
    return rated if version == str(document.version) and rated in _RATINGS else ""


async def _form() -> Mapping[str, str]:
    """What was sent with a press of a button. Raises: TooLarge."""
    if (request.content_length or 0) > _FORM_BYTES:
        raise TooLarge(limit=_FORM_BYTES)
    form: Mapping[str, str] = await request.form
    return form


def _chosen(form: Mapping[str, str], name: str, choices: Sequence[str]) -> str:
    """Raises: InvalidInput for what is no choice."""
    if (chosen := form.get(name, "")) not in choices:
        raise InvalidInput(fields={name: "is no choice"})
    return chosen


def _question(form: Mapping[str, str]) -> str:
    given = form.get("question", "")
    return given if is_id(given) else ""


def _render(template: str, place: Place, values: Mapping[str, object]) -> str:
    return _TEMPLATES.get_template(template).render(
        values,
        place=place,
        name=partial(_name, place),
        t=partial(say, place.language),
        date=partial(date_of, language=place.language),
    )


def _respond(html: str, status: int, policy: str) -> Response:
    """A page as it is for who asked, now. What is everybody's may be kept, asking each time whether it holds."""
    body = html.encode()
    tag = hashlib.sha256(body).hexdigest()[:20]
    if status == 200 and request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        is_zipped = "gzip" in request.headers.get("Accept-Encoding", "")
        response = Response(
            gzip.compress(body, 5) if is_zipped else body, status, content_type="text/html; charset=utf-8"
        )
        if is_zipped:
            response.headers["Content-Encoding"] = "gzip"
    is_private = "Authorization" in request.headers or request.method != "GET"
    response.headers["Cache-Control"] = "no-store" if is_private else "private, no-cache"
    if not is_private:
        response.headers["ETag"] = f'"{tag}"'
    response.headers["Vary"] = "Accept-Encoding, Accept-Language, Authorization, X-Part"
    response.headers["Content-Security-Policy"] = policy
    return response


def _for_people(
    view: Callable[..., Awaitable[Response | Redirect]],
) -> Callable[..., Awaitable[Response | Redirect]]:
    """What goes wrong is told on a page, in the reader's language."""

    async def shown(**arguments: str) -> Response | Redirect:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await view(**arguments)
        except (WeccError, TimeoutError) as error:
            status = error.status if isinstance(error, WeccError) else 503
            place = Place.of(request, "")
            what = "no_center" if status == 404 else "trouble"
            html = _render("trouble.html", place, {"what": what})
            return _respond(html, status, _POLICY + "'none'")

    return shown
