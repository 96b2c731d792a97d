"""Intake: a batch of testimonies becomes orders, claims on goods, exceptions and events, in one transaction.

Whatever arrives twice, late or out of order ends in the same state: see `model.verdict`. About fifteen
statements a batch, whatever the number of orders in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from entrepot import customers, ledger, places
from entrepot.connections import Connection
from entrepot.db import Event, Tx, events
from entrepot.ledger import Why
from entrepot.orders import exception_rows, rows
from entrepot.orders.claim import Claimed, claim
from entrepot.orders.draft import Draft, Known, Testimony, draft, look_up
from entrepot.orders.model import LATE, Kind, Line, Order, Verdict, verdict

NEWS = (Verdict.NEW, Verdict.NEWER)


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """The channel changed its own figure by `delta` sold units, at `at` in its own clock or later."""

    cause: str
    item: str
    location: str
    delta: int
    at: datetime


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch. `unclear` names orders to be asked for again; `moved` SKUs of lines whose stock
    moved: whoever shows them looks at them again by itself."""

    verdicts: dict[Verdict, int]
    unclear: tuple[str, ...]
    effects: tuple[Effect, ...]
    moved: frozenset[str] = frozenset()


def take(tx: Tx, connection: Connection, batch: Sequence[Testimony]) -> Taken:
    """Books what is news in a batch of one connection's orders."""
    held = rows.held(tx, connection.id, {one.order.external_id for one in batch})
    news, verdicts, unclear = _sort(batch, held, connection.since)
    if not news:
        return Taken(verdicts=verdicts, unclear=tuple(unclear), effects=())
    held_lines = rows.lines(tx, [one.id for one in held.values()])
    known = look_up(tx, connection, [one.order for one in news], held_lines)
    people = _people(tx, connection.id, news, held)
    drafts = [_drafted(one, held.get(one.order.external_id), held_lines, known) for one in news]
    for one in drafts:
        one.order = msgspec.structs.replace(
            one.order, person_id=people.get(one.order.seen.external_id, one.order.person_id)
        )
    _write(tx, drafts)
    moved = _claim(tx, drafts, known)
    _except(tx, drafts)
    _tell(tx, drafts)
    effects = [effect for draft in drafts for effect in _effects(draft)]
    return Taken(verdicts=verdicts, unclear=tuple(unclear), effects=tuple(effects), moved=moved)


def _sort(
    batch: Sequence[Testimony], held: Mapping[str, Order], since: datetime
) -> tuple[list[Testimony], dict[Verdict, int], list[str]]:
    """The newest news of each order, how many of each verdict, and the orders that must be asked for.

    Orders placed before the connection's `since` are not the hub's: they are counted as older, unless
    held."""
    newest: dict[str, Testimony] = {}
    verdicts: dict[Verdict, int] = {}
    unclear: list[str] = []
    for one in sorted(batch, key=lambda one: one.order.version.key):
        id = one.order.external_id
        before = newest.get(id)
        if before is not None:
            new = _within(before, one)
        elif one.force and id in held:
            new = Verdict.NEWER
        elif id not in held and one.order.placed_at < since:
            new = Verdict.OLDER
        else:
            new = verdict(held.get(id), one.order, one.asked_at)
        if new in NEWS and _late(one):
            new = Verdict.UNCLEAR
        verdicts[new] = verdicts.get(new, 0) + 1
        if new in NEWS:
            newest[id] = one
        elif new is Verdict.UNCLEAR:
            unclear.append(id)
    return list(newest.values()), verdicts, unclear


def _late(one: Testimony) -> bool:
    """A channel's own word that comes later than a sweep looks back: the order may be gone by now."""
    return one.asked_at is None and not one.force and one.as_of - one.order.changed_at > LATE


def _within(before: Testimony, one: Testimony) -> Verdict:
    """The verdict on a second testimony of an order in one batch; keys rise through the batch."""
    if one.order.version == before.order.version:
        return Verdict.SAME
    if one.order.version.key > before.order.version.key:
        return Verdict.NEWER
    later = one.asked_at is not None and one.asked_at > before.as_of
    return Verdict.NEWER if later else Verdict.UNCLEAR


def _people(
    tx: Tx, connection_id: str, news: Sequence[Testimony], held: Mapping[str, Order]
) -> dict[str, str]:
    """The channel's order id → person id, sealed; nothing for an order without people."""
    named: dict[str, customers.Person] = {}
    for one in news:
        order, before = one.order, held.get(one.order.external_id)
        if order.customer is not None or order.ship_to is not None or order.bill_to is not None:
            named[order.external_id] = customers.Person(
                id=before.person_id if before else "",
                customer=order.customer or customers.NOBODY,
                ship_to=order.ship_to,
                bill_to=order.bill_to,
            )
    return dict(zip(named, customers.keep(tx, connection_id, list(named.values())), strict=True))


def _drafted(
    one: Testimony, before: Order | None, held: Mapping[str, Mapping[str, Line]], known: Known
) -> Draft:
    return draft(one, before, held.get(before.id, {}) if before else {}, known)


