"""The description is really held to: what is not in it is found."""

from typing import Any

import pytest

from entrepot.channels.kit.emulate import Request, reply
from entrepot.channels.kit.json import encode
from tests.channels.vendors.square_spec import faults, spec_here

pytestmark = spec_here


def exchange(
    method: str, path: str, answer: Any, *, asked: Any = None, query: Any = (), status: int = 200
) -> list[str]:
    url = f"https://connect.square.example{path}"
    request = Request(
        method=method, path=path, query=query, headers={}, body=encode(asked) if asked else b"", url=url
    )
    return faults(request, reply(status, answer))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"locations": [{"id": "LOC1", "name": "Old Town"}]}, []),
        ({"locations": [{"id": "LOC1", "nick": "OT"}]}, ["ListLocationsResponse.locations[0]: Additional"]),
        ({"locations": [{"id": 1}]}, ["ListLocationsResponse.locations[0].id: 1 is not of type 'string'"]),
        (
            {"locations": [{"status": "OPEN"}]},
            ["ListLocationsResponse.locations[0].status: 'OPEN' is not one"],
        ),
        ({"places": []}, ["ListLocationsResponse.: Additional properties are not allowed ('places' was"]),
    ],
)
def test_an_answer_has_only_what_the_description_names(answer: Any, fault: list[str]) -> None:
    prefix = "GET /v2/locations 200: "
    found = exchange("GET", "/v2/locations", answer)
    assert len(found) == len(fault)
    assert all(one.startswith(prefix + part) for one, part in zip(found, fault, strict=True))


def test_a_request_that_was_done_is_held_to_it_and_a_refused_one_is_not() -> None:
    asked = {"order_ids": "ORDER1"}
    error = {"category": "INVALID_REQUEST_ERROR", "code": "EXPECTED_ARRAY"}
    path = "/v2/orders/batch-retrieve"
    assert exchange("POST", path, {}, asked=asked) == [
        f"POST {path} 200: BatchRetrieveOrdersRequest.order_ids: 'ORDER1' is not of type 'array'"
    ]
    assert exchange("POST", path, {"errors": [error]}, asked=asked, status=400) == []


def test_a_parameter_must_be_known_and_of_its_type() -> None:
    query = (("limit", "ten"), ("colour", "red"))
    assert exchange("GET", "/v2/payments", {}, query=query) == [
        "GET /v2/payments 200: limit=ten is no integer",
        "GET /v2/payments 200: no parameter colour",
    ]


def test_an_error_names_a_code_and_a_category_that_exist() -> None:
    error = {"category": "MOOD_ERROR", "code": "GRUMPY"}
    found = exchange("GET", "/v2/locations", {"errors": [error]}, status=400)
    assert len(found) == 2
    assert exchange("GET", "/v2/locations", {"message": "no"}, status=400) == [
        "GET /v2/locations 400: not an answer with errors: {'message': 'no'}"
    ]


def test_a_version_mismatch_is_allowed_though_the_list_of_codes_lacks_it() -> None:
    error = {"category": "INVALID_REQUEST_ERROR", "code": "VERSION_MISMATCH"}
    assert exchange("PUT", "/v2/orders/ORDER1", {"errors": [error]}, status=400) == []


def test_a_call_that_does_not_exist_is_found() -> None:
    assert exchange("GET", "/v2/moods", {}) == ["GET /v2/moods 200: there is no such call"]
