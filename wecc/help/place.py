"""Where on the help page a reader is. All of it stands in the address, so links, reloads and "back" find it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from quart import Request

from wecc.help.texts import Language
from wecc.infra.wire import is_id, one_line
from wecc.knowledge.schemas.reading import QUERY_CHARS

_MAX_OFFSET = 100_000


@dataclass(frozen=True, slots=True)
class Place:
    """`language_asked` is empty where the browser's own language counts; `in_widget`: within the chat panel.
    `question_id`: the question whose results these are, when it is not asked anew.
    """

    center_id: str
    language: Language
    language_asked: str = ""
    in_widget: bool = False
    article_id: str = ""
    q: str = ""
    category_id: str = ""
    offset: int = 0
    shows_more: bool = False
    question_id: str = ""

    @classmethod
    def of(cls, request: Request, center_id: str, article_id: str = "") -> Place:
        """Read an address kindly: what makes no sense is left out, since people edit and shorten links."""
        args = request.args
        asked = args.get("lang", "")
        language: Language = "zh-CN"
        if asked.lower().startswith("en"):
            language = "en"
        elif not asked.lower().startswith("zh"):
            asked = ""
            best = request.accept_languages.best_match(["zh-CN", "zh", "en"], "zh-CN")
            language = "en" if best == "en" else "zh-CN"
        category_id, question_id = args.get("category", ""), args.get("question", "")
        offset = args.get("offset", "")
        is_number = offset.isascii() and offset.isdigit()
        return cls(
            center_id=center_id,
            language=language,
            language_asked=language if asked else "",
            in_widget=args.get("embed") == "widget",
            article_id=article_id,
            q=one_line(args.get("q", "")[: 4 * QUERY_CHARS])[:QUERY_CHARS],
            category_id=category_id if is_id(category_id) else "",
            offset=min(int(offset[:9]), _MAX_OFFSET) if is_number else 0,
            shows_more="more" in args,
            question_id=question_id if is_id(question_id) else "",
        )

    @property
    def has_list(self) -> bool:
        """A search or a category stands beside the document, rather than what is hot."""
        return bool(self.q or self.category_id)

    def url(self, **changes: Any) -> str:
        """The address of another place: this one with `changes`."""
        to = replace(self, **changes)
        query = {
            "q": to.q,
            "category": to.category_id,
            "offset": to.offset or "",
            "more": "1" if to.shows_more else "",
            "lang": to.language_asked,
            "embed": "widget" if to.in_widget else "",
            "question": to.question_id,
        }
        path = f"/help/{to.center_id}" + (f"/articles/{to.article_id}" if to.article_id else "")
        said = urlencode({name: value for name, value in query.items() if value})
        return f"{path}?{said}" if said else path

    def article(self, article_id: str) -> str:
        """An article, with the same list beside it."""
        return self.url(article_id=article_id)

    def category(self, category_id: str) -> str:
        """A category's own list."""
        return replace(self, q="").within(category_id)

    def within(self, category_id: str) -> str:
        """The same search in one category; in all with an empty id."""
        return self.url(article_id="", category_id=category_id, offset=0, shows_more=False, question_id="")

    @property
    def home(self) -> str:
        return self.category("")

    @property
    def list(self) -> str:
        """The list that the document was opened from."""
        return self.url(article_id="")

    @property
    def in_other_language(self) -> str:
        other: Language = "en" if self.language == "zh-CN" else "zh-CN"
        return self.url(language=other, language_asked=other)

    @property
    def canonical(self) -> str:
        """The same content's one address for search engines."""
        bare = replace(self, language_asked="", in_widget=False, q="", shows_more=False, question_id="")
        return (replace(bare, category_id="", offset=0) if self.article_id else bare).url()

    @property
    def list_key(self) -> str:
        """Equal for places that show the same list."""
        return f"{self.language}|{self.q}|{self.category_id}|{self.offset}|{int(self.shows_more)}"
