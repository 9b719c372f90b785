"""What is near: as far as it tells phrases apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wecc.knowledge.search.encoder import DIMENSIONS, Vectors
from wecc.knowledge.search.space import Space


def _unit(vectors: npt.NDArray[np.float64]) -> Vectors:
    lengths = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return np.asarray(vectors / lengths, dtype=np.float32)


def _phrases(count: int, along: dict[int, float]) -> Vectors:
    """By chance, and spread so much further along these directions."""
    chance = np.random.default_rng(7)
    spread = np.ones(DIMENSIONS)
    spread[list(along)] = list(along.values())
    return _unit(chance.normal(size=(count, DIMENSIONS)) * spread)


def _space(phrases: Vectors) -> Space:
    space = Space()
    space.add(phrases, 1)
    return space


def _towards(*parts: tuple[int, float]) -> Vectors:
    vector = np.zeros((1, DIMENSIONS))
    for direction, length in parts:
        vector[0, direction] = length
    return _unit(vector)


def test_the_same_is_nearest_and_its_opposite_farthest() -> None:
    phrases = _phrases(300, {})
    cosines = _space(phrases).cosines(phrases, phrases[:1])
    assert cosines.argmax() == 0
    assert np.isclose(cosines[0, 0], 1, atol=1e-5)


def test_what_all_phrases_share_says_nothing() -> None:
    shared = _unit(_phrases(300, {}).astype(np.float64) * 0.3 + _towards((0, 1.0)))
    (near,) = _space(shared).cosines(_towards((0, 1.0), (1, 0.3)), _towards((0, 1.0), (2, 0.3)))
    assert abs(near[0]) < 0.2


def test_what_sets_half_of_the_phrases_apart_says_little() -> None:
    space = _space(_phrases(2_000, {0: 20.0}))
    asked = _towards((0, 1.0), (1, 0.8))
    usual, telling = space.cosines(np.vstack([_towards((0, 1.0)), _towards((1, 1.0))]), asked)[:, 0]
    assert telling > 2 * usual, "though it is the smaller part of the question"


def test_few_phrases_bend_little() -> None:
    phrases = _phrases(3, {})
    cosines = _space(phrases).cosines(phrases, _unit(phrases[:1].astype(np.float64) + 0.02))
    assert cosines.argmax() == 0
    assert cosines[0, 0] > 0.5


def test_phrases_taken_away_leave_no_trace() -> None:
    phrases, others = _phrases(300, {}), _phrases(100, {5: 30.0})
    space = _space(phrases)
    space.add(others, 1)
    space.add(others, -1)
    asked = _towards((5, 1.0), (6, 1.0))
    assert np.allclose(space.cosines(phrases, asked), _space(phrases).cosines(phrases, asked), atol=1e-4)


def test_where_nothing_was_published_nothing_breaks() -> None:
    assert np.isclose(Space().cosines(_towards((0, 1.0)), _towards((0, 1.0))), 1)
