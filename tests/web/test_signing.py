"""Signing in: links that work once, passwords, codes, sessions that end, and forms that are really ours."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select, update

from entrepot import access
from entrepot.access import Role, links, passwords
from entrepot.db import Tx, tables
from tests.web.links import Links
from tests.web.shop import Shop

PASSWORD = "seven quiet otters paddle"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASH = QUICK.hash(PASSWORD)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of a millisecond instead of a tenth of a second."""
    monkeypatch.setattr(passwords, "HASHER", QUICK)
    monkeypatch.setattr(passwords, "NOBODYS", HASH)


@pytest.fixture
def anna(shop: Shop) -> str:
    """An owner with a password; their id."""
    return shop.store.run(lambda tx: links.made(tx, "anna", name="Anna", role=Role.OWNER, password=HASH)).id


def first(shop: Shop) -> str:
    return f"/login/{shop.store.run(links.first_link)}"


def invited(shop: Shop) -> str:
    everything = access.at_command_line()
    secret = shop.store.run(
        lambda tx: links.invite(tx, everything, "ben", name="Ben", role=Role.OPERATIONS, locations=None)
    )
    return f"/login/{secret}"


def sign_in(client: TestClient[Litestar], password: str = PASSWORD, login: str = "anna") -> Any:
    return client.post("/sign-in", data={"login": login, "password": password}, follow_redirects=False)


def csrf(client: TestClient[Litestar], path: str = "/account") -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get(path).text)
    assert found is not None
    return found[1]


def made(
    name: str = "Ada", login: str = "ada", password: str = PASSWORD, again: str = PASSWORD
) -> dict[str, str]:
    return {"login": login, "name": name, "password": password, "again": again}


def test_a_link_signs_in_once(client: TestClient[Litestar], login: Links) -> None:
    link = login.link()
    entered = client.get(link, follow_redirects=False)
    assert [entered.status_code, entered.headers["location"]] == [303, "/"]
    assert client.get("/").status_code == 200
    client.cookies.clear()
    again = client.get(link, follow_redirects=False)
    assert [again.status_code, again.headers.get("set-cookie")] == [401, None]


def test_a_link_is_too_old_after_an_hour(shop: Shop, client: TestClient[Litestar], login: Links) -> None:
    link = login.link()
    shop.clock.sleep(timedelta(hours=1, seconds=1).total_seconds())
    assert client.get(link, follow_redirects=False).status_code == 401


def test_the_cookie_is_for_no_script_and_no_other_site(client: TestClient[Litestar], login: Links) -> None:
    plain = client.get(login.link(), follow_redirects=False).headers["set-cookie"]
    assert plain.startswith("entrepot_session=")
    assert ["HttpOnly" in plain, "SameSite=lax" in plain, "Path=/" in plain, "Secure" in plain] == [
        True,
        True,
        True,
        False,
    ]
    secure = client.get(f"https://hub.example{login.link()}", follow_redirects=False).headers["set-cookie"]
    assert secure.startswith("__Host-entrepot_session=")
    assert ["Secure" in secure, "Domain" in secure] == [True, False]


