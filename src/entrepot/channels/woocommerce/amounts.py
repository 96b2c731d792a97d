"""What a WooCommerce order charges beside its lines. Every amount excludes tax; taxes stand apart."""

from collections.abc import Iterator, Sequence

from entrepot.channels.kit.numbers import exact, rounded_money, text
from entrepot.channels.woocommerce.shapes import Raw, rows
from entrepot.contract import ChargeKind, ChargeSeen, DiscountSeen, Stated, TaxSeen
from entrepot.kernel import Money
from entrepot.kernel.money import total as added


def charges(raw: Raw, currency: str) -> tuple[ChargeSeen, ...]:
    """Shipping, then fees (which may be negative: a plugin's discount)."""
    return (
        *_charges(raw.get("shipping_lines"), ChargeKind.SHIPPING, "method_title", currency),
        *_charges(raw.get("fee_lines"), ChargeKind.FEE, "name", currency),
    )


def discounts(raw: Raw, currency: str) -> tuple[DiscountSeen, ...]:
    """Coupons, for information: line totals have them subtracted."""
    return tuple(
        DiscountSeen(title=text(row.get("code")), amount=_amount(row, "discount", currency))
        for row in rows(raw.get("coupon_lines"))
    )


def stated(raw: Raw, currency: str) -> Stated:
    """The sums that the order states itself. Its parts are each rounded by themselves, see `rounding`.

    Of refunds it states their totals one by one: a second word on them where they were read as resources.
    """
    backs = [-_amount(row, "total", currency) for row in rows(raw.get("refunds"))]
    return Stated(
        discounts=_said(raw, "discount_total", currency),
        taxes=_said(raw, "total_tax", currency),
        shipping=_said(raw, "shipping_total", currency),
        refunds=added(backs, currency) if isinstance(raw.get("refunds"), list) else None,
        loose=True,
    )


def taxes(raw: Raw, currency: str) -> tuple[TaxSeen, ...]:
    """One per tax rate, goods and shipping together; a nameless one where a plugin books tax without rate."""
    known = tuple(
        TaxSeen(title=text(row.get("label")), amount=_tax(row, currency), rate=_rate(row.get("rate_percent")))
        for row in rows(raw.get("tax_lines"))
    )
    whole = _amount(raw, "total_tax", currency)
    return known if known or not whole.minor else (TaxSeen(title="", amount=whole),)


def rounding(whole: Money, parts: Sequence[Money]) -> tuple[ChargeSeen, ...]:
    """The minor units that lie between an order's total and the sum of its parts, if rounding explains them.

    WooCommerce calculates with six decimals, rounds the total, and shows every part rounded by itself: three
    lines of 8.403361 and a tax of 4.789916 make 30.00, but are shown as 8.40 and 4.79 (prices entered with
    tax). Each part is off by half a minor unit at most; a larger difference is not ours to explain.
    """
    rest = whole - added(parts, whole.currency)
    if not rest.minor or 2 * abs(rest.minor) > len(parts):
        return ()
    return (ChargeSeen(kind=ChargeKind.ROUNDING, title="rounding", amount=rest),)


def _charges(value: object, kind: ChargeKind, title: str, currency: str) -> Iterator[ChargeSeen]:
    for row in rows(value):
        yield ChargeSeen(
            kind=kind,
            title=text(row.get(title)),
            amount=_amount(row, "total", currency),
            tax=_amount(row, "total_tax", currency),
        )


def _tax(row: Raw, currency: str) -> Money:
    return _amount(row, "tax_total", currency) + _amount(row, "shipping_tax_total", currency)


def _amount(row: Raw, field: str, currency: str) -> Money:
    """A decimal text with up to six decimals; blank counts as nothing, as WooCommerce itself counts it."""
    return rounded_money(text(row.get(field)) or "0", currency)


def _said(raw: Raw, field: str, currency: str) -> Money | None:
    return _amount(raw, field, currency) if text(raw.get(field)) else None


def _rate(percent: object) -> str:
    """'0.19' for 19 %; '' where an older shop does not say."""
    value = text(percent)
    return f"{exact(value).scaleb(-2).normalize():f}" if value else ""
