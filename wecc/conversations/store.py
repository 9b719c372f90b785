"""The log's transactions, in hand-written SQL: the hot path of the product.

One transaction carries a batch: it locks the conversations concerned, finds repeats, gives places, stores
events and new states. Two stores keep the same contract (tests/conversations/test_store.py runs on both).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import orjson

from wecc.conversations.domain import (
    Appended,
    Batch,
    Draft,
    Entry,
    NewConversation,
    Sender,
    State,
    plan,
)
from wecc.kernel.errors import Unavailable, WeccError

Fate = Appended | WeccError

_REMEMBERED = 5000

_ENTRY = (
    "conversation_id, seq, public_prev, kind, audience, "
    "sender_kind, sender_id, sender_name, client_id, at_ms, body"
)


class LogStore(Protocol):
    async def commit(self, new: Sequence[NewConversation], drafts: Sequence[Draft]) -> list[Fate]:
        """Store a batch in one transaction; a fate for each draft, in order.

        A new conversation whose visitor has an open one, or whose id exists, is not created: its drafts go
        to the one that is there.
        Raises: Unavailable when nothing, or nothing certain, was stored; repeating is harmless.
        """
        ...

    async def close(self) -> None: ...


def _redirect(
    new: Iterable[NewConversation], drafts: Sequence[Draft], open_ids: dict[str, str]
) -> list[Draft]:
    """Point drafts of conversations that lost to an open one to that one."""
    moved = {n.id: open_ids.get(n.visitor_id, n.id) for n in new}
    return [replace(d, conversation_id=moved.get(d.conversation_id, d.conversation_id)) for d in drafts]


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(
        conversation_id=row[0],
        seq=row[1],
        public_prev=row[2],
        kind=row[3],
        is_public=row[4] == "e",
        sender=Sender(row[5], row[6], row[7]),
        client_id=row[8],
        at_ms=row[9],
        body=row[10],
    )


def _entry_row(e: Entry) -> tuple[Any, ...]:
    s = e.sender
    audience = "e" if e.is_public else "a"
    return (
        e.conversation_id,
        e.seq,
        e.public_prev,
        e.kind,
        audience,
        s.kind,
        s.id,
        s.name,
        e.client_id,
        e.at_ms,
        e.body,
    )


def _state_row(s: State) -> tuple[Any, ...]:
    open_visitor = None if s.status == "closed" else s.visitor_id
    return (
        open_visitor,
        s.status,
        s.tier,
        s.agent_id,
        s.customer_id,
        s.changed_ms,
        s.last_seq,
        s.encode(),
        s.id,
    )


def _new_row(n: NewConversation) -> tuple[Any, ...]:
    state = State.new(n).encode()
    return (
        n.id,
        n.center_id,
        n.visitor_id,
        n.visitor_id,
        "guided" if n.flow else "waiting",
        n.tier,
        "",
        n.customer_id,
        n.started_ms,
        n.started_ms,
        0,
        state,
    )


_NEW_COLUMNS = (
    "id, center_id, visitor_id, open_visitor_id, status, tier, agent_id, customer_id, "
    "started_ms, changed_ms, last_seq, state"
)
_NEW_WORK = "id, center_id, channel, tier, state, version, since_ms, at_ms, is_expedited"


def _work_row(of: NewConversation | State, since_ms: int) -> tuple[Any, ...]:
    return (of.id, of.center_id, of.channel, of.tier, "queued", 0, since_ms, since_ms, False)


def _json(rows: list[Any]) -> str:
    return orjson.dumps(rows).decode()


def _values(number: int) -> str:
    return ", ".join(f"json_extract(value, '$[{i}]') AS v{i}" for i in range(number))


# What a batch looks for travels as one JSON parameter: each statement gives the interpreter's lock away and has
# to win it back from the busy event loop.
_STATES = "SELECT id, state FROM conversation WHERE id IN (SELECT value FROM json_each(?))"
_KNOWN = (
    f"SELECT {_ENTRY} FROM log_entry WHERE (conversation_id, sender_id, client_id) IN "
    f"(SELECT {_values(3)} FROM json_each(?))"
)
_ASK = f"INSERT INTO work ({_NEW_WORK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_APPEND = f"INSERT INTO log_entry ({_ENTRY}) VALUES ({', '.join('?' * 11)})"
_CHANGE = (
    "UPDATE conversation SET open_visitor_id = ?, status = ?, tier = ?, agent_id = ?, customer_id = ?, "
    "changed_ms = ?, last_seq = ?, state = ? WHERE id = ?"
)


class SqliteLogStore:
    """One connection in one thread; a batch is one hop into it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-store")
        self._connection: sqlite3.Connection | None = None
        self._written: dict[str, State] = {}
        """Newest states by their stored text, which saves reading most of them back."""

    async def commit(self, new: Sequence[NewConversation], drafts: Sequence[Draft]) -> list[Fate]:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._commit, new, drafts)
        except sqlite3.Error as error:
            raise Unavailable from error

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._file, timeout=8, isolation_level=None, cached_statements=64)
            connection.execute("PRAGMA journal_mode=WAL")
            # FULL: what was acknowledged survives a power cut, not only a killed process.
            connection.execute("PRAGMA synchronous=FULL")
            self._connection = connection
        return self._connection

    def _commit(self, new: Sequence[NewConversation], drafts: Sequence[Draft]) -> list[Fate]:
        db = self._open()
        db.execute("BEGIN IMMEDIATE")
        try:
            batch = self._write(db, new, drafts)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return batch.fates

    def _write(
        self, db: sqlite3.Connection, new: Sequence[NewConversation], drafts: Sequence[Draft]
    ) -> Batch:
        if new:
            marks = ", ".join("?" * 12)
            statement = f"INSERT INTO conversation ({_NEW_COLUMNS}) VALUES ({marks}) ON CONFLICT DO NOTHING"
            db.executemany(statement, map(_new_row, new))
            find = "SELECT id FROM conversation WHERE open_visitor_id = ?"
            rows = [(n.visitor_id, db.execute(find, (n.visitor_id,)).fetchone()) for n in new]
            open_ids = {visitor_id: row[0] for visitor_id, row in rows if row is not None}
            asked = [n for n in new if open_ids.get(n.visitor_id) == n.id and not n.flow]
            db.executemany(_ASK, [_work_row(n, n.started_ms) for n in asked])
            drafts = _redirect(new, drafts, open_ids)
        rows = db.execute(_STATES, (_json(list({d.conversation_id for d in drafts})),)).fetchall()
        states = {
            cid: self._written.pop(text) if text in self._written else State.decode(text)
            for cid, text in rows
        }
        keys = _json([(d.conversation_id, d.sender.id, d.client_id) for d in drafts])
        entries = [_entry(row) for row in db.execute(_KNOWN, (keys,)).fetchall()]
        known = {(e.conversation_id, e.sender.id, e.client_id): e for e in entries}
        batch = plan(list(drafts), states, known)
        if batch.entries:
            db.executemany(_APPEND, map(_entry_row, batch.entries))
            changed = [_state_row(s) for s in batch.changed.values()]
            db.executemany(_CHANGE, changed)
            if len(self._written) > _REMEMBERED:
                self._written.clear()
            self._written.update(zip((row[7] for row in changed), batch.changed.values(), strict=True))
        if batch.asked:
            db.executemany(_ASK, [_work_row(s, s.changed_ms) for s in batch.asked])
        if batch.attachments:
            db.executemany("UPDATE attachment SET conversation_id = ?2 WHERE id = ?1", batch.attachments)
        return batch


