"""Do an order's own figures add up? Each figure that does not is named, to the cent."""

import msgspec

from entrepot.contract.seen import OrderSeen
from entrepot.kernel import Money
from entrepot.kernel.money import total


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """`figure` of the channel says `said`, its parts add up to `added`."""

    figure: str
    said: Money
    added: Money

    def __str__(self) -> str:
        return f"{self.figure}: the channel says {self.said}, its parts add up to {self.added}"


def disagreements(order: OrderSeen) -> list[Disagreement]:
    """The figures that do not add up; none for an order that agrees to the cent."""
    found = []
    added = total(
        [line.amount for line in order.lines] + [charge.amount for charge in order.charges], order.currency
    )
    if not order.tax_inclusive:
        added = added + total([tax.amount for tax in order.taxes], order.currency)
    if added != order.total:
        found.append(Disagreement(figure="total", said=order.total, added=added))
    refunded = total([refund.amount for refund in order.refunds], order.currency)
    if refunded.minor > max(order.total.minor, 0):
        found.append(Disagreement(figure="refunds", said=order.total, added=refunded))
    return found
