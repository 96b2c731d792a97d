"""A line's claims move to another location, all of what nobody has picked, or none."""

from collections.abc import Sequence

from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.ledger.model import OPEN, State, Why
from entrepot.ledger.page import open_page
from entrepot.ledger.post import written
from entrepot.places import Places

LOOSE = OPEN - {State.PICKED}


def source(tx: Tx, here: Places, line_id: str, item_ids: Sequence[str], *, location_id: str) -> int:
    """Binds what a line claims and waits for at one location; how many pieces.

    Refusal `nothing_to_move` if everything is picked or gone, `not_enough` if the location has too few.
    """
    page = open_page(tx, here, items=item_ids, lines=[line_id])
    why = Why(f"source:{line_id}:{tx.ids.new()}", tx.now)
    moved = 0
    for item_id in item_ids:
        loose = page.of_line(line_id, item_id, LOOSE)
        pieces = sum(one.quantity for one in loose)
        if not pieces:
            continue
        held = any(one.state is State.HELD for one in loose)
        page.release(why, line_id, item_id, quantity=pieces)
        if (there := page.available(item_id, location_id)) < pieces:
            raise Refusal(
                "not_enough",
                f"the line needs {pieces} pieces, {there} are available there",
                remedy="Name another location, or receive the goods first",
                field="location",
            )
        page.book(why, line_id, item_id, quantity=pieces, network=(location_id,), held=held)
        page.disturbed.add(line_id)
        moved += pieces
    if not moved:
        raise Refusal(
            "nothing_to_move", "nothing of the line is waiting or bound and not yet picked", field="line"
        )
    written(tx, page)
    return moved
