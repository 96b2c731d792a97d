"""Drafting: what a testimony makes of an order and its lines, beside what we hold, before anything is
written."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from entrepot import catalog, connections, places
from entrepot.connections import Connection
from entrepot.contract import Commercial, LineSeen, OrderSeen, disagreements
from entrepot.db import Tx
from entrepot.kernel import Ids, Refusal
from entrepot.orders.counts import Counts, counts, gone
from entrepot.orders.model import Kind, Line, Order, fulfilment, odd_steps, where

Trouble = dict[tuple[str, Kind], str]


class Testimony(msgspec.Struct, frozen=True, kw_only=True):
    """An order as seen. `asked_at`: when we began to ask for it; None: the channel told us, at `as_of`."""

    order: OrderSeen
    as_of: datetime
    asked_at: datetime | None = None
    force: bool = False  # heal: the same testimony again, because what we know has changed
    holds: Mapping[str, Sequence[tuple[str, int]]] = {}  # its line → (hold, pieces) that it takes over


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What intake looks things up in."""

    skus: Mapping[str, catalog.Sku]
    by_item: Mapping[str, str]  # the channel's item → SKU id
    by_text: Mapping[str, str]  # SKU text → SKU id
    locations: Mapping[str, str]  # the channel's location → ours, '' if unmapped
    network: tuple[str, ...]
    connection_id: str
    ids: Ids
    now: datetime


class Draft(msgspec.Struct, kw_only=True):
    """One order on its way through intake. `said`, `said_before`: the channel's line id → what it says of the
    line now, and said in the version before."""

    order: Order
    before: Order | None
    lines: list[Line]
    before_lines: Mapping[str, Line]
    said: Mapping[str, LineSeen]
    said_before: Mapping[str, LineSeen]
    trouble: Trouble
    holds: Mapping[str, Sequence[tuple[str, int]]]

    def place(self, line: Line) -> str:
        """The channel's location of a line."""
        return _place(self.said.get(line.external_id), self.order.seen)

    def place_before(self, line: Line) -> str | None:
        """The channel's location of a line in the version before; None if we did not hold it."""
        if self.before is None or line.external_id not in self.before_lines:
            return None
        return _place(self.said_before.get(line.external_id), self.before.seen)


def look_up(
    tx: Tx, connection: Connection, seen: Sequence[OrderSeen], held: Mapping[str, Mapping[str, Line]]
) -> Known:
    """The listings, SKUs, locations and network that a batch of orders of one connection speaks of."""
    every = [line for order in seen for line in order.lines]
    listings = catalog.listings(tx, connection.id, {line.item for line in every if line.item})
    ids = {one.sku_id for one in listings.values() if one.sku_id}
    ids |= {line.sku_id for lines in held.values() for line in lines.values() if line.sku_id}
    linked = catalog.skus(tx, ids=ids)
    texts = {line.sku: _code(line.sku) for line in every if line.sku}
    named = catalog.skus(tx, codes=set(texts.values()) - {""} - {sku.code for sku in linked})
    by_code = {sku.code: sku for sku in (*linked, *named)}
    return Known(
        skus={sku.id: sku for sku in by_code.values()},
        by_item={item: one.sku_id for item, one in listings.items() if one.sku_id},
        by_text={text: by_code[code].id for text, code in texts.items() if code in by_code},
        locations=connections.locations(tx, connection.id),
        network=places.networks(tx).get(connection.network_id, ()),
        connection_id=connection.id,
        ids=tx.ids,
        now=tx.now,
    )


def _code(text: str) -> str:
    try:
        return catalog.code_of(text)
    except Refusal:
        return ""


def draft(one: Testimony, before: Order | None, before_lines: Mapping[str, Line], known: Known) -> Draft:
    """The order that a testimony makes, with everything that is wrong with it. People are added by intake."""
    seen = one.order
    id = before.id if before else known.ids.new()
    trouble = _of_order(seen, before)
    lines = [
        _line(id, line, before_lines.get(line.external_id), order=seen, known=known, trouble=trouble)
        for line in seen.lines
    ]
    said = {line.external_id: line for line in seen.lines}
    said_before = {line.external_id: line for line in before.seen.lines} if before else {}
    lines += [
        _with(line, gone(line)) for external_id, line in before_lines.items() if external_id not in said
    ]
    order = Order(
        id=id,
        connection_id=known.connection_id,
        version_key=seen.version.key,
        digest=seen.version.digest,
        as_of=one.asked_at or one.as_of,
        version=before.version + 1 if before else 1,
        person_id=before.person_id if before else "",
        received_at=before.received_at if before else known.now,
        seen=seen,
        fulfilment=fulfilment([line for line in lines if line.sku_id or line.ordered]),
    )
    return Draft(
        order=order,
        before=before,
        lines=lines,
        before_lines=before_lines,
        said=said,
        said_before=said_before,
        trouble=trouble,
        holds=one.holds,
    )


def _place(line: LineSeen | None, order: OrderSeen) -> str:
    return where(line, order) if line else order.location


def _of_order(seen: OrderSeen, before: Order | None) -> Trouble:
    """What is wrong with an order as a whole."""
    trouble: Trouble = {}
    if seen.notes:
        trouble["", Kind.WORD] = "; ".join(seen.notes)
    if wrong := disagreements(seen):
        trouble["", Kind.TOTAL] = "; ".join(str(figure) for figure in wrong)
    if before and (odd := odd_steps(before.seen, seen)):
        trouble["", Kind.STEP] = "; ".join(odd)
    return trouble


def _line(
    order_id: str, seen: LineSeen, held: Line | None, *, order: OrderSeen, known: Known, trouble: Trouble
) -> Line:
    """The line as it is to be held; what is wrong with it goes into `trouble`."""
    sku_id = (
        (held.sku_id if held else "") or known.by_item.get(seen.item, "") or known.by_text.get(seen.sku, "")
    )
    id = held.id if held else known.ids.new()
    figures = Counts()
    if seen.goods:
        figures = counts(seen, order, held, known.skus[sku_id].scale if sku_id else 1)
        for kind, detail in figures.trouble.items():
            trouble[id, kind] = detail
        if not sku_id and order.commercial is not Commercial.DRAFT:
            named = " ".join(filter(None, (repr(seen.sku or seen.item), seen.title and f"({seen.title})")))
            trouble[id, Kind.UNMAPPED] = f"the channel's {named} is no SKU of ours yet"
        place = where(seen, order)
        if place and not known.locations.get(place):
            trouble[id, Kind.LOCATION] = f"the channel's location {place!r} is none of ours yet"
    line = held or Line(id=id, order_id=order_id, external_id=seen.external_id)
    line = msgspec.structs.replace(
        line,
        item=seen.item,
        sku_text=seen.sku,
        title=seen.title,
        sku_id=sku_id,
        amount=seen.amount.minor,
        taken=int(seen.taken),
        handed_over=bool(seen.handed_over),
    )
    return _with(line, figures)


def _with(line: Line, figures: Counts) -> Line:
    return msgspec.structs.replace(
        line,
        ordered=figures.ordered,
        cancelled=figures.cancelled,
        shipped=figures.shipped,
        returned=figures.returned,
        unsellable=figures.unsellable,
        shelved=figures.shelved,
        kept=figures.kept,
    )
