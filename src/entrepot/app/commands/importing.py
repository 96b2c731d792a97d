"""Stock from a CSV file: every row is checked before any is booked."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import msgspec

from entrepot import catalog, ledger, places
from entrepot.app.commands.arguments import Answer, ImportStock
from entrepot.app.commands.goods import own_item, pieces_of
from entrepot.app.wiring import Hub
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.ledger import Counted
from entrepot.places import Places

ROWS_MAX = 1_000_000
BATCH = 2_000


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an import."""

    number: int
    sku: str
    location: str
    quantity: str
    lot: str
    title: str


def import_stock(tx: Tx, _hub: Hub, command: ImportStock) -> Answer:
    rows = _rows(command.csv)
    here = _locations_for(tx, rows, create=command.create)
    skus = _skus_for(tx, rows, create=command.create)
    wrong: list[str] = []
    counted: dict[tuple[str, str, str], Counted] = {}
    for row in rows:
        try:
            sku = skus[row.sku]
            quantity = pieces_of(row.quantity, sku)
            if quantity < 0:
                raise Refusal("quantity", f"a count cannot be negative: {row.quantity}")
            location = here.location(row.location)
        except (Refusal, KeyError) as error:
            said = f"there is no SKU {row.sku!r}" if isinstance(error, KeyError) else str(error)
            wrong.append(f"line {row.number}: {said}")
            continue
        key = (sku.id, location.id, row.lot)
        if key in counted:
            wrong.append(f"line {row.number}: {row.sku} at {row.location} stands in this file twice")
        counted[key] = Counted(item_id=own_item(sku), location_id=location.id, quantity=quantity, lot=row.lot)
    if wrong:
        more = f" and {len(wrong) - 20} more" if len(wrong) > 20 else ""
        raise Refusal(
            "rows_wrong",
            "; ".join(wrong[:20]) + more,
            remedy="Nothing was booked. Mend the file",
            field="csv",
        )
    every = list(counted.values())
    differed = 0
    for start in range(0, len(every), BATCH):
        cause = f"import:{command.reference}:{start // BATCH}"
        part = every[start : start + BATCH]
        differed += ledger.count(tx, here, part, as_of=tx.now, cause=cause, reason="imported")
    linked = catalog.link_by_code(tx, sorted({sku.code for sku in skus.values()}))
    return {"rows": len(every), "differed": differed, "listings_linked": linked}


def _rows(text: str) -> list[Row]:
    """The lines of an import; Refusal `csv` for a missing column or a file that is none."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    named = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    missing = [name for name in ("sku", "location", "quantity") if name not in named]
    if missing:
        raise Refusal(
            "csv",
            f"the file has no column {missing[0]!r}; its first line is {reader.fieldnames}",
            field="csv",
        )

    def cell(line: dict[str, Any], name: str) -> str:
        return str(line.get(named.get(name, ""), "") or "").strip()

    rows = [
        Row(
            number=number,
            **{name: cell(line, name) for name in ("sku", "location", "quantity", "lot", "title")},
        )
        for number, line in enumerate(reader, start=2)
        if any(value for value in line.values() if value)
    ]
    if len(rows) > ROWS_MAX:
        raise Refusal(
            "csv", f"the file has {len(rows)} rows, at most {ROWS_MAX} are taken at once", field="csv"
        )
    return rows


def _locations_for(tx: Tx, rows: Sequence[Row], *, create: bool) -> Places:
    here = places.load(tx)
    known = {location.code for location in here.locations.values()}
    new = sorted({row.location for row in rows} - known)
    if not (create and new):
        return here
    for code in new:
        places.add_location(tx, code)
    return places.load(tx)


def _skus_for(tx: Tx, rows: Sequence[Row], *, create: bool) -> dict[str, catalog.Sku]:
    """SKU text as in the file → SKU; those that are none of ours are missing, unless they are made."""
    titles: dict[str, str] = {}
    for row in rows:
        titles[row.sku] = titles.get(row.sku) or row.title
    if create:
        return catalog.add_skus(tx, titles)
    codes = {text: catalog.code_of(text) for text in titles}
    known = {sku.code: sku for sku in catalog.skus(tx, codes=codes.values())}
    return {text: known[code] for text, code in codes.items() if code in known}
