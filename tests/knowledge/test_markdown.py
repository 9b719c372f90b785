"""What the index reads of an article's Markdown."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecc.knowledge.markdown import plain_text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("**重点：**内容 *斜* `a*b`", "重点：内容 斜 a*b"),
        ("- 一\n2、二\n3. 三", "一\n二\n三"),
        ("见[网上营业厅](https://example.com/a_b)。", "见网上营业厅。"),
        ("**[粗](https://example.com)**", "粗"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("```\n*原样*\n```\n后", "*原样*\n后"),
        (r"\*不是强调\*", "*不是强调*"),
        ("拨 *100# 或 snake_case 或 2*3*4", "拨 *100# 或 snake_case 或 2*3*4"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\n\n 一 \n\n", "一"),
    ],
)
def test_marks_go_and_text_stays(body: str, text: str) -> None:
    assert plain_text(body) == text


@given(st.text(alphabet="*_`[]()\\-1. \nax一https:/", max_size=200))
def test_any_text_is_taken(body: str) -> None:
    assert len(plain_text(body)) <= len(body)


@pytest.mark.parametrize("unit", [" *a", "`", "[a", "**", "_ ", "[a](https://", "*a_a", "``` ", "\\"])
def test_no_text_is_slow(unit: str) -> None:
    began_s = time.process_time()
    plain_text(unit * (100_000 // len(unit)))
    assert time.process_time() - began_s < 2
