"""The sample operator's knowledge base, read from `knowledge.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from wecc.knowledge.schemas import Audience, Content
from wecc.knowledge.seeding import WEB, NewTarget, NewText

_FILE = Path(__file__).parent / "knowledge.yaml"

DESK = NewTarget("desk", "座席知识库", "Agents' knowledge base", Audience(kind="agents"))

PINNED = (
    "nf-topup",
    "nf-plan-list",
    "nf-roaming-open",
    "nf-broadband-slow",
    "nf-fraud",
    "nf-topup-en",
    "nf-plan-list-en",
    "nf-roaming-open-en",
)


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Text(_Closed):
    title: str
    alt: list[str]
    body: str


class _Article(_Closed):
    id: Annotated[str, Field(pattern=r"^nf-[a-z0-9-]+$")]
    category: str
    audience: Annotated[Audience, Field(alias="for")] = Audience()
    zh: _Text
    en: _Text | None = None


class _File(_Closed):
    categories: dict[str, tuple[str, str, str]]
    articles: list[_Article]


def articles() -> Iterator[NewText]:
    """Every article in its languages; those for agents go to their own target."""
    raw: Any = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    file = _File.model_validate(raw)
    for article in file.articles:
        path = list(_path(file, article.category))[::-1]
        targets = [DESK.code] if article.audience.kind == "agents" else [WEB, DESK.code]
        for lang, suffix, text in (("zh-CN", "", article.zh), ("en", "-en", article.en)):
            if text is not None:
                content = Content(
                    title=text.title,
                    alternatives=text.alt,
                    body=text.body,
                    lang=lang,
                    audience=article.audience,
                )
                yield NewText(f"{article.id}{suffix}", path, content, targets)


def _path(file: _File, code: str) -> Iterator[tuple[str, str]]:
    while code:
        code, zh, en = file.categories[code]
        yield zh, en
