"""One real installation for all live tests; `WECC_TEST_STORE=postgres` runs it on PostgreSQL and two web workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.deployment import Deployment, chosen_store, running
from tests.live.integrator import Integrator
from tests.live.people import People
from wecc.identity.models import IdentityKey
from wecc.identity.seeding import identity_key
from wecc.infra import db
from wecc.kernel.ids import CenterId, new_id
from wecc.settings import Data

HERE = Path(__file__).parent

# All tests come from one address.
_CROWD = {
    "WECC_LIMITS__HANDSHAKES_BURST": "5000",
    "WECC_LIMITS__VISITORS_PER_ADDRESS_PER_MINUTE": "5000",
    "WECC_SIGN_IN__FAILURES_PER_ADDRESS_PER_MINUTE": "5000",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """`wecc serve --demo`, shared: a test brings its own visitors and leaves its agents as it found them."""
    folder = tmp_path_factory.mktemp("live")
    with chosen_store() as store, running(folder, {**_CROWD, **store}) as made:
        yield made


@pytest.fixture
async def people(deployment: Deployment) -> AsyncIterator[People]:
    """Makes a test's visitors and agents."""
    async with People(deployment) as people:
        yield people


@pytest.fixture
async def database(deployment: Deployment) -> AsyncIterator[None]:
    """The installation's database, open in the test's own process: for what has no other entry."""
    # Tortoise keeps statements for each model, whatever the database they were made for.
    EXECUTOR_CACHE.clear()
    url = deployment.extra.get("DATABASE_URL", "")
    await db.connect(Data(folder=deployment.folder / "var", database_url=url))
    yield
    await db.close()


@pytest.fixture
def quiet_log(deployment: Deployment) -> Iterator[None]:
    """What a stranger sends is no fault of ours: nothing failed while the test ran, and little was said."""
    before = len(deployment.log)
    yield
    said = deployment.log[before:]
    assert "Traceback" not in said, said
    assert "request.failed" not in said, said
    assert said.count("\n") < 100, f"{said.count(chr(10))} lines:\n{said[:3000]}"


@pytest.fixture
async def integrator(database: None) -> AsyncIterator[Integrator]:
    """One with a second active key beside the sample site's own: rotation."""
    kid = f"key-{new_id()[-8:]}"
    yield Integrator(kid, await identity_key(CenterId("gd"), kid))
    await IdentityKey.filter(kid=kid).delete()
