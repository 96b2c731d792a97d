"""Every route of the pages: none lets in who is not signed in, none does what another site asks for."""

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from tests.web.links import Links

OPEN = {
    "/healthz", "/assets/x/x", "/connect/x", "/sign-in", "/sign-in/code", "/login/x", "/logout",
}  # fmt: skip
"""Paths that need no session, or say themselves what is missing."""

KNOWN = {"/do/x": "/do/letters.replay", "/platforms/x": "/platforms/square"}
"""Where only what exists is answered."""

OTHERS = ("/hooks/", "/api/")
"""Doors with keys of their own."""


def routes(client: TestClient[Litestar], method: str) -> Iterator[str]:
    for route in client.app.routes:
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        if isinstance(route, HTTPRoute) and method in route.methods and not path.startswith(OTHERS):
            yield KNOWN.get(path, path)


def test_without_a_session_nothing_is_shown(client: TestClient[Litestar]) -> None:
    paths = set(routes(client, "GET")) - OPEN
    assert {"/", "/people", "/account", "/orders"} <= paths
    answers = {path: client.get(path, follow_redirects=False).status_code for path in paths}
    assert {path: code for path, code in answers.items() if code != 401} == {}


def test_without_a_session_nothing_is_done(client: TestClient[Litestar]) -> None:
    paths = set(routes(client, "POST")) - OPEN
    answers = {path: client.post(path, follow_redirects=False).status_code for path in paths}
    assert {path: code for path, code in answers.items() if code != 401} == {}


@pytest.mark.parametrize(
    ("headers", "but"),
    [
        ({}, {"/sign-in", "/sign-in/code", "/login/x"}),
        ({"sec-fetch-site": "cross-site"}, {"/sign-in/code"}),
    ],
)
def test_a_form_without_its_token_or_of_another_site_does_nothing(
    client: TestClient[Litestar], login: Links, headers: dict[str, str], but: set[str]
) -> None:
    client.get(login.link())
    paths = set(routes(client, "POST")) - but
    assert "/logout" in paths
    answers = {path: client.post(path, headers=headers, follow_redirects=False).status_code for path in paths}
    assert {path: code for path, code in answers.items() if code != 403} == {}
