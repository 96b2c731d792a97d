"""What the commands of sellers, holds, transfers and remedies answer."""

from datetime import datetime

import msgspec

from entrepot.api.answers import Answer
from entrepot.contract import Commercial, Payment
from entrepot.ledger import HoldState, TransferState
from entrepot.orders import Fulfilment, Kind
from entrepot.orders.remedies import Offered


class SellerAdded(Answer, frozen=True):
    """A seller that is there now."""

    seller: str
    currency: str
    locations: list[str]
    reserve: str


class LinePlaced(Answer, frozen=True):
    """`short`: pieces of items that wait for goods."""

    line: str
    number: str
    sku: str
    pieces: int
    short: int


class OrderChanged(Answer, frozen=True):
    """The order as it is now."""

    order: str
    number: str
    version: int
    status: str
    commercial: Commercial
    payment: Payment
    fulfilment: Fulfilment
    total: str
    currency: str


class OrderPlaced(OrderChanged, frozen=True):
    """`new` is false for a reference that was placed before with the same content."""

    reference: str
    new: bool
    lines: list[LinePlaced]


class Refetched(Answer, frozen=True):
    """The order is read again at `asked`, at once."""

    order: str
    number: str
    asked: str


class LineSourced(Answer, frozen=True):
    """`moved` pieces are bound at the location now."""

    order: str
    line: str
    location: str
    moved: int


class LineGivenUp(Answer, frozen=True):
    """What was missing of the line is cancelled."""

    order: str
    line: str
    version: int
    commercial: Commercial


class ExceptionKept(Answer, frozen=True):
    """`state`: accepted or open."""

    exception: str
    order: str
    kind: Kind
    state: str


class Remedies(msgspec.Struct, frozen=True, kw_only=True):
    """What can be done about an exception, the best first: POST each to /commands/{command} with its
    `arguments` and those that it `asks` for."""

    rows: tuple[Offered, ...]


class HoldMade(Answer, frozen=True):
    """The hold as it is now."""

    hold: str
    reference: str
    sku: str
    state: HoldState
    asked: int
    quantity: int
    until: datetime


class StockMovedAnswer(Answer, frozen=True):
    """`booked` is false if the reference was booked before."""

    sku: str
    moved: int
    source: str
    target: str
    booked: bool


class StockSetAside(Answer, frozen=True):
    """`booked` is false if the reference was booked before."""

    sku: str
    location: str
    set_aside: int
    reason: str
    booked: bool


class StockPutBack(Answer, frozen=True):
    """`booked` is false if the reference was booked before."""

    sku: str
    location: str
    put_back: int
    reason: str
    booked: bool


class TransferLineAnswer(Answer, frozen=True):
    """Pieces of one SKU in a transfer."""

    sku: str
    lot: str
    sent: int
    arrived: int
    lost: int
    on_its_way: int


class TransferAnswer(Answer, frozen=True):
    """The transfer as it is now."""

    transfer: str
    reference: str
    source: str
    target: str
    state: TransferState
    lines: list[TransferLineAnswer]
