"""One's own account, people and tokens: what their pages show, and what their forms do."""

import re
from typing import Any

import anyio
import pyotp
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.datastructures import Cookie
from litestar.testing import RequestFactory, TestClient
from sqlalchemy import update

from entrepot import access, customers
from entrepot.access import Role, links, passwords
from entrepot.contract import CustomerSeen
from entrepot.customers import Person
from entrepot.db import tables
from entrepot.kernel import Refusal
from entrepot.web.seat import Seats
from tests.web.conftest import TOKEN
from tests.web.links import Links
from tests.web.shop import Shop

PASSWORD, OTHER = "seven quiet otters paddle", "eight loud herons squabble"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASH = QUICK.hash(PASSWORD)

Browser = TestClient[Litestar]
Fields = dict[str, str | list[str]]
TILL: Fields = {"token_name": "t", "permissions": ["status.read"]}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of a millisecond instead of a tenth of a second."""
    monkeypatch.setattr(passwords, "HASHER", QUICK)
    monkeypatch.setattr(passwords, "NOBODYS", HASH)


@pytest.fixture
def anna(shop: Shop, client: Browser) -> str:
    """An owner who signed in with a password; their id."""
    user = shop.store.run(lambda tx: links.made(tx, "anna", name="Anna", role=Role.OWNER, password=HASH))
    client.post("/sign-in", data={"login": "anna", "password": PASSWORD})
    return user.id


def send(client: Browser, path: str, page: str = "/account", **fields: str | list[str]) -> Any:
    """Sends a form of a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get(page).text)
    assert found is not None
    return client.post(path, data={"csrf": found[1], **fields}, follow_redirects=False)


def shown(client: Browser, page: str = "/account") -> str:
    """The words of a page, blanks folded."""
    return " ".join(re.sub(r"<[^>]*>", " ", client.get(page).text).split())


def signs_in(client: Browser, password: str) -> bool:
    client.cookies.clear()
    answer = client.post("/sign-in", data={"login": "anna", "password": password}, follow_redirects=False)
    return answer.status_code == 303


def sits(shop: Shop, session: str) -> bool:
    return shop.store.read(lambda tx: access.who_sits(tx, session)) is not None


def test_the_account_says_who_one_is(client: Browser, anna: str) -> None:
    said = shown(client)
    assert "Anna, signed in as anna, with the role owner" in said
    assert "this one" in said


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(client: Browser, anna: str) -> None:
    here = client.cookies["entrepot_session"]
    signs_in(client, PASSWORD)
    new = {"password": OTHER, "again": OTHER}
    wrong = send(client, "/account/password", current="not it", **new)
    assert [wrong.status_code, "This is not your password" in wrong.text] == [422, True]
    assert OTHER not in wrong.text
    assert send(client, "/account/password", current=PASSWORD, **new).status_code == 303
    assert client.get("/account").status_code == 200
    client.cookies.set("entrepot_session", here)
    assert client.get("/account").status_code == 401
    assert [signs_in(client, PASSWORD), signs_in(client, OTHER)] == [False, True]


def test_whom_a_link_let_in_needs_no_old_password(shop: Shop, client: Browser, anna: str) -> None:
    client.cookies.clear()
    client.get(f"/login/{shop.tell('user.link', user='anna')['link'].rpartition('/')[2]}")
    assert "Your password now" not in shown(client)
    assert send(client, "/account/password", password=OTHER, again=OTHER).status_code == 303
    assert signs_in(client, OTHER)


