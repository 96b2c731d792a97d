"""Stock from a CSV: every row is checked before any is booked, and a wrong one is named by its line."""

import pytest

from tests.app.desk import Desk

HEAD = "sku,location,quantity\n"


def bring(desk: Desk, csv: str, *, reference: str = "i1", create: bool = False) -> dict[str, object]:
    return desk.tell("stock.import", csv=csv, reference=reference, create=create)


def wrong(desk: Desk, csv: str, *, create: bool = False) -> str:
    """What is said of a file with wrong rows."""
    assert desk.refused("stock.import", csv=csv, reference="i1", create=create) == "rows_wrong"
    return desk.said


@pytest.mark.parametrize(
    "csv",
    [
        "sku,location,quantity\nA-1,main,7\n",
        "\ufeffsku,location,quantity\nA-1,main,7\n",  # a byte order mark
        "SKU, Location ,QUANTITY\r\nA-1,main,7\r\n",
        "sku,location,quantity\rA-1,main,7\r",  # an old Macintosh
        'sku,location,quantity\n" A-1 "," main ","7"\n',
        "quantity,colour,sku,location\n7,red,A-1,main\n",
        "sku,location,quantity\n\n\nA-1,main,7\n,,\n  , ,\n\n",
        "sku,location,quantity\nA-1,main,7.000\n",
        "sku,location,quantity\nA-1,main,7,,\n",  # empty cells at the end
        "sku,location,quantity,title\nA-1,main,7,\"Apples, red\nand round\"\n",
    ],
)  # fmt: skip
def test_spreadsheets_write_csv_in_many_ways(desk: Desk, csv: str) -> None:
    assert bring(desk, csv) == {"rows": 1, "differed": 1, "listings_linked": 0}
    assert desk.shelf("A-1", "main") == 7


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        ("", "no column 'sku'"),
        ("\n", "no column 'sku'"),
        ("sku,location\nA-1,main\n", "no column 'quantity'"),
        ("sku;location;quantity\nA-1;main;7\n", "no column 'sku'"),
        ("A-1,main,7\n", "no column 'sku'"),
        (HEAD + "A" * 200_000 + ",main,7\n", "no CSV"),
    ],
)
def test_what_is_no_such_file_is_refused(desk: Desk, csv: str, said: str) -> None:
    assert desk.refused("stock.import", csv=csv, reference="i1") == "csv"
    assert said in desk.said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("none,main,1", "line 3: there is no SKU 'none'"),
        (",main,1", "line 3: '' cannot be a SKU"),
        ("x\x07y,main,1", "line 3: 'x\\x07y' cannot be a SKU"),
        ("A-1,none,1", "line 3: there is no location 'none'"),
        ("A-1,,1", "line 3: there is no location ''"),
        ("A-1,shop,", "line 3: '' is not a quantity"),
        ("A-1,shop,some", "line 3: 'some' is not a quantity"),
        ("A-1,shop,-1", "line 3: a count cannot be negative: -1"),
        ("A-1,shop,0.5", "line 3: 0.5 is not a whole number of pieces"),
        ('A-1,shop,"7,5"', "line 3: '7,5' is not a quantity"),
        ("A-1,shop,7,5", "line 3: it has more cells than the first line"),
        ("A-1", "line 3: '' is not a quantity"),
        ("BOX,shop,1", "line 3: BOX is made of other items"),
        ("A-1,main,8", "line 3: A-1 at main stands in this file twice"),
        (" A-1 ,main,8", "line 3: A-1 at main stands in this file twice"),
        ("TWIN,main,8", "line 3: TWIN at main stands in this file twice"),  # counts the same item
    ],
)
def test_a_wrong_row_is_named_by_its_line_and_nothing_is_booked(desk: Desk, row: str, said: str) -> None:
    desk.tell("sku.recipe", sku="BOX", parts={"A-1": 2})
    desk.tell("sku.recipe", sku="TWIN", parts={"A-1": 1})
    assert said in wrong(desk, HEAD + "A-1,main,5\n" + row + "\n")
    assert "line 2" not in desk.said
    assert desk.shelf("A-1", "main") == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",attic,1", "line 2: '' cannot be a SKU"),
        ("NEW,The attic,1", "line 2: 'The attic' cannot be a location's code"),
        ("NEW,,1", "line 2: '' cannot be a location's code"),
        ("NEW,attic,x", "line 2: 'x' is not a quantity"),
    ],
)
def test_what_cannot_be_made_is_named_too_and_nothing_is_made(desk: Desk, row: str, said: str) -> None:
    assert said in wrong(desk, HEAD + row + "\n", create=True)


