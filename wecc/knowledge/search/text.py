"""From what people type to the terms that are indexed.

NFKC, lower case, simplified characters; Chinese as words *and* pairs of neighbours (words know meaning, pairs know
names no dictionary has), other words by their stem. The same path for documents and for queries.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt
import opencc
import rjieba

SCHEMA = 3
"""To be raised with every change of what a text's terms are: indexes and caches of another number are made anew."""

TERM_SPACE = 1 << 21
"""Terms are counted by hash; two of them sharing a number is rare enough to be noise."""

TermIds = npt.NDArray[np.uint32]

_SIMPLIFIED = opencc.OpenCC("t2s")
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"([{_HAN}]+)|([^\W_{_HAN}]+)")
_UNREADABLE = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
_EMPTY = (
    "a an the and or but if of to in on at by for with from as into about is am are was were be been being do does"
    " did have has had having i me my mine you your yours we us our they them their he she it its this that these"
    " those there here what which who whom how when where why can could will would shall should may might must not"
    " no so just also too very please s t m re ve ll d don any some"
)
_STOP_WORDS = frozenset(_EMPTY.split())


_IS_HAN = re.compile(f"[{_HAN}]")


def is_han(char: str) -> bool:
    return _IS_HAN.match(char) is not None


def readable(text: str) -> str:
    """Without what cannot be encoded or seen; as long as before."""
    return text.encode("utf-8", "replace").decode().translate(_UNREADABLE)


def normalize(text: str) -> str:
    """One spelling for each text: NFKC, lower case, simplified characters."""
    plain = unicodedata.normalize("NFKC", readable(text)).lower()
    return plain if plain.isascii() else _SIMPLIFIED.convert(plain)


class _Folded(dict[str, str]):
    """NFKC and lower case of single characters, each worked out once."""

    def __missing__(self, char: str) -> str:
        self[char] = folded = unicodedata.normalize("NFKC", char).lower()
        return folded


_FOLDED = _Folded()


def aligned(text: str) -> tuple[str, list[int]]:
    """The normalised text and, for each of its characters, the index of the one it came from; plus the end."""
    pieces = [_FOLDED[char] for char in readable(text)]
    joined = "".join(pieces)
    origin = [index for index, piece in enumerate(pieces) for _ in piece]
    simple = _SIMPLIFIED.convert(joined)
    return (simple if len(simple) == len(joined) else joined), [*origin, len(text)]


_ENDING = re.compile(r"(?:ing|ed|es|s|e)$")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What an English word's plain forms share (activate, activates, activated, activating); others as they are."""
    if not (word.isascii() and word.isalpha()) or word.endswith(("ss", "us", "is")):
        return word
    word = re.sub("(?<=..)ie[sd]$", "y", word)
    short = _ENDING.sub("", word)
    if len(short) < 3 or not re.search("[aeiouy]", short):
        return word
    is_doubled = short != word and short[-1] == short[-2] and short[-1] not in "lsz"
    return short[:-1] if is_doubled else short


class Cutter:
    """Cuts normalised text; owns the dictionary, so a center's own words stay its own."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        own = [normalize(word) for word in words]
        # Only words of one's own need a dictionary of one's own: it takes a sixth of a second to make.
        jieba = rjieba.Jieba() if own else rjieba
        for word in own:
            # A frequency no other cut of the same characters can beat.
            jieba.add_word(word, 1_000_000, "nz")
        self._cut = jieba.cut

    def words(self, text: str) -> list[str]:
        """The words of a normalised text, in order: Chinese as cut, others by stem and without the emptiest."""
        words: list[str] = []
        for han, other in _RUNS.findall(text):
            if han:
                words += self._cut(han)
            elif other not in _STOP_WORDS:
                words.append(stem(other))
        return words

    def terms(self, text: str) -> list[str]:
        """Words, and pairs of neighbouring Chinese characters that are not a word already."""
        terms: list[str] = []
        for han, other in _RUNS.findall(text):
            if han:
                words = self._cut(han)
                terms += words
                known = set(words)
                pairs = (han[i : i + 2] for i in range(len(han) - 1))
                terms += [pair for pair in pairs if pair not in known]
            elif other not in _STOP_WORDS:
                terms.append(stem(other))
        return terms

    def features(self, text: str) -> TermIds:
        """What is compared when candidates are ranked: the terms, and each Chinese character as such.

        A slip of the hand, or another word for the same, keeps most characters and hardly a pair of them.
        """
        return term_ids([*self.terms(text), *(f"_{char}" for char in text if is_han(char))])


def term_id(term: str) -> int:
    return crc32(term.encode()) % TERM_SPACE


def term_ids(terms: Iterable[str]) -> TermIds:
    """Sorted, each once."""
    return np.unique(np.fromiter((term_id(term) for term in terms), dtype=np.uint32))


def spans(normal: str) -> list[tuple[int, int, str]]:
    """Where terms stand in a normalised text: each character and pair of a Chinese run, each other word.

    A Chinese word is found by its pairs; a word of one character by itself.
    """
    found: list[tuple[int, int, str]] = []
    for match in _RUNS.finditer(normal):
        start, end = match.span()
        if match.group(1):
            found += [(at, at + 1, normal[at]) for at in range(start, end)]
            found += [(at, at + 2, normal[at : at + 2]) for at in range(start, end - 1)]
        else:
            found.append((start, end, stem(match.group())))
    return sorted(found)
