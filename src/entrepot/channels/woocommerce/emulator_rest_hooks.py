"""The emulated shop's routes for webhooks."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from entrepot.channels.kit.emulate import Request, reply
from entrepot.channels.woocommerce.emulator_hooks import TOPICS, Hook, Hooks
from entrepot.channels.woocommerce.emulator_keys import failure
from entrepot.channels.woocommerce.emulator_lists import (
    Shape,
    batched,
    body_of,
    flag,
    invalid_id,
    ordered,
    paged,
    whole,
)
from entrepot.channels.woocommerce.emulator_shapes import hook_shape
from entrepot.contract import Response

Call = Callable[[Request, dict[str, str], datetime], Response]


class HookRoutes:
    """`rows` are the routes, for the router of the whole API."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self.rows: dict[str, Call] = {
            "GET /webhooks": self._list,
            "POST /webhooks": self._create,
            "POST /webhooks/batch": self._batch,
            "GET /webhooks/{id}": self._one,
            "PUT /webhooks/{id}": self._update,
            "DELETE /webhooks/{id}": self._delete,
        }

    def _list(self, request: Request, _names: dict[str, str], _now: datetime) -> Response:
        query = dict(request.query)
        status = query.get("status", "all")
        found = [hook for hook in self._hooks.table.values() if status in {"all", hook.status}]
        return paged(request, ordered(query, found, _key), hook_shape)

    def _one(self, _request: Request, names: dict[str, str], _now: datetime) -> Response:
        hook = self._found(names["id"])
        return reply(200, hook_shape(hook)) if hook else invalid_id("shop_webhook", 404)

    def _create(self, request: Request, _names: dict[str, str], now: datetime) -> Response:
        return self._made(body_of(request), now)

    def _update(self, request: Request, names: dict[str, str], now: datetime) -> Response:
        return self._changed({**body_of(request), "id": names["id"]}, now)

    def _delete(self, request: Request, names: dict[str, str], _now: datetime) -> Response:
        if not flag(dict(request.query), "force"):
            return failure("woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.", 501)
        return self._removed(names["id"])

    def _batch(self, request: Request, _names: dict[str, str], now: datetime) -> Response:
        acts: dict[str, Callable[[Any], Response]] = {
            "create": lambda row: self._made(row, now),
            "update": lambda row: self._changed(row, now),
            "delete": self._removed,
        }
        return batched(body_of(request), acts)

    def _made(self, body: Shape, now: datetime) -> Response:
        if body.get("topic") not in TOPICS:
            sentence = "Webhook topic is required and must be valid."
            return failure("woocommerce_rest_shop_webhook_invalid_topic", sentence, 400)
        if not str(body.get("delivery_url", "")).startswith(("http://", "https://")):
            sentence = "Webhook delivery URL must be a valid URL starting with http:// or https://."
            return failure("woocommerce_rest_shop_webhook_invalid_delivery_url", sentence, 400)
        return reply(201, hook_shape(self._hooks.create(body, now)))

    def _changed(self, body: Shape, now: datetime) -> Response:
        hook = self._found(body.get("id"))
        if hook is None:
            return invalid_id("shop_webhook", 400)
        self._hooks.update(hook, body, now)
        return reply(200, hook_shape(hook))

    def _removed(self, id: Any) -> Response:
        hook = self._found(id)
        if hook is None:
            return invalid_id("shop_webhook", 404)
        del self._hooks.table[hook.id]
        return reply(200, hook_shape(hook))

    def _found(self, id: Any) -> Hook | None:
        return self._hooks.table.get(whole(id))


def _key(hook: Hook, by: str) -> Any:
    return {"id": hook.id, "date": hook.created, "modified": hook.modified}[by]
