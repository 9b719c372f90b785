"""What people write is text, wherever it is shown; and none of it reaches the log. Source: reliability 2, 38, 50."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.clients import Refused, client_id
from tests.deployment import Deployment
from tests.live.integrator import Integrator
from tests.live.people import People
from wecc.kernel.ids import new_id

pytestmark = pytest.mark.usefixtures("quiet_log")

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>\'"--></style></script><script>alert(1)</script>',
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A//</stYle/</titLe/--!>\\x3csVg/<sVg/oNloAd=alert()//>",
    "[click](javascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:x) [click](JAVASCRIPT&colon;alert(1)) [click](//evil.example) <javascript:alert(1)>",
    '[click](https://good.example "onmouseover=alert(1)")',
    "![image](https://evil.example/pixel.png)",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "```<script>\nalert(1)\n</script>```",
    "`<b>`&lt;script&gt;{{7*7}}${7*7}<%= 7*7 %>",
    "'; DROP TABLE conversation; -- \\",
]


class Markup(HTMLParser):
    """What a browser would make of a transcript."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


async def test_markup_is_text_in_logs_and_transcripts(people: People, integrator: Integrator) -> None:
    agent = await people.agent("2001", is_ready=True)
    visitor = await people.visitor()
    name = HOSTILE[1]
    await visitor.ask("visitor:identify", token=integrator.sign(name=name))
    start = {
        "client_id": client_id(),
        "locale": "en",
        "wants_person": True,
        "text": HOSTILE[0],
        "page_title": HOSTILE[2],
        "page_url": HOSTILE[4],
    }
    state = await visitor.ask("conversation:start", **start)
    visitor.conversation_id = state["conversation"]["id"]
    await agent.accept_next(visitor.conversation_id)
    for text in HOSTILE[1:]:
        await visitor.say(text)
        await agent.say(visitor.conversation_id, text)
        note = {"conversation_id": visitor.conversation_id, "client_id": client_id(), "text": text}
        await agent.ask("conversation:add_note", **note)
    opened = await agent.ask("conversation:open", conversation_id=visitor.conversation_id)
    page = await agent.ask("conversation:read_log", conversation_id=visitor.conversation_id, limit=200)
    said = [
        e["body"]["text"]
        for e in page["events"]
        if e["kind"] == "message" and e["sender"]["kind"] == "visitor"
    ]
    assert said == HOSTILE, "what was written is stored as it was written"
    started = next(e for e in page["events"] if e["kind"] == "started")
    assert started["body"] | {"page_title": ""} == {
        "locale": "en",
        "channel": "chat",
        "page_url": "",
        "page_title": "",
    }
    assert opened["customer"]["visitor"]["name"] == name
    path = f"/api/v1/conversations/{visitor.conversation_id}/transcript"
    for client in (visitor, agent):
        for locale in ("zh-CN", "en"):
            markup = Markup()
            markup.feed((await client.request("GET", f"{path}?locale={locale}")).decode())
            allowed = {
                "html",
                "meta",
                "title",
                "style",
                "h1",
                "p",
                "div",
                "time",
                "a",
                "code",
                "pre",
                "br",
                "em",
                "strong",
                "ul",
                "ol",
                "li",
            }
            assert markup.tags <= allowed, markup.tags - allowed
            assert markup.attributes <= {"lang", "charset", "name", "content", "class", "href", "rel"}, (
                markup.attributes
            )
            assert {urlsplit(link).scheme for link in markup.links} <= {"http", "https", "mailto"}, (
                markup.links
            )
            assert "<script>alert(1)</script>" in "".join(markup.text)
    for client in (visitor, agent):
        with pytest.raises(Refused, match=r"request\.invalid"):
            await client.request("GET", f"{path}?format=<script>")


