"""A program that asks the door: over the application itself, without a network."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from entrepot import api
from entrepot.access import Permission
from entrepot.api.limits import Limits
from entrepot.web import edge
from tests.web.shop import Shop

TOKEN = "a-token-of-the-hub"
MANY = 1_000_000
TestClient.__test__ = False  # its name begins as a test's does


def application(shop: Shop, limits: Limits | None = None) -> Litestar:
    """The door with the outer edge around it."""
    return Litestar(
        [api.door(shop.hub, TOKEN, limits=limits or Limits(MANY))],
        exception_handlers={Exception: edge.failed},
        before_send=[edge.add_headers],
        openapi_config=None,
        logging_config=None,
    )


class Program:
    """Asks with a token. `last` is the answer as it came."""

    def __init__(self, client: TestClient[Litestar], token: str = TOKEN) -> None:
        self.client, self.token = client, token
        self.last: Any = None

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str | bytes] | None = None, **more: Any
    ) -> Any:
        """The answer to a request under /api/v1."""
        bearer = {"authorization": f"Bearer {self.token}"} if self.token else {}
        sent: Any = bearer | dict(headers or {})
        self.last = self.client.request(method, f"/api/v1{path}", headers=sent, **more)
        return self.last

    def get(self, path: str, **query: Any) -> Any:
        """What is read, decoded; AssertionError unless it was found."""
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """What was done, decoded; AssertionError unless it was."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.ask("POST", path, json=body, headers=sent)
        assert answer.is_success, answer.text
        return answer.json()

    def refused(self, method: str, path: str, **more: Any) -> tuple[int, str, str]:
        """Status, code and field of the problem."""
        answer = self.ask(method, path, **more)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["type"] == f"urn:entrepot:problem:{problem['code']}"
        return answer.status_code, problem["code"], problem.get("field", "")


@contextmanager
def program(shop: Shop, limits: Limits | None = None) -> Iterator[Program]:
    """A program that may do everything."""
    with TestClient(application(shop, limits)) as client:
        yield Program(client)


def bearing(shop: Shop, client: TestClient[Litestar], *permissions: Permission) -> Program:
    """A program with a token of its own that has these permissions."""
    made = shop.tell("token.make", name="test", permissions=[str(one) for one in permissions])
    return Program(client, made["token"])
