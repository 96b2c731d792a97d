"""A merchant's hour to be read by everybody, a small shop to be changed, and programs with tokens."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import postgres
from tests.api.programs import Program, program
from tests.web.shop import START, Shop, busy, small


@pytest.fixture(scope="session")
def hour(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Most of an hour of a merchant with four channels: only to be read."""
    with ExitStack() as here:
        patch = here.enter_context(pytest.MonkeyPatch.context())
        if postgres.wanted():
            patch.setenv("ENTREPOT_DATABASE", here.enter_context(request.getfixturevalue("databases").bare()))
        shop = busy(tmp_path_factory.mktemp("hour"), START)
        yield shop
        shop.close()


@pytest.fixture(scope="session")
def reader(hour: Shop) -> Iterator[Program]:
    """Reads the hour, and may read everything."""
    with program(hour) as found:
        yield found


@pytest.fixture(scope="session")
def stranger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Asks a small shop for what it refuses: nothing is ever done to it."""
    with ExitStack() as here:
        patch = here.enter_context(pytest.MonkeyPatch.context())
        if postgres.wanted():
            patch.setenv("ENTREPOT_DATABASE", here.enter_context(request.getfixturevalue("databases").bare()))
        shop = small(tmp_path_factory.mktemp("corner"))
        yield here.enter_context(program(shop))
        shop.close()


@pytest.fixture(scope="session")
def opening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a small shop, made once: on SQLite it is a file."""
    home = tmp_path_factory.mktemp("opening")
    if not postgres.wanted():
        small(home).close()
    return home


@pytest.fixture
def shop(tmp_path: Path, opening: Path, home_database: str) -> Iterator[Shop]:
    """Two channels, two locations, one SKU: to be changed."""
    if home_database:
        shop = small(tmp_path)
    else:
        shutil.copytree(opening, tmp_path, dirs_exist_ok=True)
        shop = Shop(tmp_path)
        shop.clock.sleep(1)  # its ids rise behind those that are here
    yield shop
    shop.close()


@pytest.fixture
def api(shop: Shop) -> Iterator[Program]:
    """Changes the shop, and may do everything."""
    with program(shop) as found:
        yield found
