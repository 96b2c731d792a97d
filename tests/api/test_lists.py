"""The lists of the door, over a merchant's hour: what is in them, in which order, page by page."""

from typing import Any

import pytest

from tests.api.programs import Program

LISTS = (
    "/orders",
    "/exceptions",
    "/stock",
    "/moves",
    "/reservations",
    "/slots",
    "/skus",
    "/listings",
    "/events",
)


def walked(reader: Program, path: str, limit: int, **query: Any) -> list[Any]:
    """Every row of a list, page by page, and each page as long as it may be but the last."""
    rows: list[Any] = []
    after = ""
    while True:
        page = reader.get(path, limit=limit, after=after, **query)
        rows += page["rows"]
        after = page["after"]
        if not after:
            return rows
        assert len(page["rows"]) == limit


@pytest.mark.parametrize("path", LISTS)
def test_pages_together_are_the_whole_list(reader: Program, path: str) -> None:
    whole = reader.get(path, limit=200)["rows"]
    assert len(whole) > 1
    assert walked(reader, path, 7)[: len(whole)] == whole


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, ["2079", "2078", "2077"]),
        ({"status": "accepted"}, ["2079", "2078", "2077"]),
        ({"status": "cancelled"}, ["2061"]),
        ({"commercial": "cancelled"}, ["2061"]),
        ({"payment": "pending"}, ["2056"]),
        ({"fulfilment": "nothing"}, ["2061"]),
        ({"connection": "outlet"}, ["2077", "2073", "2072"]),
        ({"connection": "none"}, []),
        ({"exception": "any"}, ["2078", "2077"]),
        ({"exception": "short"}, ["2078"]),
        ({"exception": "any", "connection": "outlet"}, ["2077"]),
        ({"sku": "MUG-INDIGO"}, ["2079", "2073", "2068"]),
        ({"sku": "MUG-INDIGO", "connection": "outlet"}, ["2073", "2058", "2046"]),
        ({"sku": "MUG-INDIGO", "number": "2073"}, ["2073"]),
        ({"sku": "NONE"}, []),
        ({"exception": "short", "sku": "VASE-REED"}, ["2078"]),
        ({"exception": "short", "sku": "MUG-INDIGO"}, []),
        ({"number": "207"}, ["2070", "2071", "2072"]),
        ({"external_id": "2077"}, ["2077"]),
        ({"search": "VASE-REED"}, ["2078", "2065", "2041"]),
        ({"search": "2044"}, ["2044"]),
        ({"placed_from": "2026-03-02T09:39:00Z"}, ["2079"]),
        ({"placed_until": "2026-03-02T09:02:00+00:00"}, ["2041"]),
        ({"received_from": "2026-03-02T10:38:50+01:00"}, ["2079", "2078"]),
    ],
)  # fmt: skip
def test_orders_are_narrowed(reader: Program, query: dict[str, str], numbers: list[str]) -> None:
    found = reader.get("/orders", limit=3, **query)["rows"]
    assert [one["number"] for one in found] == numbers


def test_an_order_in_a_list_says_what_stops_it(reader: Program) -> None:
    [order] = reader.get("/orders", number="2077")["rows"]
    assert [order["channel"], order["status"], order["total"]] == [
        "outlet", "accepted", {"minor": 7900, "currency": "EUR"}
    ]  # fmt: skip
    assert [(one["kind"], one["sku"]) for one in order["problems"]] == [("unmapped_sku", "GIFT-BOX-XL")]
    assert [(one["sku"], one["mapped"], one["pieces"]) for one in order["lines"]] == [
        ("GIFT-BOX-XL", False, 1),
        ("TEAPOT-1L", True, 1),
    ]


def test_one_order_shows_its_claims_exceptions_and_time_line(reader: Program) -> None:
    [row] = reader.get("/orders", number="2078")["rows"]
    order = reader.get(f"/orders/{row['id']}")
    assert order["order"] == row
    [line] = order["lines"]
    assert (line["sku"], line["ordered"], line["amount"]) == (
        "VASE-REED", 240, {"minor": 816000, "currency": "EUR"}
    )  # fmt: skip
    assert sum(one["quantity"] for one in line["claims"]) == 240
    assert [(one["location"], one["quantity"]) for one in line["claims"] if one["state"] == "short"] == [
        ("", 158)
    ]
    assert [(one["kind"], one["closed_at"]) for one in order["exceptions"]] == [("short", None)]
    assert (order["events"][0]["kind"], order["events"][0]["version"]) == ("OrderReceived", 1)


@pytest.mark.parametrize(
    ("search", "codes"),
    [
        ("mug", ["MUG-INDIGO", "MUG-SAND"]),
        ("MUG-in", ["MUG-INDIGO"]),
        ("glaze sand", ["MUG-SAND"]),
        ("l", ["BOWL-LARGE", "LINEN-NAPKIN-4", "TEAPOT-1L"]),
        ("öak", ["TRAY-OAK"]),
        ("OÁK", ["TRAY-OAK"]),
        ("%", []),
        ("   ", ["APRON-NAVY", "BOWL-LARGE", "CANDLE-TALLOW"]),
    ],
)  # fmt: skip
def test_skus_are_found_by_the_beginnings_of_words(reader: Program, search: str, codes: list[str]) -> None:
    for path, name in (("/skus", "code"), ("/stock", "sku")):
        assert [one[name] for one in reader.get(path, search=search, limit=3)["rows"]] == codes


def test_stock_is_told_location_by_location(reader: Program) -> None:
    [apron] = reader.get("/stock", search="apron")["rows"]
    assert (apron["sku"], apron["available"], apron["bundle"]) == ("APRON-NAVY", 38, False)
    assert [(one["location"], one["on_hand"], one["promised"]) for one in apron["locations"]] == [
        ("harbour", 6, 6),
        ("market", 4, 0),
        ("warehouse", 34, 0),
    ]


