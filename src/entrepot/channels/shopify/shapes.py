"""The shapes of Shopify's values: ids, connections, amounts in two currencies."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.channels.kit.graphql import nodes
from entrepot.channels.kit.numbers import exact, money, text
from entrepot.channels.kit.times import utc
from entrepot.kernel import Money, Refusal
from entrepot.kernel.money import exponent

Raw = Mapping[str, Any]

_ID = re.compile(r"(?:gid://shopify/\w+/)?([0-9]{1,20})(?:\?.*)?")


def number(value: object) -> str:
    """'123' of 123, '123' and 'gid://shopify/Order/123'; '' of nothing. Ids can be larger than 2^53."""
    found = _ID.fullmatch(text(value))
    if not found and value:
        raise Refusal("shape", f"{text(value)[:60]!r} is no id of Shopify")
    return found[1] if found else ""


def gid(kind: str, id: str) -> str:
    """'gid://shopify/Order/123', as GraphQL names things."""
    return f"gid://shopify/{kind}/{number(id)}"


def ref(row: Raw, name: str) -> str:
    """The id that a row names: GraphQL as {name: {id}}, REST as {name_id}; '' for none."""
    inner = row.get(name)
    return number(inner.get("id")) if isinstance(inner, dict) else number(row.get(f"{name}_id"))


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list or of a connection."""
    return nodes(value)


def word(value: object) -> str:
    """A closed word in small letters: GraphQL shouts them, REST does not."""
    return text(value).lower()


def when(value: object) -> datetime | None:
    """The aware time of a text, None where there is none."""
    return utc(value) if value else None


def amount(row: Raw, name: str, currency: str) -> Money:
    """An amount in the currency the buyer pays, zero where it is left out.

    New payloads have it in both currencies under `<name>_set`, old ones as plain `<name>` in the shop's,
    which then must be `currency`. Refusal `currency_mix` otherwise.
    """
    given = _of(row, name, "presentment_money")
    if given is None:
        return money(row.get(name) or 0, currency)
    if text(given.get("currency_code")) != currency:
        raise Refusal("currency_mix", f"{name} is in {text(given.get('currency_code'))}, not in {currency}")
    return money(given.get("amount") or 0, currency)


def shop_amount(row: Raw, name: str) -> Money | None:
    """The same amount in the shop's own currency; None where it is not told."""
    given = _of(row, name, "shop_money")
    return money(given.get("amount") or 0, text(given.get("currency_code"))) if given else None


def price(row: Raw, name: str, currency: str) -> Decimal:
    """A unit price, exact: it may have more digits than the currency."""
    given = _of(row, name, "presentment_money")
    if given is None:
        return exact(row.get(name) or 0)
    if text(given.get("currency_code")) != currency:
        raise Refusal("currency_mix", f"{name} is in {text(given.get('currency_code'))}, not in {currency}")
    return exact(given.get("amount") or 0)


def currency_of(order: Raw) -> str:
    """The currency that the buyer pays in, a known one."""
    code = text(order.get("presentment_currency")) or text(order.get("currency"))
    exponent(code)
    return code


def _of(row: Raw, name: str, side: str) -> Raw | None:
    both = row.get(f"{name}_set")
    given = both.get(side) if isinstance(both, dict) else None
    return given if isinstance(given, dict) else None
