"""Postings: each cause once, more than there is refused, by the database too; holds that may be refused."""

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from entrepot import ledger
from entrepot.db import Tx, tables
from entrepot.kernel import Money, Refusal
from entrepot.ledger import Move, Posting
from entrepot.places import Places
from tests.db.stores import NOON
from tests.ledger.books import Books, at


def refusal(act: object) -> str:
    assert callable(act)
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def test_the_same_cause_with_the_same_moves_is_no_news(books: Books) -> None:
    assert books.post(books.move("supplier", "main shelf", 5), cause="receipt:1") == 1
    assert books.post(books.move("supplier", "main shelf", 5), cause="receipt:1", happened_at=at(99)) == 0
    assert books.lies() == {"supplier": -5, "main shelf": 5}
    assert books.told("StockMoved") == [f"item:{books.ids['A']}"]


def test_the_same_cause_with_other_moves_is_an_error(books: Books) -> None:
    books.post(books.move("supplier", "main shelf", 5), cause="receipt:1")
    others = {
        "quantity": books.move("supplier", "main shelf", 6),
        "place": books.move("supplier", "shop shelf", 5),
        "lot": books.move("supplier", "main shelf", 5, lot="L1"),
        "item": books.move("supplier", "main shelf", 5, item="B"),
    }
    for other in others.values():
        assert refusal(lambda other=other: books.post(other, cause="receipt:1")) == "cause_reused"
    assert refusal(lambda: books.post(cause="receipt:1")) == "cause_reused"
    assert books.lies() == {"supplier": -5, "main shelf": 5}


def test_another_cost_or_reason_is_another_content(books: Books) -> None:
    move = books.move("supplier", "main shelf", 5)

    def post(tx: Tx, here: Places, cost: Money | None, reason: str) -> None:
        dear = Move(
            item_id=move.item_id, source_id=move.source_id, target_id=move.target_id, quantity=5, cost=cost
        )
        ledger.post(tx, here, [Posting(cause="r", moves=(dear,), happened_at=NOON, reason=reason)])

    books.run(lambda tx, here: post(tx, here, Money(100, "EUR"), "received"))
    books.run(lambda tx, here: post(tx, here, Money(100, "EUR"), "received"))
    for cost, reason in ((Money(101, "EUR"), "received"), (Money(100, "USD"), "received"), (None, "received"),
                         (Money(100, "EUR"), "found")):  # fmt: skip
        assert (
            refusal(lambda cost=cost, reason=reason: books.run(lambda tx, here: post(tx, here, cost, reason)))
            == "cause_reused"
        )
    (row,) = books.store.read(lambda tx: tx.rows(select(tables.move)))
    assert (row.cost_minor, row.cost_currency, row.happened_at) == (100, "EUR", NOON)


def test_a_cause_that_stands_twice_in_one_batch_is_booked_once(books: Books) -> None:
    def twice(other: int) -> int:
        batch = [
            Posting(cause="r:1", moves=(books.move("supplier", "main shelf", n),), happened_at=NOON)
            for n in (5, other)
        ]
        return len(books.run(lambda tx, here: ledger.post(tx, here, batch)))

    assert refusal(lambda: twice(6)) == "cause_reused"
    assert twice(5) == 1
    assert books.lies() == {"supplier": -5, "main shelf": 5}


def test_more_than_a_bounded_place_holds_cannot_leave_it(books: Books) -> None:
    books.receive(5)
    assert refusal(lambda: books.post(books.move("main shelf", "gone", 6))) == "not_enough"
    assert refusal(lambda: books.post(books.move("shop shelf", "main shelf", 1))) == "not_enough"
    assert refusal(lambda: books.post(books.move("main shelf", "gone", 1, lot="L1"))) == "not_enough"
    assert books.post(books.move("main shelf", "gone", 5)) == 1
    assert books.lies() == {"supplier": -5, "gone": 5}


def test_the_world_outside_has_no_bound(books: Books) -> None:
    for place in ("supplier", "gone", "lost", "mirror"):
        assert books.post(books.move(place, "main shelf", 10)) == 1
    assert books.lies() == {"supplier": -10, "gone": -10, "lost": -10, "mirror": -10, "main shelf": 40}


def test_several_moves_of_one_posting_are_weighed_together(books: Books) -> None:
    assert books.post(books.move("supplier", "main shelf", 5), books.move("main shelf", "shop shelf", 5)) == 1
    assert books.lies() == {"supplier": -5, "shop shelf": 5}


@pytest.mark.parametrize(
    ("source", "target", "quantity"),
    [("supplier", "main shelf", 0), ("supplier", "main shelf", -1), ("main shelf", "main shelf", 1)],
)
def test_a_move_needs_a_positive_quantity_and_two_places(
    books: Books, source: str, target: str, quantity: int
) -> None:
    assert refusal(lambda: books.post(books.move(source, target, quantity))) == "quantity"


@pytest.mark.parametrize("place", ["main shelf", "main promised", "main transit", "main back"])
def test_the_database_itself_refuses_less_than_nothing(books: Books, place: str) -> None:
    books.post(books.move("supplier", place, 2))
    balance = tables.balance
    mine = (balance.c.item_id == books.ids["A"]) & (balance.c.place_id == books.place(place).id)
    with pytest.raises(IntegrityError, match="ck_balance_bounded"):
        books.store.run(lambda tx: tx.run(update(balance).where(mine).values(quantity=-1)))
    assert books.lies()[place] == 2


