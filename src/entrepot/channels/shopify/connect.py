"""Connecting a shop: what a first look finds out, and whether a person came back from Shopify's consent
page."""

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from entrepot.channels.kit.numbers import text
from entrepot.channels.kit.signs import another_version
from entrepot.channels.shopify import queries
from entrepot.channels.shopify.api import API_VERSION, ask, other_version
from entrepot.contract import Api, Probed
from entrepot.kernel import Cause, ChannelError
from entrepot.kernel.money import EXPONENTS

SCOPES = (
    "read_orders",
    "read_products",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "read_merchant_managed_fulfillment_orders",
    "read_returns",
)
"""What the app must be allowed. `read_all_orders` besides, for orders older than 60 days, is granted on
request."""

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com")

_WORDS = {
    Cause.DENIED: "Shopify refused the access token: is the app still installed, and are its id and secret "
    "right? Then: entrepot reconnect.",
    Cause.MISSING: "There is no shop at this address: use the permanent one, https://my-shop.myshopify.com.",
}


def probe(api: Api) -> Probed:
    """Whose shop it is, and what stands in the way: missing scopes, another API version, an unknown
    currency."""
    store = api.settings.get("store", "")
    try:
        told = ask(api, queries.SHOP)
    except ChannelError as error:
        if error.cause not in _WORDS:
            raise
        return Probed(account=store, facts={}, problems=(_WORDS[error.cause],))
    shop, granted = told.data["shop"], told.data["currentAppInstallation"] or {}
    scopes = {text(one.get("handle")) for one in granted.get("accessScopes") or ()}
    facts = {
        "name": text(shop.get("name")),
        "currency": text(shop.get("currencyCode")),
        "plan": text((shop.get("plan") or {}).get("publicDisplayName")),
        "api_version": other_version(told.reply) or API_VERSION,
    }
    return Probed(
        account=text(shop.get("myshopifyDomain")) or store,
        facts=facts,
        problems=tuple(_problems(facts, scopes)),
    )


def _problems(facts: Mapping[str, str], scopes: set[str]) -> Iterator[str]:
    if facts["api_version"] != API_VERSION:
        yield another_version("Shopify", asked=API_VERSION, said=facts["api_version"])
    missing = [one for one in SCOPES if one not in scopes and f"write_{one.partition('_')[2]}" not in scopes]
    if missing:
        yield f"The app lacks {', '.join(missing)}: add the access scopes and install it again."
    if facts["currency"] not in EXPONENTS:
        yield f"The shop's currency {facts['currency']!r} is not an ISO 4217 code."


def check_return(query: Sequence[tuple[str, str]], settings: Mapping[str, str]) -> str:
    """Why a person cannot come from this shop's page of consent: not signed with the app's secret, or of
    another shop. An emulated shop on this machine has no address of its own."""
    if not callback_valid(query, settings.get("client_secret", "")):
        return "The signature is missing or wrong: is it the client secret of the app that was consented to?"
    store, shop = settings.get("store", ""), shop_of(query)
    if not shop or (shop != store and not store.startswith("http://127.0.0.1:")):
        return "The consent was given by another shop than the one to be connected."
    return ""


def callback_valid(query: Sequence[tuple[str, str]], secret: str) -> bool:
    """Whether Shopify sent a person back to us: the hex HMAC over the sorted rest of the query. Fails closed.

    A name that ends in [] is a list: its values stand as a list of JSON strings. That `state` is the one we
    gave is the caller's to check.
    """
    given = [value for name, value in query if name == "hmac"]
    if len(given) != 1 or not secret:
        return False
    lists = {name for name, _ in query if name.endswith("[]")}
    single = [(name, value) for name, value in query if name not in lists and name != "hmac"]
    joined = [(name[:-2], _listed([v for n, v in query if n == name])) for name in lists]
    message = "&".join(f"{_escaped(name, '=')}={_escaped(value)}" for name, value in sorted(single + joined))
    expected = hmac.new(secret.encode(), message.encode(), sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given[0].encode(errors="replace"))


def shop_of(query: Sequence[tuple[str, str]]) -> str:
    """The address of the shop that a callback names; '' where it is none of Shopify's."""
    shop = dict(query).get("shop", "")
    return f"https://{shop}" if _SHOP.fullmatch(shop) else ""


def _listed(values: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _escaped(value: Any, more: str = "") -> str:
    """% and & (in names also =) are escaped, so that no value can pretend to be two."""
    for sign, code in (("%", "%25"), ("&", "%26"), *((sign, f"%{ord(sign):02X}") for sign in more)):
        value = str(value).replace(sign, code)
    return str(value)
