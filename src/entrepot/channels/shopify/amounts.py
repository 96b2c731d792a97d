"""The money of a Shopify order: lines, charges, taxes, payments, refunds. Pure.

Everything is in the currency the buyer pays (presentment): there the parts add up to the cent; in the shop's
currency each of them was converted and rounded by itself. Shopify's totals are "before returns", so that
units removed without money (an edit, a cancellation of something unpaid) are taken off here: see `forgone`.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from entrepot.channels.kit.numbers import exact, money, text
from entrepot.channels.shopify.goods import PUT_BACK, Part, money_back
from entrepot.channels.shopify.shapes import Raw, amount, number, price, ref, rows, shop_amount, when, word
from entrepot.contract import (
    ChargeKind,
    ChargeSeen,
    DiscountSeen,
    Payment,
    PaymentSeen,
    RefundLine,
    RefundSeen,
    Stated,
    TaxSeen,
)
from entrepot.kernel import Money
from entrepot.kernel.money import allocate, total

FINANCIAL = {
    "pending": Payment.PENDING,
    "authorized": Payment.AUTHORISED,
    "partially_paid": Payment.PENDING,  # the rest is still owed
    "paid": Payment.PAID,
    "partially_refunded": Payment.PARTLY_REFUNDED,
    "refunded": Payment.REFUNDED,
    "voided": Payment.FAILED,
    "expired": Payment.FAILED,
}
"""`displayFinancialStatus`, in REST `financial_status`."""

OUTCOME = {
    "success": Payment.PAID,
    "pending": Payment.PENDING,
    "awaiting_response": Payment.PENDING,
    "failure": Payment.FAILED,
    "error": Payment.FAILED,
}
TAKES = frozenset({"sale", "capture"})
AUTHORISES = frozenset({"authorization", "emv_authorization"})


class Forgone(msgspec.Struct, frozen=True, kw_only=True):
    """Removed units that nobody pays for: what to take off each line, off the taxes and off the whole."""

    lines: dict[str, Money]
    tax: Money
    whole: Money
    shop: Money | None  # the whole in the shop's currency


def forgone(order: Raw, parts: Sequence[Part], currency: str) -> Forgone:
    """The refunded parts that no money was given for.

    If money follows later, it comes as a refund without parts: as much of them is then paid back, not
    forgone. The oldest are taken to be the ones, whole.
    """
    inclusive = bool(order.get("taxes_included"))
    later = total([money_back(one, currency) for one in _partless(order)], currency).minor
    lines: dict[str, Money] = {}
    tax = whole = Money(0, currency)
    shop: list[Money | None] = []
    for part in (one for one in parts if not one.given):
        value = part.subtotal if inclusive else part.subtotal + part.tax
        if later >= value.minor > 0:
            later -= value.minor
            continue
        lines[part.line] = lines.get(part.line, Money(0, currency)) + part.subtotal
        tax, whole = tax + part.tax, whole + value
        shop += [part.shop_subtotal] if inclusive else [part.shop_subtotal, part.shop_tax]
    known = [one for one in shop if one]
    sums = total(known, known[0].currency) if known and len(known) == len(shop) else None
    return Forgone(lines=lines, tax=tax, whole=whole, shop=sums)


def _partless(order: Raw) -> list[Raw]:
    return [one for one in rows(order.get("refunds")) if not rows(one.get("refund_line_items"))]


def settled(order: Raw, currency: str, lost: Forgone) -> Money | None:
    """The whole in the shop's currency, where that is another one and the order tells it."""
    whole = shop_amount(order, "total_price")
    if whole is None or whole.currency == currency:
        return None
    return whole - lost.shop if lost.shop else whole


def line_amount(line: Raw, currency: str) -> Money:
    """What is charged for a line as it was ordered: units times price, less its share of every discount."""
    gross = price(line, "price", currency) * exact(line["quantity"])
    return money(gross, currency) - discount(line, currency)


def discount(line: Raw, currency: str) -> Money:
    """A line's share of all discounts, also of those on the whole order."""
    shares = [amount(one, "amount", currency) for one in rows(line.get("discount_allocations"))]
    return total(shares, currency)


def tax(row: Raw, currency: str) -> Money:
    """The taxes of one line or of the shipping."""
    return total([amount(one, "price", currency) for one in rows(row.get("tax_lines"))], currency)


def charges(order: Raw, currency: str, left: Money) -> tuple[ChargeSeen, ...]:
    """Shipping, duties, further fees, and the tip. `left`: what of the order's total the lines do not
    explain.

    A tip at the checkout is a line of the order as well; then the total is explained without it.
    """
    found = [
        ChargeSeen(
            kind=ChargeKind.SHIPPING,
            title=text(one.get("title")),
            amount=amount(one, "price", currency) - discount(one, currency),
            tax=tax(one, currency),
            discount=discount(one, currency),
        )
        for one in rows(order.get("shipping_lines"))
        if not one.get("is_removed")
    ]
    found += [
        ChargeSeen(kind=ChargeKind.FEE, title=text(one.get("name")), amount=amount(one, "price", currency))
        for one in rows(order.get("additional_fees"))
    ]
    duties = amount(order, "original_total_duties", currency)
    if duties.minor and not order.get("duties_included"):
        found.append(ChargeSeen(kind=ChargeKind.FEE, title="duties", amount=duties))
    tip = amount(order, "total_tip_received", currency)
    if tip.minor and left != total([one.amount for one in found], currency):
        found.append(ChargeSeen(kind=ChargeKind.TIP, title="tip", amount=tip))
    return tuple(found)


