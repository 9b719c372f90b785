"""A labelled set of articles and questions: `corpus.jsonl` and `queries.jsonl` of one folder."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from wecc.knowledge.search import Access, Document

ACCESS = Access(frozenset({"web"}), frozenset({"public"}))
"""Sees all of a set."""


@dataclass(frozen=True, slots=True)
class Question:
    number: str
    task: str
    text: str
    relevant: frozenset[str]
    """Ids of the articles that answer it; none when nothing does."""

    @property
    def group(self) -> str:
        """The same for questions that the same article answers."""
        return min(self.relevant, default=self.number)


def load_set(folder: Path) -> tuple[list[Document], list[Question]]:
    """Raises: RuntimeError when the folder holds no such set."""
    try:
        articles = [orjson.loads(line) for line in _lines(folder / "corpus.jsonl")]
        queries = [orjson.loads(line) for line in _lines(folder / "queries.jsonl")]
    except (OSError, ValueError) as error:
        raise RuntimeError(f"{folder} holds no labelled set: {error}") from error
    documents = [
        Document(
            article_id=article["id"],
            version=1,
            title=article["title"],
            alternatives=tuple(article["alt"]),
            body=article["answer"],
            lang="zh-CN" if article["lang"] == "zh" else article["lang"],
            category_ids=tuple(article["category"]),
            targets=ACCESS.targets,
            audience=ACCESS.keys,
        )
        for article in articles
    ]
    questions = [
        Question(query["qid"], query["task"], query["query"], frozenset(query["relevant"]))
        for query in queries
    ]
    return documents, questions


def multiplied(documents: Sequence[Document], count: int) -> list[Document]:
    """The documents and as many more as are wanted, put together by chance from sentences of theirs."""
    chance = random.Random(11)
    sentences = [part + "。" for document in documents for part in document.body.split("。") if part]
    made = list(documents)
    while len(made) < count:
        one, other = chance.choice(documents), chance.choice(documents)
        half = len(one.title) // 2
        made.append(
            replace(
                one,
                article_id=f"made-{len(made)}",
                title=one.title[:half] + other.title[len(other.title) // 2 :],
                alternatives=(),
                body="".join(chance.choices(sentences, k=chance.randint(3, 10))),
            )
        )
    return made


def _lines(path: Path) -> Iterator[bytes]:
    return (line for line in path.read_bytes().splitlines() if line.strip())
