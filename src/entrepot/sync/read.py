"""Reading from a channel: orders that changed, one order, listings, locations, figures, and the state of our
hooks.

Every handler books page by page and moves its watermark only after the last page: a reading that broke off
begins again where it stood, and what it had booked already is no news the second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from entrepot import catalog, connections, orders
from entrepot.contract import Gone, Hint, Kind, ListingSeen, OrderSeen, StockSeen
from entrepot.db import Event, Tx, events, jobs
from entrepot.kernel import Cause, ChannelError, Refusal, pieces
from entrepot.orders import Taken, Testimony
from entrepot.sync import rows
from entrepot.sync.call import Call, fetch_job
from entrepot.sync.offer import offer_connection, offer_skus
from entrepot.sync.settle import settle
from entrepot.sync.timetable import reading_job

T = TypeVar("T")

OVERLAP = orders.LATE
"""Every sweep looks this far behind the last one."""

PAGE = 100
HINTS_MAX = 5
"""More hints than this at once are answered by one sweep, which costs a few calls whatever their number."""

CLEARER_S = 1.0
"""An order whose version is unclear is asked for again after this long."""


def sweep_orders(call: Call) -> None:
    """Reads every order that changed since the last sweep: what webhooks lost is found here."""
    _sweep(call)
    call.store.run(call.done, source="sweep")


def fetch_order(call: Call) -> None:
    """Asks for the orders that hints named: one by one, or with a sweep where there are many."""
    asked_at = call.store.clock.now()
    named = list(dict.fromkeys(str(job.body["order"]) for job in call.jobs))
    met = _sweep(call) if len(named) > HINTS_MAX else frozenset()
    seen = [_fetch(call, id) for id in named if id not in met]

    def finish(tx: Tx) -> None:
        call.done(tx)
        book_seen(tx, call, seen, asked_at)

    call.store.run(finish, source="fetch")


def _fetch(call: Call, id: str) -> OrderSeen | Hint | Gone:
    try:
        seen: OrderSeen | Hint | Gone = call.channel.read_order(call.api, id)
    except ChannelError as error:
        if error.cause is not Cause.MISSING:
            raise
        return Gone(Kind.ORDER, id)
    return seen


def _sweep(call: Call) -> frozenset[str]:
    """Books every order that changed since the last sweep, moves the watermark; the ids of those booked."""
    mark = call.store.read(connections.watermarks).get((call.connection.id, "sweep_orders"))
    since = (mark[0] if mark else call.connection.since) - OVERLAP
    asked_at = call.store.clock.now()
    met: set[str] = set()
    for page in _pages(call.channel.read_orders(call.api, since)):
        met |= _book_page(call, page, asked_at)
    reached = asked_at + call.api.ahead

    def finish(tx: Tx) -> None:
        connections.set_watermark(tx, call.connection.id, "sweep_orders", reached)
        connections.let_in(tx, call.connection.id)
        settle_taken(tx, call, orders.heal_named(tx, call.connection))

    call.store.run(finish, source="sweep")
    settle(call, reached)
    return frozenset(met)


def _book_page(call: Call, page: Sequence[OrderSeen | Hint | Gone], asked_at: datetime) -> set[str]:
    """Books orders that were read; the ids of those booked. One that cannot be does not stop the others: it
    is asked for by itself, and fails alone."""
    booked: set[str] = set()

    def book(some: Sequence[OrderSeen | Hint | Gone]) -> None:
        call.store.run(lambda tx: book_seen(tx, call, some, asked_at), source="sweep")
        booked.update(one.external_id for one in some if isinstance(one, OrderSeen))

    def leave(one: OrderSeen | Hint | Gone, _error: Exception) -> None:
        alone = fetch_job(call.connection.id, one.external_id if isinstance(one, OrderSeen) else one.id)
        call.store.run(lambda tx: jobs.enqueue(tx, [alone]), source="sweep")

    call.halve(page, book, leave)
    return booked


def book_seen(tx: Tx, call: Call, seen: Sequence[OrderSeen | Hint | Gone], asked_at: datetime) -> None:
    """Books orders that were asked for, follows hints, and lets vanished ones go."""
    testimony = [
        Testimony(order=one, as_of=asked_at, asked_at=asked_at) for one in seen if isinstance(one, OrderSeen)
    ]
    settle_taken(tx, call, orders.take(tx, call.connection, testimony))
    if gone := [one.id for one in seen if isinstance(one, Gone)]:
        settle_taken(tx, call, orders.vanish(tx, call.connection, gone))
    jobs.enqueue(
        tx, [fetch_job(call.connection.id, one.id) for one in seen if isinstance(one, Hint) and one.id]
    )


def settle_taken(tx: Tx, call: Call, taken: Taken) -> None:
    """What follows from a batch of orders: the channel's own figures, and orders to be asked for."""
    after_orders(tx, call.connection, taken, per_location=call.channel.ABOUT.stock.per_location)


