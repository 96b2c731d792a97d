"""The account: what the hub holds, read from its own rows, against the file, line by line.

A line is accounted for if the hub holds its pieces (goods) and its pence (always) exactly, or if the hub
refused it by name. Charges have no id in the hub: those of an order stand as the shop showed them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import func, select

from entrepot.contract import ChargeKind, OrderSeen
from entrepot.db import Store, Tx, tables
from entrepot.orders.rows import testimony
from entrepot.places import Kind as PlaceKind
from entrepot.sandbox.replay.daybook import Daybook
from entrepot.sandbox.replay.kinds import EXCEPTIONS, GOODS_KINDS
from entrepot.sandbox.replay.shop import FIRST_ORDER, beside
from entrepot.sandbox.replay.stockroom import CAUSE

PAGE = 500
AFTER = CAUSE[:-1] + chr(ord(CAUSE[-1]) + 1)
"""The first text behind all that begin with CAUSE."""

REASON = re.compile(r"(.+) line ([0-9]+)")
MONEY_ONLY = 0
"""Pieces of a line that is no goods: the hub keeps its money alone."""

Held = tuple[int, int, int]  # line of the file, pieces as the file signs them, pence


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub's rows amount to. `wrong` names some lines and items that differ; empty means that all is
    true."""

    invoices: int
    orders: int
    cancellations: int
    adjustments: int
    credit_notes: int
    corrections: int
    lines: int
    units: int
    by_kind: dict[str, dict[str, Any]]
    exceptions: dict[str, int]
    unaccounted: int
    pence: int
    short: dict[str, int]
    items: int
    items_wrong: int
    wrong: tuple[str, ...]


def settle_up(store: Store, book: Daybook, opening: Mapping[str, int], net: Mapping[str, int]) -> Outcome:
    """Reads the hub's rows into the daybook and compares. `net`: SKU → pieces that left by the file."""
    book.db.execute("BEGIN")
    book.db.execute("DELETE FROM held")
    store.read(lambda tx: _keep_all(tx, book))
    book.db.execute("CREATE INDEX IF NOT EXISTS held_n ON held (n)")
    book.db.execute("COMMIT")
    pence = store.read(_pence)
    short, wrong_items = store.read(lambda tx: (_short(tx), _items(tx, opening, net)))
    book.db.executescript(ACCOUNT)
    counted = book.ask(INVOICES)[0]
    wrong_lines = book.ask("SELECT n, units, money, quantity, pence FROM account WHERE NOT good ORDER BY n")
    by_kind = _by_kind(book)
    wrong = [f"line {n}: {units} pieces and {money} pence here, {said} and {due} in the file"
             for n, units, money, said, due in wrong_lines[:10]]  # fmt: skip
    return Outcome(
        invoices=counted[0],
        orders=counted[1],
        cancellations=counted[2],
        adjustments=counted[3],
        corrections=counted[4],
        credit_notes=store.read(_credit_notes),
        lines=sum(row["lines"] for row in by_kind.values()),
        units=sum(row["units"] for row in by_kind.values()),
        by_kind=by_kind,
        exceptions=_exceptions(store, book),
        unaccounted=len(wrong_lines),
        pence=pence,
        short=short,
        items=len(net),
        items_wrong=len(wrong_items),
        wrong=(*wrong, *wrong_items[:10]),
    )


_GOODS = ", ".join(f"'{kind}'" for kind in sorted(GOODS_KINDS))

ACCOUNT = f"""
DROP TABLE IF EXISTS account;
CREATE TABLE account AS
SELECT *, why IS NOT NULL
          OR (held > 0 AND money = pence AND (units = quantity OR kind NOT IN ({_GOODS}))) AS good
FROM
  (SELECT l.n, l.rank, l.kind, l.quantity, l.pence, coalesce(sum(h.units), 0) AS units,
          coalesce(sum(h.pence), 0) AS money, count(h.n) AS held,
          (SELECT why FROM refused r WHERE r.n = l.n) AS why
   FROM line l LEFT JOIN held h ON h.n = l.n GROUP BY l.n);
"""  # noqa: S608
INVOICES = """
SELECT count(*), coalesce(sum(sold), 0), coalesce(sum(number GLOB 'C*'), 0),
       coalesce(sum(number GLOB 'A*'), 0),
       coalesce(sum(NOT sold AND NOT number GLOB '[AC]*'), 0)
FROM (SELECT i.number, max(a.kind <> 'correction') AND NOT i.number GLOB '[AC]*' AS sold
      FROM account a JOIN invoice i ON i.rank = a.rank WHERE a.good GROUP BY i.rank)
"""


def _keep_all(tx: Tx, book: Daybook) -> None:
    for some in (_lines(tx), _charges_and_refunds(tx, book), _moves(tx)):
        book.db.executemany("INSERT INTO held VALUES (?, ?, ?)", some)


def _lines(tx: Tx) -> Iterator[Held]:
    """Order lines: the shop's id of a line is the file's line number."""
    line, last = tables.order_line, ""
    statement = select(line.c.id, line.c.external_id, line.c.ordered, line.c.amount).order_by(line.c.id)
    while page := tx.rows(statement.where(line.c.id > last).limit(10 * PAGE)):
        for row in page:
            yield int(row.external_id), row.ordered, row.amount
        last = page[-1].id


