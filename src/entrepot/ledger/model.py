"""The ledger's values and rules: moves between places, and reservations with their printed state table."""

from datetime import datetime
from enum import StrEnum

import msgspec

from entrepot.kernel import Money


class State(StrEnum):
    """HELD, RESERVED and PICKED reservations bind goods; SHORT waits for some; the others are ends."""

    SHORT = "short"
    HELD = "held"
    RESERVED = "reserved"
    PICKED = "picked"
    CONSUMED = "consumed"
    RELEASED = "released"
    EXPIRED = "expired"


STATES: dict[State, frozenset[State]] = {
    State.SHORT: frozenset({State.HELD, State.RESERVED, State.RELEASED, State.EXPIRED}),
    State.HELD: frozenset({State.RESERVED, State.CONSUMED, State.RELEASED, State.EXPIRED, State.SHORT}),
    State.RESERVED: frozenset({State.PICKED, State.CONSUMED, State.RELEASED, State.SHORT}),
    State.PICKED: frozenset({State.RESERVED, State.CONSUMED, State.RELEASED}),
    State.CONSUMED: frozenset(),
    State.RELEASED: frozenset(),
    State.EXPIRED: frozenset(),
}
"""From each state the states that may follow."""

BINDING = frozenset({State.HELD, State.RESERVED, State.PICKED})
OPEN = BINDING | {State.SHORT}


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """`quantity` pieces of an item (and lot) from one place to another. `cost` of one piece, at receipt."""

    item_id: str
    source_id: str
    target_id: str
    quantity: int
    lot: str = ""
    cost: Money | None = None


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """Moves with one cause. `happened_at` is when the goods moved, which may be days before it is booked."""

    cause: str
    moves: tuple[Move, ...]
    happened_at: datetime
    reason: str = ""


class Why(msgspec.Struct, frozen=True):
    """The cause of moves, and when the goods moved."""

    cause: str
    happened_at: datetime


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """A line's claim on pieces of an item. `created_at` is when the line first claimed them: a part that is
    split off inherits it, so that it keeps its turn. None for one that is not stored yet."""

    id: str
    line_id: str
    item_id: str
    quantity: int
    state: State
    location_id: str = ""
    lot: str = ""
    created_at: datetime | None = None

    def age(self) -> tuple[bool, float, str]:
        """Sorts the oldest first, what is not stored yet last."""
        moment = self.created_at
        return (moment is None, 0.0 if moment is None else moment.timestamp(), self.id)
