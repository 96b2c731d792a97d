"""Lists are read to their last page, whatever happens while they are read."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from entrepot.contract import Channel, Gone, Hint, Kind, OrderSeen
from entrepot.kernel import ChannelError
from entrepot.sandbox.conformance.bench import START, Bench
from entrepot.sandbox.conformance.promise import Broken, Excused, holds, same
from entrepot.sandbox.conformance.wire import after, instead, problem

PAGE = 3


def every_order_to_the_last_page(channel: Channel) -> None:
    """A sweep reads every order that changed, to the last page."""
    bench, ids = _orders(channel)
    same("orders placed", len(ids), bench.trial.orders)
    same("orders that the sweep did not name", sorted(set(ids) - named(bench.sweep(START))), [])


def no_order_is_hidden_by_one_that_vanishes(channel: Channel) -> None:
    """An order that vanishes while the list is read hides no other one."""
    bench, ids = _orders(channel)
    reading = iter(channel.read_orders(bench.api, START))
    met = [next(reading)]
    bench.wait(1)
    bench.shop.erase(ids[0], bench.now)
    met += list(reading)
    same("orders that the sweep did not name", sorted(set(ids[1:]) - named(met)), [])


def a_sweep_begins_at_the_very_second(channel: Channel) -> None:
    """A sweep names what changed in the very second it begins at, and not what changed long before."""
    bench = Bench(channel)
    bench.good("CUP")
    early = bench.buy(CUP=1)
    bench.wait(3600)
    mark, late = bench.now, bench.buy(CUP=1)
    bench.wait(5)
    found = named(bench.sweep(mark))
    holds(f"the order that changed in the second of the mark, {late}, was not named", late in found)
    holds(f"the order that changed an hour before the mark, {early}, was named too", early not in found)
    same(
        "orders named by a sweep from a minute later", named(bench.sweep(mark + timedelta(seconds=60))), set()
    )


def every_line_of_a_large_order(channel: Channel) -> None:
    """An order of 90 lines is read with every one of them."""
    bench = Bench(channel)
    basket = {f"GOOD-{n:02d}": 1 for n in range(90)}
    for sku in basket:
        bench.good(sku)
    id = bench.trial.buy(bench.shop, basket, bench.now, True)
    holds("the emulated shop refused a purchase of 90 goods", id)
    same("lines of the order", len(bench.order(str(id)).lines), 90)
    for seen in bench.sweep(START):
        if isinstance(seen, OrderSeen):
            same("lines of the order in a sweep", len(seen.lines), 90)


def every_listing_to_the_last_page(channel: Channel) -> None:
    """Every good on sale is listed, to the last page, with its SKU and its item."""
    bench, items = _goods(channel)
    listed = {one.sku: one.item for one in channel.read_listings(bench.api)}
    same("goods put on sale", len(items), bench.trial.goods)
    same(
        "goods that are not listed, or under another item",
        sorted(set(items.items()) - set(listed.items())),
        [],
    )


def every_figure_that_is_asked_for(channel: Channel) -> None:
    """Every figure that is asked for is read, and as the channel shows it."""
    bench, items = _goods(channel)
    for place in {location for _item, location in bench.shop.shown()}:
        for n, sku in enumerate(items):
            bench.shop.set_stock(sku, 5 + n, bench.now, location=place)
    shown = {slot: units for slot, units in bench.shop.shown().items() if slot[0] in items.values()}
    wanted = dict(sorted(shown.items(), key=lambda one: one[0][1]))  # place by place: many goods, few places
    read = {slot: int(one.quantity) for slot, one in bench.stock(*wanted).items()}
    wrong = [f"{slot}: shows {units}, read {read.get(slot)}" for slot, units in wanted.items()
             if read.get(slot) != units]  # fmt: skip
    same("figures read wrongly", wrong[:3], [])


def every_location(channel: Channel) -> None:
    """Every location that holds a figure is named."""
    bench = Bench(channel)
    bench.good("CUP")
    shown = {location for _item, location in bench.shop.shown()}
    same("locations", {one.external_id for one in channel.read_locations(bench.api)}, shown)


def a_sale_in_every_location_is_swept(channel: Channel) -> None:
    """A sweep names the sales of every location."""
    bench = Bench(channel)
    if not channel.ABOUT.stock.per_location:
        raise Excused("it has no locations")
    bench.good("CUP")
    places = sorted({location for _item, location in bench.shop.shown()})
    ids = {str(bench.shop.place({"CUP": 1}, bench.now, location=place)) for place in places}
    same("sales that the sweep did not name", sorted(ids - named(bench.sweep(START))), [])


def a_list_that_breaks_off_has_no_end(channel: Channel) -> None:
    """A list whose next page fails is reported as failed, never taken for complete."""
    bench, _ids = _orders(channel)
    slots = list(bench.shop.shown())
    readings: dict[str, Callable[[], Iterable[object]]] = {
        "read_orders": lambda: channel.read_orders(bench.api, START),
        "read_listings": lambda: channel.read_listings(bench.api),
        "read_stock": lambda: channel.read_stock(bench.api, slots),
    }
    for name, read in readings.items():
        if hasattr(channel, name):
            _breaks_off(bench, name, read)


def _breaks_off(bench: Bench, name: str, read: Callable[[], Iterable[object]]) -> None:
    """Reads again and again, each time one call later cut off from the platform."""
    bench.wire.rule, before = None, len(bench.wire.calls)
    list(read())
    whole = len(bench.wire.calls) - before
    for count in range(whole):
        bench.wire.rule = after(count, instead(problem(500)))
        try:
            list(read())
        except ChannelError:
            continue
        raise Broken(f"{name} took a 500 on call {count + 1} of {whole} for the end of the list")
    bench.wire.rule = None


def named(seen: Iterable[object]) -> set[str]:
    """The ids of the orders that are told of, hinted at or gone."""
    return {
        one.external_id if isinstance(one, OrderSeen) else one.id
        for one in seen
        if isinstance(one, OrderSeen) or (isinstance(one, Hint | Gone) and one.kind is Kind.ORDER)
    }


def _orders(channel: Channel) -> tuple[Bench, list[str]]:
    """A bench whose lists come in small pages, and orders for more than two of them."""
    bench = Bench(channel)
    bench.wire.pages = PAGE
    bench.good("CUP", 500)
    ids = []
    for _ in range(bench.trial.orders):
        ids.append(bench.buy(CUP=1))
        bench.wait(1)
    return bench, ids


def _goods(channel: Channel) -> tuple[Bench, dict[str, str]]:
    bench = Bench(channel)
    bench.wire.pages = PAGE
    return bench, {f"GOOD-{n:03d}": bench.good(f"GOOD-{n:03d}", 3 + n) for n in range(bench.trial.goods)}
