"""The help page as the server makes it: what anybody may read, what nobody else may, and what strangers send."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from io import BytesIO

import aiohttp
import pytest
from PIL import Image

from tests.deployment import Deployment
from tests.help.library import Library, token_of

pytestmark = pytest.mark.live

_SEARCH_S = 40.0
VIP = "NF100001"
PREPAID = "NF100006"


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]


class Reader:
    """Somebody with a browser and no script."""

    def __init__(self, deployment: Deployment, http: aiohttp.ClientSession, token: str = "") -> None:
        self.deployment = deployment
        self.http = http
        self.token = token

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._send("GET", path, headers)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        return await self._send("POST", path, {"Origin": self.deployment.origin} | headers, fields)

    async def _send(
        self, method: str, path: str, headers: dict[str, str], fields: dict[str, str] | None = None
    ) -> Answer:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        url = f"{self.deployment.origin}{path}"
        async with self.http.request(method, url, data=fields, headers=headers, allow_redirects=False) as r:
            return Answer(r.status, (await r.read()).decode(errors="replace"), r.headers)


@pytest.fixture
async def reader(deployment: Deployment) -> AsyncIterator[Reader]:
    async with browser() as http:
        yield Reader(deployment, http)


def browser() -> aiohttp.ClientSession:
    """With cookies of its own, as any."""
    return aiohttp.ClientSession(
        headers={"Accept-Language": "zh-CN"}, cookie_jar=aiohttp.CookieJar(unsafe=True)
    )


async def test_a_question_in_other_words_is_answered_read_and_rated_without_script(
    library: Library, reader: Reader
) -> None:
    category = await library.category("光缆杂务", "Fibre sundries")
    article = await library.publish(
        category,
        "怎样预约光缆沟盖板更换",
        "在网上预约，**两天**内有人上门。\n\n| 时间 | 费用 |\n|---|---|\n| 白天 | 免费 |",
        alternatives=["门口的光缆沟盖板坏了找谁换"],
    )
    home = await reader.get("/help/gd")
    assert "光缆杂务" in home.text
    assert '<form class="search"' in home.text

    found = await reader.get("/help/gd?q=家门口光缆沟的盖板坏了，找谁来换")
    assert f'href="/help/gd/articles/{article}?q=' in found.text
    assert "最可能的答案" in found.text
    assert "<strong>两天</strong>" in found.text

    read = await reader.get(f"/help/gd/articles/{article}?q=盖板")
    assert '<table tabindex="0">' in read.text
    assert f'data-article="{article}" aria-current="page"' in read.text
    assert "搜索“盖板”的结果" in read.text

    rated = await reader.post(f"/help/gd/articles/{article}/rating?q=盖板", {"helpful": "yes"})
    assert rated.status == 303
    assert rated.headers["Location"].endswith("#rating")
    assert "谢谢，很高兴能帮到您" in (await reader.get(f"/help/gd/articles/{article}")).text
    commented = {"helpful": "no", "comment": " 没写\n电话 "}
    await reader.post(f"/help/gd/articles/{article}/rating", commented)
    assert "我们会改进这篇文章" in (await reader.get(f"/help/gd/articles/{article}")).text
    async with browser() as http:  # a neighbour's, who has said nothing yet
        beside = Reader(reader.deployment, http)
        assert "这篇文章对您有帮助吗" in (await beside.get(f"/help/gd/articles/{article}")).text


async def test_what_a_customer_said_of_an_article_is_remembered_with_him(
    library: Library, reader: Reader
) -> None:
    category = await library.category("回执", "Receipts")
    article = await library.publish(category, "回执单在哪里打印", "营业厅打印。")
    page = f"/help/gd/articles/{article}"
    customer = Reader(reader.deployment, reader.http, await token_of(PREPAID, reader.deployment))
    for fields, said in (
        ({"helpful": "no"}, "哪里没有说清楚"),
        ({"helpful": "no", "comment": "没写电话"}, "我们会改进这篇文章"),
        ({"helpful": "yes"}, "很高兴能帮到您"),
    ):
        sent = await customer.post(f"{page}/rating", fields, X_Part="rating")
        assert said in sent.text
        assert "Set-Cookie" not in sent.headers
        assert said in (await customer.get(page)).text
    assert "这篇文章对您有帮助吗" in (await reader.get(page)).text


async def test_without_script_an_outcome_is_said_once_and_the_question_asked_once(
    library: Library, reader: Reader
) -> None:
    category = await library.category("电表箱", "Meter boxes")
    await library.publish(category, "电表箱里的光猫怎么重启", "拔插电源。", alternatives=["电表箱光猫死机了"])
    path = "/help/gd?q=电表箱光猫死机了"
    found = await reader.get(path)
    [asked] = re.findall(r'name="question" value="(\w+)"', found.text)
    told = await reader.post(path.replace("gd?", "gd/outcome?"), {"question": asked, "outcome": "unsolved"})
    assert told.status == 303
    again = await reader.get(told.headers["Location"])
    assert "抱歉没帮上忙" in again.text
    assert "这解决了您的问题吗" not in again.text
    assert f'data-question="{asked}"' in again.text


async def test_what_is_for_one_tier_leaks_nowhere(library: Library, reader: Reader) -> None:
    public = await library.category("机场候机", "Airport waiting")
    hidden = await library.category("贵宾候机室", "Private lounges", public)
    vip = {"kind": "tiers", "codes": ["vip"]}
    image = BytesIO()
    Image.new("RGB", (40, 30), "#336").save(image, "PNG")
    picture = await library.picture(image.getvalue())
    title, secret = "白金候机室怎么预约", "提前四小时拨打专属经理"
    shown = await library.publish(public, "候机时怎么连无线网", "选择机场网络即可。")
    article = await library.publish(
        hidden, title, f"{secret}。\n\n![平面图](file:{picture})", audience=vip, file_ids=[picture]
    )
    await library.pin(article, shown)
    places = (
        "/help/gd",
        f"/help/gd?category={public}",
        f"/help/gd?category={hidden}",
        f"/help/gd?q={title}",
        f"/help/gd?q={secret}&category={public}",
        f"/help/gd/articles/{article}",
        f"/help/gd/articles/{shown}",
        f"/help/gd/articles/{article}?q={title}",
        f"/help/gd/files/{picture}",
        f"/api/v1/kb/complete?q={title[:4]}&center=gd",
        "/help/gd?q=baijinhouji",
    )
    prepaid = Reader(reader.deployment, reader.http, await token_of(PREPAID, reader.deployment))
    forgotten = Reader(reader.deployment, reader.http, "not-a-token-of-anybody")
    for stranger in (reader, prepaid, forgotten):
        for place in places:
            if stranger is forgotten and "/api/" in place:
                continue
            answer = await stranger.get(place)
            text = answer.text
            for word in (title, secret):  # what he typed himself may be said back to him
                text = re.sub(f'“{word}”|value="{word}"|\\|{word}\\|', "", text)
            if article not in place:
                assert article not in text, place
            for word in (title, secret, "贵宾候机室", "平面图"):
                assert word not in text, (place, word)
            assert answer.status == (404 if article in place or picture in place else 200), place
        tree = (await stranger.get(f"/help/gd?category={public}")).text
        assert re.search(r'机场候机</span> <span class="count"><span aria-hidden="true">1</span>', tree)

    vip_reader = Reader(reader.deployment, reader.http, await token_of(VIP, reader.deployment))
    read = await vip_reader.get(f"/help/gd/articles/{article}")
    assert (read.status, read.headers["Cache-Control"]) == (200, "no-store")
    assert secret in read.text
    assert f'<img src="/help/gd/files/{picture}" alt="平面图"' in read.text
    assert (await vip_reader.get(f"/help/gd/files/{picture}")).status == 200
    for place in places[:5]:
        assert title in (await vip_reader.get(place)).text, place


async def test_pinyin_leads_to_what_was_meant(library: Library, reader: Reader) -> None:
    category = await library.category("檀木梳", "Sandalwood combs")
    article = await library.publish(category, "檀木梳套餐怎么退订", "在网上退订。")
    found = (await reader.get("/help/gd?q=tanmushu")).text
    assert found.index("您是不是要问") < found.index(f'href="/help/gd/articles/{article}?q=tanmushu"')
    assert "没有完全对应的内容" not in found


async def test_a_long_category_says_where_in_it_one_is(library: Library, reader: Reader) -> None:
    category = await library.category("百叶窗", "Shutters")
    last = [await library.publish_soon(category, f"百叶窗问题 {n}", "看说明。") for n in range(31)][-1]
    await library.found("百叶窗问题 30", last)
    first = (await reader.get(f"/help/gd?category={category}")).text
    assert "第 1–30 篇，共 31 篇" in first
    assert "offset=30" in first
    assert "第 31–31 篇，共 31 篇" in (await reader.get(f"/help/gd?category={category}&offset=30")).text
    beyond = (await reader.get(f"/help/gd?category={category}&offset=90000")).text
    assert "没有文章" not in beyond
    assert re.search(r'href="[^"]*offset=30" rel="prev"', beyond)


async def test_a_withdrawn_article_is_gone_at_once_and_kindly(library: Library, reader: Reader) -> None:
    category = await library.category("临时活动", "Offers of the day")
    image = BytesIO()
    Image.new("RGB", (40, 30), "#336").save(image, "PNG")
    picture = await library.picture(image.getvalue())
    article = await library.publish(
        category, "风筝节流量怎么领", f"打开活动页领取。\n\n![图](file:{picture})", file_ids=[picture]
    )
    other = await library.publish(category, "风筝节停车在哪里", "东门停车场。")
    await library.pin(other, article)
    assert (await reader.get(f"/help/gd/files/{picture}")).status == 200
    place = f"/help/gd/articles/{article}?category={category}"
    before = await reader.get(place)
    assert (await reader.get(place, If_None_Match=before.headers["ETag"])).status == 304
    await library.withdraw(article)
    gone = await reader.get(place, If_None_Match=before.headers["ETag"])
    assert gone.status == 404
    assert "这篇文章已经下线" in gone.text
    assert "风筝节流量" not in gone.text
    assert "大家都在问" in gone.text
    assert "风筝节停车在哪里" in gone.text
    assert 'name="q"' in gone.text
    for path in (
        "/help/gd",
        f"/help/gd?category={category}",
        f"/help/gd/articles/{other}",
        "/help/gd?q=风筝节流量怎么领",
        "/help/gd?q=fengzhengjieliuliang",
        "/api/v1/kb/hot?center=gd",
        "/api/v1/kb/complete?q=风筝节&center=gd",
        "/api/v1/kb/search?q=风筝节流量怎么领&center=gd",
    ):
        assert article not in (await reader.get(path)).text, path
    for path in (f"/help/gd/files/{picture}", f"/api/v1/kb/articles/{article}?center=gd"):
        assert (await reader.get(path)).status == 404
    assert (await reader.post(f"/help/gd/articles/{article}/rating", {"helpful": "no"})).status == 404


async def test_what_is_written_is_text(library: Library, reader: Reader) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    category = await library.category(f"分类{nasty}"[:60], "Odd things")
    article = await library.publish(
        category,
        f"标题{nasty}",
        f"正文{nasty}\n\n<script>alert(2)</script>\n\n[点我](javascript:alert(3))\n\n![x](https://evil.example/p.png)",
        alternatives=[f"问法{nasty}"],
    )
    for path in (
        "/help/gd",
        f"/help/gd?category={category}",
        f"/help/gd?q=标题{nasty}",
        f"/help/gd/articles/{article}?q=%22%3E%3Cscript%3Ealert(4)%3C/script%3E",
    ):
        text = (await reader.get(path)).text
        assert not re.search(r"<img[^>]+onerror|<script>|href=\"javascript:|evil\.example", text), path


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "宽" * 5_000,
        "q=" + "a" * 100_000,
        "q=%00%01%02",
        "q=%ED%A0%80",
        "q=AND%20OR%20NOT%20(*%3F%22",
        "q=%22unclosed",
        "q=%0D%0ASet-Cookie:%20x=1",
        "q='; DROP TABLE kb_article; -- NEAR(x y) title:*",
        "q=%E2%80%AEtxt.%E2%81%A6..%2F..%2Fetc%2Fpasswd",
        "q=%FF%C0%AF&question=%00",
        "category=%00&offset=x&lang=%00&embed=%00&more=%00",
        "offset=1e9&category=nope",
    ],
)
async def test_any_address_is_answered(query: str, reader: Reader) -> None:
    answer = await reader.get(f"/help/gd?{query}")
    assert answer.status == 200
    assert "<main" in answer.text
    assert "Set-Cookie" not in answer.headers
    said = query.partition("&")[0]
    for request in ("search", "complete"):
        path = f"/api/v1/kb/{request}?center=gd&{said if said.startswith('q=') else ''}"
        async with asyncio.timeout(_SEARCH_S):
            while (found := await reader.get(path)).status == 503:  # the search process is still starting
                await asyncio.sleep(0.1)
        assert found.status == 200, request


async def test_pages_run_nothing_but_their_own_script(reader: Reader) -> None:
    page = await reader.get("/help/gd")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("frame-ancestors 'none'")
    assert not re.search(r"<\w[^>]* (style|on\w+)=|<style|<script>", page.text)

    framed = (await reader.get("/help/gd?embed=widget")).headers["Content-Security-Policy"]
    assert framed.endswith(
        f"frame-ancestors 'self' {reader.deployment.site} http://localhost:{reader.deployment.demo_port}"
    )
    assert "frame-src 'self'" in (await reader.get("/widget/gd")).headers["Content-Security-Policy"]


async def test_trouble_is_told_in_the_readers_language(reader: Reader) -> None:
    missing = await reader.get("/help/nowhere")
    assert (missing.status, "没有这个帮助中心" in missing.text) == (404, True)
    missing = await reader.get("/help/nowhere?lang=en")
    assert "There is no such help page" in missing.text
    assert (await reader.get("/help/gd/files/nothing")).status == 404


async def test_only_our_own_pages_may_rate(library: Library, reader: Reader) -> None:
    category = await library.category("评价", "Ratings")
    article = await library.publish(category, "评价从哪里来", "只从本页来。")
    path = f"/help/gd/articles/{article}/rating"
    for origin in ("https://evil.example", "null"):
        assert (await reader.post(path, {"helpful": "no"}, Origin=origin)).status == 403
    assert "这篇文章对您有帮助吗" in (await reader.get(f"/help/gd/articles/{article}")).text
    for fields in ({}, {"helpful": "maybe"}):
        assert (await reader.post(path, fields)).status == 422
    assert (await reader.post(path, {"helpful": "no", "comment": "x" * 20_000})).status == 413
    assert "这篇文章对您有帮助吗" in (await reader.get(f"/help/gd/articles/{article}")).text
    assert (await reader.post("/help/gd/articles/nothing/rating", {"helpful": "no"})).status == 404
    assert (await reader.post("/help/gd/outcome", {"outcome": "solved", "question": "nothing"})).status == 404


async def test_who_rates_without_end_is_told_to_wait(library: Library, reader: Reader) -> None:
    category = await library.category("刷评价", "Rating storms")
    article = await library.publish(category, "刷评价会怎样", "会被拦下。")
    customer = Reader(reader.deployment, reader.http, await token_of(PREPAID, reader.deployment))
    statuses = set()
    for _ in range(200):
        sent = await customer.post(f"/help/gd/articles/{article}/rating", {"helpful": "yes"}, X_Part="rating")
        statuses.add(sent.status)
        if sent.status == 429:
            break
    assert statuses == {200, 429}


@pytest.mark.slow
async def test_without_search_one_still_browses(library: Library, reader: Reader) -> None:
    category = await library.category("断网也能看", "Readable without search")
    article = await library.publish(category, "搜索停了怎么看文章", "从分类里看。")
    pid = reader.deployment.pids("search")[0]
    os.kill(pid, signal.SIGSTOP)
    try:
        answer = await reader.get("/help/gd?q=搜索停了")
        assert (answer.status, "搜索暂时不可用" in answer.text) == (200, True)
        assert (await reader.get(f"/help/gd/articles/{article}?category={category}")).status == 200
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_the_readers_language_comes_first(library: Library, reader: Reader) -> None:
    category = await library.category("双语资料", "In two languages")
    zh = await library.publish(category, "鼓浪屿旅游卡怎么买", "在码头买。")
    en = await library.publish(category, "How to buy the island travel card", "At the pier.", lang="en")
    await library.pin(zh, en, category_id=category)
    for lang, first, other in (("zh-CN", zh, en), ("en", en, zh)):
        page = (await reader.get(f"/help/gd?category={category}&lang={lang}")).text
        listed = re.findall(r'<a class="row" [^>]*data-article="(\w+)"', page)
        assert listed == [first, other]
        hot = page[page.index('class="hot-list"') :]
        assert (first in hot, other in hot) == (True, False)
