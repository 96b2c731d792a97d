"""Tokens: what they open, when they end, and that they never reach further than who made them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from entrepot import access
from entrepot.access import Permission, Role, Who, links, users
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import Refusal, VirtualClock

EVERYTHING = access.at_command_line("test")


def owner(tx: Tx, login: str = "anna") -> Who:
    return links.made(tx, login, name=login.title(), role=Role.OWNER).who


def refused(tx: Tx, maker: Who, *permissions: Permission, locations: frozenset[str] | None = None) -> str:
    with pytest.raises(Refusal) as refusal:
        access.make_token(tx, maker, "shop", permissions, locations=locations)
    return refusal.value.code


def test_a_program_with_a_token_is_known_by_it(tx: Tx) -> None:
    made = access.make_token(tx, EVERYTHING, "till", [Permission.ORDERS_READ], locations=frozenset({"main"}))
    who = access.who_bears(tx, made.secret)
    assert who == Who(
        actor=f"token:{made.id}",
        name="till",
        permissions=frozenset({Permission.ORDERS_READ}),
        locations=frozenset({"main"}),
    )
    assert access.who_bears(tx, made.secret[:-1] + "x") is None
    assert made.secret not in repr(tx.rows(select(tables.token)))


def test_a_token_ends_when_it_is_ended(tx: Tx) -> None:
    made = access.make_token(tx, EVERYTHING, "till", [Permission.ORDERS_READ])
    access.end_token(tx, made.id)
    assert access.who_bears(tx, made.secret) is None
    with pytest.raises(Refusal, match="no token"):
        access.end_token(tx, made.id)


def test_a_token_ends_at_its_end(store: InlineStore, clock: VirtualClock) -> None:
    ends_at = clock.now() + timedelta(days=1)
    made = store.run(
        lambda tx: access.make_token(tx, EVERYTHING, "till", [Permission.ORDERS_READ], ends_at=ends_at)
    )
    clock.sleep(86_399)
    assert access.bears(store, made.secret) is not None
    clock.sleep(1)
    assert access.bears(store, made.secret) is None


def test_use_is_noted_at_most_once_a_minute(store: InlineStore, clock: VirtualClock) -> None:
    made = store.run(lambda tx: access.make_token(tx, EVERYTHING, "till", [Permission.ORDERS_READ]))
    commits: list[None] = []
    store.on_commit = lambda: commits.append(None)
    for _ in range(180):
        access.bears(store, made.secret)
        clock.sleep(1)
    assert len(commits) == 3
    (row,) = store.read(access.views.tokens)
    assert row.used_at is not None


def test_nobody_gives_what_they_do_not_hold(tx: Tx) -> None:
    operations = links.made(tx, "ben", name="Ben", role=Role.OPERATIONS).who
    assert refused(tx, operations, Permission.ACCESS_WRITE) == "not_yours_to_give"
    assert refused(tx, operations, Permission.ORDERS_READ, Permission.PEOPLE_FORGET) == "not_yours_to_give"
    bound = links.made(tx, "cleo", name="Cleo", role=Role.STORE, locations=frozenset({"main"})).who
    assert refused(tx, bound, Permission.STOCK_WRITE) == "not_yours_to_give"
    assert refused(tx, bound, Permission.STOCK_WRITE, locations=frozenset({"shop"})) == "not_yours_to_give"
    assert refused(tx, EVERYTHING) == "permissions"
    access.make_token(tx, bound, "scanner", [Permission.STOCK_WRITE], locations=frozenset({"main"}))


def test_a_token_follows_its_maker_down_and_out(tx: Tx) -> None:
    owner(tx, "other")
    anna = owner(tx)
    made = access.make_token(tx, anna, "sync", [Permission.ORDERS_READ, Permission.ORDERS_WRITE])
    users.change_role(tx, EVERYTHING, "anna", role=Role.FINANCE)
    who = access.who_bears(tx, made.secret)
    assert who is not None
    assert who.permissions == {Permission.ORDERS_READ}
    users.end_user(tx, EVERYTHING, "anna")
    assert access.who_bears(tx, made.secret) is None
    assert [row.ended_at is not None for row in access.views.tokens(tx)] == [True]


def test_a_permission_that_is_no_more_opens_nothing(tx: Tx) -> None:
    made = access.make_token(tx, EVERYTHING, "old", [Permission.ORDERS_READ])
    tx.run(update(tables.token).values(permissions=["orders.read", "of.another.day"]))
    who = access.who_bears(tx, made.secret)
    assert who is not None
    assert who.permissions == {Permission.ORDERS_READ}


def test_making_and_ending_are_events_without_names(tx: Tx) -> None:
    made = access.make_token(tx, EVERYTHING, "Ottilies till", [Permission.ORDERS_READ])
    access.end_token(tx, made.id)
    table = tables.event
    told = [(row.stream, row.kind, row.actor) for row in tx.rows(select(table).order_by(table.c.id))]
    assert told == [
        (f"token:{made.id}", "TokenMade", "cli:test"),
        (f"token:{made.id}", "TokenEnded", "cli:test"),
    ]
    assert "Ottilie" not in repr(tx.rows(select(table)))
