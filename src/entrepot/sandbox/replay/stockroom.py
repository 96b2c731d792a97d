"""The stockroom: what people do in the hub itself during a replay: the opening stock, corrections, and goods
that come back without an order.
"""

import csv
import io
from collections.abc import Mapping, Sequence

import msgspec

from entrepot import catalog, ledger, places
from entrepot.access import at_command_line
from entrepot.app import Hub, perform
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.ledger import Move, Posting
from entrepot.places import Kind as PlaceKind
from entrepot.places import Places
from entrepot.sandbox.replay.daybook import Daybook, Invoice, Line
from entrepot.sandbox.replay.kinds import Kind
from entrepot.sync.worker import halve

LOCATION = "main"
CAUSE = "replay:"
"""The cause of a correction or a return: this, and the file's line number."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """`pieces` of an item that line `n` puts on the shelf (positive) or takes off it."""

    n: int
    item_id: str
    pieces: int
    reason: str
    invoice: Invoice
    returned: bool = False


class Stockroom:
    """One location with the merchant's whole stock. Open it with `open_stockroom`."""

    def __init__(self, hub: Hub, book: Daybook, items: Mapping[str, str]) -> None:
        self._hub, self._book, self.items = hub, book, items

    def acts(self, invoice: Invoice, lines: Sequence[Line]) -> list[Act]:
        """What an invoice's lines do to the stock besides orders and refunds."""
        found = [
            self._act(line, invoice, line.quantity, line.title or "no reason given")
            for line in lines if line.kind is Kind.CORRECTION
        ]  # fmt: skip
        if any(line.kind is Kind.RETURNED for line in lines):
            by_n = {line.n: line for line in lines}
            alone = self._book.ask(
                "SELECT n, units FROM part WHERE rank = ? AND target IS NULL AND units > 0", invoice.rank
            )
            found += [
                self._act(
                    by_n[n], invoice, units, f"came back without an order ({invoice.number})", returned=True
                )
                for n, units in alone
            ]
        return found

    def book(self, acts: Sequence[Act]) -> None:
        """Books acts in one transaction. What the shelf cannot give is refused, kept with its reason, and
        does not stop the others."""
        halve(list(acts), self._post, self._refused)

    def _act(self, line: Line, invoice: Invoice, pieces: int, reason: str, *, returned: bool = False) -> Act:
        return Act(n=line.n, item_id=self.items[line.sku], pieces=pieces, reason=reason, invoice=invoice,
                   returned=returned)  # fmt: skip

    def _post(self, acts: Sequence[Act]) -> None:
        def post(tx: Tx) -> None:
            here = places.load(tx)
            ledger.post(tx, here, [_posting(one, here) for one in acts])

        self._hub.store.run(post, actor="stockroom", source="replay")

    def _refused(self, act: Act, error: Exception) -> None:
        if not isinstance(error, Refusal):
            raise error
        self._book.db.execute("INSERT INTO refused VALUES (?, ?)", (act.n, error.code))


def open_stockroom(hub: Hub, book: Daybook, opening: Mapping[str, int]) -> Stockroom:
    """Makes the location, and every SKU with its opening stock, set by set."""
    titles: dict[str, str] = {}
    for _code, sku, title in book.goods():
        titles.setdefault(sku, title)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["sku", "location", "quantity", "title"])
    rows.writerows((sku, LOCATION, opening.get(sku, 0), title) for sku, title in titles.items())
    _tell(hub, "location.add", code=LOCATION)
    if titles:
        _tell(hub, "stock.import", csv=text.getvalue(), reference="opening", create=True)
    found = hub.store.read(lambda tx: catalog.skus(tx, codes=titles))
    return Stockroom(hub, book, {one.code: one.recipe[0][0] for one in found})


def _tell(hub: Hub, command: str, **arguments: object) -> None:
    perform(hub, command, arguments, who=at_command_line("replay"), source="replay")


def _posting(act: Act, here: Places) -> Posting:
    shelf = here.at(here.location(LOCATION).id, PlaceKind.SHELF)
    outside = here.outer(PlaceKind.GONE if act.returned else PlaceKind.LOST)
    source, target = (outside, shelf) if act.pieces > 0 else (shelf, outside)
    move = Move(item_id=act.item_id, source_id=source.id, target_id=target.id, quantity=abs(act.pieces))
    return Posting(cause=f"{CAUSE}{act.n}", moves=(move,), happened_at=act.invoice.at, reason=act.reason)
