"""The door itself: who comes in, what is read of a request, versions, quotas, and that nothing is done
twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from litestar.testing import TestClient

from entrepot.access import Permission
from entrepot.api.limits import Left, Limits
from tests.api.programs import TOKEN, Program, application, bearing, program
from tests.web.shop import START, Shop

RECEIPT = {"sku": "CUP", "location": "main", "quantity": "5", "reference": "r9"}


def available(api: Program, sku: str = "CUP") -> int:
    """Pieces on all shelves."""
    return sum(one["available"] for one in api.get(f"/stock/{sku}")["items"])


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN} x", "Bearer ent_x\u00ff"],
)
def test_without_a_good_token_nobody_comes_in(stranger: Program, authorization: str) -> None:
    nobody = Program(stranger.client, "")
    sent = {"authorization": authorization.encode("latin-1")}
    for method, path in (("GET", "/orders"), ("POST", "/receipts"), ("PUT", "/skus/CUP/recipe")):
        assert nobody.refused(method, path, headers=sent) == (401, "not_authorised", "")
        assert nobody.last.headers["www-authenticate"] == 'Bearer realm="entrepot"'


def test_a_token_opens_what_it_was_made_for(shop: Shop, api: Program) -> None:
    mine = bearing(shop, api.client, Permission.STOCK_READ)
    assert mine.get("/stock")["rows"]
    assert mine.refused("GET", "/orders") == (403, "forbidden", "")
    assert mine.refused("POST", "/receipts", json=RECEIPT) == (403, "forbidden", "")
    assert mine.refused("POST", "/commands/stock.receive", json=RECEIPT) == (403, "forbidden", "")
    assert available(api) == 12


def test_what_was_done_is_done_by_the_token(shop: Shop, api: Program) -> None:
    mine = bearing(shop, api.client, Permission.STOCK_READ, Permission.STOCK_WRITE)
    mine.post("/receipts", RECEIPT)
    [move] = mine.get("/moves", cause="receipt:r9")["rows"]
    assert move["actor"].startswith("token:")


def test_whoever_is_bound_to_a_location_changes_only_its_stock(shop: Shop, api: Program) -> None:
    made = shop.tell("token.make", name="till", permissions=["stock.write"], locations=["corner"])
    till = Program(api.client, made["token"])
    assert till.refused("POST", "/receipts", json=RECEIPT) == (403, "location_forbidden", "location")
    assert till.post("/receipts", RECEIPT | {"location": "corner"})["booked"] is True


def test_what_is_read_has_a_version(api: Program) -> None:
    tag = ""
    for path in ("/skus", "/connections/web-shop", "/stock/CUP"):
        api.get(path)
        tag = api.last.headers["etag"]
        again = api.ask("GET", path, headers={"if-none-match": f'"other", W/{tag}'})
        assert [again.status_code, again.content, again.headers["etag"]] == [304, b"", tag]
    api.post("/receipts", RECEIPT)
    assert api.ask("GET", "/stock/CUP", headers={"if-none-match": tag}).status_code == 200


def test_an_edit_needs_the_version_that_was_seen(api: Program) -> None:
    path, body = "/connections/web-shop/flows/stock_out", {"level": "off"}
    assert api.get(path) == {"connection": "web-shop", "flow": "stock_out", "level": "on"}
    tag = api.last.headers["etag"]
    assert api.refused("PUT", path, json=body) == (428, "precondition_missing", "If-Match")
    first = api.ask("PUT", path, json=body, headers={"if-match": tag})
    assert first.json() == {"connection": "web-shop", "flow": "stock_out", "level": "off"}
    second = api.refused("PUT", path, json={"level": "observe"}, headers={"if-match": tag})
    assert second == (412, "precondition_failed", "If-Match")
    assert api.get(path)["level"] == "off"
    assert api.last.headers["etag"] == first.headers["etag"]


def test_of_ten_who_edit_at_once_what_they_saw_one_is_first(api: Program) -> None:
    api.get("/skus/CUP")
    seen, together = {"if-match": api.last.headers["etag"]}, threading.Barrier(10)

    def edit(number: int) -> int:
        together.wait()
        answer = Program(api.client).ask("PUT", "/skus/CUP", json={"title": f"Cup {number}"}, headers=seen)
        return int(answer.status_code)

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(edit, range(10))) == [200] + [412] * 9


@pytest.mark.parametrize(
    ("path", "body", "after"),
    [
        ("/skus/PAIR/recipe", {"parts": {"CUP": 2}}, {"sku": "PAIR", "parts": {"CUP": 2}}),
        ("/connections/till/places/Corner", {"location": "main"},
         {"external_id": "Corner", "name": "Corner", "location": "main"}),
    ],
)  # fmt: skip
def test_an_edit_answers_what_is_there_now(api: Program, path: str, body: Any, after: Any) -> None:
    api.post("/skus", {"sku": "PAIR"})
    api.get(path)
    answer = api.ask("PUT", path, json=body, headers={"if-match": api.last.headers["etag"]})
    assert answer.json() == after == api.get(path)


def test_a_title_is_edited_and_found(api: Program) -> None:
    api.get("/skus/CUP")
    seen = {"if-match": api.last.headers["etag"]}
    assert api.ask("PUT", "/skus/CUP", json={"title": "A beaker"}, headers=seen).json()["title"] == "A beaker"
    assert [one["code"] for one in api.get("/skus", search="beak")["rows"]] == ["CUP"]
    assert api.get("/skus", search="cup")["rows"] == api.get("/skus", search="beak")["rows"]
    assert api.refused("PUT", "/skus/NEW", json={"title": "x"}, headers=seen) == (404, "not_found", "sku")


def test_a_listing_is_mapped(shop: Shop, api: Program) -> None:
    shop.list("web-shop", {"12": "OLD-CODE"})
    assert [one["item"] for one in api.get("/listings", mapped=False)["rows"]] == ["12"]
    path = "/connections/web-shop/listings/12"
    assert api.get(path)["sku"] == ""
    tag = {"if-match": api.last.headers["etag"]}
    assert api.refused("PUT", path, json={"sku": "NONE"}, headers=tag) == (422, "sku_unknown", "sku")
    assert api.ask("PUT", path, json={"sku": "CUP"}, headers=tag).json()["sku"] == "CUP"
    assert api.get("/listings", mapped=False)["rows"] == []


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/nothing", (404, "not_found", "")),
        ("GET", "/orders/01kjpymt2ts8195cekya7dw3bw", (404, "not_found", "order")),
        ("GET", "/orders/x%00", (404, "not_found", "order")),
        ("GET", f"/orders/{'x' * 201}", (404, "not_found", "order")),
        ("GET", "/orders/x/people", (404, "not_found", "order")),
        ("GET", "/stock/none", (404, "not_found", "sku")),
        ("GET", "/stock/none/history", (404, "not_found", "sku")),
        ("GET", "/skus/none", (404, "not_found", "sku")),
        ("GET", "/skus/none/recipe", (404, "not_found", "sku")),
        ("GET", "/connections/none", (404, "not_found", "connection")),
        ("GET", "/connections/web-shop/flows/prices_out", (404, "not_found", "connection")),
        ("GET", "/connections/web-shop/listings/none", (404, "not_found", "connection")),
        ("GET", "/connections/web-shop/places/none", (404, "not_found", "connection")),
        ("GET", "/letters/none", (404, "not_found", "letter")),
        ("POST", "/connections/none/renewals", (404, "not_found", "connection")),
        ("PUT", "/orders", (405, "method", "")),
        ("POST", "/status", (405, "method", "")),
    ],
)
def test_what_is_not_here_is_said(
    stranger: Program, method: str, path: str, said: tuple[int, str, str]
) -> None:
    more: dict[str, Any] = {} if method == "GET" else {"json": {}}
    assert stranger.refused(method, path, **more) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", (400, "json", "")),
        (b"<xml/>", (400, "json", "")),
        (b'{"sku": "CUP", "sku": "MUG"}', (400, "json", "")),
        (b'{"sku": NaN}', (400, "json", "")),
        (b'{"sku": "\xff"}', (400, "json", "")),
        (b'{"sku": ' + b"[" * 70 + b"]" * 70 + b"}", (400, "json", "")),
        (b"[" * 100_000, (400, "json", "")),
        (b'{"sku": 1' + b"0" * 5000 + b"}", (400, "json", "")),
        (b'{"sku": "CUP", "scale": 99999999999999999999}', (422, "arguments", "scale")),
        (b'["CUP"]', (422, "arguments", "")),
        (b'"CUP"', (422, "arguments", "")),
        (b"", (422, "arguments", "sku")),
        (b"{}", (422, "arguments", "sku")),
        (b'{"sku": 7}', (422, "arguments", "sku")),
        (b'{"sku": "CUP", "colour": "red"}', (422, "arguments", "colour")),
        (b'{"sku": "a\\u0000b"}', (422, "text", "sku")),
        (b'{"sku": "\\u200b"}', (422, "sku_code", "sku")),
        (b'{"sku": "MUG", "scale": 1.5}', (422, "arguments", "scale")),
    ],
)
def test_a_body_is_read_strictly(stranger: Program, body: bytes, said: tuple[int, str, str]) -> None:
    sent = {"content-type": "application/json"}
    assert stranger.refused("POST", "/skus", content=body, headers=sent) == said
    assert [one["code"] for one in stranger.get("/skus")["rows"]] == ["CUP"]


def test_what_the_path_says_the_body_does_not(stranger: Program) -> None:
    stranger.get("/skus/CUP/recipe")
    tag = {"if-match": stranger.last.headers["etag"]}
    body = {"sku": "MUG", "parts": {"CUP": 1}}
    assert stranger.refused("PUT", "/skus/CUP/recipe", json=body, headers=tag) == (422, "arguments", "sku")


def test_media_types_are_json(stranger: Program) -> None:
    form = stranger.refused("POST", "/skus", data={"sku": "MUG"})
    assert form == (415, "media_type", "")
    assert stranger.refused("GET", "/skus", headers={"accept": "text/html"}) == (
        406,
        "accept",
        "Accept",
    )
    for accept in ("*/*", "application/*", "text/html, application/json;q=0.5"):
        assert stranger.ask("GET", "/skus", headers={"accept": accept}).status_code == 200


@pytest.mark.parametrize(("path", "size"), [("/skus", 1024 * 1024), ("/imports", 64 * 1024 * 1024)])
def test_a_body_is_not_longer_than_its_route_takes(stranger: Program, path: str, size: int) -> None:
    sent = {"content-type": "application/json", "content-length": str(size + 1)}
    assert stranger.refused("POST", path, content=b"", headers=sent) == (413, "too_large", "")


def test_an_import_may_be_longer_than_a_megabyte(api: Program) -> None:
    csv = "sku,location,quantity\n" + "CUP,main,4\n" + "\n" * 1_100_000
    assert api.post("/imports", {"csv": csv, "reference": "i1"}) == {
        "rows": 1, "differed": 1, "listings_linked": 0
    }  # fmt: skip


def test_a_new_thing_says_where_it_is(api: Program) -> None:
    answer = api.ask("POST", "/skus", json={"sku": "A ö"})
    assert [answer.status_code, answer.headers["location"]] == [201, "/api/v1/skus/A%20%C3%B6"]
    assert api.get("/skus/A%20%C3%B6")["code"] == "A ö"


def test_a_code_with_a_slash_is_found_by_the_id_of_its_sku(api: Program) -> None:
    answer = api.ask("POST", "/skus", json={"sku": "A/B"})
    assert "location" not in answer.headers
    [sku] = [one for one in api.get("/skus")["rows"] if one["code"] == "A/B"]
    assert api.get(f"/skus/{sku['id']}") == sku
    assert api.get(f"/stock/{sku['id']}")["sku"] == "A/B"
    assert api.refused("GET", f"/skus/{sku['id']}/recipe") == (404, "not_found", "sku")


def test_the_same_key_does_it_once(api: Program) -> None:
    first = api.ask("POST", "/receipts", json=RECEIPT, headers={"idempotency-key": "k1"})
    again = api.ask("POST", "/receipts", json=RECEIPT, headers={"idempotency-key": "k1"})
    assert first.json()["booked"] is True
    assert [again.content, again.status_code] == [first.content, first.status_code]
    assert [one.headers.get("idempotency-replayed") for one in (first, again)] == [None, "true"]
    other = RECEIPT | {"quantity": "6"}
    sent = {"idempotency-key": "k1"}
    reused = (409, "idempotency_key_reused", "Idempotency-Key")
    assert api.refused("POST", "/receipts", json=other, headers=sent) == reused
    assert api.refused("POST", "/counts", json=RECEIPT, headers=sent) == reused
    assert available(api) == 17


def test_a_refusal_is_not_kept(shop: Shop, api: Program) -> None:
    body, sent = RECEIPT | {"sku": "MUG"}, {"idempotency-key": "k2"}
    assert api.refused("POST", "/receipts", json=body, headers=sent) == (422, "sku_unknown", "sku")
    shop.tell("sku.add", sku="MUG")
    assert api.ask("POST", "/receipts", json=body, headers=sent).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_none_is_refused(stranger: Program, key: str) -> None:
    said = stranger.refused("POST", "/receipts", json=RECEIPT, headers={"idempotency-key": key})
    assert said == (400, "idempotency_key", "Idempotency-Key")


def test_twenty_at_once_with_one_key_are_done_once(shop: Shop, api: Program) -> None:
    together = threading.Barrier(20)

    def send(_n: int) -> tuple[int, bytes]:
        together.wait()
        adjusted = {"sku": "CUP", "location": "main", "quantity": "1", "reason": "found", "reference": "a"}
        answer = Program(api.client).ask(
            "POST", "/adjustments", json=adjusted, headers={"idempotency-key": "twenty"}
        )
        return answer.status_code, answer.content

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(send, range(20)))
    assert answers == {(200, b'{"sku":"CUP","location":"main","adjusted":1,"booked":true}')}
    assert available(api) == 13


def test_each_program_has_its_own_keys(shop: Shop, api: Program) -> None:
    mine = bearing(shop, api.client, Permission.STOCK_WRITE)
    for number, one in enumerate((api, mine)):
        body = RECEIPT | {"reference": f"r{20 + number}"}
        assert one.ask("POST", "/receipts", json=body, headers={"idempotency-key": "k"}).status_code == 200


def test_a_command_may_carry_a_key(api: Program) -> None:
    for _ in range(2):
        answer = api.ask("POST", "/commands/sku.add", json={"sku": "MUG"}, headers={"idempotency-key": "c"})
        assert answer.json() == {"sku": "MUG", "listings_linked": 0}
    assert api.last.headers["idempotency-replayed"] == "true"


def test_a_secret_answer_is_not_kept(api: Program) -> None:
    body = {"name": "till", "permissions": ["stock.read"]}
    tokens = {
        api.ask("POST", "/commands/token.make", json=body, headers={"idempotency-key": "t"}).json()["token"]
        for _ in range(2)
    }
    assert len(tokens) == 2


def test_tokens_are_made_listed_and_ended(api: Program) -> None:
    body, sent = {"name": "report", "permissions": ["stock.read"]}, {"idempotency-key": "t1"}
    first, second = [api.ask("POST", "/tokens", json=body, headers=sent).json() for _ in range(2)]
    assert first["token"] != second["token"]
    mine = Program(api.client, first["token"])
    assert mine.get("/stock")["rows"]
    rows = api.get("/tokens")["rows"]
    assert [(one["id"], one["permissions"]) for one in rows] == [
        (second["id"], ["stock.read"]),
        (first["id"], ["stock.read"]),
    ]
    assert first["token"] not in api.last.text
    api.post(f"/tokens/{first['id']}/endings", {})
    assert mine.refused("GET", "/stock") == (401, "not_authorised", "")
    unknown = api.refused("POST", "/tokens", json=body | {"permissions": ["everything"]})
    assert unknown == (422, "permissions", "permissions[0]")


def test_a_program_that_asks_too_often_is_told_to_wait(shop: Shop) -> None:
    with program(shop, Limits(3, 60)) as api:
        assert [api.ask("GET", "/skus").headers["ratelimit"] for _ in range(3)] == [
            '"requests";r=2;t=1', '"requests";r=1;t=1', '"requests";r=0;t=20'
        ]  # fmt: skip
        assert api.refused("GET", "/skus") == (429, "too_many_requests", "")
        assert api.last.headers["retry-after"] == "20"
        assert api.last.headers["ratelimit-policy"] == '"requests";q=3;w=60'
        mine = bearing(shop, api.client, Permission.CATALOG_READ)
        assert mine.get("/skus")
        shop.clock.sleep(20)
        assert api.get("/skus")


def test_a_bucket_fills_evenly_and_never_over() -> None:
    limits, now = Limits(2, 10), START
    assert [limits.take("a", now) for _ in range(3)] == [Left(1, 0), Left(0, 5), Left(0, 5, refused=True)]
    later = now.replace(minute=5)
    assert limits.take("a", later) == Left(1, 0)
    assert limits.take("a", now) == Left(0, 5)


def test_nothing_of_an_error_of_ours_is_shown(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object, **_named: object) -> None:
        raise RuntimeError("the secret of the house")

    with TestClient(application(shop), raise_server_exceptions=False) as client:
        api = Program(client)
        monkeypatch.setattr(shop.hub.store, "read", broken)
        answer = api.ask("GET", "/skus")
    assert [answer.status_code, answer.json()["code"]] == [500, "internal"]
    assert "secret" not in answer.text
