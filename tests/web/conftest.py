"""A small shop, an application over it, and a server for those tests that need a real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from entrepot import api, web
from tests.web.shop import Shop, small

TOKEN = "a-token-of-the-hub"
TestClient.__test__ = False  # its name begins as a test's does


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
def login(shop: Shop) -> web.Login:
    return web.Login(shop.clock)


@pytest.fixture
def client(shop: Shop, login: web.Login) -> Iterator[TestClient[Litestar]]:
    app = web.make_app(shop.hub, token=TOKEN, login=login, doors=(api.door(shop.hub, TOKEN),))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def serving(shop: Shop, login: web.Login) -> Iterator[web.Serving]:
    serving = web.start(shop.hub, token=TOKEN, login=login, doors=(api.door(shop.hub, TOKEN),))
    yield serving
    serving.stop()
