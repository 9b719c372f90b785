"""A self-service flow, compiled: what is said, what can be answered, where it leads. No I/O. Source: 2.3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from wecc.selfservice.topics import Topics

HOME = "home"
"""As a target: back to the first node that waits for an answer."""

PERSON, SOLVED, UNSOLVED, NONE, END = "person", "solved", "unsolved", "none", "end"
RESERVED = frozenset({HOME, PERSON, SOLVED, UNSOLVED, NONE, END})
"""Options the engine makes itself. A customer may send `person` at any time."""

PERSON_KEY, HOME_KEY = "0", "9"

OptionKind = Literal["go", "article", "solved", "unsolved", "person"]
FieldKind = Literal["text", "phone", "number", "date", "choice", "long_text"]
OffersPerson = Literal["at_once", "after_unsolved", "never"]
FreeText = Literal["knowledge", "person"]
Wish = Literal["", "account_manager", "senior", "message"]

PLACEHOLDER = re.compile(r"\{(\w*)\}")
PLACEHOLDERS = frozenset({"name", "center"})
_BEFORE_NAME = re.compile(r"[,，、 ]*\{name\}")
_AFTER_NAME = re.compile(r"^\{name\}[,，、 ]*")
_MARKUP = re.compile(r"[*_`\[\]()<>\\\n]")


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages; what has no translation is shown as it is."""

    zh: str
    en: str

    def at(self, locale: str) -> str:
        return (self.en or self.zh) if locale == "en" else (self.zh or self.en)

    def naming(self, locale: str, names: Mapping[str, str]) -> str:
        """With its placeholders filled. A customer without a name is greeted without one."""
        text = self.at(locale)
        if not names.get("name"):
            text = _BEFORE_NAME.sub("", _AFTER_NAME.sub("", text))
        return PLACEHOLDER.sub(lambda m: _MARKUP.sub("", names.get(m[1], ""))[:60], text)


NO_WORDS = Words("", "")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a menu: goes on to a node, opens an article, or, with neither, asks for a person."""

    id: str
    label: Words
    key: str
    go: str = ""
    article: str = ""

    @property
    def kind(self) -> OptionKind:
        return "go" if self.go else "article" if self.article else "person"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form. `least` and `most` bound a number."""

    name: str
    label: Words
    kind: FieldKind
    is_required: bool = True
    options: tuple[Words, ...] = ()
    max_chars: int = 200
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Invites the customer's own words; `category` is the name of where to look first."""

    category: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    fields: tuple[Field, ...]
    go: str


@dataclass(frozen=True, slots=True)
class Onward:
    """Says its words and goes on. With `once` they are said only until what it leads to was shown."""

    go: str
    once: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """Hands over; `note` is for the agent."""

    wish: Wish = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
    """Ends the conversation."""


Act = Menu | Question | Form | Onward | Leave | Finish


@dataclass(frozen=True, slots=True)
class Node:
    """`line` of its file; a shared one's file is the shared flow's."""

    id: str
    say: Words
    act: Act
    line: int = 0
    is_shared: bool = False

    @property
    def waits(self) -> bool:
        """Whether the customer is to answer."""
        return isinstance(self.act, Menu | Question | Form)

    def targets(self) -> Iterator[str]:
        """The nodes named in it, `home` as such."""
        match self.act:
            case Menu(choices):
                yield from (choice.go for choice in choices if choice.go)
            case Form(go=go) | Onward(go=go):
                yield go
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Limits:
    """So many turns without success lead to a person; so long without a word ends the conversation."""

    unsolved_turns: int = 2
    idle_min: int = 30


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """A flow with its shared nodes. `home` is empty when it leads straight to a person. `version_id` names what it
    was made from: `szx:3`, or `szx:3:2` with version 2 of the shared flow."""

    code: str
    title: Words
    tiers: tuple[str, ...]
    start: str
    home: str
    nodes: Mapping[str, Node]
    topics: Topics
    offers_person: OffersPerson = "at_once"
    free_text: FreeText = "knowledge"
    marks: tuple[str, ...] = ()
    limits: Limits = Limits()
    version_id: str = ""

    def name(self, locale: str) -> str:
        return self.title.at(locale)

    def target(self, node_id: str) -> str:
        """The node meant by a target."""
        return (self.home or self.start) if node_id == HOME else node_id
