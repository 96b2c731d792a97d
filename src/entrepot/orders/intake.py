"""Intake: a batch of testimonies becomes orders, claims on goods, exceptions and events, in one transaction.

Whatever arrives twice, late or out of order ends in the same state: see `model.verdict`. About fifteen statements a
batch, whatever the number of orders in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from entrepot import catalog, connections, customers, ledger, places
from entrepot.connections import Connection
from entrepot.contract import Commercial, LineSeen, OrderSeen, disagreements
from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal
from entrepot.orders import rows
from entrepot.orders.claim import Claimed, claim
from entrepot.orders.model import Counts, Kind, Line, Order, Verdict, counts, fulfilment, gone, odd_steps, verdict


class Testimony(msgspec.Struct, frozen=True, kw_only=True):
    """An order as seen. `asked_at`: when we began to ask for it; None: the channel told us, at `as_of`."""

    order: OrderSeen
    as_of: datetime
    asked_at: datetime | None = None
    force: bool = False  # heal: the same testimony again, because what we know has changed


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """The channel changed its own figure by `delta` sold units, at `at` in its own clock or later."""

    cause: str
    item: str
    location: str
    delta: int
    at: datetime


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch. `unclear` names orders to be asked for again."""

    verdicts: dict[Verdict, int]
    unclear: tuple[str, ...]
    effects: tuple[Effect, ...]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What intake looks things up in."""

    skus: Mapping[str, catalog.Sku]
    by_item: Mapping[str, str]  # the channel's item → SKU id
    by_text: Mapping[str, str]  # SKU text → SKU id
    locations: Mapping[str, str]  # the channel's location → ours, '' if unmapped
    network: tuple[str, ...]


class Draft(msgspec.Struct, kw_only=True):
    """One order on its way through intake."""

    order: Order
    before: Order | None
    lines: list[Line]
    before_lines: Mapping[str, Line]
    trouble: dict[tuple[str, Kind], str]


def take(tx: Tx, connection: Connection, batch: Sequence[Testimony]) -> Taken:
    """Books what is news in a batch of one connection's orders."""
    held = rows.held(tx, connection.id, {one.order.external_id for one in batch})
    news, verdicts, unclear = _sort(batch, held, connection.since)
    if not news:
        return Taken(verdicts=verdicts, unclear=tuple(unclear), effects=())
    held_lines = rows.lines(tx, [one.id for one in held.values()])
    known = _known(tx, connection, [one.order for one in news], held_lines)
    people = _people(tx, connection.id, news, held)
    drafts = [_draft(tx, connection, one, held.get(one.order.external_id), held_lines, known, people)
              for one in news]  # fmt: skip
    _write(tx, drafts)
    _claim(tx, drafts, known)
    _except(tx, drafts)
    _tell(tx, drafts)
    effects = [effect for draft in drafts for effect in _effects(draft)]
    return Taken(verdicts=verdicts, unclear=tuple(unclear), effects=tuple(effects))


def _sort(
    batch: Sequence[Testimony], held: Mapping[str, Order], since: datetime
) -> tuple[list[Testimony], dict[Verdict, int], list[str]]:
    """The newest news of each order, how many of each verdict, and the orders that must be asked for.

    Orders placed before the connection's `since` are not the hub's: they are counted as older, unless held."""
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
        verdicts[new] = verdicts.get(new, 0) + 1
        if new in (Verdict.NEW, Verdict.NEWER):
            newest[id] = one
        elif new is Verdict.UNCLEAR:
            unclear.append(id)
    return list(newest.values()), verdicts, unclear


def _within(before: Testimony, one: Testimony) -> Verdict:
    """The verdict on a second testimony of an order in one batch; keys rise through the batch."""
    if one.order.version == before.order.version:
        return Verdict.SAME
    if one.order.version.key > before.order.version.key:
        return Verdict.NEWER
    later = one.asked_at is not None and one.asked_at > before.as_of
    return Verdict.NEWER if later else Verdict.UNCLEAR


