"""A count says what lay at a place at a moment; the difference is booked; what moved since stays moved."""

import pytest

from entrepot.kernel import Refusal
from entrepot.ledger import Counted
from tests.ledger.books import Books, at


@pytest.mark.parametrize(
    ("there", "counted", "differed", "lies"),
    [
        (0, 0, 0, {}),
        (5, 5, 0, {"supplier": -5, "main shelf": 5}),
        (5, 7, 1, {"supplier": -5, "main shelf": 7, "lost": -2}),
        (5, 3, 1, {"supplier": -5, "main shelf": 3, "lost": 2}),
        (5, 0, 1, {"supplier": -5, "lost": 5}),
        (0, 4, 1, {"main shelf": 4, "lost": -4}),
    ],
)
def test_the_difference_is_found_or_lost(
    books: Books, there: int, counted: int, differed: int, lies: dict[str, int]
) -> None:
    if there:
        books.receive(there)
    assert books.count(counted) == differed
    assert books.lies() == lies


@pytest.mark.parametrize(
    ("counted", "older", "newer", "lies"),
    [
        (6, ["reserved 2 main"], ["reserved 2 main"], {"main shelf": 2, "main promised": 4, "lost": -1}),
        (5, ["reserved 2 main"], ["reserved 2 main"], {"main shelf": 1, "main promised": 4}),
        (4, ["reserved 2 main"], ["reserved 2 main"], {"main promised": 4, "lost": 1}),
        (3, ["reserved 2 main"], ["reserved 1 main", "short 1"], {"main promised": 3, "lost": 2}),
        (1, ["reserved 1 main", "short 1"], ["short 2"], {"main promised": 1, "lost": 4}),
        (0, ["short 2"], ["short 2"], {"lost": 5}),
    ],
)
def test_promised_pieces_are_counted_too_and_the_newest_fall_short(
    books: Books, counted: int, older: list[str], newer: list[str], lies: dict[str, int]
) -> None:
    books.receive(5)
    books.book("older", 2)
    books.book("newer", 2)
    books.count(counted)
    assert (books.claims("older"), books.claims("newer")) == (older, newer)
    assert books.lies() == {"supplier": -5} | lies


def test_picked_pieces_must_be_there(books: Books) -> None:
    books.receive(3)
    books.book("line", 2)
    books.pick("line")
    with pytest.raises(Refusal) as refused:
        books.count(1)
    assert refused.value.code == "picked"
    assert books.lies() == {"supplier": -3, "main shelf": 1, "main promised": 2}
    assert books.count(2) == 1


def test_a_count_of_the_past_leaves_what_moved_later(books: Books) -> None:
    books.post(books.move("supplier", "main shelf", 10), happened_at=at(0))
    books.post(books.move("main shelf", "gone", 3), happened_at=at(60))
    books.post(books.move("supplier", "main shelf", 20), happened_at=at(90))
    assert books.count(9, as_of=at(30)) == 1  # ten were booked then, nine were there
    assert books.lies() == {"supplier": -30, "main shelf": 26, "gone": 3, "lost": 1}
    assert books.count(26, as_of=at(120)) == 0


def test_a_count_of_the_past_is_asked_what_lay_there_then(books: Books) -> None:
    books.post(books.move("supplier", "main shelf", 10), happened_at=at(0))
    books.post(books.move("main shelf", "gone", 3), happened_at=at(60))
    assert books.count(10, as_of=at(30)) == 0
    assert books.count(7, as_of=at(60)) == 0


def test_a_move_at_the_very_moment_of_the_count_was_before_it(books: Books) -> None:
    books.post(books.move("supplier", "main shelf", 10), happened_at=at(30))
    assert books.count(10, as_of=at(30)) == 0


def test_goods_that_were_promised_since_lay_there_all_the_same(books: Books) -> None:
    books.post(books.move("supplier", "main shelf", 5), happened_at=at(0))
    books.clock.sleep(3600)
    books.book("line", 2)
    assert books.count(5, as_of=at(30)) == 0
    assert books.lies() == {"supplier": -5, "main shelf": 3, "main promised": 2}


def test_what_a_late_count_misses_comes_off_todays_shelf_and_promises(books: Books) -> None:
    books.post(books.move("supplier", "main shelf", 5), happened_at=at(0))
    books.clock.sleep(3600)
    books.book("line", 4)
    books.count(2, as_of=at(30))
    assert books.claims("line") == ["reserved 2 main", "short 2"]
    assert books.lies() == {"supplier": -5, "main promised": 2, "lost": 3}


def test_the_same_cause_again_is_no_news(books: Books) -> None:
    books.receive(5)
    assert books.count(7, cause="count:1") == 1
    books.receive(5)
    assert books.count(7, cause="count:1") == 0
    assert books.lies()["main shelf"] == 12


def test_a_count_without_a_difference_is_remembered_too(books: Books) -> None:
    books.receive(5)
    assert books.count(5, cause="count:1") == 0
    assert books.count(9, cause="count:1") == 0
    assert books.lies() == {"supplier": -5, "main shelf": 5}


def test_places_and_lots_are_counted_apart(books: Books) -> None:
    books.receive(5)
    books.receive(5, at="shop")
    books.receive(5, lot="L1")
    books.count(4, lot="L1")
    assert books.lies() == {
        "supplier": -10,
        "supplier #L1": -5,
        "main shelf": 5,
        "main shelf #L1": 4,
        "shop shelf": 5,
        "lost #L1": 1,
    }


def test_what_one_lot_misses_is_not_taken_from_another_lots_promise(books: Books) -> None:
    books.receive(2, lot="L1")
    books.book("older", 2)
    books.receive(2, lot="L2")
    books.book("newer", 2)
    books.count(1, lot="L1")
    assert books.claims("older") == ["reserved 1 main #L1", "short 1"]
    assert books.claims("newer") == ["reserved 2 main #L2"]


def test_pieces_set_aside_are_not_counted_with_the_shelf(books: Books) -> None:
    books.receive(3)
    books.book("line", 1)
    books.on(
        lambda page, why: page.release(why, "line", books.ids["A"], quantity=1, reason="broken"),
        lines=["line"],
    )
    assert books.count(2) == 0
    assert books.lies() == {"supplier": -3, "main shelf": 2, "main unavailable broken": 1}


def test_less_than_nothing_cannot_be_counted(books: Books) -> None:
    with pytest.raises(Refusal) as refused:
        books.count(-1)
    assert refused.value.code == "quantity"


def test_counted_says_one_figure_of_one_place() -> None:
    assert Counted(item_id="i", location_id="l", quantity=3).lot == ""
