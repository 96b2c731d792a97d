"""What an invariant finds."""

from collections.abc import Sequence

import msgspec

MOST = 1_000
"""Of one invariant, no more violations than this are named."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows were looked at, and (id, sentence) of each that is wrong."""

    checked: int
    violations: Sequence[tuple[str, str]]


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """`name` of the invariant, `what` is wrong, `id` of the row."""

    name: str
    what: str
    id: str
