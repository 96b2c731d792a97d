"""Orders that change after they were placed: edited, cancelled, refunded, gone."""

from tests.stories.town import OLD_TOWN, RIVERSIDE, Town


def ordered(town: Town, sku: str, units: int) -> str:
    """A shopper orders on the website, and the hub has heard of it."""
    number = town.buy_online(sku, units)
    assert number is not None
    town.wait()
    return number


def test_a_customer_calls_and_wants_one_teapot_more_and_a_mug() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 4}, "MUG": {OLD_TOWN: 2}})
    number = ordered(town, "TEAPOT", 1)

    town.website.edit(number, {"TEAPOT": 2, "MUG": 1}, town.world.clock.now())
    town.wait()

    assert town.claims(number) == [("reserved", OLD_TOWN, 3)]
    assert (town.shelf("TEAPOT"), town.shelf("MUG")) == ({OLD_TOWN: 2}, {OLD_TOWN: 1})
    assert (town.website_shows("TEAPOT"), town.till_shows(OLD_TOWN, "TEAPOT")) == (2, 2)
    assert (town.website_shows("MUG"), town.till_shows(OLD_TOWN, "MUG")) == (1, 1)


def test_and_then_wants_no_teapot_after_all() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 4}, "MUG": {OLD_TOWN: 2}})
    number = ordered(town, "TEAPOT", 2)
    town.website.edit(number, {"TEAPOT": 2, "MUG": 1}, town.world.clock.now())
    town.wait()

    town.website.edit(number, {"TEAPOT": 0}, town.world.clock.now())
    town.wait()

    assert town.claims(number) == [("released", OLD_TOWN, 2), ("reserved", OLD_TOWN, 1)]
    assert town.shelf("TEAPOT") == {OLD_TOWN: 4}
    assert (town.website_shows("TEAPOT"), town.till_shows(OLD_TOWN, "TEAPOT")) == (4, 4)


def test_a_cancelled_order_puts_its_goods_back_on_sale_everywhere() -> None:
    town = Town({"TEAPOT": {RIVERSIDE: 1}})
    number = ordered(town, "TEAPOT", 1)
    assert town.till_shows(RIVERSIDE, "TEAPOT") == 0

    town.website.cancel(number, town.world.clock.now())
    town.wait()

    assert town.claims(number) == [("released", RIVERSIDE, 1)]
    assert (town.website_shows("TEAPOT"), town.till_shows(RIVERSIDE, "TEAPOT")) == (1, 1)
    assert town.buy_online("TEAPOT") is not None


def test_a_cancelled_order_that_waited_for_goods_waits_no_longer() -> None:
    town = Town({"TEAPOT": {RIVERSIDE: 1}})
    number = town.buy_online("TEAPOT")
    town.buy_at(RIVERSIDE, "TEAPOT")
    town.wait()
    assert number is not None
    assert town.exceptions(number) == ["short"]

    town.website.cancel(number, town.world.clock.now())
    town.wait()

    assert town.claims(number) == [("released", "", 1)]
    assert town.exceptions(number) == []


def test_a_refund_before_shipping_with_restock_sells_the_goods_again() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 3}})
    number = ordered(town, "TEAPOT", 2)

    town.website.refund(number, {"TEAPOT": 1}, town.world.clock.now(), restock=True)
    town.wait()

    assert town.claims(number) == [("released", OLD_TOWN, 1), ("reserved", OLD_TOWN, 1)]
    assert town.shelf("TEAPOT") == {OLD_TOWN: 2}
    assert (town.website_shows("TEAPOT"), town.till_shows(OLD_TOWN, "TEAPOT")) == (2, 2)


def test_a_refund_before_shipping_without_restock_sets_the_goods_aside() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 3}})
    number = ordered(town, "TEAPOT", 2)

    town.website.refund(number, {"TEAPOT": 1}, town.world.clock.now(), restock=False)
    town.wait()

    assert town.shelf("TEAPOT") == {OLD_TOWN: 1}
    assert town._at("TEAPOT", "unavailable") == {OLD_TOWN: 1}
    assert (town.website_shows("TEAPOT"), town.till_shows(OLD_TOWN, "TEAPOT")) == (1, 1)


def test_a_refund_after_shipping_with_restock_puts_the_goods_on_the_shelf() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 3}})
    number = ordered(town, "TEAPOT", 2)
    town.website.move(number, "completed", town.world.clock.now())
    town.wait()
    assert town.claims(number) == [("consumed", OLD_TOWN, 2)]

    town.website.refund(number, {"TEAPOT": 1}, town.world.clock.now(), restock=True)
    town.wait()

    assert town.shelf("TEAPOT") == {OLD_TOWN: 2}
    assert (town.website_shows("TEAPOT"), town.till_shows(OLD_TOWN, "TEAPOT")) == (2, 2)


def test_a_refund_after_shipping_without_restock_leaves_the_goods_with_the_customer() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 3}})
    number = ordered(town, "TEAPOT", 2)
    town.website.move(number, "completed", town.world.clock.now())
    town.wait()

    town.website.refund(number, {"TEAPOT": 1}, town.world.clock.now(), restock=False)
    town.wait()

    assert town.shelf("TEAPOT") == {OLD_TOWN: 1}
    assert town._at("TEAPOT", "back") == {}
    assert (town.website_shows("TEAPOT"), town.till_shows(OLD_TOWN, "TEAPOT")) == (1, 1)


def test_goods_brought_back_to_a_till_lie_there_to_be_looked_at() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 3}})
    number = town.buy_at(OLD_TOWN, "TEAPOT", 2)
    town.wait()
    assert number is not None

    town.tills.refund(number, {"TEAPOT": 1}, town.world.clock.now(), restock=False)
    town.wait(400)

    assert town.shelf("TEAPOT") == {OLD_TOWN: 1}
    assert town._at("TEAPOT", "back") == {OLD_TOWN: 1}
    assert town.website_shows("TEAPOT") == 1


def test_an_order_that_was_thrown_away_gives_its_goods_back_and_may_be_taken_out_of_the_trash() -> None:
    town = Town({"TEAPOT": {OLD_TOWN: 2}})
    number = ordered(town, "TEAPOT", 1)

    town.website.erase(number, town.world.clock.now())
    town.wait()
    assert town.claims(number) == [("released", OLD_TOWN, 1)]
    assert town.shelf("TEAPOT") == {OLD_TOWN: 2}
    assert (town.website_shows("TEAPOT"), town.till_shows(OLD_TOWN, "TEAPOT")) == (2, 2)

    town.website.restore(number, town.world.clock.now())
    town.wait()
    assert ("reserved", OLD_TOWN, 1) in town.claims(number)
    assert (town.website_shows("TEAPOT"), town.till_shows(OLD_TOWN, "TEAPOT")) == (1, 1)
