"""Identity's rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecc.identity.domain import TierRule, highest_tier, masked_phone, page_address
from wecc.identity.http import client_address
from wecc.settings import Settings, Web


def tier(code: str, rank: int) -> TierRule:
    return TierRule(code, code, code, rank)


TIERS = {code: tier(code, rank) for code, rank in (("vip", 90), ("signed", 80), ("other", 30))}


@pytest.mark.parametrize(
    ("codes", "wins"),
    [([], "other"), (["signed"], "signed"), (["other", "vip", "signed"], "vip"), (["emperor"], "other"), (["emperor", "signed"], "signed")],
)  # fmt: skip
def test_the_highest_of_several_identities_wins(codes: list[str], wins: str) -> None:
    """Source: 2.3-03."""
    assert highest_tier(codes, TIERS, "other") == wins


@pytest.mark.parametrize(
    ("phone", "shown"), [("13812345678", "138****5678"), ("1234567", "*******"), ("", "")]
)
def test_a_phone_is_masked(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


@given(st.text(max_size=300))
def test_an_address_is_clean_whatever_comes(url: str) -> None:
    address = page_address(url)
    assert address == "" or address.startswith(("http://", "https://"))
    assert not set("?#@\r\n\x00") & set(address.split("/", 3)[2] if address else "")
    assert address.isprintable()


@given(st.text(max_size=50), st.text(max_size=50))
def test_query_and_fragment_never_stay(query: str, fragment: str) -> None:
    assert page_address(f"https://shop.example/a?{query.replace('#', '')}#{fragment}") in (
        "https://shop.example/a",
        "",
    )


def test_a_forwarded_address_counts_only_behind_our_proxy() -> None:
    """A spoofed header dodges no limit. Source: reliability 49."""
    spoofed = ["1.2.3.4", "5.6.7.8, 9.9.9.9"]
    assert client_address("10.0.0.1", spoofed, Settings()) == "10.0.0.1"
    behind = Settings(web=Web(trusts_proxy=True))
    assert client_address("10.0.0.1", spoofed, behind) == "9.9.9.9"
    assert client_address("10.0.0.1", [], behind) == "10.0.0.1"
