"""The log's transactions on SQLite and on PostgreSQL: one contract. Source: design §5, reliability R1–R3."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.conversations.test_domain import AGENT, BODIES, GUIDED, NEW, VISITOR, draft
from wecc.conversations.domain import SYSTEM, Appended, ClientIdConflict, Draft, Kind, State
from wecc.conversations.models import Attachment, Conversation, LogEntry, Work
from wecc.conversations.store import Fate, LogStore, PostgresLogStore, SqliteLogStore
from wecc.conversations.writer import LogWriter
from wecc.infra import db
from wecc.infra.tasks import TaskOwner
from wecc.kernel.errors import Unavailable
from wecc.settings import Data

STARTED = draft(Kind.STARTED, key="started")


def another(store: LogStore, data: Data) -> LogStore:
    """A second store on the same database, as another process has it."""
    if isinstance(store, PostgresLogStore):
        return PostgresLogStore(data.database_url.replace("postgres://", "postgresql://", 1))
    return SqliteLogStore(db.sqlite_file(data))


async def begin(store: LogStore) -> None:
    await store.commit([NEW], [STARTED])


async def log() -> list[LogEntry]:
    return await LogEntry.filter(conversation_id="c1").order_by("seq")


async def test_a_conversation_is_created_with_its_first_events_and_its_work(store: LogStore) -> None:
    fates = await store.commit([NEW], [STARTED, draft(Kind.MESSAGE, VISITOR, "first-message")])
    assert [f.entry.seq for f in fates if isinstance(f, Appended)] == [1, 2]
    row = await Conversation.get(id="c1")
    assert (row.status, row.last_seq, row.open_visitor_id) == ("waiting", 2, "v1")
    assert State.decode(row.state).preview_text == "您好"
    work = await Work.get(id="c1")
    assert (work.state, work.version, work.since_ms) == ("queued", 0, 1000)


async def test_a_guided_conversation_has_no_work_before_it_asks_for_a_person(store: LogStore) -> None:
    """Source: 2.4.3-04."""
    await store.commit([GUIDED], [STARTED, draft(Kind.ASSISTED, key="greeting")])
    assert (await Conversation.get(id="c1")).status == "guided"
    assert await Work.all().count() == 0
    asks = draft(Kind.HANDED_OVER, key="flow:2", at_ms=7000)
    await store.commit([], [asks, asks])
    assert (await Conversation.get(id="c1")).status == "waiting"
    work = await Work.get(id="c1")
    assert (work.state, work.version, work.since_ms, work.tier) == ("queued", 0, 7000, "other")


async def test_a_second_start_joins_the_open_conversation(store: LogStore) -> None:
    await begin(store)
    second = replace(NEW, id="c2", started_ms=5000)
    fates = await store.commit(
        [second],
        [
            Draft("c2", SYSTEM, Kind.STARTED, BODIES[Kind.STARTED] | {"locale": "en"}, "started", 5000),
            Draft("c2", VISITOR, Kind.MESSAGE, BODIES[Kind.MESSAGE], "other-tab", 5000),
        ],
    )
    first, second_message = (f for f in fates if isinstance(f, Appended))
    assert first.is_repeat
    assert second_message.entry.conversation_id == "c1"
    assert await Conversation.all().count() == 1
    assert await Work.all().count() == 1


async def test_after_the_end_a_new_conversation_begins_and_a_late_repeat_finds_the_old_one(
    store: LogStore,
) -> None:
    first = draft(Kind.MESSAGE, VISITOR, "first-message")
    await store.commit([NEW], [STARTED, first, draft(Kind.CLOSED)])
    repeat = await store.commit([NEW], [STARTED, first])
    assert all(isinstance(f, Appended) and f.is_repeat for f in repeat)
    await store.commit([replace(NEW, id="c2")], [replace(STARTED, conversation_id="c2")])
    assert await Conversation.all().count() == 2


async def test_attachments_are_bound_with_their_message(store: LogStore) -> None:
    values: dict[str, Any] = {"media_type": "image/png", "size_bytes": 1, "created_ms": 1, "name": "a.png"}
    await Attachment.create(id="f1", center_id="gd", owner_id="v1", **values)
    await begin(store)
    await store.commit([], [replace(draft(Kind.MESSAGE, VISITOR, "with-file"), attachment_ids=("f1",))])
    assert (await Attachment.get(id="f1")).conversation_id == "c1"


async def test_a_hundred_concurrent_repeats_are_one_event(store: LogStore, data: Data) -> None:
    """Source: reliability R2, attack 31."""
    await begin(store)
    same = draft(Kind.MESSAGE, VISITOR, "same-key-0001")
    stores = [store, another(store, data)]  # as two processes do
    fates: list[Fate] = []

    async def send(number: int) -> None:
        fates.extend(await stores[number % len(stores)].commit([], [same]))

    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(send(number))
    for extra in stores[1:]:
        await extra.close()
    assert {f.entry.seq for f in fates if isinstance(f, Appended)} == {2}
    assert sum(1 for f in fates if isinstance(f, Appended) and not f.is_repeat) == 1
    assert len(await log()) == 2


async def test_the_same_key_with_other_content_is_refused_also_later(store: LogStore) -> None:
    await begin(store)
    await store.commit([], [draft(Kind.MESSAGE, VISITOR, "key-000001", text="一")])
    fates = await store.commit([], [draft(Kind.MESSAGE, VISITOR, "key-000001", text="二")])
    assert isinstance(fates[0], ClientIdConflict)


async def test_two_writers_give_one_gap_free_order(store: LogStore, data: Data) -> None:
    """Source: reliability R3."""
    await begin(store)
    await store.commit([], [draft(Kind.JOINED)])
    other = another(store, data)

    async def write(mine: LogStore, sender: Any, name: str) -> None:
        for number in range(20):
            await mine.commit([], [draft(Kind.MESSAGE, sender, f"{name}-{number:06}")])

    async with asyncio.TaskGroup() as group:
        group.create_task(write(store, VISITOR, "visitor"))
        group.create_task(write(other, AGENT, "agent"))
    await other.close()
    rows = await log()
    assert [r.seq for r in rows] == list(range(1, 43))
    for name in ("visitor", "agent"):
        mine = [r.client_id for r in rows if r.client_id.startswith(name)]
        assert mine == sorted(mine), "a sender's order is kept"


async def test_the_writer_groups_commits_and_answers_each_sender(store: LogStore) -> None:
    told: list[Appended] = []
    writer = LogWriter(store, told.append)
    async with TaskOwner() as owner:
        owner.start(writer.run(), name="writer")
        await writer.append(STARTED, new=NEW)
        results = []

        async def send(number: int) -> None:
            results.append(
                (await writer.append(draft(Kind.MESSAGE, VISITOR, f"key-{number:06}")))[0].entry.seq
            )

        async with asyncio.TaskGroup() as group:
            for number in range(50):
                group.create_task(send(number))
            group.create_task(_expect_conflict(writer))
        await writer.drain(5)
    assert len(set(results)) == 50
    assert [t.entry.seq for t in told] == list(range(1, 53)), "told in order, after the commit"


async def _expect_conflict(writer: LogWriter) -> None:
    await writer.append(draft(Kind.MESSAGE, VISITOR, "conflict-1", text="一"))
    with pytest.raises(ClientIdConflict):
        await writer.append(draft(Kind.MESSAGE, VISITOR, "conflict-1", text="二"))


async def test_a_store_that_does_not_answer_refuses_visibly_and_recovers(data: Data, store: LogStore) -> None:
    """Source: reliability R10."""
    await begin(store)
    if isinstance(store, PostgresLogStore):
        nowhere: LogStore = PostgresLogStore("postgresql://wecc@127.0.0.1:1/wecc")
    else:
        nowhere = SqliteLogStore(data.folder / "no such folder" / "db")
    writer = LogWriter(nowhere, lambda _: None)
    async with TaskOwner() as owner:
        owner.start(writer.run(), name="writer")
        with pytest.raises(Unavailable):
            await writer.append(draft(Kind.MESSAGE, VISITOR, "lost-00001"))
        with pytest.raises(Unavailable):
            await writer.append(draft(Kind.MESSAGE, VISITOR, "lost-00002"))
    await nowhere.close()
    assert len(await log()) == 1