def test_lines_are_numbered_as_an_editor_shows_them(desk: Desk) -> None:
    csv = HEAD + "\n\nA-1,main,x\n\nA-1,shop,y\n"
    said = wrong(desk, csv)
    assert "line 4: 'x'" in said
    assert "line 6: 'y'" in said


def test_of_many_wrong_rows_twenty_are_named_and_the_rest_counted(desk: Desk) -> None:
    said = wrong(desk, HEAD + "".join(f"none-{n},main,1\n" for n in range(50)))
    assert said.count("there is no SKU") == 20
    assert "line 21: there is no SKU 'none-19' and 30 more" in said
    assert "Nothing was booked" in said


def test_new_skus_and_locations_are_made_only_if_asked(desk: Desk) -> None:
    csv = "sku,location,quantity,title,lot\n000123,attic,4,Nuts,L1\n000123,attic,2,,\n123,attic,1,,\n"
    assert "there is no SKU '000123'" in wrong(desk, csv)
    assert bring(desk, csv, create=True) == {"rows": 3, "differed": 3, "listings_linked": 0}
    assert (desk.shelf("000123", "attic"), desk.shelf("123", "attic")) == (6, 1)


def test_made_skus_link_the_listings_that_waited_for_them(desk: Desk) -> None:
    desk.tell(
        "connection.add",
        platform="corner",
        name="corner",
        settings={"url": "https://corner.example", "key": "ck_1"},
        hub_url="https://hub.example",
    )
    desk.see("corner", ("1", "B-1"), ("2", "C-1"))
    assert bring(desk, HEAD + "B-1,main,1\n", create=True)["listings_linked"] == 1


def test_an_import_counts_and_does_not_add(desk: Desk) -> None:
    bring(desk, HEAD + "A-1,main,7\nKG,main,0.5\n")
    assert bring(desk, HEAD + "A-1,main,5\nKG,main,0.5\n", reference="i2")["differed"] == 1
    assert (desk.shelf("A-1", "main"), desk.shelf("KG", "main")) == (5, 500)


def test_the_same_reference_again_books_nothing(desk: Desk) -> None:
    csv = HEAD + "A-1,main,7\n"
    bring(desk, csv)
    desk.tell("stock.receive", sku="A-1", location="main", quantity="3", reference="r1")
    assert bring(desk, csv) == {"rows": 1, "differed": 0, "listings_linked": 0}
    assert bring(desk, HEAD + "A-1,main,1\n")["differed"] == 0
    assert desk.shelf("A-1", "main") == 10


def test_five_thousand_rows_are_booked_at_once_and_once(desk: Desk) -> None:
    csv = HEAD + "".join(f"{n:06},{'main' if n % 2 else 'shop'},{n % 10}\n" for n in range(5_000))
    assert bring(desk, csv, create=True) == {"rows": 5_000, "differed": 4_500, "listings_linked": 0}
    assert (desk.shelf("000007", "main"), desk.shelf("000008", "shop")) == (7, 8)
    longer = csv + "A-1,main,1\n"
    assert bring(desk, longer, create=True)["differed"] == 0
    assert desk.shelf("A-1", "main") == 0
