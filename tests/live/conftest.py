"""One real installation for all live tests; `WECC_TEST_STORE=postgres` runs it on PostgreSQL and two web workers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment import Deployment, postgres, running

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """`wecc serve --demo`, shared: a test brings its own visitors and leaves its agents as it found them."""
    folder = tmp_path_factory.mktemp("live")
    with contextlib.ExitStack() as stack:
        extra = {}
        if os.environ.get("WECC_TEST_STORE") == "postgres":
            extra["DATABASE_URL"] = stack.enter_context(postgres(folder))
            extra["WECC_WEB__WORKERS"] = "2"
        yield stack.enter_context(running(folder, extra))
