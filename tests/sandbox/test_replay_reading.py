"""Reading a history, telling what its lines are, and finding which sale a cancellation takes back."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from entrepot.kernel import Refusal
from entrepot.sandbox.replay.daybook import Daybook
from entrepot.sandbox.replay.kinds import Kind, Rules
from entrepot.sandbox.replay.matching import match, net_opening, net_sales
from entrepot.sandbox.replay.reading import entries
from tests.sandbox.history import HEADER, HISTORY

GOOD = "1,10001A,JUG,6,2011-07-01 09:00:00,2.5,501,United Kingdom\n"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Daybook]:
    opened = Daybook(tmp_path / "day", Rules())
    yield opened
    opened.close()


def written(book: Daybook, tmp_path: Path, *lines: str) -> Daybook:
    """The daybook with these lines (without customer's country), matched."""
    file = tmp_path / "history.csv"
    file.write_text(HEADER + "".join(f"{line},UK\n" for line in lines), encoding="utf-8")
    book.write(entries(file))
    match(book)
    return book


def test_the_columns_may_bear_the_names_of_the_second_edition(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    names = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    file.write_text(names + GOOD, encoding="utf-8")
    (one,) = entries(file)
    assert (one.invoice, one.customer, one.pence) == ("1", "501", 1500)


def test_a_line_is_read_exactly_and_its_time_is_local_time(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text(HEADER + "1,10001A, BLUE  JUG ,-3,2011-07-01 09:00:00,0.005,501,EIRE\n", encoding="utf-8")
    (one,) = entries(file)
    assert (one.number, one.invoice, one.code, one.title) == (2, "1", "10001A", "BLUE JUG")
    assert one.at == datetime(2011, 7, 1, 8, tzinfo=UTC)  # summer time
    assert (one.quantity, one.exact, one.pence) == (-3, Decimal("-0.015"), -2)  # half away from zero


@pytest.mark.parametrize("zipped", [True, False])
def test_a_history_is_read_gzipped_or_plain(tmp_path: Path, zipped: bool) -> None:
    file = tmp_path / "history"
    text = ("\ufeff" + HISTORY).encode()
    file.write_bytes(gzip.compress(text) if zipped else text)
    assert len(list(entries(file))) == 23
    assert len(list(entries(file, most=5))) == 5


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("Invoice,StockCode\n" + GOOD, "history_header", "the first line is 'Invoice,StockCode'"),
        ("", "history_header", "the first line is ''"),
        (HEADER + GOOD + "1,10001A,JUG,6\n", "history_line", "line 3 has 4 cells, not 8"),
        (HEADER + GOOD.replace(",6,", ",6.5,"), "history_line", "line 2: '6.5' is no Quantity"),
        (HEADER + GOOD.replace("2.5", "2,5"), "history_line", "line 2 has 9 cells, not 8"),
        (HEADER + GOOD.replace("2.5", "1e3"), "history_line", "line 2: '1e3' is no UnitPrice"),
        (HEADER + GOOD.replace("2011-07-01", "01/07/2011"), "history_line",
         "line 2: '01/07/2011 09:00:00' is no InvoiceDate"),
        (HEADER + GOOD.replace("07-01", "02-30"), "history_line",
         "line 2: '2011-02-30 09:00:00' is no InvoiceDate"),
        (HEADER + GOOD.replace("10001A", " "), "history_line", "line 2: ' ' is no StockCode"),
        (HEADER + GOOD[1:], "history_line", "line 2: '' is no InvoiceNo"),
        (HEADER + GOOD.replace("JUG", '"JUG'), "history_line", "line 2 is no CSV: unexpected end of data"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_the_line_and_the_value(
    tmp_path: Path, text: str, code: str, said: str
) -> None:
    file = tmp_path / "history.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        list(entries(file))
    assert (refused.value.code, refused.value.why) == (code, said)


def test_a_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "history.csv.gz"
    file.write_bytes(gzip.compress((HEADER + 20_000 * GOOD).encode())[:-20])
    with pytest.raises(Refusal) as refused:
        list(entries(file))
    assert refused.value.code == "history_cut"


def test_bytes_that_are_no_utf_8_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_bytes(
        (HEADER + GOOD).encode() + "1,10002,TIN £,1,2011-07-01 09:00:00,1,,UK\n".encode("latin-1")
    )
    with pytest.raises(Refusal) as refused:
        list(entries(file))
    assert refused.value.code == "history_line"
    assert "0xa3" in refused.value.why


def test_an_invoice_with_two_customers_is_refused(book: Daybook, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text(HEADER + GOOD + GOOD.replace("501", "502"), encoding="utf-8")
    with pytest.raises(Refusal, match="line 3: invoice 1 names two customers"):
        book.write(entries(file))


@pytest.mark.parametrize(
    ("invoice", "code", "quantity", "pence", "kind"),
    [
        ("536365", "85123A", 6, 1530, Kind.SALE),
        ("536365", "85123a", 6, 1530, Kind.SALE),
        ("536365", "DCGS0076", 1, 1606, Kind.SALE),
        ("536365", "85123A", 6, 0, Kind.GIFT),
        ("536365", "85123A", -6, 0, Kind.CORRECTION),
        ("536365", "85123A", -6, -1530, Kind.RETURNED),
        ("C536379", "85123A", -6, -1530, Kind.RETURNED),
        ("C536379", "85123A", -6, 0, Kind.RETURNED),
        ("C536379", "85123A", 6, 1530, Kind.ODD_SIGN),
        ("536365", "85123A", 6, -1530, Kind.ODD_SIGN),
        ("536365", "85123A", 0, 0, Kind.ODD_SIGN),
        ("A563186", "B", 1, -1106206, Kind.ADJUSTMENT),
        ("A563186", "85123A", 1, -1106206, Kind.ADJUSTMENT),
        ("536370", "POST", 3, 5400, Kind.SHIPPING),
        ("C536370", "POST", -1, -1800, Kind.SHIPPING),
        ("536544", "DOT", 1, 56977, Kind.SHIPPING),
        ("536540", "C2", 1, 5000, Kind.SHIPPING),
        ("C536379", "D", -1, -2750, Kind.DISCOUNT),
        ("536569", "M", 1, 125, Kind.MANUAL),
        ("540560", "m", 1, 255, Kind.MANUAL),
        ("536779", "BANK CHARGES", 1, 1500, Kind.BANK),
        ("C537600", "AMAZONFEE", -1, -100, Kind.FEE),
        ("C564763", "CRUK", -1, -160, Kind.COMMISSION),
        ("C537581", "S", -1, -1295, Kind.SAMPLE),
        ("550193", "PADS", 1, 0, Kind.EXTRA),
        ("539492", "gift_0001_40", 1, 3404, Kind.VOUCHER),
        ("536365", "TEAPOT", 1, 100, Kind.ODD_CODE),
        ("536365", "8512", 1, 100, Kind.ODD_CODE),
    ],
)
def test_what_a_line_is(invoice: str, code: str, quantity: int, pence: int, kind: Kind) -> None:
    assert Rules().kind(invoice, code, quantity=quantity, pence=pence, customer="") is kind


def test_goods_for_nothing_are_a_correction_only_where_the_invoice_is_about_nothing_and_nobody(
    book: Daybook, tmp_path: Path
) -> None:
    written(
        book,
        tmp_path,
        "1,10001,found,5,2011-07-01 09:00:00,0,",
        "2,10001,gift to a customer,5,2011-07-01 09:00:00,0,501",
        "3,10001,gift beside goods,5,2011-07-01 09:00:00,0,",
        "3,10002,goods,1,2011-07-01 09:00:00,2,",
    )
    assert book.ask("SELECT n, kind FROM line ORDER BY n") == [
        (2, "correction"), (3, "gift"), (4, "gift"), (5, "sale")
    ]  # fmt: skip


SALE = "{},10001,JUG,{},2011-07-0{} 09:00:00,{},{}"
TAKEN = "C{},10001,JUG,-{},2011-07-0{} 09:00:00,{},{}"


@pytest.mark.parametrize(
    ("sales", "taker", "parts"),
    [
        ([("1", 6, 1, "2.5", "501")], ("9", 6, 2, "2.5", "501"), [(2, 6, 1500)]),
        ([("1", 6, 1, "2.5", "501")], ("9", 2, 2, "2.5", "501"), [(2, 2, 500)]),
        ([("1", 6, 1, "2.5", "501")], ("9", 8, 2, "2.5", "501"), [(2, 6, 1500), (None, 2, 500)]),
        ([("1", 6, 1, "2.5", "501")], ("9", 6, 2, "2.5", "502"), [(None, 6, 1500)]),
        ([("1", 6, 1, "2.5", "")], ("9", 6, 2, "2.5", ""), [(None, 6, 1500)]),
        ([("1", 6, 3, "2.5", "501")], ("9", 6, 2, "2.5", "501"), [(None, 6, 1500)]),
        ([("1", 6, 1, "2.5", "501"), ("2", 9, 2, "2.5", "501")], ("9", 3, 3, "2.5", "501"), [(3, 3, 750)]),
        ([("1", 3, 1, "2.5", "501"), ("2", 9, 2, "2.5", "501")], ("9", 3, 3, "2.5", "501"), [(2, 3, 750)]),
        ([("1", 6, 1, "2.5", "501"), ("2", 6, 2, "2.0", "501")], ("9", 6, 3, "2.5", "501"), [(2, 6, 1500)]),
        ([("1", 6, 1, "2.5", "501"), ("2", 2, 2, "2.5", "501")], ("9", 7, 3, "2.5", "501"),
         [(3, 2, 500), (2, 5, 1250)]),
        ([("1", 6, 1, "1.0", "501")], ("9", 6, 2, "2.5", "501"), [(None, 6, 1500)]),
    ],
    ids=["all of it", "a part", "more than was sold", "another customer", "guests are nobody",
         "sold only later", "the latest", "the one with just as many", "the same price", "over several",
         "no more than was paid"],
)  # fmt: skip
def test_which_sale_a_cancellation_takes_back(
    book: Daybook, tmp_path: Path, sales: list[tuple[object, ...]], taker: tuple[object, ...],
    parts: list[tuple[int | None, int, int]],
) -> None:  # fmt: skip
    written(book, tmp_path, *(SALE.format(*sale) for sale in sales), TAKEN.format(*taker))
    assert book.ask("SELECT target, units, pence FROM part ORDER BY rowid") == parts


def test_what_was_taken_back_once_is_not_taken_back_again(book: Daybook, tmp_path: Path) -> None:
    taken = ("2.5", "501")
    written(book, tmp_path, SALE.format("1", 6, 1, *taken), TAKEN.format("8", 4, 2, *taken),
            TAKEN.format("9", 4, 3, *taken))  # fmt: skip
    assert book.ask("SELECT n, target, units FROM part ORDER BY rowid") == [
        (3, 2, 4),
        (4, 2, 2),
        (4, None, 2),
    ]


def test_the_net_opening_is_the_deepest_point_and_returns_are_for_sale_a_day_later(
    book: Daybook, tmp_path: Path
) -> None:
    written(
        book,
        tmp_path,
        SALE.format("1", 6, 1, "2.5", "501"),
        TAKEN.format("2", 6, 2, "2.5", "501"),
        SALE.format("3", 5, 2, "2.5", "502"),
        SALE.format("4", 4, 3, "2.5", "503"),
    )
    assert net_sales(book) == {"10001": 9}
    assert net_opening(book) == {"10001": 11}


def test_lines_of_an_invoice_may_stand_apart(book: Daybook, tmp_path: Path) -> None:
    book = written(
        book,
        tmp_path,
        "1,10001,JUG,1,2011-07-01 09:00:00,1,501",
        "2,10001,JUG,1,2011-07-01 09:00:00,1,502",
        "1,10002,TIN,1,2011-07-01 09:01:00,1,501",
    )
    assert [(one.number, [line.n for line in lines]) for one, lines in book.of_day("2011-07-01")] == [
        ("1", [2, 4]),
        ("2", [3]),
    ]
