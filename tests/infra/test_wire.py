"""What all payloads share: closed, strict, cleaned."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from wecc.infra.wire import ClientId, FilledText, Id, Line, Seq, Text, Wire, is_id, one_line

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


class Sample(Wire):
    number: Seq = 0
    text: Text = ""


@pytest.mark.parametrize(
    "payload",
    [{"number": "1"}, {"number": 1.0}, {"number": True}, {"number": -1}, {"number": 2**53}, {"text": 1}, {"text": None},
     {"text": {"$ne": 1}}, {"other": 1}, [], "x", None, 1],
)  # fmt: skip
def test_nothing_is_converted_or_overlooked(payload: Any) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate(payload)


def test_a_payload_is_immutable() -> None:
    sample = Sample(text="a")
    with pytest.raises(ValidationError):
        sample.text = "b"  # type: ignore[misc]


@given(ANY_TEXT)
def test_a_cleaned_text_is_harmless_and_stays_so(text: str) -> None:
    cleaned = Sample(text=text).text
    assert Sample(text=cleaned).text == cleaned
    assert not {unicodedata.category(ch) for ch in cleaned if ch not in "\n\t"} & {"Cc", "Cs", "Co", "Cn"}
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff") & set(cleaned)
    cleaned.encode()


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValidationError):
        Sample(text="\ud800")


@given(ANY_TEXT)
def test_a_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert TypeAdapter(Line).validate_python(line[:300]) == one_line(line[:300])


@pytest.mark.parametrize("text", ["Hello, wörld!", "客服　您好", "👩‍👩‍👧 e\u0301", "नमस्ते", "a\nb\tc"])
def test_what_people_write_stays(text: str) -> None:
    assert Sample(text=text).text == text


@pytest.mark.parametrize("text", ["", " \n", "\u0000", "\u202e"])
def test_nothing_is_not_filled(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(FilledText).validate_python(text)


@pytest.mark.parametrize("text", ["", "A", "-a", "a b", "a/b", "a\n", "a\x00", "é", "a" * 65, "..", "a.b"])
def test_an_id_is_plain(text: str) -> None:
    assert not is_id(text)
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_python(text)


@pytest.mark.parametrize("text", ["short", "x" * 65, "with space", "new\nline1", "ümlaut12", "12345678\n"])
def test_a_client_id_is_plain(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ClientId).validate_python(text)
