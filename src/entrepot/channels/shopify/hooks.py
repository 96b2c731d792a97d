"""Shopify's webhooks: reading them, subscribing to them.

Source: webhook guides, read 2026-09. Payloads are REST-shaped. An order's is never taken for the order
itself: it names variants, not the items that stock is kept of, does not say from which locations its goods
are taken, and is repeated for hours as it first was. It is a hint, and the order is read.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from entrepot.channels.kit.graphql import nodes, user_errors
from entrepot.channels.kit.numbers import exact, text
from entrepot.channels.kit.times import utc
from entrepot.channels.kit.webhook import json_body
from entrepot.channels.shopify import queries
from entrepot.channels.shopify.api import ask, pages
from entrepot.channels.shopify.shapes import gid, number, ref
from entrepot.contract import Api, Delivery, Gone, Hint, Kind, Response, Seen, StockSeen, Subscribed
from entrepot.kernel import Cause, ChannelError, Refusal

TOPIC_HEADER = "x-shopify-topic"
Body = Mapping[str, Any]


def door(delivery: Delivery, settings: Mapping[str, str]) -> Response | None:
    """None: Shopify sends no challenge."""
    return None


def read_events(delivery: Delivery, settings: Mapping[str, str]) -> list[Seen]:
    """What one delivery names or says; nothing for topics that are not ours. ChannelError NONSENSE for a body
    in no shape that we know."""
    reader = READERS.get(delivery.headers.get(TOPIC_HEADER, ""))
    if reader is None:
        return []
    body = json_body(delivery)
    try:
        return list(reader(body))
    except (AttributeError, KeyError, TypeError, Refusal):
        raise ChannelError(Cause.NONSENSE, "a webhook of Shopify in no shape that we know") from None


def _order(body: Body) -> Iterator[Seen]:
    yield Hint(Kind.ORDER, _id(body))


def _edited(body: Body) -> Iterator[Seen]:
    yield Hint(Kind.ORDER, _known(ref(body["order_edit"], "order")))


def _refunded(body: Body) -> Iterator[Seen]:
    yield Hint(Kind.ORDER, _known(ref(body, "order")))


def _deleted(body: Body) -> Iterator[Seen]:
    yield Gone(Kind.ORDER, _id(body))


def _level(body: Body) -> Iterator[Seen]:
    """The figure; without one the item is no longer tracked."""
    item, location = _known(ref(body, "inventory_item")), _known(ref(body, "location"))
    if body.get("available") is None:
        yield Hint(Kind.LISTING, item)
    else:
        yield StockSeen(
            item=item, location=location, quantity=exact(body["available"]), at=utc(body["updated_at"])
        )


def _catalogue(body: Body) -> Iterator[Seen]:
    yield Hint(Kind.LISTING)


def _location(body: Body) -> Iterator[Seen]:
    yield Hint(Kind.LOCATION, _id(body))


def _uninstalled(body: Body) -> Iterator[Seen]:
    yield Gone(Kind.CONNECTION, text(body.get("myshopify_domain")) or _id(body))


def _id(body: Body) -> str:
    return _known(number(body["id"]))


def _known(id: str) -> str:
    if not id:
        raise Refusal("shape", "a webhook names nothing")
    return id


READERS: Mapping[str, Callable[[Body], Iterator[Seen]]] = {
    "orders/create": _order,
    "orders/updated": _order,
    "orders/cancelled": _order,
    "orders/edited": _edited,
    "orders/delete": _deleted,
    "refunds/create": _refunded,
    "inventory_levels/update": _level,
    "inventory_levels/connect": _catalogue,
    "inventory_levels/disconnect": _catalogue,
    "products/create": _catalogue,
    "products/update": _catalogue,
    "products/delete": _catalogue,
    "locations/create": _location,
    "locations/update": _location,
    "locations/activate": _location,
    "locations/deactivate": _location,
    "locations/delete": _location,
    "app/uninstalled": _uninstalled,
}

TOPICS = tuple(READERS)


def subscribe(api: Api, callback_url: str) -> Subscribed:
    """One subscription per topic at `callback_url`, those that are missing made.

    Shopify removes a subscription after eight deliveries that failed in a row: one that we had made and that
    is gone is told as revived. The setting `hooks` keeps what we made: 'orders/create=123
    orders/updated=124'.
    """
    known = made(api.settings)
    there = {
        _topic(one["topic"]): number(one["id"])
        for told in pages(api, queries.HOOKS, "webhookSubscriptions")
        for one in nodes(told.data["webhookSubscriptions"])
        if one.get("uri") == callback_url and one.get("format") == "JSON"
    }
    missing = [topic for topic in TOPICS if topic not in there]
    ours = {topic: there.get(topic) or _create(api, topic, callback_url) for topic in TOPICS}
    return Subscribed(
        active=TOPICS,
        revived=tuple(topic for topic in missing if topic in known),
        settings={"hooks": " ".join(f"{topic}={id}" for topic, id in ours.items())},
    )


def unsubscribe(api: Api) -> None:
    """Deletes the subscriptions that `subscribe` made; one that is gone already is fine."""
    for id in made(api.settings).values():
        ask(api, queries.UNHOOK, {"id": gid("WebhookSubscription", id)}, changes=True)


def made(settings: Mapping[str, str]) -> dict[str, str]:
    """Topic → id of the subscriptions that we made."""
    pairs = (word.partition("=") for word in settings.get("hooks", "").split())
    return {topic: id for topic, _, id in pairs if id}


def _create(api: Api, topic: str, callback_url: str) -> str:
    hook = {"uri": callback_url, "format": "JSON"}
    asked = {"topic": topic.replace("/", "_").upper(), "hook": hook}
    result = ask(api, queries.HOOK, asked, changes=True).data["webhookSubscriptionCreate"]
    if errors := user_errors(result):
        raise ChannelError(Cause.REFUSED, f"Shopify refuses webhooks of {topic}: {errors[0].message}")
    return number(result["webhookSubscription"]["id"])


def _topic(word: str) -> str:
    """'orders/create' of 'ORDERS_CREATE'; the slash stands before the last word but for what we know
    better."""
    known = {topic.replace("/", "_").upper(): topic for topic in TOPICS}
    return known.get(word, word)
