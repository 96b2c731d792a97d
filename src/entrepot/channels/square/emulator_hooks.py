"""The emulated Square's webhooks: subscriptions, and deliveries with the vendor's retries.

Source: webhook guides, read 2026-09: sent within 60 seconds, repeated with growing gaps for up to 24 hours
until a 2xx comes, then dropped; three weeks without a single 2xx switch a subscription off.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Posted
from entrepot.channels.kit.json import encode
from entrepot.channels.kit.webhook import sign
from entrepot.channels.square.emulator_wire import Wrong, missing, page, stamp
from entrepot.contract import Signature

SIGNATURE = Signature(header="x-square-hmacsha256-signature", secret="signature_key", covers_url=True)
HOOKS = "/v2/webhooks/subscriptions"
FIRST_GAP = timedelta(minutes=1)
KEPT = timedelta(hours=24)
PATIENCE = timedelta(weeks=3)


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is to be made at `at`; `tries` attempts were made before."""

    subscription: str
    event: str
    body: bytes
    born_at: datetime
    at: datetime
    tries: int = 0

    @property
    def id(self) -> str:
        return f"{self.event}/{self.subscription}/{self.tries}"


class Hooks:
    """Subscriptions of one application, and what is on its way to them."""

    def __init__(self, merchant: str, delay_s: float) -> None:
        self._merchant, self._delay = merchant, timedelta(seconds=delay_s)
        self._subscriptions: dict[str, dict[str, Any]] = {}
        self._failing_since: dict[str, datetime] = {}
        self._waiting: dict[str, Attempt] = {}
        self._out: dict[str, Attempt] = {}
        self._number = 0

    def tell(
        self, kind: str, id: str, body: Mapping[str, Any] | None, now: datetime, *, word: str = ""
    ) -> None:
        """An event, to every enabled subscription that asked for its kind. `word` is Square's `data.type`."""
        self._number += 1
        event = {
            "merchant_id": self._merchant,
            "type": kind,
            "event_id": f"event-{self._number:08d}",
            "created_at": stamp(now),
            "data": {"type": word or kind.split(".", maxsplit=1)[0], "id": id}
            | ({"object": dict(body)} if body else {}),
        }
        for subscription in self._subscriptions.values():
            if subscription["enabled"] and kind in subscription["event_types"]:
                self._send(subscription["id"], event, now)

    def _send(self, subscription: str, event: dict[str, Any], now: datetime) -> None:
        attempt = Attempt(
            subscription=subscription,
            event=event["event_id"],
            body=encode(event),
            born_at=now,
            at=now + self._delay,
        )
        self._waiting[attempt.id] = attempt

    def due(self, now: datetime) -> list[Posted]:
        """What is to be sent by now, oldest first."""
        ready = sorted(
            (one for one in self._waiting.values() if one.at <= now), key=lambda one: (one.at, one.id)
        )
        for one in ready:
            self._out[one.id] = self._waiting.pop(one.id)
        return [self._posted(one) for one in ready if one.subscription in self._subscriptions]

    def _posted(self, attempt: Attempt) -> Posted:
        subscription = self._subscriptions[attempt.subscription]
        url = subscription["notification_url"]
        headers = {
            "content-type": "application/json",
            "user-agent": "Square Connect v2",
            "square-environment": "Sandbox",
            "square-initial-delivery-timestamp": stamp(attempt.born_at),
            SIGNATURE.header: sign(SIGNATURE, subscription["signature_key"], url=url, body=attempt.body),
        }
        if attempt.tries:
            headers |= {"square-retry-number": str(attempt.tries), "square-retry-reason": "http_error"}
        return Posted(id=attempt.id, url=url, headers=headers, body=attempt.body)

    def answered(self, id: str, status: int | None, now: datetime) -> None:
        """A 2xx ends it; anything else brings it back later, or ends it after 24 hours."""
        attempt = self._out.pop(id, None)
        if attempt is None:
            return
        if status is not None and 200 <= status < 300:
            self._failing_since.pop(attempt.subscription, None)
            return
        failing_since = self._failing_since.setdefault(attempt.subscription, now)
        if now - failing_since >= PATIENCE and attempt.subscription in self._subscriptions:
            self._subscriptions[attempt.subscription]["enabled"] = False
        again = msgspec.structs.replace(
            attempt, at=now + FIRST_GAP * 2**attempt.tries, tries=attempt.tries + 1
        )
        if again.at - attempt.born_at <= KEPT:
            self._waiting[again.id] = again

    def listed(self, query: Mapping[str, str]) -> dict[str, Any]:
        """ListWebhookSubscriptions: without signature keys, enabled ones only unless asked."""
        everything = query.get("include_disabled") == "true"
        rows = [_public(one) for one in self._subscriptions.values() if everything or one["enabled"]]
        found = page(rows, query.get("cursor"), query.get("limit"), default=100, most=100)
        return found.json("subscriptions")

    def create(self, body: dict[str, Any], now: datetime) -> dict[str, Any]:
        """CreateWebhookSubscription: the one answer besides a single read that shows the signature key."""
        asked = body.get("subscription") or {}
        if not asked.get("notification_url") or not asked.get("event_types"):
            raise Wrong("MISSING_REQUIRED_PARAMETER", "a URL and event types", field="subscription")
        self._number += 1
        made = {
            "id": f"wbhk_{self._number:08d}",
            "name": asked.get("name") or "Subscription",
            "enabled": asked.get("enabled", True),
            "event_types": list(asked["event_types"]),
            "notification_url": asked["notification_url"],
            "api_version": asked.get("api_version") or "2026-09-16",
            "signature_key": f"signature-key-{self._number:08d}",
            "created_at": stamp(now),
            "updated_at": stamp(now),
        }
        self._subscriptions[made["id"]] = made
        return {"subscription": made}

    def read(self, id: str) -> dict[str, Any]:
        """RetrieveWebhookSubscription."""
        return {"subscription": self._one(id)}

    def update(self, id: str, body: dict[str, Any], now: datetime) -> dict[str, Any]:
        """UpdateWebhookSubscription: enabling it again starts its three weeks anew."""
        one, asked = self._one(id), body.get("subscription") or {}
        fields = ("name", "enabled", "event_types", "notification_url", "api_version")
        one |= {name: asked[name] for name in fields if name in asked} | {"updated_at": stamp(now)}
        if one["enabled"]:
            self._failing_since.pop(id, None)
        return {"subscription": _public(one)}

    def rotate(self, id: str, now: datetime) -> dict[str, Any]:
        """UpdateWebhookSubscriptionSignatureKey: the old key signs nothing from now on."""
        one = self._one(id)
        self._number += 1
        one |= {"signature_key": f"signature-key-{self._number:08d}", "updated_at": stamp(now)}
        return {"signature_key": one["signature_key"]}

    def delete(self, id: str) -> dict[str, Any]:
        """DeleteWebhookSubscription: what is on its way to it is forgotten."""
        self._one(id)
        del self._subscriptions[id]
        return {}

    def test(self, id: str, now: datetime) -> dict[str, Any]:
        """TestWebhookSubscription. The real one waits for the receiver's status; ours cannot and leaves it
        out.
        """
        self._one(id)
        self._number += 1
        event: dict[str, Any] = {
            "merchant_id": self._merchant,
            "type": "webhooks.test_notification",
            "event_id": f"event-{self._number:08d}",
            "created_at": stamp(now),
            "data": {"type": "webhooks", "id": f"test-{self._number:08d}"},
        }
        self._send(id, event, now)
        result = {"id": event["data"]["id"], "payload": encode(event).decode()}
        return {"subscription_test_result": result | {"created_at": stamp(now), "updated_at": stamp(now)}}

    def _one(self, id: str) -> dict[str, Any]:
        if id not in self._subscriptions:
            raise missing("Webhook subscription", id)
        return self._subscriptions[id]


def _public(subscription: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in subscription.items() if name != "signature_key"}