def stated(order: Raw, currency: str, lost: Forgone) -> Stated:
    """The sums that an order states itself: REST all of them, our own question its taxes, GraphQL's other
    readers what they asked for.

    `subtotal_price` is passed over: the vendor's own examples state it with discounts and without.
    """
    lines, tax_sum = _said(order, "total_line_items_price", currency), _said(order, "total_tax", currency)
    return Stated(
        lines=lines - total(list(lost.lines.values()), currency) if lines else None,
        discounts=_said(order, "total_discounts", currency),
        taxes=tax_sum - lost.tax if tax_sum else None,
        shipping=_said(order, "total_shipping_price", currency),
        refunds=_said(order, "total_refunded", currency),
    )


def taxes(order: Raw, currency: str, less: Money) -> tuple[TaxSeen, ...]:
    """One per tax of the order, `less` the tax of what was forgone. `total_tax` is the word on their sum: a
    part of it that no tax line names (of the shipping, in some versions) is told without a name."""
    named = [
        TaxSeen(
            title=text(one.get("title")), amount=amount(one, "price", currency), rate=_rate(one.get("rate"))
        )
        for one in rows(order.get("tax_lines"))
    ]
    whole = amount(order, "total_tax", currency)
    rest = whole - total([one.amount for one in named], currency)
    if rest.minor and (order.get("total_tax") is not None or order.get("total_tax_set")):
        named.append(TaxSeen(title="", amount=rest))
    weights = [max(one.amount.minor, 0) for one in named]
    if not less.minor or not sum(weights):
        return tuple(named)
    shares = allocate(less, weights)
    return tuple(
        msgspec.structs.replace(one, amount=one.amount - share)
        for one, share in zip(named, shares, strict=True)
    )


def discounts(order: Raw, currency: str) -> tuple[DiscountSeen, ...]:
    """A line's share of the discounts, under the codes of the order: lines have it subtracted already."""
    codes = order.get("discount_codes") or ()
    title = ", ".join(text(one.get("code")) if isinstance(one, dict) else text(one) for one in codes)
    shares = ((one, discount(one, currency)) for one in rows(order.get("line_items")))
    return tuple(
        DiscountSeen(title=title, amount=share, line=number(one["id"]))
        for one, share in shares
        if share.minor
    )


def payments(order: Raw, currency: str) -> tuple[PaymentSeen, ...]:
    """Money taken, and money authorised that was not taken since. Webhooks and REST orders have none of
    it."""
    every = rows(order.get("transactions"))
    followed = {ref(one, "parent") for one in every if word(one.get("status")) == "success"}
    found = []
    for one in every:
        kind, state = word(one.get("kind")), OUTCOME.get(word(one.get("status")), Payment.UNKNOWN)
        if kind in AUTHORISES and number(one["id"]) not in followed:
            state = Payment.AUTHORISED if state is Payment.PAID else state
        elif kind not in TAKES:
            continue
        found.append(
            PaymentSeen(
                external_id=number(one["id"]),
                method=text(one.get("gateway")),
                amount=amount(one, "amount", currency),
                state=state,
                at=when(one.get("processed_at")),
            )
        )
    return tuple(found)


def refunds(order: Raw, parts: Sequence[Part], currency: str) -> tuple[RefundSeen, ...]:
    """Every refund, also those without money: they say what became of the goods."""
    found, left = [], list(parts)
    for one in rows(order.get("refunds")):
        size = len(rows(one.get("refund_line_items")))
        mine, left = left[:size], left[size:]
        places = {part.place for part in mine} - {""}
        found.append(
            RefundSeen(
                external_id=number(one["id"]),
                amount=money_back(one, currency),
                at=when(one.get("created_at")),
                reason=text(one.get("note")),
                lines=tuple(
                    RefundLine(line=part.line, quantity=part.units, restocked=part.restock in PUT_BACK)
                    for part in mine
                ),
                place=next(iter(places)) if len(places) == 1 else "",
            )
        )
    return tuple(found)


def _rate(value: object) -> str:
    """'0.19' of a fraction of 1; '' where it is not told."""
    return "" if value is None else f"{exact(value).normalize() + Decimal(0):f}"


def _said(order: Raw, name: str, currency: str) -> Money | None:
    """A sum in the buyer's currency; None where it is not stated in that one."""
    if not order.get(f"{name}_set") and text(order.get("currency")) != currency:
        return None
    told = order.get(name) is not None or bool(order.get(f"{name}_set"))
    return amount(order, name, currency) if told else None
