"""What one GraphQL schema says otherwise than another that it is said to be a part of."""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    is_required_argument,
    is_required_input_field,
    parse,
    validate,
)

from entrepot.channels import shopify
from tests.channels.shopify.world import SCHEMAS
from tests.channels.vendors.served import Exchange

OURS = (Path(shopify.__file__).parent / "emulator.graphql").read_text()
BUILT_IN = frozenset({"Boolean", "Float", "ID", "Int", "String"})
KINDS: dict[type, str] = {
    GraphQLScalarType: "a scalar",
    GraphQLEnumType: "an enum",
    GraphQLObjectType: "an object",
    GraphQLInterfaceType: "an interface",
    GraphQLInputObjectType: "an input",
}


@lru_cache(maxsize=1)
def theirs() -> GraphQLSchema:
    """The vendor's whole schema; its own interfaces disagree about what is deprecated."""
    return build_schema((SCHEMAS / "admin-2026-07.graphql").read_text(), assume_valid=True)


def wrong_questions(seen: Iterable[Exchange]) -> list[str]:
    """What the vendor's whole schema has against the questions that the emulated shop answered with data."""
    asked = [
        json.loads(one.request.body)["query"]
        for one in seen
        if one.request.path.endswith("/graphql.json") and b'"data"' in one.response.body
    ]
    documents = [parse(question) for question in dict.fromkeys(asked)]
    return [error.message for document in documents for error in validate(theirs(), document)]


def unlike(part: str, whole: GraphQLSchema) -> list[str]:
    """Every place where `part` says what `whole` does not; only what nobody must give may be left out."""
    schema = build_schema(part, assume_valid=True)
    own = (
        kind for name, kind in schema.type_map.items() if not name.startswith("__") and name not in BUILT_IN
    )
    return [f"{kind.name}{fault}" for kind in own for fault in _of_type(kind, whole.type_map.get(kind.name))]


def _of_type(ours: Any, known: Any) -> Iterator[str]:
    if type(ours) is not type(known):
        yield f": {KINDS[type(ours)]}, not {KINDS.get(type(known), 'there')}"
        return
    if isinstance(ours, GraphQLEnumType):
        yield from (f".{name}: no such value" for name in ours.values if name not in known.values)
    if isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
        wanted = {one.name for one in known.interfaces}
        yield from (f": no {one.name}" for one in ours.interfaces if one.name not in wanted)
    if not isinstance(ours, GraphQLScalarType | GraphQLEnumType):
        yield from _of_fields(ours, known)


def _of_fields(ours: Any, known: Any) -> Iterator[str]:
    for name, field in ours.fields.items():
        other = known.fields.get(name)
        if other is None:
            yield f".{name}: no such field"
        elif str(field.type) != str(other.type):
            yield f".{name}: {field.type}, not {other.type}"
        elif not isinstance(ours, GraphQLInputObjectType):
            yield from (f".{name}{fault}" for fault in _of_arguments(field.args, other.args))
    if isinstance(ours, GraphQLInputObjectType):
        left = known.fields.keys() - ours.fields.keys()
        yield from (f".{name}: is left out" for name in left if is_required_input_field(known.fields[name]))


def _of_arguments(ours: Any, known: Any) -> Iterator[str]:
    for name, argument in ours.items():
        other = known.get(name)
        if other is None or (str(argument.type), argument.default_value) != (
            str(other.type),
            other.default_value,
        ):
            yield f"({name}): not the vendor's"
    left = known.keys() - ours.keys()
    yield from (f"({name}): is left out" for name in left if is_required_argument(known[name]))
