"""What mends itself: orders whose SKU or location became known, orders that vanished, lines that found
goods."""

from collections.abc import Iterable, Sequence

import msgspec

from entrepot import connections, ledger, places
from entrepot.connections import Connection
from entrepot.contract import Commercial, Version
from entrepot.db import Event, Tx, events
from entrepot.orders import exception_rows, rows
from entrepot.orders.draft import Testimony
from entrepot.orders.intake import Taken, take
from entrepot.orders.model import Kind

MENDABLE = (Kind.UNMAPPED, Kind.NOT_WHOLE, Kind.LOCATION)


def heal(tx: Tx, connection: Connection, *, items: Iterable[str] | None = None) -> Taken:
    """Takes the held testimony of orders that waited for a SKU or a location once more; `items` narrows it to
    those with a line of one of these."""
    waiting = rows.waiting_for(tx, MENDABLE, items=items, connection_id=connection.id)
    held = rows.held(tx, connection.id, waiting)
    again = [Testimony(order=one.seen, as_of=one.as_of, force=True) for one in held.values()]
    return take(tx, connection, again)


def heal_named(tx: Tx, connection: Connection) -> Taken:
    """Takes orders once more whose unmapped line carries a text that has become a SKU of ours meanwhile: a
    line without a listing has nothing that could be linked."""
    held = rows.held(tx, connection.id, rows.waiting_for_text(tx, Kind.UNMAPPED, connection_id=connection.id))
    return take(
        tx, connection, [Testimony(order=one.seen, as_of=one.as_of, force=True) for one in held.values()]
    )


def vanish(tx: Tx, connection: Connection, external_ids: Sequence[str]) -> Taken:
    """The channel no longer has these orders: what has not left the house is cancelled. Should the channel
    show one again, in whatever version, it is taken anew."""
    held = rows.held(tx, connection.id, external_ids)
    gone = [
        Testimony(
            order=msgspec.structs.replace(
                one.seen, commercial=Commercial.CANCELLED, version=Version(one.version_key, "vanished")
            ),
            as_of=tx.now,
            force=True,
        )
        for one in held.values()
        if one.seen.commercial is not Commercial.CANCELLED
    ]
    return take(tx, connection, gone)


def review(tx: Tx, line_ids: Sequence[str]) -> None:
    """Opens and closes the `short` exceptions of lines whose promises changed."""
    owners = rows.owners(tx, line_ids)
    short = rows.short_lines(tx, line_ids)
    known = exception_rows.standing(tx, {order_id for order_id, _connection, _place in owners.values()}).open
    new: dict[tuple[str, str, str], str] = {}
    other: dict[str, str] = {}
    ended, told = [], []
    for line_id, (order_id, _connection, _place) in sorted(owners.items()):
        key = (order_id, line_id, str(Kind.SHORT))
        detail = f"{short.get(line_id, 0)} pieces are promised that no place holds"
        missing = short.get(line_id, 0)
        if missing and key not in known:
            new[key] = detail
            told.append(
                Event(stream=f"order:{order_id}", kind="LineShort", body={"line": line_id, "pieces": missing})
            )
        elif missing and known[key][1] != detail:
            other[known[key][0]] = detail
        elif not missing and key in known:
            ended.append(known[key][0])
            told.append(Event(stream=f"order:{order_id}", kind="LineServed", body={"line": line_id}))
    exception_rows.open_new(tx, new)
    exception_rows.detail_anew(tx, other)
    exception_rows.close(tx, ended)
    events.append(tx, told)


def refill(tx: Tx, item_ids: Sequence[str]) -> int:
    """Gives lines that wait for these items what has come; pieces given."""
    waiting = ledger.waiting_lines(tx, item_ids)
    if not waiting:
        return 0
    networks = places.networks(tx)
    by_connection = {one.id: one for one in connections.connections(tx)}
    sources: dict[str, Sequence[str]] = {}
    for line_id, (_order, connection_id, wanted) in rows.owners(tx, waiting).items():
        connection = by_connection[connection_id]
        ours = connections.locations(tx, connection_id).get(wanted, "") if wanted else ""
        sources[line_id] = (ours,) if ours else networks[connection.network_id]
    return ledger.fill(tx, places.load(tx), item_ids, sources)
