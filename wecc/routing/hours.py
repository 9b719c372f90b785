"""Opening hours: is it open, and when does it open next. Without I/O."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from wecc.infra.wire import Id, Line, Wire

USUAL_ZONE = "Asia/Shanghai"
"""Where days begin for a center without opening hours."""

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_LOOKED_AHEAD_DAYS = 400


class Opening(Wire):
    """From `opens` to `closes` (`HH:MM`, `24:00` is midnight) on `day` 1 (Monday) … 7."""

    day: int
    opens: str
    closes: str


class Holiday(Wire):
    """A day (`YYYY-MM-DD`) with hours of its own: closed, or open from `opens` to `closes`."""

    date: str
    name: Line
    opens: str = ""
    closes: str = ""


class HoursPlan(Wire):
    """Opening hours in a time zone."""

    code: Id
    name_zh: Line
    name_en: Line
    time_zone: Line
    week: Annotated[list[Opening], Field(max_length=50)]
    holidays: Annotated[list[Holiday], Field(max_length=200)]


def is_zone(name: str) -> bool:
    """Whether it names a time zone, such as `Asia/Shanghai`."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_span(opens: str, closes: str) -> bool:
    """Whether both are times of a day, the first before the second."""
    return bool(_TIME.fullmatch(opens)) and bool(_TIME.fullmatch(closes)) and opens < closes


def is_open(hours: HoursPlan, at_ms: int) -> bool:
    """Source: the closed and holiday behaviour every queue needs (reference, routing §2)."""
    local = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(hours.time_zone))
    now = f"{local:%H:%M}"
    return any(opens <= now < closes for opens, closes in _spans(hours, local.date()))


def next_opening_ms(hours: HoursPlan, at_ms: int) -> int | None:
    """When it opens next, after `at_ms`; None when it never does."""
    zone = ZoneInfo(hours.time_zone)
    today = datetime.fromtimestamp(at_ms / 1000, zone).date()
    for ahead in range(_LOOKED_AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        for opens, _ in _spans(hours, day):
            at = datetime.combine(day, time.fromisoformat(opens), zone)
            opening_ms = round(at.astimezone(UTC).timestamp() * 1000)
            if opening_ms > at_ms:
                return opening_ms
    return None


def _spans(hours: HoursPlan, day: date) -> list[tuple[str, str]]:
    for holiday in hours.holidays:
        if holiday.date == day.isoformat():
            return [(holiday.opens, holiday.closes)] if holiday.opens else []
    week = [(o.opens, o.closes) for o in hours.week if o.day == day.isoweekday()]
    return sorted(week)
