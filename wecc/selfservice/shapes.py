"""What may stand where in a flow: each reader takes a part of the tree, notes what is wrong, and goes on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from wecc.infra.wire import clean
from wecc.selfservice.flow import PLACEHOLDER, PLACEHOLDERS, Words
from wecc.selfservice.yaml_tree import Mapping, Problem, Scalar, Sequence, Tree

SAY_CHARS = 2000
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_FLAGS = {"true": True, "false": False}

Fields = dict[str, Tree]


class Shapes:
    """Readers of a tree that gather all problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, where: Tree, code: str, about: str = "", is_warning: bool = False) -> None:
        self.problems.append(Problem(where.line, where.column, code, about, is_warning))

    def fields(self, tree: Tree, known: Collection[str], needed: Collection[str] = ()) -> Fields:
        """A mapping's parts by key; `key.unknown`, `key.duplicate`, `key.missing`."""
        if not isinstance(tree, Mapping):
            self.note(tree, "type.mapping")
            return {}
        found: Fields = {}
        for key, value in tree.items:
            if key.text not in known:
                near = get_close_matches(key.text[:60], known, 1)
                self.note(key, "key.unknown", f"{key.text[:60]} ({near[0]}?)" if near else key.text[:60])
            elif key.text in found:
                self.note(key, "key.duplicate", key.text)
            else:
                found[key.text] = value
        for name in needed:
            if name not in found:
                self.note(tree, "key.missing", name)
        return found

    def named(self, tree: Tree, most: int) -> Iterator[tuple[Scalar, Tree]]:
        """A mapping's parts whose keys are names of the author's own, each once."""
        if not isinstance(tree, Mapping):
            self.note(tree, "type.mapping")
            return
        if len(tree.items) > most:
            self.note(tree, "list.long", str(most))
        seen: set[str] = set()
        for key, value in tree.items[:most]:
            if not NAME.fullmatch(key.text):
                self.note(key, "name.invalid", key.text[:60])
            elif key.text in seen:
                self.note(key, "key.duplicate", key.text)
            else:
                seen.add(key.text)
                yield key, value

    def items(self, tree: Tree, most: int, may_be_empty: bool = False) -> tuple[Tree, ...]:
        """A list's parts; `list.empty`, `list.long`."""
        if not isinstance(tree, Sequence):
            self.note(tree, "type.list")
            return ()
        if not tree.items and not may_be_empty:
            self.note(tree, "list.empty")
        if len(tree.items) > most:
            self.note(tree.items[most], "list.long", str(most))
        return tree.items[:most]

    def text(self, tree: Tree, max_chars: int) -> str:
        if not isinstance(tree, Scalar):
            self.note(tree, "type.text")
            return ""
        text = clean(tree.text)
        if not text:
            self.note(tree, "text.empty")
        if len(text) > max_chars:
            self.note(tree, "text.long", str(max_chars))
        return text[:max_chars]

    def words(self, tree: Tree, max_chars: int, has_placeholders: bool = False) -> Words:
        """A text in both languages; `words.missing` for the one that is not there."""
        found = self.fields(tree, ("zh", "en"))
        if isinstance(tree, Mapping):
            for language in ("zh", "en"):
                if language not in found:
                    self.note(tree, "words.missing", language)
        texts = {language: self.text(part, max_chars) for language, part in found.items()}
        for language, text in texts.items():
            for name in PLACEHOLDER.findall(text):
                if not (has_placeholders and name in PLACEHOLDERS):
                    self.note(found[language], "text.placeholder", "{" + name + "}")
        return Words(texts.get("zh", ""), texts.get("en", ""))

    def name(self, tree: Tree) -> str:
        """A code or a node's name; empty when it cannot be one."""
        text = tree.text if isinstance(tree, Scalar) else ""
        if NAME.fullmatch(text):
            return text
        self.note(tree, "name.invalid", text[:60])
        return ""

    def integer(self, tree: Tree, least: int, most: int, default: int) -> int:
        text = tree.text if isinstance(tree, Scalar) else ""
        if not _INTEGER.fullmatch(text):
            self.note(tree, "type.number", text[:60])
        elif least <= int(text) <= most:
            return int(text)
        else:
            self.note(tree, "value.range", f"{least}-{most}")
        return default

    def flag(self, tree: Tree) -> bool:
        text = tree.text if isinstance(tree, Scalar) else ""
        if text not in _FLAGS:
            self.note(tree, "type.flag", text[:60])
        return _FLAGS.get(text, False)

    def one_of(self, tree: Tree, known: Collection[str], default: str) -> str:
        text = tree.text if isinstance(tree, Scalar) else ""
        if text in known:
            return text
        self.note(tree, "value.unknown", f"{text[:60]} ({', '.join(known)})")
        return default
