"""Orders, who ordered, and their exceptions."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from entrepot import customers
from entrepot.access import Permission
from entrepot.api.route import Ask, Moment, Paged, Route, Text
from entrepot.contract import Commercial, Payment
from entrepot.db import Tx
from entrepot.db.paging import Page
from entrepot.orders import Fulfilment, detail, lists
from entrepot.orders.detail import OrderDetail
from entrepot.orders.lists import Asked
from entrepot.orders.model import STATUSES
from entrepot.orders.views import OrderView, Problem


class OrderQuery(Paged, frozen=True):
    connection: Annotated[Text, Meta(description="Name of the connection they came from.")] = ""
    status: Annotated[
        Text, Meta(description=f"Their one word: {', '.join(STATUSES)}.", examples=["awaiting payment"])
    ] = ""
    commercial: Annotated[Commercial | None, Meta(description="What the channel says of the agreement.")] = (
        None
    )
    payment: Annotated[Payment | None, Meta(description="What the channel says of the money.")] = None
    fulfilment: Annotated[Fulfilment | None, Meta(description="What became of the goods.")] = None
    exception: Annotated[
        Text, Meta(description="With an open exception of this kind, or 'any'.", examples=["short"])
    ] = ""
    sku: Annotated[Text, Meta(description="With a line of this SKU (its whole code).")] = ""
    number: Annotated[Text, Meta(description="Whose number begins so; they come by number.")] = ""
    external_id: Annotated[Text, Meta(description="The channel's own id, whole.")] = ""
    search: Annotated[
        Text, Meta(description="The code of a SKU if there is one, else the beginning of a number.")
    ] = ""
    placed_from: Annotated[
        Moment | None, Meta(description="Placed then or later; they come by when they were placed.")
    ] = None
    placed_until: Annotated[Moment | None, Meta(description="Placed before.")] = None
    received_from: Annotated[
        Moment | None, Meta(description="Taken in then or later; they come by when they were taken in.")
    ] = None
    received_until: Annotated[Moment | None, Meta(description="Taken in before.")] = None


class ExceptionQuery(Paged, frozen=True):
    kind: Annotated[Text, Meta(description="Only of this kind.", examples=["unmapped_sku"])] = ""
    connection: Annotated[Text, Meta(description="Only of orders of this connection.")] = ""


def _orders(tx: Tx, ask: Ask) -> Page[OrderView]:
    asked = {name: getattr(ask.query, name) for name in Asked.__struct_fields__}
    return lists.orders(tx, Asked(**asked), after=ask.query.after, limit=ask.query.limit)


def _order(tx: Tx, ask: Ask) -> OrderDetail | None:
    return detail.detail(tx, ask.path["order"])


def _people(tx: Tx, ask: Ask) -> customers.Person | None:
    person_id = detail.person_of(tx, ask.path["order"])
    return customers.show(tx, person_id) if person_id else None


def _problems(tx: Tx, ask: Ask) -> Page[Problem]:
    asked: dict[str, Any] = msgspec.structs.asdict(ask.query)
    return lists.problems(tx, **asked)


TAG = "Orders"

ROUTES = (
    Route(
        method="GET",
        path="/orders",
        permission=Permission.ORDERS_READ,
        tag=TAG,
        name="list_orders",
        summary="Orders, those taken in last first",
        about="Filters narrow the list together. Nothing personal is in it.",
        query=OrderQuery,
        answer=Page[OrderView],
        reads=_orders,
        problems=("status", "exception"),
    ),
    Route(
        method="GET",
        path="/orders/{order}",
        permission=Permission.ORDERS_READ,
        tag=TAG,
        name="show_order",
        summary="One order: lines with their claims, money, parcels, exceptions, time line",
        about="The ETag changes with anything in it.",
        answer=OrderDetail,
        reads=_order,
    ),
    Route(
        method="GET",
        path="/orders/{order}/people",
        permission=Permission.PEOPLE_READ,
        tag=TAG,
        name="show_people",
        summary="Who ordered, and where to send it and the bill",
        about="404 for an order that names nobody, 422 once the person was forgotten.",
        answer=customers.Person,
        reads=_people,
        problems=("person_forgotten",),
    ),
    Route(
        method="GET",
        path="/exceptions",
        permission=Permission.ORDERS_READ,
        tag=TAG,
        name="list_exceptions",
        summary="Open exceptions, the newest first",
        about="What stops a line or an order until somebody acts; it closes by itself once it is no "
        "longer so.",
        query=ExceptionQuery,
        answer=Page[Problem],
        reads=_problems,
        problems=("exception",),
    ),
)
