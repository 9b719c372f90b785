"""How probable it is that the first hit is right."""

from __future__ import annotations

import math
from typing import NamedTuple

from wecc.knowledge.search.ranking import Ranking


class Evidence(NamedTuple):
    """What speaks for the first hit and against it, each about between 0 and 1."""

    cosine: float
    phrase_share: float
    matched: float
    """How much of the query the article holds, against that and a usual question: two words are soon met."""
    gap: float
    """The root of its lead over the second, as the first steps count most; 1 from a limit on, and when alone."""
    unknown: float
    """Of the weight of the query's words, what no article the asker may see holds."""


_WIDEST_GAP = 4.0
_USUAL_MATCH = 5.0
"""Terms of the rarest kind; as many as a dozen usual ones."""

# Logistic regressions by scripts/fit_search.py: whether the first hit is right, over the questions of kb-dev, with
# those that nothing answers counted threefold, since a wrong answer is dearer than a question passed on.
_WITH_ENCODER = Evidence(cosine=2.5, phrase_share=2.3, matched=3.3, gap=3.0, unknown=-2.2)
_BIAS_WITH_ENCODER = -5.0
_WITHOUT_ENCODER = Evidence(cosine=0.0, phrase_share=2.5, matched=3.1, gap=4.3, unknown=-2.2)
_BIAS_WITHOUT_ENCODER = -4.4


def evidence(ranking: Ranking, first: int, second: int | None, unknown: float) -> Evidence:
    """`first` and `second` are the numbers of the two best candidates."""
    gap = _WIDEST_GAP
    if second is not None:
        gap = min(gap, float(ranking.total[first] - ranking.total[second]))
    matched = float(ranking.matched[first])
    return Evidence(
        cosine=float(ranking.cosine[first]),
        phrase_share=float(ranking.phrase_share[first]),
        matched=matched / (matched + _USUAL_MATCH),
        gap=math.sqrt(gap / _WIDEST_GAP),
        unknown=unknown,
    )


def confidence(seen: Evidence, *, has_encoder: bool) -> float:
    """A probability, as far as the questions it was fitted on are like those asked here."""
    weights, bias = (
        (_WITH_ENCODER, _BIAS_WITH_ENCODER) if has_encoder else (_WITHOUT_ENCODER, _BIAS_WITHOUT_ENCODER)
    )
    return 1 / (
        1 + math.exp(-bias - sum(weight * value for weight, value in zip(weights, seen, strict=True)))
    )
