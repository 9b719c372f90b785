"""Who comes in a rush: the same for the same seed, of all tiers, in bursts."""

from __future__ import annotations

from collections import Counter

from wecc.rush.script import SHARES, arrivals


def test_a_seed_brings_the_same_visitors() -> None:
    assert arrivals(3, 2, 40) == arrivals(3, 2, 40)
    assert arrivals(3, 2, 40) != arrivals(4, 2, 40)


def test_visitors_come_at_the_pace_and_in_the_shares_asked_for() -> None:
    coming = arrivals(1, 300, 40)
    assert abs(len(coming) / 300 - 40) < 2
    assert [a.at_s for a in coming] == sorted(a.at_s for a in coming)
    of_tier = Counter(a.tier for a in coming)
    assert all(abs(of_tier[tier] / len(coming) - share / 100) < 0.02 for tier, share in SHARES.items())
    assert sum(SHARES.values()) == 100


def test_bursts_stand_out() -> None:
    """Four times as many in the last twenty of each ninety seconds."""
    coming = arrivals(1, 300, 40)
    in_burst = sum(a.at_s % 90 > 70 for a in coming)
    assert 3.5 < (in_burst / 20) / ((len(coming) - in_burst) / 70) < 4.5


def test_patience_and_handling_have_their_means() -> None:
    coming = arrivals(1, 600, 40)
    assert abs(sum(a.patience_s for a in coming) / len(coming) - 120) < 6
    assert abs(sum(a.handling_s for a in coming) / len(coming) - 28) < 1
