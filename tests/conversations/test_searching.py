"""Conversations are found however long ago they were, a bounded part of the past at a time."""

from __future__ import annotations

import orjson
import pytest
from tortoise.queryset import QuerySet

from wecc.conversations.domain import State
from wecc.conversations.models import Conversation, LogEntry
from wecc.conversations.schemas import ListConversations
from wecc.conversations.searching import find

pytestmark = pytest.mark.usefixtures("data")

_LONG_AGO = 5_010


def conversation(number: int, name: str = "访客", customer_id: str = "") -> Conversation:
    state = State(
        id=f"c{number:05}",
        center_id="gd",
        visitor_id=f"v{number}",
        visitor_name=name,
        is_verified=bool(customer_id),
        customer_id=customer_id,
        tier="gotone",
        locale="zh-CN",
        channel="chat",
        started_ms=1,
    )
    return Conversation(
        id=state.id,
        center_id=state.center_id,
        visitor_id=state.visitor_id,
        status="closed",
        tier=state.tier,
        started_ms=1,
        changed_ms=1_000_000 - number // 3,  # some in the same millisecond
        last_seq=1,
        state=state.encode(),
    )


async def say(number: int, text: str) -> None:
    body = orjson.dumps({"text": text}).decode()
    await LogEntry.create(
        conversation_id=f"c{number:05}",
        seq=1,
        public_prev=0,
        kind="message",
        audience="e",
        sender_kind="visitor",
        sender_id="v",
        sender_name="",
        client_id=f"m{number}",
        at_ms=1,
        body=body,
    )


def everything() -> QuerySet[Conversation]:
    return Conversation.filter(center_id="gd", status="closed")


async def found(query: str, limit: int = 30) -> list[str]:
    """All of it, page by page."""
    ids: list[str] = []
    cmd = ListConversations(scope="closed", query=query, limit=limit)
    for _ in range(100):
        rows, read_on = await find(everything(), cmd)
        assert len(rows) <= limit
        ids += [row.id for row in rows]
        if read_on is None:
            return ids
        cmd = cmd.model_copy(update={"after": read_on})
    raise AssertionError("never ends")


async def test_a_list_reads_on_over_conversations_of_one_moment() -> None:
    await Conversation.bulk_create([conversation(number) for number in range(10)])
    assert sorted(await found("", limit=4)) == [f"c{number:05}" for number in range(10)]


async def test_what_was_said_long_ago_is_found_by_going_on() -> None:
    await Conversation.bulk_create([conversation(number) for number in range(_LONG_AGO + 1)], batch_size=1000)
    await say(_LONG_AGO, "请问副卡怎么办理")
    first, read_on = await find(everything(), ListConversations(scope="closed", query="副卡"))
    assert first == []
    assert read_on is not None
    assert await found("副卡") == [f"c{_LONG_AGO:05}"]


async def test_a_word_that_all_say_is_found_in_all() -> None:
    await Conversation.bulk_create([conversation(number) for number in range(1_100)], batch_size=1000)
    for number in range(0, 1_100, 50):
        await say(number, "您好")
    ids = await found("您好", limit=5)
    assert ids == sorted(set(ids), key=ids.index)
    assert sorted(ids) == [f"c{number:05}" for number in range(0, 1_100, 50)]


@pytest.mark.parametrize("query", ['"全球通"', "C:\\new", "陈静", "NF100001", "Menü 2"])
async def test_it_finds_names_numbers_and_words_with_signs(query: str) -> None:
    await Conversation.bulk_create(
        [
            conversation(1, name="陈静仪"),
            conversation(2, customer_id="NF100001"),
            conversation(3),
            conversation(4),
            conversation(5),
            conversation(6),
        ]
    )
    await say(3, '怎么转到"全球通"套餐')
    await say(4, "文件在 C:\\new\\里")
    await say(5, "DER MENü 2 BITTE")
    await say(6, '"text"')
    expected = {'"全球通"': 3, "C:\\new": 4, "陈静": 1, "NF100001": 2, "Menü 2": 5}
    assert await found(query) == [f"c{expected[query]:05}"]


async def test_the_form_of_the_store_is_not_what_was_said() -> None:
    await Conversation.bulk_create([conversation(1)])
    await say(1, "您好")
    assert await found("text") == []
    assert await found("visitor_name") == []
