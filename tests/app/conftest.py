"""A desk: bare, or with two locations and two SKUs."""

from collections.abc import Iterator

import pytest

from tests.app.desk import Desk


@pytest.fixture
def bare() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.hub.close()


@pytest.fixture
def desk(bare: Desk) -> Desk:
    for code in ("main", "shop"):
        bare.tell("location.add", code=code)
    bare.tell("sku.add", sku="A-1", title="Apples")
    bare.tell("sku.add", sku="KG", title="Nails", scale=1000)
    return bare