def _charges_and_refunds(tx: Tx, book: Daybook) -> Iterator[Held]:
    for rank, seen in _testimonies(tx):
        charges = [one for one in seen.charges if one.kind is not ChargeKind.ROUNDING]
        if charges:
            said = beside(book, book.invoice(rank), book.lines(rank))
            if [one.title for one in charges] == [one.title for one in said]:
                for one, charge in zip(said, charges, strict=True):
                    yield one.n, MONEY_ONLY, charge.amount.minor
        for refund in seen.refunds:
            if named := REASON.fullmatch(refund.reason):
                yield int(named[2]), -int(sum(part.quantity for part in refund.lines)), -refund.amount.minor


def _moves(tx: Tx) -> Iterator[Held]:
    """Corrections and returns: what came to the shelf less what left it, as the file signs it."""
    move, place = tables.move, tables.place
    statement = (
        select(move.c.cause, move.c.quantity, place.c.kind, tables.posting.c.reason, move.c.source_id)
        .join(place, place.c.id == move.c.target_id)
        .join(tables.posting, tables.posting.c.cause == move.c.cause)
        .where(move.c.cause >= CAUSE, move.c.cause < AFTER)
    )
    gone = {row.id for row in tx.rows(select(place.c.id).where(place.c.kind == PlaceKind.GONE))}
    for row in tx.rows(statement):
        came = row.quantity if row.kind == PlaceKind.SHELF else -row.quantity
        yield int(row.cause.removeprefix(CAUSE)), -came if row.source_id in gone else came, 0


def _testimonies(tx: Tx) -> Iterator[tuple[int, OrderSeen]]:
    """(rank of the invoice, testimony) of every order, page by page."""
    order, last = tables.orders, ""
    statement = select(order.c.id, order.c.external_id, order.c.seen).order_by(order.c.id)
    while page := tx.rows(statement.where(order.c.id > last).limit(PAGE)):
        for row in page:
            yield int(row.external_id) - FIRST_ORDER, testimony(row.seen)
        last = page[-1].id


def _pence(tx: Tx) -> int:
    """What all orders come to, less what was given back."""
    taken = int(tx.rows(select(func.coalesce(func.sum(tables.orders.c.total), 0)))[0][0])
    return taken - sum(refund.amount.minor for _rank, seen in _testimonies(tx) for refund in seen.refunds)


def _credit_notes(tx: Tx) -> int:
    """Orders that stand for the money of a cancellation."""
    return int(tx.rows(select(func.count()).where(tables.orders.c.number.startswith("C")))[0][0])


def _by_kind(book: Daybook) -> dict[str, dict[str, Any]]:
    """Kind → what the hub holds of it: lines, units (as the file counts them) and pence."""
    rows = book.ask(
        f"""SELECT kind, count(*),
            sum(CASE WHEN kind IN ({_GOODS}) AND why IS NULL THEN units ELSE quantity END), sum(money)
            FROM account WHERE good GROUP BY kind ORDER BY kind"""  # noqa: S608
    )
    return {kind: {"lines": lines, "units": units, "pence": pence} for kind, lines, units, pence in rows}


def _exceptions(store: Store, book: Daybook) -> dict[str, int]:
    """The hub's open exceptions by kind, and what the replay itself could not place: lines, by kind."""
    table = tables.exception
    number = func.count().label("number")
    statement = select(table.c.kind, number).where(table.c.closed_at.is_(None)).group_by(table.c.kind)
    found = Counter({row.kind: int(row.number) for row in store.read(lambda tx: tx.rows(statement))})
    found.update(dict(book.ask("SELECT why, count(*) FROM refused GROUP BY why")))
    for kind in EXCEPTIONS:
        found[kind.value] += book.ask("SELECT count(*) FROM line WHERE kind = ?", kind.value)[0][0]
    return {kind: number for kind, number in sorted(found.items()) if number}


def _short(tx: Tx) -> dict[str, int]:
    """Lines and pieces that wait for goods."""
    table = tables.reservation
    found = tx.rows(select(table.c.line_id, table.c.quantity).where(table.c.state == "short"))
    return {"lines": len({row.line_id for row in found}), "pieces": sum(row.quantity for row in found)}


def _items(tx: Tx, opening: Mapping[str, int], net: Mapping[str, int]) -> list[str]:
    """The items of which the shelf does not hold the opening less what the file says left, shorts apart."""
    balance, place, item, claim = tables.balance, tables.place, tables.item, tables.reservation
    on_shelf = (
        select(item.c.code, func.sum(balance.c.quantity).label("pieces"))
        .join(balance, balance.c.item_id == item.c.id)
        .join(place, place.c.id == balance.c.place_id)
        .where(place.c.kind == PlaceKind.SHELF)
        .group_by(item.c.code)
    )
    waiting = (
        select(item.c.code, func.sum(claim.c.quantity).label("pieces"))
        .join(claim, claim.c.item_id == item.c.id)
        .where(claim.c.state == "short")
        .group_by(item.c.code)
    )
    shelf = {row.code: int(row.pieces) for row in tx.rows(on_shelf)}
    short = {row.code: int(row.pieces) for row in tx.rows(waiting)}
    return [
        f"item {sku}: {left} pieces left by the hub, {net[sku]} by the file"
        for sku in sorted(net)
        if (left := opening.get(sku, 0) - shelf.get(sku, 0) + short.get(sku, 0)) != net[sku]
    ]
