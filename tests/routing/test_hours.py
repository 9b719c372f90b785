"""Opening hours, in the center's own time."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.routing.test_plan import office
from wecc.routing.hours import Holiday, Opening, is_open, next_opening_ms


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T07:59:59.999+08:00", False),
        ("2026-11-23T08:00:00+08:00", True),
        ("2026-11-23T19:59:59+08:00", True),
        ("2026-11-23T20:00:00+08:00", False),
        ("2026-11-23T00:30:00+00:00", True),
        ("2026-11-22T12:00:00+08:00", False),
    ],
)
def test_open_from_eight_to_eight_on_weekdays(at: str, expected: bool) -> None:
    assert is_open(office(), ms(at)) is expected


def test_midnight_belongs_to_the_day_that_ends() -> None:
    always = office(week=[Opening(day=day, opens="00:00", closes="24:00") for day in range(1, 8)])
    assert is_open(always, ms("2026-11-23T23:59:59.999+08:00"))
    assert is_open(always, ms("2026-11-24T00:00:00+08:00"))


def test_a_holiday_closes_and_may_have_hours_of_its_own() -> None:
    hours = office(
        holidays=[
            Holiday(date="2026-11-24", name="停业"),
            Holiday(date="2026-11-28", name="周六补班", opens="10:00", closes="12:00"),
        ]
    )
    assert not is_open(hours, ms("2026-11-24T10:00:00+08:00"))
    assert is_open(hours, ms("2026-11-28T11:00:00+08:00"))
    assert next_opening_ms(hours, ms("2026-11-23T21:00:00+08:00")) == ms("2026-11-25T08:00:00+08:00")
    assert next_opening_ms(hours, ms("2026-11-27T21:00:00+08:00")) == ms("2026-11-28T10:00:00+08:00")


def test_the_next_opening_is_after_now_and_may_be_never() -> None:
    noon = office(
        week=[Opening(day=1, opens="08:00", closes="12:00"), Opening(day=1, opens="14:00", closes="18:00")]
    )
    assert next_opening_ms(noon, ms("2026-11-23T13:00:00+08:00")) == ms("2026-11-23T14:00:00+08:00")
    assert next_opening_ms(noon, ms("2026-11-23T14:00:00+08:00")) == ms("2026-11-30T08:00:00+08:00")
    assert next_opening_ms(office(week=[]), ms("2026-11-23T13:00:00+08:00")) is None


def test_it_opens_at_the_same_clock_time_when_clocks_change() -> None:
    berlin = office(
        time_zone="Europe/Berlin", week=[Opening(day=d, opens="08:00", closes="20:00") for d in range(1, 8)]
    )
    assert next_opening_ms(berlin, ms("2026-10-24T21:00:00+02:00")) == ms("2026-10-25T08:00:00+01:00")
