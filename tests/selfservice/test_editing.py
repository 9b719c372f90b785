"""The flows' editor over HTTP: list, check, save, look back, and play an edited flow."""

from __future__ import annotations

from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client

from tests.selfservice.conftest import AGENTS, GD, Center
from tests.selfservice.flows import SMALL, TIERS
from wecc.identity.http import Doorman
from wecc.infra.http import HttpServer
from wecc.kernel.ids import CenterId
from wecc.selfservice.editing import Editing
from wecc.selfservice.engine import Answered, Card
from wecc.selfservice.http import bind_editor
from wecc.selfservice.preview import Preview

ORIGIN = "http://127.0.0.1:8000"
BALANCE = Card("b1", "怎么查余额", "发送 YE", "发送 `YE` 到 10086。")
"""The only article there is."""


async def ask(center_id: CenterId, tier: str, text: str, locale: str) -> Answered:
    assert (center_id, tier, locale) == (GD, "szx", "zh-CN")
    if "余额" in text:
        return Answered("q1", "answer", articles=(BALANCE,), confidence=0.9, scores=(7.5,))
    return Answered("q2", "escalate", confidence=0.1)


async def open_article(center_id: CenterId, tier: str, article: str, locale: str) -> Card | None:
    assert (center_id, tier, locale) == (GD, "szx", "zh-CN")
    return BALANCE if article == "external:nf-balance" else None


