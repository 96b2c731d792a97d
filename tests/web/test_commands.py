"""The programs' door: commands as JSON, refusals as problem documents."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.conftest import TOKEN
from tests.web.shop import Shop

BEARER = {"authorization": f"Bearer {TOKEN}"}


def tell(client: TestClient[Litestar], command: str, arguments: Any) -> Any:
    return client.post(f"/api/v1/commands/{command}", json=arguments, headers=BEARER)


def test_a_command_is_done_and_answered(shop: Shop, client: TestClient[Litestar]) -> None:
    arguments = {"sku": "CUP", "location": "main", "quantity": "5", "reference": "r3"}
    first, second = tell(client, "stock.receive", arguments), tell(client, "stock.receive", arguments)
    assert first.json() == {"sku": "CUP", "location": "main", "received": 5, "booked": True}
    assert second.json() == {"sku": "CUP", "location": "main", "received": 5, "booked": False}


def test_a_refusal_is_a_problem_document(client: TestClient[Litestar]) -> None:
    answer = tell(
        client, "stock.receive", {"sku": "MUG", "location": "main", "quantity": "5", "reference": "r"}
    )
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:entrepot:problem:sku_unknown",
        "title": "Sku unknown",
        "status": 422,
        "code": "sku_unknown",
        "detail": "there is no SKU 'MUG'",
        "field": "sku",
        "remedy": "entrepot sku add MUG",
    }


@pytest.mark.parametrize(
    ("command", "arguments", "status", "code", "field"),
    [
        ("stock.steal", {}, 404, "command_unknown", ""),
        ("location.add", {"code": "main"}, 409, "location_exists", "code"),
        ("sku.add", {"sku": "MUG", "scale": "many"}, 422, "arguments", "scale"),
        ("sku.add", {"title": "A mug"}, 422, "arguments", "sku"),
        ("sku.add", {"sku": "MUG", "colour": "red"}, 422, "arguments", "colour"),
        ("letters.replay", {"ids": ["a", 7]}, 422, "arguments", "ids[1]"),
        ("sku.add", ["MUG"], 422, "arguments", ""),
    ],
)
def test_what_is_wrong_is_named_with_its_field(
    client: TestClient[Litestar], command: str, arguments: Any, status: int, code: str, field: str
) -> None:
    answer = tell(client, command, arguments)
    problem = answer.json()
    assert [answer.status_code, problem["code"], problem.get("field", "")] == [status, code, field]


def test_a_body_that_is_no_json_is_refused(client: TestClient[Litestar]) -> None:
    answer = client.post("/api/v1/commands/sku.add", content=b"{", headers=BEARER)
    assert [answer.status_code, answer.json()["code"]] == [400, "json"]


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}]
)
def test_without_the_token_nothing_is_done(
    shop: Shop, client: TestClient[Litestar], headers: dict[str, str]
) -> None:
    answer = client.post("/api/v1/commands/sku.add", json={"sku": "MUG"}, headers=headers)
    assert [answer.status_code, answer.json()["code"]] == [401, "not_authorised"]
    assert answer.headers["www-authenticate"] == 'Bearer realm="entrepot"'
    assert shop.tell("sku.add", sku="MUG") == {"sku": "MUG", "listings_linked": 0}


def test_a_body_over_64_megabytes_is_refused(client: TestClient[Litestar]) -> None:
    answer = client.post(
        "/api/v1/commands/stock.import", content=b"", headers=BEARER | {"content-length": "67108865"}
    )
    assert [answer.status_code, answer.json()["code"]] == [413, "too_large"]
