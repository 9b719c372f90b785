"""The tree as far as it is open, filters, and the beginning of an answer."""

from __future__ import annotations

from typing import Any

import pytest

from wecc.help.views import Branch, branches, excerpt, filters, fits, path_to
from wecc.knowledge.schemas.reading import CategoryNode, Decision, SearchResults, Tree


def node(path: str, articles: int = 1) -> CategoryNode:
    parent, _, own = path.rpartition("/")
    return CategoryNode(
        id=own, parent_id=parent.rpartition("/")[2], name_zh=own, name_en=own, articles=articles
    )


TREE = Tree(
    center_id="gd",
    name_zh="广东",
    name_en="Guangdong",
    articles=9,
    categories=[node(p) for p in ("kd", "kd/yj", "kd/gz", "kd/gz/wifi", "kd/gz/wifi/5g", "zd", "zd/fp")],
)


def drawn(rows: list[Branch]) -> list[object]:
    return [
        [row.node.id + ("*" if row.is_current else ""), *([drawn(row.children)] if row.is_open else [])]
        for row in rows
    ]


def test_closed_it_shows_the_top_level() -> None:
    assert drawn(branches(TREE, "")) == [["kd"], ["zd"]]
    assert drawn(branches(TREE, "unknown")) == [["kd"], ["zd"]]


def test_it_is_open_along_the_way_and_one_level_below() -> None:
    assert drawn(branches(TREE, "gz")) == [["kd", [["yj"], ["gz*", [["wifi"]]]]], ["zd"]]
    deepest = drawn(branches(TREE, "5g"))
    assert deepest == [["kd", [["yj"], ["gz", [["wifi", [["5g*"]]]]]]], ["zd"]]


def test_the_way_leads_from_the_root() -> None:
    assert [step.id for step in path_to(TREE, "wifi")] == ["kd", "gz", "wifi"]
    assert path_to(TREE, "unknown") == []


def test_filters_are_offered_where_there_is_a_choice() -> None:
    counts = {"kd": 3, "gz": 2, "yj": 1, "zd": 7, "fp": 7}
    assert [(f.node.id, f.count) for f in filters(TREE, counts, "")] == [("zd", 7), ("kd", 3)]
    assert [(f.node.id, f.count) for f in filters(TREE, counts, "kd")] == [("gz", 2), ("yj", 1)]
    assert filters(TREE, counts, "zd") == []


def test_an_answer_begins_with_whole_blocks() -> None:
    assert excerpt("一句话。") == ("一句话。", False)
    assert excerpt("") == ("", False)
    long = "字" * 400
    assert excerpt(f"{long}\n\n后面") == (long, True)
    assert excerpt(f"前面\n\n{long}") == ("前面", True)
    steps = "\n".join(f"{n}. 步骤" for n in range(1, 9))
    assert excerpt(f"前面\n\n{steps}\n\n再一段\n\n又一段") == (f"前面\n\n{steps}\n\n再一段", True)


@pytest.mark.parametrize(
    ("query", "decision", "is_found"),
    [
        ("盖板", "escalate", True),
        ("ＦＴＴＨ 更换", "escalate", True),
        ("盖板 漫游", "escalate", False),
        ("井盖怎么换", "escalate", False),
        ("井盖怎么换", "suggest", True),
    ],
)
def test_words_that_stand_in_a_title_are_found(query: str, decision: Decision, is_found: bool) -> None:
    assert fits(query, results("怎样预约 ftth 光缆沟盖板更换", decision)) is is_found


def test_nothing_does_not_fit() -> None:
    assert not fits("盖板", results("", "escalate"))


def results(title: str, decision: Decision) -> SearchResults:
    one: dict[str, Any] = {"id": "a", "external_id": None, "version": 1, "title": title, "category": []}
    one |= {"snippet": "", "marks": [], "title_marks": [], "score": 1.0, "confidence": 0.1}
    one |= {"lang": "zh-CN", "is_restricted": False}
    found: dict[str, Any] = {"question_id": "q", "results": [one] if title else [], "total": 1}
    found |= {"decision": decision, "confidence": 0.1, "asks_back": False, "category_counts": {}}
    return SearchResults.model_validate(found | {"dropped": [], "took_ms": 1.0})
