"""Sweeping: whatever webhooks lost is found, whenever a till hands it in, and nothing is booked twice."""

from datetime import timedelta

from entrepot.channels.kit.emulate import Good
from tests.sync.shops import OLD_TOWN, RIVERSIDE, Called, Shops


def test_an_order_whose_webhooks_were_lost_is_here_within_five_minutes() -> None:
    shops = Shops()
    shops.hooks_are_lost()
    number = shops.buy_online("TEAPOT")
    assert number is not None
    shops.wait(305)

    assert shops.claims(number) == [("reserved", OLD_TOWN, 1)]
    shops.wait(10)
    assert shops.till_shows(OLD_TOWN, "TEAPOT") == 2


def test_a_sweep_looks_ten_minutes_behind_the_last_one() -> None:
    shops = Shops()
    asked: list[str] = []

    def watch(call: Called) -> None:
        if call.path == "/v2/orders/search":
            asked.append(call.body["query"]["filter"]["date_time_filter"]["updated_at"]["start_at"])

    shops.fault = watch
    began = shops.world.clock.now()
    shops.wait(700)

    marks = [asked[n] for n in range(2)]
    first, second = (began.fromisoformat(one.replace("Z", "+00:00")) for one in marks)
    assert second - first == timedelta(seconds=300)
    assert timedelta(minutes=10) < began - first < timedelta(minutes=16)


def test_what_was_swept_and_told_is_booked_once() -> None:
    shops = Shops()
    shops.world.faults._hook_doubled = 1.0
    number = shops.buy_online("TEAPOT", 2)
    assert number is not None
    shops.wait(1000)

    assert shops.claims(number) == [("reserved", OLD_TOWN, 2)]
    assert shops.shelf("TEAPOT") == {OLD_TOWN: 1, RIVERSIDE: 2}
    assert shops.orders() == 1
    assert shops.happened("OrderReceived") == 1


def test_a_sweep_that_broke_off_begins_again_where_it_stood() -> None:
    shops = Shops()
    shops.hooks_are_lost()
    number = shops.buy_online("TEAPOT")
    assert number is not None
    shops.fault = lambda call: 500 if call.path.endswith("/orders") and call.method == "GET" else None
    shops.wait(400)
    assert shops.orders() == 0

    shops.fault = lambda _call: None
    shops.wait(400)
    assert shops.claims(number) == [("reserved", OLD_TOWN, 1)]


def test_an_offline_tills_sales_come_hours_later_with_the_time_at_which_they_happened() -> None:
    shops = Shops()
    place = shops.store_of[RIVERSIDE]
    shops.tills.go_offline(place)
    sold_at = shops.world.clock.now()
    number = shops.buy_at(RIVERSIDE, "TEAPOT")
    assert number is not None
    shops.wait(2 * 3600)
    assert shops.orders() == 0

    shops.tills.go_online(place, shops.world.clock.now())
    shops.wait(400)

    assert shops.claims(number) == [("consumed", RIVERSIDE, 1)]
    assert shops.shelf("TEAPOT") == {OLD_TOWN: 3, RIVERSIDE: 1}
    assert shops.website_shows("TEAPOT") == 4
    assert shops.world.clock.now() - sold_at > timedelta(hours=2)
    shops.wait(700)
    shops.true()


def test_a_line_without_a_listing_heals_with_the_next_sweep_after_its_sku_is_made() -> None:
    shops = Shops()
    good = Good(sku="COSY", title="Cosy", price="19.00", stock={"": 5})
    shops.website.stock_good(good, shops.world.clock.now())
    number = shops.website.place({"COSY": 2}, shops.world.clock.now())
    shops.hooks_are_lost()
    shops.wait(310)
    assert shops.exceptions(str(number)) == ["unmapped_sku"]

    shops.world.tell("sku.add", sku="COSY")
    shops.world.quiet()
    assert shops.exceptions(str(number)) == ["unmapped_sku"]
    shops.wait(305)
    assert shops.exceptions(str(number)) == ["short"]


def test_webhooks_that_switched_themselves_off_are_switched_on_and_followed_by_a_sweep() -> None:
    shops = Shops()
    for hook in shops.website.hooks.table.values():
        hook.status = "disabled"
    number = shops.buy_online("TEAPOT")
    assert number is not None
    shops.wait(1000)

    assert {hook.status for hook in shops.website.hooks.table.values()} == {"active"}
    assert shops.happened("HooksRevived") == 1
    assert shops.claims(number) == [("reserved", OLD_TOWN, 1)]


def test_reviving_webhooks_sweeps_at_once() -> None:
    shops = Shops()
    for hook in shops.website.hooks.table.values():
        hook.status = "disabled"
    sweeps: list[float] = []
    revived: list[float] = []
    began = shops.world.clock.now()

    def watch(call: Called) -> None:
        now = (shops.world.clock.now() - began).total_seconds()
        if call.method == "GET" and call.path.endswith("/wc/v3/orders"):
            sweeps.append(now)
        if call.method == "PUT" and "/webhooks/" in call.path:
            revived.append(now)

    shops.fault = watch
    shops.wait(1000)

    assert len(revived) == 5
    assert any(revived[-1] <= sweep <= revived[-1] + 5 for sweep in sweeps)
