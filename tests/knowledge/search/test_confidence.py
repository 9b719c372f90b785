"""How sure the first hit is."""

from __future__ import annotations

import numpy as np

from wecc.knowledge.search.confidence import confidence, evidence
from wecc.knowledge.search.ranking import Ranking


def _sure(matched: float, lead: float, *, has_encoder: bool = True) -> float:
    """Of the first of two candidates that are alike but for the lead."""
    alike = np.full(2, 0.7, dtype=np.float32)
    total = np.array([10.0 + lead, 10.0], dtype=np.float32)
    held = np.full(2, matched, dtype=np.float32)
    ranking = Ranking(alike, alike, held, total, np.zeros(2, dtype=np.int64))
    return confidence(evidence(ranking, 0, 1, 0.0), has_encoder=has_encoder)


def test_a_long_question_that_is_met_is_surer_than_two_words() -> None:
    for has_encoder in (True, False):
        two_words, a_sentence = (_sure(held, 1.0, has_encoder=has_encoder) for held in (1.0, 8.0))
        assert a_sentence > two_words + 0.1


def test_a_lead_is_surer_than_a_tie() -> None:
    assert _sure(4.0, 3.0) > _sure(4.0, 0.1) + 0.2
