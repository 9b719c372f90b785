"""Readers over the real HTTP application and a real index: each finds what is meant for him, and no trace of more.

Source: 3.2.2-02 … 08, 3.2.2-13, 3.2.2-15 … 17, 3.3.1-05.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.knowledge.publishing.conftest import until
from wecc.app import Core
from wecc.identity.models import Customer, Visitor
from wecc.identity.seeding import NewCenter
from wecc.infra import db
from wecc.infra.tasks import TaskOwner
from wecc.kernel.actor import Role, system
from wecc.kernel.clock import SystemClock
from wecc.kernel.ids import CenterId
from wecc.knowledge.models import Article, ArticleVersion, Question, Rating, View
from wecc.knowledge.schemas import (
    Audience,
    CategoryText,
    Content,
    MoveArticle,
    NewArticle,
    Suspend,
    TargetText,
    Withdraw,
)
from wecc.knowledge.search_process.server import SearchServer
from wecc.routing.seeding import NewAgent, set_up_center
from wecc.security import Passwords
from wecc.settings import Data, Knowledge, Settings, Web
from wecc.web import WebApp

GD = CenterId("gd")
OPERATOR = system(GD, "operator")
ORIGIN = "http://127.0.0.1:8000"
TIERS = ("vip", "group_key", "roaming", "group_member", "signed", "prepaid", "szx", "other")
GROUPS = {"contract": ("签约", "Contract", TIERS), "mass": ("大众", "Mass", TIERS)}
AGENTS = [
    NewAgent("anna", "Anna", Role.AGENT, ("contract",), "anna"),
    NewAgent("bert", "Bert", Role.AGENT, ("mass",), "bert"),
    NewAgent("chef", "Chef", Role.SUPERVISOR, ("mass",), "chef"),
]

WORD = "星河"
"""In every article: who asks for it asks for all he may see."""


@dataclass
class Face:
    """Somebody at his browser."""

    get: Callable[..., Awaitable[Any]]
    post: Callable[..., Awaitable[Any]]

    async def titles(self, **query: str) -> set[str]:
        found = await self.get("search", q=WORD, limit="50", **query)
        return {result["title"] for result in found["results"]}


@dataclass
class Base:
    """A center's knowledge base, running."""

    core: Core
    app: WebApp
    categories: dict[str, str] = field(default_factory=dict)
    articles: dict[str, str] = field(default_factory=dict)

    async def write(
        self, title: str, *targets: str, category: str = "套餐", audience: Audience | None = None, **more: Any
    ) -> str:
        """Write and publish at once, as an import of the operator's does."""
        kb = self.core.knowledge
        if category not in self.categories:
            made = await kb.categories.add(OPERATOR, CategoryText(name_zh=category))
            self.categories[category] = next(c.id for c in made.categories if c.name_zh == category)
        content = Content(title=title, body=f"{WORD} {title}", audience=audience or Audience(), **more)
        cmd = NewArticle(category_id=self.categories[category], content=content)
        article_id = self.articles[title] = await kb.articles.add(OPERATOR, cmd)
        await ArticleVersion.filter(article_id=article_id).update(stage="approved")
        async with kb.journal.operation(OPERATOR) as op:
            article = await Article.get(id=article_id)
            version = await ArticleVersion.get(article_id=article_id, version=1)
            await kb.publishing.place(op, article, version, [f"gd:{target}" for target in targets])
        return article_id

    async def settled(self) -> None:
        """Every target and the index hold what they should."""
        placing = self.core.knowledge.placing(GD)
        await placing.settle()
        placing.close()

        async def is_current() -> bool:
            state = await self.core.knowledge.index.state(GD)
            return state.revision >= (await self.core.knowledge.shelves.open(GD)).revision

        await until(is_current)

    async def face(self, login: str = "", tier: str | None = None) -> Face:
        """An agent by his login, a customer by his tier, or anybody."""
        client = self.app.http.quart.test_client()
        headers = {"Origin": ORIGIN}
        if login:
            body = {"center_id": "gd", "login": login, "password": login}
            signed_in = await client.post("/api/v1/agent/session", json=body, headers=headers)
            assert signed_in.status_code == 200
        if tier is not None:
            visitor, token = await self.core.identity.new_visitor("gd", "zh-CN", "")
            external = f"c{visitor.id[-6:]}"
            customer = await Customer.create(
                id=visitor.id, center_id="gd", external_id=external, name="x", tiers=[tier]
            )
            await Visitor.filter(id=visitor.id).update(customer_id=customer.id)
            headers["Authorization"] = f"Bearer {token}"

        async def get(path: str, **query: str) -> Any:
            answer = await client.get(f"/api/v1/kb/{path}", query_string=query, headers=headers)
            content = await answer.get_json() if answer.is_json else await answer.get_data()
            return content if answer.status_code == 200 else answer.status_code

        async def post(path: str, **body: Any) -> int:
            answer = await client.post(f"/api/v1/kb/{path}", json=body, headers=headers)
            return int(answer.status_code)

        return Face(get, post)