def _known(
    tx: Tx, connection: Connection, seen: Sequence[OrderSeen], held: Mapping[str, Mapping[str, Line]]
) -> Known:
    every = [line for order in seen for line in order.lines]
    listings = catalog.listings(tx, connection.id, {line.item for line in every if line.item})
    texts = {line.sku: _code(line.sku) for line in every if line.sku}
    by_code = {sku.code: sku for sku in catalog.skus(tx, codes=set(texts.values()) - {""})}
    ids = {one.sku_id for one in listings.values() if one.sku_id}
    ids |= {line.sku_id for lines in held.values() for line in lines.values() if line.sku_id}
    skus = {sku.id: sku for sku in catalog.skus(tx, ids=ids)} | {sku.id: sku for sku in by_code.values()}
    return Known(
        skus=skus,
        by_item={item: one.sku_id for item, one in listings.items() if one.sku_id},
        by_text={text: by_code[code].id for text, code in texts.items() if code in by_code},
        locations=connections.locations(tx, connection.id),
        network=places.networks(tx).get(connection.network_id, ()),
    )


def _code(text: str) -> str:
    try:
        return catalog.code_of(text)
    except Refusal:
        return ""


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


def _draft(
    tx: Tx,
    connection: Connection,
    one: Testimony,
    before: Order | None,
    held_lines: Mapping[str, Mapping[str, Line]],
    known: Known,
    people: Mapping[str, str],
) -> Draft:
    seen = one.order
    id = before.id if before else tx.ids.new()
    before_lines = held_lines.get(id, {})
    trouble: dict[tuple[str, Kind], str] = {("", Kind.WORD): note for note in seen.notes}
    if wrong := disagreements(seen):
        trouble["", Kind.TOTAL] = "; ".join(str(figure) for figure in wrong)
    if before and (odd := odd_steps(before.seen, seen)):
        trouble["", Kind.STEP] = "; ".join(odd)
    lines = [_line(tx, id, line, seen, before_lines.get(line.external_id), known, trouble) for line in seen.lines]
    there = {line.external_id for line in seen.lines}
    lines += [_with(line, gone(line)) for external_id, line in before_lines.items() if external_id not in there]
    order = Order(
        id=id,
        connection_id=connection.id,
        version_key=seen.version.key,
        digest=seen.version.digest,
        as_of=one.asked_at or one.as_of,
        version=before.version + 1 if before else 1,
        person_id=people.get(seen.external_id, before.person_id if before else ""),
        received_at=before.received_at if before else tx.now,
        seen=seen,
        fulfilment=fulfilment([line for line in lines if line.sku_id or line.ordered]),
    )
    return Draft(order=order, before=before, lines=lines, before_lines=before_lines, trouble=trouble)


def _line(
    tx: Tx,
    order_id: str,
    seen: LineSeen,
    order: OrderSeen,
    held: Line | None,
    known: Known,
    trouble: dict[tuple[str, Kind], str],
) -> Line:
    """The line as it is to be held; what is wrong with it goes into `trouble`."""
    sku_id = (held.sku_id if held else "") or known.by_item.get(seen.item, "") or known.by_text.get(seen.sku, "")
    id = held.id if held else tx.ids.new()
    figures = Counts()
    if seen.goods:
        figures = counts(seen, order, held, known.skus[sku_id].scale if sku_id else 1)
        for kind, detail in figures.trouble.items():
            trouble[id, kind] = detail
        if not sku_id and order.commercial is not Commercial.DRAFT:
            named = seen.sku or seen.item or "nothing"
            trouble[id, Kind.UNMAPPED] = f"the channel's {named!r} ({seen.title}) is no SKU of ours yet"
        if seen.handed_over and not known.locations.get(seen.handed_over):
            trouble[id, Kind.LOCATION] = f"the channel's location {seen.handed_over!r} is none of ours yet"
    line = held or Line(id=id, order_id=order_id, external_id=seen.external_id)
    line = msgspec.structs.replace(
        line,
        item=seen.item,
        sku_text=seen.sku,
        title=seen.title,
        sku_id=sku_id,
        amount=seen.amount.minor,
        taken=int(seen.taken),
        handed_over=bool(seen.handed_over),
    )
    return _with(line, figures)