def _write(tx: Tx, drafts: Sequence[Draft]) -> None:
    rows.insert_orders(tx, [draft.order for draft in drafts if draft.before is None])
    rows.update_orders(tx, [draft.order for draft in drafts if draft.before is not None])
    every = [(line, draft.before_lines.get(line.external_id)) for draft in drafts for line in draft.lines]
    rows.insert_lines(tx, [line for line, before in every if before is None])
    rows.update_lines(tx, [line for line, before in every if before is not None and before != line])


def _claim(tx: Tx, drafts: Sequence[Draft], known: Known) -> frozenset[str]:
    """Makes each line's claims in the ledger what the line says; the SKUs whose stock moved."""
    mapped = [(draft, line) for draft in drafts for line in draft.lines if line.sku_id]
    if not mapped:
        return frozenset()
    items = {item_id for _draft, line in mapped for item_id, _pieces in known.skus[line.sku_id].recipe}
    holds = [id for draft in drafts for held in draft.holds.values() for id, _pieces in held]
    lines = [line.id for _draft, line in mapped]
    page = ledger.open_page(tx, places.load(tx), items=items, lines=[*lines, *holds])
    for one, line in mapped:
        for hold_id, pieces in one.holds.get(line.external_id, ()):
            for item_id, each in known.skus[line.sku_id].recipe:
                page.hand_on(hold_id, line.id, item_id, quantity=pieces * each)
        happened_at = one.order.seen.changed_at if one.before else one.order.seen.placed_at
        place, before = one.place(line), one.place_before(line)
        claim(
            page,
            Claimed(
                why=Why(f"order:{one.order.id}:{one.order.version}", happened_at),
                line=line,
                before=one.before_lines.get(line.external_id),
                recipe=known.skus[line.sku_id].recipe,
                location=known.locations.get(place, "") if place else "",
                placed_elsewhere=bool(place) and not known.locations.get(place),
                sent_elsewhere=before is not None and before != place,
                network=known.network,
                payment=one.order.seen.payment,
            ),
        )
    moved = ledger.written(tx, page)
    return frozenset(
        sku_id
        for sku_id in {line.sku_id for _draft, line in mapped}
        if not moved.isdisjoint(item_id for item_id, _pieces in known.skus[sku_id].recipe)
    )


def _except(tx: Tx, drafts: Sequence[Draft]) -> None:
    """Opens what is wrong now, unless somebody has accepted just that, names it anew where it changed, closes
    what no longer is so. Shorts are looked after by `heal.review`."""
    every = {
        (draft.order.id, line_id, str(kind)): exception_rows.cut(detail)
        for draft in drafts
        for (line_id, kind), detail in draft.trouble.items()
    }
    known = exception_rows.standing(tx, [draft.order.id for draft in drafts if draft.before is not None])
    wanted = {key: detail for key, detail in every.items() if (key, detail) not in known.accepted}
    exception_rows.open_new(tx, {key: detail for key, detail in wanted.items() if key not in known.open})
    exception_rows.detail_anew(
        tx, {id: wanted[key] for key, (id, held) in known.open.items() if wanted.get(key, held) != held}
    )
    over = [id for key, (id, _held) in known.open.items() if key not in wanted and key[2] != Kind.SHORT]
    exception_rows.close(tx, over)


def _tell(tx: Tx, drafts: Iterable[Draft]) -> None:
    events.append(
        tx,
        [
            Event(
                stream=f"order:{draft.order.id}",
                kind="OrderReceived" if draft.before is None else "OrderChanged",
                body={
                    "order": draft.order.id,
                    "version": draft.order.version,
                    "commercial": draft.order.seen.commercial,
                    "payment": draft.order.seen.payment,
                    "fulfilment": draft.order.fulfilment,
                    "exceptions": sorted({kind for _line, kind in draft.trouble}),
                },
            )
            for draft in drafts
        ],
    )


def _effects(draft: Draft) -> list[Effect]:
    """What the channel did to its own figures since the version we held.

    `at` is the earliest moment at which it can have been: the payment or placing of a new order, the last
    change we knew of an old one. A change that may lie before our last write counts as overwritten by it
    (sync/believed.py). A line that was moved gives back at one location what it takes at the other.
    """
    seen, before = draft.order.seen, draft.before
    at = before.seen.changed_at if before else (seen.paid_at or seen.placed_at)
    effects = []
    for line in draft.lines:
        if line.external_id not in draft.said:
            continue  # a line that is gone says nothing of what its channel took for it
        changes: dict[str, int] = {draft.place(line): -line.taken}
        held, earlier = draft.before_lines.get(line.external_id), draft.place_before(line)
        if held is not None and earlier is not None:
            changes[earlier] = changes.get(earlier, 0) + held.taken
        effects += [
            Effect(
                cause=f"order:{draft.order.id}:{draft.order.version}:{line.id}",
                item=line.item,
                location=location,
                delta=delta,
                at=at,
            )
            for location, delta in changes.items()
            if delta
        ]
    return effects
