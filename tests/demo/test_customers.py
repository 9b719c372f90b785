"""The sample customers against the tiers the center is seeded with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from wecc.demo import CUSTOMERS

TIERS: list[dict[str, Any]] = tomllib.loads(Path("config/tiers.toml").read_text("utf-8"))["tier"]


def test_the_customers_cover_every_tier_and_no_other() -> None:
    assert {code for customer in CUSTOMERS for code in customer.tiers} == {tier["code"] for tier in TIERS}
    assert any(len(customer.tiers) > 1 for customer in CUSTOMERS)


def test_customers_are_distinct_and_their_numbers_invented() -> None:
    assert len({customer.external_id for customer in CUSTOMERS}) == len(CUSTOMERS) == 8
    assert all(re.fullmatch(r"1380000\d{4}", customer.phone) for customer in CUSTOMERS)


def test_tiers_stand_in_order_of_rank_and_are_complete() -> None:
    assert [tier["rank"] for tier in TIERS] == sorted((tier["rank"] for tier in TIERS), reverse=True)
    for tier in TIERS:
        assert tier["name"]["zh"]
        assert tier["name"]["en"]
        for channel in (tier["voice"], tier["chat"]):
            assert channel["threshold_s"] > 0
            assert 0 < channel["target_percent"] <= 100
        assert tier["window_min"] > 0


def test_only_the_low_tiers_are_subordinate() -> None:
    assert [tier["code"] for tier in TIERS if tier["subordinate"]] == ["szx", "other"]
