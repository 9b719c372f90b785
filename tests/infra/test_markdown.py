"""What people write comes out as text, however it is dressed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecc.infra.markdown import article_html, message_html, plain_text

_FILES = "/files/"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        '[x](https://a.example "onmouseover=alert(1)")',
        "# <svg onload=alert(1)>",
        "| <iframe> | b |\n|---|---|\n| c | d |",
    ],
)
def test_nothing_runs(text: str) -> None:
    for rendered in (message_html(text), article_html(text, _FILES)):
        assert "<script" not in rendered
        assert "<svg" not in rendered
        assert "<iframe" not in rendered
        assert "<img src=x" not in rendered
        assert 'href="javascript' not in rendered
        assert 'src="javascript' not in rendered


def test_an_article_has_headings_tables_and_its_own_pictures() -> None:
    rendered = article_html(
        "# 资费\n\n| 套餐 | 月费 |\n|---|---|\n| 轻简 | 19 |\n\n![截图](file:a1b2)", _FILES
    )
    assert "<h2>资费</h2>" in rendered
    assert "<td>19</td>" in rendered
    assert 'src="/files/a1b2"' in rendered


def test_of_a_picture_from_elsewhere_the_words_stay() -> None:
    rendered = article_html("![示意图](https://elsewhere.example/x.png)", _FILES)
    assert "示意图" in rendered
    assert "<img" not in rendered


def test_plain_text_has_no_marks() -> None:
    text = "## 办理\n\n**三步**完成：\n\n1. 打开[网站](https://a.example)\n2. 选择`套餐`\n\n| 套餐 | 月费 |\n|--|--|\n| 轻简 | 19 |"
    assert plain_text(text) == "办理\n三步完成：\n打开网站\n选择套餐\n套餐\n月费\n轻简\n19"


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("**重点：**内容", "<strong>重点：</strong>内容"),
        ("请先**“确认”**再办理", "请先<strong>“确认”</strong>再办理"),
        ("这是**粗体**字", "这是<strong>粗体</strong>字"),
        ("a **b** c", "a <strong>b</strong> c"),
        ("2*3*4", "2*3*4"),
        ("snake_case_name", "snake_case_name"),
        ("**21*号码#", "**21*号码#"),
        ("** 不是 **", "** 不是 **"),
    ],
)
def test_emphasis_stands_beside_chinese_and_not_within_numbers(text: str, rendered: str) -> None:
    assert message_html(text).strip() == f"<p>{rendered}</p>"


@given(st.text(max_size=400))
def test_any_text_can_be_shown(text: str) -> None:
    article_html(text, _FILES)
    message_html(text)
    plain_text(text)
