"""What the sample site says, in the two languages it speaks."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]

HTML_LANG: dict[Language, str] = {"zh": "zh-CN", "en": "en"}


class Text(NamedTuple):
    """One sentence in both languages, side by side so that neither is forgotten."""

    zh: str
    en: str


def money(amount_minor: int) -> str:
    """Fen as yuan: `¥1,285.50`, `−¥32.00`."""
    sign = "−" if amount_minor < 0 else ""
    return f"{sign}¥{abs(amount_minor) / 100:,.2f}"


def price(amount_minor: int) -> str:
    """A tariff in whole yuan: `¥59`."""
    return f"¥{amount_minor // 100:,}"


def data_volume(volume_mb: int) -> str:
    """Megabytes as a customer reads them: `640 MB`, `18.6 GB`."""
    return f"{volume_mb} MB" if volume_mb < 1024 else f"{volume_mb / 1024:.1f} GB".replace(".0 ", " ")


def phone(number: str) -> str:
    """An eleven-digit mobile number in its usual groups: `138 0000 0101`."""
    return f"{number[:3]} {number[3:7]} {number[7:]}"


def masked_phone(number: str) -> str:
    """The same number as it may be shown on a screen others can see: `138 **** 0101`."""
    return f"{number[:3]} **** {number[7:]}"


def long_date(day: date, language: Language) -> str:
    """`2026年8月22日`, `22 August 2026`."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B %Y}"


def month(day: date, language: Language) -> str:
    """`2026年8月`, `August 2026`."""
    return f"{day.year}年{day.month}月" if language == "zh" else f"{day:%B %Y}"