async def test_a_transcript_of_text_forges_no_lines(people: People) -> None:
    visitor = await people.visitor(text="您好\n2026-01-01 10:00:00 王建国: 同意退款")
    path = f"/api/v1/conversations/{visitor.conversation_id}/transcript?format=text"
    lines = (await visitor.request("GET", path)).decode().splitlines()
    assert not any(line.startswith("2026-01-01 10:00:00 王") for line in lines)
    assert "    2026-01-01 10:00:00 王建国: 同意退款" in lines


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a\u0000b\u0007c\u001b[31m", "abc[31m"),
        ("hello\u202etxt.exe\u2066\u2069", "hellotxt.exe"),
        ("a" + "\u0301" * 3000, "a" + "\u0301" * 4),
        ("Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "Z͑ͫ̓ͪA̴̵̜̰"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree"),
        ("👨‍👩‍👧 नमस्ते שלום 你好", "👨‍👩‍👧 नमस्ते שלום 你好"),
        ("\uffff\ue000x", "x"),
    ],
)
async def test_a_text_is_cleaned_of_what_nobody_types(people: People, written: str, stored: str) -> None:
    visitor = await people.visitor(text=written)
    page = await visitor.ask("conversation:read_log", conversation_id=visitor.conversation_id)
    assert [e["body"]["text"] for e in page["events"] if e["kind"] == "message"] == [stored]


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u0000", "\u202e\u202e"])
async def test_nothing_is_not_a_message(people: People, text: str) -> None:
    visitor = await people.visitor(text="您好")
    with pytest.raises(Refused, match=r"request\.invalid"):
        await visitor.say(text)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://shop.example/plans?phone=13800000000#x", "https://shop.example/plans"),
        ("https://user:secret@shop.example:8443/a", "https://shop.example:8443/a"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://shop.example/\u0000", None),
        ("https://[::1", None),
        ("https://shop.example:99999/", None),
        ("", None),
    ],
)
async def test_of_a_page_only_the_address_is_kept(people: People, url: str, shown: str | None) -> None:
    agent = await people.agent("2001")
    visitor = await people.visitor(text="您好")
    await visitor.ask("visitor:view_page", url=url, title="<b>套餐</b>\u202e\u0000\n大全")
    opened = await agent.ask("conversation:open", conversation_id=visitor.conversation_id)
    pages = [(p["url"], p["title"]) for p in opened["customer"]["pages"]]
    assert pages == ([(shown, "<b>套餐</b> 大全")] if shown else [])


@pytest.mark.parametrize(
    "query", ["%", "_", "' OR 1=1 --", "\\", "%' ESCAPE '", "[a-z]", "\u0000", "*", "x" * 200]
)
async def test_a_search_finds_what_it_says(people: People, query: str) -> None:
    """No wildcard, no SQL. Source: reliability 42."""
    agent = await people.agent("2001")
    word = new_id()
    visitor = await people.visitor(text=f"{word} 百分之百")
    for scope in ("open", "closed"):
        answer = await agent.ask("desk:list", scope=scope, query=f"{word}{query}")
        found = [c["id"] for c in answer["conversations"]]
        assert found == ([visitor.conversation_id] if query == "\u0000" and scope == "open" else [])


async def test_nothing_anybody_wrote_is_in_the_log(
    deployment: Deployment, people: People, integrator: Integrator
) -> None:
    before = len(deployment.log)
    canary = f"canary{new_id()}"
    forged = f"\r\n2026-01-01T00:00:00.000Z info    web        forged {canary}\x1b[2J"
    visitor = await people.visitor()
    token = integrator.sign(name=f"{canary}{forged}"[:100], phone=canary, sub=canary)
    await visitor.ask("visitor:identify", token=token)
    start = {
        "client_id": client_id(),
        "locale": "en",
        "wants_person": True,
        "text": canary,
        "page_title": forged,
        "page_url": f"https://x.example/{canary}",
    }
    state = await visitor.ask("conversation:start", **start)
    visitor.conversation_id = state["conversation"]["id"]
    await visitor.say(canary + forged)
    await visitor.ask("visitor:view_page", url=f"https://x.example/?{canary}", title=forged)
    bad: list[dict[str, Any]] = [
        {canary: forged},
        {"conversation_id": forged, "client_id": canary, "text": canary},
    ]
    for payload in bad:
        with pytest.raises(Refused):
            await visitor.ask("conversation:send_message", **payload)
    for event in (forged, canary):
        with pytest.raises(Refused):
            await visitor.ask(event)
    for path in (f"/api/v1/{canary}%0d%0aforged", f"/api/v1/attachments/{canary}", f"/{canary}%1b[2J"):
        with pytest.raises(Refused):
            await visitor.request("GET", path, headers={"User-Agent": f"x\x9b31m{canary}", "Referer": canary})
    body = {"center_id": "gd", "login": canary, "password": canary}
    with pytest.raises(Refused):
        await visitor.request("POST", "/api/v1/agent/session", json=body)
    secrets = (canary, token, visitor.token, "wecc-1002", "forged")
    said = deployment.log[before:]
    assert not [secret for secret in secrets if secret in said]
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z (info|warning) ", line) for line in said.splitlines()), (
        said
    )
    assert "\x1b" not in said
