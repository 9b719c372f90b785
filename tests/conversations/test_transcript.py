"""A transcript can be made of every kind of event, in both languages."""

from __future__ import annotations

import orjson
import pytest

from tests.conversations.test_domain import BODIES
from wecc.conversations.domain import Kind
from wecc.conversations.models import LogEntry
from wecc.conversations.transcript import as_html, as_text

_SAYS = {
    Kind.MESSAGE: "您好",
    Kind.NOTE: "老客户",
    Kind.ASSISTED: "查话费",
    Kind.CHOSEN: "查话费",
    Kind.FILLED: "套餐: 日常",
    Kind.CONTACT_LEFT: "13800000101",
    Kind.IDENTIFIED: "陈静仪",
}


def row(kind: Kind) -> LogEntry:
    body = BODIES[kind] | ({"options": [{"label": "查话费"}]} if kind is Kind.ASSISTED else {})
    text = orjson.dumps(body).decode()
    return LogEntry(
        conversation_id="c1", seq=1, public_prev=0, kind=kind.value, sender_name="", at_ms=1, body=text
    )


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_event_can_be_kept(kind: Kind, locale: str) -> None:
    for transcript in (as_text([row(kind)], locale), as_html([row(kind)], locale)):
        assert _SAYS.get(kind, "1970-01-01") in transcript
