"""Schemas of the document's types: what msgspec says of them, with the meaning of every member, and names
that read well."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from entrepot.api.members import MEMBERS
from entrepot.api.words import NAMES

Schema = dict[str, Any]


def described(name: str, shape: Schema) -> Schema:
    """A type with every member described."""
    shape = {**shape}
    if "description" in shape:
        shape["description"] = " ".join(shape["description"].split())
    if "properties" in shape:
        shape["properties"] = {field: member(name, field, one) for field, one in shape["properties"].items()}
    return shape


def member(owner: str, name: str, shape: Schema) -> Schema:
    """A member with what it means: said at its type, or in the table of words."""
    about = shape.get("description") or MEMBERS.get(f"{owner.rpartition('.')[2]}.{name}") or MEMBERS.get(name)
    return {**shape, "description": about} if about else shape


def dates(kind: Any, components: Mapping[str, Schema]) -> None:
    """Says of every moment that it is one: msgspec says so only where it checks a zone."""
    for inner in _structs(msgspec.inspect.type_info(kind), set()):
        shape = next((one for name, one in components.items() if name == _key(inner.cls, components)), None)
        for field in inner.fields if shape else ():
            _date(shape["properties"][field.encode_name], field.type)  # type: ignore[index]


def _date(shape: Schema, kind: msgspec.inspect.Type) -> None:
    several = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    if any(isinstance(one, msgspec.inspect.DateTimeType) for one in several):
        for one in (shape, *shape.get("anyOf", ())):
            if one.get("type") == "string":
                one["format"] = "date-time"


def _key(cls: type, components: Mapping[str, Schema]) -> str:
    long = f"{cls.__module__}.{cls.__qualname__}".replace(".", "_")
    return next((name for name in components if name in {cls.__name__, long, long.replace("_", ".")}), "")


def _structs(kind: Any, seen: set[int]) -> Iterator[msgspec.inspect.StructType]:
    """Every struct that a type is made of."""
    if isinstance(kind, msgspec.inspect.StructType):
        if id(kind.cls) in seen:
            return
        seen.add(id(kind.cls))
        yield kind
        for field in kind.fields:
            yield from _structs(field.type, seen)
    for name in ("types", "item_types"):
        for inner in getattr(kind, name, ()):
            yield from _structs(inner, seen)
    for name in ("item_type", "key_type", "value_type"):
        if (inner := getattr(kind, name, None)) is not None:
            yield from _structs(inner, seen)


def name_of(ref: Schema) -> str:
    """What a reference refers to."""
    return str(ref["$ref"]).rpartition("/")[2]


def renamed(whole: Schema) -> Schema:
    """The document with names of types that read well."""
    text = msgspec.json.encode(whole).decode()
    for old, new in NAMES.items():
        text = text.replace(f'/schemas/{old}"', f'/schemas/{new}"').replace(f'"{old}":{{', f'"{new}":{{')
    found: Schema = msgspec.json.decode(text)
    return found
