"""A frame: what the live page shows at one moment, as lists of rows. Only rows that changed are sent.

A list has a name, and rows with keys and HTML. The page patches rows by key, so what a person reads, scrolls
or marks stays where it is while others change.
"""

from collections.abc import Mapping, Set
from typing import Any

import msgspec

Rows = tuple[tuple[str, str], ...]
"""(key, HTML of one element that carries the key), in the order in which they are shown."""


class Frame(msgspec.Struct, frozen=True):
    """`number` rises with every frame that differs from the one before."""

    number: int
    lists: Mapping[str, Rows]


def only(frame: Frame, lists: Set[str]) -> Frame:
    """The lists that a screen shows; all if it names none."""
    if not lists:
        return frame
    return Frame(frame.number, {name: rows for name, rows in frame.lists.items() if name in lists})


def changes(before: Frame | None, after: Frame) -> dict[str, Any]:
    """list → {"keys": its keys in order, "rows": key → HTML of those that are new or differ}; without lists
    that are the same. Everything if there was no frame before."""
    found: dict[str, Any] = {}
    for name, rows in after.lists.items():
        shown = before.lists.get(name) if before else None
        if shown != rows:
            known = dict(shown or ())
            found[name] = {
                "keys": [key for key, _html in rows],
                "rows": {key: html for key, html in rows if known.get(key) != html},
            }
    return found


def event(before: Frame | None, after: Frame) -> bytes:
    """The server-sent event that turns one frame into the next; b'' if nothing differs."""
    found = changes(before, after)
    if not found:
        return b""
    return b"data: " + msgspec.json.encode(found) + b"\n\n"