@pytest.fixture
async def base(empty_file: Data, valkey_socket: str) -> AsyncIterator[Base]:
    EXECUTOR_CACHE.clear()
    folder = empty_file.folder
    settings = Settings(
        web=Web(),
        data=Data(folder=folder, redis_url=f"unix://{valkey_socket}"),
        knowledge=Knowledge(index_folder=folder / "index", has_encoder=False),
    )
    await db.connect(settings.data)
    passwords = Passwords()
    names = NewCenter(GD, "南方通信", "Nanfang", "您好", "Hello", "other", ())
    await set_up_center(settings, SystemClock(), passwords, names, GROUPS, AGENTS)
    passwords.close()
    await db.close()
    app = WebApp(settings)
    async with app.opened() as core, TaskOwner() as owner:
        targets = {
            "web": Audience(),
            "vip": Audience(kind="tiers", codes=["vip"]),
            "desk": Audience(kind="agents"),
        }
        for code, audience in targets.items():
            text = TargetText(code=code, name_zh=code, root=code, audience=audience)
            await core.knowledge.targets.set(OPERATOR, text)
        owner.start(SearchServer(settings, SystemClock()).run(), name="search")
        yield Base(core, app)


@pytest.fixture
async def library(base: Base) -> Base:
    """One article for each kind of reader."""
    await base.write(f"{WORD}资费", "web", "desk")
    await base.write(f"{WORD}贵宾专享", "web", audience=Audience(kind="tiers", codes=["vip"]))
    await base.write(f"{WORD}贵宾目录", "vip")
    await base.write(f"{WORD}座席话术", "desk", audience=Audience(kind="agents"))
    await base.write(f"{WORD}签约组手册", "desk", audience=Audience(kind="agents", codes=["contract"]))
    await base.write(f"{WORD}内部目录", "desk", category="内部")
    await base.settled()
    return base


EVERYBODY = {f"{WORD}资费"}
VIP = EVERYBODY | {f"{WORD}贵宾专享", f"{WORD}贵宾目录"}
AGENT = VIP | {f"{WORD}座席话术", f"{WORD}内部目录"}
ALL = AGENT | {f"{WORD}签约组手册"}

WHO = {
    "anybody": ({}, EVERYBODY),
    "a prepaid customer": ({"tier": "prepaid"}, EVERYBODY),
    "a vip": ({"tier": "vip"}, VIP),
    "an agent": ({"login": "bert"}, AGENT),
    "an agent of the group": ({"login": "anna"}, ALL),
    "a supervisor": ({"login": "chef"}, ALL),
}


async def test_everybody_finds_what_is_meant_for_him_and_no_trace_of_more(library: Base) -> None:
    anna = await library.face(login="anna")
    for article_id in library.articles.values():
        assert await anna.post(f"articles/{article_id}/views") == 204
    await library.core.knowledge.hot.views.drain()
    for signing, may_see in WHO.values():
        await sees(library, await library.face(**signing), may_see)


