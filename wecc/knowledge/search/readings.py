"""The ways to read a query: as typed, and with equal words in place of its own."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from wecc.knowledge.search.domain import Vocabulary
from wecc.knowledge.search.text import normalize

_MOST = 4
"""Each costs an encoding and a ranking."""


@dataclass
class Synonyms:
    """The table of equal words, ready to be looked through."""

    vocabulary: Vocabulary
    _others: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _pattern: re.Pattern[str] | None = None

    def __post_init__(self) -> None:
        rows = [
            tuple(dict.fromkeys(normalize(word).strip() for word in row)) for row in self.vocabulary.synonyms
        ]
        for row in rows:
            for word in filter(None, row):
                self._others[word] = (
                    *self._others.get(word, ()),
                    *(other for other in row if other and other != word),
                )
        if self._others:
            longest_first = sorted(self._others, key=len, reverse=True)
            self._pattern = re.compile("|".join(_whole(word) for word in longest_first))

    def readings(self, text: str) -> list[str]:
        """The normalised query first; then each found word exchanged, one at a time."""
        readings = {text: None}
        for match in self._pattern.finditer(text) if self._pattern else ():
            for other in self._others[match.group()]:
                readings[text[: match.start()] + other + text[match.end() :]] = None
        return list(readings)[:_MOST]


def _whole(word: str) -> str:
    """English words only as a whole; Chinese has no such thing."""
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)


def shorten(query: str, longest: int) -> str:
    """A query on one line, normalised, of bounded length: what is pasted tells enough at its beginning."""
    return " ".join(normalize(query[: 2 * longest]).split())[:longest]


def is_short(words: Collection[str]) -> bool:
    """Whether there is little to go by: one or two words."""
    return len(words) <= 2
