"""Which of the candidates answers the question, and how sure that is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wecc.knowledge.search.actions import are_opposite, tells_of_failure
from wecc.knowledge.search.catalogue import Row, Statistics
from wecc.knowledge.search.text import TermIds, normalize

Floats = npt.NDArray[np.float32]

# Round numbers: fitting them closer to kb-dev gained what cross-validation lost again.
_COSINE = 10.0
_PHRASE_SHARE = 6.0
_QUERY_SHARE = 3.0
_BODY_SHARE = 5.0
_INDEX_SCORE = 1.0
_OPPOSITE = 4.0
"""Taken off where the article does the opposite of what is asked."""
_FAILURE = 1.0
"""Taken off where the article is about something that fails, and the question is not."""
_GUARDED = 20
"""The guards look at this many of the best."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the query: as typed, or with a synonym in place."""

    text: str
    terms: TermIds


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates by what speaks for them; each array has one value a candidate. Shares are between 0 and 1."""

    cosine: Floats
    """Of the query with the nearest phrase; 0 without the encoder."""
    phrase_share: Floats
    """Of a phrase's weight, what the query covers; of the best phrase in that."""
    matched: Floats
    """How much of the query the whole article holds, in terms of the rarest kind: more where more was asked."""
    total: Floats
    best_phrase: npt.NDArray[np.int64]


def rank(
    reading: Reading,
    rows: Sequence[Row],
    statistics: Statistics,
    cosines: Floats | None,
    index_scores: Floats,
) -> Ranking:
    """Compare a reading of the query with candidates.

    `cosines` is for all their phrases, one after the other; `index_scores` for each candidate, the best of them 1.
    """
    counts = np.array([len(row.phrases) for row in rows])
    firsts = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(rows)), counts)
    shares = _phrase_shares(reading, [terms for row in rows for terms in row.phrase_terms], statistics)
    phrase_cosines = np.zeros(len(owner), dtype=np.float32) if cosines is None else cosines
    # The best of each kind, whichever phrase has it: similar questions are evidence for the same article.
    cosine = np.maximum.reduceat(phrase_cosines, firsts)
    phrase_share = np.maximum.reduceat(shares, firsts)
    best_phrase = np.lexsort((-(_COSINE * phrase_cosines + _PHRASE_SHARE * shares), owner))[firsts] - firsts
    weights = statistics.rarity(reading.terms)
    matched, matched_by_body = _matched(reading, weights, rows)
    asked = max(float(weights.sum()), 1e-6)
    total = (
        _COSINE * cosine
        + _PHRASE_SHARE * phrase_share
        + _QUERY_SHARE * matched / asked
        + _BODY_SHARE * matched_by_body / asked
        + _INDEX_SCORE * index_scores
    )
    is_failure = tells_of_failure(reading.text)
    for number in np.argsort(-total, kind="stable")[:_GUARDED]:
        phrase = normalize(rows[number].phrases[best_phrase[number]])
        total[number] -= _OPPOSITE * are_opposite(reading.text, phrase)
        total[number] -= _FAILURE * (not is_failure and tells_of_failure(phrase))
    return Ranking(cosine, phrase_share, matched / statistics.most, total, best_phrase)


def best_of(rankings: Sequence[Ranking]) -> Ranking:
    """Each candidate by the reading that suits it best."""
    if len(rankings) == 1:
        return rankings[0]
    best = np.argmax([ranking.total for ranking in rankings], axis=0)
    return Ranking(
        *(
            np.choose(best, [getattr(ranking, field.name) for ranking in rankings])
            for field in dataclasses.fields(Ranking)
        )
    )


def _phrase_shares(reading: Reading, phrases: Sequence[TermIds], statistics: Statistics) -> Floats:
    """Of each phrase's weight, what the query covers."""
    terms, owner, _, is_met = _met(reading, phrases)
    weights = statistics.rarity(terms)
    whole = np.bincount(owner, weights, len(phrases))
    covered = np.bincount(owner[is_met], weights[is_met], len(phrases))
    return (covered / np.maximum(whole, 1e-6)).astype(np.float32)


def _matched(reading: Reading, weights: Floats, rows: Sequence[Row]) -> tuple[Floats, Floats]:
    """Of the weights of the query's terms, what each article holds, and what its body alone does."""
    body = np.zeros((len(rows), len(weights)), dtype=np.bool_)
    _, owner, places, is_met = _met(reading, [row.body_terms for row in rows])
    body[owner[is_met], places[is_met]] = True
    whole = body.copy()
    for_row = np.repeat(np.arange(len(rows)), [len(row.phrases) for row in rows])
    _, owner, places, is_met = _met(reading, [terms for row in rows for terms in row.phrase_terms])
    whole[for_row[owner[is_met]], places[is_met]] = True
    return whole @ weights, body @ weights


def _met(
    reading: Reading, texts: Sequence[TermIds]
) -> tuple[TermIds, npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """All terms of the texts; for each, the number of its text, where in the query it would stand, if it does."""
    terms = np.concatenate(texts)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    if not len(reading.terms):
        return terms, owner, np.zeros(len(terms), dtype=np.int64), np.zeros(len(terms), dtype=np.bool_)
    places = np.minimum(np.searchsorted(reading.terms, terms), len(reading.terms) - 1)
    return terms, owner, places, np.equal(reading.terms[places], terms)
