"""What all wire schemas share: frozen, closed, bounded."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError


class Wire(BaseModel):
    """A payload: immutable, refusing unknown fields and silent type conversions."""

    # Built when first used: most processes use few of them.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Query(BaseModel):
    """What stands after `?`: as a `Wire`, but numbers and booleans arrive as text."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def clean(text: str) -> str:
    """Drop what no person types and what breaks displays: control characters, surrogates, bidi overrides.

    Stacked combining marks are cut after four, so one "letter" cannot paint over a screen.
    """
    if _PLAIN.fullmatch(text):
        return text.strip()
    kept: list[str] = []
    marks = 0
    for ch in text.replace("\r\n", "\n").replace("\r", "\n"):
        category = unicodedata.category(ch)
        if category == "Mn":
            marks += 1
            if marks > 4:
                continue
        else:
            marks = 0
        if (category in {"Cc", "Cs", "Co", "Cn"} and ch not in "\n\t") or ch in _BIDI:
            continue
        kept.append(ch)
    return "".join(kept).strip()


_PLAIN = re.compile(
    r"[\n\t -~\u00a1-\u02ff\u2010-\u2027\u3000-\u3029\u3041-\u3096\u30a0-\u30ff\u4e00-\u9fff\uff01-\uff9f]*"
)
"""What nearly all messages consist of: letters, ideographs and punctuation without anything to drop."""

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def one_line(text: str) -> str:
    """The text cleaned, without line breaks and runs of spaces."""
    return " ".join(clean(text).split())


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    return text


_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"

Id = Annotated[str, Field(pattern=_ID)]
"""An identifier of ours, a code or a center's short name."""


def is_id(text: str) -> bool:
    """Whether a part of a path can be an `Id`; what cannot is not looked for."""
    return re.fullmatch(_ID, text) is not None


ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
"""Chosen by the sender, once for each thing it wants done; makes repeats harmless."""

Text = Annotated[str, Field(max_length=4000), AfterValidator(clean)]
"""Several lines written by a person, cleaned; may be empty."""

FilledText = Annotated[str, Field(max_length=4000), AfterValidator(clean), AfterValidator(_not_empty)]
"""Several lines written by a person, cleaned, not empty."""

Line = Annotated[str, Field(max_length=300), AfterValidator(one_line)]
"""One line written by a person or found in a page, cleaned."""

Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""A position in a conversation's log; 0 is before the first event."""

AtMs = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""Milliseconds since the epoch, UTC, by the server's clock."""


def field_errors(error: ValidationError) -> dict[str, str]:
    """Field → what is wrong with it; never the value itself."""
    return {".".join(map(str, e["loc"])): e["msg"] for e in error.errors(include_input=False)[:10]}


class Nothing(Wire):
    """A request or an answer without content."""
