"""Money: whole minor units of one ISO 4217 currency, parsed exactly from text, never a float."""

import re
from collections.abc import Sequence
from decimal import Context, Decimal
from functools import lru_cache

import msgspec

from entrepot.kernel.errors import Refusal

_TWO = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR
ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"""
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"

EXPONENTS: dict[str, int] = (
    dict.fromkeys(_TWO.split(), 2) | dict.fromkeys(_ZERO.split(), 0) | dict.fromkeys(_THREE.split(), 3)
)
"""Digits after the point by ISO 4217 code, as the standard's list of 2026-01 has them."""

_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
"""Decimal itself would also take 1_000, full-width digits and other scripts'."""

DIGITS_MAX, POWER_MAX = 60, 28
_EXACT = Context(prec=DIGITS_MAX)
"""Wide enough that nothing `decimal` lets through is rounded."""

MINOR_MAX = 10**15
"""No single amount of a shop is larger; a bigger one is a parsing mistake somewhere."""


class Money(msgspec.Struct, frozen=True, order=False):
    """`minor` whole minor units (cents, yen, fils) of `currency`."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __str__(self) -> str:
        return f"{text(self)} {self.currency}"

    def _same(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise Refusal("currency_mix", f"cannot combine {self.currency} with {other.currency}")
        return other


def exponent(currency: str) -> int:
    """Digits after the point of `currency`; Refusal `currency_unknown` for a code that is not in ISO 4217."""
    digits = EXPONENTS.get(currency)
    if digits is None:
        raise Refusal("currency_unknown", f"{currency!r} is not an ISO 4217 currency code")
    return digits


def parse(amount: str | Decimal | int, currency: str) -> Money:
    """The exact Money of a decimal text such as '12.50', '-3' or '1.5000'.

    Refusal `money_malformed` for anything that is not a plain decimal number, `money_digits` if it has more
    significant digits after the point than the currency (trailing zeros are no digits).
    """
    digits = exponent(currency)
    scaled = decimal(amount).scaleb(digits, _EXACT)
    if scaled != (minor := int(scaled)):
        raise Refusal("money_digits", f"{amount} has more than the {digits} digits that {currency} has")
    if abs(minor) > MINOR_MAX:
        raise Refusal("money_malformed", f"{amount} {currency} is larger than any amount of a shop")
    return Money(minor, currency)


def decimal(number: str | Decimal | int) -> Decimal:
    """The finite Decimal of a text; Refusal `money_malformed` for blanks, NaN, infinity, floats, words."""
    if isinstance(number, str):
        return _spelled(number)
    if isinstance(number, (float, bool)):
        raise Refusal("money_malformed", f"{number!r} is not a decimal number in text")
    return _usable(Decimal(number))


@lru_cache(4096)  # a shop writes the same few amounts again and again
def _spelled(number: str) -> Decimal:
    if not _PLAIN.fullmatch(number.strip()):
        raise Refusal("money_malformed", f"{number!r} is not a decimal number")
    return _usable(Decimal(number))


def _usable(value: Decimal) -> Decimal:
    if (
        not value.is_finite()
        or not -DIGITS_MAX <= value.adjusted() <= POWER_MAX
        or len(value.as_tuple().digits) > DIGITS_MAX
    ):
        raise Refusal("money_malformed", f"{str(value)[:DIGITS_MAX]!r} is not a usable number")
    return value


def text(money: Money) -> str:
    """The amount as decimal text with the currency's own digits: '12.50', '1000' for yen."""
    digits = exponent(money.currency)
    return f"{Decimal(money.minor).scaleb(-digits):.{digits}f}"


def zero(currency: str) -> Money:
    """No money, in `currency`."""
    return Money(0, currency)


def total(amounts: Sequence[Money], currency: str) -> Money:
    """The sum; `currency` says what nothing is counted in. Another currency among them is a Refusal."""
    result = zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def allocate(money: Money, weights: Sequence[int]) -> list[Money]:
    """`money` split in proportion to `weights` so that the parts add up exactly (largest remainder).

    Left-over minor units go to the largest remainders, the earlier of equals first. Weights are whole, not
    negative and not all zero; a negative amount is split as its positive and turned.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise Refusal("weights", f"weights must be whole, not negative and not all zero: {list(weights)}")
    size, sign = abs(money.minor), -1 if money.minor < 0 else 1
    shares = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(size * weights[n] % whole), n))
    for n in by_remainder[: size - sum(shares)]:
        shares[n] += 1
    return [Money(sign * share, money.currency) for share in shares]
