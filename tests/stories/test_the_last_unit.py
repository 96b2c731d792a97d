"""The last unit: a brand with a website and two stores, and one teapot left (C58)."""

from tests.stories.town import OLD_TOWN, RIVERSIDE, Town


def test_the_last_unit_sells_on_the_website_and_everyone_else_shows_zero() -> None:
    town = Town({"TEAPOT": {RIVERSIDE: 1}})
    assert town.website_shows("TEAPOT") == 1
    assert town.till_shows(RIVERSIDE, "TEAPOT") == 1

    number = town.buy_online("TEAPOT")
    assert number is not None
    town.wait()

    assert town.website_shows("TEAPOT") == 0
    assert town.till_shows(RIVERSIDE, "TEAPOT") == 0
    assert town.till_shows(OLD_TOWN, "TEAPOT") == 0
    assert town.buy_online("TEAPOT") is None


def test_the_order_goes_to_the_place_that_holds_it() -> None:
    town = Town({"TEAPOT": {RIVERSIDE: 1}})

    number = town.buy_online("TEAPOT")
    town.wait()

    assert number is not None
    assert town.claims(number) == [("reserved", RIVERSIDE, 1)]
    assert town.promised("TEAPOT") == {RIVERSIDE: 1}
    assert town.shelf("TEAPOT") == {}


def test_a_till_that_sold_it_in_the_same_second_wins_the_goods_and_the_web_order_is_a_visible_short() -> None:
    town = Town({"TEAPOT": {RIVERSIDE: 1}})

    number = town.buy_online("TEAPOT")
    carried_out = town.buy_at(RIVERSIDE, "TEAPOT")
    town.wait()

    assert number is not None
    assert carried_out is not None
    assert town.claims(carried_out) == [("consumed", RIVERSIDE, 1)]
    assert town.claims(number) == [("short", "", 1)]
    assert town.exceptions(number) == ["short"]
    assert town.promised("TEAPOT") == {}
    assert town.website_shows("TEAPOT") == 0
    assert town.till_shows(RIVERSIDE, "TEAPOT") == 0


def test_the_till_wins_also_when_the_hub_hears_of_it_first() -> None:
    town = Town({"TEAPOT": {RIVERSIDE: 1}})

    town.buy_at(RIVERSIDE, "TEAPOT")
    number = town.buy_online("TEAPOT")
    town.wait()

    assert number is not None
    assert town.claims(number) == [("short", "", 1)]
    assert town.exceptions(number) == ["short"]


def test_a_teapot_in_the_other_store_saves_the_web_order() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 1, RIVERSIDE: 1}})

    number = town.buy_online("TEAPOT")
    town.wait(5)
    town.buy_at(OLD_TOWN, "TEAPOT")
    town.wait()

    assert number is not None
    assert town.claims(number) == [("reserved", RIVERSIDE, 1)]
    assert town.exceptions(number) == []
    assert town.website_shows("TEAPOT") == 0


def test_a_short_is_healed_when_a_teapot_is_received() -> None:
    town = Town({"TEAPOT": {RIVERSIDE: 1}})
    number = town.buy_online("TEAPOT")
    town.buy_at(RIVERSIDE, "TEAPOT")
    town.wait()

    town.world.tell("stock.receive", sku="TEAPOT", location=OLD_TOWN, quantity="1", reference="delivery-1")
    town.wait()

    assert number is not None
    assert town.claims(number) == [("reserved", OLD_TOWN, 1)]
    assert town.exceptions(number) == []
    assert town.website_shows("TEAPOT") == 0


def test_goods_that_the_ledger_did_not_know_can_still_be_carried_out() -> None:
    town = Town({"TEAPOT": {RIVERSIDE: 0}})

    carried_out = town.buy_at(RIVERSIDE, "TEAPOT")
    town.wait()

    assert carried_out is not None
    assert town.claims(carried_out) == [("consumed", RIVERSIDE, 1)]
    assert town.shelf("TEAPOT") == {}
    assert town.till_shows(RIVERSIDE, "TEAPOT") == 0
