"""Refunds of a WooCommerce order: how much, which units, and whether the shop put them back on sale."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from entrepot.channels.kit.numbers import exact, integer, money, text
from entrepot.channels.woocommerce.shapes import Raw, meta, moment, rows
from entrepot.contract import RefundLine, RefundSeen


def refunds_seen(raw: Raw, refunds: Sequence[Raw] | None, currency: str) -> tuple[RefundSeen, ...]:
    """The refunds, oldest first. The order itself names only id, reason and a negative total."""
    if refunds is None:
        summaries = sorted(rows(raw.get("refunds")), key=lambda row: integer(row.get("id")))
        return tuple(_refund(row, -exact(row.get("total")), (), currency) for row in summaries)
    left = _fates(raw)
    known = sorted(refunds, key=lambda row: integer(row.get("id")))
    return tuple(_refund(row, exact(row.get("amount")), _refund_lines(row, left), currency) for row in known)


def _refund(row: Raw, amount: Decimal, lines: Iterable[RefundLine], currency: str) -> RefundSeen:
    return RefundSeen(
        external_id=str(integer(row.get("id"))),
        amount=money(amount, currency),
        at=moment(row, "date_created"),
        reason=text(row.get("reason")),
        lines=tuple(lines),
    )


def _fates(raw: Raw) -> dict[str, Decimal]:
    """Line id → units that refunds put back into the shop's stock, for lines whose stock the shop tracks."""
    notes = {text(row.get("id")): meta(row) for row in rows(raw.get("line_items"))}
    tracked = {"_reduced_stock", "_restock_refunded_items"}
    return {line: put_back(noted) for line, noted in notes.items() if tracked & noted.keys()}


def _refund_lines(refund: Raw, left: dict[str, Decimal]) -> Iterator[RefundLine]:
    """The units of a refund, those put back apart. WooCommerce counts these per line, not per refund: the
    oldest refunds are taken to be the ones (`left` is used up), so that only the sums are certain."""
    for line, quantity in refunded_lines(refund):
        if line not in left:
            yield RefundLine(line=line, quantity=quantity)
            continue
        back = min(left[line], quantity)
        left[line] -= back
        if back:
            yield RefundLine(line=line, quantity=back, restocked=True)
        if quantity - back:
            yield RefundLine(line=line, quantity=quantity - back, restocked=False)


def refunded_lines(refund: Raw) -> Iterator[tuple[str, Decimal]]:
    """(line id, units) of a refund; its lines have negative quantities, 0 where only money went back."""
    for row in rows(refund.get("line_items")):
        line, quantity = text(meta(row).get("_refunded_item_id")), abs(exact(row.get("quantity")))
        if line and quantity:
            yield line, quantity


def put_back(notes: dict[str, object]) -> Decimal:
    """Units of a line that refunds put back into the shop's stock, by the line's meta data."""
    return exact(text(notes.get("_restock_refunded_items")) or "0")
