"""What the screens show and what they do, without a browser: every form works without a script."""

import re
from html import escape
from urllib.parse import quote

import httpx2
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select, update

from entrepot import web
from entrepot.access import Role
from entrepot.contract import Delivery, Payment
from entrepot.db import Job, Tx, inbox, jobs, tables
from tests.web.links import Links
from tests.web.reading import CSRF, main, panel, send
from tests.web.shop import Shop

BODY = b'{"id":7,"billing":{"first_name":"Mara","email":"mara@example.net"},"total":"1O.00"}'


@pytest.fixture
def inside(client: TestClient[Litestar], login: Links) -> TestClient[Litestar]:
    """A browser whose owner is signed in."""
    client.get(login.link())
    return client


def order_id(shop: Shop, number: str) -> str:
    order = tables.orders
    return str(shop.store.read(lambda tx: tx.rows(select(order.c.id).where(order.c.number == number))[0].id))


def dead_delivery(shop: Shop) -> str:
    """A delivery that failed for good; its id."""

    def work(tx: Tx) -> str:
        delivery = Delivery(
            headers={}, body=BODY, url="https://hub.example/hooks/web-shop", received_at=tx.now
        )
        inbox.put(tx, connection_id=shop.channel("web-shop").id, key="k1", delivery=delivery)
        tx.run(update(tables.inbox).values(state="dead", attempts=8, why="total: '1O.00' is no amount"))
        return str(tx.rows(select(tables.inbox.c.id))[0].id)

    return shop.store.run(work)


# orders


NARROWED = {
    "": ["903", "902", "901"],
    "q=90": ["901", "902", "903"],
    "q=902": ["902"],
    "q=LID": [],
    "q=CUP": ["903", "902", "901"],
    "channel=till": ["902"],
    "status=awaiting+payment": ["903"],
    "exception=any": ["901"],
    "exception=unmapped_sku": ["901"],
    "exception=short": [],
    "span=7": ["903", "902", "901"],
    "status=nonsense&span=x&exception=y": ["903", "902", "901"],
}


def test_orders_are_narrowed(shop: Shop, inside: TestClient[Litestar]) -> None:
    shop.order("web-shop", "901", {"11": ("CUP", 1), "12": ("LID", 1)})
    shop.order("till", "902", {"C1": ("CUP", 1)}, place="Corner", over_the_counter=True)
    shop.order("web-shop", "903", {"11": ("CUP", 1)}, payment=Payment.PENDING)
    number = re.compile(r'class="over" href="/orders/\w+">(\d+)<')
    assert {query: number.findall(inside.get(f"/orders?{query}").text) for query in NARROWED} == NARROWED


def test_a_long_list_goes_on_behind_its_last_order(shop: Shop, inside: TestClient[Litestar]) -> None:
    for number in range(900, 955):
        shop.order("web-shop", str(number), {"11": ("CUP", 1)})
    first = inside.get("/orders").text
    after = re.search(r'href="(/orders\?after=[^"]+)" rel="next"', first)
    assert after is not None
    second = inside.get(after[1]).text
    shown = [re.findall(r'class="over" href="/orders/\w+">(\d+)<', page) for page in (first, second)]
    assert [len(shown[0]), shown[1]] == [50, ["904", "903", "902", "901", "900"]]
    assert 'href="/orders?"' in second


def test_a_cursor_of_another_list_says_so_and_shows_the_first_page(inside: TestClient[Litestar]) -> None:
    answer = inside.get("/orders?after=nonsense")
    assert [answer.status_code, "This is no cursor of this list." in answer.text] == [200, True]


def test_a_view_is_saved_per_person_and_dropped(shop: Shop, inside: TestClient[Litestar]) -> None:
    shop.order("web-shop", "901", {"11": ("CUP", 1)})
    query = "channel=till&status=accepted&after=x&evil=1"
    status, _said = send(inside, "/orders", "/orders/views", name="Till  today", query=query)
    page = inside.get("/orders").text
    assert [status, 'href="/orders?channel=till&amp;status=accepted">Till today<' in page] == [200, True]
    with TestClient(inside.app) as other:
        other.get(Links(shop.store, role=Role.OPERATIONS).link())
        assert "Till today" not in other.get("/orders").text
    id = re.search(r'name="id" value="(\w+)"', inside.get("/orders?channel=till&status=accepted").text)
    assert id is not None
    send(inside, "/orders", "/orders/views/drop", id=id[1])
    assert "Till today" not in inside.get("/orders").text


