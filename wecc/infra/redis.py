"""The Redis client: one for commands, with deadlines; subscriptions open their own."""

from __future__ import annotations

from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from wecc.infra import unix
from wecc.settings import Data

__all__ = ["RedisError", "connect", "socket_file", "url"]


def socket_file(data: Data) -> Path:
    """Where the embedded Valkey listens."""
    return unix.socket_file(data.folder, "valkey")


def url(data: Data) -> str:
    return data.redis_url or f"unix://{socket_file(data)}"


def connect(data: Data) -> Redis:
    """A client whose every command has a deadline; it reconnects by itself."""
    return Redis.from_url(
        url(data),
        decode_responses=False,
        socket_timeout=3.0,
        socket_connect_timeout=2.0,
        retry=Retry(NoBackoff(), 1),
        max_connections=64,
    )