def _with(line: Line, figures: Counts) -> Line:
    return msgspec.structs.replace(
        line,
        ordered=figures.ordered,
        cancelled=figures.cancelled,
        shipped=figures.shipped,
        returned=figures.returned,
        unsellable=figures.unsellable,
        shelved=figures.shelved,
        kept=figures.kept,
    )


def _write(tx: Tx, drafts: Sequence[Draft]) -> None:
    rows.insert_orders(tx, [draft.order for draft in drafts if draft.before is None])
    rows.update_orders(tx, [draft.order for draft in drafts if draft.before is not None])
    every = [(line, draft.before_lines.get(line.external_id)) for draft in drafts for line in draft.lines]
    rows.insert_lines(tx, [line for line, before in every if before is None])
    rows.update_lines(tx, [line for line, before in every if before is not None and before != line])


def _claim(tx: Tx, drafts: Sequence[Draft], known: Known) -> None:
    """Makes each line's claims in the ledger what the line says."""
    mapped = [(draft, line) for draft in drafts for line in draft.lines if line.sku_id]
    if not mapped:
        return
    items = {item_id for _draft, line in mapped for item_id, _pieces in known.skus[line.sku_id].recipe}
    page = ledger.open_page(tx, places.load(tx), items=items, lines=[line.id for _draft, line in mapped])
    for draft, line in mapped:
        seen = {one.external_id: one for one in draft.order.seen.lines}.get(line.external_id)
        where = (seen.handed_over if seen else "") or draft.order.seen.location
        claim(
            page,
            Claimed(
                cause=f"order:{draft.order.id}:{draft.order.version}",
                line=line,
                before=draft.before_lines.get(line.external_id),
                recipe=known.skus[line.sku_id].recipe,
                location=known.locations.get(where, "") if where else "",
                placed_elsewhere=bool(where) and not known.locations.get(where),
                network=known.network,
                payment=draft.order.seen.payment,
                happened_at=draft.order.seen.changed_at if draft.before else draft.order.seen.placed_at,
            ),
        )
    ledger.written(tx, page)


def _except(tx: Tx, drafts: Sequence[Draft]) -> None:
    """Opens what is wrong now and closes what no longer is. Shorts are looked after by `shorts.review`."""
    wanted = {
        (draft.order.id, line_id, kind): detail
        for draft in drafts
        for (line_id, kind), detail in draft.trouble.items()
    }
    known = rows.open_exceptions(tx, [draft.order.id for draft in drafts if draft.before is not None])
    rows.open_new(tx, {key: detail for key, detail in wanted.items() if key not in known})
    kept = {(order_id, line_id, str(kind)) for order_id, line_id, kind in wanted}
    rows.close(tx, [id for key, id in known.items() if key not in kept and key[2] != Kind.SHORT])


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

    `at` is the earliest moment at which it can have been: the payment or placing of a new order, the last change we
    knew of an old one. A change that may lie before our last write counts as overwritten by it (sync/believed.py).
    """
    seen, before = draft.order.seen, draft.before
    at = before.seen.changed_at if before else (seen.paid_at or seen.placed_at)
    by_id = {line.external_id: line for line in seen.lines}
    effects = []
    for line in draft.lines:
        now = by_id.get(line.external_id)
        held = draft.before_lines.get(line.external_id)
        delta = (held.taken if held else 0) - line.taken
        if delta and now is not None:
            effects.append(
                Effect(
                    cause=f"order:{draft.order.id}:{draft.order.version}:{line.id}",
                    item=line.item,
                    location=now.handed_over or seen.location,
                    delta=delta,
                    at=at,
                )
            )
    return effects
