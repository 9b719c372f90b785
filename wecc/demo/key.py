"""All that the sample site knows of its center: its id, and the secret with which it vouches for customers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from wecc.kernel.ids import CenterId
from wecc.settings import Settings

CENTER = CenterId("gd")


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """The secret an integrator shares with the center to vouch for its customers; at least 32 bytes."""

    kid: str
    secret: str = field(repr=False)


def leave_key(settings: Settings, key: IdentityKey) -> None:
    """For the sample site's process."""
    file = _file(settings)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(key)), encoding="utf-8")


def read_key(settings: Settings) -> IdentityKey:
    return IdentityKey(**json.loads(_file(settings).read_text(encoding="utf-8")))


def _file(settings: Settings) -> Path:
    return settings.data.folder / "demo-identity-key.json"
