"""Fit the confidence of the knowledge search: `fit_search.py FOLDER`, with corpus.jsonl and queries.jsonl in it.

Prints the weights of a logistic regression (is the first hit right?) to be rounded into
`wecc/knowledge/search/confidence.py`, and what thresholds do, in-sample and cross-validated: all questions of one
article are in the same fold.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wecc.bench.kb_set import ACCESS, Question, load_set
from wecc.knowledge.search import Engine, Vocabulary
from wecc.knowledge.search.confidence import Evidence

Floats = npt.NDArray[np.float64]

_UNANSWERABLE_COUNTS = 3.0
"""A wrong answer is dearer than a question passed on, and the sets hold few that nothing answers."""
_RIDGE = 1.0
_FOLDS = 5
_THRESHOLDS = (0.7, 0.75, 0.8, 0.85)


@dataclass(frozen=True, slots=True)
class Cases:
    """One row a question that found anything."""

    evidence: Floats
    is_right: Floats
    is_answerable: npt.NDArray[np.bool_]
    fold: npt.NDArray[np.int64]
    asked: int
    """Questions, those that found nothing included."""

    def weights(self) -> Floats:
        return np.where(self.is_answerable, 1.0, _UNANSWERABLE_COUNTS)


def collect(engine: Engine, questions: list[Question]) -> Cases:
    groups = sorted({question.group for question in questions})
    # Neighbouring numbers are of one source: dealt out in turn, each fold gets some of every source.
    fold_of = {group: number % _FOLDS for number, group in enumerate(groups)}
    evidence, is_right, is_answerable, fold = [], [], [], []
    for question in questions:
        seen = engine.evidence(question.text, ACCESS)
        if seen is None:
            continue
        key, values = seen
        evidence.append(values)
        is_right.append(key.rpartition("@")[0] in question.relevant)
        is_answerable.append(bool(question.relevant))
        fold.append(fold_of[question.group])
    return Cases(
        np.array(evidence, dtype=np.float64),
        np.array(is_right, dtype=np.float64),
        np.array(is_answerable),
        np.array(fold),
        len(questions),
    )


def fit(evidence: Floats, is_right: Floats, counts: Floats) -> Floats:
    """Weights and, last, the bias: by Newton's method."""
    rows = np.hstack([evidence, np.ones((len(evidence), 1))])
    ridge = np.diag([*[_RIDGE] * evidence.shape[1], 0.0]) + 1e-9 * np.eye(rows.shape[1])
    weights = np.zeros(rows.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (counts * (chance - is_right)) + ridge @ weights
        curvature = (rows * (counts * chance * (1 - chance))[:, None]).T @ rows + ridge
        weights -= np.linalg.solve(curvature, gradient)
    return weights


def predict(weights: Floats, evidence: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-evidence @ weights[:-1] - weights[-1])))


def tell(title: str, chances: Floats, cases: Cases) -> None:
    print(f"  {title}: threshold, share answered, share right of those, share of the unanswerable answered")
    unanswerable = max(1, cases.asked - int(cases.is_answerable.sum()))
    for threshold in _THRESHOLDS:
        answered = chances >= threshold
        right = cases.is_right[answered].sum() / max(1, answered.sum())
        wrongly = (answered & ~cases.is_answerable).sum() / unanswerable
        print(f"    {threshold:.2f}  {answered.sum() / cases.asked:.3f}  {right:.3f}  {wrongly:.3f}")


def main() -> None:
    documents, questions = load_set(Path(sys.argv[1]))
    for with_encoder in (True, False):
        with tempfile.TemporaryDirectory(prefix="fit-search-") as folder:
            engine = Engine.open(Path(folder), "fts5", documents, 1, Vocabulary(), with_encoder=with_encoder)
            cases = collect(engine, questions)
            engine.close()
        weights = fit(cases.evidence, cases.is_right, cases.weights())
        named = ", ".join(
            f"{name} {weight:.2f}" for name, weight in zip((*Evidence._fields, "bias"), weights, strict=True)
        )
        print(f"{'with' if with_encoder else 'without'} encoder: {named}")
        tell("in-sample", predict(weights, cases.evidence), cases)
        chances = np.zeros(len(cases.fold))
        for number in range(_FOLDS):
            rest, held = cases.fold != number, cases.fold == number
            part = fit(cases.evidence[rest], cases.is_right[rest], cases.weights()[rest])
            chances[held] = predict(part, cases.evidence[held])
        tell("cross-validated", chances, cases)


if __name__ == "__main__":
    main()
