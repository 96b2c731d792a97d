"""Remedies: for each kind of exception what a person can do, and what becomes of it."""

import msgspec
import pytest
from sqlalchemy import select

from entrepot.access import at_command_line
from entrepot.app import COMMANDS, perform
from entrepot.contract import Commercial
from entrepot.db import tables
from entrepot.kernel import Refusal
from entrepot.orders import ACCEPTABLE, REMEDIES, Kind, Offered, offered, remedies
from entrepot.orders.views import problems
from tests.orders.desk import Desk, eur, line, order

PRINTED = {
    Kind.UNMAPPED: (["sku.map", "sku.add", "order.refetch"], ["sku.map", "sku.add"]),
    Kind.NOT_WHOLE: (["order.refetch"], []),
    Kind.LOCATION: (["location.map", "order.refetch"], ["location.map"]),
    Kind.TOTAL: (["exception.accept", "order.refetch"], ["exception.accept"]),
    Kind.WORD: (["exception.accept", "order.refetch"], ["exception.accept"]),
    Kind.STEP: (["exception.accept", "order.refetch"], ["exception.accept"]),
    Kind.SENT: (["exception.accept", "order.refetch"], ["exception.accept"]),
    Kind.COUNTS: (["order.refetch", "exception.accept"], ["exception.accept"]),
    Kind.SHORT: (
        ["order.source", "stock.receive", "stock.count", "order.refetch"],
        ["order.source", "stock.receive", "stock.count", "order.give_up"],
    ),
}
"""Kind → commands for orders of a platform, and for those of the hub's own sellers."""


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_remedies(kind: Kind) -> None:
    platform, own = PRINTED[kind]
    assert [one.command for one in remedies(kind, own=False)] == platform
    assert [one.command for one in remedies(kind, own=True)] == own
    assert ("exception.accept" in platform) is (kind in ACCEPTABLE)


@pytest.mark.parametrize("kind", Kind)
def test_every_remedy_is_a_command_with_those_arguments(kind: Kind) -> None:
    for one in REMEDIES[kind]:
        fields = {field.name: field for field in msgspec.structs.fields(COMMANDS[one.command][0])}
        assert {*one.fills, *one.asks} <= set(fields)
        needed = {name for name, field in fields.items() if field.required}
        assert needed <= {*one.fills, *one.asks}


def wrong_total(minor: int = 999, **more: object) -> object:
    return order(line("1"), total=eur(minor), **more)  # type: ignore[arg-type]


def an_exception(desk: Desk, kind: str) -> str:
    table = tables.exception
    rows = desk.rows(select(table.c.id).where(table.c.kind == kind, table.c.closed_at.is_(None)))
    return str(rows[0].id)


def shown(desk: Desk) -> list[Offered]:
    (problem,) = desk.store.read(lambda tx: problems(tx, 10))
    return offered(problem)


def test_an_accepted_total_does_not_come_back_for_the_same_figures() -> None:
    desk = Desk()
    desk.told(wrong_total())  # type: ignore[arg-type]
    id = an_exception(desk, "total_disagrees")
    desk.tell("exception.accept", exception=id, why="the shop rounds")
    assert desk.exceptions() == []
    assert desk.wrong() == []
    desk.told(wrong_total(key="2"))  # type: ignore[arg-type]
    assert desk.exceptions() == []
    desk.told(wrong_total(998, key="3"))  # type: ignore[arg-type]
    assert desk.exceptions() == [("", "total_disagrees")]
    desk.told(wrong_total(key="4"))  # type: ignore[arg-type]
    assert desk.exceptions() == []
    desk.told(order(line("1"), key="5"))
    assert desk.exceptions() == []
    assert desk.wrong() == []


def test_who_accepted_it_and_why_stays() -> None:
    desk = Desk()
    desk.told(wrong_total())  # type: ignore[arg-type]
    id = an_exception(desk, "total_disagrees")
    desk.tell("exception.accept", exception=id, why="the shop rounds")
    event = tables.event
    row = desk.rows(select(event).where(event.c.kind == "ExceptionAccepted"))[0]
    assert (row.actor, row.body["why"], row.body["kind"]) == (
        "cli:person",
        "the shop rounds",
        "total_disagrees",
    )
    row = desk.rows(select(tables.exception))[0]
    assert (row.accepted_by, row.accepted_why) == ("cli:person", "the shop rounds")


def test_an_acceptance_is_taken_back() -> None:
    desk = Desk()
    desk.told(wrong_total())  # type: ignore[arg-type]
    id = an_exception(desk, "total_disagrees")
    desk.tell("exception.accept", exception=id, why="the shop rounds")
    desk.tell("exception.reopen", exception=id, why="it does not")
    assert desk.exceptions() == [("", "total_disagrees")]
    assert refused(desk, "exception.reopen", exception=id, why="x") == "not_accepted"


def test_what_stands_in_the_way_of_goods_cannot_be_accepted() -> None:
    desk = Desk()
    desk.told(order(line("1", "NOBODYS")))
    id = an_exception(desk, "unmapped_sku")
    assert refused(desk, "exception.accept", exception=id, why="x") == "not_acceptable"
    assert refused(desk, "exception.accept", exception="none", why="x") == "exception_unknown"
    assert refused(desk, "exception.accept", exception=id, why=" ") == "text"


