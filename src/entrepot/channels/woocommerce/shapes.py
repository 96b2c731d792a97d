"""The shapes that PHP gives its JSON, and the texts we address WooCommerce's products with."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from entrepot.channels.kit.numbers import integer, text
from entrepot.channels.kit.times import naive_utc
from entrepot.kernel import Cause, ChannelError

Raw = Mapping[str, Any]

ITEM = re.compile(r"(?:([1-9]\d{0,18})/)?([1-9]\d{0,18})", re.ASCII)
"""'123' for a product, '123/456' for variation 456 of product 123."""


def rows(value: object) -> list[Raw]:
    """The objects of a JSON list. A PHP array with holes arrives as an object, an empty one as [] or null."""
    members: Sequence[object] = list(value.values()) if isinstance(value, dict) else _list(value)
    return [member for member in members if isinstance(member, dict)]


def record(value: object) -> Raw:
    """The JSON object; ChannelError NONSENSE for anything else."""
    if not isinstance(value, dict):
        raise ChannelError(Cause.NONSENSE, f"{type(value).__name__} stands where an object should be")
    return value


def meta(row: Raw) -> dict[str, Any]:
    """`meta_data` by key, the last of equals; values can be any JSON that a plugin left there."""
    return {str(entry.get("key")): entry.get("value") for entry in rows(row.get("meta_data"))}


def moment(row: Raw, field: str) -> datetime | None:
    """The aware time of `<field>_gmt`, which has no zone and is UTC; None if it is not set."""
    stamp = text(row.get(f"{field}_gmt"))
    return naive_utc(stamp) if stamp else None


def item(product: object, variation: object) -> str:
    """The external item; '' for product 0, which is what a deleted product leaves on its order lines."""
    parent, child = integer(product or 0), integer(variation or 0)
    if not parent:
        return ""
    return f"{parent}/{child}" if child else str(parent)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
