"""The declared semantics of stock are true: measured on the emulated platform."""

from collections.abc import Iterable, Iterator, Mapping

from entrepot.contract import Answer, Applied, Channel, Guard, Moment, Refused, Unknown, Write
from entrepot.kernel import ChannelError
from entrepot.sandbox.conformance.bench import Bench
from entrepot.sandbox.conformance.promise import Broken, Excused, holds, same
from entrepot.sandbox.conformance.wire import lost

FALLS = {
    Moment.PLACED: [48, 48, 48],
    Moment.PAID: [50, 48, 48],
    Moment.FULFILLED: [50, 50, 48],
    Moment.NEVER: [50, 50, 50],
}
"""What 50 pieces fall to as an order of two is placed, paid, sent."""


def a_figure_written_is_shown(channel: Channel) -> None:
    """A figure that is written is shown, and no other one changes; also where goods wait to be sent."""
    bench = Bench(channel)
    cup, pot = bench.slot(bench.good("CUP")), bench.slot(bench.good("POT", 30))
    bench.buy(CUP=2, POT=2)
    others = {slot: units for slot, units in bench.shop.shown().items() if slot != cup}
    answers = bench.write(bench.wanted("k1", cup, 7))
    holds(f"it was answered {answers}", _applied(answers) == {"k1"})
    same("it shows, and was read as", (bench.shop.shown()[cup], int(bench.stock(cup)[cup].quantity)), (7, 7))
    same("the other figures", {slot: bench.shop.shown()[slot] for slot in others}, others)
    for quantity in (0, 12):
        bench.wait(60)
        bench.write(bench.wanted(f"k{quantity}", pot, quantity))
        same("a figure written again", bench.shop.shown()[pot], quantity)


def every_row_has_one_answer(channel: Channel) -> None:
    """Every row of a write has exactly one answer, under its own key."""
    bench = Bench(channel)
    slots = [bench.slot(bench.good(f"GOOD-{n}")) for n in range(5)]
    answers = bench.write(*(bench.wanted(f"k{n}", slot, n) for n, slot in enumerate(slots)))
    same("keys of the answers", sorted(one.key for one in answers), ["k0", "k1", "k2", "k3", "k4"])
    same("what is shown", [bench.shop.shown()[slot] for slot in slots], [0, 1, 2, 3, 4])


def a_whole_batch_is_taken(channel: Channel) -> None:
    """A write of as many rows as the declared batch has is taken as a whole."""
    bench = Bench(channel)
    slots = [bench.slot(bench.good(f"GOOD-{n:04d}")) for n in range(channel.ABOUT.stock.batch)]
    answers = bench.write(*(bench.wanted(f"k{n}", slot, 7) for n, slot in enumerate(slots)))
    same("rows that were not applied", [one for one in answers if not isinstance(one, Applied)][:3], [])
    same("figures that were not written", [slot for slot in slots if bench.shop.shown()[slot] != 7][:3], [])


def a_bad_row_fails_as_declared(channel: Channel) -> None:
    """A row of a good that is not there fails alone, or with its whole batch, as declared."""
    bench = Bench(channel)
    first, last = bench.slot(bench.good("CUP")), bench.slot(bench.good("POT"))
    nowhere = (_other(bench, first[0]), first[1])
    rows = [
        bench.wanted("good", first, 7),
        bench.wanted("bad", nowhere, 7, expected=0),
        bench.wanted("last", last, 8),
    ]
    answers = {one.key: one for one in bench.write(*rows)}
    same("keys of the answers", sorted(answers), ["bad", "good", "last"])
    holds(f"the bad row was answered {answers['bad']}", isinstance(answers["bad"], Refused))
    alone = [] if channel.ABOUT.stock.bad_row_fails_batch else ["good", "last"]
    same("rows that were applied", sorted(_applied(list(answers.values()))), alone)
    figures = [bench.shop.shown()[slot] for slot in (first, last)]
    same("what is shown", figures, [7, 8] if alone else [50, 50])


def the_write_does_what_it_is_declared_to(channel: Channel) -> None:
    """A figure that changed before the write landed is set, added to, or left alone, as declared."""
    bench, mode = Bench(channel), channel.ABOUT.stock.write
    slot = bench.slot(bench.good("CUP"))
    row = bench.wanted("k1", slot, 7)
    bench.shop.set_stock("CUP", 47, bench.now)
    answers = bench.write(row)
    figures = {Write.ABSOLUTE: 7, Write.DELTA: 4, Write.COMPARE_AND_SET: 47}
    same(f"7 written by {mode} over 50 that had become 47", bench.shop.shown()[slot], figures[mode])
    if mode is Write.COMPARE_AND_SET:
        stale = [isinstance(one, Refused) and one.stale for one in answers]
        holds(f"it was answered {answers}, not refused as stale", stale == [True])
    else:
        holds(f"it was answered {answers}", _applied(answers) == {"k1"})


def the_same_write_twice_happens_once(channel: Channel) -> None:
    """The same row sent twice under its key has one effect."""
    bench = Bench(channel)
    slot = bench.slot(bench.good("CUP"))
    row = bench.wanted("k1", slot, 7)
    bench.write(row)
    bench.write(row)
    same("50 set to 7, twice under one key", bench.shop.shown()[slot], 7)