def test_chosen_orders_are_read_again_and_what_cannot_be_done_is_named(
    shop: Shop, inside: TestClient[Litestar]
) -> None:
    shop.order("web-shop", "901", {"11": ("CUP", 1)})
    shop.order("web-shop", "902", {"11": ("CUP", 1)})
    ids = [order_id(shop, number) for number in ("901", "902")]
    fields: dict[str, str | list[str]] = {"chosen": ids, "back": "/orders"}
    assert (
        "2 orders are read again."
        in send(inside, "/orders", "/orders/chosen", act="order.refetch", **fields)[1]
    )
    said = send(inside, "/orders", "/orders/chosen", act="order.cancel", why="too late", **fields)[1]
    assert "0 orders are cancelled; 2 not" in said
    assert "No order was chosen." in send(inside, "/orders", "/orders/chosen", act="order.refetch")[1]


def test_an_order_shows_its_axes_lines_and_story(shop: Shop, inside: TestClient[Litestar]) -> None:
    shop.order("web-shop", "901", {"11": ("CUP", 3)}, "37.50")
    page = inside.get(f"/orders/{order_id(shop, '901')}").text
    assert panel(page, "Lines") == "CUP reserved 3 main 3 0 0 37.50"
    assert panel(page, "Money") == "tax included Goods 37.50 Total 37.50"
    assert panel(page, "What happened") == "09:00:00 The order came in open · paid · waiting"
    assert "Agreement open Payment paid Goods waiting Total 37.50 EUR" in main(page)


def test_an_unmapped_line_is_healed_where_it_is_shown(shop: Shop, inside: TestClient[Litestar]) -> None:
    shop.list("web-shop", {"12": "CUP-BLUE"})
    shop.order("web-shop", "901", {"12": ("CUP-BLUE", 1)})
    path = f"/orders/{order_id(shop, '901')}"
    assert 'name="sku" aria-label="Our SKU" placeholder="Our SKU" value="CUP"' in inside.get(path).text
    fields = {"connection": "web-shop", "item": "12", "sku": "CUP", "back": path}
    said = send(inside, path, "/do/sku.map", **fields)[1]
    assert "Mapped. What waited for it goes on by itself." in said
    shop.settle()
    assert "CUP reserved 1" in panel(inside.get(path).text, "Lines")


def test_an_exception_that_may_stay_so_is_closed_with_its_reason(
    shop: Shop, inside: TestClient[Litestar]
) -> None:
    shop.order("web-shop", "901", {"11": ("CUP", 1)}, "12.00")
    path, table = f"/orders/{order_id(shop, '901')}", tables.exception
    shop.store.run(lambda tx: tx.run(table.insert().values(
        id=tx.ids.new(), order_id=path[8:], line_id="", kind="total_disagrees", detail="by 0.01",
        opened_at=tx.now, accepted_by="", accepted_why="",
    )))  # fmt: skip
    id = shop.store.read(lambda tx: tx.rows(select(table.c.id))[0].id)
    said = send(inside, path, "/do/exception.accept", exception=id, why="a rounding", back=path)[1]
    assert "It may stay so." in said
    assert "It may stay so: a rounding" in panel(inside.get(path).text, "Exceptions that are closed")


def test_the_buyer_is_shown_only_to_who_may_see_people(shop: Shop, inside: TestClient[Litestar]) -> None:
    shop.order("web-shop", "901", {"11": ("CUP", 1)})
    path = f"/orders/{order_id(shop, '901')}"
    assert panel(inside.get(path).text, "Buyer") == "The channel has named nobody."
    with TestClient(inside.app) as auditor:
        auditor.get(Links(shop.store, role=Role.AUDITOR).link())
        assert "Buyer" not in auditor.get(path).text


# stock


def test_stock_is_searched_by_code_and_title(shop: Shop, inside: TestClient[Litestar]) -> None:
    shop.tell("sku.add", sku="POT/1", title="Green teapot")
    assert main(inside.get("/stock?q=tea").text).endswith("POT/1 Green teapot 0 on no channel")
    assert main(inside.get("/stock").text).endswith(
        "CUP A cup 12 2 2 on hand 10 10 on hand 2 in sync POT/1 Green teapot 0 – – on no channel"
    )
    assert "No SKU fits" in inside.get("/stock?q=zebra").text