def after_orders(tx: Tx, connection: connections.Connection, taken: Taken, *, per_location: bool) -> None:
    """Notes the channel's own changes of its figures, looks at those slots again, and asks for unclear
    orders."""
    touched = rows.book_effects(tx, connection.id, taken.effects, per_location=per_location)
    still = set(touched) - taken.moved  # those whose stock moved are offered because of that
    offer_skus(tx, catalog.skus(tx, ids=still))
    later = tx.now + timedelta(seconds=CLEARER_S)
    jobs.enqueue(
        tx,
        [fetch_job(connection.id, id, run_at=later) for id in dict.fromkeys(taken.unclear)],
    )


def read_listings(call: Call) -> None:
    """Reads the channel's whole offer: listings and their stock slots."""
    for page in _pages(call.channel.read_listings(call.api)):
        call.store.run(lambda tx, page=page: book_listings(tx, call.connection.id, page), source="listings")  # type: ignore[misc]
    _finish(call, "read_listings", offer=True)


def book_listings(tx: Tx, connection_id: str, seen: Sequence[ListingSeen]) -> None:
    """Keeps listings and makes their slots."""
    known = catalog.see_listings(tx, connection_id, seen)
    rows.insert_slots(
        tx,
        [
            (connection_id, known[one.item].id, one.shared_pool or one.item, location)
            for one in seen
            for location in one.locations
        ],
    )


def read_locations(call: Call) -> None:
    """Reads which locations the channel has."""
    seen = list(call.channel.read_locations(call.api))
    call.store.run(lambda tx: connections.see_locations(tx, call.connection.id, seen), source="locations")
    _finish(call, "read_locations", offer=True)


def read_stock(call: Call) -> None:
    """Reads back what the slots show."""
    slots = call.store.read(lambda tx: rows.slots_of_connection(tx, call.connection.id))
    asked = [(slot.item, slot.location) for slot in slots]
    for page in _pages(call.channel.read_stock(call.api, asked) if asked else ()):
        call.store.run(lambda tx, page=page: book_stock(tx, call.connection.id, page), source="read_back")  # type: ignore[misc]
    _finish(call, "read_stock", offer=False)


def book_stock(tx: Tx, connection_id: str, seen: Sequence[StockSeen]) -> None:
    """Keeps the newest reading of each slot. What it means is decided after the next sweep: see `settle`."""
    slots = {
        (one.item, one.location): one
        for one in rows.slots_of_items(tx, connection_id, {s.item for s in seen})
    }
    newest: dict[str, tuple[int, datetime]] = {}
    for one in sorted(seen, key=lambda one: one.at):
        slot = slots.get((one.item, one.location))
        if slot is None or (slot.observed_at is not None and one.at <= slot.observed_at):
            continue
        try:
            newest[slot.id] = (pieces(one.quantity), one.at)
        except Refusal:
            newest[slot.id] = (
                int(one.quantity // 1),
                one.at,
            )  # a channel may show halves; we never offer them
    before = {slot.id: slot.observed for slot in slots.values()}
    rows.set_observed(tx, newest, {id for id, (n, _at) in newest.items() if before[id] != n})


def keep_hooks(call: Call) -> None:
    """Makes sure that our webhooks are there and on; one that had switched itself off means lost orders:
    sweep."""
    hooks = call.channel.subscribe(call.api, call.connection.callback_url)

    def finish(tx: Tx) -> None:
        connections.keep_settings(tx, call.channel.ABOUT, call.connection, hooks.settings)
        connections.set_watermark(tx, call.connection.id, "keep_hooks", tx.now)
        if hooks.revived:
            jobs.enqueue(tx, [reading_job(call.connection.id, "sweep_orders")])
            stream = f"connection:{call.connection.id}"
            events.append(
                tx, [Event(stream=stream, kind="HooksRevived", body={"hooks": list(hooks.revived)})]
            )
        call.done(tx)

    call.store.run(finish, source="hooks")


def _finish(call: Call, kind: str, *, offer: bool) -> None:
    def finish(tx: Tx) -> None:
        connections.set_watermark(tx, call.connection.id, kind, tx.now)
        if offer:
            offer_connection(tx, call.connection.id)
        call.done(tx)

    call.store.run(finish, source=kind)


def _pages(values: Iterable[T]) -> Iterator[list[T]]:
    """`values` in lists of a page each, read as they come."""
    source = iter(values)
    while page := list(islice(source, PAGE)):
        yield page