def a_write_whose_answer_was_lost_happens_once(channel: Channel) -> None:
    """A write whose answer was lost is unknown; sent again it is applied, and has happened once."""
    bench = Bench(channel)
    slot = bench.slot(bench.good("CUP"))
    row = bench.wanted("k1", slot, 7)
    bench.wire.rule = lost
    try:
        answers = bench.write(row)
    except ChannelError:
        answers = [Unknown(key="k1", why="an error")]
    bench.wire.rule = None
    holds(
        f"without an answer it was called {answers}",
        all(isinstance(one, Unknown) for one in answers) and answers,
    )
    again = bench.write(row)
    holds(f"sent again it was answered {again}", _applied(again) == {"k1"})
    same("50 set to 7, sent twice", bench.shop.shown()[slot], 7)


def the_figure_falls_when_declared(channel: Channel) -> None:
    """The channel lowers its own figure for a sale at the moment that is declared."""
    bench = Bench(channel)
    item = bench.good("CUP")
    figures = [bench.figure(item) for _id in _life(bench)]
    same("50 after an order of two was placed, paid, sent", figures, FALLS[channel.ABOUT.stock.lowers_itself])


def taken_is_what_the_figure_lost(channel: Channel) -> None:
    """What the lines of an order say to be taken is what the channel's figure really lost, at every step."""
    bench = Bench(channel)
    item = bench.good("CUP")
    for id in _life(bench):
        same("taken, against what the figure of 50 lost", _taken(bench, id), 50 - bench.figure(item))
    id = bench.buy(CUP=3)
    lost_before = 50 - bench.figure(item) - _taken(bench, id)
    bench.wait(60)
    bench.shop.refund(id, {"CUP": 1}, bench.now, restock="refund" in channel.ABOUT.stock.restores_itself)
    same("taken after a refund", _taken(bench, id), 50 - bench.figure(item) - lost_before)
    if "cancel" in channel.ABOUT.stock.restores_itself:
        bench.wait(60)
        bench.shop.cancel(id, bench.now)
        same("taken after the cancellation", _taken(bench, id), 50 - bench.figure(item) - lost_before)


def taken_names_the_place_that_lost_it(channel: Channel) -> None:
    """The location that a line names is the one whose figure fell."""
    bench = Bench(channel)
    if not channel.ABOUT.stock.per_location:
        raise Excused("one figure serves the whole channel")
    item = bench.good("CUP")
    where = max(slot[1] for slot in bench.shop.shown() if slot[0] == item)
    bench.shop.set_stock("CUP", 20, bench.now, location=where)
    before = bench.shop.shown()
    counter = str(bench.shop.place({"CUP": 2}, bench.now, location=where))
    same("units of a sale on the spot, by location", _said(bench, counter), _fell(bench, before))
    before = bench.shop.shown()
    online = bench.buy(CUP=3)
    same("units of an order to be sent, by location", _said(bench, online), _fell(bench, before))


def what_comes_back_is_as_declared(channel: Channel) -> None:
    """Cancelled and refunded units go back on sale by themselves where that is declared, else not."""
    declared = channel.ABOUT.stock.restores_itself
    bench = Bench(channel)
    item = bench.good("CUP")
    id = bench.buy(CUP=2)
    bench.wait(60)
    bench.shop.refund(id, {"CUP": 1}, bench.now, restock="refund" in declared)
    same("50 less two sold, after a refund of one", bench.figure(item), 49 if "refund" in declared else 48)
    if "cancel" in declared:
        other = bench.buy(CUP=5)
        bench.shop.cancel(other, bench.now)
        same("the same after an order of five was cancelled", bench.figure(item), 49)


def zero_is_guarded_as_declared(channel: Channel) -> None:
    """The channel refuses to sell what it does not have, or sells it, as declared."""
    bench = Bench(channel)
    bench.good("CUP", 1)
    sold = bench.shop.place({"CUP": 2}, bench.now)
    guarded = channel.ABOUT.stock.guards is not Guard.NO
    holds(
        f"guards is {channel.ABOUT.stock.guards}, and two sold of one was {sold!r}", (sold is None) == guarded
    )


def figures_stand_per_location_as_declared(channel: Channel) -> None:
    """There is a figure per location, or one for the whole channel, as declared, and listings say which."""
    bench, per_location = Bench(channel), channel.ABOUT.stock.per_location
    item = bench.good("CUP")
    shown = {slot[1] for slot in bench.shop.shown() if slot[0] == item}
    same("several figures for one good", len(shown) > 1, per_location)
    listed = [set(one.locations) for one in channel.read_listings(bench.api) if one.item == item]
    same("locations of its listing", listed, [shown])


def _life(bench: Bench) -> Iterator[str]:
    """An order of two as it is placed, then paid, then sent."""
    id = bench.buy(paid=False, CUP=2)
    yield id
    for move in (bench.trial.pay, bench.trial.send):
        bench.wait(60)
        move(bench.shop, id, bench.now)
        yield id


def _said(bench: Bench, id: str) -> dict[str, int]:
    """Units that an order says to be taken, by the location that it names for them."""
    order = bench.order(id)
    said: dict[str, int] = {}
    for line in order.lines:
        place = line.location or order.location
        said[place] = said.get(place, 0) + int(line.taken)
    return said


def _fell(bench: Bench, before: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Units that the figures lost since, by location."""
    now = bench.shop.shown()
    return {slot[1]: units - now[slot] for slot, units in before.items() if units != now[slot]}


def _taken(bench: Bench, id: str) -> int:
    return sum(int(line.taken) for line in bench.order(id).lines)


def _applied(answers: Iterable[Answer]) -> set[str]:
    return {one.key for one in answers if isinstance(one, Applied)}


def _other(bench: Bench, item: str) -> str:
    """An item that looks like one and is none."""
    known = {slot[0] for slot in bench.shop.shown()}
    for sign in "9876543210ZYXWV":
        if (other := item[:-1] + sign) not in known:
            return other
    raise Broken("every similar item exists")
