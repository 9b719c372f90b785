"""A real browser, the distribution's Chromium, against a real installation."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests.deployment import Deployment, chosen_store, running
from tests.e2e.faces import Words, watch

HERE = Path(__file__).parent
# Only who waits in vain waits so long; a busy machine is no fault of the page.
expect.set_options(timeout=20_000)
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


def find_chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    raise AssertionError("Chromium is not installed; `make test` brings it where it may")


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """A fresh installation for each story, which may kill parts of it."""
    quick = {"WECC_ROUTING__WRAP_UP_S": "1"}
    with chosen_store() as store, running(tmp_path / "own", quick | store) as made:
        yield made


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        yield made
        await made.close()


OpenBrowser = Callable[[Words], Awaitable[BrowserContext]]


@pytest.fixture
async def open_browser(browser: Browser) -> AsyncIterator[OpenBrowser]:
    """A person's own browser in his language; at the end, no page may have complained."""
    complaints: list[str] = []

    async def make(words: Words) -> BrowserContext:
        context = await browser.new_context(locale=words.locale, viewport={"width": 1280, "height": 800})
        context.on("page", lambda page: watch(page, complaints))
        return context

    yield make
    assert complaints == []
