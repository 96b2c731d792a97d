"""What an order costs: lines, discounts, charges and taxes as given, to the cent."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from entrepot.app.commands import given
from entrepot.app.commands.selling_arguments import ChargeWanted, DiscountWanted, LineWanted, TaxWanted
from entrepot.contract import ChargeKind, ChargeSeen, DiscountSeen, TaxSeen
from entrepot.kernel import Money, Refusal
from entrepot.kernel.money import MINOR_MAX, allocate, exponent, zero
from entrepot.orders import PlacedLine

RATE_MAX = 20


def lines(wanted: Sequence[LineWanted], discounts: Sequence[DiscountSeen], currency: str) -> list[PlacedLine]:
    """The lines with what is charged for each, discounts subtracted."""
    alone = [_line(one, f"lines[{number}]", currency) for number, one in enumerate(wanted)]
    for number, discount in enumerate(discounts):
        weights = [one.amount.minor for one in alone]
        if discount.amount.minor > sum(weights):
            why = f"the discount of {discount.amount} is more than the lines come to"
            raise Refusal("discount", why, field=f"discounts[{number}].amount")
        if discount.amount.minor:
            parts = allocate(discount.amount, weights)
            alone = [_less(one, part) for one, part in zip(alone, parts, strict=True)]
    return alone


def _line(one: LineWanted, field: str, currency: str) -> PlacedLine:
    quantity = given.quantity(one.quantity, f"{field}.quantity")
    whole, unit_price = _price(one, quantity, field, currency)
    discount = given.money(one.discount, currency, f"{field}.discount") if one.discount else zero(currency)
    if discount.minor > whole.minor:
        raise Refusal("discount", f"a discount of {discount} on {whole}", field=f"{field}.discount")
    return PlacedLine(
        sku=given.code(one.sku, f"{field}.sku"),
        title=given.words(one.title, f"{field}.title"),
        quantity=quantity,
        amount=whole - discount,
        unit_price=unit_price,
        discount=discount if discount.minor else None,
        location=one.location,
        holds=tuple(one.holds),
    )


def _price(one: LineWanted, quantity: Decimal, field: str, currency: str) -> tuple[Money, Decimal | None]:
    """What a line costs before discounts, and one unit of it, if that was said. Refusal `price_missing`,
    `price_disagrees`, or `price_uneven` if the units do not come to whole minor units."""
    whole = given.money(one.price, currency, f"{field}.price") if one.price else None
    if not one.unit_price:
        if whole is None:
            raise Refusal("price_missing", "a line needs a unit_price or a price", field=field)
        return whole, None
    unit_price = given.price(one.unit_price, f"{field}.unit_price")
    minor = Fraction(unit_price) * Fraction(quantity) * 10 ** exponent(currency)
    if whole is not None:
        if abs(minor - whole.minor) >= 1:
            why = f"{quantity} at {unit_price} are not {whole}"
            raise Refusal("price_disagrees", why, remedy="Say one of them", field=f"{field}.price")
        return whole, unit_price
    if minor.denominator != 1 or minor > MINOR_MAX:
        raise Refusal(
            "price_uneven",
            f"{quantity} at {unit_price} do not come to whole minor units of {currency}",
            remedy="Say the price of the line",
            field=f"{field}.unit_price",
        )
    return Money(int(minor), currency), unit_price


def _less(one: PlacedLine, part: Money) -> PlacedLine:
    discount = part if one.discount is None else one.discount + part
    return msgspec.structs.replace(
        one, amount=one.amount - part, discount=discount if discount.minor else None
    )


def charges(wanted: Sequence[ChargeWanted], currency: str) -> list[ChargeSeen]:
    """Amounts beside the lines."""
    return [_charge(one, f"charges[{number}]", currency) for number, one in enumerate(wanted)]


def _charge(one: ChargeWanted, field: str, currency: str) -> ChargeSeen:
    kind = given.word(one.kind, ChargeKind, f"{field}.kind")
    if kind is ChargeKind.UNKNOWN:
        raise Refusal("word", "a charge needs a kind that is known", field=f"{field}.kind")
    whole = given.money(one.amount, currency, f"{field}.amount")
    discount = given.money(one.discount, currency, f"{field}.discount") if one.discount else zero(currency)
    if discount.minor > whole.minor:
        raise Refusal("discount", f"a discount of {discount} on {whole}", field=f"{field}.discount")
    title = given.words(one.title, f"{field}.title")
    return ChargeSeen(
        kind=kind, title=title, amount=whole - discount, discount=discount if discount.minor else None
    )


def discounts(wanted: Sequence[DiscountWanted], currency: str) -> list[DiscountSeen]:
    """Discounts on all lines."""
    return [
        DiscountSeen(
            title=given.words(one.title, f"discounts[{number}].title"),
            amount=given.money(one.amount, currency, f"discounts[{number}].amount"),
        )
        for number, one in enumerate(wanted)
    ]


def taxes(wanted: Sequence[TaxWanted], currency: str) -> list[TaxSeen]:
    """Taxes of the whole order."""
    return [
        TaxSeen(
            title=given.words(one.title, f"taxes[{number}].title"),
            amount=given.money(one.amount, currency, f"taxes[{number}].amount"),
            rate=_rate(one.rate, f"taxes[{number}].rate"),
        )
        for number, one in enumerate(wanted)
    ]


def _rate(text: str, field: str) -> str:
    """An exact fraction of 1 as text. Refusal `rate`."""
    if not text:
        return ""
    found = given.price(text, field)
    if len(text) > RATE_MAX or found > 1:
        raise Refusal("rate", f"a rate is a fraction of 1 such as 0.19, not {text[:RATE_MAX]}", field=field)
    return text
