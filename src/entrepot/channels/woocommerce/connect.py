"""Connecting a WooCommerce shop: our webhooks there, and what a first look finds out."""

from typing import Any

from entrepot.channels.kit.numbers import integer, text
from entrepot.channels.kit.pages import link_pages
from entrepot.channels.woocommerce.shapes import Raw, record, rows
from entrepot.contract import Api, Probed, Subscribed
from entrepot.kernel import Cause, ChannelError, Refusal
from entrepot.kernel.money import EXPONENTS

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored", "product.updated")
NAME = "Entrepot"
VERSION_MIN = (5, 8)
"""The first version whose lists can be filtered by time of change."""

_FIELDS = (
    "environment.home_url,environment.version,environment.wp_version,"
    "settings.currency,settings.number_of_decimals"
)
_LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def subscribe(api: Api, callback_url: str) -> Subscribed:
    """Makes one webhook per topic and sets those active again that are not; calling it again changes nothing.

    WooCommerce switches a webhook off at the seventh failed delivery in a row, and tries none twice: what is
    in `revived` has lost events.
    """
    secret = api.settings.get("webhook_secret", "")
    if not secret:
        raise Refusal("webhook_secret_missing", "the hub has made no webhook secret for this shop")
    ours = {text(hook.get("topic")): hook for hook in _hooks(api) if hook.get("delivery_url") == callback_url}
    revived = []
    for topic in TOPICS:
        hook = ours.get(topic)
        wanted = {"delivery_url": callback_url, "secret": secret, "status": "active"}
        if hook is None:
            api.post("/webhooks", {"name": f"{NAME} {topic}", "topic": topic, **wanted})
        elif hook.get("status") != "active":
            api.put(f"/webhooks/{integer(hook.get('id'))}", wanted)
            revived.append(topic)
    return Subscribed(active=TOPICS, revived=tuple(revived))


def unsubscribe(api: Api) -> None:
    """Deletes the webhooks that carry our name; those of others stay."""
    for hook in list(_hooks(api)):
        if hook.get("name") == f"{NAME} {text(hook.get('topic'))}":
            api.delete(f"/webhooks/{integer(hook.get('id'))}", force="true")


def probe(api: Api) -> Probed:
    """The shop's address, versions and currency; problems where key, version or settings will not do."""
    store = api.settings.get("store", "")
    try:
        status = record(api.get("/system_status", _fields=_FIELDS).json)
    except ChannelError as error:
        if error.cause not in _WORDS:
            raise
        return Probed(account=store, facts={}, problems=(_WORDS[error.cause],))
    facts = _facts(status)
    problems = (*_plain_http(api), *_unfit(facts), *_stock_off(api), *_read_only(api))
    return Probed(account=facts["address"] or store, facts=facts, problems=problems)


_WORDS = {
    Cause.DENIED: "WooCommerce refused the key. Make one under WooCommerce > Settings > Advanced > REST API, "
    "for a user who is shop manager or administrator, and copy both parts. If the key is right, "
    "the server drops the Authorization header: choose to send it in the query.",
    Cause.MISSING: "There is no WooCommerce REST API at this address. Look whether the address is right and "
    "whether Settings > Permalinks is set to anything but 'Plain'.",
}


def _facts(status: Raw) -> dict[str, str]:
    environment, settings = record(status.get("environment")), record(status.get("settings"))
    return {
        "address": text(environment.get("home_url")),
        "version": text(environment.get("version")),
        "wordpress": text(environment.get("wp_version")),
        "currency": text(settings.get("currency")),
        "decimals": text(settings.get("number_of_decimals")),
    }


def _unfit(facts: dict[str, str]) -> list[str]:
    problems = []
    if _number(facts["version"]) < VERSION_MIN:
        problems.append(f"WooCommerce {facts['version']} cannot list what changed: update to 5.8 or later.")
    digits = EXPONENTS.get(facts["currency"])
    if digits is None:
        problems.append(f"The shop's currency {facts['currency']!r} is not an ISO 4217 code.")
    elif integer(facts["decimals"] or digits) > digits:
        problems.append(
            f"The shop calculates with {facts['decimals']} decimals, but {facts['currency']} has {digits}: "
            "totals that need more become exceptions. Set 'Number of decimals' in WooCommerce > Settings."
        )
    return problems


def _stock_off(api: Api) -> list[str]:
    setting: Any = api.get("/settings/products/woocommerce_manage_stock").json
    on = isinstance(setting, dict) and setting.get("value") == "yes"
    return (
        []
        if on
        else ["Stock management is off: tick it under WooCommerce > Settings > Products > Inventory."]
    )


def _read_only(api: Api) -> list[str]:
    """An empty batch changes nothing, but a key that may only read is refused it."""
    try:
        api.post("/products/batch", {"update": []}, safe=True)
    except ChannelError as error:
        if error.cause is not Cause.DENIED:
            raise
        return ["The key may only read: give it the permission Read/Write."]
    return []


def _plain_http(api: Api) -> list[str]:
    store = api.settings.get("store", "")
    if (
        store.startswith("https://")
        or store.startswith(_LOCAL)
        or api.settings.get("credentials_in") == "oauth1"
    ):
        return []
    return ["The address is not https: the key travels in the open. Use https, or sign the calls (oauth1)."]


def _number(version: str) -> tuple[int, ...]:
    """(10, 7, 0) of '10.7.0-beta.1'."""
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdecimal())


def _hooks(api: Api) -> list[Raw]:
    pages = link_pages(api, "/webhooks", per_page=100, status="all", orderby="id", order="asc")
    return [hook for page in pages for hook in rows(page.json)]
