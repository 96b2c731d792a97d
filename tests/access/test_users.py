"""Users: who may change whom, and that an owner always remains."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from entrepot import access
from entrepot.access import ROLES, Needs, Permission, Role, links, users
from entrepot.access.locks import wait_s
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import Refusal, VirtualClock
from tests.db.stores import threaded

EVERYTHING = access.at_command_line("test")


def made(tx: Tx, login: str, role: Role = Role.OWNER, *codes: str) -> access.User:
    return links.made(tx, login, name=login.title(), role=role, locations=frozenset(codes) or None)


def code(work: object, *given: object, **named: object) -> str:
    with pytest.raises(Refusal) as refused:
        work(*given, **named)  # type: ignore[operator]
    return refused.value.code


def test_the_roles_are_these() -> None:
    assert {role: len(permissions) for role, permissions in ROLES.items()} == {
        Role.OWNER: 16,
        Role.OPERATIONS: 13,
        Role.STORE: 6,
        Role.FINANCE: 6,
        Role.AUDITOR: 7,
    }
    writing = {one for one in Permission if one.endswith((".write", ".forget"))}
    assert ROLES[Role.AUDITOR] & writing == set()
    assert ROLES[Role.FINANCE] & writing == set()
    assert ROLES[Role.STORE] & writing == {Permission.STOCK_WRITE}


def test_the_last_owner_can_be_neither_ended_nor_demoted(tx: Tx) -> None:
    made(tx, "anna")
    made(tx, "ben", Role.OPERATIONS)
    assert code(users.end_user, tx, EVERYTHING, "anna") == "last_owner"
    assert code(users.change_role, tx, EVERYTHING, "anna", role=Role.AUDITOR) == "last_owner"
    users.change_role(tx, EVERYTHING, "ben", role=Role.OWNER)
    assert users.end_user(tx, EVERYTHING, "anna").state == "ended"
    assert code(users.end_user, tx, EVERYTHING, "ben") == "last_owner"


def test_two_owners_who_end_each_other_at_once_leave_one(tmp_path: Path) -> None:
    store = threaded(tmp_path / "hub.db")
    for login in ("anna", "ben"):
        store.run(lambda tx, login=login: made(tx, login))  # type: ignore[misc]
    refused: list[str] = []

    def end(login: str) -> None:
        try:
            store.run(lambda tx: users.end_user(tx, EVERYTHING, login))
        except Refusal as refusal:
            refused.append(refusal.code)

    both = [threading.Thread(target=end, args=(login,)) for login in ("anna", "ben")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert refused == ["last_owner"]
    assert sorted(row.state for row in store.read(access.views.users)) == ["active", "ended"]
    store.close()


@pytest.mark.postgres
def test_two_processes_that_end_the_last_two_owners_at_once_leave_one(store: InlineStore) -> None:
    for login in ("anna", "ben"):
        store.run(lambda tx, login=login: made(tx, login))  # type: ignore[misc]
    ended, refused = threading.Event(), []

    def first(tx: Tx) -> None:
        users.end_user(tx, EVERYTHING, "anna")
        other.start()
        ended.wait(0.5)  # the other one comes to the rows that are locked here

    def second() -> None:
        try:
            store.run(lambda tx: users.end_user(tx, EVERYTHING, "ben"))
        except Refusal as refusal:
            refused.append(refusal.code)
        ended.set()

    other = threading.Thread(target=second)
    store.run(first)
    other.join()
    assert refused == ["last_owner"]


def test_an_end_takes_sessions_tokens_and_links_with_it(tx: Tx) -> None:
    made(tx, "anna")
    ben = made(tx, "ben")
    session = access.open_session(tx, ben, by_link=False, needs=Needs.NOTHING, agent="")
    token = access.make_token(tx, ben.who, "sync", [Permission.ORDERS_READ])
    link = links.enter_link(tx, ben)
    users.end_user(tx, EVERYTHING, "ben")
    found = [access.who_sits(tx, session), access.who_bears(tx, token.secret), links.enter(tx, link)]
    assert found == [None, None, None]
    assert code(links.enter_link, tx, access.known(tx, "ben")) == "user_ended"
    assert code(users.change_role, tx, EVERYTHING, "ben", role=Role.AUDITOR) == "user_ended"


def test_nobody_changes_somebody_who_may_more_than_they(tx: Tx) -> None:
    made(tx, "anna")
    made(tx, "ben")
    program = access.make_token(tx, EVERYTHING, "half", [Permission.ACCESS_WRITE, Permission.ACCESS_READ])
    half = access.who_bears(tx, program.secret)
    assert half is not None
    assert code(users.end_user, tx, half, "ben") == "not_yours_to_give"
    assert code(users.change_role, tx, half, "ben", role=Role.AUDITOR) == "not_yours_to_give"
    invite = {"name": "Cleo", "role": Role.OPERATIONS, "locations": None}
    assert code(links.invite, tx, half, "cleo", **invite) == "not_yours_to_give"


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"login": "Anna"}, "login"),
        ({"login": "a"}, "login"),
        ({"login": "anna"}, "login_taken"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"role": Role.STORE}, "locations"),
        ({"locations": frozenset({"main"})}, "locations"),
    ],
)
def test_an_invitation_that_is_wrong_is_refused(tx: Tx, given: dict[str, object], refused: str) -> None:
    made(tx, "anna")
    right = {"login": "ben", "name": "Ben", "role": Role.OPERATIONS, "locations": None} | given
    assert code(links.invite, tx, EVERYTHING, right.pop("login"), **right) == refused


def test_a_second_invitation_takes_the_place_of_the_first(tx: Tx) -> None:
    first, second = (
        links.invite(tx, EVERYTHING, "ben", name="Ben", role=Role.AUDITOR, locations=None) for _ in range(2)
    )
    assert links.look_up(tx, first) is None
    assert links.accept(tx, second, login="", name="Ben", password="").login == "ben"
    assert code(links.accept, tx, second, login="", name="Ben", password="") == "link_used"


def test_a_role_counts_for_open_sessions_at_once(tx: Tx) -> None:
    made(tx, "anna")
    session = access.open_session(tx, made(tx, "ben"), by_link=False, needs=Needs.NOTHING, agent="")
    users.change_role(tx, EVERYTHING, "ben", role=Role.STORE, locations=frozenset({"main"}))
    seated = access.who_sits(tx, session)
    assert seated is not None
    assert [seated.role, seated.who.permissions, seated.who.locations] == [
        Role.STORE,
        ROLES[Role.STORE],
        frozenset({"main"}),
    ]


def test_a_session_that_waits_for_a_code_lets_nobody_do_anything(tx: Tx) -> None:
    session = access.open_session(tx, made(tx, "anna"), by_link=False, needs=Needs.TOTP, agent="")
    seated = access.who_sits(tx, session)
    assert seated is not None
    assert [seated.needs, seated.who.permissions] == [Needs.TOTP, frozenset()]


def test_seeing_a_session_writes_at_most_once_a_minute(store: InlineStore, clock: VirtualClock) -> None:
    def work(tx: Tx) -> str:
        return access.open_session(tx, made(tx, "anna"), by_link=False, needs=Needs.NOTHING, agent="x" * 500)

    session = store.run(work)
    commits: list[None] = []
    store.on_commit = lambda: commits.append(None)
    for _ in range(181):
        access.sits(store, session)
        clock.sleep(1)
    assert len(commits) == 3
    assert [len(row.agent) for row in store.read(lambda tx: tx.rows(select(tables.session)))] == [120]


def test_the_waits_grow_to_a_quarter_of_an_hour() -> None:
    assert [wait_s(n) for n in range(13)] == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert wait_s(10_000) == 900


def test_events_name_nobody(tx: Tx) -> None:
    links.invite(tx, EVERYTHING, "ottilie", name="Ottilie", role=Role.AUDITOR, locations=None)
    made(tx, "anna")
    ben = made(tx, "ben")
    users.change_role(tx, EVERYTHING, "ben", role=Role.AUDITOR)
    users.unlock(tx, "ben")
    users.set_password(tx, ben, "hash")
    users.end_user(tx, EVERYTHING, "ben")
    table = tables.event
    every = tx.rows(select(table).order_by(table.c.id))
    assert [row.kind for row in every] == [
        "LinkMade", "UserMade", "UserMade", "RoleChanged", "UserUnlocked", "PasswordChanged", "UserEnded",
    ]  # fmt: skip
    assert [word for word in ("ottilie", "anna", "ben") if word in repr(every).lower()] == []


def test_who_acted_is_called_by_name(tx: Tx) -> None:
    anna = made(tx, "anna")
    token = access.make_token(tx, EVERYTHING, "till", [Permission.ORDERS_READ])
    actors = {f"user:{anna.id}", f"token:{token.id}", "cli:root", "cli", "hub", "channel:web", "user:nobody"}
    assert access.views.names(tx, actors) == {
        f"user:{anna.id}": "Anna",
        f"token:{token.id}": "till",
        "cli:root": "root",
        "cli": "command line",
    }
