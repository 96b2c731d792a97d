"""Booking, giving up and sending the pieces of a line."""

import pytest

from entrepot.kernel import Refusal
from entrepot.ledger import Page, Why
from tests.ledger.books import Books


@pytest.mark.parametrize(
    ("main", "shop", "quantity", "network", "claims", "short"),
    [
        # the first place that holds all of them gives them
        (5, 5, 3, "main shop", ["reserved 3 main"], 0),
        (5, 5, 3, "shop main", ["reserved 3 shop"], 0),
        (2, 5, 3, "main shop", ["reserved 3 shop"], 0),
        (3, 9, 3, "main shop", ["reserved 3 main"], 0),
        # else the places give what they have, in their order
        (2, 2, 3, "main shop", ["reserved 1 shop", "reserved 2 main"], 0),
        (2, 2, 4, "shop main", ["reserved 2 main", "reserved 2 shop"], 0),
        # and the rest waits
        (1, 1, 5, "main shop", ["reserved 1 main", "reserved 1 shop", "short 3"], 3),
        (0, 0, 2, "main shop", ["short 2"], 2),
        (9, 9, 2, "", ["short 2"], 2),
        (0, 9, 2, "main", ["short 2"], 2),
        (5, 5, 0, "main shop", [], 0),
    ],
)  # fmt: skip
def test_booking_takes_whole_places_first_then_what_there_is_then_waits(
    books: Books, main: int, shop: int, quantity: int, network: str, claims: list[str], short: int
) -> None:
    for place, pieces in (("main", main), ("shop", shop)):
        if pieces:
            books.receive(pieces, at=place)
    assert books.book("line", quantity, network) == short
    assert books.claims("line") == claims
    assert sum(pieces for place, pieces in books.lies().items() if "promised" in place) == quantity - short
    assert sum(pieces for place, pieces in books.lies().items() if "shelf" in place) == main + shop - (
        quantity - short
    )


def test_an_unpaid_line_only_holds_until_it_is_confirmed(books: Books) -> None:
    books.receive(3)
    books.book("line", 5, held=True)
    assert books.claims("line") == ["held 3 main", "short 2"]
    books.on(lambda page, _why: page.confirm("line", books.ids["A"]), lines=["line"])
    assert books.claims("line") == ["reserved 3 main", "short 2"]


def test_lots_are_promised_in_their_order_and_remembered(books: Books) -> None:
    books.receive(2, lot="L2")
    books.receive(2, lot="L1")
    books.receive(1)
    books.book("line", 4)
    assert books.claims("line") == [
        "reserved 1 main",
        "reserved 1 main #L2",
        "reserved 2 main #L1",
    ]
    assert books.lies() == {
        "supplier": -1,
        "supplier #L1": -2,
        "supplier #L2": -2,
        "main promised": 1,
        "main promised #L1": 2,
        "main promised #L2": 1,
        "main shelf #L2": 1,
    }


def release(books: Books, quantity: int, reason: str = "") -> int:
    return books.on(
        lambda page, why: page.release(why, "line", books.ids["A"], quantity=quantity, reason=reason),
        lines=["line"],
    )


@pytest.mark.parametrize(
    ("quantity", "claims", "missing"),
    [
        (1, ["picked 2 main", "released 1", "reserved 2 shop", "short 1"], 0),
        (2, ["picked 2 main", "released 2", "reserved 2 shop"], 0),
        (3, ["picked 2 main", "released 1 shop", "released 2", "reserved 1 shop"], 0),
        (4, ["picked 2 main", "released 2", "released 2 shop"], 0),
        (5, ["picked 1 main", "released 1 main", "released 2", "released 2 shop"], 0),
        (9, ["released 2", "released 2 main", "released 2 shop"], 3),
    ],
)  # fmt: skip
def test_waiting_pieces_are_given_up_first_then_the_newest_then_the_picked(
    books: Books, quantity: int, claims: list[str], missing: int
) -> None:
    books.receive(2)
    books.book("line", 2)
    books.pick("line")
    books.receive(2, at="shop")
    books.book("line", 4)
    assert books.claims("line") == [
        "picked 2 main",
        "reserved 2 shop",
        "short 2",
    ]
    assert release(books, quantity) == missing
    assert books.claims("line") == claims


