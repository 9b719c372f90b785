"""Markdown that people write, as clean HTML or as plain text. What is not of the subset stays text."""

from __future__ import annotations

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline.state_inline import Delimiter, StateInline
from markdown_it.token import Token

_MESSAGE = MarkdownIt("zero", {"html": False, "linkify": False, "breaks": True}).enable(
    ["emphasis", "backticks", "fence", "list", "link", "autolink", "newline"]
)
_ARTICLE = MarkdownIt("zero", {"html": False, "linkify": False, "breaks": True}).enable(
    [
        "emphasis",
        "backticks",
        "fence",
        "list",
        "link",
        "autolink",
        "newline",
        "heading",
        "table",
        "image",
        "hr",
    ]
)
# A link without a scheme would lead from a saved file to its neighbours, or to a file server.
vars(_MESSAGE)["validateLink"] = lambda url: url.lower().startswith(("http://", "https://", "mailto:"))
vars(_ARTICLE)["validateLink"] = lambda url: url.lower().startswith(
    ("http://", "https://", "mailto:", "file:")
)


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Marks of emphasis where Chinese stands beside them, and not within numbers and words.

    CommonMark looks for spaces: `**重点：**内容` would keep its marks, and `2*3*4` would lose them.
    """
    start, marker = state.pos, state.src[state.pos]
    if silent or marker not in "*_":
        return False
    scanned = state.scanDelims(start, marker == "*")
    before = state.src[start - 1] if start else " "
    after = state.src[start + scanned.length] if start + scanned.length < state.posMax else " "
    opens, closes = scanned.can_open, scanned.can_close
    if before.isalnum() and after.isalnum() and before.isascii() and after.isascii():
        opens = closes = False
    elif marker == "*" and not (before.isascii() and after.isascii()):
        opens, closes = not after.isspace(), not before.isspace()
    for _ in range(scanned.length):
        state.push("text", "", 0).content = marker
        delimiter = Delimiter(ord(marker), scanned.length, len(state.tokens) - 1, -1, opens, closes)
        state.delimiters.append(delimiter)
    state.pos += scanned.length
    return True


_MESSAGE.inline.ruler.at("emphasis", _emphasis)
_ARTICLE.inline.ruler.at("emphasis", _emphasis)

_MESSAGE_TAGS = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "a"}
_ARTICLE_TAGS = _MESSAGE_TAGS | {"h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "img", "hr"}
_FILE = re.compile(r"^file:([a-z0-9]{1,64})$")


def message_html(text: str) -> str:
    """What somebody wrote in a conversation."""
    return nh3.clean(
        _MESSAGE.render(text),
        tags=_MESSAGE_TAGS,
        attributes={"a": {"href"}, "*": set()},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def article_html(text: str, file_path: str) -> str:
    """An article's body: headings from the second level on, tables, pictures of its own files besides the subset.

    `![words](file:ID)` becomes a picture below `file_path`; of pictures from elsewhere the words stay.
    """
    tokens = _ARTICLE.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(4, max(2, int(token.tag[1:])))}"
        for child in token.children or ():
            if child.type == "image":
                if found := _FILE.match(str(child.attrs.get("src", ""))):
                    child.attrs["src"] = file_path + found.group(1)
                else:
                    child.type = "text"  # its words stay
    return nh3.clean(
        _ARTICLE.renderer.render(tokens, _ARTICLE.options, {}),
        tags=_ARTICLE_TAGS,
        attributes={"a": {"href"}, "img": {"src", "alt"}, "*": set()},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def plain_text(text: str) -> str:
    """An article's body without its marks, for the index and for previews: blocks on lines of their own."""
    lines: list[str] = []
    for token in _ARTICLE.parse(text):
        if token.type == "inline":
            lines.append(_plain(token))
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.rstrip())
    return "\n".join(line for line in lines if line)


def _plain(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts).strip()
