"""Words that an adapter does not know are UNKNOWN; those it knows tell the life of an order."""

from decimal import Decimal
from typing import Any

from entrepot.channels.kit.trial import Word
from entrepot.contract import Channel, Commercial, OrderSeen, Payment
from entrepot.sandbox.conformance.bench import Bench
from entrepot.sandbox.conformance.promise import Excused, holds, same
from entrepot.sandbox.conformance.wire import rewritten

STRANGE = "MOONSTRUCK"


def an_unknown_word_stays_unknown(channel: Channel) -> None:
    """A word that nobody knows becomes UNKNOWN, with a note that quotes it, and never a guess."""
    bench = Bench(channel)
    if not bench.trial.words:
        raise Excused("the platform has no words of its own")
    bench.good("CUP")
    id = bench.buy(CUP=1)
    bench.trial.send(bench.shop, id, bench.now)
    for word in bench.trial.words:
        met: list[str] = []
        bench.wire.rule = rewritten(lambda one, word=word, met=met: _estrange(one, word, met))  # type: ignore[misc]
        _told(word, bench.order(id))
        holds(f"no answer holds {word.key} beside {word.beside}: trial.py is wrong", met)


def an_order_is_open_until_it_is_paid(channel: Channel) -> None:
    """An order that nobody paid is open and its payment pending; paid, it says so."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(paid=False, CUP=2)
    same("unpaid", _states(bench, id), (Commercial.OPEN, Payment.PENDING))
    bench.trial.pay(bench.shop, id, bench.now)
    same("paid", _states(bench, id), (Commercial.OPEN, Payment.PAID))


def what_was_sent_is_shipped(channel: Channel) -> None:
    """What was sent counts as shipped, what was not does not."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(CUP=2)
    same("before it was sent", _counts(bench, id), (0, 0, 0))
    bench.trial.send(bench.shop, id, bench.now)
    same("two sent", _counts(bench, id), (0, 2, 0))


def what_was_cancelled_is_cancelled(channel: Channel) -> None:
    """An order that was cancelled before it was paid is cancelled, with all its units."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(paid=False, CUP=2)
    bench.wait(60)
    bench.shop.cancel(id, bench.now)
    same("the agreement", bench.order(id).commercial, Commercial.CANCELLED)
    same("two cancelled", _counts(bench, id), (2, 0, 0))


def what_came_back_before_it_left_is_cancelled(channel: Channel) -> None:
    """Units that are refunded before they left are cancelled, those refunded after are returned."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(CUP=3)
    bench.wait(60)
    bench.shop.refund(id, {"CUP": 1}, bench.now, restock=True)
    same("one of three refunded before it left", _counts(bench, id), (1, 0, 0))
    other = bench.buy(CUP=3)
    bench.wait(60)
    bench.trial.send(bench.shop, other, bench.now)
    bench.wait(60)
    bench.shop.refund(other, {"CUP": 1}, bench.now, restock=True)
    same("one of three refunded after they left", _counts(bench, other), (0, 3, 1))


def _estrange(one: dict[str, Any], word: Word, met: list[str]) -> None:
    if word.key in one and word.beside in one and one[word.key]:
        one[word.key] = STRANGE
        met.append(word.key)


def _told(word: Word, order: OrderSeen) -> None:
    where = f"{word.key} {STRANGE} beside {word.beside}"
    told: dict[str, tuple[object, object]] = {
        "commercial": (order.commercial, Commercial.UNKNOWN),
        "payment": (order.payment, Payment.UNKNOWN),
        "payments": ([one.state for one in order.payments], [Payment.UNKNOWN]),
    }
    if word.tells:
        same(where, *told[word.tells])
    if word.tells != "payments":
        holds(f"{where}: no note quotes it: {order.notes}", STRANGE.lower() in " ".join(order.notes).lower())


def _states(bench: Bench, id: str) -> tuple[Commercial, Payment]:
    order = bench.order(id)
    return order.commercial, order.payment


def _counts(bench: Bench, id: str) -> tuple[Decimal, Decimal, Decimal]:
    """Units cancelled, shipped, returned."""
    lines = bench.order(id).lines
    return (
        sum((line.cancelled for line in lines), Decimal(0)),
        sum((line.shipped for line in lines), Decimal(0)),
        sum((line.returned for line in lines), Decimal(0)),
    )
