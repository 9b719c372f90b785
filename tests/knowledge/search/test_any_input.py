"""Nothing typed is an error, slow, or syntax."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.knowledge.search.texts import ARTICLES, PUBLIC, OpenEngine, article, found_ids, opener
from wecc.knowledge.search import Engine, Kind

_HOSTILE = (
    "",
    " \t\n",
    "\x00\x01\x1b[31m",
    '"未闭合的引号',
    "title:密码 AND (body:宽带 OR NOT *)",
    'NEAR("a" "b", 5) ^ {phrases body} : x',
    "'; DROP TABLE document; --",
    "*?~^[]{}()\\/:-+&|!",
    "\ud800宽带\udfff密码",
    "😀" * 50,
    "<script>alert(1)</script>",
    "a" * 100_000,
    "宽带密码" * 25_000,
    "ﷺ" * 100_000,
)


@pytest.fixture(scope="module", params=["whoosh", "fts5"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    kind: Kind = request.param
    engine = opener(tmp_path_factory.mktemp("any"), kind)()
    yield engine
    engine.close()


@pytest.mark.parametrize("query", _HOSTILE, ids=range(len(_HOSTILE)))
def test_hostile_queries_are_words_like_others(shared: Engine, query: str) -> None:
    began_s = time.process_time()
    shared.search(query, PUBLIC)
    shared.complete(query, PUBLIC)
    assert time.process_time() - began_s < 0.5


def test_operators_are_not_obeyed(shared: Engine) -> None:
    assert found_ids(shared, "NOT 宽带密码")[0] == "broadband-password"
    assert found_ids(shared, "宽带* OR title:密码")[0] == "broadband-password"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=[]), max_size=80))
def test_any_text_is_searched_and_marked_in_order(shared: Engine, text: str) -> None:
    for hit in shared.search(text, PUBLIC).hits:
        title = next(document.title for document in ARTICLES if document.article_id == hit.article_id)
        for shown, marks in ((hit.snippet, hit.marks), (title, hit.title_marks)):
            edges = [edge for mark in marks for edge in mark]
            assert edges == sorted(set(edges)), "in order, none empty, none touching"
            assert not edges or (edges[0] >= 0 and edges[-1] <= len(shown))
    for completion in shared.complete(text, PUBLIC):
        assert completion.marks


def test_any_text_may_be_published(open_engine: OpenEngine) -> None:
    odd = tuple(article(f"odd-{number}", text[:300], text[:5000]) for number, text in enumerate(_HOSTILE))
    engine = open_engine((*ARTICLES, *odd))
    assert engine.count == len(ARTICLES) + len(odd)
    engine.close()
    again = open_engine((*ARTICLES, *odd))
    assert found_ids(again, "怎么重置宽带密码")
    again.close()
