"""Goods held for somebody, moved between locations, set aside."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from entrepot.access import Permission
from entrepot.api.resources.stock import GOODS, TAG
from entrepot.api.route import Ask, Paged, Route, Text
from entrepot.api.selling_answers import (
    HoldMade,
    StockMovedAnswer,
    StockPutBack,
    StockSetAside,
    TransferAnswer,
)
from entrepot.db import Tx
from entrepot.db.paging import Page
from entrepot.ledger import kept
from entrepot.ledger.kept import HoldView, TransferView


class HoldQuery(Paged, frozen=True):
    sku: Annotated[Text, Meta(description="Code of a SKU.")] = ""
    state: Annotated[Text, Meta(description="held, used, released or expired.")] = ""


def _holds(tx: Tx, ask: Ask) -> Page[HoldView]:
    asked: dict[str, Any] = msgspec.structs.asdict(ask.query)
    return kept.holds(tx, **asked)


def _hold(tx: Tx, ask: Ask) -> HoldView | None:
    return kept.hold(tx, ask.path["hold"])


def _transfers(tx: Tx, ask: Ask) -> Page[TransferView]:
    return kept.transfers(tx, after=ask.query.after, limit=ask.query.limit)


def _transfer(tx: Tx, ask: Ask) -> TransferView | None:
    return kept.transfer(tx, ask.path["transfer"])


ONCE = "The same `reference` twice is booked once."
READ, WRITE, SELL = Permission.STOCK_READ, Permission.STOCK_WRITE, Permission.ORDERS_WRITE

ROUTES = (
    Route(
        method="GET",
        path="/holds",
        permission=READ,
        tag=TAG,
        name="list_holds",
        summary="Goods kept for somebody for a while, those that were asked for last first",
        query=HoldQuery,
        answer=Page[HoldView],
        reads=_holds,
        problems=("state",),
    ),
    Route(
        method="POST",
        path="/holds",
        permission=SELL,
        tag=TAG,
        name="make_hold",
        summary="Hold goods until a moment, all of them or none",
        about="At most 30 days. Held goods are nobody else's; an order that names the hold takes them "
        "over. The same "
        "`reference` with the same wish answers the hold that is there.",
        answer=HoldMade,
        command="hold.make",
        made="/holds/{hold}",
        problems=("not_enough", "until", "reference_reused", "sku_unknown", "location", "location_unknown",
                  "not_a_seller", "quantity"),
        example={
            "sku": "MUG", "quantity": "2", "location": "main", "until": "2026-03-02T18:00:00Z",
            "reference": "cart-5"
        },
    ),
    Route(
        method="GET",
        path="/holds/{hold}",
        permission=READ,
        tag=TAG,
        name="show_hold",
        summary="One hold",
        answer=HoldView,
        reads=_hold,
    ),
    Route(
        method="POST",
        path="/holds/{hold}/extensions",
        permission=SELL,
        tag=TAG,
        name="extend_hold",
        summary="Let a hold end at another moment",
        answer=HoldMade,
        command="hold.extend",
        given={"hold": "hold"},
        problems=("until", "hold_ended"),
        example={"until": "2026-03-03T18:00:00Z"},
    ),
    Route(
        method="POST",
        path="/holds/{hold}/releases",
        permission=SELL,
        tag=TAG,
        name="release_hold",
        summary="Give goods of a hold back, or all that it has left",
        answer=HoldMade,
        command="hold.release",
        given={"hold": "hold"},
        problems=("quantity", "hold_ended"),
        example={"quantity": "1"},
    ),
    Route(
        method="POST",
        path="/moves",
        permission=WRITE,
        tag=TAG,
        name="move_stock",
        summary="Goods move from the shelf of one location to that of another, at once",
        about=ONCE,
        answer=StockMovedAnswer,
        command="stock.move",
        problems=(*GOODS, "not_enough", "locations_equal"),
        example={"sku": "MUG", "quantity": "5", "source": "main", "target": "harbour", "reference": "van-3"},
    ),
    Route(
        method="POST",
        path="/set-asides",
        permission=WRITE,
        tag=TAG,
        name="set_stock_aside",
        summary="Goods are there and not for sale, for a reason",
        about=ONCE,
        answer=StockSetAside,
        command="stock.set_aside",
        problems=(*GOODS, "not_enough", "reason"),
        example={"sku": "MUG", "quantity": "1", "location": "main", "reason": "damaged", "reference": "d-7"},
    ),
    Route(
        method="POST",
        path="/put-backs",
        permission=WRITE,
        tag=TAG,
        name="put_stock_back",
        summary="Goods that were set aside are for sale again",
        about=ONCE,
        answer=StockPutBack,
        command="stock.put_back",
        problems=(*GOODS, "not_enough", "reason"),
        example={"sku": "MUG", "quantity": "1", "location": "main", "reason": "damaged", "reference": "d-8"},
    ),
    Route(
        method="GET",
        path="/transfers",
        permission=READ,
        tag=TAG,
        name="list_transfers",
        summary="Goods on their way between two locations, those that were sent last first",
        query=Paged,
        answer=Page[TransferView],
        reads=_transfers,
    ),
    Route(
        method="POST",
        path="/transfers",
        permission=WRITE,
        tag=TAG,
        name="send_transfer",
        summary="Goods leave one location for another",
        about="Until they are counted there they are in transit. The same `reference` with the same "
        "goods answers the "
        "transfer that is there.",
        answer=TransferAnswer,
        command="transfer.send",
        made="/transfers/{transfer}",
        problems=(*GOODS, "not_enough", "locations_equal", "reference_reused", "lines", "line_twice"),
        example={
            "source": "main", "target": "harbour", "reference": "van-4",
            "lines": [{"sku": "MUG", "quantity": "5"}],
        },
    ),
    Route(
        method="GET",
        path="/transfers/{transfer}",
        permission=READ,
        tag=TAG,
        name="show_transfer",
        summary="One transfer",
        answer=TransferView,
        reads=_transfer,
    ),
    Route(
        method="POST",
        path="/transfers/{transfer}/arrivals",
        permission=WRITE,
        tag=TAG,
        name="count_arrival",
        summary="Goods of a transfer were counted where it goes",
        about="`complete`: nothing more of it comes, and what was not found is lost. The same "
        "`reference` twice is "
        "counted once.",
        answer=TransferAnswer,
        command="transfer.arrive",
        given={"transfer": "transfer"},
        problems=(*GOODS, "transfer_ended", "not_sent"),
        example={
            "location": "harbour", "reference": "van-4/1", "lines": [{"sku": "MUG", "quantity": "5"}],
        },
    ),
)  # fmt: skip
