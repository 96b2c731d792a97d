"""The emulated shop's webhooks: queued, signed, never tried twice, switched off after too many failures.

Source: class-wc-webhook.php of woocommerce/woocommerce at 00e1bc4d, read 2026-11.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Posted
from entrepot.channels.kit.json import encode

FAILURES_MAX = 5
QUEUE_S = 1.0
"""How long the background queue (Action Scheduler) takes on a shop with visitors."""

TOPICS = frozenset(
    f"{resource}.{event}"
    for resource in ("coupon", "customer", "order", "product")
    for event in ("created", "updated", "deleted", "restored")
)


class Hook(msgspec.Struct, kw_only=True):
    id: int
    name: str
    topic: str
    delivery_url: str
    secret: str
    status: str
    created: datetime
    modified: datetime
    failures: int = 0


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that waits; its body is made when it is sent. `subject` None is a ping."""

    hook: int
    subject: int | None
    due: datetime


class Hooks:
    """`source` is the shop's address; `payload(resource, id)` the resource as the REST API shows it now."""

    def __init__(self, source: str, payload: Callable[[str, int], Any]) -> None:
        self._source, self._payload = source, payload
        self.table: dict[int, Hook] = {}
        self._queue: list[Queued] = []
        self._waiting: set[tuple[int, int | None]] = set()
        self._sent: dict[str, int] = {}  # attempt -> hook, until it is answered; pings are not counted
        self._ids, self._attempts = count(1), count(1)

    def create(self, body: dict[str, Any], now: datetime) -> Hook:
        """A new webhook, and its ping. WooCommerce makes up a secret where none is given."""
        hook = Hook(
            id=next(self._ids),
            name=str(body.get("name") or "Webhook"),
            topic=str(body["topic"]),
            delivery_url=str(body["delivery_url"]),
            secret=str(body.get("secret") or "made-up-by-the-shop"),
            status=str(body.get("status") or "active"),
            created=now,
            modified=now,
        )
        self.table[hook.id] = hook
        self._queue.append(Queued(hook=hook.id, subject=None, due=now))
        return hook

    def update(self, hook: Hook, body: dict[str, Any], now: datetime) -> None:
        """The given fields; becoming active again forgets no failures and pings nobody."""
        for field in ("name", "topic", "delivery_url", "secret", "status"):
            if body.get(field):
                setattr(hook, field, str(body[field]))
        hook.modified = now

    def announce(self, topic: str, id: int, now: datetime) -> None:
        """Queues a delivery for every active webhook of the topic, unless one for the same id waits."""
        for hook in self.table.values():
            if hook.topic == topic and hook.status == "active" and (hook.id, id) not in self._waiting:
                due = now + timedelta(seconds=QUEUE_S)
                self._queue.append(Queued(hook=hook.id, subject=id, due=due))
                self._waiting.add((hook.id, id))

    def due(self, now: datetime) -> list[Posted]:
        """What the queue sends by `now`: to switched-off webhooks too, not to deleted ones."""
        ready = [queued for queued in self._queue if queued.due <= now]
        self._queue = [queued for queued in self._queue if queued.due > now]
        self._waiting -= {(queued.hook, queued.subject) for queued in ready}
        return [self._posted(queued, now) for queued in ready if queued.hook in self.table]

    def answered(self, id: str, status: int | None) -> None:
        """200 to 302 is success. The count is compared before it is raised: the 7th failure switches off."""
        hook = self.table.get(self._sent.pop(id, 0))
        if hook is None:
            return
        if status is not None and 200 <= status < 303:
            hook.failures = 0
        elif hook.failures > FAILURES_MAX:
            hook.status = "disabled"
        else:
            hook.failures += 1

    def _posted(self, queued: Queued, now: datetime) -> Posted:
        hook, id = self.table[queued.hook], f"woocommerce-{next(self._attempts)}"
        if queued.subject is None:
            form = {"content-type": "application/x-www-form-urlencoded"}
            return Posted(id=id, url=hook.delivery_url, headers=form, body=f"webhook_id={hook.id}".encode())
        self._sent[id] = hook.id
        resource, _, event = hook.topic.partition(".")
        whole = {"id": queued.subject} if event == "deleted" else self._payload(resource, queued.subject)
        body = encode(whole)
        return Posted(id=id, url=hook.delivery_url, headers=self._headers(hook, body, now), body=body)

    def _headers(self, hook: Hook, body: bytes, now: datetime) -> dict[str, str]:
        resource, _, event = hook.topic.partition(".")
        second = int(now.timestamp())
        return {
            "content-type": "application/json",
            "user-agent": "WooCommerce/10.7.0 Hookshot (WordPress/6.9)",
            "x-wc-webhook-source": f"{self._source}/",
            "x-wc-webhook-topic": hook.topic,
            "x-wc-webhook-resource": resource,
            "x-wc-webhook-event": event,
            "x-wc-webhook-signature": b64encode(hmac.digest(hook.secret.encode(), body, "sha256")).decode(),
            "x-wc-webhook-id": str(hook.id),
            "x-wc-webhook-delivery-id": sha256(f"{hook.id}{second}".encode()).hexdigest()[:32],
        }