async def sees(library: Base, face: Face, may_see: set[str]) -> None:
    found = await face.get("search", q=WORD, limit="50")
    assert {result["title"] for result in found["results"]} == may_see
    assert found["total"] == len(may_see)
    in_categories = {
        i: sum(1 for t in may_see if (t == f"{WORD}内部目录") == (name == "内部"))
        for name, i in library.categories.items()
    }
    assert found["category_counts"] == {i: n for i, n in in_categories.items() if n}

    completed = await face.get("complete", q=WORD, limit="20")
    assert {one["text"] for one in completed["completions"]} == may_see

    tree = await face.get("tree")
    assert tree["articles"] == len(may_see)
    assert {c["id"]: c["articles"] for c in tree["categories"]} == {
        i: n for i, n in in_categories.items() if n
    }

    listed = await face.get("articles", limit="100")
    assert ({one["title"] for one in listed["articles"]}, listed["total"]) == (may_see, len(may_see))
    for one in listed["articles"]:
        assert one["is_restricted"] == (one["title"] not in EVERYBODY)

    for title, article_id in library.articles.items():
        article = await face.get(f"articles/{article_id}")
        status = await face.post(f"articles/{article_id}/views")
        if title not in may_see:
            assert (article, status) == (404, 404)
            assert await face.post(f"articles/{article_id}/rating", is_helpful=True) == 404
            continue
        assert (article["title"], status) == (title, 204)
        assert {one["title"] for one in article["related"]} <= may_see - {title}

    hot = await face.get("hot")
    assert {topic["title"] for topic in hot["topics"]} == may_see


async def test_a_file_goes_with_an_article_one_may_read(base: Base) -> None:
    file = await base.core.knowledge.files.upload(OPERATOR, "话术.txt", "内部".encode())
    await base.write("话术", "desk", file_ids=[file.id])
    anybody, agent = await base.face(), await base.face("bert")
    assert await agent.get(f"files/{file.id}") == 404, "not published yet"
    await base.settled()
    assert await agent.get(f"files/{file.id}") == "内部".encode()
    assert await anybody.get(f"files/{file.id}") == 404
    await base.core.knowledge.publishing.withdraw(OPERATOR, base.articles["话术"], Withdraw())
    assert await agent.get(f"files/{file.id}") == 404


async def test_from_its_commit_on_a_withdrawal_is_everywhere(library: Base) -> None:
    """The index is not asked to have heard of it."""
    publishing = library.core.knowledge.publishing
    article_id = library.articles[f"{WORD}资费"]
    face = await library.face()
    for is_for_a_time in (True, False):
        assert await face.titles() == EVERYBODY
        if is_for_a_time:
            await publishing.suspend(OPERATOR, article_id, Suspend())
        else:
            await publishing.withdraw(OPERATOR, article_id, Withdraw())
        found = await face.get("search", q=WORD)
        assert (found["results"], found["total"], found["decision"]) == ([], 0, "escalate")
        assert (await face.get("complete", q=WORD))["completions"] == []
        assert (await face.get("tree"))["articles"] == 0
        assert (await face.get("articles"))["articles"] == []
        assert await face.get(f"articles/{article_id}") == 404
        await publishing.resume(OPERATOR, article_id, Withdraw())
        await library.settled()


async def test_a_target_that_is_switched_off_shows_nothing(library: Base) -> None:
    face = await library.face()
    text = TargetText(code="web", name_zh="web", root="web", is_enabled=False)
    await library.core.knowledge.targets.set(OPERATOR, text)
    assert await face.titles() == set()
    assert (await face.get("tree"))["articles"] == 0


async def test_search_answers_as_integrators_expect(library: Base) -> None:
    found = await (await library.face()).get("search", q=f"{WORD}资费是多少", limit="3")
    assert {"results", "decision", "confidence", "took_ms"} <= found.keys()
    first = found["results"][0]
    assert {"id", "external_id", "title", "category", "snippet", "score"} <= first.keys()
    assert [ref["name_zh"] for ref in first["category"]] == ["套餐"]
    for start, end in first["title_marks"]:
        assert 0 <= start < end <= len(first["title"])


async def test_a_search_may_be_kept_to_a_category(library: Base) -> None:
    face = await library.face("anna")
    assert await face.titles(category=library.categories["内部"]) == {f"{WORD}内部目录"}
    assert await face.titles(category="none-such") == set()


async def test_any_text_may_be_asked(library: Base) -> None:
    face = await library.face()
    for text in ("", "   ", "\x00\x1b[31m", '"', "a AND (b OR", "*", "😀" * 300, "\ufffd", "话费" * 2000):
        for path, key in (("search", "results"), ("complete", "completions")):
            assert isinstance((await face.get(path, q=text))[key], list)