def test_a_session_ends_after_twelve_hours_without_use(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    client.get(login.link())
    shop.clock.sleep(timedelta(hours=11).total_seconds())
    assert client.get("/account").status_code == 200
    shop.clock.sleep(timedelta(hours=11).total_seconds())
    assert client.get("/account").status_code == 200
    shop.clock.sleep(timedelta(hours=12, seconds=1).total_seconds())
    assert client.get("/account").status_code == 401


def test_a_session_that_is_used_all_the_time_ends_after_seven_days(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    client.get(login.link())
    answers = []
    for _ in range(17):
        shop.clock.sleep(timedelta(hours=10).total_seconds())
        answers.append(client.get("/account").status_code)
    assert answers == [200] * 16 + [401]


def test_signing_out_ends_the_session(client: TestClient[Litestar], login: Links) -> None:
    client.get(login.link())
    kept = client.cookies["entrepot_session"]
    left = client.post("/logout", data={"csrf": csrf(client)}, follow_redirects=False)
    assert [left.status_code, left.headers["location"]] == [303, "/sign-in"]
    client.cookies.set("entrepot_session", kept)
    assert client.get("/").status_code == 401


def test_only_digests_of_links_and_sessions_are_kept(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    link = login.link()
    client.get(link)
    session = client.cookies["entrepot_session"]
    kept = shop.store.read(
        lambda tx: repr([tx.rows(select(tables.session)), tx.rows(select(tables.invitation))])
    )
    assert len(bytes.fromhex(session)) == 32
    assert [link.rpartition("/")[2] in kept, session in kept] == [False, False]


def test_the_first_link_makes_the_owner(shop: Shop, client: TestClient[Litestar]) -> None:
    link = first(shop)
    assert "make yourself the owner" in client.get(link).text
    joined = client.post(link, data=made(), follow_redirects=False)
    assert [joined.status_code, joined.headers["location"]] == [303, "/"]
    (user,) = shop.store.read(access.views.users)
    assert [user.login, user.name, user.role, user.password] == ["ada", "Ada", "owner", True]
    assert client.get("/").status_code == 200
    client.cookies.clear()
    assert client.get(link).status_code == 401
    assert sign_in(client, login="ada").status_code == 303


def test_a_first_link_of_before_and_one_beside_an_owner_make_nobody(
    shop: Shop, client: TestClient[Litestar]
) -> None:
    old, new = first(shop), first(shop)
    assert client.get(old).status_code == 401
    shop.store.run(lambda tx: links.made(tx, "eve", name="Eve", role=Role.OWNER))
    answer = client.post(new, data=made())
    assert [answer.status_code, "There is an owner already" in answer.text] == [422, True]
    assert [one.login for one in shop.store.read(access.views.users)] == ["eve"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (made(password="short", again="short"), "at least 12 letters"),
        (made(again="another of them"), "the two passwords differ"),
        (made(login="A B"), "a login has 2 to 64 small letters"),
        (made(name=""), "a name has 1 to 80 letters"),
        (made(password="Password1234!", again="Password1234!"), "one of the commonest passwords"),
    ],
)
def test_a_form_that_is_wrong_says_where_and_keeps_what_was_typed(
    shop: Shop, client: TestClient[Litestar], given: dict[str, str], said: str
) -> None:
    answer = client.post(first(shop), data=given)
    assert [answer.status_code, said.lower() in answer.text.lower()] == [422, True]
    assert given["password"] not in answer.text
    assert shop.store.read(access.views.users) == []


def test_who_was_invited_becomes_what_they_were_invited_as(shop: Shop, client: TestClient[Litestar]) -> None:
    link = invited(shop)
    assert "role <b>operations</b>" in client.get(link).text
    client.post(link, data=made(login="somebody-else", name="Benjamin"))
    (user,) = shop.store.read(access.views.users)
    assert [user.login, user.name, user.role] == ["ben", "Benjamin", "operations"]


def test_a_password_signs_in_and_the_session_is_a_new_one(client: TestClient[Litestar], anna: str) -> None:
    one = sign_in(client).cookies["entrepot_session"]
    two = sign_in(client, login=" Anna ").cookies["entrepot_session"]
    assert one != two
    assert client.get("/").status_code == 200
    client.cookies.set("entrepot_session", one)
    assert client.get("/").status_code == 401, "the session that the browser had before has ended"


def test_a_hash_of_before_is_made_anew_at_sign_in(
    shop: Shop, client: TestClient[Litestar], anna: str
) -> None:
    before = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    shop.store.run(lambda tx: tx.run(update(tables.user).values(password=before)))
    assert sign_in(client).status_code == 303
    kept = shop.store.read(lambda tx: access.known(tx, "anna")).password
    assert kept.startswith("$argon2id$v=19$m=8,t=1,")
    assert sign_in(client).status_code == 303


@pytest.mark.parametrize("login", ["anna", "nobody"])
def test_whether_a_login_exists_is_not_told(client: TestClient[Litestar], anna: str, login: str) -> None:
    answers = [sign_in(client, "wrong", login) for _ in range(6)]
    assert [one.status_code for one in answers] == [422, 422, 422, 422, 422, 429]
    assert "Login or password is wrong" in answers[0].text
    assert "Too many wrong tries: wait 31 seconds" in answers[5].text


def test_the_right_password_is_not_looked_at_while_one_waits(
    shop: Shop, client: TestClient[Litestar], anna: str
) -> None:
    for _ in range(5):
        sign_in(client, "wrong")
    assert sign_in(client).status_code == 429
    shop.clock.sleep(30)
    assert sign_in(client, "wrong").status_code == 422
    shop.clock.sleep(31)
    assert sign_in(client).status_code == 429, "the next wait is twice as long"
    shop.clock.sleep(30)
    assert sign_in(client).status_code == 303


def test_an_address_that_tries_many_logins_waits_too(
    shop: Shop, client: TestClient[Litestar], anna: str
) -> None:
    answers = [sign_in(client, "wrong", f"nobody{n}").status_code for n in range(20)]
    assert answers == [422] * 20
    assert sign_in(client).status_code == 429
    shop.clock.sleep(31)
    assert sign_in(client).status_code == 303


def test_failures_and_waits_are_events_that_name_nobody(
    shop: Shop, client: TestClient[Litestar], anna: str
) -> None:
    for login in ("anna", "anna", "anna", "anna", "anna", "somebody"):
        sign_in(client, "wrong", login)
    table = tables.event
    kinds = select(table.c.stream, table.c.kind, table.c.body).where(table.c.source == "web")
    told = shop.store.read(lambda tx: tx.rows(kinds.order_by(table.c.id)))
    assert [(row.stream, row.kind) for row in told] == [
        *[(f"user:{anna}", "SignInFailed")] * 5,
        (f"user:{anna}", "UserLocked"),
        ("sign-in", "SignInFailed"),
    ]
    assert "somebody" not in repr(told)


def test_an_owner_lifts_the_wait(shop: Shop, client: TestClient[Litestar], anna: str) -> None:
    for _ in range(5):
        sign_in(client, "wrong")
    assert sign_in(client).status_code == 429
    shop.tell("user.unlock", user="anna")
    assert sign_in(client).status_code == 303


def test_a_code_is_asked_for_and_serves_once(shop: Shop, client: TestClient[Litestar], anna: str) -> None:
    app = pyotp.TOTP(with_totp(shop, anna))
    code = app.at(shop.clock.now())
    answer = sign_in(client)
    assert answer.headers["location"] == "/sign-in/code?to=/"
    assert [client.get("/").status_code, client.get("/account").status_code] == [401, 401]
    token = csrf(client, "/sign-in/code")
    wrong = client.post("/sign-in/code", data={"csrf": token, "code": "000000"})
    assert [wrong.status_code, "This code is wrong, or was used" in wrong.text] == [422, True]
    waiting = client.cookies["entrepot_session"]
    right = client.post("/sign-in/code", data={"csrf": token, "code": code}, follow_redirects=False)
    assert [right.status_code, right.headers["location"]] == [303, "/"]
    assert [client.get("/").status_code, client.cookies["entrepot_session"] != waiting] == [200, True]
    client.cookies.clear()
    sign_in(client)
    again = client.post("/sign-in/code", data={"csrf": csrf(client, "/sign-in/code"), "code": code})
    assert again.status_code == 422
    shop.clock.sleep(30)
    later = app.at(shop.clock.now())
    last = client.post("/sign-in/code", data={"csrf": csrf(client, "/sign-in/code"), "code": later})
    assert last.status_code == 200


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({}, {}),
        ({}, {"csrf": "0" * 64}),
        ({"sec-fetch-site": "cross-site"}, {"csrf": "right"}),
        ({"sec-fetch-site": "same-site"}, {"csrf": "right"}),
        ({"origin": "https://evil.example"}, {"csrf": "right"}),
    ],
)
def test_a_form_that_is_not_ours_changes_nothing(
    client: TestClient[Litestar], login: Links, headers: dict[str, str], data: dict[str, str]
) -> None:
    client.get(login.link())
    given = {**data, "csrf": csrf(client)} if data.get("csrf") == "right" else data
    assert client.post("/logout", data=given, headers=headers).status_code == 403
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_another_site_cannot_sign_anybody_in(
    client: TestClient[Litestar], anna: str, headers: dict[str, str]
) -> None:
    answer = client.post("/sign-in", data={"login": "anna", "password": PASSWORD}, headers=headers)
    assert [answer.status_code, client.cookies.get("entrepot_session")] == [403, None]


@pytest.mark.parametrize("path", ["/login/" + 64 * "0", "/theme"])
def test_what_cannot_be_opened_again_is_not_gone_back_to(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path) if path.startswith("/login") else client.post(path)
    assert [answer.status_code, 'name="to" value="/"' in answer.text] == [401, True]


def test_a_page_that_was_asked_for_follows_the_sign_in(client: TestClient[Litestar], anna: str) -> None:
    assert 'name="to" value="/orders"' in client.get("/orders").text
    given = {"login": "anna", "password": PASSWORD, "to": "/account"}
    assert client.post("/sign-in", data=given, follow_redirects=False).headers["location"] == "/account"
    leading_out = given | {"to": "//evil.example/"}
    assert client.post("/sign-in", data=leading_out, follow_redirects=False).headers["location"] == "/"


def with_totp(shop: Shop, user_id: str) -> str:
    """Sets an app up, with a code of a minute ago; its secret."""

    def work(tx: Tx) -> str:
        user = access.known(tx, user_id)
        secret = access.totp.offer_totp(tx, user)
        access.totp.confirm_totp(tx, user, pyotp.TOTP(secret).at(tx.now))
        return secret

    secret = shop.store.run(work)
    shop.clock.sleep(60)
    return secret
