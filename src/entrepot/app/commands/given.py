"""What is given, checked: each Refusal names the path of what is wrong."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from entrepot import catalog
from entrepot.kernel import Money, Refusal
from entrepot.kernel.money import decimal, exponent, parse
from entrepot.kernel.quantity import PIECES_MAX

E = TypeVar("E", bound=StrEnum)

NAME_MAX, TEXT_MAX = 100, 500


def name(text: str, field: str) -> str:
    """A reference, a number: 1 to 100 printable letters without blanks around them. Refusal `reference`."""
    if not 0 < len(text) <= NAME_MAX or not text.isprintable() or text != text.strip():
        raise Refusal(
            "reference", f"{text[:NAME_MAX]!r} is not 1 to {NAME_MAX} printable letters", field=field
        )
    return text


def words(text: str, field: str, *, needed: bool = False) -> str:
    """A text for people, at most 500 letters. Refusal `text`."""
    found = text.strip()
    if len(found) > TEXT_MAX or (needed and not found):
        least = 1 if needed else 0
        raise Refusal("text", f"a text has {least} to {TEXT_MAX} letters, not {len(found)}", field=field)
    return found


def quantity(text: str, field: str) -> Decimal:
    """More than nothing, and less than any shop holds. Refusal `quantity`."""
    try:
        found = decimal(text)
    except Refusal:
        raise Refusal("quantity", f"{text[:40]!r} is not a quantity", field=field) from None
    if not 0 < found <= PIECES_MAX:
        raise Refusal("quantity", f"a quantity is more than nothing, not {text[:40]}", field=field)
    return found


def quantities(given: Mapping[str, str], field: str = "lines") -> dict[str, Decimal]:
    """Key → quantity. Refusal `quantity`."""
    return {key: quantity(text, f"{field}.{key[:40]}") for key, text in given.items()}


def money(text: str, currency: str, field: str, *, least: int = 0) -> Money:
    """An amount, not negative. Refusal `money_malformed`, `money_digits`, `currency_unknown`."""
    try:
        found = parse(text, currency)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.why, field=field) from None
    if found.minor < least:
        raise Refusal("money_malformed", f"an amount here is not negative: {text[:40]}", field=field)
    return found


def currency(text: str, field: str) -> str:
    """An ISO 4217 code. Refusal `currency_unknown`."""
    try:
        exponent(text)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.why, field=field) from None
    return text


def price(text: str, field: str) -> Decimal:
    """A price of one unit, which may have more digits than the currency. Refusal `money_malformed`."""
    try:
        found = decimal(text)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.why, field=field) from None
    if found < 0:
        raise Refusal("money_malformed", f"a price is not negative: {text[:40]}", field=field)
    return found


def code(text: str, field: str) -> str:
    """The code of a SKU. Refusal `sku_code`."""
    try:
        return catalog.code_of(text)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.why, field=field) from None


def word(text: str, words_known: type[E], field: str) -> E:
    """One of a few words. Refusal `word`."""
    known = [str(one) for one in words_known]
    if text not in known:
        raise Refusal("word", f"{text[:40]!r} is none of {', '.join(known)}", field=field)
    return words_known(text)
