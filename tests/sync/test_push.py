"""Pushing: each write is noted before it is made, answered row by row, and never made twice where that
matters."""

from tests.sync.shops import OLD_TOWN, RIVERSIDE, Called, Shops


def once(what: str | int) -> object:
    """A fault of the first write only."""
    left = [what]

    def fault(call: Called) -> int | str | None:
        return left.pop() if call.writes and left else None

    return fault


def test_goods_that_come_in_are_shown_everywhere_with_one_write_each() -> None:
    shops = Shops()
    shops.stock("TEAPOT", OLD_TOWN, 2, "a")
    shops.wait(10)

    assert sorted(shops.written()) == [("tills", "TEAPOT", 2), ("web", "TEAPOT", 7)]
    shops.true()


def test_changes_that_come_faster_than_calls_are_one_write() -> None:
    shops = Shops()
    for n in range(5):
        shops.stock("TEAPOT", OLD_TOWN, 1, f"r{n}")
    shops.wait(10)

    assert sorted(shops.written()) == [("tills", "TEAPOT", 5), ("web", "TEAPOT", 10)]


def test_a_row_that_is_refused_is_told_and_its_neighbour_written() -> None:
    shops = Shops()
    shops.website.shop.by_sku("MUG").managed = False
    shops.stock("MUG", OLD_TOWN, 1, "m")
    shops.stock("TEAPOT", OLD_TOWN, 1, "t")
    shops.wait(10)

    assert shops.website_shows("TEAPOT") == 6
    refused = shops.slot("web", "MUG")
    assert refused.trouble == (
        "stock_not_managed: its stock is not tracked: "
        "tick 'Track stock quantity for this product' in its inventory tab"
    )
    assert (refused.wanted, refused.flight) == (11, "")
    assert shops.happened("SlotRefused") == 1
    assert shops.waiting("push_stock") == []


def test_a_slot_that_was_refused_is_written_once_somebody_has_mended_it() -> None:
    shops = Shops()
    shops.website.shop.by_sku("MUG").managed = False
    shops.stock("MUG", OLD_TOWN, 1, "m")
    shops.wait(10)
    shops.website.shop.by_sku("MUG").managed = True
    shops.wait(3700)

    assert shops.written().count(("web", "MUG", 11)) == 2
    assert shops.website_shows("MUG") == 11
    assert shops.slot("web", "MUG").trouble == ""
    shops.true()


def test_a_thing_that_is_gone_at_the_channel_is_refused() -> None:
    shops = Shops()
    del shops.website.shop.products[int(shops.items["web"]["MUG"])]
    shops.stock("MUG", OLD_TOWN, 1, "m")
    shops.wait(10)

    assert shops.slot("web", "MUG").trouble.startswith("woocommerce_rest_product_invalid_id: ")


def test_an_absolute_figure_whose_answer_was_lost_is_written_anew() -> None:
    shops = Shops()
    shops.fault = once("lost")  # type: ignore[assignment]
    shops.world.tell("connection.flow", connection="tills", flow="stock_out", level="observe")
    shops.stock("TEAPOT", OLD_TOWN, 2, "a")
    shops.world.quiet()
    lost = shops.slot("web", "TEAPOT")
    assert (lost.sent, lost.base, lost.flight != "") == (7, None, True)

    shops.wait(10)
    assert shops.written() == [("web", "TEAPOT", 7), ("web", "TEAPOT", 7)]
    assert (shops.slot("web", "TEAPOT").flight, shops.website_shows("TEAPOT")) == ("", 7)


def test_a_difference_whose_answer_was_lost_is_sent_again_as_it_was_and_happens_once() -> None:
    shops = Shops()
    shops.world.tell("connection.flow", connection="web", flow="stock_out", level="observe")
    shops.fault = once("lost")  # type: ignore[assignment]
    shops.stock("TEAPOT", OLD_TOWN, 2, "a")
    shops.wait(20)

    first, second = [call.body for call in shops.calls if call.writes]
    assert first == second
    assert shops.till_shows(OLD_TOWN, "TEAPOT") == 5
    assert shops.slot("tills", "TEAPOT", OLD_TOWN).flight == ""


def test_a_wish_that_changed_while_a_difference_was_in_flight_waits_for_it() -> None:
    shops = Shops()
    shops.world.tell("connection.flow", connection="web", flow="stock_out", level="observe")
    shops.fault = once("lost")  # type: ignore[assignment]
    shops.stock("TEAPOT", OLD_TOWN, 2, "a")
    shops.world.quiet()
    shops.stock("TEAPOT", OLD_TOWN, 4, "b")
    shops.wait(20)

    assert shops.written() == [("tills", "TEAPOT", 2), ("tills", "TEAPOT", 2), ("tills", "TEAPOT", 4)]
    assert shops.till_shows(OLD_TOWN, "TEAPOT") == 9


def test_what_was_answered_before_a_call_broke_off_is_kept() -> None:
    shops = Shops()
    writes: list[Called] = []

    def second_denied(call: Called) -> int | None:
        writes.extend([call] if call.writes else [])
        return 401 if call.writes and len(writes) == 2 else None

    shops.world.tell("connection.flow", connection="web", flow="stock_out", level="observe")
    shops.fault = second_denied
    shops.stock("TEAPOT", OLD_TOWN, 1, "a")
    shops.stock("TEAPOT", RIVERSIDE, 1, "b")
    shops.world.quiet()

    slots = [shops.slot("tills", "TEAPOT", store) for store in (OLD_TOWN, RIVERSIDE)]
    assert sorted(slot.flight == "" for slot in slots) == [False, True]
    assert shops.connection("tills").state == "reconnect"

    shops.wait(1000)
    assert (shops.till_shows(OLD_TOWN, "TEAPOT"), shops.till_shows(RIVERSIDE, "TEAPOT")) == (4, 3)
    assert shops.connection("tills").state == "ready"


def test_a_connection_that_only_observes_is_never_written_to() -> None:
    shops = Shops()
    for name in ("web", "tills"):
        shops.world.tell("connection.flow", connection=name, flow="stock_out", level="observe")
    shops.stock("TEAPOT", OLD_TOWN, 2, "a")
    shops.wait(4000)

    assert shops.written() == []
    slot = shops.slot("web", "TEAPOT")
    assert (slot.wanted, slot.observed, slot.flight) == (7, 5, "")

    for name in ("web", "tills"):
        shops.world.tell("connection.flow", connection=name, flow="stock_out", level="on")
    shops.wait(10)
    assert sorted(shops.written()) == [("tills", "TEAPOT", 2), ("web", "TEAPOT", 7)]


def test_writes_that_failed_for_longer_than_a_job_lives_are_made_soon_after_the_channel_is_back() -> None:
    shops = Shops()
    shops.fault = lambda _call: 500
    shops.stock("TEAPOT", OLD_TOWN, 2, "a")
    shops.wait(500)
    assert [one.what for one in shops.letters() if one.what == "push_stock"] == ["push_stock"] * 2

    shops.fault = lambda _call: None
    shops.wait(700)

    assert (shops.website_shows("TEAPOT"), shops.till_shows(OLD_TOWN, "TEAPOT")) == (7, 5)
    shops.true()
