"""A small knowledge base for tests, written and reviewed by two agents as people do it."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.clients import Agent, Refused, Visitor, client_id
from tests.deployment import Deployment

_SEEN_S = 20.0
_DESK = "/api/v1/kb/desk"


class Library:
    """Its editor is a supervisor, its reviewer the administrator; `publish` ends when readers find the article."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._stack = AsyncExitStack()
        self.target_id = ""

    async def __aenter__(self) -> Self:
        self.editor = await self._stack.enter_async_context(Agent(self.deployment))
        self.reviewer = await self._stack.enter_async_context(Agent(self.deployment))
        await self.editor.sign_in("2001")
        await self.reviewer.sign_in("9001")
        staff = {"agent_id": self.editor.id, "is_editor": True, "is_reviewer": False}
        await self.reviewer.request("PUT", f"{_DESK}/staff", json=staff)
        target = {
            "code": "help-test",
            "name_zh": "帮助页",
            "root": "help-test",
            "audience": {"kind": "public"},
        }
        answer = await self.reviewer.request("PUT", f"{_DESK}/targets", json={"target": target})
        self.target_id = next(t["id"] for t in answer["targets"] if t["code"] == "help-test")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def category(self, name_zh: str, name_en: str, parent_id: str = "") -> str:
        text = {"name_zh": name_zh, "name_en": name_en, "parent_id": parent_id}
        answer = await self.editor.request("POST", f"{_DESK}/categories", json=text)
        return next(
            str(c["id"])
            for c in answer["categories"]
            if c["name_zh"] == name_zh and c["parent_id"] == parent_id
        )

    async def picture(self, content: bytes, name: str = "step.png") -> str:
        """Upload a file for articles; its id."""
        path = f"{_DESK}/files"
        kept = await self.editor.request("POST", path, params={"name": name}, data=content)
        return str(kept["id"])

    async def publish(self, category_id: str, title: str, body: str, **content: Any) -> str:
        """Write an article, have it approved and published; its id, once it is found."""
        article_id = await self.publish_soon(category_id, title, body, **content)
        await self.found(title, article_id)
        return article_id

    async def publish_soon(self, category_id: str, title: str, body: str, **content: Any) -> str:
        """The same without waiting."""
        article = {"category_id": category_id, "content": {"title": title, "body": body, **content}}
        detail = await self._desk(self.editor, "articles", client_id=client_id(), **article)
        one = f"articles/{detail['article']['id']}"
        await self._desk(self.editor, f"{one}/review", version=1, reviewer_ids=[self.reviewer.id])
        approval = {"version": 1, "verdict": "approve", "target_ids": [self.target_id]}
        await self._desk(self.reviewer, f"{one}/opinion", **approval)
        await self._desk(self.reviewer, f"{one}/publish", version=1)
        return str(detail["article"]["id"])

    async def withdraw(self, article_id: str) -> None:
        await self._desk(self.reviewer, f"articles/{article_id}/withdraw")

    async def pin(self, *article_ids: str, category_id: str = "") -> None:
        pins = {"category_id": category_id, "pins": [{"article_id": i} for i in article_ids]}
        await self.reviewer.request("PUT", f"{_DESK}/pins", json=pins)

    async def remarks(self, article_id: str) -> list[str]:
        """What readers wrote about the article, as editors read it."""
        answer = await self.editor.request("GET", f"{_DESK}/remarks")
        return [one["text"] for one in answer["remarks"] if one["article_id"] == article_id]

    async def _desk(self, agent: Agent, path: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await agent.request("POST", f"{_DESK}/{path}", json=body)
        return answer

    async def found(self, title: str, article_id: str) -> None:
        """The reviewer, an administrator, may see whatever is published."""
        deadline_s = time.monotonic() + _SEEN_S
        while time.monotonic() < deadline_s:
            query = {"q": title, "center": "gd"}
            with suppress(Refused):  # the search process is still starting
                found = await self.reviewer.request("GET", "/api/v1/kb/search", params=query)
                if any(result["id"] == article_id for result in found["results"]):
                    return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{title} is not found")


async def token_of(customer: str, deployment: Deployment) -> str:
    """A visitor's token after the sample site said which of its customers he is."""
    async with Visitor(deployment) as visitor:
        await visitor.arrive()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as site:
            await site.post(f"{deployment.site}/sign-in", data={"customer": customer})
            async with site.get(f"{deployment.site}/wecc-token") as response:
                word = (await response.json())["token"]
        await visitor.ask("visitor:identify", token=word)
        return visitor.token
