"""Money is exact, to the minor unit of its currency, and adds up."""

from decimal import Decimal
from typing import Any

from entrepot.channels.kit.json import decode
from entrepot.contract import Channel, OrderSeen, Payment, disagreements
from entrepot.kernel import Money
from entrepot.kernel.money import total
from entrepot.sandbox.conformance.bench import Bench, folder_of
from entrepot.sandbox.conformance.promise import Excused, holds, same


def an_order_adds_up(channel: Channel) -> None:
    """Lines, charges and taxes add up to the order's total, to the cent."""
    bench = Bench(channel)
    bench.good("JAR", price="19.99")
    bench.good("PIN", price="0.10")
    order = bench.order(bench.buy(JAR=3, PIN=3))
    same("the total of 3 × 19.99 and 3 × 0.10", order.total, Money(6027, "EUR"))
    same("the amounts of the lines", sorted(line.amount.minor for line in order.lines), [30, 5997])
    same("disagreements", _found(order), [])


def tax_is_counted_once(channel: Channel) -> None:
    """A tax of 19 % is counted once, whether it is added to the price or in it."""
    bench = Bench(channel, tax_percent="19")
    bench.good("POT", price="100.00")
    order = bench.order(bench.buy(POT=1))
    said = (order.total.minor, total([tax.amount for tax in order.taxes], "EUR").minor)
    holds(f"100.00 with 19 % is 119.00 with 19.00, or 100.00 with 15.97; came {said}",
          said in {(11900, 1900), (10000, 1597)})  # fmt: skip
    same("disagreements", _found(order), [])


def no_amount_passes_through_a_float(channel: Channel) -> None:
    """Amounts that a float falls short of are read exactly."""
    bench = Bench(channel)
    for price, minor in (("4.35", 435), ("1.15", 115), ("1111111111.29", 111111111129)):
        sku = f"AT-{minor}"
        bench.good(sku, price=price)
        order = bench.order(bench.sell({sku: 1}))
        said = (order.total, [line.amount for line in order.lines])
        same(price, said, (Money(minor, "EUR"), [Money(minor, "EUR")]))


def every_currency_has_its_own_digits(channel: Channel) -> None:
    """Yen have no digits behind the point, dinars three."""
    for currency, price, expected in (("JPY", "1500", 3000), ("KWD", "1.234", 2468)):
        bench = Bench(channel, currency=currency)
        bench.good("CUP", price=price)
        order = bench.order(bench.buy(CUP=2))
        same(f"2 × {price} {currency}", order.total, Money(expected, currency))
        same("disagreements", _found(order), [])


def quantity_and_price_of_a_line(channel: Channel) -> None:
    """A line says how many were ordered, at what price each, for what amount, and whose stock it is."""
    bench = Bench(channel)
    item = bench.good("CUP", price="12.50")
    lines = bench.order(bench.buy(CUP=3)).lines
    said = [(line.item, line.ordered, line.unit_price, line.amount, line.goods) for line in lines]
    same("the line of 3 cups at 12.50", said,
         [(item, Decimal(3), Decimal("12.50"), Money(3750, "EUR"), True)])  # fmt: skip


def a_refund_is_what_went_back(channel: Channel) -> None:
    """A refund is told with what went back, as a positive amount, and changes the state of the payment."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(CUP=3)
    for units, back, state in ((1, 1000, Payment.PARTLY_REFUNDED), (2, 3000, Payment.REFUNDED)):
        bench.wait(60)
        bench.shop.refund(id, {"CUP": units}, bench.now, restock=True)
        order = bench.order(id)
        given = total([refund.amount for refund in order.refunds], "EUR")
        same(
            f"refunded of 3 × 10.00 after {back // 1000}", (given, order.payment), (Money(back, "EUR"), state)
        )
        same("disagreements", _found(order), [])


def a_payment_is_what_was_paid(channel: Channel) -> None:
    """What is paid is told once, at its amount; what is given back is no payment."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(CUP=3)
    for refunded in (0, 1):
        if refunded:
            bench.shop.refund(id, {"CUP": refunded}, bench.now, restock=True)
        paid = [one.amount for one in bench.order(id).payments if one.state is Payment.PAID]
        same(f"payments of 3 × 10.00, {refunded} refunded", paid, [Money(3000, "EUR")])


def its_samples_read_as_expected(channel: Channel) -> None:
    """Every sample in the folder reads as written beside it."""
    bench = Bench(channel)
    files = sorted((folder_of(channel) / "samples").glob("*.json"))
    if not files:
        raise Excused("the folder has no samples")
    for path in files:
        sample = decode(path.read_bytes())
        read = _reading(bench.trial.read(sample))
        expected = {name: value for name, value in sample["expected"].items() if name in read}
        holds(f"{path.stem} expects nothing that can be compared", expected)
        same(path.stem, {name: read[name] for name in expected}, expected)


def _reading(order: OrderSeen) -> dict[str, Any]:
    """An order as the samples write it: texts."""
    return {
        "external_id": order.external_id,
        "number": order.number,
        "version": order.version.key,
        "commercial": order.commercial.value,
        "payment": order.payment.value,
        "total": str(order.total),
        "settled": str(order.settled) if order.settled else "",
        "moved": [[str(row.cancelled), str(row.shipped), str(row.returned)] for row in order.lines],
        "charges": [[row.kind.value, str(row.amount)] for row in order.charges],
        "taxes": [[row.title, str(row.amount), row.rate] for row in order.taxes],
        "disagreements": _found(order),
        "notes": list(order.notes),
    }


def _found(order: OrderSeen) -> list[str]:
    return [str(one) for one in disagreements(order)]
