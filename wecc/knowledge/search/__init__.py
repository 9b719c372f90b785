"""The search engine of the knowledge base: a library, synchronous, for one thread at a time.

An index on disk (Whoosh or SQLite FTS5) finds candidates by words and pairs of characters, a sentence encoder, when
installed, by meaning; a few features then rank them and say how sure the first is. Documents come from the database
and everything here can be made anew from them.

Source: 3.2.2-05.
"""

from __future__ import annotations

import os

# Matrices here are small: a second thread gains little, and on a busy machine many threads wait for each other.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

from wecc.knowledge.search.domain import (  # noqa: E402  before numpy is imported
    ANSWER_AT,
    SUGGEST_AT,
    Access,
    Completion,
    Decision,
    Document,
    Found,
    Hit,
    IndexDamaged,
    Vocabulary,
    decide,
)
from wecc.knowledge.search.engine import Engine  # noqa: E402
from wecc.knowledge.search.folder import Kind  # noqa: E402

__all__ = [
    "ANSWER_AT",
    "SUGGEST_AT",
    "Access",
    "Completion",
    "Decision",
    "Document",
    "Engine",
    "Found",
    "Hit",
    "IndexDamaged",
    "Kind",
    "Vocabulary",
    "decide",
]
