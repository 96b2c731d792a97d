"""Shopify's stock: `available` of an inventory item in a location, written by compare and set.

Sources: schema of 2026-07; answers recorded 2026-06 (2026-04): a row without `changeFromQuantity` or a change
without @idempotent is refused as a whole; idempotency guide, read 2026-09.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from entrepot.channels.kit.graphql import Told, UserError, user_errors
from entrepot.channels.kit.json import digest
from entrepot.channels.kit.numbers import exact
from entrepot.channels.kit.times import utc
from entrepot.channels.shopify import queries
from entrepot.channels.shopify.api import ask
from entrepot.channels.shopify.catalogue import levels_of
from entrepot.channels.shopify.shapes import gid, number
from entrepot.contract import Answer, Api, Applied, Refused, StockSeen, StockWanted, Unknown
from entrepot.kernel import Cause, ChannelError

BATCH = 100
ASKED = 25
"""Items whose levels are asked for at once."""

STALE = "CHANGE_FROM_QUANTITY_STALE"
GONE = frozenset({"INVALID_INVENTORY_ITEM"})
AGAIN = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST"})
"""Another call with the same key is still at work: nobody knows yet."""

UNKNOWN = frozenset({Cause.LOST, Cause.DOWN, Cause.NONSENSE, Cause.CONFLICT})
"""After these nobody knows whether it was done."""


def read_stock(api: Api, items: list[tuple[str, str]]) -> Iterator[StockSeen]:
    """`available` of each (item, location), as of the answer; may be negative.

    Nothing for an item that is gone or not stocked there: it has no figure.
    """
    wanted = set(items)
    ids = list(dict.fromkeys(item for item, _ in items))
    for start in range(0, len(ids), ASKED):
        some = ids[start : start + ASKED]
        told = ask(api, queries.LEVELS, {"ids": [gid("InventoryItem", id) for id in some]})
        for item in filter(None, told.data["nodes"]):
            for level in levels_of(api, item):
                slot = number(item["id"]), number(level["location"]["id"])
                for one in level["quantities"] if slot in wanted else ():
                    yield StockSeen(
                        item=slot[0], location=slot[1], quantity=exact(one["quantity"]), at=told.reply.at
                    )


def write_stock(api: Api, wanted: list[StockWanted]) -> Iterator[Answer]:
    """Sets each row's `quantity` where Shopify still shows `expected`, up to 100 rows in a change.

    One wrong row fails its change: it is answered, and the rest is sent again without it. The key of a change
    is made of the keys of its rows; should a row be sent again in other company, the comparison still keeps
    it from happening twice. Raises ChannelError BUSY or DENIED, which stop the whole account.
    """
    rows = list(wanted)
    while rows:
        try:
            told = ask(api, queries.SET, change(rows), changes=True)
        except ChannelError as error:
            yield from (_failed(row, error) for row in rows)
            return
        wrong = _by_row(user_errors(told.data["inventorySetQuantities"]), len(rows))
        yield from _answers(api, rows, wrong, told)
        rows = [row for n, row in enumerate(rows) if wrong and n not in wrong]


def change(rows: Sequence[StockWanted]) -> dict[str, object]:
    """The variables of one change. `expected` of a write that is sent again follows from its difference."""
    key = rows[0].key if len(rows) == 1 else digest([row.key for row in rows])
    quantities = [
        {
            "inventoryItemId": gid("InventoryItem", row.item),
            "locationId": gid("Location", row.location),
            "quantity": row.quantity,
            "changeFromQuantity": expected(row),
        }
        for row in rows
    ]
    uri = f"entrepot://stock/{key}"
    sent = {
        "name": "available",
        "reason": "correction",
        "referenceDocumentUri": uri,
        "quantities": quantities,
    }
    return {"input": sent, "key": key}


def expected(row: StockWanted) -> int:
    """The figure that Shopify must still show."""
    return row.quantity - row.delta if row.expected is None else row.expected


def _answers(
    api: Api, rows: Sequence[StockWanted], wrong: Mapping[int, UserError], told: Told
) -> Iterator[Answer]:
    """Answers to all rows if none is wrong, else to the wrong ones."""
    if not wrong:
        group = told.data["inventorySetQuantities"].get("inventoryAdjustmentGroup") or {}
        at = utc(group["createdAt"]) if group.get("createdAt") else told.reply.at
        yield from (Applied(key=row.key, at=at, quantity=row.quantity) for row in rows)
        return
    yield from (_refused(rows[n], error) for n, error in wrong.items() if error.code != STALE)
    yield from _stale(api, [rows[n] for n, error in wrong.items() if error.code == STALE])


def _by_row(errors: Sequence[UserError], size: int) -> dict[int, UserError]:
    """Each wrong row's first error; one that names no row is every row's."""
    found: dict[int, UserError] = {}
    for error in errors:
        place = error.field[2] if error.field[:2] == ("input", "quantities") and len(error.field) > 2 else ""
        named = [int(place)] if place.isdecimal() and int(place) < size else range(size)
        for n in named:
            found.setdefault(n, error)
    return found


def _refused(row: StockWanted, error: UserError) -> Answer:
    if error.code in AGAIN:
        return Unknown(key=row.key, why=error.message)
    return Refused(key=row.key, code=error.code or "refused", why=error.message, gone=error.code in GONE)


def _stale(api: Api, rows: Sequence[StockWanted]) -> Iterator[Answer]:
    """Rows whose comparison failed are looked at: one that shows the wanted figure already (our own write,
    whose answer was lost) is done; any other is Refused as stale, to be read and planned anew."""
    if not rows:
        return
    slots = [(row.item, row.location) for row in rows]
    seen = {(one.item, one.location): one for one in read_stock(api, slots)}
    for row in rows:
        now = seen.get((row.item, row.location))
        if now is not None and now.quantity == Decimal(row.quantity):
            yield Applied(key=row.key, at=now.at, quantity=row.quantity)
        else:
            shows = "nothing" if now is None else f"{now.quantity:f}"
            why = f"it shows {shows}, not {expected(row)}: something was sold or counted meanwhile"
            yield Refused(key=row.key, code=STALE, why=why, stale=True)


def _failed(row: StockWanted, error: ChannelError) -> Answer:
    if error.cause in UNKNOWN:
        return Unknown(key=row.key, why=str(error))
    if error.cause is Cause.REFUSED:
        return Refused(key=row.key, code=error.code or error.cause, why=str(error))
    raise error
