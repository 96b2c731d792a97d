"""Stock, what moved it, who has a claim on it, and the ways in which programs change it."""

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from entrepot import catalog
from entrepot.access import Permission
from entrepot.api.answers import Adjusted, CountBooked, History, Imported, Received, StockOfSku
from entrepot.api.route import IMPORT_MAX, Ask, Moment, Paged, Query, Route, Text
from entrepot.catalog.views import code_named
from entrepot.db import Tx
from entrepot.db.paging import LIMIT_MAX, Page
from entrepot.ledger import lists as ledger_lists
from entrepot.ledger import views as ledger_views
from entrepot.ledger.views import Moved, Promise
from entrepot.sync import history, lists, views
from entrepot.sync.lists import StockView
from entrepot.sync.views import SlotView

SPAN = timedelta(days=1)


class StockQuery(Paged, frozen=True):
    search: Annotated[
        Text, Meta(description="Words; each begins a word of the SKU's code or title.", examples=["mug ind"])
    ] = ""


class AtQuery(Query, frozen=True):
    at: Annotated[
        Moment | None, Meta(description="As it was booked then. Left out: now.",
                            examples=["2026-03-02T09:30:00Z"])
    ] = None  # fmt: skip


class HistoryQuery(Query, frozen=True):
    since: Annotated[Moment | None, Meta(description="After this. Left out: a day before `until`.")] = None
    until: Annotated[Moment | None, Meta(description="Until this. Left out: now.")] = None
    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="The newest so many.")] = LIMIT_MAX


class MoveQuery(Paged, frozen=True):
    item: Annotated[Text, Meta(description="Code of an item: only its moves, by when they were booked.")] = ""
    cause: Annotated[Text, Meta(description="Only what this caused, for example 'receipt:PO-17'.")] = ""


class PromiseQuery(Paged, frozen=True):
    item: Annotated[Text, Meta(description="Code of an item.")] = ""
    order_id: Annotated[Text, Meta(description="Id of an order.")] = ""
    state: Annotated[
        Text, Meta(description="short, held, reserved, picked, consumed, released or expired.")
    ] = ""


class SlotQuery(Paged, frozen=True):
    connection: Annotated[Text, Meta(description="Name of a connection.")] = ""
    sku: Annotated[Text, Meta(description="Code of a SKU.")] = ""
    refused: Annotated[bool, Meta(description="Only those that their channel refuses.")] = False


def _asked(ask: Ask) -> dict[str, Any]:
    return msgspec.structs.asdict(ask.query)


def _stock(tx: Tx, ask: Ask) -> Page[StockView]:
    return lists.stock(tx, **_asked(ask))


def _one(tx: Tx, ask: Ask) -> StockOfSku | None:
    sku = _sku(tx, ask)
    if sku is None:
        return None
    at = ask.query.at
    items = [item_id for item_id, _pieces in sku.recipe]
    return StockOfSku(
        sku=sku.code,
        title=sku.title,
        scale=sku.scale,
        at=at,
        items=tuple(ledger_views.figures(tx, items, at=at)),
        slots=tuple(views.slots_at(tx, sku.id, at) if at else views.slots_of_sku(tx, sku.id)),
    )


def _history(tx: Tx, ask: Ask) -> History | None:
    sku = _sku(tx, ask)
    if sku is None:
        return None
    until = ask.query.until or tx.now
    since = ask.query.since or until - SPAN
    entries = history.happened(tx, sku, since=since, until=until, limit=ask.query.limit)
    return History(sku=sku.code, since=since, until=until, entries=tuple(entries))


def _sku(tx: Tx, ask: Ask) -> catalog.Sku | None:
    return next(iter(catalog.skus(tx, codes=[code_named(tx, ask.path["sku"])])), None)


def _moves(tx: Tx, ask: Ask) -> Page[Moved]:
    return ledger_lists.moves(tx, **_asked(ask))


def _promises(tx: Tx, ask: Ask) -> Page[Promise]:
    return ledger_lists.promises(tx, **_asked(ask))


def _slots(tx: Tx, ask: Ask) -> Page[SlotView]:
    return lists.slots(tx, **_asked(ask))