class Console:
    """A signed-in browser."""

    def __init__(self, client: Client, cookie: str) -> None:
        self._client = client
        self._headers = {"Origin": ORIGIN, "Cookie": cookie}

    async def get(self, path: str) -> tuple[int, Any]:
        response = await self._client.get(f"/api/v1/flows{path}", headers=self._headers)
        return response.status_code, await response.get_json(force=True)

    async def send(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        response = await self._client.open(
            f"/api/v1/flows{path}", method=method, json=body, headers=self._headers
        )
        return response.status_code, await response.get_json(force=True)

    async def play(self, source: str, *said: dict[str, Any]) -> list[dict[str, Any]]:
        body = {"code": "small", "source": source, "tier": "szx", "locale": "zh-CN", "said": list(said)}
        status, played = await self.send("POST", "/preview", body)
        assert status == 200, played
        turns: list[dict[str, Any]] = played["turns"]
        for turn in turns:
            assert sum(bool(part) for part in turn.values()) == 1
        return turns


@pytest.fixture
async def consoles(center: Center) -> dict[str, Console]:
    http = HttpServer([ORIGIN], 1_000_000)
    doorman = Doorman(center.identity, is_https=False)
    editing = Editing(center.flows, center.identity)
    preview = Preview(center.flows, center.identity, ask, open_article)
    bind_editor(http, doorman, editing, preview)
    tokens = {
        a.login: (await center.identity.sign_in(GD, a.login, "right", "127.0.0.1")).token for a in AGENTS
    }
    client = http.quart.test_client(use_cookies=False)
    return {login: Console(client, f"{doorman.cookie}={token}") for login, token in tokens.items()}


@pytest.fixture
def console(consoles: dict[str, Console]) -> Console:
    return consoles["2001"]


async def test_agents_do_not_edit_flows(consoles: dict[str, Console]) -> None:
    agent = consoles["1001"]
    for path in ("", "/szx", "/szx/versions", "/szx/versions/1"):
        assert (await agent.get(path))[0] == 403
    save = {"base_version": 1, "source": SMALL}
    assert (await agent.send("PUT", "/szx", save))[0] == 403
    assert (await agent.send("DELETE", "/szx?base_version=1", {}))[0] == 403
    assert (await agent.send("POST", "/check", {"code": "szx", "source": SMALL}))[0] == 403
    play = {"code": "szx", "source": SMALL, "tier": "szx", "locale": "en"}
    assert (await agent.send("POST", "/preview", play))[0] == 403


async def test_the_list_names_all_flows_and_tiers_without_one(console: Console) -> None:
    status, listed = await console.get("")
    assert status == 200
    assert [flow["code"] for flow in listed["flows"]] == sorted([*TIERS, "common"])
    assert listed["unguided"] == []
    szx = next(flow for flow in listed["flows"] if flow["code"] == "szx")
    assert (szx["name_zh"], szx["name_en"], szx["tiers"], szx["version"]) == ("神州行", "Easyown", ["szx"], 1)
    assert szx["saved_by"] is None


async def test_a_flow_is_read_changed_and_looked_back_at(console: Console) -> None:
    _, view = await console.get("/szx")
    assert (view["summary"]["version"], view["problems"]) == (1, [])
    kinds = {node["id"]: node["kind"] for node in view["outline"]}
    assert (kinds["promotion"], kinds["welcome"], kinds["migrate_form"]) == ("say", "menu", "form")
    edited = view["source"].replace("tiers: [szx]", "tiers: []")
    save = {"base_version": 1, "source": edited, "comment": "停用"}
    status, saved = await console.send("PUT", "/szx", save)
    assert status == 200
    assert (saved["summary"]["version"], saved["summary"]["saved_by"]["name"]) == (2, "周海")
    _, versions = await console.get("/szx/versions")
    assert [(v["version"], v["comment"]) for v in versions["versions"]] == [(2, "停用"), (1, "")]
    _, first = await console.get("/szx/versions/1")
    assert (first["source"], first["summary"]["tiers"]) == (view["source"], ["szx"])
    assert (await console.get(""))[1]["unguided"] == ["szx"]
    status, refused = await console.send("PUT", "/szx", save)
    assert (status, refused["code"], refused["data"]["version"]) == (409, "flow.conflict", 2)
    for absent in ("/none", "/none/versions", "/szx/versions/3", "/szx/versions/one"):
        assert (await console.get(absent))[0] == 404


async def test_a_flow_is_deleted_and_listed_as_such(console: Console) -> None:
    status, refused = await console.send("DELETE", "/szx?base_version=1", {})
    assert (status, refused["code"], refused["data"]["tiers"]) == (409, "flow.in_use", ["szx"])
    spare = SMALL.replace("[szx]", "[]")
    await console.send("PUT", "/small", {"base_version": 0, "source": spare})
    assert (await console.send("DELETE", "/small", {}))[0] == 422
    status, listed = await console.send("DELETE", "/small?base_version=1", {})
    assert status == 200
    assert "small" not in [flow["code"] for flow in listed["flows"]]
    [gone] = listed["deleted"]
    assert (gone["code"], gone["name_zh"], gone["version"], gone["tiers"]) == ("small", "小", 2, [])
    assert gone["saved_by"]["name"] == "周海"
    assert (await console.get("/small"))[0] == 404
    _, versions = await console.get("/small/versions")
    assert [(v["version"], v["is_deleted"]) for v in versions["versions"]] == [(2, True), (1, False)]
    assert (await console.get("/small/versions/1"))[1]["source"] == spare


async def test_the_outline_speaks_both_languages(console: Console) -> None:
    _, view = await console.get("/szx")
    welcome = next(node for node in view["outline"] if node["id"] == "migrate_form")
    assert (welcome["text_zh"][:3], welcome["text_en"][:6]) == ("请填写", "Please")


async def test_mistakes_come_with_their_lines(console: Console) -> None:
    looping = SMALL.replace("go: welcome\n  manager", "go: thanks\n  manager").replace("[szx]", "[]")
    status, check = await console.send("POST", "/check", {"code": "small", "source": looping})
    assert status == 200
    found = [(p["line"], p["code"], p["about"]) for p in check["problems"] if not p["is_warning"]]
    assert found == [(39, "loop.automatic", "thanks")]
    assert "welcome" in [node["id"] for node in check["outline"]]
    status, refused = await console.send("PUT", "/small", {"base_version": 0, "source": looping})
    assert (status, refused["code"]) == (422, "flow.invalid")
    assert (39, "loop.automatic") in [(p["line"], p["code"]) for p in refused["data"]["problems"]]
    play = {"code": "small", "source": looping, "tier": "szx", "locale": "en"}
    assert (await console.send("POST", "/preview", play))[1]["code"] == "flow.invalid"


async def test_sources_are_bounded(console: Console) -> None:
    long = {"code": "small", "source": "#" + "长" * 60_000}
    status, refused = await console.send("POST", "/check", long)
    assert (status, refused["code"]) == (422, "request.invalid")
    longest = {"code": "small", "source": "#" + "长" * 59_999}
    status, check = await console.send("POST", "/check", longest)
    assert [p["code"] for p in check["problems"]] == ["yaml.empty"]
    huge = {"code": "small", "source": "#" + "长" * 200_000}
    assert (await console.send("POST", "/check", huge))[1]["code"] == "request.too_large"


PLAYED = SMALL.replace("[szx]", "[]")


async def test_a_rehearsal_is_answered_from_the_knowledge_base(console: Console) -> None:
    turns = await console.play(
        PLAYED, {"option": "ask"}, {"text": "我的余额"}, {"option": "solved"}, {"option": "end"}
    )
    texts = [turn["assisted"]["text"] for turn in turns[:4]]
    assert texts[0].endswith("周海，您好，这里是南方通信")
    assert texts[1] == "请写下问题"
    assert texts[2] == "**怎么查余额**\n\n发送 `YE` 到 10086。"
    assert turns[2]["assisted"]["articles"] == [{"id": "b1", "title": "怎么查余额", "snippet": "发送 YE"}]
    assert turns[4]["closed"] == "solved"
    again = await console.play(PLAYED, {"option": "ask"}, {"text": "我的余额"})
    assert again == turns[:3]


async def test_a_rehearsal_ends_where_a_person_is_asked_for(console: Console) -> None:
    turns = await console.play(
        PLAYED, {"option": "nf-balance"}, {"text": "办不了"}, {"text": "还是不行啊"}, {"text": "再说"}
    )
    assert len(turns) == 4
    body = turns[3]["handed_over"]
    assert (body["cause"], body["marks"], body["path"]) == ("unsolved", ["group"], ["查余额"])
    assert [(q["text"], q["decision"]) for q in body["questions"]] == [
        ("办不了", "escalate"),
        ("还是不行啊", "escalate"),
    ]


async def test_a_rehearsal_fills_forms_as_customers_do(console: Console) -> None:
    fields = [{"name": "plan", "value": "轻简"}, {"name": "phone", "value": "13800000707"}]
    turns = await console.play(PLAYED, {"option": "apply"}, {"fields": fields}, {"text": "转人工"})
    assert turns[2]["assisted"]["node"] == "welcome"
    filled = turns[3]["handed_over"]["fields"]
    assert [(f["label"], f["value"]) for f in filled] == [("套餐", "轻简"), ("电话", "13800000707")]
    body = {"code": "small", "source": PLAYED, "tier": "szx", "locale": "zh-CN"}
    said = [{"option": "apply"}, {"fields": fields[:1]}]
    status, refused = await console.send("POST", "/preview", {**body, "said": said})
    assert (status, refused["code"]) == (422, "flow.form_invalid")
    assert refused["data"]["fields"] == {"phone": "required"}


async def test_a_rehearsal_tells_what_is_said_at_the_end(console: Console) -> None:
    turns = await console.play(PLAYED, {"option": "manager"})
    assert turns[1]["assisted"]["text"] == "正在联系"
    assert (turns[2]["handed_over"]["wish"], turns[2]["handed_over"]["note"]) == ("account_manager", "找经理")
    turns = await console.play(PLAYED, {"option": "bye"})
    assert (turns[1]["assisted"]["text"], turns[2]["closed"]) == ("再见", "solved")
