"""The floor of a search: the bare library over the same words, without a re-rank, permissions or marks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from whoosh import fields, index
from whoosh.qparser import MultifieldParser, OrGroup

from wecc.knowledge.search import Document
from wecc.knowledge.search.text import Cutter, normalize

Search = Callable[[str, int], list[str]]
"""Ids of the articles found, best first, at most so many."""


def whoosh_floor(folder: Path, documents: Sequence[Document]) -> Search:
    """Whoosh as its manual has it: two text fields, any word, the title weighs three times."""
    cutter = Cutter()
    schema = fields.Schema(id=fields.ID(stored=True), title=fields.TEXT(field_boost=3.0), body=fields.TEXT)
    made = index.create_in(str(folder), schema)
    writer = made.writer()
    for document in documents:
        title = " ".join((document.title, *document.alternatives))
        writer.add_document(
            id=document.article_id, title=_words(cutter, title), body=_words(cutter, document.body)
        )
    writer.commit()
    searcher = made.searcher()
    parser = MultifieldParser(["title", "body"], schema, group=OrGroup)

    def search(query: str, limit: int) -> list[str]:
        return [hit["id"] for hit in searcher.search(parser.parse(_words(cutter, query)), limit=limit)]

    return search


def fts5_floor(folder: Path, documents: Sequence[Document]) -> Search:
    """FTS5's own ranking over any word."""
    cutter = Cutter()
    db = sqlite3.connect(folder / "floor.db")
    db.execute("CREATE VIRTUAL TABLE floor USING fts5 (id UNINDEXED, title, body)")
    with db:
        db.executemany(
            "INSERT INTO floor VALUES (?, ?, ?)",
            (
                (
                    document.article_id,
                    _words(cutter, " ".join((document.title, *document.alternatives))),
                    _words(cutter, document.body),
                )
                for document in documents
            ),
        )

    def search(query: str, limit: int) -> list[str]:
        wanted = " OR ".join(f'"{word}"' for word in _words(cutter, query).split())
        found = db.execute(
            "SELECT id FROM floor WHERE floor MATCH ? ORDER BY bm25(floor, 0, 3, 1) LIMIT ?", (wanted, limit)
        )
        return [article_id for (article_id,) in found] if wanted else []

    return search


def _words(cutter: Cutter, text: str) -> str:
    return " ".join(cutter.words(normalize(text)))