def test_stock_at_a_past_moment_is_what_was_booked_then(reader: Program) -> None:
    then = reader.get("/stock/APRON-NAVY", at="2026-03-02T09:00:01Z")
    assert {one["location"]: one["available"] for one in then["items"]} == {
        "harbour": 6, "market": 4, "warehouse": 34
    }  # fmt: skip
    assert {one["wanted"] for one in then["slots"]} == {44}
    history = reader.get("/stock/APRON-NAVY/history", since="2026-03-02T09:00:01Z")
    assert {one["kind"] for one in history["entries"]} == {"move", "figure", "event"}
    assert history["entries"] == sorted(history["entries"], key=lambda one: one["at"])


@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        ("/moves", {"item": "APRON-NAVY", "limit": 200}, 6),
        ("/moves", {"cause": "receipt:0harbour"}, 1),
        ("/moves", {"item": "none"}, 0),
        ("/reservations", {"state": "short"}, 1),
        ("/reservations", {"item": "APRON-NAVY"}, 3),
        ("/slots", {"refused": True}, 1),
        ("/slots", {"connection": "outlet"}, 6),
        ("/slots", {"sku": "APRON-NAVY"}, 2),
        ("/listings", {"mapped": False}, 0),
        ("/listings", {"connection": "market-till"}, 5),
        ("/listings", {"connection": "market-till", "mapped": True}, 5),
        ("/listings", {"sku": "APRON-NAVY"}, 2),
        ("/listings", {"item": "103"}, 3),
        ("/exceptions", {"kind": "short"}, 1),
        ("/exceptions", {"connection": "outlet"}, 1),
        ("/events", {"stream": "connection:none"}, 0),
    ],
)
def test_other_lists_are_narrowed(reader: Program, path: str, query: dict[str, Any], count: int) -> None:
    assert len(reader.get(path, **query)["rows"]) == count


def test_the_reservations_of_an_order(reader: Program) -> None:
    [order] = reader.get("/orders", number="2079")["rows"]
    found = reader.get("/reservations", order_id=order["id"])["rows"]
    assert {(one["item"], one["quantity"], one["state"]) for one in found} == {
        ("MUG-INDIGO", 2, "reserved"),
        ("LINEN-NAPKIN-4", 1, "reserved"),
    }


def test_a_connection_shows_no_secret(reader: Program) -> None:
    every = reader.get("/connections")["rows"]
    assert [one["name"] for one in every] == ["harbour-till", "market-till", "outlet", "web-shop"]
    assert every[0]["places"] == [{"external_id": "Harbour", "name": "Harbour", "location": "harbour"}]
    assert every[0]["draws_on"] == ["harbour", "market", "warehouse"]
    assert "cs_" not in reader.last.text
    assert reader.get("/connections/web-shop") == every[3]


def test_the_next_page_is_linked(reader: Program) -> None:
    reader.get("/orders", limit=2, status="accepted")
    link = reader.last.headers["link"]
    assert link.startswith("</api/v1/orders?limit=2&status=accepted&after=")
    assert link.endswith('>; rel="next"')
    path = link[len("</api/v1") : link.index(">")]
    assert [one["number"] for one in reader.ask("GET", path).json()["rows"]] == ["2077", "2076"]
    reader.get("/orders", number="2077")
    assert "link" not in reader.last.headers


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("/orders", {"limit": 0}, (400, "query", "limit")),
        ("/orders", {"limit": 201}, (400, "query", "limit")),
        ("/orders", {"limit": "many"}, (400, "query", "limit")),
        ("/orders", {"colour": "red"}, (400, "query", "colour")),
        ("/orders", {"after": "nonsense"}, (400, "cursor", "after")),
        ("/orders", {"after": "AQqgtNCRujAxa2pweWhxeXBheThjM216d3p3bjNueDZx"}, (400, "cursor", "after")),
        ("/orders", {"after": "ä"}, (400, "cursor", "after")),
        ("/orders", {"status": "lost"}, (422, "status", "status")),
        ("/orders", {"exception": "lost"}, (422, "exception", "exception")),
        ("/orders", {"payment": "never"}, (400, "query", "payment")),
        ("/orders", {"placed_from": "2026-03-02"}, (400, "query", "placed_from")),
        ("/orders", {"placed_from": "2026-03-02T09:00:00"}, (400, "query", "placed_from")),
        ("/orders", {"search": "a\0b"}, (400, "query", "")),
        ("/orders", {"search": "x" * 201}, (400, "query", "search")),
        ("/orders", {"sku": ["MUG", "CUP"]}, (400, "query", "sku")),
        ("/reservations", {"state": "gone"}, (422, "state", "state")),
        ("/listings", {"mapped": "maybe"}, (400, "query", "mapped")),
        ("/status", {"limit": 1}, (400, "query", "limit")),
    ],
)
def test_a_query_that_is_none_is_refused(
    reader: Program, path: str, query: dict[str, Any], said: tuple[int, str, str]
) -> None:
    assert reader.refused("GET", path, params=query) == said


def test_a_cursor_is_good_for_its_own_list_only(reader: Program) -> None:
    after = reader.get("/orders", limit=2)["after"]
    assert reader.refused("GET", "/events", params={"after": after}) == (400, "cursor", "after")
    by_number = reader.refused("GET", "/orders", params={"after": after, "number": "20"})
    assert by_number == (400, "cursor", "after")


def test_a_query_that_is_no_utf8_is_refused(reader: Program) -> None:
    assert reader.refused("GET", "/orders?search=%ff") == (400, "query", "")