def test_a_sku_of_any_code_has_its_screen(shop: Shop, login: Links, serving: web.Serving) -> None:
    with httpx2.Client(base_url=serving.url, follow_redirects=True) as browser:
        browser.get(login.link())
        for code in ("POT/1", "50% off", "A%41", "a?b#c", "Tee & Tasse", "ÄÖÜ", "<b>", "+", "new"):
            shop.tell("sku.add", sku=code)
            path = f"/stock/{quote(code, safe='')}"
            assert f'href="{path}"' in browser.get("/stock").text
            assert f"<h1><span>{escape(code)}</span></h1>" in browser.get(path).text


def test_goods_are_received_once_however_often_the_form_is_sent(
    shop: Shop, inside: TestClient[Litestar]
) -> None:
    fields = {"act": "stock.receive", "location": "main", "quantity": "5", "reference": "web-1"}
    for _ in range(2):
        assert "Received and booked." in send(inside, "/stock/CUP", "/stock/CUP", **fields)[1]
    assert panel(inside.get("/stock/CUP").text, "What lies where").endswith("Together 17 0 17")


def test_goods_move_and_are_set_aside(inside: TestClient[Litestar]) -> None:
    moved = {"act": "stock.move", "quantity": "4", "source": "main", "target": "corner", "reference": "w1"}
    assert "Moved and booked." in send(inside, "/stock/CUP", "/stock/CUP", **moved)[1]
    aside = {
        "act": "stock.set_aside",
        "quantity": "2",
        "location": "main",
        "reason": "damaged",
        "reference": "w2",
    }
    assert "Set aside: it is not for sale." in send(inside, "/stock/CUP", "/stock/CUP", **aside)[1]
    shown = panel(inside.get("/stock/CUP").text, "What lies where")
    assert shown == "pieces corner 6 0 6 0 main 6 0 4 2 2 damaged Together 12 0 10"


def test_a_form_that_is_refused_keeps_what_was_typed_and_says_what_is_wrong(
    inside: TestClient[Litestar],
) -> None:
    csrf = CSRF.search(inside.get("/stock/CUP").text)
    assert csrf is not None
    given = {
        "csrf": csrf[1],
        "act": "stock.adjust",
        "location": "corner",
        "quantity": "1,5",
        "reason": "broken",
    }
    answer = inside.post("/stock/CUP", data={**given, "reference": "web-1"})
    assert answer.status_code == 422
    assert 'value="1,5" aria-invalid="true"' in answer.text
    assert 'value="broken"' in answer.text


def test_a_recipe_is_written_in_lines(shop: Shop, inside: TestClient[Litestar]) -> None:
    shop.tell("sku.add", sku="PAIR", title="Two cups")
    assert (
        "The recipe is another one."
        in send(inside, "/stock/PAIR", "/stock/PAIR", act="sku.recipe", parts="CUP 2")[1]
    )
    assert "made of 2 × CUP" in main(inside.get("/stock/PAIR").text)
    status, said = send(inside, "/stock/PAIR", "/stock/PAIR", act="sku.recipe", parts="CUP two")
    assert [status, "'CUP two' is no item and its pieces." in said] == [422, True]


def test_a_title_is_changed_by_one_of_two_who_edit_it(shop: Shop, inside: TestClient[Litestar]) -> None:
    fields = {"act": "sku.title", "title": "Blue  beaker", "was": "A cup"}
    assert "The title is another one." in send(inside, "/stock/CUP", "/stock/CUP", **fields)[1]
    assert "CUP Blue beaker" in main(inside.get("/stock?q=beak").text)
    assert "No SKU fits" in main(inside.get("/stock?q=a+cup").text)
    status, said = send(inside, "/stock/CUP", "/stock/CUP", **{**fields, "title": "Red"})
    assert [status, "Somebody has made the title 'Blue beaker' meanwhile." in said] == [422, True]


def test_a_sku_goes_back_to_any_booked_moment(shop: Shop, inside: TestClient[Litestar]) -> None:
    shop.clock.sleep(60)
    shop.order("web-shop", "901", {"11": ("CUP", 3)})
    shop.push("web-shop")
    shop.clock.sleep(60)
    shop.order("web-shop", "902", {"11": ("CUP", 4)})
    page = inside.get("/stock/CUP?at=2026-03-02T09:01:30Z").text
    assert "As it was booked at 09:01:30" in main(page)
    assert panel(page, "What lies where").startswith("pieces corner 2 0 2 0 main 10 3 now 7 7 now 3 0")
    assert "web-shop 9 now 5 12" in panel(page, "What each channel shows")
    assert "ghost" in page
    assert inside.get("/stock/CUP?at=yesterday").status_code == 200


