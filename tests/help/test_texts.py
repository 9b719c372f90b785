"""Everything the help page says, it says in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import wecc.help
from wecc.help.texts import TEXTS, date_of, file_size, iso_date, say

FOLDER = Path(wecc.help.__file__).parent


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_are_complete() -> None:
    for key, (zh, en) in TEXTS.items():
        assert fields(zh) == fields(en) or key.endswith("_one"), key
        assert all((zh, en)), key
        if key not in ("other_language", "title"):
            assert re.search(r"[\u4e00-\u9fff]", zh), key
            assert not re.search(r"[\u4e00-\u9fff]", en), key


def test_no_text_is_missing_and_none_is_left_over() -> None:
    sources = [p.read_text("utf-8") for p in (*FOLDER.rglob("*.html"), *FOLDER.glob("p*.py"))]
    used = set(re.findall(r"""["']([a-z_]+)["']""", "\n".join(sources)))
    made = {"solved_thanks", "unsolved_thanks", "trouble_why", "no_center_why"}
    known = {key for key in TEXTS if not key.endswith("_one")}
    assert known - used - made == set()
    said = set(re.findall(r"""\bt\(["']([a-z_]+)["']""", "\n".join(sources)))
    assert said - known == set()


def test_one_is_said_as_one() -> None:
    assert say("en", "results_count", count=1) == "1 result"
    assert say("en", "results_count", count=2) == "2 results"
    assert say("zh-CN", "results_count", count=1) == "找到 1 条结果"


def test_dates_and_sizes() -> None:
    at_ms = 1_787_300_000_000  # late in the evening of 20 August in Greenwich
    assert (date_of(at_ms, "zh-CN"), date_of(at_ms, "en")) == ("2026年8月21日", "21 August 2026")
    assert iso_date(at_ms) == "2026-08-21"
    assert [file_size(n) for n in (812, 24_000, 3_500_000)] == ["812 B", "23 KB", "3.3 MB"]
