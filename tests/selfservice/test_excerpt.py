"""Articles shortened for a conversation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wecc.selfservice.excerpt import excerpt


def test_a_short_article_is_whole() -> None:
    body = "两种方式：\n\n1. **网站**\n2. 短信 `YE`\n\n```\n*100#\n```"
    assert excerpt(body) == body


def test_what_messages_cannot_show_is_put_otherwise() -> None:
    body = "## 资费\n![图](attachment:1)\n| 地区 | 价格 |\n|:---|---|\n| 港澳 | 25 元 |\n\n见[网站](https://a.example)"
    assert excerpt(body) == "**资费**\n\n- 地区 · 价格\n- 港澳 · 25 元\n\n见[网站](https://a.example)"


def test_a_long_one_ends_with_a_paragraph_or_a_sentence() -> None:
    paragraphs = "\n\n".join(f"{i}" + "字" * 299 for i in range(4))
    assert excerpt(paragraphs) == "0" + "字" * 299 + "\n\n1" + "字" * 299 + " …"
    sentences = "。".join("句" * 90 for _ in range(20))
    shown = excerpt(sentences)
    assert shown.endswith("句。 …")
    assert 600 < len(shown) <= 702


def test_code_that_is_cut_is_closed() -> None:
    shown = excerpt("```\n" + "*100#\n" * 300 + "```\n\n后面")
    assert shown.count("```") == 2


@given(st.text(alphabet="字 。\n#|-`!*[]()a", max_size=3000))
def test_it_is_bounded(body: str) -> None:
    assert len(excerpt(body)) <= 760
    assert not excerpt(body).count("```") % 2 or body.count("```") % 2