_ASK_PG = f"INSERT INTO work ({_NEW_WORK}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING"


class PostgresLogStore:
    """Few statements for a whole batch; rows are locked in one order, so workers cannot deadlock."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def commit(self, new: Sequence[NewConversation], drafts: Sequence[Draft]) -> list[Fate]:
        try:
            pool = await self._open()
            async with pool.acquire(timeout=4) as db, db.transaction():
                batch = await self._write(db, new, drafts)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Unavailable from error
        return batch.fates

    async def close(self) -> None:
        if self._pool is not None:
            async with asyncio.timeout(5):
                await self._pool.close()
            self._pool = None

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url, min_size=1, max_size=2, timeout=4, command_timeout=8
                )
            return self._pool

    async def _write(
        self, db: asyncpg.Connection, new: Sequence[NewConversation], drafts: Sequence[Draft]
    ) -> Batch:
        if new:
            ordered = sorted(new, key=lambda n: n.visitor_id)
            marks = ", ".join(f"${i}" for i in range(1, 13))
            await db.executemany(
                f"INSERT INTO conversation ({_NEW_COLUMNS}) VALUES ({marks}) ON CONFLICT DO NOTHING",
                [_new_row(n) for n in ordered],
            )
            rows = await db.fetch(
                "SELECT open_visitor_id, id FROM conversation WHERE open_visitor_id = ANY($1::text[])",
                [n.visitor_id for n in ordered],
            )
            open_ids = {r[0]: r[1] for r in rows}
            asked = [n for n in ordered if open_ids.get(n.visitor_id) == n.id and not n.flow]
            await db.executemany(_ASK_PG, [_work_row(n, n.started_ms) for n in asked])
            drafts = _redirect(new, drafts, open_ids)
        ids = sorted({d.conversation_id for d in drafts})
        rows = await db.fetch(
            "SELECT id, state FROM conversation WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE", ids
        )
        states = {r[0]: State.decode(r[1]) for r in rows}
        keys = [(d.conversation_id, d.sender.id, d.client_id) for d in drafts]
        conversations, senders, client_ids = zip(*keys, strict=True)
        columns = ", ".join(f"e.{c.strip()}" for c in _ENTRY.split(","))
        rows = await db.fetch(
            f"SELECT {columns} FROM log_entry e JOIN unnest($1::text[], $2::text[], $3::text[]) AS k(c, s, i) "
            "ON e.conversation_id = k.c AND e.sender_id = k.s AND e.client_id = k.i",
            conversations,
            senders,
            client_ids,
        )
        entries = [_entry(tuple(r)) for r in rows]
        known = {(e.conversation_id, e.sender.id, e.client_id): e for e in entries}
        batch = plan(list(drafts), states, known)
        if batch.entries:
            marks = ", ".join(f"${i}" for i in range(1, 12))
            await db.executemany(
                f"INSERT INTO log_entry ({_ENTRY}) VALUES ({marks})",
                [_entry_row(e) for e in batch.entries],
            )
            await db.executemany(
                "UPDATE conversation SET open_visitor_id = $1, status = $2, tier = $3, agent_id = $4, "
                "customer_id = $5, changed_ms = $6, last_seq = $7, state = $8 WHERE id = $9",
                [_state_row(s) for s in batch.changed.values()],
            )
            if batch.asked:
                await db.executemany(_ASK_PG, [_work_row(s, s.changed_ms) for s in batch.asked])
            if batch.attachments:
                await db.executemany(
                    "UPDATE attachment SET conversation_id = $2 WHERE id = $1", batch.attachments
                )
        return batch
