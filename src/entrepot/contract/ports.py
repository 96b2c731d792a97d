"""What adapters and the kit need, as protocols: the hub hands it in, nobody imports upwards."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Protocol

import msgspec

from entrepot.contract.delivery import Delivery, Response
from entrepot.contract.document import DocumentKind, Passage
from entrepot.contract.seen import Gone, Hint, ListingSeen, LocationSeen, OrderSeen, Seen, StockSeen
from entrepot.contract.wanted import Answer, StockWanted


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A platform's answer: status below 300, the decoded JSON (every number a Decimal or int), the channel's
    own time.

    `at` is the `Date` header, or the hub's time where the platform sends none; `began_at` the hub's time of
    asking.
    """

    status: int
    headers: Mapping[str, str]
    json: Any
    at: datetime
    began_at: datetime


class Api(Protocol):
    """The one object that an adapter's functions are handed: calls to one account, paced, retried and
    redacted.

    A failed call raises ChannelError. `params` with None values are left out. `safe=True` marks a POST that
    only reads (a search), which may be repeated at once.
    """

    @property
    def settings(self) -> Mapping[str, str]: ...

    @property
    def ahead(self) -> timedelta:
        """How far the channel's clock is ahead of ours, by its last answer; nothing before the first."""
        ...

    def get(self, path: str, **params: Any) -> Reply: ...

    def post(self, path: str, body: Any, *, safe: bool = False) -> Reply: ...

    def put(self, path: str, body: Any) -> Reply: ...

    def delete(self, path: str, **params: Any) -> Reply: ...


class Permits(Protocol):
    """Says when a call may be made: 0 for now, else seconds to wait. Is told of the platform's no."""

    def take(self, account: str, now: datetime) -> float: ...

    def busy(self, account: str, wait_s: float, now: datetime) -> None: ...


class Vault(Protocol):
    """Holds the settings of one account as they are now, and renews a token that ends."""

    def current(self) -> Mapping[str, str]:
        """The settings; a token near its end was renewed before."""
        ...

    def renewed(self, refused: str) -> Mapping[str, str] | None:
        """The settings with another token in the place of the `refused` one; None if there is none to be had.

        ChannelError BUSY or one that waiting helps where it cannot be told yet, DENIED: connect again.
        """
        ...


class Watch(Protocol):
    """Is told what the answers of an account say of the connection itself, at first and when it changes."""

    def noticed(self, account: str, problems: tuple[str, ...]) -> None: ...


class Recorder(Protocol):
    """Is shown every call, already redacted."""

    def call(
        self, *, account: str, method: str, path: str, status: int, took_ms: int, at: datetime
    ) -> None: ...


class Subscribed(msgspec.Struct, frozen=True, kw_only=True):
    """The state of our webhooks at the platform. `settings` are answers to keep (its signature key)."""

    active: tuple[str, ...]
    revived: tuple[str, ...] = ()  # had switched themselves off: look for lost orders
    settings: dict[str, str] = {}


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What connecting found out. `problems` are sentences with what to do; empty means ready."""

    account: str
    facts: dict[str, str]
    problems: tuple[str, ...] = ()


class Adapter(Protocol):
    """The functions a channel module may have. To have one is to have the capability; without it stands a
    line in ABOUT.lacks. Those of later stages (returns, payments, prices, …) keep these names: see
    CAPABILITIES."""

    def door(self, delivery: Delivery, settings: Mapping[str, str]) -> Response | None: ...

    def read_events(self, delivery: Delivery, settings: Mapping[str, str]) -> list[Seen]: ...

    def read_document(
        self, document: Any, kind: DocumentKind | None, settings: Mapping[str, str]
    ) -> list[Passage]:
        """What stands in a JSON document of the platform that lies on disk: nothing is asked of anybody.

        A whole order, a list, a webhook's body, an answer however wrapped. `kind` picks what to look for;
        None takes whatever is there. Each part that the hub has a use for gives one Passage, one that says
        too little names the field it lacks. Refusal `document_unknown`, naming what it seems to be, where
        there is none.
        """
        ...

    def read_order(self, api: Api, id: str) -> OrderSeen | Hint: ...

    def read_orders(self, api: Api, since: datetime) -> Iterator[OrderSeen | Hint | Gone]: ...

    def read_locations(self, api: Api) -> Iterator[LocationSeen]: ...

    def read_listings(self, api: Api) -> Iterator[ListingSeen]: ...

    def read_stock(self, api: Api, items: list[tuple[str, str]]) -> Iterator[StockSeen]: ...

    def write_stock(self, api: Api, wanted: list[StockWanted]) -> Iterator[Answer]: ...

    def subscribe(self, api: Api, callback_url: str) -> Subscribed: ...

    def unsubscribe(self, api: Api) -> None: ...

    def probe(self, api: Api) -> Probed: ...


class Consenting(Protocol):
    """What an adapter with ABOUT.oauth may have besides: it is no capability of its own."""

    def check_return(self, query: Sequence[tuple[str, str]], settings: Mapping[str, str]) -> str:
        """Why a person who comes back from the page of consent cannot come from there; '' if all is well.

        Only where a platform signs more than the state, which the hub itself compares.
        """
        ...


CAPABILITIES: tuple[str, ...] = (
    "door", "read_events", "read_document", "read_order", "read_orders", "read_locations", "read_listings",
    "read_stock", "read_returns", "read_payments", "read_payouts", "read_fees", "read_queue", "write_stock",
    "read_ticket", "write_prices", "write_listing", "write_shipment", "write_status", "write_cancel",
    "write_refund", "write_return", "write_order", "subscribe", "unsubscribe", "probe",
)  # fmt: skip

Channel = ModuleType
"""An adapter is a module: `channels/<name>/channel.py` with ABOUT and the functions above."""
