"""Holds: goods kept for somebody until a moment; a program's cart, an offer to a customer. They may be
refused, and end as an order's claims, released, or expired."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from entrepot import places
from entrepot.db import Event, Job, Tx, events, jobs
from entrepot.kernel import Refusal
from entrepot.ledger import hold_rows, rows
from entrepot.ledger.hold_rows import Hold, HoldState
from entrepot.ledger.model import State, Why
from entrepot.ledger.page import open_page
from entrepot.ledger.post import written

LONGEST = timedelta(days=30)

Recipe = Sequence[tuple[str, int]]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """`pieces` of a SKU to be held until a moment, from these locations, in this order. `connection_id`: the
    seller whose orders alone may use them, '' for any."""

    reference: str
    sku_id: str
    recipe: tuple[tuple[str, int], ...]
    pieces: int
    network: tuple[str, ...]
    until: datetime
    connection_id: str = ""


def hold(tx: Tx, here: places.Places, wish: Wish) -> Hold:
    """Holds all of it or nothing. The same reference with the same wish is the hold that is there.

    Refusal `until`, `reference_reused`, or `not_enough` with what there is of the scarcest item.
    """
    known = hold_rows.named(tx, wish.reference)
    if known is not None:
        return _same(known, wish)
    _check_until(tx, wish.until)
    page = open_page(tx, here, items=[item_id for item_id, _each in wish.recipe], lines=())
    there = min(
        sum(page.available(item_id, location_id) for location_id in wish.network) // each
        for item_id, each in wish.recipe
    )
    if there < wish.pieces:
        raise Refusal(
            "not_enough",
            f"{wish.pieces} pieces were asked for, {there} are available",
            remedy="Ask for fewer, or elsewhere",
            field="quantity",
        )
    made = Hold(
        id=tx.ids.new(),
        reference=wish.reference,
        sku_id=wish.sku_id,
        connection_id=wish.connection_id,
        location_ids=wish.network,
        asked=wish.pieces,
        quantity=wish.pieces,
        state=HoldState.HELD,
        ends_at=wish.until,
    )
    hold_rows.insert(tx, made)
    why = Why(f"hold:{made.id}", tx.now)
    for item_id, each in wish.recipe:
        page.book(why, made.id, item_id, quantity=each * wish.pieces, network=wish.network, held=True)
    written(tx, page)
    _tell(tx, [made], [wish.pieces], "HoldMade")
    _mind(tx, [made])
    return made


def extend(tx: Tx, id: str, until: datetime) -> Hold:
    """The hold ends at another moment, sooner or later. Refusal `hold_unknown`, `hold_ended`, `until`."""
    held = still_open(tx, id)
    _check_until(tx, until)
    longer = msgspec.structs.replace(held, ends_at=until)
    hold_rows.update(tx, [longer])
    _tell(tx, [longer], [longer.quantity], "HoldExtended")
    _mind(tx, [longer])
    return longer


def release_hold(tx: Tx, here: places.Places, id: str, *, pieces: int, recipe: Recipe) -> Hold:
    """Gives `pieces` of a hold back. Refusal `hold_unknown`, `hold_ended`, or `quantity` if it has not that
    many."""
    held = still_open(tx, id)
    if not 0 < pieces <= held.quantity:
        raise Refusal("quantity", f"the hold has {held.quantity} pieces, not {pieces}", field="quantity")
    page = open_page(tx, here, items=[item_id for item_id, _each in recipe], lines=[id])
    why = Why(f"hold:{id}:released:{tx.ids.new()}", tx.now)
    for item_id, each in recipe:
        page.release(why, id, item_id, quantity=each * pieces)
    written(tx, page)
    return _less(tx, [held], [pieces], end=HoldState.RELEASED, kind="HoldReleased")[0]


def holds(tx: Tx, ids: Sequence[str]) -> dict[str, Hold]:
    """These holds by id, locked, ended ones too."""
    return hold_rows.held(tx, ids)


def use_holds(tx: Tx, used: Mapping[str, int]) -> None:
    """An order took over so many pieces of these holds; its claims name them already."""
    held = hold_rows.held(tx, list(used))
    _less(tx, list(held.values()), [used[id] for id in held], end=HoldState.USED, kind="HoldUsed")


def expire_holds(tx: Tx, ids: Sequence[str]) -> None:
    """Ends those of these holds whose moment has come; the others are looked at again at theirs."""
    held = [one for one in hold_rows.held(tx, ids).values() if one.state is HoldState.HELD]
    over = [one for one in held if one.ends_at <= tx.now]
    _mind(tx, [one for one in held if one.ends_at > tx.now])
    if not over:
        return
    claimed = rows.claimed(tx, [one.id for one in over])
    page = open_page(
        tx, places.load(tx), items=[item for _line, item in claimed], lines=[one.id for one in over]
    )
    for (line_id, item_id), pieces in claimed.items():
        why = Why(f"hold:{line_id}:expired", tx.now)
        page.release(why, line_id, item_id, quantity=pieces, end=State.EXPIRED)
    written(tx, page)
    _less(tx, over, [one.quantity for one in over], end=HoldState.EXPIRED, kind="HoldExpired")


def _same(known: Hold, wish: Wish) -> Hold:
    asked = (wish.sku_id, wish.pieces, wish.network, wish.connection_id)
    if (known.sku_id, known.asked, known.location_ids, known.connection_id) != asked:
        raise Refusal(
            "reference_reused",
            f"{wish.reference!r} is a hold of something else",
            remedy="Give each hold a reference of its own",
            field="reference",
        )
    return known


def _check_until(tx: Tx, until: datetime) -> None:
    if until.tzinfo is None or not tx.now < until <= tx.now + LONGEST:
        raise Refusal(
            "until",
            f"a hold ends at a moment ahead, with its zone, at most {LONGEST.days} days away",
            field="until",
        )


def still_open(tx: Tx, id: str) -> Hold:
    """A hold that can be used or released, locked. Refusal `hold_unknown`, `hold_ended`."""
    return usable(hold_rows.held(tx, [id]).get(id), id, tx.now)


def usable(found: Hold | None, id: str, now: datetime, *, field: str = "hold") -> Hold:
    """The hold, if it still holds something. Refusal as of `still_open`."""
    if found is None:
        raise Refusal("hold_unknown", f"there is no hold {id[:40]!r}", field=field)
    if found.state is not HoldState.HELD or found.ends_at <= now:
        state = HoldState.EXPIRED if found.state is HoldState.HELD else found.state
        raise Refusal("hold_ended", f"the hold {found.reference!r} is {state}", field=field)
    return found


def _less(tx: Tx, held: Sequence[Hold], pieces: Sequence[int], *, end: HoldState, kind: str) -> list[Hold]:
    """The holds with so many pieces fewer; one without any has ended."""
    now = []
    for one, gone in zip(held, pieces, strict=True):
        left = one.quantity - gone
        assert left >= 0, f"hold {one.id} gives {gone} pieces and has {one.quantity}"
        now.append(msgspec.structs.replace(one, quantity=left, state=one.state if left else end))
    hold_rows.update(tx, now)
    _tell(tx, now, pieces, kind)
    return now


def _tell(tx: Tx, ones: Sequence[Hold], pieces: Sequence[int], kind: str) -> None:
    events.append(
        tx,
        [
            Event(
                stream=f"hold:{one.id}",
                kind=kind,
                body={"hold": one.id, "sku": one.sku_id, "pieces": count, "left": one.quantity},
            )
            for one, count in zip(ones, pieces, strict=True)
        ],
    )


def _mind(tx: Tx, ones: Sequence[Hold]) -> None:
    """Looks at these holds when they end. A job of its own for each moment: an earlier one finds nothing."""
    jobs.enqueue(
        tx,
        [
            Job(
                kind="expire_holds",
                key=f"hold:{one.id}:{one.ends_at.isoformat()}",  # one that waits is in no other's way
                once=f"expire:{one.id}:{one.ends_at.isoformat()}",
                body={"hold": one.id},
                run_at=one.ends_at,
            )
            for one in ones
        ],
    )
