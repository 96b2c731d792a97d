"""What a slot shows, as far as we can know: pure rules over a base figure and what changed since.

The base is the last figure that we wrote (absolute) or adopted from a reading; effects are the channel's own
sales and restores, and our own differences (delta). Times are the channel's. An effect may have happened
later than its time says, never earlier; a base of second s may be as late as s + GRAIN. So an effect counts
only if it surely came after the base: one that may lie before an absolute write counts as overwritten by it.
The price of doubt is one more write of the same figure, never a figure that is silently wrong.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

GRAIN = timedelta(seconds=1)
"""HTTP dates have whole seconds."""

DOUBT = timedelta(seconds=2)
"""A reading is not adopted while an effect lies this close to it."""


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A stock slot as held. Figures are sold units; None where nothing is known."""

    id: str
    connection_id: str
    listing_id: str
    item: str
    location: str
    sku_id: str = ""
    wanted: int | None = None
    sent: int | None = None
    sent_at: datetime | None = None
    flight: str = ""
    flight_delta: int = 0
    acknowledged: int | None = None
    observed: int | None = None
    observed_at: datetime | None = None
    base: int | None = None
    base_at: datetime | None = None
    trouble: str = ""
    effects: tuple[tuple[datetime, int], ...] = ()  # (at, change)


def believed(slot: Slot) -> int | None:
    """The figure that the channel shows now by all we know; None if we never knew or lost track."""
    if slot.base is None or slot.base_at is None:
        return None
    return slot.base + sum(change for at, change in slot.effects if at >= slot.base_at + GRAIN)


def expected(slot: Slot, at: datetime) -> int | None:
    """What a reading at `at` should have found."""
    if slot.base is None or slot.base_at is None:
        return None
    return slot.base + sum(change for moment, change in slot.effects if slot.base_at + GRAIN <= moment <= at)


def contradicted(slot: Slot) -> bool:
    """A reading newer than the base found another figure."""
    if slot.observed is None or slot.observed_at is None or slot.base_at is None:
        return False
    return slot.observed_at > slot.base_at + GRAIN and expected(slot, slot.observed_at) != slot.observed


def adoptable(slot: Slot, swept_to: datetime | None, visible: timedelta = timedelta(0)) -> bool:
    """Whether the last reading may become the base: nothing in flight, every order up to it booked, and no
    write or effect so close to it that nobody can say which came first. `visible`: how late a reading may
    lag."""
    if slot.observed_at is None or slot.flight or swept_to is None or swept_to < slot.observed_at + DOUBT:
        return False
    if slot.base_at is not None and slot.observed_at <= slot.base_at + max(GRAIN, visible):
        return False
    since, until = slot.observed_at - max(DOUBT, visible), slot.observed_at + DOUBT
    return not any(since <= at <= until for at, _change in slot.effects)


def in_sync(slot: Slot) -> bool:
    """Believed equals wanted, nothing in flight, no refusal, and the last reading does not contradict."""
    return (
        slot.wanted is not None
        and not slot.flight
        and not slot.trouble
        and believed(slot) == slot.wanted
        and not contradicted(slot)
    )


def matched(slots: Iterable[Slot]) -> tuple[int, int]:
    """(slots that want something, those of them in sync)."""
    wanting = [slot for slot in slots if slot.wanted is not None]
    return len(wanting), sum(1 for slot in wanting if in_sync(slot))
