"""An article, short enough to be said in a conversation."""

from __future__ import annotations

import re

EXCERPT_CHARS = 700

_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_HEADING = re.compile(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")
_SENTENCE_END = re.compile(r"[。！？!?；;]|\.(?=\s)|\n")


def excerpt(body: str, max_chars: int = EXCERPT_CHARS) -> str:
    """The beginning of an article in the Markdown of messages, up to a paragraph's or a sentence's end.

    Headings become bold lines, rows of tables items of a list, pictures are left out; what was cut ends with "…".
    """
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", _for_messages(body)) if block.strip()]
    kept: list[str] = []
    room = max_chars
    for place, block in enumerate(blocks):
        if len(block) > room:
            # A few words of a block say nothing; the first one is always begun.
            if not kept or room > max_chars // 3:
                kept.append(_cut(block, room))
            else:
                kept[-1] += " …"
            break
        kept.append(block)
        room -= len(block) + 2
        if room <= 0 and place + 1 < len(blocks):
            kept[-1] += " …"
            break
    # A heading with nothing below it is no end.
    return "\n\n".join(kept)


def _for_messages(body: str) -> str:
    lines = []
    is_code = False
    for raw in body.replace("\r\n", "\n").split("\n"):
        if raw.lstrip().startswith("```"):
            is_code = not is_code
        line = raw if is_code else _PICTURE.sub("", raw)
        if is_code or line.lstrip().startswith("```"):
            lines.append(line)
        elif heading := _HEADING.match(line):
            lines += ["", f"**{heading[1]}**", ""]
        elif line.lstrip().startswith("|"):
            if not _TABLE_RULE.match(line):
                lines.append("- " + " · ".join(cell.strip() for cell in line.strip().strip("|").split("|")))
        else:
            lines.append(line)
    return "\n".join(lines)


def _cut(text: str, max_chars: int) -> str:
    head = text[:max_chars]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    if ends and ends[-1] > max_chars // 3:
        head = head[: ends[-1]]
    # A fence that was opened is closed, or the rest of the conversation would be code.
    return head.rstrip() + " …" + ("\n```" if head.count("```") % 2 else "")
