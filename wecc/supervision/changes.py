"""What differs between two routing plans, by field. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wecc.routing import RoutingPlan

_KEYS = ("code", "agent_id", "channel", "group", "tier", "date")
_NAMED = 50


def changed_paths(before: RoutingPlan, after: RoutingPlan) -> list[str]:
    """The fields that differ, such as `tiers.vip.targets.chat.threshold_s`; the first fifty, for the audit."""
    old, new = (dict(_leaves("", plan.model_dump())) for plan in (before, after))
    changed = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    return changed[:_NAMED]


def _leaves(path: str, value: Any) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for place, inner in enumerate(value):
            key = next((str(inner[k]) for k in _KEYS if k in inner), str(place))
            yield from _leaves(f"{path}.{key}", inner)
    else:
        yield path, value
