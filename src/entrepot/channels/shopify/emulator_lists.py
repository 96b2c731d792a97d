"""Connections of the emulated Shopify: pages that a cursor continues where the last one ended.

A cursor holds the place in the order of the list, so that what changes meanwhile is neither skipped nor told
from a wrong place. Pages of at most 250; lists end at 25,000 objects (limits guide, read 2026-09).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from entrepot.channels.shopify.emulator_wire import Json, Wrong

PAGE_MAX = 250
Place = tuple[str, int]


def connection(
    values: Sequence[Json], args: Mapping[str, Any], place: Callable[[Json], Place] | None = None
) -> Json:
    """One page of a list; without `place` it is the position that counts."""
    placed = [(place(one) if place else ("", n), one) for n, one in enumerate(values)]
    if place:
        placed.sort(key=lambda pair: pair[0])
    if args.get("reverse"):
        placed.reverse()
    if args.get("after"):
        after = _read(args["after"])
        placed = [pair for pair in placed if (pair[0] < after if args.get("reverse") else pair[0] > after)]
    size = _size(args)
    page = placed[:size]
    cursors = [_write(where) for where, _ in page]
    return {
        "edges": [{"cursor": cursor, "node": one} for cursor, (_, one) in zip(cursors, page, strict=True)],
        "nodes": [one for _, one in page],
        "pageInfo": {
            "hasNextPage": len(placed) > size,
            "hasPreviousPage": bool(args.get("after")),
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def whole(values: Sequence[Json]) -> Json:
    """All of a list: a bulk operation knows no pages."""
    return connection(values, {"first": max(len(values), 1), "bulk": True})


def _size(args: Mapping[str, Any]) -> int:
    size = args.get("first")
    if size is None:
        raise Wrong("you must provide one of first or last")
    if not args.get("bulk") and not 0 < size <= PAGE_MAX:
        raise Wrong(f"first must be between 1 and {PAGE_MAX}")
    return int(size)


def _write(place: Place) -> str:
    return urlsafe_b64encode(msgspec.json.encode(place)).decode()


def _read(cursor: str) -> Place:
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor), type=tuple[str, int])
    except (ValueError, msgspec.DecodeError):
        raise Wrong(f"'{cursor}' is not a valid cursor") from None
