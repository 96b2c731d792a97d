"""Orders of sellers inside the hub are paid, cancelled, shipped and handed over; each is a new version."""

from typing import Any

import pytest
from sqlalchemy import select

from entrepot.db import tables
from entrepot.orders import own, ship
from tests.selling.counter import Counter


@pytest.fixture
def order(counter: Counter) -> dict[str, Any]:
    """Two cups and a pot, paid."""
    return counter.place(("CUP", "2", "3.50"), ("POT", "1", "19.90"), payment="paid")


def test_an_order_is_cancelled_whole_and_its_goods_are_free(counter: Counter, order: dict[str, Any]) -> None:
    answer = counter.tell("order.cancel", order=order["order"], reason="changed their mind")
    assert (answer["status"], answer["version"]) == ("cancelled", 2)
    assert counter.lies("CUP") == {"main shelf": 10, "shop shelf": 4}
    assert counter.told(f"order:{order['order']}")[-1] == "OrderCancelled"


def test_a_part_of_a_line_is_cancelled(counter: Counter, order: dict[str, Any]) -> None:
    counter.tell("order.cancel", order=order["order"], reason="one is enough", lines={"1": "1"})
    assert counter.lies("CUP") == {"main shelf": 9, "main promised": 1, "shop shelf": 4}
    assert counter.lies("POT") == {"main shelf": 2, "main promised": 1}


def test_an_order_whose_last_line_is_cancelled_is_cancelled(counter: Counter, order: dict[str, Any]) -> None:
    counter.tell("order.cancel", order=order["order"], reason="no", lines={"1": "2"})
    answer = counter.tell(
        "order.cancel", order=order["order"], reason="no", lines={order["lines"][1]["line"]: "1"}
    )
    assert answer["commercial"] == "cancelled"


def test_what_is_shipped_cannot_be_cancelled(counter: Counter, order: dict[str, Any]) -> None:
    counter.tell("order.ship", order=order["order"], lines={"1": "2"})
    told = {"order": order["order"], "reason": "late"}
    assert counter.refused("order.cancel", **told, lines={"1": "1"}) == ("quantity", "lines.1")
    assert counter.tell("order.cancel", **told)["status"] == "shipped"
    assert counter.refused("order.cancel", **told) == ("nothing_open", "order")


def test_what_is_picked_cannot_be_cancelled(counter: Counter, order: dict[str, Any]) -> None:
    table = tables.reservation
    picked = table.update().where(table.c.line_id == order["lines"][0]["line"]).values(state="picked")
    counter.store.run(lambda tx: tx.run(picked))
    told = {"order": order["order"], "reason": "late"}
    assert counter.refused("order.cancel", **told) == ("picked", "lines.1")
    assert counter.tell("order.cancel", **told, lines={"2": "1"})["status"] == "accepted"


def test_an_order_ships_in_parts_and_is_closed_when_everything_has_left(
    counter: Counter, order: dict[str, Any]
) -> None:
    first = counter.tell("order.ship", order=order["order"], lines={"1": "1"}, carrier="post", tracking="T1")
    assert (first["status"], first["commercial"]) == ("partly shipped", "open")
    last = counter.tell("order.ship", order=order["order"])
    assert (last["status"], last["commercial"], last["version"]) == ("shipped", "closed", 3)
    assert counter.lies("CUP") == {"main shelf": 8, "shop shelf": 4, "gone": 2}


def test_an_order_that_ships_before_it_is_paid_is_closed_when_it_is(counter: Counter) -> None:
    order = counter.place(("CUP", "1", "1"))
    assert counter.tell("order.ship", order=order["order"])["commercial"] == "open"
    assert counter.tell("order.pay", order=order["order"], state="paid")["commercial"] == "closed"


def test_goods_that_are_only_waited_for_do_not_ship(counter: Counter) -> None:
    order = counter.place(("POT", "5", "1"), seller="wholesale")
    assert counter.refused("order.ship", order=order["order"]) == ("not_enough", "lines.1")
    assert counter.tell("order.ship", order=order["order"], lines={"1": "3"})["fulfilment"] == "partly"