def test_of_two_promises_the_newer_is_given_up(books: Books) -> None:
    books.receive(2)
    books.book("line", 2)
    books.receive(2, at="shop")
    books.book("line", 2)
    release(books, 2)
    assert books.claims("line") == ["released 2 shop", "reserved 2 main"]
    assert books.lies() == {"supplier": -4, "shop shelf": 2, "main promised": 2}


def test_goods_given_up_with_a_reason_are_set_aside(books: Books) -> None:
    books.receive(5)
    books.book("line", 3)
    release(books, 2, reason="broken glass")
    assert books.lies() == {
        "supplier": -5,
        "main shelf": 2,
        "main promised": 1,
        "main unavailable broken glass": 2,
    }
    release(books, 1, reason="broken glass")
    assert books.lies()["main unavailable broken glass"] == 3


def test_what_waits_has_nothing_to_set_aside(books: Books) -> None:
    books.book("line", 2)
    assert release(books, 2, reason="broken") == 0
    assert books.claims("line") == ["released 2"]
    assert books.lies() == {}


@pytest.mark.parametrize(
    ("quantity", "claims", "missing"),
    [
        (1, ["consumed 1 main", "reserved 1 main", "reserved 2 shop", "short 1"], 0),
        (3, ["consumed 1 shop", "consumed 2 main", "reserved 1 shop", "short 1"], 0),
        (4, ["consumed 2 main", "consumed 2 shop", "short 1"], 0),
        (6, ["consumed 2 main", "consumed 2 shop", "short 1"], 2),
    ],
)  # fmt: skip
def test_bound_pieces_are_sent_oldest_first_and_waiting_ones_never(
    books: Books, quantity: int, claims: list[str], missing: int
) -> None:
    books.receive(2)
    books.book("line", 2)
    books.receive(2, at="shop")
    books.book("line", 3)
    sent = books.on(
        lambda page, why: page.consume(why, "line", books.ids["A"], quantity=quantity), lines=["line"]
    )
    assert sent == missing
    assert books.claims("line") == claims
    assert books.lies().get("gone", 0) == quantity - missing


def test_lines_do_not_touch_each_other(books: Books) -> None:
    books.receive(5)
    books.book("one", 2)
    books.book("two", 2)
    books.on(lambda page, why: page.release(why, "one", books.ids["A"], quantity=9), lines=["one", "two"])
    assert books.claims("two") == ["reserved 2 main"]
    assert books.lies() == {"supplier": -5, "main shelf": 3, "main promised": 2}


def test_a_batch_of_lines_on_one_page_shares_what_there_is(books: Books) -> None:
    books.receive(5)
    network = [books.ids["main"]]

    def act(page: Page, why: Why) -> list[int]:
        return [
            page.book(
                Why(f"{why.cause}:{line}", why.happened_at), line, books.ids["A"], quantity=2, network=network
            )
            for line in ("one", "two", "three")
        ]

    assert books.on(act, lines=["one", "two", "three"]) == [0, 0, 1]
    assert books.claims("three") == ["reserved 1 main", "short 1"]
    assert books.lies() == {"supplier": -5, "main promised": 5}


def test_a_line_that_falls_short_or_is_served_is_told(books: Books) -> None:
    books.book("line", 1)
    assert books.told("PromiseChanged") == ["line:line"]
    books.receive(1)
    books.fill(line="main")
    assert books.told("PromiseChanged") == ["line:line", "line:line"]


def test_every_move_of_an_item_is_told_once_a_transaction(books: Books) -> None:
    books.receive(4)
    books.book("line", 3)
    assert books.told("StockMoved") == [f"item:{books.ids['A']}"] * 2


def test_the_same_cause_is_never_booked_twice(books: Books) -> None:
    books.receive(4)
    network = [books.ids["main"]]
    one = Why("order:1:1", books.clock.now())
    book = lambda page, _why: page.book(one, "line", books.ids["A"], quantity=1, network=network)  # noqa: E731
    books.on(book, lines=["line"])
    with pytest.raises(Exception, match="posting"):
        books.on(book, lines=["line"])
    assert books.claims("line") == ["reserved 1 main"]


def test_a_step_that_the_table_does_not_allow_is_our_bug(books: Books) -> None:
    books.receive(1)
    books.book("line", 1)
    one = books.reservation("line")
    books.on(lambda page, why: page.end(why, one, quantity=1, consume=True), lines=["line"])
    with pytest.raises(Refusal) as refused:
        books.on(lambda page, why: page.end(why, one, quantity=1, consume=False), lines=["line"])
    assert refused.value.code == "quantity"
