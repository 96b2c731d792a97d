"""How the emulated Shopify writes things: ids, times, amounts in two currencies, and what it says no with."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
from graphql import GraphQLError

from entrepot.kernel.money import exponent

Json = dict[str, Any]


class Wrong(GraphQLError):
    """A question that cannot be answered: stands in `errors`, with a code."""

    def __init__(self, message: str, code: str = "BAD_REQUEST") -> None:
        super().__init__(message, extensions={"code": code})


class Currencies(msgspec.Struct, frozen=True, kw_only=True):
    """The shop's currency and the buyers'. `rate`: how much of the buyers' one of the shop's is."""

    shop: str
    presentment: str
    rate: Decimal

    def minor(self, price: str) -> int:
        """A price in the shop's currency as minor units of the buyers'."""
        return _round(Decimal(price) * self.rate, self.presentment)

    def bag(self, minor: int) -> Json:
        """A MoneyBag of minor units of the buyers' currency; the shop's amount is converted by itself."""
        buyers = Decimal(minor).scaleb(-exponent(self.presentment))
        shops = Decimal(_round(buyers / self.rate, self.shop)).scaleb(-exponent(self.shop))
        return {"shopMoney": _money(shops, self.shop), "presentmentMoney": _money(buyers, self.presentment)}


def _round(number: Decimal, currency: str) -> int:
    return int(number.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def _money(number: Decimal, currency: str) -> Json:
    """GraphQL writes amounts with one digit at least and no needless zeros: 12.0, 12.95."""
    plain = f"{number:f}"
    trimmed = plain.rstrip("0") if "." in plain else f"{plain}."
    return {"amount": f"{trimmed}0" if trimmed.endswith(".") else trimmed, "currencyCode": currency}


def gid(kind: str, id: int | str) -> str:
    """'gid://shopify/Order/1'."""
    return f"gid://shopify/{kind}/{id}"


def node(kind: str, id: int | str) -> Json:
    """What every node begins with."""
    return {"id": gid(kind, id), "legacyResourceId": str(id)}


def number(gid: object) -> str:
    """'1' of 'gid://shopify/Order/1'."""
    return str(gid).rsplit("/", maxsplit=1)[-1].partition("?")[0]


def stamp(moment: datetime) -> str:
    """Whole seconds, as GraphQL writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Numbers:
    """Draws ids: rising numbers, above 2^53 to begin with, as Shopify's own example has them."""

    def __init__(self, first: int = 9_100_000_000_000_001) -> None:
        self._next = first

    def draw(self) -> str:
        """The next one."""
        self._next += 1
        return str(self._next - 1)
