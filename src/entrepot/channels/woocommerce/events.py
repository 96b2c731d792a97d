"""What WooCommerce posts to us: the ping of a new webhook, and resources as they are when they are sent.

Source: class-wc-webhook.php of woocommerce/woocommerce at 00e1bc4d, read 2026-11.
"""

import re
from collections.abc import Mapping
from typing import Any

from entrepot.channels.kit.numbers import integer, text
from entrepot.channels.kit.webhook import json_body
from entrepot.channels.woocommerce.orders import order_seen
from entrepot.channels.woocommerce.shapes import Raw, moment, rows
from entrepot.channels.woocommerce.stock import is_variable, listing, stock
from entrepot.contract import Delivery, Gone, Hint, Kind, Response, Seen

_PING = re.compile(rb"webhook_id=\d{1,19}")
_KINDS = {"order": Kind.ORDER, "product": Kind.LISTING}
_EVENTS = frozenset({"created", "updated", "restored", "deleted"})


def door(delivery: Delivery, settings: Mapping[str, str]) -> Response | None:
    """200 for the ping of a new webhook: a form `webhook_id=N`, no topic, no signature, nothing to learn."""
    headers = delivery.headers
    signed = "x-wc-webhook-signature" in headers or "x-wc-webhook-topic" in headers
    return Response(status=200) if not signed and _PING.fullmatch(delivery.body.strip()) else None


def read_events(delivery: Delivery, settings: Mapping[str, str]) -> list[Seen]:
    """What a signed delivery says; [] for topics that are not ours.

    An order with refunds is a Hint, because the payload has only their amounts: which units came back stands
    in a resource of its own. A payload without id (WooCommerce posts its own error object when the user that
    owns the webhook may no longer read the resource) is a Hint to read what changed lately.
    """
    resource, _, event = delivery.headers.get("x-wc-webhook-topic", "").partition(".")
    kind = _KINDS.get(resource)
    if kind is None or event not in _EVENTS:
        return []
    raw = json_body(delivery)
    if not isinstance(raw, dict) or not text(raw.get("id")):
        return [Hint(kind)]
    if event == "deleted":
        return [Gone(kind, str(integer(raw["id"])))]
    return [_order(raw)] if kind is Kind.ORDER else _product(raw)


def _order(raw: Raw) -> Seen:
    id = str(integer(raw.get("id")))
    if raw.get("status") == "trash":
        return Gone(Kind.ORDER, id)
    return Hint(Kind.ORDER, id) if rows(raw.get("refunds")) else order_seen(raw)


def _product(raw: dict[str, Any]) -> list[Seen]:
    """A product or variation with its figure. A variable product is not sold itself: it brings only a figure
    that its variations may share. Where there is no figure, something else changed: a Hint."""
    changed = moment(raw, "date_modified")
    figure = stock(raw, changed) if changed else None
    if figure is None:
        return [Hint(Kind.LISTING, str(integer(raw.get("id"))))]
    return [figure] if is_variable(raw) else [listing(raw), figure]
