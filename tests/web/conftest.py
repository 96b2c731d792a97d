"""A small shop, an application over it, and a server for those tests that need a real one."""

from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Browser, sync_playwright

from entrepot import api, web
from tests.conftest import need
from tests.web.browsing import OPTIONS
from tests.web.links import Links
from tests.web.shop import Shop, small

TOKEN = "a-token-of-the-hub"
TestClient.__test__ = False  # its name begins as a test's does


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file. It holds the thread's event loop while it lives, and so no longer
    than that."""
    chromium = which("chromium")
    need("chromium", chromium is not None, "drives the pages")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def database(home_database: str) -> str:
    """The store of this run: a file, or a database on PostgreSQL."""
    return home_database


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = small(tmp_path)
    yield shop
    shop.close()


@pytest.fixture
def login(shop: Shop) -> Links:
    return Links(shop.store)


@pytest.fixture
def client(shop: Shop, login: Links) -> Iterator[TestClient[Litestar]]:
    app = web.make_app(shop.hub, token=TOKEN, doors=(api.door(shop.hub, TOKEN),))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def serving(shop: Shop, login: Links) -> Iterator[web.Serving]:
    serving = web.start(shop.hub, token=TOKEN, doors=(api.door(shop.hub, TOKEN),))
    yield serving
    serving.stop()
