"""Facts become rows: which tiles, which exceptions in which words, and the HTML of each."""

from collections.abc import Iterator

import msgspec

from entrepot.connections import Flow, Level
from entrepot.monitor import Status
from entrepot.sync.views import SlotView
from entrepot.web import words
from entrepot.web.drawing import row
from entrepot.web.facts import Facts
from entrepot.web.frame import Rows
from entrepot.web.troubles import trouble_count, troubles

LATE_S = 60.0
ASTRAY_MAX = 8


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of the top line. `segments`: (tone, from, width) of a bar of `whole`."""

    key: str
    label: str
    value: str
    said: str
    tone: str = "quiet"
    segments: tuple[tuple[str, int, int], ...] = ()
    whole: int = 0


def draw(facts: Facts) -> dict[str, Rows]:
    """The lists of the screen by name; `badge` is on every screen."""
    return {
        "tiles": tuple((tile.key, row("tile", tile=tile)) for tile in tiles(facts)),
        "exceptions": _cut(
            [(one.key, row("exception", trouble=one, now=facts.now)) for one in troubles(facts)],
            trouble_count(facts.status),
            path="/exceptions",
        ),
        "astray": _cut(
            [(one.id, row("slot", slot=one, now=facts.now)) for one in astray(facts)],
            behind(facts.status),
            path="/channels",
        ),
        "orders": tuple(
            (one.id, row("order", order=one, now=facts.now, what=words.WHAT)) for one in facts.orders
        ),
        "connections": tuple(
            (one.name, row("connection", account=one, now=facts.now)) for one in facts.status.connections
        ),
        "badge": ((f"n{facts.waiting}", row("badge", waiting=facts.waiting)),),
    }


def astray(facts: Facts) -> list[SlotView]:
    """Slots that do not show what we want yet, the oldest first; what is refused waits for a person."""
    refused = {one.slot.id for one in facts.refused}
    return [one for one in facts.status.out_of_sync if one.id not in refused][:ASTRAY_MAX]


def behind(status: Status) -> int:
    """How many there are."""
    written = [one for one in status.connections if one.flows.get(Flow.STOCK_OUT) == Level.ON]
    return sum(one.pairs - one.in_sync - one.refused for one in written)


def tiles(facts: Facts) -> Iterator[Tile]:
    """The top line."""
    yield _sync(facts.status)
    yield Tile(
        key="orders",
        label="Orders in 24 hours",
        value=words.number(facts.last_day),
        said=f"{words.number(facts.last_minute)} in the last minute",
    )
    yield Tile(
        key="booked",
        label="From sale to hub",
        value=words.milliseconds(facts.delays.to_hub),
        said=_booked(facts.status),
    )
    yield _lag(facts)
    yield _exceptions(facts)


def _sync(status: Status) -> Tile:
    refused = sum(one.refused for one in status.connections if one.flows.get(Flow.STOCK_OUT) == Level.ON)
    parts = (("good", status.in_sync), ("busy", status.pairs - status.in_sync - refused), ("bad", refused))
    segments, at = [], 0
    for tone, width in parts:
        segments.append((tone, at, width))
        at += width
    shows = f"{words.number(status.in_sync)} of {words.counted(status.pairs, 'slot shows', 'slots show')}"
    return Tile(
        key="sync",
        label="In sync",
        value=words.share(status.in_sync, status.pairs),
        said=f"{shows} what we want" if status.pairs else "stock flows out to no channel yet",
        tone="bad" if refused else "quiet",
        segments=tuple(segments),
        whole=status.pairs,
    )


def _lag(facts: Facts) -> Tile:
    """How quick changes are shown; how long the oldest waits if that is too long."""
    lag_s, usual = facts.status.oldest_lag_s, words.milliseconds(facts.delays.to_channel)
    if lag_s > LATE_S:
        return Tile(
            key="lag", label="A change waits", value=words.span(lag_s), said=f"usually {usual}", tone="bad"
        )
    waits = f"the oldest waits {words.span(lag_s)}" if lag_s else "nothing waits"
    return Tile(key="lag", label="From change to channel", value=usual, said=waits)


def _exceptions(facts: Facts) -> Tile:
    count = trouble_count(facts.status)
    return Tile(
        key="exceptions",
        label="Needs you",
        value=words.number(count),
        said="wait for a person" if count else "nothing waits for a person",
        tone="bad" if count else "quiet",
    )


def _booked(status: Status) -> str:
    inbox = status.queues["inbox"]
    return f"deliveries wait {words.span(inbox.oldest_due_s)}" if inbox.ready else "every delivery is booked"


def _cut(rows: list[tuple[str, str]], count: int, *, path: str) -> Rows:
    """The rows, and one that says how many more there are, with the way to them."""
    more = [("more", row("more", count=count - len(rows), path=path))] if count > len(rows) else []
    return (*rows, *more)
