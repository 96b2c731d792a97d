"""Arguments of the commands, as the command line and the API give them."""

from datetime import datetime
from typing import Any

import msgspec

Answer = dict[str, Any]


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of one command, as JSON gives them."""

    def stock_at(self) -> frozenset[str] | None:
        """Codes of the locations whose stock it changes; None if it may be any: then only somebody who is
        bound to no location may give it. A command that names more than `location` says so itself."""
        here = getattr(self, "location", None)
        return frozenset({here}) if isinstance(here, str) and here else None


class AddLocation(Command, frozen=True):
    """A new place with goods of its own: a warehouse, a store."""

    code: str
    name: str = ""


class AddSku(Command, frozen=True):
    """A new SKU, with an item of its own. `scale`: pieces in one sold unit (1000: a kilogram in grams)."""

    sku: str
    title: str = ""
    scale: int = 1


class SetRecipe(Command, frozen=True):
    """Makes a SKU draw on other items: {"item": pieces}."""

    sku: str
    parts: dict[str, int]


class SetTitle(Command, frozen=True):
    """Gives a SKU another title. `was`: the one that you have seen, to be refused if it is another by now."""

    sku: str
    title: str
    was: str | None = None


class MapSku(Command, frozen=True):
    """Says which SKU a channel's item is."""

    connection: str
    item: str
    sku: str


class MapLocation(Command, frozen=True):
    """Says which location of ours a channel's location is."""

    connection: str
    external: str
    location: str


class ReceiveStock(Command, frozen=True):
    """Goods came in. `cost` of one piece, decimal text. The same `reference` twice books once."""

    sku: str
    location: str
    quantity: str
    reference: str
    lot: str = ""
    cost: str = ""
    currency: str = ""


class AdjustStock(Command, frozen=True):
    """A correction by `quantity` (negative: fewer) and its reason. The same `reference` twice books once."""

    sku: str
    location: str
    quantity: str
    reason: str
    reference: str
    lot: str = ""


class CountStock(Command, frozen=True):
    """A person counted `quantity` units in all, promised ones among them, at `as_of` (now if not given)."""

    sku: str
    location: str
    quantity: str
    reference: str
    as_of: datetime | None = None
    lot: str = ""


class ImportStock(Command, frozen=True):
    """Counts from a CSV with the columns sku, location, quantity and, if wanted, lot and title. SKUs and
    locations that are new are made with `create`. Nothing is booked if a row is wrong: each is named."""

    csv: str
    reference: str
    create: bool = False


class Connect(Command, frozen=True):
    """Connects an account of a platform. `locations`: those of ours it draws on, in order (none: all).
    `consent`: a person consents at the platform, at the address that is answered."""

    platform: str
    name: str
    settings: dict[str, str]
    hub_url: str
    locations: list[str] = []
    since: datetime | None = None
    consent: bool = False


class Reconnect(Command, frozen=True):
    """Gives a connection new settings, and looks at the account again; those that are not named stay.
    `consent`: a person consents at the platform once more, at the address that is answered."""

    connection: str
    settings: dict[str, str] = {}
    consent: bool = False


class SetFlow(Command, frozen=True):
    """Turns `orders_in` or `stock_out` of a connection off, to observe, or on."""

    connection: str
    flow: str
    level: str


class ReplayLetters(Command, frozen=True):
    """Tries dead letters again: the named ones, or all."""

    ids: list[str] = []


class EditLetter(Command, frozen=True):
    """Puts another body (JSON text) into a dead letter and tries it again."""

    id: str
    body: str
