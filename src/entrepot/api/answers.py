"""What the commands answer that stand behind routes: the shapes that the document promises."""

from datetime import datetime

import msgspec

from entrepot.ledger.views import Figures
from entrepot.sync.history import Entry
from entrepot.sync.views import SlotView


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a command did."""


class LocationAdded(Answer, frozen=True):
    """A location that is there now."""

    location: str
    name: str


class SkuAdded(Answer, frozen=True):
    """`listings_linked`: of channels' listings that carried this code and waited for it."""

    sku: str
    listings_linked: int


class Received(Answer, frozen=True):
    """`received` pieces; `booked` is false if the reference was booked before."""

    sku: str
    location: str
    received: int
    booked: bool


class Adjusted(Answer, frozen=True):
    """`adjusted` by these pieces; `booked` is false if the reference was booked before."""

    sku: str
    location: str
    adjusted: int
    booked: bool


class CountBooked(Answer, frozen=True):
    """`counted` pieces; `differed`: the ledger said otherwise and follows the count now."""

    sku: str
    location: str
    counted: int
    differed: bool


class Imported(Answer, frozen=True):
    """`rows` of the file, of which `differed` changed the ledger."""

    rows: int
    differed: int
    listings_linked: int


class Connected(Answer, frozen=True):
    """A connection that is there now. `consent_at` is where a person consents, `comes_back_to` where they
    come back to; both only if consent was asked for."""

    connection: str
    webhooks_to: str
    flows: dict[str, str]
    consent_at: str = ""
    comes_back_to: str = ""


class Renewed(Answer, frozen=True):
    """New settings are in use; the others as of Connected."""

    connection: str
    consent_at: str = ""
    comes_back_to: str = ""


class PlaceMapped(Answer, frozen=True):
    """Which location of ours a channel's location is."""

    connection: str
    external: str
    location: str


class Replayed(Answer, frozen=True):
    """How many dead letters are tried again."""

    replayed: int


class Edited(Answer, frozen=True):
    """The dead letter that has another content now and is tried again."""

    edited: str


class TokenMade(Answer, frozen=True):
    """`token` is what the program bears; it cannot be shown again."""

    id: str
    name: str
    token: str


class TokenEnded(Answer, frozen=True):
    """The token that opens nothing any more."""

    token: str


class FlowLevel(msgspec.Struct, frozen=True, kw_only=True):
    """One flow of a connection."""

    connection: str
    flow: str
    level: str


class RecipeView(msgspec.Struct, frozen=True, kw_only=True):
    """`parts`: item → pieces of it in one piece of the SKU."""

    sku: str
    parts: dict[str, int]


class LetterView(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter with its content, JSON text as it came (a delivery's may name people)."""

    id: str
    what: str
    about: str
    why: str
    attempts: int
    since: datetime
    body: str


class StockOfSku(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a SKU's items and what its slots show, at the moment `at`, or now if it is null."""

    sku: str
    title: str
    scale: int
    at: datetime | None
    items: tuple[Figures, ...]
    slots: tuple[SlotView, ...]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a SKU, oldest first."""

    sku: str
    since: datetime
    until: datetime
    entries: tuple[Entry, ...]


class LocationView(msgspec.Struct, frozen=True, kw_only=True):
    """`authority`: hub (we count) or mirrored (somebody else tells us)."""

    id: str
    code: str
    name: str
    authority: str


class Every(msgspec.Struct, frozen=True, kw_only=True):
    """All locations, by code: there are as many as a house has doors."""

    rows: tuple[LocationView, ...]
