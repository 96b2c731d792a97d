"""Codes: each serves once, for about a minute and a half; recovery codes take the place of a lost phone."""

import pyotp
import pytest
from sqlalchemy import select

from entrepot import access
from entrepot.access import Role, links, totp
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import Refusal, VirtualClock


@pytest.fixture
def anna(store: InlineStore) -> str:
    return store.run(lambda tx: links.made(tx, "anna", name="Anna", role=Role.OWNER)).id


def use(store: InlineStore, id: str, code: str) -> bool:
    return store.run(lambda tx: totp.use_code(tx, access.known(tx, id), code))


def set_up(store: InlineStore, id: str) -> tuple[pyotp.TOTP, list[str]]:
    def work(tx: Tx) -> tuple[pyotp.TOTP, list[str]]:
        app = pyotp.TOTP(totp.offer_totp(tx, access.known(tx, id)))
        return app, totp.confirm_totp(tx, access.known(tx, id), app.at(tx.now))

    return store.run(work)


def test_a_secret_counts_once_a_code_has_confirmed_it(store: InlineStore, anna: str) -> None:
    def offered(tx: Tx) -> str | None:
        return totp.offered(tx, access.known(tx, anna))

    secret = store.run(lambda tx: totp.offer_totp(tx, access.known(tx, anna)))
    assert store.read(offered) == secret
    with pytest.raises(Refusal, match="this code is wrong"):
        store.run(lambda tx: totp.confirm_totp(tx, access.known(tx, anna), "123"))
    assert not store.read(lambda tx: access.known(tx, anna)).totp_on
    code = pyotp.TOTP(secret).at(store.clock.now())
    codes = store.run(lambda tx: totp.confirm_totp(tx, access.known(tx, anna), code))
    assert store.read(lambda tx: access.known(tx, anna)).totp_on
    assert store.read(offered) is None
    assert [len(codes), len(set(codes)), {len(one) for one in codes}] == [10, 10, {19}]


@pytest.mark.parametrize(("off_s", "taken"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_code_is_taken_within_half_a_minute_of_its_own(
    store: InlineStore, clock: VirtualClock, anna: str, off_s: int, taken: bool
) -> None:
    app, _codes = set_up(store, anna)
    clock.sleep(300)
    assert use(store, anna, app.at(int(clock.now().timestamp()) + off_s)) is taken


def test_a_code_serves_once_and_so_do_those_before_it(
    store: InlineStore, clock: VirtualClock, anna: str
) -> None:
    app, _codes = set_up(store, anna)
    clock.sleep(300)
    now = int(clock.now().timestamp())
    assert [
        use(store, anna, app.at(now)),
        use(store, anna, app.at(now)),
        use(store, anna, app.at(now - 30)),
    ] == [
        True,
        False,
        False,
    ]


def test_a_recovery_code_serves_once_however_it_is_typed(store: InlineStore, anna: str) -> None:
    _app, codes = set_up(store, anna)
    assert use(store, anna, f" {codes[0].upper().replace('-', ' ')} ")
    assert not use(store, anna, codes[0])
    assert use(store, anna, codes[1])
    assert not use(store, anna, "aaaa-aaaa-aaaa-aaaa")


def test_neither_secret_nor_recovery_codes_are_stored_in_clear(store: InlineStore, anna: str) -> None:
    app, codes = set_up(store, anna)
    kept = store.read(lambda tx: repr([tx.rows(select(tables.user)), tx.rows(select(tables.recovery_code))]))
    assert [
        word for word in (app.secret, *codes, *(one.replace("-", "") for one in codes)) if word in kept
    ] == []


def test_a_secret_does_not_open_in_another_users_row(store: InlineStore, anna: str) -> None:
    set_up(store, anna)

    def work(tx: Tx) -> bool:
        other = links.made(tx, "ben", name="Ben", role=Role.OWNER)
        access.rows.change_user(tx, other.id, totp=access.rows.totp(tx, anna))
        return totp.use_code(tx, other, "123456")

    with pytest.raises(Refusal) as refused:
        store.run(work)
    assert refused.value.code == "sealed"


def test_turned_off_nothing_of_it_is_left(store: InlineStore, anna: str) -> None:
    _app, codes = set_up(store, anna)
    store.run(lambda tx: totp.turn_totp_off(tx, access.known(tx, anna)))
    assert not use(store, anna, codes[0])
    user = store.read(lambda tx: access.known(tx, anna))
    assert not user.totp_on
