"""Shapes of JSON: at which path which types stand, whatever the values."""

from collections.abc import Iterator
from typing import Any

Shape = dict[str, set[str]]
"""Path ('line_items.price') -> the JSON types that were seen there."""

FREE = ("meta_data.value", "meta_data.display_value", "_links")
"""Ends of paths below which anything may stand: plugins put there what they like."""


def walk(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(path, JSON type) of everything in a value; the rows of a list share their path."""
    if place:
        yield place, kind(value)
    if place.endswith(FREE):
        return
    if isinstance(value, dict):
        for name, part in value.items():
            yield from walk(part, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for part in value:
            yield from walk(part, place) if isinstance(part, dict) else ()


def kind(value: Any) -> str:
    """The JSON type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "object"
