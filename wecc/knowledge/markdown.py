"""The Markdown subset of articles as text: what the index reads. Faces have a parser of their own."""

from __future__ import annotations

import re

_FENCE = re.compile(r" {0,3}```")
_ITEM = re.compile(r"^ {0,3}(?:[-*+•] +|\d{1,6}(?:[.)] +|、 *))(?=\S)")
# Every repetition is bounded, so that the time is linear. Inside a Latin word or number a mark is itself:
# snake_case, 2*3*4; one without a partner is too: *100#.
_INLINE = re.compile(
    r"\\(?P<escaped>[\\`*_\[\](){}#+\-.!])"
    r"|(?P<tick>`{1,3})(?P<code>[^`]{1,500})(?P=tick)"
    r"|\[(?P<label>[^\[\]]{1,300})\]\((?:https?://|mailto:)[^\s()<>]{1,2000}\)"
    r"|(?<![A-Za-z0-9])(?P<mark>\*\*|__|\*|_)(?=\S)(?P<marked>.{1,200}?)(?<=\S)(?P=mark)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_MAX_DEPTH = 4


def plain_text(body: str) -> str:
    """The text without its marks, line by line; HTML in it was never markup and stays."""
    lines = []
    is_code = False
    for line in body.split("\n"):
        if _FENCE.match(line):
            is_code = not is_code
        else:
            lines.append((line if is_code else _inline(_ITEM.sub("", line, count=1))).strip())
    return "\n".join(line for line in lines if line)


def _inline(text: str, depth: int = 0) -> str:
    def bare(match: re.Match[str]) -> str:
        if (literal := match["escaped"] or match["code"]) is not None:
            return literal
        inner = match["label"] or match["marked"]
        return _inline(inner, depth + 1) if depth < _MAX_DEPTH else inner

    return _INLINE.sub(bare, text)
