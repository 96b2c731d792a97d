"""Mending a line by hand: its goods come from another location, or what nobody can supply is given up."""

from collections.abc import Mapping
from decimal import Decimal

from entrepot import catalog, ledger, places
from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal
from entrepot.ledger import State
from entrepot.orders import rows
from entrepot.orders.change import cancel, own
from entrepot.orders.model import Line, Order


def known(tx: Tx, id: str) -> Order:
    """An order by our id or as CONNECTION/EXTERNAL, locked; Refusal `order_unknown`."""
    found = rows.one(tx, id)
    if found is None:
        raise Refusal("order_unknown", f"there is no order {id[:80]!r}", field="order")
    return found


def source(tx: Tx, order_id: str, line: str, *, location: str) -> int:
    """Binds what nobody has picked of a line at one location of ours, whatever its network; how many pieces.

    Should the channel move the line later, it goes where the channel says. Refusal `order_unknown`,
    `line_unknown`, `location_unknown`, `nothing_to_move`, `not_enough`.
    """
    order = known(tx, order_id)
    mine = _line(rows.lines(tx, [order.id]).get(order.id, {}), line)
    here = places.load(tx)
    there = here.location(location)
    recipe = catalog.skus(tx, ids=[mine.sku_id])[0].recipe if mine.sku_id else ()
    moved = ledger.source(tx, here, mine.id, [item_id for item_id, _each in recipe], location_id=there.id)
    body = {"order": order.id, "line": mine.id, "location": there.id, "pieces": moved}
    events.append(tx, [Event(stream=f"order:{order.id}", kind="LineSourced", body=body)])
    return moved


def give_up(tx: Tx, order_id: str, line: str, *, reason: str) -> Order:
    """Cancels the sold units of a line that goods are missing for, the rest stays. Refusal as of `cancel`,
    `line_unknown`, or `nothing_short`."""
    mine = own(tx, order_id)
    one = _line(mine.lines, line)
    sku = catalog.skus(tx, ids=[one.sku_id])[0]
    short = ledger.claimed(tx, [one.id], [State.SHORT])
    missing = max((-(-short.get((one.id, item_id), 0) // each) for item_id, each in sku.recipe), default=0)
    if not missing:
        raise Refusal("nothing_short", "the line has all its goods", field="line")
    units = -(-missing // sku.scale)
    open_units = Decimal(one.open) / sku.scale
    return cancel(tx, mine, {one.id: min(Decimal(units), open_units)}, reason=reason)


def _line(lines: Mapping[str, Line], name: str) -> Line:
    """A line by our id or by its number; Refusal `line_unknown`."""
    for one in lines.values():
        if name in (one.id, one.external_id):
            return one
    raise Refusal("line_unknown", f"the order has no line {name[:40]!r}", field="line")