def test_an_app_is_set_up_confirmed_and_turned_off(shop: Shop, client: Browser, anna: str) -> None:
    send(client, "/account/app")
    page = client.get("/account").text
    secret = re.search(r"<code>((?:[A-Z2-7]{4} ?){8})</code>", page)
    assert secret is not None
    assert "<svg" in page
    assert 'fill="#fff"' in page, "an app reads dark on light in either theme"
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    wrong = send(client, "/account/app/confirm", code="12345")
    assert [wrong.status_code, "This code is wrong" in wrong.text] == [422, True]
    right = send(client, "/account/app/confirm", code=app.at(shop.clock.now()))
    codes = re.findall(r"<code>((?:[a-z2-7]{4}-){3}[a-z2-7]{4})</code>", right.text)
    assert len(codes) == 10
    again = client.get("/account").text
    assert [word for word in (codes[0], secret[1]) if word in again] == []
    second = send(client, "/account/app")
    assert second.status_code == 303
    assert "An authenticator app is set up already. Turn it off first" in shown(client)
    shop.clock.sleep(60)
    assert signs_in(client, PASSWORD)
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get("/sign-in/code").text)
    assert token is not None
    client.post("/sign-in/code", data={"csrf": token[1], "code": codes[0]})
    off = send(client, "/account/app/off", proof="wrong")
    assert [off.status_code, "This is not your password" in off.text] == [422, True]
    assert send(client, "/account/app/off", proof=PASSWORD).status_code == 303
    assert not shop.store.read(lambda tx: access.known(tx, anna)).totp_on


def test_other_sessions_are_ended_one_by_one_or_all(shop: Shop, client: Browser, anna: str) -> None:
    kept = []
    for _ in range(3):
        signs_in(client, PASSWORD)
        kept.append(client.cookies["entrepot_session"])
    first = shop.store.read(lambda tx: access.who_sits(tx, kept[0]))
    assert first is not None
    send(client, "/account/sessions/end", session=first.id)
    assert [sits(shop, one) for one in kept] == [False, True, True]
    send(client, "/account/sessions/others")
    assert [sits(shop, one) for one in kept] == [False, False, True]


def test_nobody_ends_a_session_of_somebody_else_on_their_own_page(
    shop: Shop, client: Browser, anna: str
) -> None:
    ben = shop.store.run(lambda tx: links.made(tx, "ben", name="Ben", role=Role.AUDITOR))
    session = shop.store.run(
        lambda tx: access.open_session(tx, ben, by_link=True, needs=access.Needs.NOTHING, agent="")
    )
    seated = shop.store.read(lambda tx: access.who_sits(tx, session))
    assert seated is not None
    send(client, "/account/sessions/end", session=seated.id)
    assert shop.store.read(lambda tx: access.who_sits(tx, session)) is not None


def test_a_link_for_somebody_new_is_shown_once(shop: Shop, client: Browser, anna: str) -> None:
    given: Fields = {"name": "Ben", "login": "ben", "role": "store", "locations": ["main"]}
    answer = send(client, "/people/invite", "/people", **given)
    link = re.search(r"http://testserver\.local(/login/[0-9a-f]{64})", answer.text)
    assert link is not None
    assert link[1] not in client.get("/people").text
    assert "Invited, not here yet: Ben (ben, store" in shown(client, "/people")
    client.cookies.clear()
    assert "You were invited as <b>ben</b>" in client.get(link[1]).text


def test_a_token_is_shown_once_and_opens_the_door_until_it_is_ended(
    shop: Shop, client: Browser, anna: str
) -> None:
    given: Fields = {"token_name": "till", "permissions": ["status.read"]}
    answer = send(client, "/people/token", "/people", **given)
    token = re.search(r"ent_[0-9A-Za-z]{49}", answer.text)
    assert token is not None
    assert token[0] not in client.get("/people").text
    bearer = {"authorization": f"Bearer {token[0]}"}
    session = dict(client.cookies)
    client.cookies.clear()
    assert client.get("/status.json", headers=bearer).status_code == 200
    client.cookies.update(session)
    (row,) = shop.store.read(access.views.tokens)
    assert [row.name, row.maker, row.used_at is not None] == ["till", "anna", True]
    send(client, "/people/do/token.end", "/people", token=row.id)
    client.cookies.clear()
    assert client.get("/status.json", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/people/invite", {"name": "B", "login": "B B", "role": "auditor"}, "A login has 2 to 64"),
        ("/people/invite", {"name": "B", "login": "ben", "role": "king"}, "Roles are owner, operations"),
        ("/people/invite", {"name": "B", "login": "ben", "role": "store"}, "Name the locations of somebody"),
        ("/people/token", {"token_name": "", "permissions": ["status.read"]}, "A token needs a name"),
        ("/people/token", {"token_name": "t"}, "A token without permissions serves nobody"),
        ("/people/token", {"token_name": "t", "permissions": ["fly"]}, "&#39;fly&#39; is no permission"),
        ("/people/token", TILL | {"ends_at": "2026-01-01"}, "lies ahead"),
        ("/people/token", TILL | {"ends_at": "soon"}, "Invalid RFC3339"),
    ],
)  # fmt: skip
def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(
    client: Browser, anna: str, path: str, fields: Fields, said: str
) -> None:
    answer = send(client, path, "/people", **fields)
    assert [answer.status_code, said in answer.text] == [422, True], answer.text


