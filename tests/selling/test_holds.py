"""Goods are held for somebody, at most 30 days: all or none, never twice, and given back at the moment."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from entrepot.app import perform
from entrepot.db import tables
from entrepot.kernel import Refusal
from tests.selling.counter import NOON, WHO, Counter

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def hold(counter: Counter, sku: str = "CUP", quantity: str = "3", **more: Any) -> dict[str, Any]:
    """Three cups at main for an hour, unless it is said otherwise."""
    wish = {"sku": sku, "quantity": quantity, "until": (NOON + HOUR).isoformat(), "reference": "H1"}
    wish |= {} if "seller" in more else {"location": "main"}
    return counter.tell("hold.make", **(wish | more))


def test_held_goods_are_off_the_shelf_until_the_moment(counter: Counter) -> None:
    held = hold(counter)
    assert counter.lies("CUP") == {"main shelf": 7, "main promised": 3, "shop shelf": 4}
    counter.later(minutes=58)
    assert counter.lies("CUP")["main promised"] == 3
    counter.later(minutes=2)
    assert counter.lies("CUP") == {"main shelf": 10, "shop shelf": 4}
    assert counter.claims(held["hold"]) == ["CUP expired 3 main"]
    assert counter.told(f"hold:{held['hold']}") == ["HoldMade", "HoldExpired"]


def test_more_than_there_is_refuses_and_says_what_there_is(counter: Counter) -> None:
    with pytest.raises(Refusal, match="11 pieces were asked for, 10 are available") as said:
        hold(counter, quantity="11")
    assert (said.value.code, said.value.field) == ("not_enough", "quantity")
    assert counter.lies("CUP") == {"main shelf": 10, "shop shelf": 4}


def test_a_sellers_hold_takes_from_all_its_locations(counter: Counter) -> None:
    held = hold(counter, quantity="13", seller="field")
    assert counter.claims(held["hold"]) == ["CUP held 10 main", "CUP held 3 shop"]


def test_the_items_of_a_set_are_held_together_or_not_at_all(counter: Counter) -> None:
    held = hold(counter, "TEASET", "3")
    assert counter.claims(held["hold"]) == ["CUP held 6 main", "POT held 3 main"]
    with pytest.raises(Refusal, match="1 pieces were asked for, 0 are available"):
        hold(counter, "TEASET", "1", reference="H2")
    assert counter.lies("CUP")["main promised"] == 6


def test_the_same_reference_is_the_hold_that_is_there(counter: Counter) -> None:
    assert hold(counter)["hold"] == hold(counter)["hold"]
    assert counter.lies("CUP")["main promised"] == 3
    with pytest.raises(Refusal) as said:
        hold(counter, quantity="4")
    assert (said.value.code, said.value.field) == ("reference_reused", "reference")


def test_a_hold_is_given_back_in_parts(counter: Counter) -> None:
    held = hold(counter, "TEASET", "3")["hold"]
    assert counter.tell("hold.release", hold=held, quantity="1")["quantity"] == 2
    assert counter.lies("CUP") == {"main shelf": 6, "main promised": 4, "shop shelf": 4}
    left = counter.tell("hold.release", hold=held)
    assert (left["quantity"], left["state"]) == (0, "released")
    assert counter.refused("hold.release", hold=held) == ("hold_ended", "hold")


def test_a_hold_that_was_extended_ends_at_its_new_moment(counter: Counter) -> None:
    held = hold(counter)["hold"]
    counter.tell("hold.extend", hold=held, until=(NOON + 2 * DAY).isoformat())
    counter.later(hours=25)
    assert counter.lies("CUP")["main promised"] == 3
    counter.later(hours=24)
    assert counter.lies("CUP") == {"main shelf": 10, "shop shelf": 4}


def test_a_hold_that_was_shortened_ends_earlier_and_once(counter: Counter) -> None:
    held = hold(counter)["hold"]
    counter.tell("hold.extend", hold=held, until=(NOON + HOUR / 2).isoformat())
    counter.later(minutes=30)
    assert counter.lies("CUP") == {"main shelf": 10, "shop shelf": 4}
    counter.later(hours=1)
    assert counter.told(f"hold:{held}") == ["HoldMade", "HoldExtended", "HoldExpired"]


def test_a_hub_that_was_down_at_the_moment_ends_the_hold_when_it_is_back(counter: Counter) -> None:
    held = hold(counter)["hold"]
    counter.clock.sleep(DAY.total_seconds())
    assert counter.refused("hold.extend", hold=held, until=(NOON + 2 * DAY).isoformat()) == (
        "hold_ended",
        "hold",
    )
    again = Counter(counter.store.snapshot())
    again.clock.sleep(DAY.total_seconds())
    again.work_off()
    assert again.claims(held) == ["CUP expired 3 main"]
    again.sound()


def test_a_hold_becomes_an_orders_claims_where_its_goods_lie(counter: Counter) -> None:
    held = hold(counter, location="shop")["hold"]
    order = counter.tell("order.place", **with_hold(counter, held, "2"))
    assert counter.claims(order["lines"][0]["line"]) == ["CUP reserved 2 shop"]
    assert counter.claims(held) == ["CUP held 1 shop"]
    assert counter.lies("CUP") == {"main shelf": 10, "shop shelf": 1, "shop promised": 3}
    counter.later(hours=1)
    assert counter.claims(order["lines"][0]["line"]) == ["CUP reserved 2 shop"]
    assert counter.lies("CUP") == {"main shelf": 10, "shop shelf": 2, "shop promised": 2}


def test_an_order_that_needs_more_than_its_hold_takes_the_rest_from_the_shelf(counter: Counter) -> None:
    held = hold(counter, quantity="10")["hold"]
    order = counter.tell("order.place", **with_hold(counter, held, "12"))
    assert counter.claims(order["lines"][0]["line"]) == ["CUP reserved 10 main", "CUP reserved 2 shop"]
    assert counter.refused("order.place", **with_hold(counter, held, "1")) == ("hold_ended", "lines[0].holds")


def test_two_lines_share_a_hold_and_never_count_a_piece_twice(counter: Counter) -> None:
    held = hold(counter, quantity="10")["hold"]
    wish = with_hold(counter, held, "6")
    wish["lines"] = wish["lines"] * 2
    order = counter.tell("order.place", **wish)
    assert counter.claims(order["lines"][0]["line"]) == ["CUP reserved 6 main"]
    assert counter.claims(order["lines"][1]["line"]) == ["CUP reserved 2 shop", "CUP reserved 4 main"]


def test_a_hold_named_twice_in_a_line_is_used_once(counter: Counter) -> None:
    held = hold(counter, quantity="3")["hold"]
    wish = with_hold(counter, held, "4")
    wish["lines"][0]["holds"] = [held, held]
    order = counter.tell("order.place", **wish)
    assert counter.claims(order["lines"][0]["line"]) == ["CUP reserved 1 main", "CUP reserved 3 main"]


def test_a_set_is_held_and_ordered(counter: Counter) -> None:
    held = hold(counter, "TEASET", "3")["hold"]
    order = counter.tell("order.place", **with_hold(counter, held, "3", sku="TEASET"))
    assert counter.claims(order["lines"][0]["line"]) == ["CUP reserved 6 main", "POT reserved 3 main"]


def test_an_order_that_is_refused_leaves_the_hold_as_it_was(counter: Counter) -> None:
    held = hold(counter)["hold"]
    assert counter.refused("order.place", **with_hold(counter, held, "99"))[0] == "not_enough"
    assert counter.claims(held) == ["CUP held 3 main"]


def test_a_sellers_hold_is_for_its_orders_only(counter: Counter) -> None:
    held = hold(counter, seller="field")["hold"]
    wish = with_hold(counter, held, "1") | {"seller": "wholesale"}
    assert counter.refused("order.place", **wish) == ("hold_other", "lines[0].holds")
    other = with_hold(counter, held, "1", sku="POT")
    assert counter.refused("order.place", **other) == ("hold_other", "lines[0].holds")


def test_what_a_till_takes_of_held_goods_is_gone_and_the_rest_still_ends(counter: Counter) -> None:
    held = hold(counter, "POT", "3")["hold"]
    order = counter.place(("POT", "2", "1"), seller="wholesale")
    counter.tell("order.hand_over", order=order["order"], location="main")
    assert counter.claims(held) == ["POT held 1 main", "POT short 2"]
    buyer = counter.tell("order.place", **with_hold(counter, held, "2", sku="POT", if_short="accept"))
    assert buyer["lines"][0]["short"] == 1
    counter.later(hours=1)
    assert [one for one in counter.claims(held) if "short" in one or "held" in one] == []


def with_hold(counter: Counter, held: str, quantity: str, *, sku: str = "CUP", **more: Any) -> dict[str, Any]:
    wish = counter.wish((sku, quantity, "1"), payment="paid", **more)
    wish["lines"][0]["holds"] = [held]
    return wish


WRONG = [
    ({"until": (NOON + 31 * DAY).isoformat()}, ("until", "until")),
    ({"until": NOON.isoformat()}, ("until", "until")),
    ({"until": "2026-03-02T13:00:00"}, ("until", "until")),
    ({"until": "tomorrow"}, ("arguments", "until")),
    ({"quantity": "0"}, ("quantity", "quantity")),
    ({"quantity": "NaN"}, ("quantity", "quantity")),
    ({"quantity": "1.5"}, ("quantity", "quantity")),
    ({"sku": "NONE"}, ("sku_unknown", "sku")),
    ({"location": "moon"}, ("location_unknown", "location")),
    ({"location": ""}, ("location", "location")),
    ({"seller": "field"}, ("location", "location")),
    ({"reference": ""}, ("reference", "reference")),
    ({"reference": "a\u200bb"}, ("reference", "reference")),
]


@pytest.mark.parametrize(("other", "refusal"), WRONG)
def test_what_is_wrong_is_named(counter: Counter, other: dict[str, Any], refusal: tuple[str, str]) -> None:
    wish = {
        "sku": "CUP",
        "quantity": "3",
        "until": (NOON + HOUR).isoformat(),
        "reference": "H1",
        "location": "main",
    }
    assert counter.refused("hold.make", **(wish | other)) == refusal


def test_a_recipe_stays_as_long_as_it_holds_something(counter: Counter) -> None:
    held = hold(counter, "TEASET", "1")["hold"]
    wish = {"sku": "TEASET", "parts": {"POT": 1}}
    assert counter.refused("sku.recipe", **wish) == ("recipe_in_use", "sku")
    counter.tell("hold.release", hold=held)
    assert counter.tell("sku.recipe", **wish)["parts"] == {"POT": 1}


def test_many_holds_end_at_one_moment_in_few_statements(counter: Counter) -> None:
    for number in range(10):
        hold(counter, quantity="1", reference=f"H{number}")
    said: list[str] = []

    def note(*statement: Any) -> None:
        said.append(statement[2])

    event.listen(counter.store.engine, "before_cursor_execute", note)
    counter.later(hours=1)
    event.remove(counter.store.engine, "before_cursor_execute", note)
    assert counter.lies("CUP") == {"main shelf": 10, "shop shelf": 4}
    assert len([text for text in said if not text.startswith(("BEGIN", "PRAGMA"))]) < 60


def test_an_expiry_that_waits_is_no_work_for_now(counter: Counter) -> None:
    hold(counter)
    job = tables.job
    rows = counter.rows(select(job.c.kind, job.c.run_at))
    assert [(row.kind, row.run_at) for row in rows] == [("expire_holds", NOON + HOUR)]
    assert perform(counter.hub, "hold.release", {"hold": hold(counter)["hold"]}, who=WHO, source="test")
