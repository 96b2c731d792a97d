"""Stock from a CSV file: every row is checked before any is booked."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from entrepot import catalog, ledger, places
from entrepot.app.commands.arguments import Answer, ImportStock
from entrepot.app.commands.goods import own_item, pieces_of
from entrepot.app.wiring import Hub
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.ledger import Counted, Posting
from entrepot.places import Places

ROWS_MAX = 1_000_000
BATCH = 2_000
SHOWN = 20


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an import; `number` as an editor shows it."""

    number: int
    sku: str
    location: str
    quantity: str
    lot: str
    title: str
    surplus: bool = False


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What rows are looked up in. `locations_wrong`: text that can be no location → why."""

    skus: dict[str, catalog.Sku]
    here: Places
    locations_wrong: dict[str, str]


def import_stock(tx: Tx, _hub: Hub, command: ImportStock) -> Answer:
    rows = _rows(command.csv)
    known = _known(tx, rows, create=command.create)
    every = _checked(rows, known)
    whole = Posting(cause=f"import:{command.reference}", moves=(), happened_at=tx.now, reason="imported")
    differed = 0
    if ledger.post(tx, known.here, [whole]):
        for start in range(0, len(every), BATCH):
            cause = f"import:{command.reference}:{start // BATCH}"
            part = every[start : start + BATCH]
            differed += ledger.count(tx, known.here, part, as_of=tx.now, cause=cause, reason="imported")
    linked = catalog.link_by_code(tx, sorted({sku.code for sku in known.skus.values()}))
    return {"rows": len(every), "differed": differed, "listings_linked": linked}


def _checked(rows: Sequence[Row], known: Known) -> list[Counted]:
    """What the rows count; Refusal `rows_wrong` names the first twenty wrong ones by their lines."""
    wrong: list[str] = []
    counted: dict[tuple[str, str, str], Counted] = {}
    for row in rows:
        try:
            one = _counted(row, known)
        except Refusal as refusal:
            wrong.append(f"line {row.number}: {refusal}")
            continue
        key = (one.item_id, one.location_id, one.lot)
        if key in counted:
            wrong.append(f"line {row.number}: {row.sku} at {row.location} stands in this file twice")
        counted[key] = one
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise Refusal(
            "rows_wrong",
            "; ".join(wrong[:SHOWN]) + more,
            remedy="Nothing was booked. Mend the file",
            field="csv",
        )
    return list(counted.values())


def _counted(row: Row, known: Known) -> Counted:
    if row.surplus:
        raise Refusal(
            "csv", "it has more cells than the first line: a comma in a cell needs quotes around it"
        )
    catalog.code_of(row.sku)
    sku = known.skus.get(row.sku)
    if sku is None:
        raise Refusal("sku_unknown", f"there is no SKU {row.sku!r}")
    quantity = pieces_of(row.quantity, sku)
    if quantity < 0:
        raise Refusal("quantity", f"a count cannot be negative: {row.quantity}")
    if row.location in known.locations_wrong:
        raise Refusal("location_code", known.locations_wrong[row.location])
    location = known.here.location(row.location)
    return Counted(item_id=own_item(sku), location_id=location.id, quantity=quantity, lot=row.lot)


def _rows(text: str) -> list[Row]:
    """The lines of an import; Refusal `csv` for a missing column or a file that is none."""
    try:
        rows = list(_lines(text))
    except csv.Error as error:
        raise Refusal("csv", f"the file is no CSV: {error}", field="csv") from None
    if len(rows) > ROWS_MAX:
        raise Refusal(
            "csv", f"the file has {len(rows)} rows, at most {ROWS_MAX} are taken at once", field="csv"
        )
    return rows


def _lines(text: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
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

    for line in reader:
        surplus = any(line.pop(None, None) or ())
        if surplus or any(value.strip() for value in line.values() if value):
            cells = {name: cell(line, name) for name in ("sku", "location", "quantity", "lot", "title")}
            yield Row(number=reader.line_num, surplus=surplus, **cells)


def _known(tx: Tx, rows: Sequence[Row], *, create: bool) -> Known:
    """The SKUs and locations that the rows speak of, made with `create` where they are new."""
    here, wrong = _locations_for(tx, {row.location for row in rows}, create=create)
    return Known(skus=_skus_for(tx, rows, create=create), here=here, locations_wrong=wrong)


def _locations_for(tx: Tx, codes: Iterable[str], *, create: bool) -> tuple[Places, dict[str, str]]:
    here = places.load(tx)
    known = {location.code for location in here.locations.values()}
    wrong: dict[str, str] = {}
    if not create:
        return here, wrong
    for code in sorted(set(codes) - known):
        try:
            places.add_location(tx, code)
        except Refusal as refusal:
            wrong[code] = refusal.why
    return places.load(tx), wrong


def _skus_for(tx: Tx, rows: Sequence[Row], *, create: bool) -> dict[str, catalog.Sku]:
    """SKU text as in the file → SKU; those that are none of ours are missing, unless they are made."""
    titles: dict[str, str] = {}
    for row in rows:
        titles[row.sku] = titles.get(row.sku) or row.title
    codes = {text: code for text in titles if (code := _code(text))}
    if create:
        return catalog.add_skus(tx, {text: titles[text] for text in codes})
    known = {sku.code: sku for sku in catalog.skus(tx, codes=codes.values())}
    return {text: known[code] for text, code in codes.items() if code in known}


def _code(text: str) -> str:
    """The SKU's code of a text, '' if it can be none."""
    try:
        return catalog.code_of(text)
    except Refusal:
        return ""