def test_from_an_order_that_is_short_one_link_leads_to_its_story(
    shop: Shop, inside: TestClient[Litestar]
) -> None:
    shop.clock.sleep(3600)
    shop.order("web-shop", "901", {"11": ("CUP", 15)})
    id = order_id(shop, "901")
    path = f"/stock/CUP?around={id}"
    assert f'href="{path}">See how it came to be<' in inside.get(f"/orders/{id}").text
    page = inside.get(path).text
    story = panel(page, "What happened")
    assert "around order 901 of web-shop" in main(page)
    assert "Moved 10 from main shelf to main promised this order" in story
    assert "A line is short" in story
    assert "supplier" not in story


# exceptions and dead letters


def test_a_dead_letter_is_masked_edited_and_replayed(shop: Shop, inside: TestClient[Litestar]) -> None:
    id = dead_delivery(shop)
    assert "A delivery could not be booked" in main(inside.get("/letters").text)
    page = inside.get(f"/letters/{id}").text
    assert [word in page for word in ("Mara", "mara@example.net", "1O.00")] == [False, False, True]
    whole = inside.get(f"/letters/{id}?whole=yes").text
    assert "Mara" in whole
    version = re.search(r'name="version" value="(\w+)"', whole)
    assert version is not None
    broken = send(inside, "/letters", f"/letters/{id}?whole=yes", body="{", version=version[1])
    assert [broken[0], "The new content is no JSON" in broken[1]] == [422, True]
    stale = send(inside, "/letters", f"/letters/{id}?whole=yes", body="{}", version="0" * 64)
    assert [stale[0], "Somebody changed it meanwhile." in stale[1]] == [409, True]
    done = send(inside, "/letters", f"/letters/{id}?whole=yes", body='{"id": 7}', version=version[1])
    assert [done[0], "is tried again" in done[1], "No dead letter" in done[1]] == [200, True, True]


def test_who_may_not_see_people_sees_letters_masked(shop: Shop, inside: TestClient[Litestar]) -> None:
    id = dead_delivery(shop)
    with TestClient(inside.app) as auditor:
        auditor.get(Links(shop.store, role=Role.AUDITOR).link())
        assert auditor.get(f"/letters/{id}?whole=yes").status_code == 403


def test_all_dead_letters_are_replayed(shop: Shop, inside: TestClient[Litestar]) -> None:
    dead_delivery(shop)
    queue = jobs.call_queue(shop.channel("web-shop").id)
    shop.store.run(
        lambda tx: jobs.enqueue(tx, [Job(kind="fetch_order", queue=queue, key="o1", body={"order": "1"})])
    )
    dead = update(tables.job).where(tables.job.c.kind == "fetch_order").values(state="dead", why="gone")
    shop.store.run(lambda tx: tx.run(dead))
    assert main(inside.get("/letters").text).count("Replay") == 3
    assert "It is tried again." in send(inside, "/letters", "/do/letters.replay", back="/letters")[1]
    assert "No dead letter" in main(inside.get("/letters").text)


def test_exceptions_are_narrowed_by_kind(shop: Shop, inside: TestClient[Litestar]) -> None:
    shop.order("web-shop", "901", {"11": ("CUP", 15), "12": ("LID", 1)})
    assert main(inside.get("/exceptions").text).count("901") == 2
    assert main(inside.get("/exceptions?kind=short").text).count("901") == 1
    assert "None of that kind" in main(inside.get("/exceptions?kind=odd_step").text)


# channels


