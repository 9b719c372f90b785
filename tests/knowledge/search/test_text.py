"""From what people type to terms."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wecc.knowledge.search.text import Cutter, aligned, normalize, term_id, term_ids

_CUTTER = Cutter()


def test_one_spelling_for_widths_cases_and_scripts() -> None:
    assert normalize("ＳＩＭ卡 Ⅳ") == "sim卡 iv"
    assert normalize("攜號轉網與資費") == "携号转网与资费"


def test_chinese_is_cut_to_words_and_to_pairs() -> None:
    terms = Cutter().terms("怎么重置宽带密码")
    assert {"重置", "宽带", "密码", "带密"} <= set(terms)
    assert terms.count("宽带") == 1, "a word of two characters is one term, not also a pair"


def test_a_slip_of_the_hand_leaves_most_features() -> None:
    cutter = Cutter()
    meant, typed = cutter.features("临时额度"), cutter.features("零时额度")
    assert len(set(meant) & set(typed)) >= len(meant) / 2
    assert not set(cutter.terms("临时")) & set(cutter.terms("零时"))


def test_a_word_of_one_character_is_not_that_character_anywhere() -> None:
    cutter = Cutter()
    assert term_id("我") in cutter.features("我")
    assert term_id("额") not in cutter.features("额度")


def test_a_domain_word_stays_whole() -> None:
    assert "携号转网" not in Cutter().words("怎么办理携号转网")
    assert "携号转网" in Cutter(["攜號轉網"]).words("怎么办理携号转网")


def test_english_words_meet_in_their_stem_and_empty_ones_go() -> None:
    cutter = Cutter()
    assert cutter.terms("activating the cards") == cutter.terms("activate my card")


def test_terms_are_sorted_numbers_each_once() -> None:
    ids = term_ids(["宽带", "密码", "宽带"])
    assert len(ids) == 2
    assert sorted(ids) == list(ids)


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_is_read_and_stays_aligned(text: str) -> None:
    normal, origin = aligned(text)
    assert len(origin) == len(normal) + 1
    assert origin == sorted(origin)
    assert origin[-1] == len(text)
    normalize(text).encode()
    term_ids(_CUTTER.terms(normalize(text)))
