"""Arguments of the commands that hold goods and move them between places. Quantities are sold units in
decimal text."""

from datetime import datetime

from entrepot.app.commands.arguments import Command
from entrepot.app.commands.selling_arguments import Part


class MakeHold(Command, frozen=True):
    """Holds goods until a moment, at most 30 days away, all of them or none. `location`: one of ours, or
    `seller`: those that one sells from, and only its orders may use them. The same `reference` with the same
    wish answers the hold that is there."""

    sku: str
    quantity: str
    until: datetime
    reference: str
    location: str = ""
    seller: str = ""


class ExtendHold(Command, frozen=True):
    """The hold ends at another moment, at most 30 days away."""

    hold: str
    until: datetime


class ReleaseHold(Command, frozen=True):
    """Gives `quantity` of a hold back, or all that it has left."""

    hold: str
    quantity: str = ""


class MoveStock(Command, frozen=True):
    """Goods move from the shelf of one location to that of another, at once. The same `reference` twice books
    once."""

    sku: str
    quantity: str
    source: str
    target: str
    reference: str
    lot: str = ""

    def stock_at(self) -> frozenset[str] | None:
        return frozenset({self.source, self.target})


class SetAside(Command, frozen=True):
    """Goods are there and not for sale, for a `reason` such as damaged, display, quarantine. The same
    `reference` twice books once."""

    sku: str
    quantity: str
    location: str
    reason: str
    reference: str
    lot: str = ""


class PutBack(Command, frozen=True):
    """Goods that were set aside for a `reason` are for sale again. The same `reference` twice books once."""

    sku: str
    quantity: str
    location: str
    reason: str
    reference: str
    lot: str = ""


class TransferLineWanted(Part, frozen=True):
    """Goods of one SKU, and of one lot where lots are kept apart."""

    sku: str
    quantity: str
    lot: str = ""


class SendTransfer(Command, frozen=True):
    """Goods leave one location for another; until they are counted there they are in transit. The same
    `reference` with the same goods answers the transfer that is there."""

    source: str
    target: str
    lines: tuple[TransferLineWanted, ...]
    reference: str

    def stock_at(self) -> frozenset[str] | None:
        return frozenset({self.source})


class TransferArrived(Command, frozen=True):
    """Goods of a transfer were counted at `location`, where it goes. `complete`: nothing more of it comes,
    and what was not found is lost. The same `reference` twice is counted once."""

    transfer: str
    location: str
    lines: tuple[TransferLineWanted, ...]
    reference: str
    complete: bool = True