def test_a_channel_is_connected_by_the_form_that_its_platform_declares(
    shop: Shop, inside: TestClient[Litestar]
) -> None:
    form = "/platforms/woocommerce"
    page = inside.get(form).text
    assert 'name="setting.secret" type="password" value=""' in page
    assert "setting.webhook_secret" not in page
    given = {"name": "second", "setting.store": "https://two.example", "setting.key": "ck_" + "a" * 40,
             "setting.secret": "nonsense", "hub_url": "https://hub.example"}  # fmt: skip
    status, said = send(inside, form, form, **given)
    assert [status, "That value cannot be Consumer secret." in said] == [422, True]
    refused = inside.post(form, data={**given, "csrf": CSRF.search(page)[1]}).text  # type: ignore[index]
    assert ["https://two.example" in refused, "nonsense" in refused] == [True, False]
    status, said = send(inside, form, form, **{**given, "setting.secret": "cs_" + "b" * 40})
    assert [status, "its stock is only observed" in said] == [200, True]
    assert shop.channel("second").flows == {"orders_in": "on", "stock_out": "observe"}


def test_before_stock_is_switched_on_one_sees_what_would_be_written(
    shop: Shop, inside: TestClient[Litestar]
) -> None:
    shop.tell("connection.flow", connection="web-shop", flow="stock_out", level="observe")
    shop.tell("stock.receive", sku="CUP", location="main", quantity="5", reference="r3")
    shop.settle()
    path = "/channels/web-shop/flows/stock_out/on"
    page = inside.get(path).text
    assert "1 of 1 slots would be written" in main(page)
    assert panel(page, "What would change").startswith("CUP 11 12 17")
    assert shop.channel("web-shop").flows["stock_out"] == "observe"
    assert "Stock out of web-shop: on." in send(inside, path, path)[1]
    assert shop.channel("web-shop").flows["stock_out"] == "on"


def test_a_channel_shows_what_was_asked_of_it_last(shop: Shop, inside: TestClient[Litestar]) -> None:
    assert panel(inside.get("/channels/web-shop").text, "Last calls").endswith("Nothing was asked yet.")
    account, at = shop.channel("web-shop").id, shop.clock.now()
    shop.hub._recorder.call(account=account, method="GET", path="/orders", status=0, took_ms=30_000, at=at)
    shown = panel(inside.get("/channels/web-shop").text, "Last calls")
    assert "GET /orders none came" in shown


def test_a_listing_without_a_sku_is_mapped_with_a_suggestion(
    shop: Shop, inside: TestClient[Litestar]
) -> None:
    shop.list("web-shop", {"12": "CUP-BLUE"})
    page = inside.get("/channels/web-shop").text
    assert 'aria-label="Our SKU of Cup-Blue" value="CUP"' in page
    fields = {"connection": "web-shop", "item": "12", "sku": "NONE", "back": "/channels/web-shop"}
    assert "There is no SKU 'NONE'." in send(inside, "/channels/web-shop", "/do/sku.map", **fields)[1]
    send(inside, "/channels/web-shop", "/do/sku.map", **{**fields, "sku": "CUP"})
    assert "Every listing is a SKU of ours." in main(inside.get("/channels/web-shop").text)


def test_a_channels_secrets_are_never_shown(shop: Shop, inside: TestClient[Litestar]) -> None:
    secret = shop.channel("web-shop").settings["secret"]
    for path in ("/channels", "/channels/web-shop", "/channels/web-shop/credentials"):
        assert secret not in inside.get(path).text


def test_locations_are_added_and_mapped(shop: Shop, inside: TestClient[Litestar]) -> None:
    assert (
        "The location north is there." in send(inside, "/locations", "/locations", code="north", name="")[1]
    )
    assert send(inside, "/locations", "/locations", code="north", name="")[0] == 422
    fields = {"connection": "till", "external": "Corner", "location": "north", "back": "/locations"}
    send(inside, "/locations", "/do/location.map", **fields)
    assert 'value="north" selected' in inside.get("/locations").text


# doors


PATHS = (
    "/", "/orders", "/stock", "/stock/CUP", "/skus/new", "/exceptions", "/letters", "/channels",
    "/channels/till", "/platforms", "/platforms/square", "/channels/till/flows/stock_out/off",
    "/channels/till/credentials", "/locations", "/design",
)  # fmt: skip
WRITES = ("/skus/new", "/platforms", "/platforms/square", "/channels/till/flows/stock_out/off",
          "/channels/till/credentials", "/design")  # fmt: skip
CLOSED: dict[Role, frozenset[str]] = {
    Role.OWNER: frozenset(),
    Role.OPERATIONS: frozenset({"/design"}),
    Role.STORE: frozenset({*WRITES, "/letters", "/channels", "/channels/till"}),
    Role.FINANCE: frozenset({*WRITES, "/letters"}),
    Role.AUDITOR: frozenset({*WRITES, "/letters"}),
}