def test_goods_that_a_customer_carries_away_leave_the_shelf_they_stood_on(
    counter: Counter, order: dict[str, Any]
) -> None:
    answer = counter.tell("order.hand_over", order=order["order"], location="shop", lines={"1": "2"})
    assert answer["status"] == "partly shipped"
    assert counter.lies("CUP") == {"main shelf": 10, "shop shelf": 2, "gone": 2}
    assert counter.claims(order["lines"][0]["line"]) == ["CUP consumed 2 shop", "CUP released 2 main"]


def test_what_is_carried_away_breaks_the_newest_promise_of_another_order(counter: Counter) -> None:
    other = counter.place(("POT", "3", "1"), payment="paid")
    order = counter.place(("POT", "1", "1"), seller="wholesale")
    counter.tell("order.hand_over", order=order["order"], location="main")
    assert counter.claims(other["lines"][0]["line"]) == ["POT reserved 2 main", "POT short 1"]


def test_an_order_is_known_by_its_seller_and_reference_too(counter: Counter) -> None:
    counter.place(("CUP", "1", "1"), reference="PO 7/b")
    assert counter.tell("order.cancel", order="field/PO 7/b", reason="no")["status"] == "cancelled"


def test_money_is_noted_step_by_step(counter: Counter) -> None:
    order = counter.place(("CUP", "1", "1"))["order"]
    assert counter.tell("order.pay", order=order, state="authorised")["version"] == 2
    assert counter.tell("order.pay", order=order, state="authorised")["version"] == 2
    assert counter.tell("order.pay", order=order, state="paid", method="transfer")["payment"] == "paid"
    assert counter.refused("order.pay", order=order, state="pending") == ("payment", "state")
    assert counter.refused("order.pay", order=order, state="refunded") == ("payment", "state")


def test_who_has_seen_an_older_version_is_refused(counter: Counter, order: dict[str, Any]) -> None:
    counter.tell("order.ship", order=order["order"], lines={"1": "1"}, version=1)
    assert counter.refused("order.ship", order=order["order"], version=1) == ("version", "version")


WRONG = [
    ("order.cancel", {"order": "nothing", "reason": "x"}, ("order_unknown", "order")),
    ("order.cancel", {"order": "nobody/1", "reason": "x"}, ("order_unknown", "order")),
    ("order.cancel", {"reason": " "}, ("text", "reason")),
    ("order.cancel", {"reason": "x", "lines": {"9": "1"}}, ("line_unknown", "lines.9")),
    ("order.cancel", {"reason": "x", "lines": {"1": "3"}}, ("quantity", "lines.1")),
    ("order.cancel", {"reason": "x", "lines": {"1": "0"}}, ("quantity", "lines.1")),
    ("order.cancel", {"reason": "x", "lines": {"1": "-1"}}, ("quantity", "lines.1")),
    ("order.cancel", {"reason": "x", "lines": {"1": "0.5"}}, ("quantity", "lines.1")),
    ("order.ship", {"lines": {"1": "1e3"}}, ("quantity", "lines.1")),
    ("order.hand_over", {"location": "moon"}, ("location_unknown", "location")),
    ("order.pay", {"state": "rich"}, ("word", "state")),
]


@pytest.mark.parametrize(("command", "arguments", "refusal"), WRONG)
def test_what_is_wrong_is_named(
    counter: Counter,
    order: dict[str, Any],
    command: str,
    arguments: dict[str, Any],
    refusal: tuple[str, str],
) -> None:
    assert counter.refused(command, **({"order": order["order"]} | arguments)) == refusal


def test_shipments_and_payments_stand_in_the_testimony(counter: Counter, order: dict[str, Any]) -> None:
    counter.tell("order.ship", order=order["order"], carrier="post", tracking="T1")
    held = counter.store.read(lambda tx: own(tx, order["order"]))
    assert [(one.carrier, one.tracking) for one in held.order.seen.shipments] == [("post", "T1")]
    assert ship.__name__ == "ship"
    event = tables.event
    kinds = counter.rows(select(event.c.kind).where(event.c.stream == f"order:{order['order']}"))
    assert [row.kind for row in kinds][-1] == "OrderShipped"
