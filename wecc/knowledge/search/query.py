"""From a question to what is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

import numpy as np
import numpy.typing as npt

from wecc.knowledge.search import encoder
from wecc.knowledge.search.catalogue import Catalogue, Row, Statistics
from wecc.knowledge.search.confidence import Evidence, confidence, evidence
from wecc.knowledge.search.domain import Document, Found, Hit
from wecc.knowledge.search.index import Scope, SearchIndex
from wecc.knowledge.search.ranking import Ranking, Reading, best_of, rank
from wecc.knowledge.search.readings import Synonyms, is_short, shorten
from wecc.knowledge.search.snippet import marked, snippet
from wecc.knowledge.search.text import Cutter

_LONGEST_QUERY = 500
_MOST_TERMS = 32
_LEAST_TERMS = 6
_MOST_POSTINGS = 5_000
_LEXICAL = 60
_NEAREST = 60
_MOST_HITS = 200
_LEAST_TOTAL = 1.5
_LEAST_TOTAL_WITH_ENCODER = 3.0
_LEAST_SHARE = 0.35
"""Of the best hit's total; below, a hit is noise that shares a character."""
_TIED = 1.0
"""Hits within this of the first are as good as it."""
_MANY = 3


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may answer a query, ranked; `order` is best first and leaves out the noise, never all."""

    rows: Sequence[Row]
    ranking: Ranking
    order: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Question:
    """A query as the engine understands it."""

    readings: Sequence[Reading]
    statistics: Statistics
    words: Mapping[str, float]
    """Of the query as typed, with their weights."""
    terms: Mapping[str, float]
    """Of all readings, with their weights."""
    unknown: tuple[str, ...]
    """Words that nothing the asker may see holds."""


@dataclass(frozen=True, slots=True)
class Querying:
    """All it takes to find."""

    index: SearchIndex
    catalogue: Catalogue
    cutter: Cutter
    synonyms: Synonyms
    has_encoder: bool

    def find(self, query: str, scope: Scope, limit: int) -> Found:
        question = self._question(query, scope)
        limit = max(0, min(limit, _MOST_HITS))
        candidates = self._candidates(question, scope, max(_LEXICAL, limit))
        if candidates is None:
            return Found((), 0, 0.0, {}, asks_back=False, dropped=question.unknown)
        rows, totals = candidates.rows, candidates.ranking.total[candidates.order]
        sure = confidence(_evidence(question, candidates), has_encoder=self.has_encoder)
        shown = [int(number) for number in candidates.order[:limit]]
        documents = self.index.load([rows[number].key for number in shown])
        return Found(
            hits=tuple(
                _hit(documents[rows[number].key], candidates, number, sure, question.terms)
                for number in shown
            ),
            total=len(candidates.order),
            confidence=sure,
            category_counts=Counter(
                category for number in candidates.order for category in set(rows[number].category_ids)
            ),
            asks_back=is_short(question.words) and int((totals >= totals[0] - _TIED).sum()) >= _MANY,
            dropped=question.unknown,
        )

    def evidence(self, query: str, scope: Scope) -> tuple[str, Evidence] | None:
        """Key of the first hit and what the confidence in it is made of."""
        question = self._question(query, scope)
        candidates = self._candidates(question, scope, _LEXICAL)
        if candidates is None:
            return None
        return candidates.rows[candidates.order[0]].key, _evidence(question, candidates)

    def _question(self, query: str, scope: Scope) -> _Question:
        texts = self.synonyms.readings(shorten(query, _LONGEST_QUERY))
        statistics = self.catalogue.statistics(scope.access)
        terms_of = [self.cutter.terms(text) for text in texts]
        words = list(dict.fromkeys(self.cutter.words(texts[0])))
        return _Question(
            readings=[Reading(text, self.cutter.features(text)) for text in texts],
            statistics=statistics,
            words=statistics.weigh(words),
            terms=statistics.weigh(list(dict.fromkeys(chain.from_iterable(terms_of)))),
            unknown=tuple(word for word in words if not statistics.knows(word)),
        )

    def _candidates(self, question: _Question, scope: Scope, limit: int) -> Candidates | None:
        """What the index and the encoder come up with for the readings of a query; None when all of it is noise."""
        statistics = question.statistics
        rarest = sorted(question.terms, key=lambda term: -question.terms[term])
        scores = dict(self.index.candidates(_worth_looking_up(rarest, statistics), scope, limit))
        numbers = dict.fromkeys(self.catalogue.numbers_of(scores))
        vectors = None
        if self.has_encoder and question.readings[0].text:
            vectors = encoder.encode([reading.text for reading in question.readings])
            numbers |= dict.fromkeys(self.catalogue.nearest(vectors, scope, _NEAREST))
        rows = [self.catalogue.row(number) for number in numbers]
        if not rows:
            return None
        best = max(scores.values(), default=1.0)
        cosines = None
        if vectors is not None:
            cosines = self.catalogue.space(scope.access).cosines(self.catalogue.vectors(rows), vectors)
        index_scores = np.array([scores.get(row.key, 0.0) / best for row in rows], dtype=np.float32)
        ranking = best_of(
            [
                rank(reading, rows, statistics, None if cosines is None else cosines[:, column], index_scores)
                for column, reading in enumerate(question.readings)
            ]
        )
        order = np.argsort(-ranking.total, kind="stable")
        least = max(
            _LEAST_TOTAL_WITH_ENCODER if self.has_encoder else _LEAST_TOTAL,
            _LEAST_SHARE * float(ranking.total[order[0]]),
        )
        order = order[ranking.total[order] >= least]
        return Candidates(rows, ranking, order) if len(order) else None


def _worth_looking_up(rarest_first: Sequence[str], statistics: Statistics) -> list[str]:
    """As many known terms as can be read in time: the common ones fetch little that the rare ones do not."""
    known = [term for term in rarest_first if statistics.knows(term)][:_MOST_TERMS]
    postings = accumulate(statistics.count_of(term) for term in known)
    return [
        term
        for number, (term, read) in enumerate(zip(known, postings, strict=True))
        if read <= _MOST_POSTINGS or number < _LEAST_TERMS
    ]


def _evidence(question: _Question, candidates: Candidates) -> Evidence:
    first, *others = candidates.order
    unknown = sum(question.words[word] for word in question.unknown)
    return evidence(
        candidates.ranking,
        first,
        others[0] if others else None,
        unknown / max(1e-6, sum(question.words.values())),
    )


def _hit(
    document: Document, candidates: Candidates, number: int, sure: float, weights: Mapping[str, float]
) -> Hit:
    text, marks = snippet(document.body, weights)
    return Hit(
        article_id=document.article_id,
        version=document.version,
        score=float(candidates.ranking.total[number]),
        confidence=sure if number == candidates.order[0] else 0.0,
        phrase=candidates.rows[number].phrases[candidates.ranking.best_phrase[number]],
        snippet=text,
        marks=marks,
        title_marks=marked(document.title, weights),
    )
