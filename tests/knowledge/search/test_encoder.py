"""With the sentence encoder: meaning finds what words do not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.knowledge.search.texts import ARTICLES, PUBLIC, article, found_ids, opener
from wecc.knowledge.search import Engine, Kind, decide
from wecc.knowledge.search.encoder import is_installed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not is_installed(), reason="the encoder is an optional part"),
]


@pytest.fixture(scope="module", params=["whoosh", "fts5"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    kind: Kind = request.param
    engine = opener(tmp_path_factory.mktemp("encoder"), kind, with_encoder=True)()
    yield engine
    engine.close()


def test_other_words_and_the_other_language_find_it(shared: Engine) -> None:
    assert shared.has_encoder
    assert found_ids(shared, "上网口令不记得了")[0] == "broadband-password"
    assert found_ids(shared, "how to reset my broadband password")[0] == "broadband-password"


def test_what_one_may_not_see_is_not_near_either(shared: Engine) -> None:
    assert "refund-limits" not in found_ids(shared, "退费审批权限")


def test_what_nothing_answers_is_not_answered(shared: Engine) -> None:
    for query in ("今天天气怎么样", "红烧肉的做法", "who won the world cup", "推荐一部电影"):
        assert decide(shared.search(query, PUBLIC), 0.8, 0.2) != "answer", query


def test_published_and_withdrawn_with_its_meaning(shared: Engine) -> None:
    shared.apply([article("voicemail", "语音信箱怎么使用", "拨打客服热线开通。")], [], 2)
    assert found_ids(shared, "how to use voicemail")[0] == "voicemail"
    shared.apply([], ["voicemail@1"], 700)
    assert "voicemail" not in found_ids(shared, "how to use voicemail")
    assert shared.count == len(ARTICLES)
