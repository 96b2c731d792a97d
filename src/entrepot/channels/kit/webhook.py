"""Webhook signatures, and what tells one delivery from another. Fails closed, compares in constant time."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from entrepot.channels.kit.json import decode
from entrepot.contract import About, Delivery, Signature

_KEY_MAX = 200


def verify(signature: Signature, delivery: Delivery, settings: Mapping[str, str]) -> bool:
    """Whether the delivery was signed with our secret, over its raw bytes (and our address as registered).

    False also for a missing header and for a secret that is empty or not set.
    """
    given = delivery.headers.get(signature.header.lower(), "").strip()
    secret = settings.get(signature.secret, "")
    if not given or not secret:
        return False
    expected = sign(signature, secret, url=delivery.url, body=delivery.body)
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))


def sign(signature: Signature, secret: str, *, url: str, body: bytes) -> str:
    """The header value that `secret` gives the body; `url` counts only where the signature covers it."""
    message = url.encode() + body if signature.covers_url else body
    code = hmac.digest(secret.encode(), message, signature.algorithm)
    match signature.encoding:
        case "base64":
            return b64encode(code).decode()
        case "hex":
            return code.hex()
        case other:
            raise AssertionError(f"no such encoding of a signature: {other}")


def delivery_key(about: About, delivery: Delivery) -> str:
    """What tells this delivery from another: the platform's own id, else a SHA-256 over topic and body."""
    named = delivery.headers.get(about.delivery_key.lower(), "") if about.delivery_key else ""
    if 0 < len(named) <= _KEY_MAX:
        return named
    topic = delivery.headers.get(about.topic_header.lower(), "") if about.topic_header else ""
    return sha256(topic.encode(errors="replace") + b"\n" + delivery.body).hexdigest()


def json_body(delivery: Delivery) -> Any:
    """The body as strict JSON with Decimals; ChannelError NONSENSE otherwise."""
    return decode(delivery.body)
