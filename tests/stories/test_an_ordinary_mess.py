"""An ordinary mess: a product nobody told the hub of, a till without a line, an evening without webhooks, a
new shop."""

from entrepot.channels.kit.emulate import Good
from entrepot.sandbox.truth import check
from tests.stories.town import OLD_TOWN, RIVERSIDE, Town


def agrees(town: Town) -> None:
    """The hub and the channels agree with the world, to the piece."""
    outcome = check(town.world.store, town.world.shops)
    assert (outcome.wrong, outcome.lost, outcome.duplicates) == ((), 0, 0)


def new_on_the_website(town: Town, sku: str) -> None:
    """The merchant adds a product to the website and tells nobody."""
    good = Good(sku=sku, title="Cosy", price="19.00", stock={"": 5})
    town.items["web"][sku] = town.website.stock_good(good, town.world.clock.now())


def test_an_order_with_a_product_that_nobody_knows_goes_on_without_it_and_heals_when_it_is_known() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 3}})
    new_on_the_website(town, "COSY")
    number = town.website.place({"TEAPOT": 1, "COSY": 2}, town.world.clock.now())
    town.wait()
    assert number is not None
    assert town.claims(number) == [("reserved", OLD_TOWN, 1)]
    assert town.exceptions(number) == ["unmapped_sku"]

    csv = "sku,location,quantity\nCOSY,old-town,5\n"
    town.world.tell("stock.import", csv=csv, reference="cosies", create=True)
    town.wait(400)

    assert town.claims(number) == [("reserved", OLD_TOWN, 3)]
    assert town.exceptions(number) == []
    assert town.shelf("COSY") == {OLD_TOWN: 3}
    town.wait(3600)
    assert town.website_shows("COSY") == 3


def test_a_product_under_another_name_heals_when_somebody_says_which_it_is() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 3}})
    new_on_the_website(town, "TEAPOT-OLD-NAME")
    number = town.website.place({"TEAPOT-OLD-NAME": 2}, town.world.clock.now())
    town.wait(3700)
    assert number is not None
    assert town.exceptions(number) == ["unmapped_sku"]

    town.world.tell("sku.map", connection="web", item=town.items["web"]["TEAPOT-OLD-NAME"], sku="TEAPOT")
    town.wait()

    assert town.claims(number) == [("reserved", OLD_TOWN, 2)]
    assert town.exceptions(number) == []
    assert town.website_shows("TEAPOT") == 1


def test_a_till_that_was_offline_for_hours_hands_in_what_it_sold() -> None:
    town = Town({"TEAPOT": {RIVERSIDE: 2}})
    town.tills.go_offline(town.store_of[RIVERSIDE])
    sold = [town.buy_at(RIVERSIDE, "TEAPOT") for _ in range(2)]
    town.wait(2 * 3600)
    online = town.buy_online("TEAPOT")
    town.wait()
    assert online is not None
    assert town.claims(online) == [("reserved", RIVERSIDE, 1)]

    town.tills.go_online(town.store_of[RIVERSIDE], town.world.clock.now())
    town.wait(600)

    assert [town.claims(str(number)) for number in sold] == [[("consumed", RIVERSIDE, 1)]] * 2
    assert town.claims(online) == [("short", "", 1)]
    assert town.exceptions(online) == ["short"]
    assert town.website_shows("TEAPOT") == 0
    town.wait(1000)
    agrees(town)


def test_an_evening_without_webhooks_is_only_five_minutes_late() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 5, RIVERSIDE: 5}}, faults={"hook_lost": 1.0})
    numbers = [town.buy_online("TEAPOT"), town.buy_at(RIVERSIDE, "TEAPOT")]
    town.wait(310)
    assert town.orders() == 2
    first = str(numbers[0])
    town.website.cancel(first, town.world.clock.now())
    numbers.append(town.buy_online("TEAPOT", 3))
    town.wait(310)

    assert town.orders() == 3
    assert town.claims(first) == [("released", OLD_TOWN, 1)]
    assert town.shelf("TEAPOT") == {OLD_TOWN: 2, RIVERSIDE: 4}
    assert town.website_shows("TEAPOT") == 6
    assert (town.till_shows(OLD_TOWN, "TEAPOT"), town.till_shows(RIVERSIDE, "TEAPOT")) == (2, 4)
    town.wait(1000)
    agrees(town)


def test_webhooks_that_come_twice_and_in_any_order_change_nothing() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 9}}, faults={"hook_doubled": 1.0, "hook_late_s": 20.0})
    number = town.buy_online("TEAPOT", 1)
    assert number is not None
    for units in (4, 2, 3):
        town.wait(3)
        town.website.edit(number, {"TEAPOT": units}, town.world.clock.now())
    town.wait(60)

    assert town.shelf("TEAPOT") == {OLD_TOWN: 6}
    assert town.website_shows("TEAPOT") == 6
    town.wait(1000)
    agrees(town)


def test_a_shop_that_nobody_may_write_to_yet_is_read_and_left_as_it_is() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 3}})
    for name in ("web", "tills"):
        town.world.tell("connection.flow", connection=name, flow="stock_out", level="observe")
    town.website.set_stock("TEAPOT", 40, town.world.clock.now())

    number = town.buy_online("TEAPOT", 2)
    town.wait(4000)

    assert number is not None
    assert town.claims(number) == [("reserved", OLD_TOWN, 2)]
    assert town.website_shows("TEAPOT") == 38
    assert town.till_shows(OLD_TOWN, "TEAPOT") == 3

    for name in ("web", "tills"):
        town.world.tell("connection.flow", connection=name, flow="stock_out", level="on")
    town.wait()
    assert (town.website_shows("TEAPOT"), town.till_shows(OLD_TOWN, "TEAPOT")) == (1, 1)
