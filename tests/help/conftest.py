"""One real installation for the help page's own tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.deployment import Deployment, chosen_store, running
from tests.help.library import Library


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("help")
    with chosen_store() as store, running(folder, store) as made:
        yield made


@pytest.fixture
async def library(deployment: Deployment) -> AsyncIterator[Library]:
    async with Library(deployment) as library:
        yield library
