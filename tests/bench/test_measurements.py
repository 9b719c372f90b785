"""The measurements run, count what arrived, and say it in the form they promise."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

from tests.deployment import ROOT

pytestmark = pytest.mark.live


def bench(*arguments: str) -> dict[str, object]:
    command = [sys.executable, "-m", "wecc", "bench", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120)
    figures: dict[str, object] = orjson.loads(done.stdout)
    return figures


def test_chat_counts_messages_of_both_systems() -> None:
    """A round raises unless every message was acked once and delivered twice, on either side."""
    figures = bench("chat", "--seconds", "0.3", "--rounds", "1", "--conversations", "4", "--agents", "2")
    assert figures["deliveries_per_message"] == 2
    for system in ("wecc", "relay"):
        of_it = figures[system]
        assert isinstance(of_it, dict)
        assert of_it["messages"] > 0
        assert of_it["messages_per_cpu_s"] > 0


def test_connections_weigh_idle_visitors_and_time_the_others() -> None:
    """It raises unless every message and sign of typing arrived, and all idle connections lived."""
    figures = bench("connections", "--connections", "100", "--seconds", "0.5")
    during, ours = figures["during"], figures["wecc"]
    assert isinstance(during, dict)
    assert isinstance(ours, dict)
    assert during["messages"] > 0
    assert 0 < ours["rss_kib_per_connection"] < 200


def test_routing_decides_passes_on_and_shows() -> None:
    """It raises unless every freed agent was offered somebody, and every request reached a console."""
    figures = bench(
        *("routing", "--waiting", "2000", "--rounds", "2", "--seconds", "2"),
        *("--agents", "12", "--visitors", "40", "--requests-per-s", "8"),
    )
    many, transitions, offers = figures["many"], figures["transitions"], figures["offers"]
    assert isinstance(many, dict)
    assert isinstance(transitions, dict)
    assert isinstance(offers, dict)
    assert many["decide"]["calls"] == 2 * 300
    assert many["decide"]["cpu_us_per_call"] > many["floor_function"]["cpu_us_per_call"] > 0
    assert 0 < many["memory_mb_per_million"] < 2000
    assert transitions["floor"]["calls_per_s"] > transitions["routing"]["calls_per_s"] > 0
    parts = sum(offers[part]["p50_ms"] for part in ("until_taken_up", "until_routed", "until_shown"))
    assert 0 < offers["offered"]["p50_ms"] < 3 * parts + 10
