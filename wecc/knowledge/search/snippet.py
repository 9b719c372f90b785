"""What of a text to show for a query, and which of it to mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wecc.knowledge.search.domain import Span
from wecc.knowledge.search.text import aligned, spans

_LENGTH = 120
_LEAD = 20
"""Characters shown before the first mark."""
_BEGINNINGS = "。！？；\n.!?;"
_LONGEST = 20_000


def marked(text: str, terms: Mapping[str, float]) -> tuple[Span, ...]:
    """Where any of the terms stand: in order, never touching."""
    normal, origin = aligned(text)
    return merged((origin[start], origin[end - 1] + 1) for start, end, term in spans(normal) if term in terms)


def snippet(body: str, terms: Mapping[str, float]) -> tuple[str, tuple[Span, ...]]:
    """The stretch of the body that holds the most weight of different terms, on one line, with its marks."""
    text = " ".join(body[:_LONGEST].split())
    start = _densest(text, terms)
    shown = text[start : start + _LENGTH]
    prefix = "…" if start else ""
    suffix = "…" if start + _LENGTH < len(text) else ""
    return prefix + shown + suffix, marked(prefix + shown, terms)


def merged(marks: Iterable[Span]) -> tuple[Span, ...]:
    """The same characters, in order, as few spans as possible."""
    result: list[Span] = []
    for start, end in sorted(marks):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def _densest(text: str, terms: Mapping[str, float]) -> int:
    """Where the best stretch starts: at a sentence's beginning if one is near."""
    if len(text) <= _LENGTH:
        return 0
    normal, origin = aligned(text)
    found = [
        (origin[start], origin[end - 1] + 1, term) for start, end, term in spans(normal) if term in terms
    ]
    best, best_weight = 0, 0.0
    held: dict[str, int] = {}
    weight, last = 0.0, 0
    for first, (start, _, term) in enumerate(found):
        while last < len(found) and found[last][1] <= start + _LENGTH - _LEAD:
            added = found[last][2]
            held[added] = held.get(added, 0) + 1
            weight += terms[added] if held[added] == 1 else 0.0
            last += 1
        if weight > best_weight + 1e-9:
            best, best_weight = start, weight
        if last > first:
            held[term] -= 1
            weight -= 0.0 if held[term] else terms[term]
    sentence = max((text.rfind(mark, max(0, best - _LEAD), best) for mark in _BEGINNINGS), default=-1)
    start = sentence + 1 if sentence >= 0 else max(0, best - _LEAD // 2)
    return max(0, min(start, len(text) - _LENGTH)) if best_weight else 0