def test_an_accepted_word_stays_accepted_until_another_is_said() -> None:
    desk = Desk()
    desk.told(order(line("1"), notes=("payment is 'barter'",)))
    desk.tell("exception.accept", exception=an_exception(desk, "unknown_word"), why="we barter")
    desk.told(order(line("1"), key="2", notes=("payment is 'barter'",)))
    assert desk.exceptions() == []
    desk.told(order(line("1"), key="3", notes=("payment is 'shells'",)))
    assert desk.exceptions() == [("", "unknown_word")]


def test_an_unmapped_line_offers_what_it_knows() -> None:
    desk = Desk()
    desk.told(order(line("1", "NOBODYS")))
    assert [(one.command, dict(one.arguments), one.asks) for one in shown(desk)] == [
        ("sku.map", {"connection": "web", "item": "item-NOBODYS"}, ("sku",)),
        ("sku.add", {"sku": "NOBODYS"}, ()),
        ("order.refetch", {"order": desk.order().id}, ()),
    ]


def test_a_line_without_a_text_and_an_item_offers_only_what_can_be_done() -> None:
    desk = Desk()
    desk.told(order(line("1", "")))
    assert [one.command for one in shown(desk)] == ["order.refetch"]


def test_an_order_is_read_again_at_its_channel_once() -> None:
    desk = Desk()
    desk.told(order(line("1")))
    for _ in range(2):
        desk.tell("order.refetch", order="web/1001")
    job = tables.job
    rows = desk.rows(select(job.c.kind, job.c.body, job.c.queue).where(job.c.kind == "fetch_order"))
    assert [(row.body, row.queue) for row in rows] == [({"order": "1001"}, f"call:{desk.connection.id}")]
    assert "RefetchAsked" in desk.events()


def test_a_short_line_is_served_from_another_location() -> None:
    desk = Desk({"TEAPOT": 2, "MUG": 0})
    desk.tell("location.add", code="far")
    desk.tell("stock.receive", sku="TEAPOT", location="far", quantity="9", reference="far")
    desk.told(order(line("1", ordered=5)))
    assert desk.claims() == {("1", "reserved"): 2, ("1", "short"): 3}
    assert shown(desk)[0].command == "order.source"
    desk.tell("order.source", order=desk.order().id, line="1", location="far")
    assert desk.claims() == {("1", "reserved"): 5}
    assert desk.exceptions() == []
    assert desk.wrong() == []
    desk.told(order(line("1", ordered=5), key="2", payment="paid"))
    assert desk.claims() == {("1", "reserved"): 5}


def test_a_location_with_too_few_changes_nothing() -> None:
    desk = Desk({"TEAPOT": 2, "MUG": 0})
    desk.tell("location.add", code="far")
    desk.told(order(line("1", ordered=5)))
    assert refused(desk, "order.source", order="web/1001", line="1", location="far") == "not_enough"
    assert refused(desk, "order.source", order="web/1001", line="1", location="moon") == "location_unknown"
    assert refused(desk, "order.source", order="web/1001", line="7", location="far") == "line_unknown"
    assert desk.claims() == {("1", "reserved"): 2, ("1", "short"): 3}


def test_an_order_that_is_off_has_nothing_to_move() -> None:
    desk = Desk()
    desk.told(order(line("1"), commercial=Commercial.CANCELLED))
    assert refused(desk, "order.source", order="web/1001", line="1", location="main") == "nothing_to_move"


def test_a_channels_order_is_not_cancelled_here() -> None:
    desk = Desk({"TEAPOT": 0, "MUG": 0})
    desk.told(order(line("1")))
    with pytest.raises(Refusal, match=r"Change it in web .woocommerce.: the hub follows by itself"):
        desk.tell("order.cancel", order="web/1001", reason="x")
    assert refused(desk, "order.give_up", order="web/1001", line="1", reason="x") == "order_of_channel"


def test_what_is_missing_of_an_own_order_is_given_up() -> None:
    desk = Desk({"TEAPOT": 2, "MUG": 5})
    desk.tell("seller.add", name="field", currency="EUR", reserve="short")
    wanted = [{"sku": "TEAPOT", "quantity": "5", "unit_price": "1"}]
    desk.tell("order.place", seller="field", reference="R", lines=wanted, payment="paid")
    assert "order.give_up" in [one.command for one in shown(desk)]
    desk.tell("order.give_up", order="field/R", line="1", reason="sold out for good")
    assert desk.claims("R") == {("1", "reserved"): 2}
    assert desk.lines("R") == {"1": {"ordered": 5, "cancelled": 3}}
    assert desk.exceptions("R") == []
    assert refused(desk, "order.give_up", order="field/R", line="1", reason="x") == "nothing_short"
    assert refused(desk, "order.refetch", order="field/R") == "own_seller"
    assert desk.wrong() == []


def refused(desk: Desk, command: str, **arguments: object) -> str:
    with pytest.raises(Refusal) as said:
        perform(desk.hub, command, arguments, who=at_command_line("person"), source="test")
    return said.value.code
