"""A ledger to write on."""

from collections.abc import Iterator

import pytest

from tests.ledger.books import Books


@pytest.fixture
def books() -> Iterator[Books]:
    books = Books()
    yield books
    assert books.unbalanced() == []
    books.store.close()
