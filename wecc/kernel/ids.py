"""Identifiers: unguessable, sortable by birth, typed by what they name."""

from __future__ import annotations

import secrets
import time
from typing import NewType

CenterId = NewType("CenterId", str)
AgentId = NewType("AgentId", str)
VisitorId = NewType("VisitorId", str)
CustomerId = NewType("CustomerId", str)
ConversationId = NewType("ConversationId", str)
WorkId = NewType("WorkId", str)
AttachmentId = NewType("AttachmentId", str)


def new_id() -> str:
    """A UUIDv7 as 32 hex digits: 48 bits of time, 74 random ones (RFC 9562 §5.7)."""
    at_ms = time.time_ns() // 1_000_000
    value = (at_ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return f"{value:032x}"


def new_token() -> str:
    """A bearer secret of 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)
