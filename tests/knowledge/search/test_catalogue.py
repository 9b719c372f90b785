"""The documents in memory, over many changes."""

from __future__ import annotations

import numpy as np

from tests.knowledge.search.texts import PUBLIC, article
from wecc.knowledge.search.catalogue import Catalogue
from wecc.knowledge.search.encoder import DIMENSIONS, Vectors
from wecc.knowledge.search.index import Scope
from wecc.knowledge.search.text import term_ids


def _towards(direction: int) -> Vectors:
    vector = np.zeros((1, DIMENSIONS), dtype=np.float32)
    vector[0, direction] = 1
    return vector


def _put(catalogue: Catalogue, number: int, direction: int, terms: tuple[str, ...] = ("宽带",)) -> None:
    document = article(f"a{number}", f"第{number}篇")
    catalogue.put(document, [term_ids([*terms, f"t{number}"])], term_ids([]), _towards(direction))


def _nearest(catalogue: Catalogue, direction: int) -> list[str]:
    numbers = catalogue.nearest(_towards(direction), Scope(PUBLIC), 1)
    return [catalogue.row(number).article_id for number in numbers]


def test_vectors_stay_with_their_documents_through_many_changes() -> None:
    catalogue = Catalogue(has_vectors=True)
    for number in range(100):
        _put(catalogue, number, number)
    for again in range(3_000):  # far more than there was room for
        _put(catalogue, again % 50, again % 50)
    catalogue.drop("a7@1")
    assert len(catalogue) == 99
    assert [_nearest(catalogue, number) for number in (0, 49, 50, 99)] == [["a0"], ["a49"], ["a50"], ["a99"]]
    assert _nearest(catalogue, 7) == []


def test_statistics_follow_every_change() -> None:
    catalogue = Catalogue(has_vectors=True)
    for number in range(10):
        _put(catalogue, number, number)
    kept = catalogue.statistics(PUBLIC)
    _put(catalogue, 3, 3, ("密码",))
    catalogue.drop("a4@1")
    assert catalogue.statistics(PUBLIC) is kept
    fresh = Catalogue(has_vectors=True)
    for row in catalogue.rows():
        number = int(row.article_id[1:])
        _put(fresh, number, number, ("密码",) if number == 3 else ("宽带",))
    anew = fresh.statistics(PUBLIC)
    assert (kept.count, kept.count_of("宽带"), kept.count_of("密码")) == (9, 8, 1)
    assert anew.count == kept.count
    assert np.array_equal(anew.frequency, kept.frequency)


def test_the_space_follows_every_change() -> None:
    catalogue = Catalogue(has_vectors=True)
    for number in range(10):
        _put(catalogue, number, number)
    kept = catalogue.space(PUBLIC)
    _put(catalogue, 3, 5)
    catalogue.drop("a4@1")
    assert catalogue.space(PUBLIC) is kept
    fresh = Catalogue(has_vectors=True)
    for row in catalogue.rows():
        number = int(row.article_id[1:])
        _put(fresh, number, 5 if number == 3 else number)
    rows = list(catalogue.rows())
    near = kept.cosines(catalogue.vectors(rows), _towards(5))
    again = fresh.space(PUBLIC).cosines(catalogue.vectors(rows), _towards(5))
    assert np.allclose(near, again, atol=1e-6)
    assert kept.count == len(rows) == 9


def test_what_is_everywhere_weighs_least() -> None:
    catalogue = Catalogue(has_vectors=False)
    for number in range(10):
        catalogue.put(article(f"a{number}", "x"), [term_ids(["宽带", f"t{number}"])], term_ids([]), None)
    weights = catalogue.statistics(PUBLIC).weigh(["宽带", "t3", "光猫"])
    assert weights["宽带"] < weights["t3"] < weights["光猫"]
