"""Facts become rows: which tiles, which exceptions in which words, and the HTML of each."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from entrepot.connections import Flow, Level, State
from entrepot.db.letters import DeadLetter
from entrepot.kernel.money import text
from entrepot.monitor import Status
from entrepot.orders.views import Problem
from entrepot.web import words
from entrepot.web.drawing import row
from entrepot.web.facts import Facts, SkuFacts, state
from entrepot.web.frame import Rows
from entrepot.web.views import Shown

TONES = {
    "in sync": "good", "settling": "busy", "out of sync": "bad", "refused": "bad",
    "accepted": "good", "awaiting payment": "busy", "partly shipped": "busy", "unknown": "bad",
    "ready": "good", "reconnect": "bad", "on": "good", "observe": "busy",
}  # fmt: skip
"""Word on a chip → its tone; a word that is not here is quiet."""

MARKS = 8
LATE_S = 60.0


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for a person: what, where, what the machine knows of it, what to do."""

    key: str
    what: str
    where: str
    detail: str
    to_do: str
    since: datetime | None = None


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
    """The lists of the page by name."""
    accounts = facts.status.connections
    around: dict[str, object] = {
        "now": facts.now,
        "tones": TONES,
        "marks": {account.name: n % MARKS for n, account in enumerate(accounts)},
    }
    return {
        "tiles": tuple((tile.key, row("tile", tile=tile)) for tile in tiles(facts)),
        "orders": tuple(
            (one.id, row("order", order=one, total=text(one.total), what=words.WHAT, **around))
            for one in facts.orders
        ),
        "exceptions": _cut(
            [(one.key, row("exception", trouble=one, **around)) for one in troubles(facts)],
            trouble_count(facts.status),
        ),
        "stock": _cut(
            [(one.sku.id, _sku(one, around, facts.now)) for one in facts.skus],
            facts.sku_count,
        ),
        "connections": tuple((one.name, row("connection", account=one, **around)) for one in accounts),
    }


def tiles(facts: Facts) -> list[Tile]:
    """The top line."""
    return [_sync(facts), _orders(facts), _exceptions(facts), _lag(facts)]


def _sync(facts: Facts) -> Tile:
    status = facts.status
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


def _orders(facts: Facts) -> Tile:
    return Tile(
        key="orders",
        label="Orders in 24 hours",
        value=words.number(facts.last_day),
        said=f"{words.number(facts.last_minute)} in the last minute",
    )


def _exceptions(facts: Facts) -> Tile:
    count = trouble_count(facts.status)
    return Tile(
        key="exceptions",
        label="Exceptions",
        value=words.number(count),
        said="wait for a person" if count else "nothing waits for a person",
        tone="bad" if count else "quiet",
    )


def trouble_count(status: Status) -> int:
    """Everything that waits for a person, also what the page has no room for."""
    stopped = sum(one.refused + (one.state != State.READY) for one in status.connections)
    return sum(status.exceptions.values()) + status.dead_letters + stopped


def _lag(facts: Facts) -> Tile:
    lag_s = facts.status.oldest_lag_s
    inbox = facts.status.queues["inbox"]
    booked = (
        f"deliveries wait {words.span(inbox.oldest_due_s)}" if inbox.ready else "every delivery is booked"
    )
    return Tile(
        key="lag",
        label="Oldest lag",
        value=words.span(lag_s),
        said=booked,
        tone="bad" if lag_s > LATE_S else "quiet",
    )


def troubles(facts: Facts) -> Iterator[Trouble]:
    """What waits for a person: first what stops whole channels, then slots, deliveries, lines of orders."""
    for account in facts.status.connections:
        if account.state != State.READY:
            yield Trouble(
                key=f"connection:{account.name}",
                what="The platform refuses our credentials",
                where=account.name,
                detail=account.why,
                to_do="Connect it again with new credentials.",
            )
    yield from (_slot_trouble(one) for one in facts.refused)
    yield from (_letter_trouble(one) for one in facts.letters)
    yield from (_order_trouble(one) for one in facts.problems)


def _slot_trouble(one: Shown) -> Trouble:
    return Trouble(
        key=f"slot:{one.slot.id}",
        what="The channel refuses our stock figure",
        where=_joined(one.channel, one.place, one.title),
        detail=one.slot.trouble,
        to_do="Look at the listing in the channel; it is tried again when the stock moves.",
        since=one.wanted_at,
    )


def _letter_trouble(letter: DeadLetter) -> Trouble:
    delivery = letter.what == "delivery"
    return Trouble(
        key=f"letter:{letter.id}",
        what="A delivery could not be booked" if delivery else f"A job failed for good: {letter.what}",
        where="" if delivery else letter.about,
        detail=letter.why,
        to_do="Read it, mend its content if need be, and replay it.",
        since=letter.since,
    )


def _order_trouble(problem: Problem) -> Trouble:
    return Trouble(
        key=f"order:{problem.id}",
        what=words.WHAT[problem.kind],
        where=_joined(problem.channel, f"order {problem.number}", problem.sku),
        detail=problem.detail,
        to_do=words.TO_DO[problem.kind],
        since=problem.opened_at,
    )


def _cut(rows: list[tuple[str, str]], count: int) -> Rows:
    """The rows, and one that says how many more there are."""
    more = [("more", row("more", count=count - len(rows)))] if count > len(rows) else []
    return (*rows, *more)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _sku(one: SkuFacts, around: Mapping[str, object], now: datetime) -> str:
    return row("sku", one=one, states=[state(shown, now) for shown in one.slots], **around)
