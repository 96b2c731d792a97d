"""What an order lacks, in words: which line lacks how many, and where there are some."""

from collections.abc import Mapping, Sequence

from entrepot import catalog, ledger, places
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.orders.model import Line

SHOWN = 20


def too_few(tx: Tx, lines: Sequence[Line], short: Mapping[str, int]) -> Refusal:
    """The Refusal `not_enough` for lines of an order that wait for goods; `field` is the first of them.

    `short`: line id → pieces of items that it waits for.
    """
    skus = {sku.id: sku for sku in catalog.skus(tx, ids={one.sku_id for one in lines})}
    there = ledger.available(tx, {item_id for sku in skus.values() for item_id, _each in sku.recipe})
    codes = {location.id: location.code for location in places.load(tx).locations.values()}
    lacking = [one for one in sorted(lines, key=lambda one: int(one.external_id)) if one.id in short]
    said = []
    for one in lacking[:SHOWN]:
        items = {item_id for item_id, _each in skus[one.sku_id].recipe}
        some = {codes[at]: n for (item_id, at), n in sorted(there.items()) if item_id in items and n}
        elsewhere = ", ".join(f"{code} {n}" for code, n in sorted(some.items())) or "nowhere"
        said.append(f"line {one.external_id} ({skus[one.sku_id].code}) lacks {short[one.id]} pieces; "
                    f"there are more at: {elsewhere}")  # fmt: skip
    more = f"; and {len(lacking) - SHOWN} lines more" if len(lacking) > SHOWN else ""
    return Refusal(
        "not_enough",
        "; ".join(said) + more,
        remedy="Order fewer, or accept that lines are short",
        field=f"lines[{int(lacking[0].external_id) - 1}].quantity",
    )