def test_a_role_is_changed_and_the_last_owner_stays(shop: Shop, client: Browser, anna: str) -> None:
    shop.store.run(lambda tx: links.made(tx, "ben", name="Ben", role=Role.AUDITOR))
    ben = shop.store.read(lambda tx: access.known(tx, "ben"))
    send(client, "/people/do/user.role", "/people", user=ben.id, role="store", locations=["main", "corner"])
    assert shop.store.read(lambda tx: access.known(tx, "ben")).locations == frozenset({"main", "corner"})
    send(client, "/people/do/user.end", "/people", user=anna)
    assert "Anna is the last owner. Make somebody else an owner first" in shown(client, "/people")
    assert shop.store.read(lambda tx: access.known(tx, "anna")).state == "active"


def test_the_page_of_people_prints_the_roles(client: Browser, anna: str) -> None:
    said = shown(client, "/people")
    assert "Permission owner operations store finance auditor" in said
    assert "stock.write yes yes yes no no" in said


@pytest.mark.parametrize(
    ("role", "seen"), [(Role.OWNER, 200), (Role.AUDITOR, 200), (Role.OPERATIONS, 403), (Role.STORE, 403)]
)
def test_who_may_see_people(shop: Shop, client: Browser, role: Role, seen: int) -> None:
    client.get(Links(shop.store, role=role).link())
    assert client.get("/people").status_code == seen
    assert client.get("/account").status_code == 200
    if role is Role.AUDITOR:
        page = client.get("/people").text
        assert [word for word in ("/people/invite", "/people/token", "/people/do/") if word in page] == []
        assert send(client, "/people/invite", name="B", login="ben", role="owner").status_code == 403


def test_the_hubs_own_notice_still_opens_the_status(client: Browser) -> None:
    bearer = {"authorization": f"Bearer {TOKEN}"}
    assert client.get("/status.json", headers=bearer).status_code == 200


def test_an_end_closes_the_door_at_once(shop: Shop, client: Browser, anna: str) -> None:
    shop.store.run(lambda tx: tx.run(update(tables.user).values(state="ended")))
    assert client.get("/account").status_code == 401


def test_a_screen_that_lies_open_does_not_keep_a_session_open(shop: Shop, client: Browser, anna: str) -> None:
    shop.clock.sleep(3_600)
    cookie = Cookie(key="entrepot_session", value=client.cookies["entrepot_session"])
    request = RequestFactory().get("/live", cookies=[cookie])
    before = shop.store.read(lambda tx: access.views.sessions(tx, anna))
    assert anyio.run(Seats(shop.store).still, request)
    assert shop.store.read(lambda tx: access.views.sessions(tx, anna)) == before
    client.get("/account")
    assert shop.store.read(lambda tx: access.views.sessions(tx, anna)) != before


def test_a_buyer_is_forgotten_from_their_order_by_who_may(shop: Shop, client: Browser, anna: str) -> None:
    (id,) = shop.store.run(lambda tx: customers.keep(tx, "c1", [Person(customer=CustomerSeen(name="Ada"))]))
    shop.store.run(lambda tx: links.made(tx, "ben", name="Ben", role=Role.OPERATIONS))
    answer = send(client, "/do/people.forget", back="/orders", person=id)
    assert [answer.status_code, answer.headers["location"]] == [303, "/orders"]
    with pytest.raises(Refusal, match="was forgotten"):
        shop.store.read(lambda tx: customers.show(tx, id))
    client.get(Links(shop.store, role=Role.OPERATIONS, login="ben").link())
    send(client, "/do/people.forget", back="/account", person=id)
    assert "People.forget needs the permission people.forget" in shown(client)
