"""Structured logs: an event name and ids; never message text, numbers or tokens."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {
    "message",
    "asctime",
    "taskName",
}


def _line(text: str) -> str:
    """One line for each event, whatever a stranger put into it."""
    return text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text


class _Form(logging.Formatter):
    def __init__(self, process: str, as_json: bool) -> None:
        super().__init__()
        self._process = process
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
        fields: dict[str, Any] = {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        if self._as_json:
            entry = {"at": at, "level": record.levelname.lower(), "process": self._process}
            entry |= {"logger": record.name, "event": record.getMessage(), **fields}
            if trace:
                entry["trace"] = trace
            return orjson.dumps(entry, default=str).decode()
        extra = "".join(f" {k}={_line(str(v))}" for k, v in fields.items())
        text = f"{at} {record.levelname.lower():7} {self._process:10} {_line(record.getMessage())}{extra}"
        return f"{text}\n{trace}" if trace else text


def configure(process: str, level: str = "info", form: str = "text") -> None:
    """Send all logs of this process to standard error in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Form(process, form == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # These speak of every packet or statement; what matters of theirs we log ourselves.
    for noisy in ("engineio", "socketio", "tortoise", "tortoise.db_client", "aiosqlite", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
