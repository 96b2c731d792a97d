"""A till hands goods over whatever the hub believes; returned goods come back to where they left from."""

import pytest

from entrepot.places import Kind
from tests.ledger.books import Books


def test_goods_handed_over_leave_the_shelf(books: Books) -> None:
    books.receive(5)
    books.sell("till", 2)
    assert books.lies() == {"supplier": -5, "main shelf": 3, "gone": 2}
    assert books.claims("till") == ["consumed 2 main"]
    assert books.told("PromiseChanged") == []


def test_an_empty_shelf_takes_the_newest_promise_and_that_line_becomes_short(books: Books) -> None:
    books.receive(4)
    books.book("older", 2)
    books.book("newer", 2)
    books.sell("till", 1)
    assert books.claims("older") == ["reserved 2 main"]
    assert books.claims("newer") == ["reserved 1 main", "short 1"]
    assert books.claims("till") == ["consumed 1 main"]
    assert books.lies() == {"supplier": -4, "main promised": 3, "gone": 1}
    assert books.told("PromiseChanged") == ["line:newer"]


@pytest.mark.parametrize(
    ("sold", "older", "newer", "till", "lies"),
    [
        (1, ["reserved 2 main"], ["reserved 2 main"], ["consumed 1 main"],
         {"supplier": -5, "main promised": 4, "gone": 1}),
        (2, ["reserved 2 main"], ["reserved 1 main", "short 1"], ["consumed 1 main", "consumed 1 main"],
         {"supplier": -5, "main promised": 3, "gone": 2}),
        (4, ["reserved 1 main", "short 1"], ["short 2"],
         ["consumed 1 main", "consumed 1 main", "consumed 2 main"],
         {"supplier": -5, "main promised": 1, "gone": 4}),
        (7, ["short 2"], ["short 2"],
         ["consumed 1 main", "consumed 2 main", "consumed 2 main", "consumed 2 main"],
         {"supplier": -5, "lost": -2, "gone": 7}),
    ],
)  # fmt: skip
def test_the_shelf_goes_first_then_the_newest_promises_and_the_rest_is_found(
    books: Books, sold: int, older: list[str], newer: list[str], till: list[str], lies: dict[str, int]
) -> None:
    books.receive(5)
    books.book("older", 2)
    books.book("newer", 2)
    books.sell("till", sold)
    assert (books.claims("older"), books.claims("newer"), books.claims("till")) == (older, newer, till)
    assert books.lies() == lies


def test_what_is_picked_already_is_not_taken_from_its_line(books: Books) -> None:
    books.receive(2)
    books.book("line", 2)
    books.pick("line")
    books.sell("till", 1)
    assert books.claims("line") == ["picked 2 main"]
    assert books.lies() == {"supplier": -2, "main promised": 2, "lost": -1, "gone": 1}


def test_what_is_only_held_can_be_taken_too(books: Books) -> None:
    books.receive(1)
    books.book("cart", 1, held=True)
    books.sell("till", 1)
    assert books.claims("cart") == ["short 1"]


def test_a_till_takes_nothing_from_another_place(books: Books) -> None:
    books.receive(3, at="shop")
    books.book("line", 1)
    books.sell("till", 1, at="main")
    assert books.claims("line") == ["reserved 1 shop"]
    assert books.lies() == {"supplier": -3, "shop shelf": 2, "shop promised": 1, "lost": -1, "gone": 1}


def test_lots_leave_the_shelf_in_their_order_and_a_promise_with_its_own(books: Books) -> None:
    books.receive(1, lot="L2")
    books.book("line", 1)
    books.receive(1, lot="L1")
    books.receive(1, lot="L3")
    books.sell("till", 3)
    assert books.claims("till") == ["consumed 1 main #L1", "consumed 1 main #L2", "consumed 1 main #L3"]
    assert books.claims("line") == ["short 1"]
    assert books.lies() == {
        "supplier #L1": -1,
        "supplier #L2": -1,
        "supplier #L3": -1,
        "gone #L1": 1,
        "gone #L2": 1,
        "gone #L3": 1,
    }


def take_back(books: Books, quantity: int, kind: Kind = Kind.SHELF, *, earlier: int = 0) -> None:
    books.on(
        lambda page, why: page.take_back(
            why, "line", books.ids["A"], quantity=quantity, kind=kind, earlier=earlier
        ),
        lines=["line"],
    )


def sent_from_two_places(books: Books) -> None:
    """Two pieces of the line left from main, then one of a lot from the shop."""
    books.receive(2)
    books.book("line", 2)
    books.receive(1, at="shop", lot="L1")
    books.book("line", 1)
    books.on(lambda page, why: page.consume(why, "line", books.ids["A"], quantity=3), lines=["line"])
    assert books.claims("line") == ["consumed 1 shop #L1", "consumed 2 main"]


@pytest.mark.parametrize(
    ("kind", "quantity", "back"),
    [
        (Kind.SHELF, 1, {"main shelf": 1, "gone": 1, "gone #L1": 1}),
        (Kind.SHELF, 3, {"main shelf": 2, "shop shelf #L1": 1}),
        (Kind.BACK, 2, {"main back": 2, "gone #L1": 1}),
        (Kind.BACK, 3, {"main back": 2, "shop back #L1": 1}),
    ],
)
def test_returned_goods_come_back_to_where_they_left_from(
    books: Books, kind: Kind, quantity: int, back: dict[str, int]
) -> None:
    sent_from_two_places(books)
    take_back(books, quantity, kind)
    assert books.lies() == {"supplier": -2, "supplier #L1": -1} | back


def test_a_second_return_goes_on_where_the_first_ended(books: Books) -> None:
    sent_from_two_places(books)
    take_back(books, 1)
    take_back(books, 1, Kind.BACK, earlier=1)
    take_back(books, 1, earlier=2)
    assert books.lies() == {
        "supplier": -2,
        "supplier #L1": -1,
        "main shelf": 1,
        "main back": 1,
        "shop shelf #L1": 1,
    }


def test_two_returns_of_one_page_go_on_from_each_other(books: Books) -> None:
    sent_from_two_places(books)

    def act(page: object, why: object) -> None:
        for kind, quantity in ((Kind.SHELF, 2), (Kind.BACK, 1)):
            page.take_back(why, "line", books.ids["A"], quantity=quantity, kind=kind)  # type: ignore[attr-defined]

    books.on(act, lines=["line"])
    assert books.lies() == {"supplier": -2, "supplier #L1": -1, "main shelf": 2, "shop back #L1": 1}


@pytest.mark.parametrize(("quantity", "earlier"), [(4, 0), (1, 3), (2, 2)])
def test_more_cannot_come_back_than_was_sent(books: Books, quantity: int, earlier: int) -> None:
    sent_from_two_places(books)
    with pytest.raises(AssertionError, match="more than it sent"):
        take_back(books, quantity, earlier=earlier)
