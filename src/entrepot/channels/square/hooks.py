"""Square's webhooks: reading them, subscribing to them.

Source: Webhook Subscriptions API and webhook reference, read 2026-09. Order events are thin (ids only),
counts come whole. Events of the till are payment.* and inventory.count.updated; it publishes no order.* at
all.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from entrepot.channels.kit.numbers import exact
from entrepot.channels.kit.pages import query_pages
from entrepot.channels.kit.times import utc
from entrepot.channels.kit.webhook import json_body
from entrepot.contract import Api, Delivery, Gone, Hint, Kind, Response, Seen, StockSeen, Subscribed
from entrepot.kernel import Cause, ChannelError, Refusal

API_VERSION = "2026-09-16"

NAME = "Entrepot"
SUBSCRIPTIONS = "/v2/webhooks/subscriptions"


def door(delivery: Delivery, settings: Mapping[str, str]) -> Response | None:
    """None: Square sends no challenge, its test notification is an ordinary signed event."""
    return None


def read_events(delivery: Delivery, settings: Mapping[str, str]) -> list[Seen]:
    """What one event says or names; nothing for types we did not ask for. ChannelError NONSENSE if it has no
    type.
    """
    event = json_body(delivery)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ChannelError(Cause.NONSENSE, "a webhook of Square without a type")
    reader = READERS.get(event["type"])
    try:
        return list(reader(event)) if reader else []
    except (AttributeError, KeyError, TypeError, Refusal):
        raise ChannelError(Cause.NONSENSE, f"a webhook {event['type']} in no shape that we know") from None


def _order(event: dict[str, Any]) -> Iterator[Seen]:
    yield Hint(Kind.ORDER, event["data"]["id"])


def _paid(event: dict[str, Any]) -> Iterator[Seen]:
    """The order that a payment or a refund belongs to; a refund's is the return, whose sale `read_order`
    finds.
    """
    for part in (event["data"].get("object") or {}).values():
        if part.get("order_id"):
            yield Hint(Kind.ORDER, part["order_id"])


def _counted(event: dict[str, Any]) -> Iterator[Seen]:
    for count in event["data"]["object"].get("inventory_counts") or ():
        if count.get("state") == "IN_STOCK" and count.get("location_id"):
            yield StockSeen(
                item=count["catalog_object_id"],
                location=count["location_id"],
                quantity=exact(count["quantity"]),
                at=utc(count["calculated_at"]),
            )


def _catalogue(event: dict[str, Any]) -> Iterator[Seen]:
    yield Hint(Kind.LISTING)


def _location(event: dict[str, Any]) -> Iterator[Seen]:
    yield Hint(Kind.LOCATION, event["data"]["id"])


def _revoked(event: dict[str, Any]) -> Iterator[Seen]:
    yield Gone(Kind.CONNECTION, event["merchant_id"])


READERS: Mapping[str, Callable[[dict[str, Any]], Iterator[Seen]]] = {
    "order.created": _order,
    "order.updated": _order,
    "order.fulfillment.updated": _order,
    "payment.created": _paid,
    "payment.updated": _paid,
    "refund.created": _paid,
    "refund.updated": _paid,
    "inventory.count.updated": _counted,
    "catalog.version.updated": _catalogue,
    "location.created": _location,
    "location.updated": _location,
    "oauth.authorization.revoked": _revoked,
}

TOPICS = tuple(READERS)


def subscribe(api: Api, callback_url: str) -> Subscribed:
    """One subscription for all topics at `callback_url`: the one that is there, put right, else a new one.

    No idempotency key: Square would answer a later subscription with the deleted one of the same content.
    With a token granted by consent nothing is asked: subscriptions belong to the application, and whoever
    keeps that makes one for `callback_url` and gives its `subscription_id` and `signature_key`.
    """
    if api.settings.get("refresh_token"):
        return Subscribed(active=TOPICS if api.settings.get("subscription_id") else ())
    pages = query_pages(api, SUBSCRIPTIONS, include_disabled="true")
    known = [one for page in pages for one in page.json.get("subscriptions") or ()]
    ours = next((one for one in known if one.get("notification_url") == callback_url), None)
    wanted = {
        "name": NAME,
        "enabled": True,
        "event_types": list(TOPICS),
        "notification_url": callback_url,
        "api_version": API_VERSION,
    }
    if ours is None:
        made = api.post(SUBSCRIPTIONS, {"subscription": wanted}).json["subscription"]
        return _subscribed(made)
    if any(ours.get(field) != value for field, value in wanted.items()):
        api.put(f"{SUBSCRIPTIONS}/{ours['id']}", {"subscription": wanted})
    whole = api.get(f"{SUBSCRIPTIONS}/{ours['id']}").json["subscription"]
    return _subscribed(whole, revived=ours.get("enabled") is False)


def _subscribed(subscription: dict[str, Any], *, revived: bool = False) -> Subscribed:
    """Only creating and reading a single subscription show its signature key, listing and changing do not."""
    topics = tuple(subscription.get("event_types") or ())
    return Subscribed(
        active=topics,
        revived=topics if revived else (),
        settings={"signature_key": subscription["signature_key"], "subscription_id": subscription["id"]},
    )


def unsubscribe(api: Api) -> None:
    """Deletes the subscription that `subscribe` made; one that is gone already is fine, one that was made by
    hand stays."""
    made = api.settings.get("subscription_id")
    if not made or api.settings.get("refresh_token"):
        return
    try:
        api.delete(f"{SUBSCRIPTIONS}/{made}")
    except ChannelError as error:
        if error.cause is not Cause.MISSING:
            raise
