"""YAML as a tree of texts that know their place. Nothing is constructed from it: no types, no aliases, no tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

MAX_DEPTH = 12

# By what PyYAML and LibYAML say.
_SYNTAX = {
    "yaml.colon": re.compile("expected ':'"),
    "yaml.bracket": re.compile("',' or '"),
    "yaml.indent": re.compile("expected key|block end|'-' indicator"),
    "yaml.quote": re.compile("start any token|alphabetic or numeric|end of stream"),
}

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

    Raises: Unreadable, with `yaml.tab`, `.colon`, `.bracket`, `.indent`, `.quote`, `.character` or, for what is
    none of these, `.syntax`; `yaml.empty`, `.documents`, `.depth`, `.alias` (also for what defines one), `.tag` or
    `.key`.
    """
    try:
        # Events, not yaml.compose: that recurses as deep as the text is nested.
        return _document(iter(yaml.parse(source, Loader=_Loader)))
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_syntax(source, error)) from error
    except (yaml.YAMLError, UnicodeError) as error:
        place = int(getattr(error, "position", 0) or getattr(error, "start", 0))
        line = source.count("\n", 0, place) + 1
        column = place - source.rfind("\n", 0, place)
        raise Unreadable(Problem(line, max(column, 1), "yaml.character")) from error


def _syntax(source: str, error: yaml.MarkedYAMLError) -> Problem:
    """What the parser says, as what the author did; where he did it, not where it could not go on."""
    said, began = str(error.problem), error.context_mark
    mark = error.problem_mark or began
    lines = dict(enumerate(source.split("\n")))
    line = lines.get(mark.line, "") if mark else ""
    code = next((code for code, signs in _SYNTAX.items() if signs.search(said)), "yaml.syntax")
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return _at(mark, "yaml.tab")
    if "mapping values" in said:  # a second colon in a line, or the first of one that is indented too far
        return _at(mark, "yaml.quote" if mark and ":" in line[: mark.column] else "yaml.indent")
    # A key without its colon, a bracket or a quote that was never closed is noticed lines below.
    is_late = began and mark and began.line < mark.line
    if code in ("yaml.colon", "yaml.quote") or (code == "yaml.bracket" and is_late):
        mark = began or mark
    about = lines.get(mark.line, "").strip()[:60] if mark and code == "yaml.colon" else ""
    return _at(mark, code, about)


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
