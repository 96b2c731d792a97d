"""Exact numbers out of a platform's JSON. No float gets this far: kit.json decodes numbers to Decimal."""

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from entrepot.kernel import Money, Refusal
from entrepot.kernel.money import DIGITS_MAX, decimal, exponent, parse

_WIDE = Context(prec=3 * DIGITS_MAX)
"""Digits to calculate with, so that nothing `exact` lets through is ever rounded by the calculation."""


def exact(value: object) -> Decimal:
    """The Decimal that a JSON value spells: '12.50', '-3', ' 7 ', 12, Decimal('0.5'), '1.0E-5'.

    Refusal `money_malformed` for a float, bool, None, blank, thousands separator, NaN and whatever is not one
    plain ASCII number of at most 60 digits.
    """
    if type(value) is str:
        if len(value) > DIGITS_MAX:
            raise Refusal("money_malformed", f"{value[:DIGITS_MAX]!r}… is no amount of a shop")
        return decimal(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise Refusal("money_malformed", f"{type(value).__name__} is not a decimal number")
    return decimal(value)


def money(value: object, currency: str) -> Money:
    """The exact Money of a JSON value; Refusal `money_digits` if it has more digits than the currency."""
    return _exactly(exact(value), currency)


def rounded_money(value: object, currency: str) -> Money:
    """Money rounded half away from zero to the currency's digits: only where the platform does so."""
    return _nearly(exact(value), currency)


@lru_cache(4096)  # a shop names the same few amounts again and again
def _exactly(value: Decimal, currency: str) -> Money:
    return parse(value, currency)


@lru_cache(4096)
def _nearly(value: Decimal, currency: str) -> Money:
    unit = Decimal((0, (1,), -exponent(currency)))
    return parse(value.quantize(unit, ROUND_HALF_UP, _WIDE), currency)


def integer(value: object) -> int:
    """The whole number that a JSON value spells: 12, '12', '12.000'.

    Refusal `not_whole` for 12.5, `money_malformed` for what is no number at all.
    """
    number = exact(value)
    if number != (whole := int(number)):
        raise Refusal("not_whole", f"{number} is not a whole number")
    return whole


def text(value: object) -> str:
    """Text as it is, a number as its plain digits, '' for None, False and PHP's empty [] and {}.

    Refusal `text_malformed` for true and for lists and objects with something in them.
    """
    if isinstance(value, str):
        return value
    if value is None or value is False or value in ([], {}):
        return ""
    if isinstance(value, int | Decimal) and value is not True:
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    raise Refusal("text_malformed", f"{type(value).__name__} stands where a text should be")
