"""Goods move between locations, at once or by transfer, and are set aside: once per reference, and none is
made or lost on the way but what is said to be."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.access import Permission, Who
from entrepot.app import perform
from entrepot.kernel import Refusal
from tests.selling.counter import WHO, Counter


def move(counter: Counter, quantity: str = "3", **more: Any) -> dict[str, Any]:
    wish = {"sku": "CUP", "quantity": quantity, "source": "main", "target": "shop", "reference": "M1"}
    return counter.tell("stock.move", **(wish | more))


def send(counter: Counter, *lines: tuple[str, str], **more: Any) -> dict[str, Any]:
    """Goods from main to shop."""
    wish = {"source": "main", "target": "shop", "reference": "T1", "lines": listed(*lines)}
    return counter.tell("transfer.send", **(wish | more))


def arrive(counter: Counter, transfer: str, *lines: tuple[str, str], **more: Any) -> dict[str, Any]:
    wish = {"transfer": transfer, "location": "shop", "reference": "A1", "lines": listed(*lines)}
    return counter.tell("transfer.arrive", **(wish | more))


def listed(*lines: tuple[str, str]) -> list[dict[str, str]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in lines]


def test_goods_move_to_another_shelf_once(counter: Counter) -> None:
    assert move(counter)["booked"] is True
    assert move(counter)["booked"] is False
    assert counter.lies("CUP") == {"main shelf": 7, "shop shelf": 7}


def test_the_same_reference_moves_nothing_else(counter: Counter) -> None:
    move(counter)
    with pytest.raises(Refusal) as said:
        move(counter, "4")
    assert said.value.code == "cause_reused"


def test_promised_goods_stay_where_they_are(counter: Counter) -> None:
    counter.place(("CUP", "8", "1"), payment="paid")
    with pytest.raises(Refusal, match="shelf holds 2 pieces, 3 were to leave"):
        move(counter)
    assert move(counter, "2")["moved"] == 2


def test_goods_are_set_aside_for_a_reason_and_put_back(counter: Counter) -> None:
    wish = {"sku": "CUP", "quantity": "3", "location": "main", "reason": "on display"}
    counter.tell("stock.set_aside", **wish, reference="S1")
    assert counter.lies("CUP") == {"main shelf": 7, "main unavailable on display": 3, "shop shelf": 4}
    assert counter.tell("stock.set_aside", **wish, reference="S1")["booked"] is False
    counter.tell("stock.put_back", **(wish | {"quantity": "2"}), reference="S1")
    assert counter.lies("CUP") == {"main shelf": 9, "main unavailable on display": 1, "shop shelf": 4}
    assert counter.refused("stock.put_back", **wish, reference="S2")[0] == "not_enough"
    other = wish | {"reason": "damaged"}
    assert counter.refused("stock.put_back", **other, reference="S3") == ("not_enough", "reason")


def test_a_transfer_is_in_transit_until_it_is_counted(counter: Counter) -> None:
    sent = send(counter, ("CUP", "5"), ("POT", "1"))
    assert sent["state"] == "in_transit"
    assert counter.lies("CUP") == {"main shelf": 5, "shop transit": 5, "shop shelf": 4}
    arrived = arrive(counter, sent["transfer"], ("CUP", "5"), ("POT", "1"))
    assert arrived["state"] == "received"
    assert counter.lies("CUP") == {"main shelf": 5, "shop shelf": 9}


def test_what_did_not_arrive_is_lost_and_what_came_besides_is_found(counter: Counter) -> None:
    sent = send(counter, ("CUP", "5"), ("POT", "1"))["transfer"]
    lines = arrive(counter, sent, ("CUP", "3"), ("POT", "2"))["lines"]
    figures = {line["sku"]: (line["sent"], line["arrived"], line["lost"]) for line in lines}
    assert figures == {"CUP": (5, 3, 2), "POT": (1, 2, 0)}
    assert counter.lies("CUP") == {"main shelf": 5, "shop shelf": 7, "lost": 2}
    assert counter.lies("POT") == {"main shelf": 2, "shop shelf": 2, "lost": -1}


def test_a_transfer_arrives_in_parts(counter: Counter) -> None:
    sent = send(counter, ("CUP", "5"))["transfer"]
    part = arrive(counter, sent, ("CUP", "2"), complete=False)
    assert (part["state"], part["lines"][0]["on_its_way"]) == ("partly_received", 3)
    assert arrive(counter, sent, ("CUP", "2"), complete=False)["lines"][0]["arrived"] == 2
    rest = arrive(counter, sent, ("CUP", "3"), complete=False, reference="A2")
    assert rest["state"] == "received"
    with pytest.raises(Refusal, match="has arrived"):
        arrive(counter, sent, ("CUP", "1"), reference="A3")


def test_waiting_orders_are_served_by_what_arrives(counter: Counter) -> None:
    counter.tell("stock.move", sku="CUP", quantity="4", source="shop", target="main", reference="M")
    sent = send(counter, ("CUP", "14"))["transfer"]
    order = counter.place(("CUP", "1", "1"), payment="paid", if_short="accept")
    assert order["lines"][0]["short"] == 1
    arrive(counter, sent, ("CUP", "14"))
    assert counter.claims(order["lines"][0]["line"]) == ["CUP reserved 1 shop"]


def test_the_same_transfer_twice_is_one(counter: Counter) -> None:
    assert send(counter, ("CUP", "5"))["transfer"] == send(counter, ("CUP", "5"))["transfer"]
    with pytest.raises(Refusal) as said:
        send(counter, ("CUP", "4"))
    assert said.value.code == "reference_reused"


LINE = {"sku": "CUP", "quantity": "1"}
SENDING = {"source": "main", "target": "shop", "reference": "T1", "lines": [LINE]}
MOVING = LINE | {"reference": "M"}
WRONG = [
    ("transfer.send", SENDING | {"target": "main"}, ("locations_equal", "target")),
    ("transfer.send", SENDING | {"lines": []}, ("lines", "lines")),
    ("transfer.send", SENDING | {"lines": [LINE] * 5001}, ("lines", "lines")),
    ("transfer.send", SENDING | {"lines": [LINE, LINE]}, ("line_twice", "lines[1].sku")),
    ("transfer.send", SENDING | {"lines": [LINE | {"sku": "X"}]}, ("sku_unknown", "lines[0].sku")),
    ("transfer.send", SENDING | {"lines": [LINE | {"sku": "TEASET"}]}, ("bundle", "sku")),
    ("transfer.send", SENDING | {"lines": [LINE | {"quantity": "11"}]}, ("not_enough", "")),
    ("transfer.send", SENDING | {"lines": [LINE | {"quantity": "-1"}]}, ("quantity", "lines[0].quantity")),
    ("transfer.send", SENDING | {"lines": [LINE | {"lot": "\t"}]}, ("reference", "lines[0].lot")),
    ("transfer.arrive", {"transfer": "x", "location": "shop", "reference": "A", "lines": [LINE]},
     ("transfer_unknown", "transfer")),
    ("stock.move", MOVING | {"source": "main", "target": "main"}, ("locations_equal", "target")),
    ("stock.move", MOVING | {"source": "moon", "target": "main"}, ("location_unknown", "location")),
    ("stock.set_aside", MOVING | {"location": "main", "reason": ""}, ("reason", "reason")),
    ("stock.set_aside", MOVING | {"location": "main", "reason": "Mrs. Byron's"}, ("reason", "reason")),
]  # fmt: skip


@pytest.mark.parametrize(("command", "arguments", "refusal"), WRONG)
def test_what_is_wrong_is_named(
    counter: Counter, command: str, arguments: dict[str, Any], refusal: tuple[str, str]
) -> None:
    assert counter.refused(command, **arguments) == refusal


def test_a_transfer_is_counted_where_it_goes_and_only_what_is_in_it(counter: Counter) -> None:
    sent = send(counter, ("CUP", "5"))["transfer"]
    wish = {"transfer": sent, "reference": "A", "lines": [LINE]}
    assert counter.refused("transfer.arrive", **wish, location="main") == ("not_sent", "location")
    other = wish | {"lines": listed(("POT", "1"))}
    assert counter.refused("transfer.arrive", **other, location="shop") == ("not_sent", "lines")


def test_who_is_bound_to_a_location_touches_no_other(counter: Counter) -> None:
    clerk = Who(
        actor="user:1",
        name="clerk",
        permissions=frozenset({Permission.STOCK_WRITE}),
        locations=frozenset({"shop"}),
    )

    def may(command: str, **arguments: Any) -> bool:
        try:
            perform(counter.hub, command, arguments, who=clerk, source="test")
        except Refusal as refusal:
            return refusal.code != "location_forbidden"
        return True

    assert not may("stock.move", **MOVING, source="main", target="shop")
    assert not may("transfer.send", **SENDING)
    assert may("transfer.send", **(SENDING | {"source": "shop", "target": "main"}))
    sent = perform(counter.hub, "transfer.send", SENDING | {"reference": "T2"}, who=WHO, source="test")[
        "transfer"
    ]
    assert may("transfer.arrive", transfer=sent, location="shop", reference="A", lines=[LINE])


WORDS = [
    "move",
    "aside",
    "back",
    "send",
    "arrive",
    "order",
    "hold",
    "use",
    "release",
    "pay",
    "cancel",
    "ship",
    "over",
    "source",
    "wait",
]
STEPS = st.tuples(st.sampled_from(WORDS), st.integers(1, 6), st.booleans())

EXPECTED = {"not_enough", "nothing_open", "quantity", "payment", "hold_ended", "nothing_to_move"}


class Walk:
    """Random steps on the cups of one counter; what is known of orders, holds and transfers on the way."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.orders: list[str] = []
        self.holds: list[str] = []
        self.transfers: list[tuple[str, str]] = []

    def step(self, number: int, word: str, quantity: int, *, flag: bool) -> None:
        """One step, if there is something to do it to."""
        source, target = ("main", "shop") if flag else ("shop", "main")
        common = {"sku": "CUP", "quantity": f"{quantity}", "reference": f"r{number}"}
        tell = self.counter.tell
        match word:
            case "move":
                tell("stock.move", **common, source=source, target=target)
            case "aside":
                tell("stock.set_aside", **common, location=source, reason="damaged")
            case "back":
                tell("stock.put_back", **common, location=source, reason="damaged")
            case "send":
                lines = listed(("CUP", f"{quantity}"))
                sent = tell(
                    "transfer.send", source=source, target=target, reference=f"r{number}", lines=lines
                )
                self.transfers.append((sent["transfer"], target))
            case "arrive" if self.transfers:
                self.arrive(f"r{number}", quantity, complete=flag)
            case "order":
                self.order(quantity, if_short="accept" if flag else "refuse")
            case "hold":
                until = (self.counter.clock.now() + timedelta(hours=2)).isoformat()
                self.holds.append(tell("hold.make", **common, until=until, location=source)["hold"])
            case "use" if self.holds:
                self.order(quantity, holds=[self.holds[0]], if_short="accept" if flag else "refuse")
            case "release" if self.holds:
                tell("hold.release", hold=self.holds[0], quantity="" if flag else "1")
            case "wait":
                self.counter.later(hours=quantity)
            case _ if self.orders:
                self.change(word, quantity, source, flag=flag)
            case _:
                pass

    def order(self, quantity: int, *, holds: Sequence[str] = (), if_short: str) -> None:
        line = {"sku": "CUP", "quantity": f"{quantity}", "unit_price": "1", "holds": list(holds)}
        self.orders.append(self.counter.place(lines=[line], if_short=if_short)["order"])

    def arrive(self, reference: str, quantity: int, *, complete: bool) -> None:
        transfer, at = self.transfers[0]
        lines = listed(("CUP", f"{quantity}"))
        count = {"transfer": transfer, "location": at, "lines": lines, "reference": reference}
        answer = self.counter.tell("transfer.arrive", **count, complete=complete)
        if answer["state"] == "received":
            self.transfers.pop(0)

    def change(self, word: str, quantity: int, location: str, *, flag: bool) -> None:
        """Something becomes of the newest order, or the oldest."""
        order = self.orders[-1] if flag else self.orders[0]
        lines = {"1": f"{quantity}"} if quantity < 4 else {}
        match word:
            case "pay":
                self.counter.tell("order.pay", order=order, state="paid")
            case "cancel":
                self.counter.tell("order.cancel", order=order, lines=lines, reason="no")
            case "ship":
                self.counter.tell("order.ship", order=order, lines=lines)
            case "over":
                self.counter.tell("order.hand_over", order=order, location=location, lines=lines)
            case _:
                self.counter.tell("order.source", order=order, line="1", location=location)


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=6, max_size=20))
def test_whatever_is_moved_held_sent_ordered_or_shipped_no_piece_appears_or_vanishes(
    one_counter: Counter, steps: list[tuple[str, int, bool]]
) -> None:
    walk = Walk(one_counter.begin_again())
    refused: set[str] = set()
    for number, (word, quantity, flag) in enumerate(steps):
        try:
            walk.step(number, word, quantity, flag=flag)
        except Refusal as refusal:
            refused.add(refusal.code)
        lying = one_counter.lies("CUP")
        assert sum(lying.values()) == 14
        assert all(n > 0 for place, n in lying.items() if place not in ("lost", "gone"))
        one_counter.sound()
    assert refused <= EXPECTED
