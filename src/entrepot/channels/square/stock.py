"""Square's stock: one count per variation and location. Source: Inventory API, guides and reference read
2026-09.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from entrepot.channels.kit.numbers import exact
from entrepot.channels.kit.pages import cursor_pages
from entrepot.channels.kit.times import utc
from entrepot.contract import Answer, Api, Applied, Refused, Reply, StockSeen, StockWanted, Unknown
from entrepot.kernel import Cause, ChannelError

COUNTS = "/v2/inventory/counts/batch-retrieve"
CHANGES = "/v2/inventory/changes/batch-create"

UNKNOWN = frozenset({Cause.LOST, Cause.DOWN, Cause.NONSENSE, Cause.CONFLICT})
"""After these nobody knows whether it was done: 5xx too, because it may strike after the change was kept."""

REFUSED = frozenset({Cause.REFUSED, Cause.MISSING})


def read_stock(api: Api, items: list[tuple[str, str]]) -> Iterator[StockSeen]:
    """The IN_STOCK count of each (variation, location), as of the answer's own time; may be negative.

    Square keeps no count for what was never counted, and "starts from zero" there (Inventory API, process
    flow).
    """
    for start in range(0, len(items), 100):
        chunk = items[start : start + 100]
        counts: dict[tuple[str, str], Decimal] = {}
        query = {
            "catalog_object_ids": sorted({item for item, _ in chunk}),
            "location_ids": sorted({location for _, location in chunk}),
            "states": ["IN_STOCK"],
        }
        pages = list(cursor_pages(api, COUNTS, query))
        for page in pages:
            counts |= {_slot(count): exact(count["quantity"]) for count in page.json.get("counts") or ()}
        for item, location in chunk:
            quantity = counts.get((item, location), Decimal(0))
            yield StockSeen(item=item, location=location, quantity=quantity, at=pages[0].at)


def write_stock(api: Api, wanted: list[StockWanted]) -> Iterator[Answer]:
    """Adds each row's `delta`, one call per row with the row's own key, so that every row happens exactly
    once.

    Square remembers the key of a call together with all its changes. Rows that shared a call would have to
    be sent again in the same company, or a row whose answer was lost would be added twice. Raises
    ChannelError BUSY or DENIED, which stop the whole account; rows already answered stay answered.
    """
    for row in wanted:
        if row.delta == 0:
            yield Applied(key=row.key, at=row.at)
            continue
        try:
            yield _applied(row, api.post(CHANGES, change(row)))
        except ChannelError as error:
            yield _failed(row, error)


def change(row: StockWanted) -> dict[str, Any]:
    """The request for one row: goods come from NONE and leave to SOLD.

    SOLD because "if an item is sold on the partner platform, the adjustment must indicate that the item was
    moved to the SOLD state" (App Marketplace requirements, read 2026-09); WASTE would show as loss in the
    seller's reports.
    """
    source, target = ("NONE", "IN_STOCK") if row.delta > 0 else ("IN_STOCK", "SOLD")
    adjustment = {
        "reference_id": row.key,
        "catalog_object_id": row.item,
        "location_id": row.location,
        "from_state": source,
        "to_state": target,
        "quantity": str(abs(row.delta)),
        "occurred_at": _rfc3339(row.at),
    }
    return {"idempotency_key": row.key, "changes": [{"type": "ADJUSTMENT", "adjustment": adjustment}]}


def _applied(row: StockWanted, reply: Reply) -> Applied:
    """Square's count after the change, at the time it calculated it; a repeated key gets the first answer
    again.
    """
    for count in reply.json.get("counts") or ():
        if count.get("state") == "IN_STOCK" and _slot(count) == (row.item, row.location):
            quantity = exact(count["quantity"])
            whole = int(quantity) if quantity == quantity.to_integral_value() else None
            return Applied(key=row.key, at=utc(count["calculated_at"]), quantity=whole)
    return Applied(key=row.key, at=reply.at)


def _failed(row: StockWanted, error: ChannelError) -> Answer:
    if error.cause in UNKNOWN:
        return Unknown(key=row.key, why=str(error))
    if error.cause in REFUSED:
        gone = error.cause is Cause.MISSING or error.code == "NOT_FOUND"
        return Refused(key=row.key, code=error.code or error.cause, why=str(error), gone=gone)
    raise error


def _slot(count: dict[str, Any]) -> tuple[str, str]:
    return count["catalog_object_id"], count["location_id"]


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
