from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.knowledge.search.texts import OpenEngine, opener
from wecc.knowledge.search import Engine, Kind


@pytest.fixture(params=["whoosh", "fts5"])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def open_engine(tmp_path: Path, kind: Kind) -> OpenEngine:
    return opener(tmp_path / "index", kind)


@pytest.fixture
def engine(open_engine: OpenEngine) -> Iterator[Engine]:
    engine = open_engine()
    yield engine
    engine.close()
