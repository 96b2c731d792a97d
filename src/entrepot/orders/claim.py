"""One line's claims in the ledger, made what the line says: the difference to what is there, verb by verb."""

import msgspec

from entrepot.contract import Payment
from entrepot.ledger import OPEN, Page, State, Why
from entrepot.orders.model import HOLDING, Line
from entrepot.places import Kind

NOT_RESTOCKED = "not restocked"
"""Why goods of a cancelled line are set aside: the merchant refunded them and said that they are not for
sale."""


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """`location` is where the goods are taken or wanted from, '' if the network decides; `placed_elsewhere`
    says that the channel named a location that is none of ours yet: nothing is claimed until it is.
    `sent_elsewhere`: the channel has moved the line to this location since its last version."""

    why: Why
    line: Line
    before: Line | None
    recipe: tuple[tuple[str, int], ...]
    location: str
    placed_elsewhere: bool
    sent_elsewhere: bool
    network: tuple[str, ...]
    payment: Payment


def claim(page: Page, wish: Claimed) -> None:
    """Consumes what has left, releases what is cancelled, books what is new, takes back what was returned."""
    if wish.placed_elsewhere:
        return
    for item_id, each in wish.recipe:
        known = bool(page.of_line(wish.line.id, item_id, State))
        before = wish.before if known else None  # a line may be held and never have claimed anything
        if wish.sent_elsewhere and wish.location:
            _let_go(page, wish, item_id)  # what has left since left from there
        _send(page, wish, item_id, each)
        _bind(page, wish, item_id, each=each, before=before)
        _take_back(page, wish, item_id, each=each, before=before)
        if wish.payment not in HOLDING:
            page.confirm(wish.line.id, item_id)


def _send(page: Page, wish: Claimed, item_id: str, each: int) -> None:
    """What the channel says has left the house: bound pieces first, then goods from where it was sold."""
    left = sum(one.quantity for one in page.of_line(wish.line.id, item_id, {State.CONSUMED}))
    missing = wish.line.shipped * each - left
    if missing <= 0:
        return
    missing = page.consume(wish.why, wish.line.id, item_id, quantity=missing)
    if missing:
        where = _source(page, wish, item_id)
        page.hand_over(wish.why, wish.line.id, item_id, quantity=missing, location_id=where)


def _bind(page: Page, wish: Claimed, item_id: str, *, each: int, before: Line | None) -> None:
    """What is still to be sent is bound or waits, no more and no less; what is not for sale is bound, then
    set aside. A line that the channel has moved is bound anew; what is picked stays picked."""
    if wish.sent_elsewhere:
        _let_go(page, wish, item_id)
    claimed = sum(one.quantity for one in page.of_line(wish.line.id, item_id, OPEN))
    aside = max(wish.line.unsellable - (before.unsellable if before else 0), 0) * each
    missing = wish.line.open * each + aside - claimed
    if missing > 0:
        network = (wish.location,) if wish.location else wish.network
        held = wish.payment in HOLDING
        page.book(wish.why, wish.line.id, item_id, quantity=missing, network=network, held=held)
    elif missing:
        page.release(wish.why, wish.line.id, item_id, quantity=-missing)
    if aside:
        page.release(wish.why, wish.line.id, item_id, quantity=aside, reason=NOT_RESTOCKED)


def _let_go(page: Page, wish: Claimed, item_id: str) -> None:
    """A line that the channel has moved lets go of what nobody has picked."""
    loose = sum(one.quantity for one in page.of_line(wish.line.id, item_id, OPEN - {State.PICKED}))
    page.release(wish.why, wish.line.id, item_id, quantity=loose)


def _take_back(page: Page, wish: Claimed, item_id: str, *, each: int, before: Line | None) -> None:
    """Returned goods: on the shelf where the channel said so, to be inspected where it said nothing.

    What lies there to be inspected stays there, whatever the channel says of it later: a person looks at it.
    """
    shelved, back = (before.shelved, before.back) if before else (0, 0)
    arrived = max(wish.line.shelved + wish.line.back - shelved - back, 0)
    to_shelf = min(max(wish.line.shelved - shelved, 0), arrived)
    earlier = (shelved + back) * each
    for kind, units in ((Kind.SHELF, to_shelf), (Kind.BACK, arrived - to_shelf)):
        if units:
            page.take_back(wish.why, wish.line.id, item_id, quantity=units * each, kind=kind, earlier=earlier)


def _source(page: Page, wish: Claimed, item_id: str) -> str:
    """Where goods that nobody had bound were taken from: the named location, else the first that has some."""
    if wish.location:
        return wish.location
    holding = [one for one in wish.network if page.available(item_id, one)]
    return (holding or list(wish.network))[0]
