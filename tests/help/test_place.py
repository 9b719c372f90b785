"""Addresses of the help page: read kindly, written so that every place finds itself again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quart import Quart, request

from wecc.help.place import Place

_APP = Quart(__name__)


async def place_at(url: str, accept_language: str = "zh-CN") -> Place:
    async with _APP.test_request_context(url, headers={"Accept-Language": accept_language}):
        tail = request.path.partition("/articles/")[2]
        return Place.of(request, "gd", tail)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,en;q=0.5", "en"),
        ("fr", "zh-CN"),
        ("", "zh-CN"),
    ],
)
async def test_it_speaks_what_the_browser_asks_for(accepted: str, language: str) -> None:
    place = await place_at("/help/gd", accepted)
    assert (place.language, place.language_asked) == (language, "")


async def test_the_address_outweighs_the_browser_and_is_kept_in_links() -> None:
    place = await place_at("/help/gd?lang=en-GB&q=x", "zh-CN")
    assert place.language == "en"
    assert place.article("a1") == "/help/gd/articles/a1?q=x&lang=en"
    assert place.in_other_language == "/help/gd?q=x&lang=zh-CN"


async def test_what_makes_no_sense_is_left_out() -> None:
    place = await place_at("/help/gd?category=../etc&offset=-3&lang=klingon&embed=tv&more")
    assert place == Place("gd", "zh-CN", shows_more=True)
    assert (await place_at("/help/gd?offset=99999999999999999999")).offset == 100_000
    assert (await place_at("/help/gd?offset=%C2%B2")).offset == 0  # a digit, but no number
    assert (await place_at("/help/gd?q=%00+%E2%80%AEa%0Ab%09c+")).q == "a b c"


async def test_a_very_long_question_is_cut() -> None:
    assert len((await place_at("/help/gd?q=" + "x" * 5000)).q) == 500


async def test_in_the_chat_panel_all_places_are() -> None:
    place = await place_at("/help/gd?embed=widget&category=kd")
    for url in (place.home, place.article("a1"), place.within(""), place.category("zd")):
        assert "embed=widget" in url
    assert "embed" not in place.canonical


async def test_canonical_is_one_for_all_ways_to_an_article() -> None:
    for query in ("", "?q=x&question=q1", "?category=kd&lang=en", "?embed=widget&more=1"):
        assert (await place_at(f"/help/gd/articles/a1{query}")).canonical == "/help/gd/articles/a1"


@given(
    q=st.text(max_size=30),
    category_id=st.sampled_from(["", "kd", "zd-2"]),
    offset=st.integers(0, 500),
    shows_more=st.booleans(),
    in_widget=st.booleans(),
    question_id=st.sampled_from(["", "0198c1"]),
)
async def test_every_place_is_found_again_by_its_address(
    q: str, category_id: str, offset: int, shows_more: bool, in_widget: bool, question_id: str
) -> None:
    words = (await place_at("/help/gd?" + Place("gd", "en", q=q).url().partition("?")[2])).q
    place = Place("gd", "en", "en", in_widget, "a1", words, category_id, offset, shows_more, question_id)
    assert await place_at(place.url()) == place
    assert (await place_at(place.list)).list_key == place.list_key
