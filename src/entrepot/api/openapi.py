"""The document of the door (OpenAPI 3.1), made from the table of routes and the types they name."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from entrepot.api.apart import following, header, performing, problems
from entrepot.api.codes import CODES
from entrepot.api.examples import ANSWERED
from entrepot.api.members import MEMBERS
from entrepot.api.problems import MEDIA_TYPE, Problem
from entrepot.api.resources import ROUTES
from entrepot.api.route import Route
from entrepot.api.shapes import dates, described, member, name_of, renamed
from entrepot.api.stream import StreamQuery
from entrepot.api.words import ABOUT, STATUSES, TAGS
from entrepot.app import COMMANDS
from entrepot.db.events import Told

JSON = "application/json"
REF = "#/components/schemas/{name}"
EVERYWHERE = (400, 401, 403, 406, 429, 500, 503)

AGAIN = (
    "A text of your own per request: sent again with the same body it is answered as the first time for "
    "48 hours, "
    "and done once."
)

Schema = dict[str, Any]


@cache
def encoded() -> bytes:
    """The document as it is served, made when somebody first asks for it."""
    return msgspec.json.encode(document())


def document() -> Schema:
    """The whole document."""
    answers = [route.answer for route in ROUTES]
    bodies = [COMMANDS[route.command][0] for route in ROUTES if route.command]
    queries = [route.query for route in ROUTES]
    types = list(dict.fromkeys([*answers, *bodies, *queries, Problem, Told, StreamQuery]))
    shapes, components = msgspec.json.schema_components(types, ref_template=REF)
    refs = dict(zip(types, shapes, strict=True))
    for kind in (*bodies, *queries, *answers):
        dates(kind, components)
    paths: dict[str, Schema] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs, components)
    follow = {StreamQuery: {"$ref": REF.format(name="StreamQuery")}}
    paths["/events/stream"] = {"get": following(list(_query(StreamQuery, follow, components)))}
    paths["/commands/{name}"] = {"post": performing()}
    for kind in (*bodies, *queries, StreamQuery):
        components.pop(name_of(refs[kind]), None)
    return renamed(_whole(paths, {name: described(name, one) for name, one in components.items()}))


def _whole(paths: Schema, schemas: Schema) -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Entrepot", "version": "1", "description": ABOUT},
        "servers": [{"url": "/api/v1", "description": "The hub that answers this."}],
        "security": [{"token": []}],
        "tags": [{"name": name, "description": about} for name, about in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "responses": {str(status): _problem(status) for status in STATUSES},
        },
    }


def _operation(route: Route, refs: Mapping[Any, Schema], components: Mapping[str, Schema]) -> Schema:
    permission = f"Needs the permission `{route.permission}`." if route.permission else "Open to everybody."
    said = " ".join(one for one in (route.about, permission) if one)
    own = [f"- `{code}`: {CODES[code]}" for code in route.problems]
    found: Schema = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        "description": "\n\n".join([said, "\n".join(["Its own problems:", "", *own])] if own else [said]),
        "parameters": [*_parts(route), *_query(route.query, refs, components), *_headers(route)],
        "responses": {str(route.status): _answer(route, refs[route.answer])},
    }
    if route.reads is not None:
        found["responses"]["304"] = {"description": "Nothing changed since the ETag that was sent."}
    found["responses"] |= problems(*_statuses(route))
    if route.command:
        found["requestBody"] = _body(route, components[name_of(refs[COMMANDS[route.command][0]])])
    if route.permission is None:
        found["security"] = []
    return found


def _statuses(route: Route) -> list[int]:
    found = set(EVERYWHERE)
    if "{" in route.path:
        found.add(404)
    if route.method == "GET":
        found |= {422} if route.problems else set()
    else:
        found |= {408, 409, 413, 415, 422}
    if route.guarded is not None:
        found |= {412, 428}
    return sorted(found)


def _answer(route: Route, shape: Schema) -> Schema:
    headers: Schema = {}
    if route.reads is not None or route.method == "PUT":
        headers["ETag"] = _header("Names what was answered: send it as If-None-Match or If-Match.")
    if route.paged:
        headers["Link"] = _header('The next page, rel="next"; missing on the last.')
    if route.made:
        headers["Location"] = _header("Where what was made is found.")
    example = {"example": ANSWERED[route.name]} if route.name in ANSWERED else {}
    return {
        "description": route.summary + ".",
        "headers": headers,
        "content": {JSON: {"schema": shape} | example},
    }


def _header(about: str) -> Schema:
    return {"description": about, "schema": {"type": "string"}}


def _parts(route: Route) -> Iterator[Schema]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": MEMBERS[f"path.{name}"],
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        }


def _query(kind: Any, refs: Mapping[Any, Schema], components: Mapping[str, Schema]) -> Iterator[Schema]:
    for name, shape in components[name_of(refs[kind])].get("properties", {}).items():
        kept = {**shape}
        parameter = {"name": name, "in": "query", "description": kept.pop("description")}
        if examples := kept.pop("examples", None):
            parameter["example"] = examples[0]
        yield {**parameter, "schema": _without_null(kept)}


def _without_null(shape: Schema) -> Schema:
    """A query leaves out what it does not say: null is nothing one can write there."""
    several = [one for one in shape.get("anyOf", []) if one != {"type": "null"}]
    if shape.get("default", 0) is None:
        shape.pop("default")
    if len(several) == 1 and len(shape) == 1:
        return dict(several[0])
    return shape


def _headers(route: Route) -> Iterator[Schema]:
    if route.method == "POST":
        yield header("Idempotency-Key", AGAIN)
    if route.guarded is not None:
        yield {**header("If-Match", "The ETag of what you read."), "required": True}
    if route.reads is not None:
        yield header("If-None-Match", "An ETag you have: 304 if it still holds.")


def _body(route: Route, shape: Schema) -> Schema:
    """The command's arguments without those that the path says."""
    said = set(route.given.values())
    kept = {name: one for name, one in shape.get("properties", {}).items() if name not in said}
    required = [name for name in shape.get("required", ()) if name not in said]
    inner: Schema = {
        "type": "object",
        "description": " ".join(shape.get("description", "").split()),
        "properties": {
            name: member(COMMANDS[route.command][0].__name__, name, one) for name, one in kept.items()
        },
        "additionalProperties": False,
    }
    if required:
        inner["required"] = required
    media: Schema = {"schema": inner}
    if route.example:
        media["example"] = dict(route.example)
    return {"required": bool(required), "content": {JSON: media}}


def _problem(status: int) -> Schema:
    code, about = STATUSES[status]
    example = {
        "type": f"urn:entrepot:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
    }
    headers = {"Retry-After": _header("Seconds to wait.")} if status in (429, 503) else {}
    return {
        "description": about,
        "headers": headers,
        "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(name="Problem")}, "example": example}},
    }
