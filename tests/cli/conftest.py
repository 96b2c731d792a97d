"""Every hub with a home has the database of this run."""

import pytest


@pytest.fixture(autouse=True)
def database(home_database: str) -> str:
    return home_database
