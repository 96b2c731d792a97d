"""The door: a webhook is verified over its raw bytes, masked, stored once, and answered after the commit."""

from collections.abc import Mapping

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from entrepot import connections
from entrepot.channels.kit.webhook import delivery_key, verify
from entrepot.connections import Connection
from entrepot.contract import About, Channel, Delivery, Response
from entrepot.db import Store, inbox
from entrepot.sync.cards import masked

BODY_MAX = 2 * 1024 * 1024
KEPT_HEADERS = ("content-type", "user-agent")
"""Kept with a delivery besides the platform's own: what proxies add may name people."""

TRY_AGAIN_S = "30"

STORED = Response(status=200, body=b"ok")
NOT_FOUND = Response(status=404, body=b"no such door")
NOT_SIGNED = Response(status=401, body=b"the signature is missing or wrong")
TOO_LARGE = Response(status=413, body=b"a delivery has at most 2 MB")
NOT_NOW = Response(status=503, body=b"cannot be stored now, try again", headers={"retry-after": TRY_AGAIN_S})


def receive(
    store: Store, channels: Mapping[str, Channel], name: str, *, headers: Mapping[str, str], body: bytes
) -> Response:
    """The answer to a webhook of the connection `name`: 200 once it is stored or was before, 401 if it is not
    signed with our secret, 404, 413 over 2 MB, 503 if it cannot be stored now."""
    if len(body) > BODY_MAX:
        return TOO_LARGE
    try:
        connection = store.read(lambda tx: connections.connection(tx, name=name))
        if connection is None or not connection.calls:
            return NOT_FOUND
        if connection.platform not in channels:
            return NOT_NOW
        return _receive(store, channels[connection.platform], connection, headers=headers, body=body)
    except SQLAlchemyError:
        return NOT_NOW


def _receive(
    store: Store, channel: Channel, connection: Connection, *, headers: Mapping[str, str], body: bytes
) -> Response:
    every = {key.lower(): value for key, value in headers.items()}
    delivery = Delivery(headers=every, body=body, url=connection.callback_url, received_at=store.clock.now())
    challenge: Response | None = channel.door(delivery, connection.settings)
    if challenge is not None:
        return challenge
    if not verify(channel.ABOUT.signature, delivery, connection.settings):
        return NOT_SIGNED
    key = delivery_key(channel.ABOUT, delivery)
    kept = msgspec.structs.replace(delivery, headers=_kept(channel.ABOUT, every), body=masked(body))
    store.run(
        lambda tx: inbox.put(tx, connection_id=connection.id, key=key, delivery=kept),
        actor=f"channel:{connection.name}",
        source="webhook",
    )
    return STORED


def _kept(about: About, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that an adapter may read: the platform's own (they begin like its signature's) and the few
    above."""
    family = "-".join(about.signature.header.split("-")[:2])
    wanted = {*KEPT_HEADERS, about.topic_header, about.delivery_key}
    return {name: value for name, value in headers.items() if name in wanted or name.startswith(family)}
