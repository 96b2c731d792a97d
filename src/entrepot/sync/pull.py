"""Pull: stored deliveries become orders, figures, listings and hints, in batches (the worker halves a failing
one)."""

from collections.abc import Mapping, Sequence

import msgspec

from entrepot import connections, orders
from entrepot.connections import Connection
from entrepot.contract import Channel, Gone, Hint, Kind, ListingSeen, LocationSeen, OrderSeen, Seen, StockSeen
from entrepot.db import Tx, inbox, jobs
from entrepot.db.inbox import Letter
from entrepot.sync.call import fetch_job
from entrepot.sync.forgetting import drop_forgotten
from entrepot.sync.read import after_orders, book_listings, book_stock
from entrepot.sync.timetable import reading_job

READINGS = {Kind.LISTING: "read_listings", Kind.LOCATION: "read_locations", Kind.STOCK: "read_stock",
            Kind.ORDER: "sweep_orders"}  # fmt: skip
"""What a hint without an id asks for."""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery, and what the adapter saw in it."""

    letter: Letter
    connection: Connection
    seen: Sequence[Seen]


def book(tx: Tx, channels: Mapping[str, Channel], opened: Sequence[Opened]) -> None:
    """Books what several deliveries said, connection by connection, and finishes them."""
    for connection in {one.connection.id: one.connection for one in opened}.values():
        mine = [one for one in opened if one.connection.id == connection.id]
        _book_one(tx, channels[connection.platform], connection, mine)
    inbox.done(tx, [one.letter.id for one in opened])
    for connection_id in {one.connection.id for one in opened}:
        mine = [one for one in opened if one.connection.id == connection_id]
        drop_forgotten(tx, connection_id, {one.letter.id: _orders(one) for one in mine})


def _orders(one: Opened) -> list[OrderSeen]:
    return [seen for seen in one.seen if isinstance(seen, OrderSeen)]


def _book_one(tx: Tx, channel: Channel, connection: Connection, opened: Sequence[Opened]) -> None:
    every = [seen for one in opened for seen in one.seen]
    testimony = [
        orders.Testimony(order=seen, as_of=one.letter.delivery.received_at)
        for one in opened
        for seen in one.seen
        if isinstance(seen, OrderSeen)
    ]
    per_location = channel.ABOUT.stock.per_location
    if testimony:
        after_orders(tx, connection, orders.take(tx, connection, testimony), per_location=per_location)
    if listings := [seen for seen in every if isinstance(seen, ListingSeen)]:
        book_listings(tx, connection.id, listings)
    if locations := [seen for seen in every if isinstance(seen, LocationSeen)]:
        connections.see_locations(tx, connection.id, locations)
    if stock := [seen for seen in every if isinstance(seen, StockSeen)]:
        book_stock(tx, connection.id, stock)
    if any(isinstance(seen, Gone) and seen.kind is Kind.CONNECTION for seen in every):
        connections.shut_out(tx, connection.id, "the channel says that it disconnected us")
    words = [seen for seen in every if isinstance(seen, Hint | Gone) and _to_be_read(seen)]
    jobs.enqueue(tx, [_follow(connection, word) for word in words])


def _to_be_read(word: Hint | Gone) -> bool:
    """Whether a reading answers it. That an order is gone is asked for too: the word may be late, and the
    order there again."""
    return word.kind is Kind.ORDER or (isinstance(word, Hint) and word.kind in READINGS)


def _follow(connection: Connection, word: Hint | Gone) -> jobs.Job:
    if word.kind is Kind.ORDER and word.id:
        return fetch_job(connection.id, word.id)
    return reading_job(connection.id, READINGS[word.kind])
