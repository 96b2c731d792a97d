"""Waiting lines get what comes, those that wait longest first."""

from entrepot import ledger
from tests.ledger.books import Books


def test_the_line_that_waits_longest_is_served_first(books: Books) -> None:
    books.book("first", 2)
    books.book("second", 2)
    books.receive(3)
    assert books.fill(second="main", first="main") == 3
    assert books.claims("first") == ["reserved 2 main"]
    assert books.claims("second") == ["reserved 1 main", "short 1"]
    assert books.lies() == {"supplier": -3, "main promised": 3}


def test_a_line_is_filled_from_several_places_in_the_order_of_its_network(books: Books) -> None:
    books.book("line", 5)
    books.receive(2, lot="L1")
    books.receive(1, at="shop")
    assert books.fill(line="shop main") == 3
    assert books.claims("line") == ["reserved 1 shop", "reserved 2 main #L1", "short 2"]


def test_a_line_without_a_network_waits_on(books: Books) -> None:
    books.book("first", 1)
    books.book("second", 1)
    books.receive(1)
    assert books.fill(second="main") == 1
    assert books.claims("first") == ["short 1"]
    assert books.claims("second") == ["reserved 1 main"]


def test_nothing_is_booked_where_nothing_came_or_nobody_waits(books: Books) -> None:
    assert books.fill() == 0
    books.book("line", 1)
    assert books.fill(line="main") == 0
    told = books.told("PromiseChanged")
    assert books.fill(line="main") == 0
    assert books.told("PromiseChanged") == told


def test_a_line_that_lost_some_of_its_pieces_keeps_its_turn(books: Books) -> None:
    books.receive(3)
    books.book("first", 3)
    books.book("second", 2)  # short: the shelf is empty
    books.sell("till", 2)  # a till takes two of the first line's pieces
    assert books.claims("first") == ["reserved 1 main", "short 2"]
    books.receive(2)
    assert books.fill(first="main", second="main") == 2
    assert sum(int(claim.split()[1]) for claim in books.claims("first") if "reserved" in claim) == 3
    assert books.claims("second") == ["short 2"]


def test_a_line_that_lost_all_of_its_pieces_keeps_its_turn(books: Books) -> None:
    books.receive(2)
    books.book("first", 2)
    books.book("second", 2)
    books.sell("till", 2)
    books.receive(2)
    books.fill(first="main", second="main")
    assert books.claims("first") == ["reserved 2 main"]
    assert books.claims("second") == ["short 2"]


def test_waiting_lines_are_named_oldest_first_and_once(books: Books) -> None:
    books.book("first", 2)
    books.book("other", 1, item="B")
    books.book("second", 1)
    books.receive(1)
    books.fill(first="main")
    items = [books.ids["B"], books.ids["A"]]
    assert books.store.read(lambda tx: ledger.waiting_lines(tx, items)) == ["first", "other", "second"]
    assert books.store.read(lambda tx: ledger.waiting_lines(tx, [books.ids["B"]])) == ["other"]
    assert books.store.read(lambda tx: ledger.waiting_lines(tx, [])) == []


def test_a_served_line_and_its_item_are_told(books: Books) -> None:
    books.book("line", 1)
    books.receive(1)
    books.fill(line="main")
    assert books.told("PromiseChanged") == ["line:line", "line:line"]
    assert books.told("StockMoved") == [f"item:{books.ids['A']}"] * 2
