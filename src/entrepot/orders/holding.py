"""Holds that an order takes over: whose goods become the claims of which line."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from entrepot import catalog, ledger
from entrepot.connections import Connection
from entrepot.db import Tx
from entrepot.kernel import Money, Refusal

Holds = Mapping[str, Sequence[tuple[str, int]]]
"""Line → (hold, pieces of the SKU)."""


class PlacedLine(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` for all of it, discounts subtracted. `location`: the code of one of the seller's, '' if the
    hub decides. `holds`: ids of holds whose goods it takes."""

    sku: str
    title: str
    quantity: Decimal
    amount: Money
    unit_price: Decimal | None = None
    discount: Money | None = None
    location: str = ""
    holds: tuple[str, ...] = ()


def taken_from(tx: Tx, seller: Connection, lines: Sequence[PlacedLine], wanted: Sequence[int]) -> Holds:
    """What each line takes from the holds that it names, as far as they go; `wanted`: pieces by line.

    Refusal `hold_unknown`, `hold_ended`, or `hold_other` for one of another SKU or seller.
    """
    held = ledger.holds(tx, [id for one in lines for id in one.holds])
    if not any(one.holds for one in lines):
        return {}
    skus = {sku.code: sku.id for sku in catalog.skus(tx, codes={one.sku for one in lines})}
    left = {id: one.quantity for id, one in held.items()}
    found: dict[str, list[tuple[str, int]]] = {}
    for number, (one, pieces) in enumerate(zip(lines, wanted, strict=True)):
        missing = pieces
        for id in dict.fromkeys(one.holds):
            field = f"lines[{number}].holds"
            hold = ledger.usable(held.get(id), id, tx.now, field=field)
            if hold.sku_id != skus[one.sku] or hold.connection_id not in ("", seller.id):
                raise Refusal("hold_other", f"the hold {hold.reference!r} is not for this", field=field)
            part = min(left[id], missing)
            left[id] -= part
            missing -= part
            if part:
                found.setdefault(f"{number + 1}", []).append((id, part))
    return found


def use(tx: Tx, holds: Holds) -> None:
    """Notes on the holds what was taken from them."""
    used: Counter[str] = Counter()
    for parts in holds.values():
        for id, pieces in parts:
            used[id] += pieces
    ledger.use_holds(tx, used)
