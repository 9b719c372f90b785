"""What the half-typed may become: titles and similar questions, by their characters or their pinyin."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, islice

from wecc.knowledge.search.domain import Completion, Span
from wecc.knowledge.search.text import aligned, is_han, normalize

# Words of the trade that pypinyin's dictionary reads otherwise.
_READ = {word: [["chóng"], [second]] for word, second in (("重置", "zhì"), ("重设", "shè"))}

_ENOUGH = 200
"""Matches looked at in each form; the shortest of them are offered."""
_LONGEST_PREFIX = 100
_END = "\n"


def spell(phrase: str) -> str:
    """Its characters, its pinyin and the initials of its pinyin, a line each."""
    normal = normalize(phrase).replace(_END, " ")
    units = _units(normal)
    return _END.join((normal, "".join(unit for unit, _ in units), "".join(unit[:1] for unit, _ in units)))


class Completions:
    """The phrases of all documents, each spelled in three ways."""

    def __init__(self) -> None:
        self._phrases: dict[str, list[tuple[str, Sequence[str]]]] = {}
        self._lines: list[tuple[str, str]] = []
        """Key of the document and phrase, of each line."""
        self._forms: list[_Form] = []

    def put(self, key: str, phrases: Iterable[str], spelled: Iterable[str]) -> None:
        self._phrases[key] = [
            (phrase, spelling.split(_END)) for phrase, spelling in zip(phrases, spelled, strict=True)
        ]
        self._forms.clear()

    def drop(self, key: str) -> None:
        if self._phrases.pop(key, None):
            self._forms.clear()

    def find(self, prefix: str, is_seen: Callable[[str], bool], limit: int) -> list[Completion]:
        """At most one for each document, of those whose key is seen: first what begins so, the short first."""
        typed = normalize(prefix[:_LONGEST_PREFIX]).strip()
        if not typed:
            return []
        if not self._forms:
            self._build()
        letters = "".join(char for char in typed if char.isalnum())
        wanted = [typed, letters, letters] if letters.isascii() and letters else [typed]
        matches = [
            ((int(at > 0), rank, len(phrase)), key, phrase, at)
            for rank, (form, text) in enumerate(zip(self._forms, wanted, strict=False))
            for key, phrase, at in self._seen(form.matches(text), is_seen)
        ]
        found: dict[str, Completion] = {}
        for (_, rank, _), key, phrase, at in sorted(matches):
            if key not in found and (marks := _marks(phrase, rank, at, len(wanted[rank]))):
                found[key] = Completion(key.rpartition("@")[0], phrase, marks)
                if len(found) >= limit:
                    break
        return list(found.values())

    def _seen(
        self, matches: Iterable[tuple[int, int]], is_seen: Callable[[str], bool]
    ) -> Iterator[tuple[str, str, int]]:
        """Key, phrase and place: as many as are worth looking at."""
        named = ((*self._lines[line], at) for line, at in matches)
        return islice((match for match in named if is_seen(match[0])), _ENOUGH)

    def _build(self) -> None:
        flat = [(key, *phrase) for key, phrases in self._phrases.items() for phrase in phrases]
        self._lines = [(key, phrase) for key, phrase, _ in flat]
        self._forms = [_Form([spelling[form] for *_, spelling in flat]) for form in range(3)]


class _Form:
    """All phrases in one spelling, one a line: looked through by the C library."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._text = _END + _END.join(lines) + _END
        self._starts = list(accumulate((len(line) + 1 for line in lines), initial=1))

    def matches(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Line and place in it, once a line: first the lines that begin so."""
        for pattern in (_END + wanted, wanted):
            at = self._text.find(pattern)
            while at >= 0:
                place = at + len(pattern) - len(wanted)
                line = bisect_right(self._starts, place) - 1
                yield line, place - self._starts[line]
                at = self._text.find(pattern, self._starts[line + 1] - 1)


@cache
def _reader() -> Callable[..., list[str]]:
    # Its dictionary takes a second to load; what is spelled already is read from disk.
    from pypinyin import lazy_pinyin, load_phrases_dict  # noqa: PLC0415

    load_phrases_dict(_READ)
    return lazy_pinyin


def _units(normal: str) -> list[tuple[str, int]]:
    """Syllables of Chinese characters and whole other words, each with where it stands."""
    units: list[tuple[str, int]] = []
    # Told to list what is no Chinese character, pypinyin gives one item for each character.
    for at, syllable in enumerate(_reader()(normal, errors=list)):
        if is_han(normal[at]):
            units.append((syllable, at))
        elif normal[at].isalnum():
            is_new = at == 0 or is_han(normal[at - 1]) or not normal[at - 1].isalnum()
            if is_new:
                units.append((normal[at], at))
            else:
                units[-1] = (units[-1][0] + normal[at], units[-1][1])
    return units


def _marks(phrase: str, rank: int, place: int, length: int) -> tuple[Span, ...]:
    """The stretch of the phrase that was typed; none when pinyin was met in the middle of a syllable."""
    normal, origin = aligned(phrase)
    start, end = place, place + length
    if rank > 0:
        units = _units(normal)
        lengths = [1 if rank == 2 else len(unit) for unit, _ in units]
        starts = list(accumulate(lengths, initial=0))
        if place not in starts:
            return ()
        first, last = starts.index(place), bisect_right(starts, end - 1) - 1
        start, end = (
            units[first][1],
            units[last][1] + (1 if is_han(normal[units[last][1]]) else len(units[last][0])),
        )
    if not 0 <= start < end <= len(normal):
        return ()
    return ((origin[start], origin[end - 1] + 1),)
