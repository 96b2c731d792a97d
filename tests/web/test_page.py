"""What the screen of today says."""

from litestar import Litestar
from litestar.testing import TestClient

from entrepot.contract import Payment
from entrepot.db import Tx
from entrepot.sync import rows
from tests.web.links import Links
from tests.web.reading import panel, words
from tests.web.shop import Shop


def seen(client: TestClient[Litestar], login: Links, section: str) -> str:
    """The words of one section of the screen."""
    client.get(login.link())
    end = "</dl>" if section == "tiles" else "</section>"
    return words(client.get("/").text.split(f'data-live="{section}"')[1].partition(">")[2].partition(end)[0])


def test_the_top_line_says_how_things_stand(shop: Shop, client: TestClient[Litestar], login: Links) -> None:
    shop.order("web-shop", "900", {"11": ("CUP", 1)})
    shop.push("web-shop", "till")
    assert seen(client, login, "tiles") == (
        "In sync 100 % 2 of 2 slots show what we want Orders in 24 hours 1 1 in the last minute "
        "From sale to hub 400 ms every delivery is booked From change to channel 0 ms nothing waits "
        "Needs you 0 nothing waits for a person"
    )


def test_an_order_shows_what_it_is_and_where_it_is_reserved(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    shop.order("web-shop", "900", {"11": ("CUP", 3)}, "37.50")
    assert seen(client, login, "orders") == (
        "900 web-shop 37.50 EUR 09:00:00 +0.4 s after it was placed accepted 3 CUP main"
    )


def test_an_unpaid_order_says_so(shop: Shop, client: TestClient[Litestar], login: Links) -> None:
    shop.order("web-shop", "900", {"11": ("CUP", 1)}, payment=Payment.PENDING)
    assert "awaiting payment" in seen(client, login, "orders")


def test_a_till_sale_went_over_the_counter(shop: Shop, client: TestClient[Litestar], login: Links) -> None:
    shop.order("till", "T1", {"C1": ("CUP", 1)}, place="Corner", over_the_counter=True)
    assert seen(client, login, "orders").endswith("shipped 1 CUP over the counter")


def test_what_nobody_holds_and_what_nobody_knows_waits_for_a_person(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    shop.order("web-shop", "900", {"11": ("CUP", 15), "12": ("LID", 1)})
    assert seen(client, login, "orders").endswith("15 CUP corner 2, main 10, 3 short 1 LID no SKU")
    said = seen(client, login, "exceptions")
    assert "Sold, but no location holds it 09:00:00 web-shop · order 900 · CUP" in said
    assert "Receive or count the goods, or cancel the line in the channel." in said
    assert "Nobody has said which SKU this is 09:00:00 web-shop · order 900 · LID" in said
    assert "Needs you 2 wait for a person" in seen(client, login, "tiles")


def cup(client: TestClient[Litestar], login: Links, title: str) -> str:
    """The words of one panel of the cup's own screen."""
    client.get(login.link())
    return panel(client.get("/stock/CUP").text, title)


def test_a_sku_shows_locations_and_the_four_figures(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    shop.clock.sleep(5)
    shop.order("web-shop", "900", {"11": ("CUP", 3)})
    assert cup(client, login, "What lies where") == "pieces corner 2 0 2 0 main 10 3 7 0 Together 12 3 9"
    assert cup(client, login, "What each channel shows") == (
        "sold units till Corner 2 2 2 2 2 in sync web-shop 9 12 12 12 9 in sync"
    )


def test_a_slot_that_waits_is_settling_and_later_out_of_sync(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    shop.tell("stock.receive", sku="CUP", location="main", quantity="5", reference="r3")
    shop.settle()
    assert cup(client, login, "What each channel shows").endswith("web-shop 17 12 12 12 12 settling")
    assert "In sync 50.0 % 1 of 2 slots show what we want" in seen(client, login, "tiles")
    assert seen(client, login, "astray") == "CUP web-shop shows 12 wanted 17 to be written 09:00:00"
    shop.clock.sleep(90)
    shop.order("till", "T1", {"C1": ("CUP", 1)}, place="Corner", over_the_counter=True)
    shop.push("till")
    shop.clock.sleep(90)
    shop.order("till", "T2", {"C9": ("LID", 1)}, place="Corner")
    assert cup(client, login, "What each channel shows").endswith("web-shop 16 12 12 12 12 out of sync")
    assert "A change waits 3 min usually 0 ms" in seen(client, login, "tiles")


def test_a_slot_that_is_refused_says_what_to_do(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    def refuse(tx: Tx) -> None:
        slots = rows.slots_of_connection(tx, shop.channel("web-shop").id)
        rows.set_trouble(tx, {slots[0].id: "gone: no such product"})

    shop.store.run(refuse)
    assert "web-shop 12 12 12 12 12 refused" in cup(client, login, "What each channel shows")
    assert seen(client, login, "exceptions") == (
        "The channel refuses our stock figure 09:00:00 web-shop · Cup gone: no such product "
        "Look at the listing in the channel; it is tried again when the stock moves."
    )


def test_a_channel_that_is_only_observed_is_not_called_out_of_sync(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    shop.tell("connection.flow", connection="web-shop", flow="stock_out", level="observe")
    shop.tell("stock.receive", sku="CUP", location="main", quantity="5", reference="r3")
    shop.settle()
    assert "web-shop 17 12 12 12 12 observed only" in cup(client, login, "What each channel shows")
    assert "1 of 1 slot shows what we want" in seen(client, login, "tiles")


def test_connections_show_their_flows(shop: Shop, client: TestClient[Litestar], login: Links) -> None:
    assert seen(client, login, "connections") == (
        "till square ready orders in on stock out on in sync 1 of 1 "
        "web-shop woocommerce ready orders in on stock out on in sync 1 of 1"
    )


def test_what_a_channel_says_cannot_become_part_of_the_page(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    shop.order("web-shop", "<script>alert(1)</script>", {"12": ("<img src=x onerror=alert(1)>", 1)})
    client.get(login.link())
    page = client.get("/").text
    assert "<script>alert(1)</script>" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
