"""One flow's text, part by part: what it says, with what is wrong in it. Targets are looked at by who puts flows
together (`parsing`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import cast

from wecc.selfservice.flow import (
    NO_WORDS,
    PERSON,
    PERSON_KEY,
    RESERVED,
    Act,
    Choice,
    Field,
    FieldKind,
    Finish,
    Form,
    FreeText,
    Leave,
    Limits,
    Menu,
    Node,
    OffersPerson,
    Onward,
    Question,
    Wish,
    Words,
)
from wecc.selfservice.shapes import SAY_CHARS, Shapes
from wecc.selfservice.topics import TOPICS, TopicWords
from wecc.selfservice.yaml_tree import Scalar, Tree, Unreadable, read_tree

RESERVED_CODES = frozenset({"entry", "check", "preview"})
"""Paths of our own beside `/api/v1/flows/<code>`."""

MAX_NODES = 300
MAX_OPTIONS = 10
MAX_FIELDS = 12
MAX_WORDS = 300

_TOP = (
    "flow",
    "name",
    "tiers",
    "uses",
    "start",
    "offers_person",
    "free_text",
    "marks",
    "limits",
    "topics",
    "nodes",
)
_DIGITS = "123456789"
_ACTS = ("menu", "question", "form", "go", "hand_over", "end")
_FIELD_KINDS = ("text", "phone", "number", "date", "choice", "long_text")
_FIELD_CHARS = {"long_text": 2000, "phone": 25, "number": 20, "date": 10}
_WISHES = {"queue": "", "account_manager": "account_manager", "senior": "senior", "message": "message"}
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_ARTICLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


@dataclass(slots=True)
class Draft:
    """What one file says. `targets`: where a node is named, and by which node."""

    title: Words = NO_WORDS
    tiers: tuple[str, ...] | None = None
    tier_places: tuple[Tree, ...] = ()
    uses: tuple[Tree, str] | None = None
    start: tuple[Tree, str] | None = None
    offers_person: OffersPerson = "at_once"
    free_text: FreeText = "knowledge"
    marks: tuple[str, ...] = ()
    limits: Limits | None = None
    topics: dict[str, TopicWords] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    node_places: dict[str, Tree] = field(default_factory=dict)
    targets: list[tuple[Tree, str]] = field(default_factory=list)


def read_draft(shapes: Shapes, source: str, code: str, tiers: Collection[str] | None) -> Draft:
    """Read one file; what cannot be read is noted and left out."""
    draft = Draft()
    try:
        tree = read_tree(source)
    except Unreadable as error:
        shapes.problems.append(error.problem)
        return draft
    found = shapes.fields(tree, _TOP, ("flow", "name", "nodes"))
    if "flow" in found:
        if shapes.name(found["flow"]) not in ("", code):
            shapes.note(found["flow"], "code.other", code)
        if code in RESERVED_CODES:
            shapes.note(found["flow"], "name.reserved", code)
    if "name" in found:
        draft.title = shapes.words(found["name"], 60)
    if "tiers" in found:
        draft.tiers, draft.tier_places = _tiers(shapes, found["tiers"], tiers)
        if "start" not in found:
            shapes.note(tree, "key.missing", "start")
    if "uses" in found and (name := shapes.name(found["uses"])):
        draft.uses = (found["uses"], name)
    if "start" in found and (name := shapes.name(found["start"])):
        draft.start = (found["start"], name)
        draft.targets.append((found["start"], name))
        if "tiers" not in found:
            shapes.note(tree, "key.missing", "tiers")
    if "offers_person" in found:
        known = ("at_once", "after_unsolved", "never")
        draft.offers_person = cast("OffersPerson", shapes.one_of(found["offers_person"], known, "at_once"))
    if "free_text" in found:
        draft.free_text = cast(
            "FreeText", shapes.one_of(found["free_text"], ("knowledge", "person"), "knowledge")
        )
    if "marks" in found:
        draft.marks = tuple(shapes.name(mark) for mark in shapes.items(found["marks"], 8))
    if "limits" in found:
        draft.limits = _limits(shapes, found["limits"])
    if "topics" in found:
        for topic, part in shapes.fields(found["topics"], TOPICS).items():
            draft.topics[topic] = _topic(shapes, part)
    if "nodes" in found:
        _nodes(shapes, draft, found["nodes"])
    return draft


def _tiers(
    shapes: Shapes, tree: Tree, known: Collection[str] | None
) -> tuple[tuple[str, ...], tuple[Tree, ...]]:
    codes: list[str] = []
    places: list[Tree] = []
    for item in shapes.items(tree, 50, may_be_empty=True):
        code = shapes.name(item)
        if code in codes:
            shapes.note(item, "tier.duplicate", code)
        elif code and known is not None and code not in known:
            shapes.note(item, "tier.unknown", f"{code} ({', '.join(known)})")
        elif code:
            codes.append(code)
            places.append(item)
    return tuple(codes), tuple(places)


def _limits(shapes: Shapes, tree: Tree) -> Limits:
    found = shapes.fields(tree, ("unsolved_turns", "idle_min"))
    limits = Limits()
    if "unsolved_turns" in found:
        limits = replace(limits, unsolved_turns=shapes.integer(found["unsolved_turns"], 1, 5, 2))
    if "idle_min" in found:
        limits = replace(limits, idle_min=shapes.integer(found["idle_min"], 1, 1440, 30))
    return limits


def _topic(shapes: Shapes, tree: Tree) -> TopicWords:
    found = shapes.fields(tree, ("zh", "en", "except"))
    words = {
        name: tuple(text for item in shapes.items(part, MAX_WORDS) if (text := shapes.text(item, 60)))
        for name, part in found.items()
    }
    return TopicWords(words.get("zh", ()), words.get("en", ()), words.get("except", ()))


def _nodes(shapes: Shapes, draft: Draft, tree: Tree) -> None:
    for key, part in shapes.named(tree, MAX_NODES):
        if key.text in RESERVED:
            shapes.note(key, "name.reserved", key.text)
            continue
        found = shapes.fields(part, ("say", "once", *_ACTS))
        kinds = [kind for kind in _ACTS if kind in found]
        act: Act = Finish()
        if len(kinds) != 1:
            shapes.note(key, "node.kind", f"{key.text} ({', '.join(kinds or _ACTS)})")
        else:
            act = _act(shapes, draft, kinds[0], found)
        if "once" in found and kinds != ["go"]:
            shapes.note(found["once"], "once.where", key.text)
        if "say" in found:
            say = shapes.words(found["say"], SAY_CHARS, has_placeholders=True)
        else:
            say = NO_WORDS
            if not isinstance(act, Leave | Finish):
                shapes.note(key, "key.missing", f"{key.text}: say")
        draft.nodes[key.text] = Node(key.text, say, act, key.line)
        draft.node_places[key.text] = key


def _act(shapes: Shapes, draft: Draft, kind: str, found: Mapping[str, Tree]) -> Act:
    tree = found[kind]
    match kind:
        case "menu":
            return Menu(_choices(shapes, draft, tree))
        case "question":
            # `question:` with nothing behind it is a question without a category.
            if isinstance(tree, Scalar) and tree.text == "":
                return Question()
            inner = shapes.fields(tree, ("category",))
            return Question(shapes.text(inner["category"], 60) if "category" in inner else "")
        case "form":
            inner = shapes.fields(tree, ("fields", "go"), ("fields", "go"))
            fields = _fields(shapes, inner["fields"]) if "fields" in inner else ()
            return Form(fields, _target(shapes, draft, inner["go"]) if "go" in inner else "")
        case "go":
            return Onward(_target(shapes, draft, tree), once="once" in found and shapes.flag(found["once"]))
        case "hand_over":
            inner = shapes.fields(tree, ("to", "note"), ("to",))
            to = shapes.one_of(inner["to"], tuple(_WISHES), "queue") if "to" in inner else "queue"
            note = shapes.text(inner["note"], 300) if "note" in inner else ""
            return Leave(cast("Wish", _WISHES[to]), note)
        case _:
            if not shapes.flag(tree):
                shapes.note(tree, "value.unknown", "true")
            return Finish()


def _target(shapes: Shapes, draft: Draft, tree: Tree) -> str:
    name = shapes.name(tree)
    if name:
        draft.targets.append((tree, name))
    return name


def _choices(shapes: Shapes, draft: Draft, tree: Tree) -> tuple[Choice, ...]:
    choices: list[Choice] = []
    given: list[tuple[Tree | None, Choice]] = []
    for item in shapes.items(tree, MAX_OPTIONS):
        found = shapes.fields(item, ("id", "label", "key", "go", "person", "article"), ("label",))
        ways = [way for way in ("go", "person", "article") if way in found]
        if len(ways) != 1:
            shapes.note(item, "option.where", ", ".join(ways or ("go", "person", "article")))
            continue
        go = _target(shapes, draft, found["go"]) if ways == ["go"] else ""
        article = shapes.text(found["article"], 60) if ways == ["article"] else ""
        if article and not _ARTICLE.fullmatch(article):
            shapes.note(found["article"], "name.invalid", article)
        if ways == ["person"] and not shapes.flag(found["person"]):
            shapes.note(found["person"], "value.unknown", "true")
        label = shapes.words(found["label"], 60) if "label" in found else NO_WORDS
        own_id = shapes.text(found["id"], 60) if "id" in found else ""
        if own_id and (own_id in RESERVED or not _ID.fullmatch(own_id)):
            shapes.note(found["id"], "name.reserved" if own_id in RESERVED else "name.invalid", own_id)
        option_id = PERSON if ways == ["person"] else own_id or go or article.lower()
        if any(choice.id == option_id for choice in choices):
            shapes.note(item, "option.duplicate", option_id)
        key = shapes.text(found["key"], 1) if "key" in found else ""
        if "key" in found and not re.fullmatch("[0-9]", key):
            shapes.note(found["key"], "key.digit", key)
            key = ""
        choice = Choice(option_id, label, key, go, article)
        choices.append(choice)
        given.append((found.get("key"), choice))
    if sum(choice.kind != "person" for choice in choices) > len(_DIGITS):
        shapes.note(tree, "list.long", f"{len(_DIGITS)}")
    return _with_keys(shapes, given)


def _with_keys(shapes: Shapes, given: Iterable[tuple[Tree | None, Choice]]) -> tuple[Choice, ...]:
    """Each option with its digit: its own, 0 for a person, else by its position, passing over those taken."""
    options = list(given)
    taken: set[str] = set()
    for place, choice in options:
        if place and choice.key:
            if choice.key in taken:
                shapes.note(place, "option.key_taken", choice.key)
            elif choice.key == PERSON_KEY and choice.kind != "person":
                shapes.note(place, "key.digit", choice.key)
            taken.add(choice.key)
    free = [digit for digit in _DIGITS if digit not in taken]
    keyed: list[Choice] = []
    for _, choice in options:
        if choice.key:
            key = choice.key
        elif choice.kind == "person" and PERSON_KEY not in taken:
            key = PERSON_KEY
        else:
            key = free.pop(0) if free else ""
        keyed.append(replace(choice, key=key))
    return tuple(keyed)


def _fields(shapes: Shapes, tree: Tree) -> tuple[Field, ...]:
    known = ("name", "label", "kind", "required", "options", "max_chars", "least", "most")
    fields: list[Field] = []
    for item in shapes.items(tree, MAX_FIELDS):
        found = shapes.fields(item, known, ("name", "label", "kind"))
        name = shapes.name(found["name"]) if "name" in found else ""
        if name and any(f.name == name for f in fields):
            shapes.note(found["name"], "field.duplicate", name)
        kind = shapes.one_of(found["kind"], _FIELD_KINDS, "text") if "kind" in found else "text"
        options: tuple[Words, ...] = ()
        if kind == "choice" and "options" not in found:
            shapes.note(item, "key.missing", "options")
        elif "options" in found:
            if kind != "choice":
                shapes.note(found["options"], "field.options", name)
            options = tuple(shapes.words(option, 60) for option in shapes.items(found["options"], 20))
        bounds = {
            key: shapes.integer(found[key], -(10**9) + 1, 10**9 - 1, 0)
            for key in ("least", "most")
            if key in found
        }
        if bounds and (kind != "number" or bounds.get("least", -inf) > bounds.get("most", inf)):
            shapes.note(item, "field.bounds", name)
        most_chars = _FIELD_CHARS.get(kind, 200)
        fields.append(
            Field(
                name=name,
                label=shapes.words(found["label"], 60) if "label" in found else NO_WORDS,
                kind=cast("FieldKind", kind),
                is_required=shapes.flag(found["required"]) if "required" in found else True,
                options=options,
                max_chars=shapes.integer(found["max_chars"], 1, 2000, most_chars)
                if "max_chars" in found
                else most_chars,
                least=bounds.get("least"),
                most=bounds.get("most"),
            )
        )
    return tuple(fields)
