"""What an adapter understood of a document, for people: an order with all its figures, or one line."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from entrepot.cli.showing import console, table, when
from entrepot.contract import (
    AddressSeen,
    Disagreement,
    Gone,
    Hint,
    LineSeen,
    ListingSeen,
    LocationSeen,
    OrderSeen,
    Passage,
    RefundSeen,
    ReturnSeen,
    StockSeen,
    disagreements,
)
from entrepot.kernel import Money


def print_passage(passage: Passage) -> None:
    """One part of a document."""
    where = f" at {passage.at}" if passage.at else ""
    if passage.code:
        _say(f"\n{passage.kind.value}{where}: {passage.code}: {passage.why}")
        return
    for seen in passage.seen:
        if isinstance(seen, OrderSeen):
            _say(f"\norder{where}")
            _order(seen)
        else:
            _say(f"{passage.kind.value}{where}: {told(seen)}")
    if not passage.seen:
        _say(f"{passage.kind.value}{where}: says nothing to the hub")


def told(seen: object) -> str:
    """Anything but an order, as a sentence."""
    match seen:
        case Hint(kind, id):
            return (
                f"something changed: the hub reads {kind.value} {id}" if id else f"read all of {kind.value}"
            )
        case Gone(kind, id):
            return f"{kind.value} {id} is gone"
        case StockSeen():
            return f"{seen.quantity:f} of {seen.item} {_in(seen.location)}at {when(seen.at)} UTC"
        case ListingSeen():
            places = "stock not tracked" if not seen.locations else f"{len(seen.locations)} stock figures"
            state = "on sale" if seen.active else "not on sale"
            return f"{seen.item}, SKU {seen.sku or '–'}, {seen.title or '–'}, {state}, {places}"
        case LocationSeen():
            state = "active" if seen.active else "closed"
            return f"{seen.external_id}, {seen.name}, {seen.country or '–'}, {state}"
        case RefundSeen():
            return f"refund {seen.external_id} of {seen.amount}, {_units(seen.lines)}"
        case ReturnSeen():
            return f"return {seen.external_id} of order {seen.order or '–'}, {_units(seen.lines)}"
        case _:
            raise AssertionError(f"no words for {type(seen).__name__}")


def verdict(wrong: Sequence[Disagreement]) -> str:
    """'agrees to the cent: no: total: the channel says …'."""
    return f"agrees to the cent: {'no: ' + '; '.join(map(str, wrong)) if wrong else 'yes'}"


def _order(order: OrderSeen) -> None:
    for name, value in _facts(order):
        if value:
            _say(f"  {name:<12} {value}")
    table("Lines", ["item", "SKU", "title", "ordered", "amount", "discount", "tax", "of it"],
          [[line.item or "–", _plain(line.sku), _plain(line.title), f"{line.ordered:f}",
            _digits(line.amount), _digits(line.discount), _digits(line.tax), _fate(line)]
           for line in order.lines], right=["ordered", "amount", "discount", "tax"])  # fmt: skip
    rows = [*_money(order), ("total", "", order.total)]
    table("Money", ["", "", "amount"], [[what, _plain(name), value] for what, name, value in rows],
          right=["amount"])  # fmt: skip
    for sentence in order.notes:
        _say(f"  note: {sentence}")
    _say(verdict(disagreements(order)))


def _facts(order: OrderSeen) -> Iterator[tuple[str, str]]:
    buyer = order.customer
    yield "number", f"{order.number} (id {order.external_id})"
    yield "version", order.version.key
    yield "placed", f"{when(order.placed_at)} UTC, changed {when(order.changed_at)} UTC"
    yield "state", f"{order.commercial.value}, {order.payment.value}"
    yield "taxes", f"{'in' if order.tax_inclusive else 'on top of'} the amounts"
    yield "location", order.location
    yield "customer", ", ".join(filter(None, (buyer.name, buyer.email, buyer.phone))) if buyer else ""
    yield "ship to", _address(order.ship_to)
    yield "bill to", _address(order.bill_to)


def _money(order: OrderSeen) -> Iterator[tuple[str, str, Money]]:
    """Everything beside the lines, and the sums that the channel states itself."""
    yield from (("charge", f"{one.kind.value} {one.title}", one.amount) for one in order.charges)
    yield from (("tax", f"{one.title} {one.rate}", one.amount) for one in order.taxes)
    yield from (("discount", one.title, one.amount) for one in order.discounts)
    yield from (("payment", f"{one.method}, {one.state.value}", one.amount) for one in order.payments)
    yield from (("refund", f"{one.reason}, {_units(one.lines)}", one.amount) for one in order.refunds)
    stated = order.stated
    for name in ("lines", "discounts", "taxes", "shipping", "refunds"):
        said = getattr(stated, name) if stated else None
        if said is not None:
            yield "stated", name, said


def _fate(line: LineSeen) -> str:
    names = ("cancelled", "shipped", "returned")
    told_of = [f"{getattr(line, name):f} {name}" for name in names if getattr(line, name)]
    if line.handed_over:
        told_of.append(f"handed over in {line.handed_over}")
    return ", ".join(told_of) if line.goods else "no goods"


def _address(place: AddressSeen | None) -> str:
    if place is None:
        return ""
    parts = (place.name, place.company, *place.street, f"{place.postcode} {place.city}".strip(), place.region)
    return ", ".join(filter(None, (*parts, place.country)))


def _units(lines: Sequence[object]) -> str:
    counts = [getattr(line, "quantity", Decimal(0)) for line in lines]
    return f"{sum(counts, Decimal(0)):f} units back" if counts else "no goods"


def _in(location: str) -> str:
    return f"in {location} " if location else ""


def _digits(value: Money | None) -> str:
    """The amount without the currency, which is the order's."""
    return str(value).partition(" ")[0] if value else "–"


def _plain(text: str) -> str:
    """Text of a file on one line, without signs that would move the cursor or colour the rest."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def _say(sentence: str) -> None:
    lead = "\n" if sentence.startswith("\n") else ""
    indent = sentence.removeprefix("\n")
    shown = "".join(sign if sign.isprintable() else " " for sign in indent)
    console().print(lead + shown, markup=False, highlight=False, soft_wrap=True)
