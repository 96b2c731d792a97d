"""Do an order's own figures add up? Each figure that does not is named, to the cent."""

from collections.abc import Iterator, Sequence

import msgspec

from entrepot.contract.seen import ChargeKind, ChargeSeen, LineSeen, OrderSeen
from entrepot.kernel import Money
from entrepot.kernel.money import total, zero


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """`figure` of the channel says `said`, its parts add up to `added`."""

    figure: str
    said: Money
    added: Money

    def __str__(self) -> str:
        return f"{self.figure}: the channel says {self.said}, its parts add up to {self.added}"


def disagreements(order: OrderSeen) -> list[Disagreement]:
    """The figures that do not add up, those that the channel states first, the total and the refunds last.

    None for an order that agrees to the cent.
    """
    found = [*_stated(order)]
    parts = [*_amounts(order.lines), *_amounts(order.charges)]
    if not order.tax_inclusive:
        parts += [tax.amount for tax in order.taxes]
    if (added := total(parts, order.currency)) != order.total:
        found.append(Disagreement(figure="total", said=order.total, added=added))
    refunded = total([refund.amount for refund in order.refunds], order.currency)
    if refunded.minor > max(order.total.minor, 0):
        found.append(Disagreement(figure="refunds", said=order.total, added=refunded))
    return found


def _stated(order: OrderSeen) -> Iterator[Disagreement]:
    """Each sum that the channel states and that its parts do not make."""
    stated = order.stated
    if stated is None:
        return
    shipping = [one for one in order.charges if one.kind is ChargeKind.SHIPPING]
    discounts = [one.discount for one in order.lines] + [one.discount for one in order.charges]
    checks = (
        ("lines", stated.lines, _before(order.lines, order.currency), 1),
        ("discounts", stated.discounts, [one for one in discounts if one], 1),
        ("taxes", stated.taxes, [tax.amount for tax in order.taxes], 2),  # of goods, and of shipping
        ("shipping", stated.shipping, _before(shipping, order.currency), 1),
        ("refunds", stated.refunds, [refund.amount for refund in order.refunds], 0),
    )
    for figure, said, parts, roundings in checks:
        added = total(parts, order.currency)
        if said is not None and not _near(said, added, roundings * len(parts) if stated.loose else 0):
            yield Disagreement(figure=figure, said=said, added=added)


def _near(said: Money, added: Money, rounded: int) -> bool:
    """Whether two sums are one, `rounded` parts being off by half a minor unit each at most."""
    return 2 * abs((said - added).minor) <= rounded


def _amounts(rows: Sequence[LineSeen | ChargeSeen]) -> list[Money]:
    return [row.amount for row in rows]


def _before(rows: Sequence[LineSeen | ChargeSeen], currency: str) -> list[Money]:
    """The amounts with their discounts added again."""
    return [row.amount + (row.discount or zero(currency)) for row in rows]
