"""The vendors' clients read the environment: nothing of it may lead them away from loopback."""

import pytest


@pytest.fixture(autouse=True)
def no_proxy_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
