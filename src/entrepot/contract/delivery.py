"""What comes in through the door, and what the door answers."""

from collections.abc import Mapping
from datetime import datetime

import msgspec


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook request as it arrived. Header names are lower case; `url` is just as we registered it."""

    headers: Mapping[str, str]
    body: bytes
    url: str
    received_at: datetime


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}