def test_each_role_sees_its_screens_and_no_others(shop: Shop, client: TestClient[Litestar]) -> None:
    answered = {}
    for role in Role:
        client.get(Links(shop.store, role=role).link())
        answered[role] = {path: client.get(path).status_code for path in PATHS}
    right = {role: {path: 403 if path in CLOSED[role] else 200 for path in PATHS} for role in Role}
    assert answered == right


def test_every_screen_needs_a_session(client: TestClient[Litestar]) -> None:
    assert {client.get(path).status_code for path in PATHS} == {401}


def test_what_is_not_there_is_not_found(inside: TestClient[Litestar]) -> None:
    paths = ("/orders/nonsense", "/stock/NONE", "/letters/nonsense", "/channels/none",
             "/channels/till/flows/x/on", "/platforms/none")  # fmt: skip
    assert {inside.get(path).status_code for path in paths} == {404}


ODD = (
    "/orders/%00", "/orders?q=%00", "/stock/%00", "/stock?q=a%00b", "/letters/%00", "/channels/%00",
    "/stock/CUP?around=%00", "/exceptions?channel=%00",
)  # fmt: skip


def test_an_address_that_no_text_here_can_hold_is_not_found(inside: TestClient[Litestar]) -> None:
    assert {inside.get(path).status_code for path in ODD} == {404}


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "now", "٢٠٢٦", "x" * 5_000]
)
def test_a_moment_that_is_none_is_now(inside: TestClient[Litestar], at: str) -> None:
    answer = inside.get("/stock/CUP", params={"at": at, "until": at})
    assert [answer.status_code, "As it is now" in answer.text] == [200, True]


def test_odd_letters_in_a_search_find_nothing_and_break_nothing(inside: TestClient[Litestar]) -> None:
    for text in ("%", "_", "'", '"', "\\", "\u202e", "\ufeff", "🫖", "a" * 5_000, "-- ", "\ud7ff\U0010ffff"):
        for path in ("/orders", "/stock", "/exceptions"):
            assert inside.get(path, params={"q": text, "channel": text}).status_code == 200


def test_a_form_without_the_sessions_token_changes_nothing(inside: TestClient[Litestar]) -> None:
    paths = ("/theme", "/orders/views", "/orders/views/drop", "/orders/chosen", "/stock/CUP", "/skus/new",
             "/locations", "/do/sku.map", "/letters/x", "/platforms/square",
             "/channels/till/flows/stock_out/off", "/channels/till/credentials")  # fmt: skip
    assert {inside.post(path, data={"csrf": "0" * 64}).status_code for path in paths} == {403}
    assert {inside.post(path).status_code for path in paths} == {403}


def test_a_click_gives_no_command_but_those_that_are_printed(inside: TestClient[Litestar]) -> None:
    commands = ("stock.receive", "user.role", "connection.flow", "none")
    assert {send(inside, "/orders", f"/do/{command}")[0] for command in commands} == {404}


def test_a_form_leads_nowhere_but_here(inside: TestClient[Litestar]) -> None:
    csrf = CSRF.search(inside.get("/orders").text)
    assert csrf is not None
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "orders", ""):
        fields = {"csrf": csrf[1], "back": back, "theme": "dark"}
        answer = inside.post("/theme", data=fields, follow_redirects=False)
        assert [answer.status_code, answer.headers["location"]] == [303, "/"]


def test_the_theme_is_kept_in_a_cookie(inside: TestClient[Litestar]) -> None:
    send(inside, "/orders", "/theme", theme="dark", back="/orders")
    assert '<html lang="en" data-theme="dark">' in inside.get("/orders").text
    send(inside, "/orders", "/theme", theme="", back="/orders")
    assert '<html lang="en">' in inside.get("/orders").text


def test_a_notice_is_said_once_and_is_never_html(inside: TestClient[Litestar]) -> None:
    fields = {"connection": "web-shop", "item": "<script>", "sku": "CUP", "back": "/orders"}
    csrf = CSRF.search(inside.get("/orders").text)
    assert csrf is not None
    page = inside.post("/do/sku.map", data={**fields, "csrf": csrf[1]}).text
    assert ["no item '<script>'" in page, "no item &#39;&lt;script&gt;&#39;" in page] == [False, True]
    assert "no item" not in inside.get("/orders").text