TAG = "Stock"
READ, WRITE = Permission.STOCK_READ, Permission.STOCK_WRITE
GOODS = ("sku_unknown", "location_unknown", "quantity", "bundle", "cause_reused", "location_forbidden")

ROUTES = (
    Route(
        method="GET",
        path="/stock",
        permission=READ,
        tag=TAG,
        name="list_stock",
        summary="What there is, SKU by SKU",
        about="By code; with a search by the word that was found. Quantities are pieces: `scale` of them "
        "are one "
        "sold unit.",
        query=StockQuery,
        answer=Page[StockView],
        reads=_stock,
    ),
    Route(
        method="GET",
        path="/stock/{sku}",
        permission=READ,
        tag=TAG,
        name="show_stock",
        summary="One SKU: where it lies and what its slots show, now or at any booked moment",
        about="At a past moment the slots have the four figures that were noted until then; what was "
        "believed is "
        "not kept.",
        query=AtQuery,
        answer=StockOfSku,
        reads=_one,
    ),
    Route(
        method="GET",
        path="/stock/{sku}/history",
        permission=READ,
        tag=TAG,
        name="show_history",
        summary="What happened to a SKU in between: moves, figures of its slots, events",
        query=HistoryQuery,
        answer=History,
        reads=_history,
    ),
    Route(
        method="GET",
        path="/moves",
        permission=READ,
        tag=TAG,
        name="list_moves",
        summary="Booked moves, the last first",
        about="A move is written once and never changed; a correction is another move.",
        query=MoveQuery,
        answer=Page[Moved],
        reads=_moves,
    ),
    Route(
        method="GET",
        path="/reservations",
        permission=READ,
        tag=TAG,
        name="list_reservations",
        summary="Claims on goods, the newest first",
        about="held → reserved → picked → consumed; released and expired are ends; short waits for goods.",
        query=PromiseQuery,
        answer=Page[Promise],
        reads=_promises,
        problems=("state",),
    ),
    Route(
        method="GET",
        path="/slots",
        permission=READ,
        tag=TAG,
        name="list_slots",
        summary="Stock slots with wanted, sent, acknowledged and observed",
        about="A slot is where a channel shows a quantity. In sync: what we believe it shows is what we "
        "want it "
        "to. Figures are sold units.",
        query=SlotQuery,
        answer=Page[SlotView],
        reads=_slots,
    ),
    Route(
        method="POST",
        path="/receipts",
        permission=WRITE,
        tag=TAG,
        name="receive_goods",
        summary="Goods came in",
        about="The same `reference` twice is booked once.",
        answer=Received,
        command="stock.receive",
        problems=(*GOODS, "cost", "currency_unknown", "money_malformed", "money_digits"),
        example={"sku": "MUG", "location": "main", "quantity": "24", "reference": "PO-17/1"},
    ),
    Route(
        method="POST",
        path="/adjustments",
        permission=WRITE,
        tag=TAG,
        name="adjust_stock",
        summary="A correction with its reason",
        about="The same `reference` twice is booked once.",
        answer=Adjusted,
        command="stock.adjust",
        problems=(*GOODS, "adjustment"),
        example={
            "sku": "MUG", "location": "main", "quantity": "-1", "reason": "broken", "reference": "shelf-4"
        },
    ),
    Route(
        method="POST",
        path="/counts",
        permission=WRITE,
        tag=TAG,
        name="count_stock",
        summary="A person counted",
        about="The hub books the difference to what the ledger had at `as_of`. The same `reference` twice is "
        "booked once.",
        answer=CountBooked,
        command="stock.count",
        problems=(*GOODS, "as_of"),
        example={"sku": "MUG", "location": "main", "quantity": "23", "reference": "count-9/MUG"},
    ),
    Route(
        method="POST",
        path="/imports",
        permission=WRITE,
        tag=TAG,
        name="import_counts",
        summary="Counts from a CSV file",
        about="Columns sku, location, quantity and, if wanted, lot and title. Nothing is booked if a row "
        "is wrong.",
        answer=Imported,
        command="stock.import",
        body_max=IMPORT_MAX,
        problems=("csv", "rows_wrong", "cause_reused"),
        example={"csv": "sku,location,quantity\nMUG,main,24\n", "reference": "opening"},
    ),
)  # fmt: skip
