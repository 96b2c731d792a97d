"""Whether an exchange with the emulated Square is one that the vendor's OpenAPI description allows.

The description is not ours to publish: ENTREPOT_SPECS names a folder that has it. It lists no answers but
200, so an error is held to the schema `Error` and to the codes that it names.
"""

import json
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from entrepot.channels.kit.emulate import Posted, Request
from entrepot.contract import Response

PATH = Path(os.environ.get("ENTREPOT_SPECS", "specs-not-here")) / "square" / "api.json"
spec_here = pytest.mark.skipif(
    not PATH.is_file(), reason="ENTREPOT_SPECS names no description of Square's API"
)

UNLISTED_CODES = {
    "VERSION_MISMATCH": "guide 'Manage Orders', optimistic concurrency, read 2026-11",
}
"""Codes that Square answers with, by its own guides, and that its list of codes lacks."""

UNLISTED_FIELDS = {
    ("CatalogVersionUpdatedEventData", "id"): "the vendor's example of catalog.version.updated, read 2026-11",
}
"""(schema, field) of fields that the vendor's own examples have and the description lacks."""


def here() -> bool:
    return PATH.is_file()


def faults(request: Request, response: Response) -> list[str]:
    """What the description does not allow; a refused request may be as wrong as it likes."""
    place = f"{request.method} {request.path} {response.status}"
    if request.path == "/oauth2/authorize":
        return []  # a page for people, which the description leaves out
    body = json.loads(response.body) if response.body else None
    if response.status != 200:
        return [f"{place}: {fault}" for fault in _of_errors(body)]
    operation = _operation(request.method, request.path)
    if operation is None:
        return [f"{place}: there is no such call"]
    found = [*_of_query(request, operation), *_of_request(request, operation)]
    found += _of_schema(_schema(operation["responses"]["200"]), body)
    return [f"{place}: {fault}" for fault in found]


def faults_of_event(posted: Posted) -> list[str]:
    """What the schema of a webhook's kind does not allow."""
    body = json.loads(posted.body)
    if body["type"] == "webhooks.test_notification":
        return []  # a kind that the description does not have
    words = body["type"].replace("_", ".").split(".")
    return [
        f"{body['type']}: {fault}" for fault in _of_schema(f"{''.join(map(str.title, words))}Event", body)
    ]


@lru_cache(maxsize=1)
def description() -> Any:
    """The whole description, closed: an object may have no field that its schema does not name."""
    found = json.loads(PATH.read_text())
    schemas = found["components"]["schemas"]
    for name, field in UNLISTED_FIELDS:
        schemas[name]["properties"][field] = {"type": "string"}
    for schema in schemas.values():
        if schema.get("properties") and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
    return found


@lru_cache(maxsize=1)
def _rows() -> list[tuple[str, re.Pattern[str], Any]]:
    """(method, pattern, operation), fixed words before {names}."""
    rows = [
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operation)
        for path, methods in sorted(description()["paths"].items(), key=lambda row: row[0].count("{"))
        for method, operation in methods.items()
    ]
    return [row for row in rows if isinstance(row[2], dict) and "responses" in row[2]]


def _operation(method: str, path: str) -> Any:
    return next((row[2] for row in _rows() if row[0] == method and row[1].fullmatch(path)), None)


def _schema(part: Any) -> str:
    reference: str = part["content"]["application/json"]["schema"]["$ref"]
    return reference.rsplit("/", maxsplit=1)[-1]


def _of_query(request: Request, operation: Any) -> Iterator[str]:
    known = {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    for name, value in request.query:
        if name not in known:
            yield f"no parameter {name}"
        elif known[name].get("type") == "integer" and not value.lstrip("-").isdigit():
            yield f"{name}={value} is no integer"
        elif known[name].get("type") == "boolean" and value not in {"true", "false"}:
            yield f"{name}={value} is no boolean"


def _of_request(request: Request, operation: Any) -> list[str]:
    asked = operation.get("requestBody")
    if not asked:
        return []
    return _of_schema(_schema(asked), json.loads(request.body or b"{}"))


def _of_errors(body: Any) -> Iterator[str]:
    if not isinstance(body, dict) or set(body) != {"errors"} or not body["errors"]:
        yield f"not an answer with errors: {body}"
        return
    for error in body["errors"]:
        if error.get("code") == "NOT_IMPLEMENTED":
            continue  # the emulator's own way of saying that it does not know something
        listed = error | ({"code": "BAD_REQUEST"} if error.get("code") in UNLISTED_CODES else {})
        yield from _of_schema("Error", listed)


def _of_schema(name: str, value: Any) -> list[str]:
    return [
        f"{name}.{error.json_path[2:]}: {error.message[:200]}"
        for error in _validator(name).iter_errors(value)
    ]


@lru_cache(maxsize=64)
def _validator(name: str) -> Any:
    components = description()["components"]
    return OAS30Validator({"$ref": f"#/components/schemas/{name}", "components": components})
