"""What makes an order for broadband valid."""

from __future__ import annotations

from datetime import date

import pytest

from wecc.demo.orders import Order, read_order

TODAY = date(2026, 8, 22)
GOOD = {
    "speed": "500",
    "city": "guangzhou",
    "address": "天河区体育西路 1 号",
    "day": "2026-08-24",
    "slot": "morning",
    "name": "李雷",
    "mobile": "13800000999",
    "agree": "yes",
}


def test_a_complete_form_is_an_order() -> None:
    order = read_order(GOOD, TODAY)
    assert isinstance(order, Order)
    assert (order.speed.mbps, order.city.en, order.day) == (500, "Guangzhou", date(2026, 8, 24))
    assert order.email == order.remarks == ""


@pytest.mark.parametrize(
    "typed", ["138 0000 0999", "+86 138-0000-0999", "１３８０００００９９９", " 13800000999 "]
)
def test_a_mobile_number_is_read_as_people_type_it(typed: str) -> None:
    order = read_order(GOOD | {"mobile": typed}, TODAY)
    assert isinstance(order, Order)
    assert order.mobile == "13800000999"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("speed", "9000"),
        ("city", "atlantis"),
        ("address", "天河"),
        ("address", "x" * 121),
        ("day", "2026-08-23"),
        ("day", "2026-09-22"),
        ("day", "tomorrow"),
        ("slot", ""),
        ("name", "李"),
        ("mobile", "1380000099"),
        ("mobile", "23800000999"),
        ("mobile", "138000009990"),
        ("email", "name@"),
        ("email", "a b@example.com"),
        ("remarks", "x" * 201),
    ],
)
def test_a_fault_is_named_by_its_field(field: str, typed: str) -> None:
    faults = read_order(GOOD | {field: typed}, TODAY)
    assert isinstance(faults, dict)
    assert list(faults) == [field]


def test_an_empty_form_names_every_required_field_in_the_order_of_the_form() -> None:
    faults = read_order({}, TODAY)
    assert isinstance(faults, dict)
    assert list(faults) == ["speed", "city", "address", "day", "slot", "name", "mobile", "agree"]
