"""The emulated Shopify's webhooks: a subscription per topic and address, deliveries with the vendor's
retries.

Source: webhook guides and changelog of 2024-09, read 2026-09: eight retries over four hours with growing
gaps, always the payload and the address of the first attempt; then a subscription made over the API is
removed (we take the last retry of one delivery for the eighth failure in a row). Every event has an id, every
delivery another.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Posted
from entrepot.channels.kit.json import encode
from entrepot.channels.kit.webhook import sign
from entrepot.channels.shopify.emulator_wire import Json, Numbers, node, stamp
from entrepot.contract import Signature

SIGNATURE = Signature(header="x-shopify-hmac-sha256", secret="client_secret")
RETRIES = 8
FIRST_GAP = timedelta(hours=4) / (2**RETRIES - 1)
"""Gaps double: eight of them fill four hours."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is to be made at `at`; `tries` attempts were made before."""

    subscription: str
    id: str
    event: str
    topic: str
    url: str
    body: bytes
    born_at: datetime
    at: datetime
    tries: int = 0

    @property
    def name(self) -> str:
        return f"{self.id}/{self.tries}"


class Hooks:
    """Subscriptions of one app in one shop, and what is on its way to them."""

    def __init__(self, domain: str, secret: str, version: str, *, delay_s: float, numbers: Numbers) -> None:
        self._domain, self._secret, self.version = domain, secret, version
        self._delay, self._numbers = timedelta(seconds=delay_s), numbers
        self.subscriptions: dict[str, Json] = {}
        self._waiting: dict[str, Attempt] = {}
        self._out: dict[str, Attempt] = {}
        self._events = 0

    def subscribe(self, topic: str, uri: str, now: datetime) -> Json | None:
        """A new subscription ('ORDERS_CREATE'); None if the address has that topic already."""
        if any((one["topic"], one["uri"]) == (topic, uri) for one in self.subscriptions.values()):
            return None
        id = self._numbers.draw()
        version = {"displayName": self.version, "handle": self.version, "supported": True}
        made = {
            **node("WebhookSubscription", id),
            "topic": topic,
            "uri": uri,
            "format": "JSON",
            "apiVersion": version,
            "createdAt": stamp(now),
            "updatedAt": stamp(now),
        }
        self.subscriptions[id] = made
        return made

    def tell(self, topic: str, body: Mapping[str, Any], now: datetime) -> None:
        """An event, to every subscription of its topic."""
        self._events += 1
        word = topic.replace("/", "_").upper()
        for id, one in self.subscriptions.items():
            if one["topic"] == word:
                attempt = Attempt(
                    subscription=id,
                    id=f"{self._events:08d}-{id[-6:]}",
                    event=f"event-{self._events:08d}",
                    topic=topic,
                    url=one["uri"],
                    body=encode(dict(body)),
                    born_at=now,
                    at=now + self._delay,
                )
                self._waiting[attempt.name] = attempt

    def due(self, now: datetime) -> list[Posted]:
        """What is to be sent by now, oldest first."""
        ready = sorted(
            (one for one in self._waiting.values() if one.at <= now), key=lambda one: (one.at, one.id)
        )
        for one in ready:
            self._out[one.name] = self._waiting.pop(one.name)
        return [self._posted(one) for one in ready]

    def _posted(self, attempt: Attempt) -> Posted:
        headers = {
            "content-type": "application/json",
            "user-agent": "Shopify-Captain-Hook",
            "x-shopify-topic": attempt.topic,
            "x-shopify-shop-domain": self._domain,
            "x-shopify-api-version": self.version,
            "x-shopify-webhook-id": attempt.id,
            "x-shopify-event-id": attempt.event,
            "x-shopify-triggered-at": stamp(attempt.born_at),
            SIGNATURE.header: sign(SIGNATURE, self._secret, url=attempt.url, body=attempt.body),
        }
        return Posted(id=attempt.name, url=attempt.url, headers=headers, body=attempt.body)

    def answered(self, id: str, status: int | None, now: datetime) -> None:
        """A 2xx ends it; anything else brings it back later, and the last time removes the subscription."""
        attempt = self._out.pop(id, None)
        if attempt is None or (status is not None and 200 <= status < 300):
            return
        if attempt.tries == RETRIES:
            self.subscriptions.pop(attempt.subscription, None)
            return
        again = msgspec.structs.replace(
            attempt, at=now + FIRST_GAP * 2**attempt.tries, tries=attempt.tries + 1
        )
        self._waiting[again.name] = again