async def test_what_was_asked_is_noted_without_long_numbers(library: Base) -> None:
    face = await library.face(tier="vip")
    asked = await face.get(
        "search", q="13800138000 欠费 6 元，卡号 6222-0212 3456 7890", place="help", lang="zh-CN"
    )
    await library.core.knowledge.asking.questions.drain()
    question = await Question.get(id=asked["question_id"])
    assert question.text == "******* 欠费 6 元，卡号 *******"
    assert (question.place, question.tier, question.decision) == ("help", "vip", asked["decision"])
    assert question.article_ids == [result["id"] for result in asked["results"]]
    assert question.gap == ("open" if asked["decision"] == "escalate" else "")


async def test_what_came_of_a_question_is_kept(library: Base) -> None:
    face = await library.face()
    article_id = library.articles[f"{WORD}资费"]
    asked = await face.get("search", q=WORD)
    # At once, while it is still on its way to the database.
    assert await face.post("outcomes", question_id=asked["question_id"], outcome="unsolved") == 204
    assert await face.post(f"articles/{article_id}/views", question_id=asked["question_id"]) == 204
    question = await Question.get(id=asked["question_id"])
    assert (question.outcome, question.gap, question.read_article_id) == ("unsolved", "open", article_id)
    assert await face.post("outcomes", question_id="f" * 32, outcome="solved") == 404


async def test_the_newest_word_of_each_reader_counts(library: Base) -> None:
    article_id = library.articles[f"{WORD}资费"]
    first, second = await library.face(tier="vip"), await library.face(tier="szx")
    assert await first.post(f"articles/{article_id}/rating", is_helpful=False, comment="看不懂") == 204
    assert await first.post(f"articles/{article_id}/rating", is_helpful=True) == 204
    comment = "请回电 13800138000"
    assert await second.post(f"articles/{article_id}/rating", is_helpful=False, comment=comment) == 204
    assert {rating.comment for rating in await Rating.all()} == {"", "请回电 *******"}
    assert sorted(rating.is_helpful for rating in await Rating.all()) == [False, True]
    assert (await first.get(f"articles/{article_id}"))["my_rating"] is True
    assert (await (await library.face(tier="vip")).get(f"articles/{article_id}"))["my_rating"] is None


async def test_an_article_is_found_by_its_external_id(library: Base) -> None:
    article_id = library.articles[f"{WORD}资费"]
    await Article.filter(id=article_id).update(external_id="nf-bill-query")
    await library.core.knowledge.articles.move(
        OPERATOR, article_id, MoveArticle(category_id=library.categories["内部"])
    )
    assert (await (await library.face()).get("articles/nf-bill-query"))["id"] == article_id


async def test_hot_topics_are_counted_once_an_hour_and_kept_by_directory(library: Base) -> None:
    hot = library.core.knowledge.hot
    public, inside = library.articles[f"{WORD}座席话术"], library.articles[f"{WORD}内部目录"]
    anna, bert = await library.face("anna"), await library.face("bert")
    for face, article_id in [(anna, public)] * 5 + [(anna, inside), (bert, inside)]:
        assert await face.post(f"articles/{article_id}/views") == 204
    await hot.views.drain()
    hot._heats.clear()
    topics = (await anna.get("hot"))["topics"]
    assert [topic["article_id"] for topic in topics] == [inside, public], (
        "two readers are more than five clicks"
    )
    in_category = (await anna.get("hot", category=library.categories["套餐"]))["topics"]
    assert [topic["article_id"] for topic in in_category] == [public]
    await View.all().update(at_ms=0)
    await hot.tidy()
    assert await View.all().count() == 0


async def test_without_a_search_process_everything_else_works(library: Base) -> None:
    await library.core.knowledge.index.close()
    library.core.knowledge.index._path = library.core.settings.data.folder / "nobody.sock"
    face = await library.face()
    assert await face.get("search", q=WORD) == 503
    assert (await face.get("tree"))["articles"] == 1
    ready = await library.app.http.quart.test_client().get("/readyz")
    assert (await ready.get_json())["search"] is False


async def test_an_unknown_token_or_center_is_told(library: Base) -> None:
    client = library.app.http.quart.test_client()
    answer = await client.get("/api/v1/kb/tree", headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == 401
    assert await (await library.face()).get("tree", center="bj") == 404
    assert await (await library.face("anna")).get("tree", center="bj") == 404
