"""YAML as a tree of texts that know their place. Nothing is constructed from it: no types, no aliases, no tags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

MAX_DEPTH = 12

# The same parser in C where it is built in; it reads a long flow in milliseconds.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a flow and where; lines and columns count from 1. `code` is API, `about` names the thing. A
    warning keeps nothing from being used."""

    line: int
    column: int
    code: str
    about: str = ""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Scalar:
    """`is_plain`: written without quotes."""

    line: int
    column: int
    text: str
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    line: int
    column: int
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    line: int
    column: int
    items: tuple[tuple[Scalar, Tree], ...]


Tree = Scalar | Sequence | Mapping


class Unreadable(Exception):
    """The text is not YAML of the kind flows are written in."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"line {problem.line}: {problem.code} {problem.about}".rstrip())


def read_tree(source: str) -> Tree:
    """Read one document. Its depth is bounded; a key may be there twice, which the tree shows.

    Raises: Unreadable, with `yaml.syntax`, `yaml.empty`, `yaml.documents`, `yaml.depth`, `yaml.alias` (also for
    what defines one), `yaml.tag` or `yaml.key`.
    """
    try:
        # Events, not yaml.compose: that recurses as deep as the text is nested.
        return _document(iter(yaml.parse(source, Loader=_Loader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context_mark and "end of stream" in str(error.problem):
            mark = error.context_mark  # where the quote was opened says more than where the text ends
        raise Unreadable(_at(mark, "yaml.syntax", str(error.problem or error.context or ""))) from error
    except (yaml.YAMLError, UnicodeError) as error:
        place = int(getattr(error, "position", 0) or getattr(error, "start", 0))
        line = source.count("\n", 0, place) + 1
        column = place - source.rfind("\n", 0, place)
        raise Unreadable(Problem(line, max(column, 1), "yaml.syntax", "character")) from error


def _document(events: Iterator[Any]) -> Tree:
    tree: Tree | None = None
    for event in events:
        match event:
            case yaml.StreamStartEvent() | yaml.DocumentStartEvent() if tree is None:
                pass
            case yaml.DocumentStartEvent():
                raise Unreadable(_at(event.start_mark, "yaml.documents"))
            case yaml.DocumentEndEvent() | yaml.StreamEndEvent():
                pass
            case _:
                tree = _node(event, events, 1)
    if tree is None:
        raise Unreadable(Problem(1, 1, "yaml.empty"))
    return tree


def _node(event: Any, events: Iterator[Any], depth: int) -> Tree:
    if depth > MAX_DEPTH:
        raise Unreadable(_at(event.start_mark, "yaml.depth"))
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise Unreadable(_at(event.start_mark, "yaml.alias"))
    if event.tag is not None:
        raise Unreadable(_at(event.start_mark, "yaml.tag", str(event.tag)))
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    if isinstance(event, yaml.ScalarEvent):
        return Scalar(line, column, event.value, event.style is None or event.implicit[0])
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Tree] = []
        for inner in events:
            if isinstance(inner, yaml.SequenceEndEvent):
                break
            items.append(_node(inner, events, depth + 1))
        return Sequence(line, column, tuple(items))
    pairs: list[tuple[Scalar, Tree]] = []
    for inner in events:
        if isinstance(inner, yaml.MappingEndEvent):
            break
        key = _node(inner, events, depth + 1)
        if not isinstance(key, Scalar):
            raise Unreadable(Problem(key.line, key.column, "yaml.key"))
        pairs.append((key, _node(next(events), events, depth + 1)))
    return Mapping(line, column, tuple(pairs))


def _at(mark: Any, code: str, about: str = "") -> Problem:
    return Problem(mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, code, about)