@pytest.mark.parametrize(
    "change",
    [{"quantity": 0}, {"quantity": -1}, {"cause": "none"}, {"item_id": "none"}, {"source_id": "none"}],
)
def test_the_database_itself_refuses_moves_that_cannot_be(books: Books, change: dict[str, object]) -> None:
    books.receive(2)
    (row,) = books.store.read(lambda tx: tx.rows(select(tables.move)))
    copy = dict(row._mapping) | {"id": "2"} | change
    with pytest.raises(IntegrityError):
        books.store.run(lambda tx: tx.run(insert(tables.move).values(copy)))


def test_the_database_itself_refuses_a_move_from_a_place_to_itself(books: Books) -> None:
    books.receive(2)
    stay = update(tables.move).values(target_id=tables.move.c.source_id)
    with pytest.raises(IntegrityError, match="ck_move_elsewhere"):
        books.store.run(lambda tx: tx.run(stay))


@pytest.mark.parametrize(
    "change", [{"quantity": 0}, {"state": "lost"}, {"state": "short"}, {"location_id": None}]
)
def test_the_database_itself_refuses_reservations_that_cannot_be(
    books: Books, change: dict[str, object]
) -> None:
    books.receive(2)
    books.book("line", 2)
    with pytest.raises(IntegrityError):
        books.store.run(lambda tx: tx.run(update(tables.reservation).values(**change)))


# holds that may be refused


def reserve(
    books: Books, quantity: int, *, line: str = "cart", network: str = "main shop", cause: str = ""
) -> None:
    ids = [books.ids[code] for code in network.split()]
    cause = cause or books.cause()
    books.run(
        lambda tx, here: ledger.reserve(
            tx, here, line_id=line, item_id=books.ids["A"], quantity=quantity, network=ids, cause=cause
        )
    )


def test_what_is_there_is_held_and_what_is_not_is_refused(books: Books) -> None:
    books.receive(3)
    books.receive(2, at="shop")
    reserve(books, 4)
    assert books.claims("cart") == ["held 1 shop", "held 3 main"]
    assert refusal(lambda: reserve(books, 2, line="second")) == "not_available"
    assert refusal(lambda: reserve(books, 1, line="second", network="main")) == "not_available"
    assert books.claims("second") == []
    reserve(books, 1, line="second")
    assert books.lies() == {"supplier": -5, "main promised": 3, "shop promised": 2}


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_hold_of_nothing_is_refused(books: Books, quantity: int) -> None:
    assert refusal(lambda: reserve(books, quantity)) == "quantity"


def test_a_hold_with_the_same_cause_again_is_no_news(books: Books) -> None:
    books.receive(3)
    reserve(books, 2, cause="cart:1")
    reserve(books, 2, cause="cart:1")
    assert books.claims("cart") == ["held 2 main"]


def end(books: Books, id: str, quantity: int, *, consume: bool, cause: str = "") -> None:
    verb = ledger.consume if consume else ledger.release
    cause = cause or books.cause()
    books.run(lambda tx, here: verb(tx, here, reservation_id=id, quantity=quantity, cause=cause))


@pytest.mark.parametrize(
    ("consume", "claims", "lies"),
    [
        (
            False,
            ["held 1 main", "released 2 main"],
            {"supplier": -3, "main shelf": 2, "main promised": 1},
        ),
        (True, ["consumed 2 main", "held 1 main"], {"supplier": -3, "gone": 2, "main promised": 1}),
    ],
)
def test_a_hold_ends_by_id_and_quantity(
    books: Books, consume: bool, claims: list[str], lies: dict[str, int]
) -> None:
    books.receive(3)
    reserve(books, 3)
    end(books, books.reservation("cart"), 2, consume=consume)
    assert books.claims("cart") == claims
    assert books.lies() == lies


def test_the_end_of_a_hold_with_the_same_cause_again_is_no_news(books: Books) -> None:
    books.receive(3)
    reserve(books, 3)
    one = books.reservation("cart")
    for _ in range(2):
        end(books, one, 1, consume=False, cause="back:1")
    assert books.claims("cart") == ["held 2 main", "released 1 main"]


@pytest.mark.parametrize("quantity", [0, -1, 4])
def test_no_more_of_a_hold_ends_than_it_has(books: Books, quantity: int) -> None:
    books.receive(3)
    reserve(books, 3)
    for consume in (True, False):
        assert (
            refusal(lambda consume=consume: end(books, books.reservation("cart"), quantity, consume=consume))
            == "quantity"
        )


def test_what_waits_can_be_released_but_not_consumed(books: Books) -> None:
    books.book("line", 2)
    one = books.reservation("line")
    assert refusal(lambda: end(books, one, 1, consume=True)) == "quantity"
    end(books, one, 2, consume=False)
    assert books.claims("line") == ["released 2"]
    assert refusal(lambda: end(books, one, 2, consume=False)) == "quantity"


def test_an_unknown_hold_cannot_end(books: Books) -> None:
    for consume in (True, False):
        assert (
            refusal(lambda consume=consume: end(books, "none", 1, consume=consume)) == "reservation_unknown"
        )


def test_available_is_what_lies_on_shelves_of_all_lots(books: Books) -> None:
    books.receive(3)
    books.receive(2, lot="L1")
    books.receive(1, at="shop")
    books.book("line", 1)
    items = [books.ids["A"], books.ids["B"]]
    assert books.store.read(lambda tx: ledger.available(tx, items)) == {
        (books.ids["A"], books.ids["main"]): 4,
        (books.ids["A"], books.ids["shop"]): 1,
    }
    assert books.store.read(lambda tx: ledger.available(tx, [])) == {}
