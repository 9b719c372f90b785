"""Editors, reviewers and administrators at the desk of a running installation. Source: 3.2.2-09 … 14."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import aiohttp
import pytest

from tests.clients import Agent, Client, Refused, client_id
from tests.live.people import People
from tests.live.test_files import HTML, picture
from wecc.kernel.ids import new_id

pytestmark = pytest.mark.usefixtures("quiet_log")

DESK = "/api/v1/kb/desk"
WEB, INSIDE = "gd:web", "gd:desk"
VISIBLE_S = 10.0

EDITOR, OTHER_EDITOR, REVIEWER, ADMINISTRATOR, READER = "1003", "2001", "1002", "9001", "1001"


async def get(client: Client, path: str, **query: Any) -> Any:
    return await client.request("GET", f"{DESK}/{path}", params=query)


async def post(client: Client, path: str, body: Any = None) -> Any:
    return await client.request("POST", f"{DESK}/{path}", **({} if body is None else {"json": body}))


async def category(editor: Client, name: str = "", parent_id: str = "") -> str:
    name = name or f"测试 {new_id()[-8:]}"
    tree = await post(editor, "categories", {"parent_id": parent_id, "name_zh": name})
    wanted = (name, parent_id)
    return next(str(c["id"]) for c in tree["categories"] if (c["name_zh"], c["parent_id"]) == wanted)


async def article(editor: Client, title: str = "怎样补办手机卡", **fields: Any) -> dict[str, Any]:
    content = {"title": title, "body": "带身份证到营业厅。", **fields}
    body = {"category_id": await category(editor), "content": content, "client_id": client_id()}
    written: dict[str, Any] = await post(editor, "articles", body)
    return written


async def upload(client: Client, content: bytes, name: str) -> dict[str, Any]:
    url = f"{client.deployment.origin}{DESK}/files"
    async with client.http.post(url, params={"name": name}, data=content) as response:
        answer: dict[str, Any] = await response.json()
        if response.status >= 400:
            raise Refused(answer)
        return answer


async def read(reader: Client, article_id: str) -> dict[str, Any] | None:
    """The article as a reader sees it, if he does."""
    url = f"{reader.deployment.origin}/api/v1/kb/articles/{article_id}?center=gd"
    async with reader.http.get(url) as response:
        assert response.status in (200, 404)
        return await response.json() if response.status == 200 else None


async def refusal(client: Client, method: str, path: str, body: Any = None) -> str:
    """The code of the error that a request is answered with."""
    with pytest.raises(Refused) as refused:
        await client.request(method, f"{DESK}/{path}", **({} if body is None else {"json": body}))
    return refused.value.code


async def approve(people: People, editor: Agent, written: dict[str, Any], *targets: str) -> Agent:
    """By one reviewer, who is returned."""
    reviewer = await people.agent(REVIEWER)
    at = f"articles/{written['article']['id']}"
    version = written["article"]["newest_version"]
    await post(editor, f"{at}/review", {"version": version, "reviewer_ids": [reviewer.id]})
    opinion = {"version": version, "verdict": "approve", "target_ids": list(targets)}
    assert (await post(reviewer, f"{at}/opinion", opinion))["article"]["stage"] == "approved"
    return reviewer


async def test_from_the_first_draft_to_the_recycle_bin(people: People) -> None:
    editor, visitor = await people.agent(EDITOR), await people.visitor()
    file = await upload(editor, picture("PNG"), "卡.png")
    written = await article(editor, file_ids=[file["id"]])
    article_id = written["article"]["id"]
    at = f"articles/{article_id}"
    with pytest.raises(Refused, match=r"article\.stage"):
        await post(editor, f"{at}/publish", {"version": 1})
    await approve(people, editor, written, WEB, INSIDE)
    assert await read(visitor, article_id) is None
    published = await post(editor, f"{at}/publish", {"version": 1})
    assert [p["target_id"] for p in published["publications"]] == [INSIDE, WEB]
    async with asyncio.timeout(VISIBLE_S):
        while (shown := await read(visitor, article_id)) is None:
            await asyncio.sleep(0.1)
    assert (shown["title"], [f["name"] for f in shown["files"]]) == ("怎样补办手机卡", ["卡.png"])
    edited = {"base_version": 1, "content": {"title": "怎样补办手机卡（新）"}}
    assert (await post(editor, f"{at}/versions", edited))["article"]["visible_version"] == 1
    assert (await editor.request("DELETE", f"{DESK}/{at}"))["article"]["deleted_ms"]
    assert await read(visitor, article_id) is None
    with pytest.raises(Refused, match=r"request\.forbidden"):
        await post(editor, f"{at}/purge")
    administrator = await people.agent(ADMINISTRATOR)
    await post(administrator, f"{at}/purge")
    with pytest.raises(Refused, match=r"request\.not_found"):
        await get(editor, at)


async def test_the_second_of_two_editors_is_shown_what_the_first_wrote(people: People) -> None:
    first, second = await people.agent(EDITOR), await people.agent(OTHER_EDITOR)
    written = await article(first)
    at = f"articles/{written['article']['id']}"
    mine = {"base_version": 1, "content": {"title": "甲写的"}}
    for _ in range(2):  # the answer was lost, so he asks again
        assert (await post(first, f"{at}/versions", mine))["article"]["newest_version"] == 2
    with pytest.raises(Refused, match=r"article\.conflict") as conflict:
        await post(second, f"{at}/versions", {"base_version": 1, "content": {"title": "乙写的"}})
    told = conflict.value.data
    assert (told["version"], told["author"]) == (2, written["article"]["changed_by"]["name"])
    assert (await get(second, f"{at}/versions/2"))["content"]["title"] == "甲写的"
    taken = {"base_version": 2, "content": {"title": "乙写的"}}
    assert (await post(second, f"{at}/versions", taken))["article"]["newest_version"] == 3


async def test_a_repeated_request_writes_one_article(people: People) -> None:
    editor = await people.agent(EDITOR)
    body = {"category_id": await category(editor), "content": {"title": "一篇"}, "client_id": client_id()}
    ids: set[str] = set()

    async def write() -> None:
        ids.add((await post(editor, "articles", body))["article"]["id"])

    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(write())
    assert len(ids) == 1


async def test_the_log_tells_who_and_from_where_and_is_for_those_who_answer_for_it(people: People) -> None:
    editor, chief = await people.agent(EDITOR), await people.agent(OTHER_EDITOR)
    written = await article(editor, "=1+1")
    subject = written["article"]["id"]
    with pytest.raises(Refused, match=r"request\.forbidden"):
        await get(editor, "log")
    page = await get(chief, "log", subject=subject)
    assert page["is_intact"]
    line = page["lines"][0]
    assert (line["act"], line["actor"]["id"], line["subject_title"]) == (
        "kb.article_added",
        editor.id,
        "=1+1",
    )
    assert line["data"]["address"] == "127.0.0.1"
    with pytest.raises(Refused, match=r"request\.forbidden"):
        await get(editor, "log.csv")
    text = (await get(chief, "log.csv", subject=subject)).decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["actor_id"], row["title"]) == (editor.id, "'=1+1")


async def test_files_are_what_they_are_and_serve_the_desk_only(people: People) -> None:
    editor, reader = await people.agent(EDITOR), await people.agent(READER)
    first = await upload(editor, b"one,two", "费用.csv")
    assert await upload(editor, b"one,two", "费用.csv") == first, "the same file again is the same one"
    for refused, code in ((HTML, "attachment.type_refused"), (b"", "request.invalid")):
        with pytest.raises(Refused, match=code):
            await upload(editor, refused, "x.txt")
    with pytest.raises(Refused, match=r"request\.forbidden"):
        await upload(reader, b"text", "x.txt")
    url = f"{editor.deployment.origin}{DESK}/files/{first['id']}"
    async with editor.http.get(url) as response:
        assert await response.read() == b"one,two"
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    with pytest.raises(Refused, match=r"request\.forbidden"):
        await get(reader, f"files/{first['id']}")


async def test_a_question_without_an_answer_becomes_an_article_and_back(people: People) -> None:
    editor, chief = await people.agent(EDITOR), await people.agent(OTHER_EDITOR)
    words = f"xq{new_id()[-12:]}"
    search = f"{editor.deployment.origin}/api/v1/kb/search?center=gd&place=help&q={words}"
    async with editor.http.get(search) as response:
        assert (await response.json())["decision"] == "escalate"

    async def gap(state: str) -> dict[str, Any] | None:
        gaps = (await get(editor, "gaps", state=state, limit=100))["gaps"]
        return next((one for one in gaps if one["text"] == words), None)

    async with asyncio.timeout(VISIBLE_S):
        while (found := await gap("open")) is None:
            await asyncio.sleep(0.1)
    at = f"gaps/{found['id']}"
    write = {"act": "write", "category_id": await category(editor)}
    begun = (await post(editor, at, write))["article"]
    assert (begun["title"], begun["is_begun"], begun["is_undoable"]) == (words, True, True)
    line = (await get(chief, "log", act="kb.gap_handled", actor=editor.id))["lines"][0]
    assert (line["subject"], line["data"]["address"]) == (begun["article_id"], "127.0.0.1")
    done = await gap("done")
    assert done is not None
    assert done["article"] == begun

    await post(editor, at, {"act": "reopen", "is_draft_undone": True})
    assert (await get(editor, f"articles/{begun['article_id']}"))["article"]["deleted_ms"]
    assert await gap("open") is not None


async def test_an_editor_names_groups_and_reaches_those(people: People) -> None:
    editor = await people.agent(EDITOR)
    groups = (await get(editor, "groups"))["groups"]
    assert {"code": "key_accounts", "name_zh": "大客户座席群", "name_en": "Key accounts"} in groups
    audience = {"kind": "agents", "codes": [groups[0]["code"]]}
    assert (await article(editor, audience=audience))["newest"]["content"]["audience"] == audience
    with pytest.raises(Refused, match=r"request\.invalid"):
        await article(editor, audience={"kind": "agents", "codes": ["nobody"]})


async def test_categories_move_and_only_empty_ones_go(people: People) -> None:
    editor = await people.agent(EDITOR)
    top = await category(editor)
    below = await category(editor, "下级", top)
    with pytest.raises(Refused, match=r"category\.cycle"):
        await post(editor, f"categories/{top}/move", {"parent_id": below})
    with pytest.raises(Refused, match=r"category\.exists"):
        await category(editor, "下级", top)
    with pytest.raises(Refused, match=r"category\.not_empty") as full:
        await editor.request("DELETE", f"{DESK}/categories/{top}")
    assert full.value.data == {"categories": 1, "articles": 0}
    await post(editor, f"categories/{below}/move", {"parent_id": ""})
    names = {"name_zh": "改名", "name_en": "Renamed"}
    tree = await editor.request("PUT", f"{DESK}/categories/{below}", json=names)
    assert next(c["name_en"] for c in tree["categories"] if c["id"] == below) == "Renamed"
    for gone in (top, below):
        await editor.request("DELETE", f"{DESK}/categories/{gone}")


async def test_articles_of_the_centers_own_base_come_through_the_gate(people: People) -> None:
    editor, reviewer = await people.agent(EDITOR), await people.agent(REVIEWER)
    external_id = f"own-{new_id()[-8:]}"
    given = {"id": external_id, "category": ["测试导入"], "title": "标题", "answer": "答案", "votes": 3}
    trial = {"articles": [given], "is_trial": True, "reviewer_ids": [reviewer.id]}
    assert (await post(editor, "imports", trial))["added"] == 1
    real = trial | {"is_trial": False}
    assert (await post(editor, "imports", real))["added"] == 1
    assert (await post(editor, "imports", real))["unchanged"] == 1
    waiting = await get(reviewer, "articles", scope="to_review", q=external_id)
    article_id = waiting["articles"][0]["id"]
    edited = {"base_version": 1, "content": {"title": "这里改的"}}
    await post(editor, f"articles/{article_id}/versions", edited)
    newer = real | {"articles": [given | {"answer": "新"}]}
    conflict = (await post(editor, "imports", newer))["conflicts"][0]
    assert (conflict["article_id"], conflict["about"]) == (article_id, "edited_here")
    many = {"articles": [given | {"id": f"{external_id}-{n}"} for n in range(300)]}
    assert (await post(editor, "imports", many))["added"] == 300


async def test_two_editors_move_categories_against_each_other(people: People) -> None:
    first, second = await people.agent(EDITOR), await people.agent(OTHER_EDITOR)
    a, b = await category(first), await category(first)
    fates: list[str] = []

    async def move(editor: Agent, moved: str, parent: str) -> None:
        try:
            await post(editor, f"categories/{moved}/move", {"parent_id": parent})
            fates.append("moved")
        except Refused as refused:
            fates.append(refused.code)

    async with asyncio.TaskGroup() as group:
        group.create_task(move(first, a, b))
        group.create_task(move(second, b, a))
    assert sorted(fates) == ["category.cycle", "moved"]


OPERATIONS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "articles", None),
    ("GET", "articles/{id}", None),
    ("GET", "articles/{id}/versions/1", None),
    ("POST", "articles", {"category_id": "x", "content": {"title": "x"}}),
    ("POST", "articles/{id}/versions", {"base_version": 1, "content": {"title": "x"}}),
    ("POST", "articles/{id}/review", {"version": 1, "reviewer_ids": ["x"]}),
    ("POST", "articles/{id}/opinion", {"version": 1, "verdict": "changes"}),
    ("POST", "articles/{id}/take-back", {"version": 1}),
    ("POST", "articles/{id}/publish", {"version": 1}),
    ("POST", "articles/{id}/withdraw", {}),
    ("POST", "articles/{id}/suspend", {}),
    ("POST", "articles/{id}/resume", {}),
    ("POST", "articles/{id}/archive", None),
    ("POST", "articles/{id}/move", {"category_id": "x"}),
    ("POST", "articles/{id}/restore", None),
    ("POST", "articles/{id}/purge", None),
    ("DELETE", "articles/{id}", None),
    ("GET", "categories", None),
    ("POST", "categories", {"name_zh": "x"}),
    ("PUT", "categories/x", {"name_zh": "x"}),
    ("POST", "categories/x/move", {}),
    ("DELETE", "categories/x", None),
    ("GET", "log", None),
    ("GET", "log.csv", None),
    ("GET", "vocabulary", None),
    ("PUT", "vocabulary", {"base_version": 0, "synonyms": [], "words": []}),
    ("GET", "groups", None),
    ("GET", "staff", None),
    ("PUT", "staff", {"agent_id": "x", "is_editor": True, "is_reviewer": True}),
    ("POST", "imports", {"articles": []}),
    ("GET", "files/x", None),
]


async def test_who_has_no_part_in_it_may_do_nothing(people: People) -> None:
    editor, reader, visitor = await people.agent(EDITOR), await people.agent(READER), await people.visitor()
    article_id = (await article(editor))["article"]["id"]
    nothing = {"is_editor": False, "is_reviewer": False, "is_administrator": False, "to_review": 0}
    assert await get(reader, "rights") == nothing
    for method, path, body in OPERATIONS:
        at = path.format(id=article_id)
        assert await refusal(reader, method, at, body) == "request.forbidden", (method, path)
        assert await refusal(visitor, method, at, body) == "session.required", (method, path)
    assert (await get(editor, f"articles/{article_id}"))["article"]["newest_version"] == 1


BAD: list[tuple[str, str, dict[str, Any], str]] = [
    ("GET", "articles?limit=1000", {}, "request.invalid"),
    ("GET", "articles?scope=everything", {}, "request.invalid"),
    ("GET", "articles?nothing=1", {}, "request.invalid"),
    ("GET", "articles?offset=-1", {}, "request.invalid"),
    ("GET", "articles/x/versions/99999999999999999999", {}, "request.not_found"),
    ("GET", "articles/{id}/versions/99999999999999999999", {}, "request.not_found"),
    ("GET", "articles/{id}/versions/abc", {}, "request.not_found"),
    ("GET", "articles/{id}/versions/0", {}, "request.not_found"),
    ("GET", "articles/..%2f..%2fx", {}, "request.not_found"),
    ("GET", "log?limit=0", {}, "request.invalid"),
    ("GET", f"log?before_id={2**70}", {}, "request.invalid"),
    ("GET", "log?from_ms=-1", {}, "request.invalid"),
    ("POST", "articles/{id}/versions", {"base_version": 0, "content": {"title": "x"}}, "request.invalid"),
    (
        "POST",
        "articles/{id}/versions",
        {"base_version": 2**31 - 1, "content": {"title": "x"}},
        "article.conflict",
    ),
    (
        "POST",
        "articles/{id}/versions",
        {"base_version": 1, "content": {"title": " \u202e "}},
        "request.invalid",
    ),
    (
        "POST",
        "articles/{id}/versions",
        {"base_version": 1, "content": {"title": "长" * 301}},
        "request.invalid",
    ),
    (
        "POST",
        "articles/{id}/versions",
        {"base_version": 1, "content": {"title": "x", "body": "长" * 100_001}},
        "request.invalid",
    ),
    ("POST", "articles/{id}/review", {"version": 2**31 - 1, "reviewer_ids": ["x"]}, "request.not_found"),
    ("POST", "articles/{id}/review", {"version": 1, "reviewer_ids": []}, "request.invalid"),
    ("POST", "articles/{id}/review", {"version": 1, "reviewer_ids": ["nobody"]}, "review.not_reviewer"),
    ("POST", "articles/{id}/publish", {"version": 2**31}, "request.invalid"),
    ("POST", "articles/{id}/withdraw", {"target_ids": ["长" * 300]}, "request.invalid"),
    ("POST", "articles/{id}/withdraw", {"target_ids": ["gd:\x00"]}, "request.invalid"),
    ("POST", "articles/{id}/move", {"category_id": "nothing"}, "request.not_found"),
    ("POST", "categories", {"name_zh": "\x00"}, "request.invalid"),
    ("POST", "categories", {"name_zh": "x", "parent_id": "\x00"}, "request.not_found"),
    ("POST", "categories", {"name_zh": "x" * 101}, "request.invalid"),
    ("POST", "imports", {"articles": [{"id": "x"}]}, "request.invalid"),
    ("POST", "imports", {"articles": [{}] * 501}, "request.invalid"),
]


async def test_bad_input_is_refused_by_name(people: People) -> None:
    editor, chief = await people.agent(EDITOR), await people.agent(OTHER_EDITOR)
    article_id = (await article(editor))["article"]["id"]
    for method, path, body, code in BAD:
        at = path.format(id=article_id)
        assert await refusal(chief, method, at, body or None) == code, (method, path, body)
    for query in ("\x00", "%' OR 1=1 --", "\\", "_", "*", "(", "长" * 300):
        assert (await get(chief, "articles", q=query, category="nothing"))["articles"] == []
        await get(chief, "log", subject=query[:128], actor=query[:64], act=query[:64])


async def test_another_site_changes_nothing(people: People) -> None:
    editor = await people.agent(EDITOR)
    body = {"category_id": await category(editor), "content": {"title": "x"}}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        with pytest.raises(Refused, match=r"request\.forbidden"):
            await editor.request("POST", f"{DESK}/articles", json=body, headers=headers)
    with pytest.raises((Refused, aiohttp.ClientError)):
        await editor.request(
            "POST", f"{DESK}/articles", data="title=x", headers={"Content-Type": "text/plain"}
        )
