"""What the templates show: the tree as far as it is open, lists, and the beginning of an answer."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

from wecc.knowledge.schemas.reading import (
    CategoryArticles,
    CategoryNode,
    Completion,
    KbArticle,
    SearchResults,
    Tree,
)

_EXCERPT_CHARS = 320
_LINE_CHARS = 30


@dataclass(frozen=True, slots=True)
class Branch:
    """A category in the tree. Its children are there only where it is open."""

    node: CategoryNode
    is_current: bool
    is_open: bool
    children: list[Branch]


@dataclass(frozen=True, slots=True)
class Filter:
    """A category that results may be narrowed to, and how many of them are below it."""

    node: CategoryNode
    count: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What stands beside the document, or in its place. `key` is empty for what is to be asked again. Of what was
    `found` the `first` few are offered before the others; `completions` may be meant by what nothing fits."""

    kind: Literal["home", "category", "results", "trouble"]
    key: str
    articles: CategoryArticles | None = None
    earlier: int | None = None
    later: int | None = None
    found: SearchResults | None = None
    answer: KbArticle | None = None
    answer_html: Markup | str = ""
    is_cut: bool = False
    first: int = 0
    fits: bool = False
    completions: list[Completion] = field(default_factory=list)
    outcome: str = ""
    filters: list[Filter] = field(default_factory=list)


def fits(query: str, found: SearchResults) -> bool:
    """Whether something was found: a question may not be answered by it, but words that stand in a title are."""
    if not found.results:
        return False
    title = unicodedata.normalize("NFKC", found.results[0].title).lower()
    words = unicodedata.normalize("NFKC", query).lower().split()
    return found.decision != "escalate" or (bool(words) and all(word in title for word in words))


def category_of(tree: Tree, category_id: str) -> CategoryNode | None:
    return next((node for node in tree.categories if node.id == category_id), None)


def path_to(tree: Tree, category_id: str) -> list[CategoryNode]:
    """From the root to the category, itself included."""
    by_id = {node.id: node for node in tree.categories}
    path: list[CategoryNode] = []
    while (node := by_id.get(category_id)) is not None:
        path.insert(0, node)
        category_id = node.parent_id
    return path


def branches(tree: Tree, current_id: str) -> list[Branch]:
    """The tree, open along the way to the current category and one level below it. Source: 3.2.2-09, 5.4-04."""
    open_ids = {node.id for node in path_to(tree, current_id)}
    children: dict[str, list[CategoryNode]] = {}
    for node in tree.categories:
        children.setdefault(node.parent_id, []).append(node)

    def below(parent_id: str) -> list[Branch]:
        return [
            Branch(
                node,
                is_current=node.id == current_id,
                is_open=node.id in open_ids and node.id in children,
                children=below(node.id) if node.id in open_ids else [],
            )
            for node in children.get(parent_id, [])
        ]

    return below("")


def filters(tree: Tree, counts: Mapping[str, int], category_id: str) -> list[Filter]:
    """Categories right below the chosen one that hold some of the results; only where there is a choice."""
    found = [
        Filter(node, counts[node.id])
        for node in tree.categories
        if node.parent_id == category_id and counts.get(node.id)
    ]
    found.sort(key=lambda one: -one.count)
    return found if len(found) > 1 else []


def excerpt(body: str) -> tuple[str, bool]:
    """The first blocks of an article, at least one, and whether anything was left out."""
    blocks = body.strip().split("\n\n")
    taken, length = 1, _length(blocks[0])
    while taken < len(blocks) and length + _length(blocks[taken]) <= _EXCERPT_CHARS:
        length += _length(blocks[taken])
        taken += 1
    return "\n\n".join(blocks[:taken]), taken < len(blocks)


def _length(block: str) -> int:
    """As much room as so many letters take: a short line takes it too."""
    return sum(max(len(line), _LINE_CHARS) for line in block.splitlines())
