"""Rules of identity, without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class TierRule:
    """A customer class. How it is served is in the routing plan. Source: 2.2-01."""

    code: str
    name_zh: str
    name_en: str
    rank: int


def highest_tier(codes: Iterable[str], tiers: Mapping[str, TierRule], default: str) -> str:
    """Of several identities the highest wins; unknown codes count for nothing. Source: 2.3-03."""
    known = [tiers[code] for code in codes if code in tiers]
    return max(known, key=lambda t: t.rank).code if known else default


def masked_phone(phone: str) -> str:
    """Enough to recognise, too little to call."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


def page_address(url: str) -> str:
    """The page without query, fragment and credentials, which may carry what a customer typed.

    Anything but http and https is nothing.
    """
    if not url.isprintable():
        return ""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return ""
        host = parts.hostname + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, host, parts.path, "", ""))[:500]
