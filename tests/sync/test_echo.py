"""What a channel did to its own figure is not sent to it again; what somebody else did to it is found and
mended."""

from tests.sync.shops import OLD_TOWN, RIVERSIDE, Shops


def test_a_sale_on_the_website_is_written_to_the_till_of_the_store_that_serves_it_only() -> None:
    shops = Shops()
    shops.buy_online("TEAPOT", 2)
    shops.wait(900)

    assert shops.written() == [("tills", "TEAPOT", -2)]
    assert (shops.website_shows("TEAPOT"), shops.till_shows(OLD_TOWN, "TEAPOT")) == (3, 1)
    shops.true()


def test_a_sale_at_a_till_is_written_to_the_website_only() -> None:
    shops = Shops()
    shops.buy_at(RIVERSIDE, "TEAPOT")
    shops.wait(900)

    assert shops.written() == [("web", "TEAPOT", 4)]
    assert shops.till_shows(RIVERSIDE, "TEAPOT") == 1
    shops.true()


def test_a_cancelled_order_that_the_website_put_back_itself_is_written_to_the_till_only() -> None:
    shops = Shops()
    number = shops.buy_online("TEAPOT", 2)
    assert number is not None
    shops.wait(30)
    shops.website.cancel(number, shops.world.clock.now())
    shops.wait(900)

    assert shops.written() == [("tills", "TEAPOT", -2), ("tills", "TEAPOT", 2)]
    assert shops.website_shows("TEAPOT") == 5
    shops.true()


def test_an_edited_order_is_written_to_the_till_only() -> None:
    shops = Shops()
    number = shops.buy_online("TEAPOT", 1)
    assert number is not None
    shops.wait(30)
    shops.website.edit(number, {"TEAPOT": 3}, shops.world.clock.now())
    shops.wait(30)
    shops.website.edit(number, {"TEAPOT": 2}, shops.world.clock.now())
    shops.wait(900)

    assert shops.written() == [("tills", "TEAPOT", -1), ("tills", "TEAPOT", -2), ("tills", "TEAPOT", 1)]
    assert shops.website_shows("TEAPOT") == 3
    shops.true()


def test_a_refund_with_restock_is_written_to_the_till_only() -> None:
    shops = Shops()
    number = shops.buy_online("TEAPOT", 2)
    assert number is not None
    shops.wait(30)
    shops.website.refund(number, {"TEAPOT": 1}, shops.world.clock.now(), restock=True)
    shops.wait(900)

    assert shops.written() == [("tills", "TEAPOT", -2), ("tills", "TEAPOT", 1)]
    assert shops.website_shows("TEAPOT") == 4
    shops.true()


def test_a_figure_that_somebody_edits_on_the_website_is_told_and_mended() -> None:
    shops = Shops()
    shops.website.set_stock("TEAPOT", 50, shops.world.clock.now())
    shops.wait(900)

    assert shops.happened("SlotDrifted") == 1
    assert shops.written() == [("web", "TEAPOT", 5)]
    shops.true()


def test_it_is_found_by_reading_back_when_no_webhook_tells_of_it() -> None:
    shops = Shops()
    shops.hooks_are_lost()
    shops.website.set_stock("TEAPOT", 50, shops.world.clock.now())
    shops.tills.set_stock("MUG", 7, shops.world.clock.now(), location=shops.store_of[OLD_TOWN])
    shops.wait(1300)

    assert shops.happened("SlotDrifted") == 2
    assert sorted(shops.written()) == [("tills", "MUG", 3), ("web", "TEAPOT", 5)]
    shops.true()


def test_a_sale_between_two_readings_is_no_drift() -> None:
    shops = Shops()
    shops.hooks_are_lost()
    for _ in range(6):
        shops.buy_online("MUG")
        shops.wait(137)
    shops.wait(900)

    assert shops.happened("SlotDrifted") == 0
    assert {shop for shop, _sku, _n in shops.written()} == {"tills"}
    shops.true()


def test_a_quiet_hour_writes_nothing() -> None:
    shops = Shops()
    shops.wait(3700)
    assert shops.written() == []
    assert shops.happened("SlotDrifted") == 0
