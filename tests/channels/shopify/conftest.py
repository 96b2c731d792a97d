"""Every answer that a test here gets from the emulated Shopify has scalars as Shopify writes them.

Types and nulls are held by graphql-core, which executes the vendor's own types; scalars it takes as they are.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.channels.shopify.world import SCHEMA

WRITTEN = {
    "DateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "Decimal": r"-?\d+\.\d+",
    "Money": r"-?\d+\.\d{2,}",
    "UnsignedInt64": r"\d+",
    "URL": r"https?://\S+",
}
"""Scalar -> how its text looks (schema of 2026-07, answers recorded 2026-04 to 2026-06)."""


@pytest.fixture(autouse=True)
def scalars_are_written_as_shopify_writes_them(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    odd: list[str] = []
    for name, pattern in WRITTEN.items():
        monkeypatch.setattr(SCHEMA.type_map[name], "coerce_output_value", _watched(name, pattern, odd))
    yield
    assert odd == []


def _watched(name: str, pattern: str, odd: list[str]) -> Callable[[Any], Any]:
    def told(value: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            odd.append(f"{name}: {value!r}")
        return value

    return told
