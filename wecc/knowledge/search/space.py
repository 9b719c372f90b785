"""How near two vectors are, among the phrases one asker may see."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from wecc.knowledge.search.encoder import DIMENSIONS, Vectors

Sums = npt.NDArray[np.float64]

_FEW = 50
"""Phrases that do not yet show what all questions share: with so many, half of their mean counts."""
_EVEN = 5.0
"""Spread, in shares of the mean one, that every direction is taken to have besides its own."""
_EVEN_AT_FIRST = 500.0
"""The same, divided by the number of phrases: few do not show which directions tell nothing."""


@dataclass(slots=True)
class Space:
    """Vectors measured from the mean of all phrases, and less along directions in which phrases differ anyway.

    What every question shares says nothing; what sets apart half of them from the other half says little. This is
    for vectors what rarity is for words.
    """

    count: int = 0
    total: Sums = field(default_factory=lambda: np.zeros(DIMENSIONS))
    products: Sums = field(default_factory=lambda: np.zeros((DIMENSIONS, DIMENSIONS)))
    _measure: tuple[Vectors, Vectors] | None = None

    def add(self, vectors: Vectors, times: int) -> None:
        """Count these phrases so many more times; -1 takes them away."""
        self.count += times * len(vectors)
        self.total += times * vectors.sum(axis=0, dtype=np.float64)
        self.products += times * (vectors.T @ vectors)
        self._measure = None

    def nearness(self, vectors: Vectors, others: Vectors) -> Vectors:
        """What is cheap of `cosines` for very many vectors, and tells which are worth it; positive on one side."""
        mean, _ = self._learned()
        away = others - mean
        return np.asarray(vectors @ away.T - away @ mean, dtype=np.float32)

    def cosines(self, vectors: Vectors, others: Vectors) -> Vectors:
        """Of each vector with each of the others, a column each."""
        mean, metric = self._learned()
        near, far = vectors - mean, others - mean
        bent, bent_far = near @ metric, far @ metric
        squares = np.outer(np.einsum("ij,ij->i", bent, near), np.einsum("ij,ij->i", bent_far, far))
        return np.asarray(bent @ far.T / np.sqrt(np.maximum(squares, 1e-9)), dtype=np.float32)

    def _learned(self) -> tuple[Vectors, Vectors]:
        """The mean, and the inverse of the spread; kept until the next change."""
        if self._measure is None:
            mean = self.total / (self.count + _FEW)
            cross = np.outer(self.total, mean)
            spread = self.products - cross - cross.T + self.count * np.outer(mean, mean)
            spread /= max(self.count, 1)
            usual = max(float(np.trace(spread)) / DIMENSIONS, 1e-6)
            even = usual * (_EVEN + _EVEN_AT_FIRST / max(self.count, 1))
            metric = even * np.linalg.inv(spread + even * np.eye(DIMENSIONS))
            self._measure = mean.astype(np.float32), metric.astype(np.float32)
        return self._measure
