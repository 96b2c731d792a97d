"""A counter to sell at, sound at the end of every test. One store serves them all, put back each time."""

from collections.abc import Iterator

import pytest

from tests.selling.counter import Counter, opening


@pytest.fixture(scope="session")
def one_counter(stores: None) -> Iterator[Counter]:
    counter = Counter(opening())
    yield counter
    counter.store.close()


@pytest.fixture
def counter(one_counter: Counter) -> Iterator[Counter]:
    counter = one_counter.begin_again()
    yield counter
    counter.sound()
