"""The document of the door: it is whole, it is true, and what it says is answered."""

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from entrepot.api.codes import CODES
from entrepot.api.examples import ANSWERED
from entrepot.api.openapi import document
from entrepot.api.resources import ROUTES
from entrepot.app import COMMANDS
from tests.api.test_permissions import NEEDS

WHOLE = document()
METHODS = ("get", "post", "put")


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in WHOLE["paths"].items():
        yield from ((f"{method.upper()} {path}", one) for method, one in item.items())


def members(shape: Any, where: str) -> Iterator[tuple[str, Any]]:
    """(path, schema) of every member of an object anywhere in a schema."""
    if isinstance(shape, dict):
        properties = shape.get("properties")
        for name, one in (properties or {}).items() if isinstance(properties, dict) else ():
            yield f"{where}.{name}", one
        for name, one in shape.items():
            yield from members(one, f"{where}.{name}" if name not in {"properties", "schema"} else where)
    elif isinstance(shape, list):
        for one in shape:
            yield from members(one, where)


def test_every_route_but_the_document_itself_is_in_it() -> None:
    assert {name for name, _one in operations()} == set(NEEDS) - {"GET /openapi.json"}


def test_every_member_says_what_it_means() -> None:
    silent = [where for where, one in members(WHOLE, "") if "description" not in one and "$ref" not in one]
    assert silent == []


def test_every_reference_leads_somewhere() -> None:
    def refs(shape: Any) -> Iterator[str]:
        if isinstance(shape, dict):
            yield from (one for name, one in shape.items() if name == "$ref")
            for one in shape.values():
                yield from refs(one)
        elif isinstance(shape, list):
            for one in shape:
                yield from refs(one)

    parts = WHOLE["components"]
    known = {f"#/components/{kind}/{name}" for kind, named in parts.items() for name in named}
    assert set(refs(WHOLE)) <= known
    used = set(refs(WHOLE)) | {f"#/components/responses/{one}" for one in parts["responses"]}
    assert {one for one in known if "/securitySchemes/" not in one} <= used


@pytest.mark.parametrize(
    ("name", "one"), list(operations()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_an_operation_says_whom_it_is_for_and_what_can_go_wrong(name: str, one: dict[str, Any]) -> None:
    assert one["summary"]
    assert not one["summary"].endswith(".")
    assert "permission" in one["description"]
    assert {"401", "403", "429", "500", "503"} <= set(one["responses"])
    assert {parameter["in"] for parameter in one["parameters"]} <= {"path", "query", "header"}
    assert all(parameter["description"] for parameter in one["parameters"])
    if name.startswith("POST"):
        assert "Idempotency-Key" in {parameter["name"] for parameter in one["parameters"]}


def test_examples_are_good_for_their_schemas() -> None:
    for name, one in operations():
        media = one.get("requestBody", {}).get("content", {}).get("application/json", {})
        if "example" in media:
            schema = media["schema"] | {"components": WHOLE["components"]}
            errors = [error.message for error in OAS31Validator(schema).iter_errors(media["example"])]
            assert (name, errors) == (name, [])


def test_examples_of_answers_are_whole_and_good_for_their_schemas() -> None:
    shown = set()
    for _name, one in operations():
        for answer in one["responses"].values():
            media = answer.get("content", {}).get("application/json", {})
            if "example" in media:
                shown.add(one["operationId"])
                schema = media["schema"] | {"components": WHOLE["components"]}
                assert [error.message for error in OAS31Validator(schema).iter_errors(media["example"])] == []
    assert shown == set(ANSWERED)


def test_every_code_that_is_explained_is_some_routes() -> None:
    assert set(CODES) == {code for route in ROUTES for code in route.problems}


def test_ids_of_operations_are_unique() -> None:
    ids = [one["operationId"] for _name, one in operations()]
    assert len(ids) == len(set(ids))


def test_moments_are_said_to_be_moments() -> None:
    order = WHOLE["components"]["schemas"]["OrderView"]["properties"]
    assert order["placed_at"]["format"] == "date-time"
    slot = WHOLE["components"]["schemas"]["SlotView"]["properties"]["sent_at"]
    assert {"type": "string", "format": "date-time"} in slot["anyOf"]


def test_the_arguments_of_a_body_are_those_of_its_command() -> None:
    body = WHOLE["paths"]["/receipts"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == set(COMMANDS["stock.receive"][0].__struct_fields__)
    assert body["required"] == ["sku", "location", "quantity", "reference"]
    flow = WHOLE["paths"]["/connections/{connection}/flows/{flow}"]["put"]["requestBody"]
    assert set(flow["content"]["application/json"]["schema"]["properties"]) == {"level"}
