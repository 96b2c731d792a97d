"""What every test shares: a way to say which service it needs, and patience on slow machines."""

import os

import pytest
from hypothesis import settings

settings.register_profile("entrepot", deadline=None, print_blob=True)
settings.load_profile("entrepot")


def need(service: str, present: bool, why: str) -> None:
    """Skip the calling test, saying `why`, if `service` is not `present`; with CI=true it fails instead.

    `from tests.conftest import need`, then `need("chromium", bool(which("chromium")), "drives pages")`.
    """
    if present:
        return
    message = f"{service} is missing: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
