"""Whether what was filled into a form can be taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Literal

from wecc.selfservice.flow import Field, Form, Node

FieldProblem = Literal[
    "required",
    "too_long",
    "not_phone",
    "not_number",
    "too_small",
    "too_large",
    "not_date",
    "not_choice",
    "unknown",
]

_PHONE = re.compile(r"\+?[0-9(][0-9() -]{3,24}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def problems_of(node: Node | None, values: Mapping[str, str]) -> dict[str, FieldProblem]:
    """What is wrong, by the field's name; nothing when it can be taken. Without a form every field is unknown."""
    form = node.act if node and isinstance(node.act, Form) else Form((), "")
    known = {field.name for field in form.fields}
    problems: dict[str, FieldProblem] = {name: "unknown" for name in values if name not in known}
    for field in form.fields:
        if problem := _problem(field, values.get(field.name, "").strip()):
            problems[field.name] = problem
    return problems


def _problem(field: Field, value: str) -> FieldProblem | None:
    if not value:
        return "required" if field.is_required else None
    if len(value) > field.max_chars:
        return "too_long"
    plain = unicodedata.normalize("NFKC", value)
    match field.kind:
        case "phone":
            digits = sum(char.isdigit() for char in plain)
            return None if _PHONE.fullmatch(plain) and 5 <= digits <= 15 else "not_phone"
        case "number":
            return _number_problem(field, plain)
        case "date":
            return None if _is_date(plain) else "not_date"
        case "choice":
            return None if any(value in (words.zh, words.en) for words in field.options) else "not_choice"
        case "text" | "long_text":
            return None


def _number_problem(field: Field, plain: str) -> FieldProblem | None:
    if not _NUMBER.fullmatch(plain):
        return "not_number"
    number = float(plain)
    if field.least is not None and number < field.least:
        return "too_small"
    if field.most is not None and number > field.most:
        return "too_large"
    return None


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False
